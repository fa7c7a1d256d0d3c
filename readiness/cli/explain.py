"""`readiness explain`: one check in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

if TYPE_CHECKING:
    from readiness.model.check import Check
    from readiness.model.report import CheckResult, Report
    from reports.page import Page

BOLD = "1"
LABELS = 12
"""Column of what stands beside a label."""
ROWS_SHOWN = 12
"""Rows of a table of rule data."""


EXAMPLES = (
    ("readiness explain collections-enabled", "the check"),
    ("readiness explain collections-enabled --run latest", "why it came out so"),
)


@click.command("explain", cls=Grouped, short_help=COMMANDS["explain"], examples=EXAMPLES)
@click.argument("name", metavar="CHECK")
@click.option(
    "--run",
    metavar="RUN",
    help="Why it came out so in this run: a report's JSON file, a run id, or latest (in the folder).",
)
@options.config
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the reports, for --run.")
@options.knowledge
@options.as_json
def command(name: str, run: str | None, knowledge: Path | None, as_json: bool, **given: Any) -> int:
    """One check in full: why it matters, what is read and how, how it is judged, how it is mended, its sources, what is
    known to break around it, and the rules that can decide.

    CHECK is an id as 'readiness checks' lists them. With --run: why it came out so in that run, reading by reading.
    """
    if run is not None:
        return _of_run(name, run, knowledge, as_json=as_json, **given)
    from readiness.cli.explanation import explanation
    from readiness.composition import all_checks, readers
    from readiness.composition import knowledge as rule_data

    told = explanation(_named(name), all_checks(), readers(), rule_data(knowledge))
    return _tell(told, show, as_json=as_json)


def _of_run(
    name: str, run: str, knowledge: Path | None, *, as_json: bool, config: Path | None, output: Path | None
) -> int:
    """Why a check came out so in one run."""
    import os

    from readiness.cli.account import account
    from readiness.cli.account_page import show as show_account
    from readiness.cli.explanation import reads as told_reads
    from readiness.cli.planning import told as told_in
    from readiness.composition import all_checks, readers, rules

    report, file = told_in(run, output, config, os.environ)
    result = _judged(name, report)
    today = rules(knowledge)
    check = next((check for check in all_checks() if check.id == name), None)
    reads = list(told_reads(check, readers())) if check is not None else []
    told = account(result, report, file, check, reads, today)
    return _tell(told, show_account, as_json=as_json)


def _judged(name: str, report: Report) -> CheckResult:
    """What the check came to in a run.

    Raises:
        ConfigurationError: it was not judged there, with why, and the nearest that was.
    """
    from difflib import get_close_matches

    from readiness.composition import all_checks
    from readiness.errors import ConfigurationError
    from readiness.text import one_line

    judged = {check.id: check for check in report.checks}
    if name in judged:
        return judged[name]
    of = f"run {one_line(report.run.id, 80)}"
    if name in report.decision.deselected:
        why = f"was not judged in {of}: it was left out of its selection (--check, --skip, --tag)"
    elif name in {check.id for check in all_checks()}:
        by = one_line(report.run.tool_version, 40)
        why = f"was not judged in {of}: readiness {by}, which judged it, did not have this check"
    else:
        why = f"is no check of {of}, and none of this version"
    near = get_close_matches(name, judged, 1, cutoff=0.5)
    hint = f"; did you mean '{one_line(near[0], 80)}'?" if near else ""
    raise ConfigurationError(f"'{one_line(name, 80)}' {why}{hint}")


def _tell(told: dict[str, Any], lay_out: Callable[[Page, dict[str, Any]], None], *, as_json: bool) -> int:
    from readiness.cli.output import ascii_only, shows_colour, width, write, write_utf8
    from readiness.composition import terminal_page

    if as_json:
        import json

        write_utf8(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        return 0
    page = terminal_page()(width(), colour=shows_colour(no_color=False), ascii_only=ascii_only())
    lay_out(page, told)
    write(page.text())
    return 0


def _named(name: str) -> Check:
    from readiness.cli.guests import maybe_of_a_plugin
    from readiness.composition import all_checks
    from readiness.config import unknown_check
    from readiness.errors import ConfigurationError

    known = {check.id: check for check in all_checks()}
    words = unknown_check(name, {check.id: check.phase for check in known.values()})
    if words is not None:
        raise ConfigurationError(f"{words}{maybe_of_a_plugin()}")
    return known[name]


def show(page: Page, told: dict[str, Any]) -> None:
    """Lay an explanation out."""
    from readiness.cli.known_failures import show as show_failures
    from readiness.model.words import PHASE_HEADINGS, Phase

    told = _printable(told)
    page.put(told["title"], tone=BOLD)
    page.blank()
    _labelled(page, "check", told["id"])
    _labelled(page, "phase", f"{told['phase']}: {PHASE_HEADINGS[Phase(told['phase'])]}")
    _labelled(page, "level", told["level"])
    _labelled(page, "owner", told["owner"])
    _labelled(page, "tags", ", ".join(told["tags"]))
    _labelled(page, "plugin", f"{told['plugin']}: not a check of readiness itself" if told["plugin"] else "")
    _section(page, "Why", [told["why"]])
    _reads(page, told["reads"])
    _section(page, "How it is judged", [told["judged"]])
    _section(page, "What of it is inferred, and from what", [told["inferred"]] if told["inferred"] else [])
    _section(page, "What the article asks, and what is needed today", list(_asked(told["requirement"])))
    _section(page, "Expected", [told["expected"]] if told["expected"] else [])
    _section(page, "What an outcome means", told["outcomes"])
    _mending(page, told["remediation"])
    _section(page, "Depends on", told["depends_on"])
    _section(page, "Needed by", told["needed_by"])
    _sources(page, told["sources"])
    _section(page, "Where official pages disagree", map(_disagreement, told["contradictions"]))
    show_failures(page, told["failures"])
    _rules(page, told["rules"])


def _asked(requirement: dict[str, Any] | None) -> Iterable[str]:
    if requirement is not None and requirement["article"]:
        yield f"article (2020-05-22): {requirement['article']}"
    if requirement is not None:
        yield f"today ({requirement['source']}, {requirement['date']}): {requirement['today']}"


def _disagreement(contradiction: dict[str, Any]) -> str:
    pages = "; ".join(
        f"{page['title']} ({page['location']}, {page['dated'] or 'undated'}): {page['says']}"
        for page in contradiction["page"]
    )
    return f"{contradiction['about']}. {pages}. Judged here: {contradiction['judged']}"


def _rules(page: Page, tables: Iterable[dict[str, Any]]) -> None:
    """The rows that can decide, by table; of a long table the last, which are the newest, and how to see all."""
    for number, table in enumerate(tables):
        if number == 0:
            _heading(page, "Rules that can decide")
        page.put(f"{table['table']}, as of {table['as_of']}", indent=2)
        hidden = len(table["rows"]) - ROWS_SHOWN
        if hidden > 0:
            page.put(f"{hidden} rows before these: readiness explain --json shows all", indent=4)
        for row in table["rows"][-ROWS_SHOWN:]:
            page.put(_row(row), indent=4, hang=2)


def _row(row: dict[str, Any]) -> str:
    from readiness.model.knowledge import in_words

    sure = f", {row['confidence']}" if row["confidence"] else ""
    outside = f"; from {row['file']}, as of {row['as_of']}" if row["file"] else ""
    return f"{row['key']}: {in_words(row['values'], row['key'])} ({row['source']}, {row['date']}{sure}{outside})"


def _reads(page: Page, reads: Iterable[dict[str, Any]]) -> None:
    _heading(page, "What is read")
    for read in reads:
        also = "" if read["needed"] else " (judged even where it could not be read)"
        page.put(f"{read['fact']}{also}: {read['what']}", indent=2)
        for call in read["calls"]:
            when = f", where {call['when']}" if call["when"] else ""
            page.put(f"{call['name']}{when}", indent=4, hang=4)
            page.put(f"needs {' or '.join(call['rights']) or 'no right'}", indent=6, hang=2)
        if not read["calls"]:
            page.put("not read by this version", indent=4)


def _mending(page: Page, remediation: dict[str, Any]) -> None:
    _heading(page, "How it is mended")
    for number, step in enumerate(remediation["steps"], start=1):
        page.lead(f"  {number}.", step["text"], indent=5)
        for label in ("where", "command"):
            if step[label]:
                page.put(f"{label}: {step[label]}", indent=5, hang=2)
    _labelled(page, "by", f"{remediation['owner']} ({remediation['role']})", at=2)
    for label in ("wait", "verify", "rollback"):
        _labelled(page, label, remediation[label], at=2)
    _labelled(page, "window", "in a change window" if remediation["change_window"] else "any time", at=2)


def _sources(page: Page, sources: Iterable[dict[str, Any]]) -> None:
    dated = [(f"{source['title']}: {source['location']}", source["dated"]) for source in sources]
    _section(page, "Sources", [f"{words} ({date})" if date else words for words, date in dated])


def _section(page: Page, heading: str, lines: Iterable[str]) -> None:
    """A heading and its paragraphs; nothing where there are none."""
    for number, line in enumerate(lines):
        if number == 0:
            _heading(page, heading)
        page.put(line, indent=2)


def _heading(page: Page, heading: str) -> None:
    page.blank()
    page.put(heading, tone=BOLD)


def _labelled(page: Page, label: str, words: str, *, at: int = 0) -> None:
    if words:
        page.lead(f"{' ' * at}{label}", words, indent=LABELS)


def _printable(told: Any) -> Any:
    """The same with control characters as escapes: checks of plugins are other people's text."""
    from readiness.text import printable

    if isinstance(told, dict):
        return {key: _printable(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_printable(item) for item in told]
    return printable(told) if isinstance(told, str) else told
