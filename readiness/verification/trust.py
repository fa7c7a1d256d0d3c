"""From what a file shows to what it is worth to whoever asks: whose signature, and which files belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from readiness.integrity.digests import listed
from readiness.integrity.keys import PublicKey
from readiness.integrity.signatures import fingerprint
from readiness.verification.finding import Finding, State, Verdict
from readiness.verification.unsealed import UNSEALED

UNSIGNED = "intact, not signed: that shows accidents, not forgery"


def judged(finding: Finding, trusted: Sequence[PublicKey]) -> Verdict:
    """What the finding comes to.

    Args:
        trusted: the keys of which one must have signed; none: no signature is asked for.
    """
    verdict = _judged(finding, trusted)
    if verdict.state is State.INTACT and finding.brief:
        return replace(verdict, sentence=f"{verdict.sentence}; a summary: the whole is the report {finding.report}")
    return verdict


def _judged(finding: Finding, trusted: Sequence[PublicKey]) -> Verdict:
    if finding.state is State.CHANGED:
        return Verdict(State.CHANGED, finding, f"changed: {listed(finding.words, 8)}")
    if finding.state is State.NOT_OURS:
        lead = "cannot be verified" if finding.kind in UNSEALED else "not ours"
        return Verdict(State.NOT_OURS, finding, f"{lead}: {listed(finding.words)}")
    if finding.signature is None:
        if trusted:
            return Verdict(State.CHANGED, finding, "not signed, and --key asks for a signature")
        return Verdict(State.INTACT, finding, UNSIGNED)
    marks = fingerprint(finding.signature.key)
    name = next((key.name for key in trusted if key.key == finding.signature.key), None)
    if name is not None:
        return Verdict(State.INTACT, finding, f"intact, signed by {name} ({marks})", name)
    if trusted:
        return Verdict(State.CHANGED, finding, f"signed by another key than those given: {marks}")
    words = f"intact, signed by the key {marks}, which was not given: nothing shows whose it is"
    return Verdict(State.INTACT, finding, words)


def same_report(findings: Mapping[str, Finding]) -> list[str]:
    """What to say of several files of reports: which of them are of the same one. By the name of the file."""
    of: dict[str, list[str]] = {}
    for name, finding in findings.items():
        if finding.state is State.INTACT and finding.report is not None:
            of.setdefault(finding.report, []).append(name)
    if len(of) == 1:
        ((digest, names),) = of.items()
        return [f"the same report, {digest}: {', '.join(names)}"] if len(names) > 1 else []
    return [f"another report, {digest}: {', '.join(names)}" for digest, names in of.items()]
