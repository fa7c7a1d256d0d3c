"""`readiness collect`: read only, judge nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped
from readiness.cli.output import say

EXAMPLES = (
    ("readiness collect -o evidence.json", "all that a scan reads"),
    ("readiness collect --only site -o site.json", "one half, where nobody holds both rights"),
)


@click.command("collect", cls=Grouped, short_help=COMMANDS["collect"], examples=EXAMPLES)
@options.config
@click.option(
    "-o",
    "--out",
    "evidence_file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The evidence file to write.",
)
@click.option("--only", type=click.Choice(["graph", "site"]), help="Read one half of the estate only.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the exchanges here, names aliased, to send.",
)
@click.option(
    "--record-map",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep here which alias is whom; never send it.",
)
@options.selection
@options.timeout
@options.transport
@options.sign
@options.no_input
@options.no_cache
@options.debug
def command(evidence_file: Path, only: str | None, record: Path | None, record_map: Path | None, **given: Any) -> int:
    """Read the estate and save the evidence, to be judged by 'readiness assess', here or elsewhere.

    With --record also the exchanges themselves, with aliases for all names, for when an answer was misread: look at
    them, and send them; 'readiness assess --replay' judges them.

    Exit codes: 0 whole, 5 partial (the file is written all the same), 2 usage or configuration error.
    """
    from readiness import documents
    from readiness import evidence as bodies
    from readiness.cli.logs import set_up
    from readiness.cli.reading import read_estate
    from readiness.cli.settings import configured
    from readiness.cli.signing import signer
    from readiness.errors import ConfigurationError
    from readiness.job import Job
    from readiness.model.words import Half
    from readiness.recording.making import recording

    if record_map is not None and record is None:
        raise click.UsageError("--record-map goes with --record.")
    half = {"graph": Half.TENANT, "site": Half.SITE, None: None}[only]
    configuration = configured(given, os.environ, connecting=True, only=half)
    if half is not None and not configuration.has_half:
        raise ConfigurationError(
            f"--only {only}: the configuration has no [{half}] section, so there is nothing to read"
        )
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file, job=configuration.job)
    documents.must_be_writable(evidence_file)
    signs = signer(configuration, os.environ, given)
    with Job(), recording(record, configuration, os.environ, record_map) as kept:
        evidence = read_estate(configuration, os.environ)
        bodies.save(evidence, evidence_file, signs)
        if kept is not None:
            kept.read(evidence.readings)
    say(f"wrote {evidence_file}")
    if record is not None:
        say(f"wrote {record}: look through it before you send it; no name of yours should be in it")
    if record_map is not None:
        say(f"wrote {record_map}: it says which alias is whom; keep it")
    return _ended(evidence.readings, only)


def _ended(readings: Any, only: str | None) -> int:
    from readiness.model.words import Reason

    wanted = [r for r in readings if only is None or r.reason is not Reason.NOT_CONFIGURED]
    missing = [reading for reading in wanted if not reading.available]
    for reading in missing:
        say(f"not read: {reading.fact}: {reading.reason.value}: {reading.error}", err=True)
    if missing:
        say(f"exit 5: partial: {len(missing)} of {len(wanted)} readings are missing", err=True)
        return 5
    say(f"exit 0: whole: {len(wanted)} readings", err=True)
    return 0
