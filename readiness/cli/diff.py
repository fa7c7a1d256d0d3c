"""`readiness diff`: what changed between two runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options

if TYPE_CHECKING:
    from readiness.model.differences import RunDiff

WORSE, NOT_COMPARABLE = 3, 5


@click.command("diff", short_help=COMMANDS["diff"])
@click.argument("old", required=False, metavar="[OLD]")
@click.argument("new", required=False, metavar="[NEW]")
@options.config
@click.option("--against", metavar="FILE", help="In place of OLD: a report (JSON file, or id of a run).")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", "markdown", "html", "json"]),
    default="terminal",
    help="How it is written. [terminal]",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Into this file, not on stdout.")
@options.as_json
@click.option("--no-color", is_flag=True, help="No colours. NO_COLOR and FORCE_COLOR count, too.")
@options.debug
def command(
    old: str | None,
    new: str | None,
    against: str | None,
    format_: str,
    output: Path | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Tell what changed between two runs of the history, or two reports: what is broken now, degraded, can no longer
    be verified, repaired, and what else is not as it was.

    Without OLD and NEW the last two runs; a partial run is no measure for the next one. With OLD alone, the last run
    against that. Each is the id of a run (or its beginning), the JSON file of a report, or latest: the last run of the
    history.

    Exit codes: 0 nothing worse, 3 worse, 5 the two cannot be compared, 2 usage error.
    """
    from readiness.cli.diffing import diffed
    from readiness.cli.logs import set_up
    from readiness.cli.output import say
    from readiness.cli.runs import opened

    set_up(debug=given["debug"], log_file=given["log_file"])
    if against is not None:
        if new is not None:
            raise click.UsageError("--against stands for OLD: name one run besides it, or none.")
        old, new = against, old
    diff = diffed(old, new, opened(given["config"], os.environ))
    if diff is None:
        say(f"exit {NOT_COMPARABLE}: {_no_two_runs()}", err=True)
        return NOT_COMPARABLE
    _write(diff, "json" if as_json else format_, output, no_color=given["no_color"])
    code = NOT_COMPARABLE if diff.incomparable else WORSE if diff.worse else 0
    say(f"exit {code}: {diff.sentence}", err=True)
    return code


def _no_two_runs() -> str:
    from readiness import history
    from readiness.cli.keeping import HOW_TO_GET_IT

    if history.is_available():
        return "there are no two runs in the history to compare"
    return f"no two reports are named, and there is no history: {HOW_TO_GET_IT}"


def _write(diff: RunDiff, format_: str, output: Path | None, *, no_color: bool) -> None:
    from readiness import documents
    from readiness.cli.output import ascii_only, say, shows_colour, width, write, write_utf8
    from readiness.composition import diff_format, terminal_page
    from readiness.model.differences import DIFF_SCHEMA

    if format_ == "json":
        text = documents.readable({"schema": DIFF_SCHEMA, "worse": diff.worse, **documents.plain(diff)})
    elif format_ == "terminal":
        colour = output is None and shows_colour(no_color=no_color)
        page = terminal_page()(width(), colour=colour, ascii_only=output is None and ascii_only())
        text = diff_format(format_).render(page, diff)
    else:
        text = diff_format(format_).render(diff)
    if output is not None:
        documents.write(output, text)
        say(f"wrote {output}", err=True)
    elif format_ == "terminal":
        write(text)
    else:
        write_utf8(text)
