"""`readiness scan`: collect, then assess."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

if TYPE_CHECKING:
    from readiness.cli.telling import Telling
    from readiness.config import Configuration

DEFAULT_SCENARIO = "almost-ready"


EXAMPLES = (
    ("readiness scan --demo", "look around in the simulated estate"),
    ("readiness scan", "by ./readiness.toml"),
    ("readiness scan --collection 'EDR*' --fail-on advisory", "only these targets, and stricter"),
    ("readiness scan --until ready --timeout 45m", "in the change window"),
    ("readiness scan --json --format none | jq .decision", "for a program"),
)


@click.command("scan", cls=Grouped, short_help=COMMANDS["scan"], examples=EXAMPLES)
@options.config
@click.option(
    "--demo",
    is_flag=False,
    flag_value=DEFAULT_SCENARIO,
    metavar="[SCENARIO]",
    help="Scan the simulated estate instead; no configuration needed. [almost-ready]",
)
@options.selection
@options.output
@options.redaction
@options.knowledge
@click.option(
    "--until",
    type=click.Choice(["ready"]),
    help="Read again what is not green until it is, for as long as --timeout says (45m).",
)
@options.timeout
@options.deadline
@options.transport
@options.save_evidence
@options.sign
@options.no_notify
@options.no_input
@options.no_cache
@options.debug
def command(demo: str | None, **given: Any) -> int:
    """Read the estate, judge every check, print the result, write the reports.

    Reads only: nothing is changed anywhere. Exit codes: 0 ready, 3 not ready, 5 not determined, 4 advisories failed
    (with --fail-on advisory), 2 usage or configuration error, 1 a bug.
    """
    if demo is None:
        return scan(given, os.environ)
    if given["config"] is not None:
        raise click.UsageError("--demo brings its own configuration: leave --config out.")
    from readiness.cli.demo import simulated_estate

    with simulated_estate(demo, given["transport"]) as (file, secrets):
        return scan({**given, "config": file}, secrets, demo=True)


def scan(given: Mapping[str, Any], environ: Mapping[str, str], *, demo: bool = False) -> int:
    """Scan with these options; returns the exit code."""
    from readiness.cli.job import alone, another_run, within_its_time
    from readiness.cli.logs import set_up
    from readiness.cli.settings import configured
    from readiness.cli.telling import is_silent, told_of
    from readiness.job import AnotherRunError

    configuration = configured(given, environ, connecting=True, plain=demo)
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file, job=configuration.job)
    try:
        with (
            within_its_time(configuration),
            told_of(configuration, environ, "scan", silent=demo or is_silent(configuration, given)) as telling,
            alone(configuration, demo=demo),
        ):
            return _scan(configuration, given, environ, telling, demo=demo)
    except AnotherRunError as error:
        return another_run(error)


def _scan(
    configuration: Configuration,
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    telling: Telling | None,
    *,
    demo: bool,
) -> int:
    from readiness import evidence as bodies
    from readiness.cli.finish import finish, must_be_comparable, must_be_writable
    from readiness.cli.keeping import Keeping
    from readiness.cli.logs import mark
    from readiness.cli.reading import read_estate
    from readiness.cli.redacting import prepared, reported
    from readiness.cli.signing import signer
    from readiness.cli.watching import watch
    from readiness.job import running

    must_be_comparable(configuration)
    redaction = prepared(configuration)
    must_be_writable(configuration)
    signs = signer(configuration, environ, given)
    read = read_estate if configuration.scan.until is None else watch
    evidence = read(configuration, environ, demo=demo)
    running.enter(running.Phase.WRITING)
    if configuration.scan.save_evidence is not None and redaction is None:
        bodies.save(evidence, configuration.scan.save_evidence, signs)
    report, evidence = reported(redaction, configuration, evidence, bodies.utc_now())
    if configuration.scan.save_evidence is not None and redaction is not None:
        bodies.save(evidence, configuration.scan.save_evidence, signs)
    report = replace(report, run=replace(report.run, log=mark()))
    keeping = None if demo else Keeping("scan", evidence, telling)
    return finish(configuration, report, evidence.tenant or evidence.site or "", signs, keeping)
