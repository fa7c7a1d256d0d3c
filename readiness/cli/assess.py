"""`readiness assess`: judge saved evidence."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options


def moment(value: str) -> datetime:
    """A moment in ISO 8601; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"'{value}' is no time in ISO 8601; write it as 2026-11-23T08:00:00Z") from error


@click.command("assess", short_help=COMMANDS["assess"])
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="EVIDENCE...")
@options.config
@click.option("--now", type=moment, metavar="TIME", help="Judge as of this moment (ISO 8601). Default: now.")
@options.selection
@options.output
@options.no_input
@options.debug
def command(files: tuple[Path, ...], now: datetime | None, **given: Any) -> int:
    """Judge evidence files, several of them merged. No network, no sign-in.

    The same evidence, configuration, rules and --now give the same bytes.
    """
    from readiness import evidence as bodies
    from readiness.cli.finish import finish, judge, must_be_writable
    from readiness.cli.logs import set_up
    from readiness.cli.settings import configured

    configuration = configured(given, os.environ, connecting=False)
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file)
    evidence = bodies.merge([bodies.load(file) for file in files])
    bodies.must_be_of(
        evidence,
        tenant=configuration.tenant.id if configuration.tenant else None,
        site_code=configuration.site.site_code if configuration.site else None,
    )
    must_be_writable(configuration)
    report = judge(configuration, evidence, now or bodies.utc_now())
    return finish(configuration, report, evidence.tenant or evidence.site or "")
