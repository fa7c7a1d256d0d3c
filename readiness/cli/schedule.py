"""`readiness schedule`: a scan every day without a hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

EXAMPLES = (
    ("readiness schedule --daily 06:00", "print the job for this machine"),
    ("readiness schedule --daily 06:00 --install", "and install it"),
    ("readiness schedule --daily 06:00 -- --fail-on advisory", "what follows -- goes to scan"),
    ("readiness schedule --remove", "take it away again"),
)


@click.command("schedule", cls=Grouped, short_help=COMMANDS["schedule"], examples=EXAMPLES)
@click.option("--daily", metavar="HH:MM", help="When, of 24 hours, on the clock of the machine.")
@click.option(
    "--for", "platform", type=click.Choice(["windows", "systemd", "cron"]), help="What starts it. [this machine's own]"
)
@click.option("--timezone", metavar="ZONE", help="systemd: on the clock of this zone, Europe/Berlin; windows: UTC.")
@options.config
@click.option("--name", help="Several jobs on one machine: the name of this one. [after the configuration file]")
@click.option("--account", metavar="NAME", help="Who runs it; on Windows a gMSA, DOMAIN\\name$, or NetworkService.")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="systemd and cron: NAME='value' lines, the secrets.",
)
@click.option("--user", "per_user", is_flag=True, help="systemd: units of yours alone, for which nobody needs root.")
@click.option("--program", type=click.Path(path_type=Path), metavar="FILE", help="The program. [where it is installed]")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write the files here.")
@click.option("--install", is_flag=True, help="Install it here, after saying what that does.")
@click.option("--remove", is_flag=True, help="Remove what --install made, and nothing else.")
@click.option("--dry-run", is_flag=True, help="With --install or --remove: say what it would do, and do nothing.")
@options.as_json
@options.debug
@click.argument("scan", nargs=-1, type=click.UNPROCESSED, metavar="[-- SCAN OPTIONS]")
def command(**given: Any) -> int:
    """Print, or install, a job that scans every day: a task of the Task Scheduler, a service and a timer of systemd, or
    a line for cron. No secret is in it. On stdout are its files; what else it needs is said on stderr.

    Exit codes: 0; 2 usage or configuration error; 5 it could not be installed or removed, and all is as it was.
    """
    from readiness.cli.logs import set_up
    from readiness.cli.scheduling import schedule

    set_up(debug=given["debug"], log_file=given["log_file"])
    if given["install"] and given["remove"]:
        raise click.UsageError("--install and --remove: choose one.")
    if given["output"] is not None and (given["install"] or given["remove"]):
        raise click.UsageError("--output writes the files for whoever installs them: leave --install or --remove out.")
    if given["dry_run"] and not (given["install"] or given["remove"]):
        raise click.UsageError("--dry-run goes with --install or --remove: without them nothing is done.")
    if given["daily"] is None and not given["remove"]:
        raise click.UsageError("Say when: --daily 06:00.")
    return schedule(given, os.environ)
