"""`readiness history`: earlier runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options

if TYPE_CHECKING:
    from readiness.cli.looking_back import Past

SHOWN = 30
"""Runs, unless more are asked for."""


@click.command("history", short_help=COMMANDS["history"])
@options.config
@click.option("--check", "checks", multiple=True, metavar="ID", help="Trend of this check (repeatable, globs).")
@click.option("--trend", is_flag=True, help="Trend of every check.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=SHOWN, show_default=True, help="The last so many runs; 0: all."
)
@click.option("--csv", "as_csv", is_flag=True, help="A row per run on stdout, for a spreadsheet.")
@options.as_json
@click.option(
    "--export",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the reports there, as JSON.",
)
@click.option("--prune", is_flag=True, help="Forget now what is older than [history] keep, or beyond runs.")
@click.option("--no-color", is_flag=True, help="No colours. NO_COLOR and FORCE_COLOR count, too.")
@options.debug
def command(checks: tuple[str, ...], trend: bool, limit: int, as_csv: bool, as_json: bool, **given: Any) -> int:
    """List earlier runs, the last one first: what each decided; nights without a run; waivers that end soon, ended, or
    are not used. With --check or --trend how checks came out from run to run.

    Every scan and assess is kept, but no demo. Exit codes: 0, also without any run; 2 where the history cannot be read.
    """
    from readiness.cli.logs import set_up
    from readiness.cli.looking_back import looked_back, must_match
    from readiness.cli.runs import opened, store_of

    if as_csv and as_json:
        raise click.UsageError("--csv and --json: choose one.")
    set_up(debug=given["debug"], log_file=given["log_file"])
    configuration = opened(given["config"], os.environ)
    store = store_of(configuration)
    if given["prune"]:
        _prune(store, configuration)
    past = looked_back(store, configuration, checks or (("*",) if trend else ()), limit)
    must_match(past, checks)
    if given["export"] is not None:
        _export(store, past, given["export"])
    elif as_json:
        _json(past)
    elif as_csv:
        _csv(past)
    else:
        _terminal(past, no_color=given["no_color"])
    return 0


def _prune(store: Any, configuration: Any) -> None:
    from readiness.cli.keeping import retention
    from readiness.cli.output import say

    number = store.prune(retention(configuration)) if store.is_there else 0
    say(f"forgot {number} run{'' if number == 1 else 's'}", err=True)


def _export(store: Any, past: Past, folder: Path) -> None:
    from readiness.cli.looking_back import exported
    from readiness.cli.output import say

    for path in exported(store, past.runs, folder):
        say(f"wrote {path}", err=True)


def _json(past: Past) -> None:
    from readiness import documents
    from readiness.cli.looking_back import as_data
    from readiness.cli.output import write_utf8

    write_utf8(documents.readable(as_data(past)))


def _csv(past: Past) -> None:
    from readiness.cli.output import write_utf8
    from readiness.composition import history_format

    write_utf8(history_format("csv").render(past.runs))


def _terminal(past: Past, *, no_color: bool) -> None:
    from readiness.cli.output import ascii_only, shows_colour, width, write
    from readiness.composition import history_format, terminal_page

    page = terminal_page()(width(), colour=shows_colour(no_color=no_color), ascii_only=ascii_only())
    write(history_format("terminal").render(page, past))
