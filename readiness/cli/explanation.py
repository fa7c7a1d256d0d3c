"""What there is to say of a check, as plain data: for `readiness explain` and for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness.assessment.blocking import dependencies
from readiness.cli.known_failures import around
from readiness.config import not_waivable
from readiness.documents import plain
from readiness.model.check import Check
from readiness.model.facts import Fact
from readiness.model.injection import parameters
from readiness.model.knowledge import Knowledge, RuleRow
from readiness.model.rules import contradictions, requirement
from readiness.model.words import Level, Needs, Phase
from readiness.sources.reader import Reader

Readers = Mapping[type[Fact], Reader[Any, Any]]

_OF_A_FAIL = {
    Level.BLOCKER: "fail: the roll-out cannot work; not ready (exit code 3), unless a verdict lowers its level",
    Level.ADVISORY: "fail: should be mended; the decision stays, unless --fail-on advisory is asked for (exit code 4)",
    Level.INFO: "fail: the decision stays",
}
_OF_AN_UNKNOWN = {
    Level.BLOCKER: "unknown, manual, error: the estate is undetermined (exit code 5)",
    Level.ADVISORY: "unknown, manual, error: the decision stays, unless --fail-on unknown is asked for (exit code 5)",
    Level.INFO: "unknown, manual, error: the decision stays",
}


def explanation(check: Check, checks: Sequence[Check], readers: Readers, knowledge: Knowledge) -> dict[str, Any]:
    """A check in full, as JSON values.

    Args:
        checks: all of them, to tell which depend on this one.
        readers: the reader of each fact.
        knowledge: the rule data that would judge.
    """
    remediation = check.remediation
    known = {other.id for other in checks}
    return {
        "id": check.id,
        "title": check.title,
        "phase": check.phase.value,
        "level": check.level.value,
        "owner": check.owner.value,
        "needs": check.needs.value,
        "tags": list(check.tags),
        "plugin": check.plugin,
        "why": check.why,
        "reads": list(reads(check, readers)),
        "judged": check.judged,
        "inferred": check.inferred,
        "expected": _expected(check),
        "outcomes": list(_outcomes(check)),
        "remediation": {**plain(remediation), "owner": (remediation.owner or check.owner).value},
        "depends_on": [name for name in dependencies(check) if name in known],
        "needed_by": [other.id for other in checks if check.id in dependencies(other)],
        "sources": plain(check.sources),
        "requirement": plain(requirement(knowledge, check.id)),
        "contradictions": plain(contradictions(knowledge, check.id)),
        "failures": around(check.id, knowledge),
        "rules": list(_rules(check, knowledge)),
    }


def _rules(check: Check, knowledge: Knowledge) -> Iterator[dict[str, Any]]:
    """The rows that can decide, by the table that holds them; then those about the places that the steps name, who
    mends it, and how long it takes."""
    named = {name: knowledge.find(name) for name in check.rules}
    named["console"] = tuple(_named_by(check, knowledge.find("console")))
    named |= {name: tuple(_about(check, knowledge.find(name))) for name in ("roles", "waits")}
    for name, rows in named.items():
        if rows:
            yield {"table": name, "as_of": knowledge.tables[rows[0].table].as_of.isoformat(), "rows": plain(rows)}


def _about(check: Check, rows: Sequence[RuleRow]) -> Iterator[RuleRow]:
    return (row for row in rows if check.id in row.values.get("checks", ()))


def _named_by(check: Check, places: Sequence[RuleRow]) -> Iterator[RuleRow]:
    """The places of the console that the steps of a check name."""
    remediation = check.remediation
    texts = [text for step in remediation.steps for text in (step.text, step.where or "")]
    said = "\n".join([*texts, remediation.verify, remediation.rollback])
    return (row for row in places if row.values["text"] in said)


def reads(check: Check, readers: Readers) -> Iterator[dict[str, Any]]:
    """The facts that the check judges, each with the calls that learn it."""
    for parameter in parameters(check):
        if parameter.fact is not None:
            reader = readers.get(parameter.fact)
            yield {
                "fact": parameter.fact.__name__,
                "half": parameter.fact.half.value,
                "what": " ".join((parameter.fact.__doc__ or "").split("\n\n")[0].split()),
                "needed": not parameter.whole,
                "calls": [] if reader is None else plain(reader.calls),
            }


def _expected(check: Check) -> str | None:
    """What the judge expects, where its module says it in one sentence for all estates."""
    said = getattr(sys.modules.get(check.function.__module__), "EXPECTED", None) if check.function else None
    return said if isinstance(said, str) else None


def _outcomes(check: Check) -> Iterator[str]:
    """What each outcome does to the decision. Contract: interfaces, sections 2 and 4."""
    refusal = not_waivable(check.id, check.phase)
    if check.phase is Phase.CONNECTION:
        yield "pass or unknown, never fail"
    else:
        yield _OF_A_FAIL[check.level]
    yield _OF_AN_UNKNOWN[check.level]
    if check.needs is Needs.EITHER:
        yield "either half judges it; alone it is inferred, and where both are read they must agree"
    yield "a waiver cannot answer it" if refusal else "a waiver answers a fail, until it expires"
    yield "an attestation answers manual and unknown, until it expires"
