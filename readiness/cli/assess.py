"""`readiness assess`: judge saved evidence."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

if TYPE_CHECKING:
    from readiness.cli.telling import Telling
    from readiness.config import Configuration
    from readiness.model.reading import Evidence
    from readiness.model.report import Report


def moment(value: str) -> datetime:
    """A moment in ISO 8601; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"'{value}' is no time in ISO 8601; write it as 2026-11-23T08:00:00Z") from error


EXAMPLES = (
    ("readiness assess site.json graph.json", "two halves, read by two people"),
    ("readiness assess evidence.json --against approved.json", "what changed since the approval"),
)


@click.command("assess", cls=Grouped, short_help=COMMANDS["assess"], examples=EXAMPLES)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="EVIDENCE...")
@click.option(
    "--replay", type=click.Path(path_type=Path, file_okay=False), help="Judge the recording in this folder instead."
)
@options.config
@click.option(
    "--now", type=moment, metavar="TIME", help="Judge as of this moment (ISO 8601). Default: now; of a recording, then."
)
@options.selection
@options.output
@options.redaction
@options.knowledge
@options.save_evidence
@options.sign
@options.no_notify
@options.no_input
@options.debug
def command(files: tuple[Path, ...], replay: Path | None, now: datetime | None, **given: Any) -> int:
    """Judge evidence files, several of them merged; or a recording of 'readiness collect --record'. No network, no
    sign-in.

    The same evidence, configuration, rules and --now give the same bytes.
    """
    from readiness.cli.logs import set_up
    from readiness.cli.settings import configured
    from readiness.cli.telling import is_silent, told_of

    if bool(files) == (replay is not None):
        raise click.UsageError("Name either evidence files, or a recording with --replay.")
    if replay is not None:
        return _replayed(replay, now, given)
    configuration = configured(given, os.environ, connecting=False)
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file, job=configuration.job)
    with told_of(configuration, os.environ, "assess", silent=is_silent(configuration, given)) as telling:
        return _assess(configuration, files, now, given, telling)


def _assess(
    configuration: Configuration,
    files: Sequence[Path],
    now: datetime | None,
    given: Mapping[str, Any],
    telling: Telling | None,
) -> int:
    from readiness import evidence as bodies
    from readiness.cli.finish import finish, must_be_comparable, must_be_writable
    from readiness.cli.keeping import Keeping
    from readiness.cli.redacting import prepared, reported
    from readiness.cli.signing import signer

    redaction = prepared(configuration)
    signs = signer(configuration, os.environ, given)
    pieces = [bodies.load(file) for file in files]
    evidence = bodies.merge(pieces)
    by = configuration if redaction is None else redaction.configured(configuration, evidence)
    bodies.must_be_of(
        evidence,
        tenant=by.tenant.id if by.tenant else None,
        site_code=by.site.site_code if by.site else None,
    )
    kept = _kept(configuration, files, given)
    must_be_comparable(configuration)
    must_be_writable(configuration)
    report, evidence = reported(redaction, by, evidence, now or bodies.utc_now())
    if kept is not None:
        bodies.save(evidence, kept, signs)
    _tell_of_clocks(pieces, report)
    keeping = Keeping("assess", evidence, telling)
    return finish(configuration, report, evidence.tenant or evidence.site or "", signs, keeping)


def _tell_of_clocks(pieces: Sequence[Evidence], report: Report) -> None:
    """Also of the clocks by which those readings were made that gave way: they did not decide which one is newer."""
    from readiness.cli.output import say
    from readiness.evidence.clocks import disagreement

    found = disagreement(reading for piece in pieces for reading in piece.readings)
    if found and found != report.run.clocks:
        say(f"Warning: clocks disagree: {found}; which reading is the newer was told by the servers' clocks", err=True)


def _kept(configuration: Configuration, files: Sequence[Path], given: Mapping[str, Any]) -> Path | None:
    """Where the merged evidence is kept. What is judged is not written over: what others signed would be lost.

    Raises:
        ConfigurationError: --save-evidence names a file that is judged.
    """
    from readiness.errors import ConfigurationError
    from readiness.text import printable

    path = configuration.scan.save_evidence
    if path is None or path.resolve() not in [file.resolve() for file in files]:
        return path
    if given["save_evidence"] is None:  # that of the configuration file is meant for scans
        return None
    raise ConfigurationError(f"--save-evidence: {printable(str(path))} is one of the files that are judged")


def _replayed(folder: Path, now: datetime | None, given: Mapping[str, Any]) -> int:
    from readiness import evidence as bodies
    from readiness.cli.finish import finish, must_be_comparable, must_be_writable
    from readiness.cli.keeping import Keeping
    from readiness.cli.output import say
    from readiness.cli.redacting import prepared, reported
    from readiness.cli.replaying import replayed
    from readiness.cli.signing import signer

    configuration, evidence, at = replayed(folder, given)
    redaction = prepared(configuration)
    must_be_comparable(configuration)
    must_be_writable(configuration)
    signs = signer(configuration, os.environ, given)
    say(f"This is a replay: {folder} answers, as of {now or at:%Y-%m-%d %H:%M} UTC; names are aliases.", err=True)
    report, evidence = reported(redaction, configuration, evidence, now or at)
    if given["save_evidence"] is not None:
        bodies.save(evidence, given["save_evidence"], signs)
    return finish(configuration, report, evidence.tenant or evidence.site or "", signs, Keeping("assess", evidence))
