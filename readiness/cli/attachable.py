"""What of a run may be sent: the report as it is, where it holds no names or they are to be sent; else one without.

A finished report is never searched for names: what has none is made of the evidence, before it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import ConfigurationError, EvidenceError
from readiness.intake import content
from readiness.model.report import Report
from readiness.text import one_line, printable

_HTML = "html"


@dataclass(frozen=True, slots=True)
class Sendable:
    """A report and its files, fit to be sent."""

    report: Report
    digest: str
    """The report's SHA-256, in hexadecimal."""
    contents: tuple[tuple[str, bytes], ...] = field(repr=False)
    """The files, by the ending of their names."""


def sendable(
    path: Path, data: bytes, report: Report, kept: Path | None, given: Mapping[str, Any], environ: Mapping[str, str]
) -> Sendable:
    """The report as it may be sent.

    Args:
        data: what the file held when the report was read of it: another run may write there meanwhile.
        kept: where the configuration keeps evidence (`[scan] save_evidence`): taken where none is named.

    Raises:
        ConfigurationError: it holds names, and nothing says that they may be sent, nor what to make it of without them.
        EvidenceError: the evidence cannot be used.
        OutputError: names change what it decides.
    """
    if given["no_redact"] or report.run.redacted is not None:
        return as_it_is(path, data, report)
    if given["evidence"]:
        found = _without_names(report, given["evidence"], given, environ)
    else:
        found = _without_names(report, [kept], given, environ) if kept is not None and kept.is_file() else None
        if found is None:
            raise ConfigurationError(_holds_names(path, report))
    if found is None:
        raise ConfigurationError(
            f"--evidence: run {one_line(report.run.id, 60)} was not made of this evidence by the present configuration "
            "and rules: name all evidence of that run, and the configuration that it was judged by (--config)"
        )
    return found


def must_be_as_written(path: Path, data: bytes, keys: Sequence[Path]) -> None:
    """Refuse what `verify` calls changed, the digests of its parts included; with keys, what none of them signed.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
        ConfigurationError: a key cannot be read.
    """
    from readiness.cli.verify import public_key
    from readiness.composition import seal
    from readiness.verification import State, examine, judged

    trusted = [public_key(key) for key in keys]
    verdict = judged(examine(data, seal().parse), trusted)
    if verdict.state is State.CHANGED or (trusted and verdict.state is not State.INTACT):
        raise EvidenceError(f"{printable(str(path))}: {verdict.sentence}. Nothing was sent")


def as_it_is(path: Path, data: bytes, report: Report) -> Sendable:
    """The JSON file to the byte, with its signature; the HTML that was signed with it, else one made of it."""
    stated = documents.parse(data)["digest"]
    digest, signature = str(stated["value"]), documents.signature_of(stated.get("signature"))
    html = _beside(path, digest, signature.key) if signature is not None else None
    if html is None:
        html = _rendered(report, digest)
    return Sendable(report, digest, ((_HTML, html), ("json", data)))


def _rendered(report: Report, digest: str) -> bytes:
    from readiness.composition import formats

    text: str = formats()[_HTML].render(report, digest)
    return text.encode()


def _beside(path: Path, digest: str, key: str) -> bytes | None:
    """The HTML beside the JSON file, where it is of this report and the same key signed it. Anybody can change the
    verdict in a page and seal it anew; one that nobody signed is made of the data instead, and is the same."""
    from readiness.composition import seal
    from readiness.verification import State, examine

    try:
        data = content(path.with_suffix(".html"))
    except EvidenceError:
        return None
    found = examine(data, seal().parse)
    ours = (found.state, found.kind, found.report) == (State.INTACT, _HTML, digest)
    return data if ours and found.signature is not None and found.signature.key == key else None


def _holds_names(path: Path, report: Report) -> str:
    run, file = one_line(report.run.id, 60), printable(str(path))
    return (
        f"{file}: this report holds names, and a finished report cannot be made without them. Either\n"
        f"  name the evidence of this run, where it was kept (scan --save-evidence FILE):  --evidence FILE\n"
        f"  or scan, or judge the evidence, with --redact, and attach that report\n"
        f"  or, where everybody who reads the ticket may see the names:  --no-redact\n"
        f"Nothing of run {run} was sent."
    )


def _without_names(
    report: Report, files: Sequence[Path], given: Mapping[str, Any], environ: Mapping[str, str]
) -> Sendable | None:
    """The same run, judged without names: of the same evidence, by the same configuration and rules, as of then. None
    where the run was not made of these."""
    from readiness import evidence as bodies
    from readiness.cli.finish import question
    from readiness.cli.redacting import prepared
    from readiness.cli.settings import configured

    wanted = {"config": given["config"], "redact": True, "redact_map": given["redact_map"]}
    configuration = configured({**wanted, "keep_targets": given["keep_targets"]}, environ, connecting=False)
    configuration = replace(configuration, scan=replace(configuration.scan, against=None, save_evidence=None))
    redaction = prepared(configuration)
    evidence = bodies.merge([bodies.load(file) for file in files])
    if redaction is None or evidence.redacted is not None:
        raise ConfigurationError("--evidence: it is redacted already, so it is not what this report was made of")
    judged = question(configuration).runs(evidence).judged(report.run.id)
    if judged is None:
        return None
    made, _ = redaction.reported(configuration, evidence, judged)
    text = documents.report_json(made)
    digest = documents.digest(documents.report_document(made))
    return Sendable(made, digest, ((_HTML, _rendered(made, digest)), ("json", text.encode())))
