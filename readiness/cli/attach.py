"""`readiness attach`: send a report to an existing change ticket."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from readiness.cli import COMMANDS, options


@click.command("attach", short_help=COMMANDS["attach"])
@click.argument("run", metavar="RUN")
@click.option(
    "--to",
    required=True,
    metavar="TARGET:RECORD",
    help="servicenow:CHG0031337, jira:OPS-42, or file:DIR.",
)
@click.option("--phase", type=click.Choice(["pre", "post"]), help="The run before the change, or the one after it.")
@click.option(
    "--against", metavar="RUN", help="With --phase post: the run before the change. [the pre run that is attached]"
)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Evidence of this run, to make its report without names (repeatable).",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PUBLIC",
    help="Public key file of who must have signed RUN (repeatable: one of them).",
)
@options.redaction_map
@options.keep_targets
@click.option("--no-redact", is_flag=True, help="Send the report as it is, with all names in it.")
@click.option("--demo-data", is_flag=True, help="Send a report of the simulated estate to a real ticket.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and where; send nothing.")
@click.option("--offline", is_flag=True, help="With --dry-run: do not ask the ticket system either.")
@options.config
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the reports.")
@options.timeout
@options.as_json
@options.debug
def command(run: str, **given: Any) -> int:
    """Send a report to an existing change ticket: the summary as a note, the HTML and the JSON as files.

    RUN is the id of a run, the JSON file of a report, or 'latest', the newest in the folder. What the ticket
    holds already is not sent again. Names are sent only with --no-redact.

    Exit codes: 0 the ticket holds everything; 5 it does not, and what to do by hand is said; 2 usage or configuration
    error, nothing was sent.
    """
    from readiness.cli.attaching import attach
    from readiness.cli.logs import set_up

    set_up(debug=given["debug"], log_file=given["log_file"])
    if given["offline"] and not given["dry_run"]:
        raise click.UsageError("--offline goes with --dry-run.")
    if given["against"] is not None and given["phase"] != "post":
        raise click.UsageError("--against goes with --phase post.")
    if given["no_redact"] and (given["evidence"] or given["redact_map"] or given["keep_targets"]):
        raise click.UsageError("--no-redact sends the report as it is: leave --evidence, --map and --keep-targets out.")
    return attach(run, given, os.environ)
