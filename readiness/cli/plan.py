"""`readiness plan`: the steps to ready, by person, from a report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

if TYPE_CHECKING:
    from readiness.model.report import Report


EXAMPLES = (
    ("readiness plan", "of the newest report"),
    ("readiness plan --owner entra", "what one person does"),
    ("readiness plan --csv > plan.csv", "for a spreadsheet"),
)


@click.command("plan", cls=Grouped, short_help=COMMANDS["plan"], examples=EXAMPLES)
@click.argument("run", required=False, metavar="[RUN|FILE]")
@options.config
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the reports.")
@click.option("--owner", metavar="NAME", help="Only the steps of this person: entra, intune, configuration...")
@click.option("--csv", "as_csv", is_flag=True, help="A row per step on stdout, for a spreadsheet.")
@options.as_json
@click.option("--no-color", is_flag=True, help="No colours. NO_COLOR and FORCE_COLOR count, too.")
@options.debug
def command(run: str | None, owner: str | None, as_csv: bool, as_json: bool, **given: Any) -> int:
    """The ordered steps to ready, by person, from a report: a run id, the JSON file of a report, or the newest report
    in the output folder.

    Reads only files. Exit codes: 0 with a plan, or nothing to do; 2 for a report that is not there or not ours.
    """
    from readiness.cli.logs import set_up
    from readiness.cli.planning import found, only

    if as_csv and as_json:
        raise click.UsageError("--csv and --json: choose one.")
    set_up(debug=given["debug"], log_file=given["log_file"])
    report = found(run, given["output"], given["config"], os.environ)
    numbers = only(report, owner)
    if as_json:
        _json(report, numbers)
    elif as_csv:
        _csv(report, numbers)
    else:
        _terminal(report, numbers, no_color=given["no_color"])
    return 0


def _json(report: Report, numbers: frozenset[int] | None) -> None:
    from readiness import documents
    from readiness.cli.output import write_utf8
    from readiness.cli.planning import head

    steps = [step for number, step in enumerate(report.plan, start=1) if numbers is None or number in numbers]
    said = {**head(report), "plan": steps, "plan_summary": report.plan_summary}
    write_utf8(documents.readable(documents.plain(said)))


def _csv(report: Report, numbers: frozenset[int] | None) -> None:
    from readiness.cli.output import write_utf8
    from readiness.composition import plan_format

    write_utf8(plan_format("plan_csv").render(_views(report, numbers)))


def _terminal(report: Report, numbers: frozenset[int] | None, *, no_color: bool) -> None:
    from readiness.cli.output import ascii_only, shows_colour, width, write
    from readiness.cli.planning import about
    from readiness.composition import plan_format, terminal_page

    page = terminal_page()(width(), colour=shows_colour(no_color=no_color), ascii_only=ascii_only())
    shown = _views(report, numbers)
    render = plan_format("plan_terminal").render
    write(render(page, shown, report.plan_summary, about=about(report), whole=numbers is None))


def _views(report: Report, numbers: frozenset[int] | None) -> list[Any]:
    """The steps with their numbers in the whole plan."""
    from readiness.composition import plan_format

    return [view for view in plan_format("steps").views(report.plan) if numbers is None or view.number in numbers]
