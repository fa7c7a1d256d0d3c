"""`readiness verify`: is this file what the tool wrote?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped
from readiness.cli.output import say, write_utf8

if TYPE_CHECKING:
    from readiness.integrity.keys import PublicKey
    from readiness.verification import Verdict


EXAMPLES = (
    ("readiness verify readiness-reports/*", "whether they are as they were written"),
    ("readiness verify --key ann.pub report.json", "and whether Ann signed it"),
)


@click.command("verify", cls=Grouped, short_help=COMMANDS["verify"], examples=EXAMPLES)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PUBLIC",
    help="Public key file of who must have signed (repeatable: one of them).",
)
@options.as_json
def command(files: tuple[Path, ...], keys: tuple[Path, ...], as_json: bool) -> int:
    """Tell of evidence and reports (JSON, HTML, Markdown) whether they are what this tool wrote, and who signed them.

    Without --key a signature shows only that one key signed: whose it is, the file cannot say.

    Exit codes: 0 intact, 3 changed, or not signed as --key asks, 2 not ours. Of several files the worst counts.
    """
    from readiness.verification import same_report
    from readiness.verification.finding import EXIT_CODES

    trusted = [public_key(path) for path in keys]
    verdicts = [_verdict(path, trusted) for path in files]
    named = {str(path): verdict.finding for path, verdict in zip(files, verdicts, strict=True)}
    together = same_report(named)
    if as_json:
        write_utf8(_as_json(files, verdicts))
    for path, verdict in zip(files, verdicts, strict=True):
        say(f"{path}: {verdict.sentence}", err=as_json)
    for line in together:
        say(line, err=as_json)
    code = max(EXIT_CODES[verdict.state] for verdict in verdicts)
    say(f"exit {code}: {_why(verdicts)}", err=True)
    return code


def public_key(path: Path) -> PublicKey:
    """The key of `--key`.

    Raises:
        ConfigurationError: the file holds none.
    """
    from readiness.errors import ConfigurationError
    from readiness.integrity.keys import BadKeyError, read_public

    try:
        return read_public(path)
    except BadKeyError as error:
        raise ConfigurationError(f"--key {path}: {error}") from None


def _verdict(path: Path, trusted: Sequence[PublicKey]) -> Verdict:
    from readiness.composition import seal
    from readiness.errors import EvidenceError
    from readiness.intake import content
    from readiness.verification import examine, judged
    from readiness.verification.finding import not_ours

    try:
        finding = examine(content(path), seal().parse)
    except EvidenceError as error:
        finding = not_ours(str(error).removeprefix(f"{path}: "))
    return judged(finding, trusted)


def _as_json(files: Sequence[Path], verdicts: Sequence[Verdict]) -> str:
    rows = [_row(path, verdict) for path, verdict in zip(files, verdicts, strict=True)]
    return json.dumps({"files": rows}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _row(path: Path, verdict: Verdict) -> dict[str, Any]:
    from readiness.integrity.signatures import fingerprint

    finding = verdict.finding
    signed = None
    if finding.signature is not None:
        key = finding.signature.key
        signed = {"by": verdict.signer, "fingerprint": fingerprint(key), "key": key}
    return {
        "file": str(path),
        "kind": finding.kind,
        "report": finding.report,
        "signature": signed,
        "state": verdict.state.value,
        "summary": verdict.sentence,
        "where": list(finding.words),
    }


def _why(verdicts: Sequence[Verdict]) -> str:
    from readiness.verification import State

    told = {State.CHANGED: "not as they should be", State.NOT_OURS: "not ours", State.INTACT: "intact"}
    states = [verdict.state for verdict in verdicts]
    worst = max(states, key=lambda state: {State.INTACT: 0, State.NOT_OURS: 2, State.CHANGED: 3}[state])
    return f"{states.count(worst)} of {len(states)} {'file' if len(states) == 1 else 'files'} {told[worst]}"
