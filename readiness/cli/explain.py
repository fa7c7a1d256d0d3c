"""`readiness explain`: one check in full."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options

if TYPE_CHECKING:
    from readiness.model.check import Check
    from reports.page import Page

LABELS = 12
"""Column of what stands beside a label."""
ROWS_SHOWN = 12
"""Rows of a table of rule data."""


@click.command("explain", short_help=COMMANDS["explain"])
@click.argument("name", metavar="CHECK")
@options.knowledge
@options.as_json
def command(name: str, knowledge: Path | None, as_json: bool) -> int:
    """One check in full: why it matters, what is read and how, how it is judged, how it is mended, its sources, and the
    rules that can decide.

    CHECK is an id as 'readiness checks' lists them.
    """
    from readiness.cli.explanation import explanation
    from readiness.cli.output import ascii_only, width, write, write_utf8
    from readiness.composition import all_checks, readers, terminal_page
    from readiness.composition import knowledge as rule_data

    told = explanation(_named(name), all_checks(), readers(), rule_data(knowledge))
    if as_json:
        import json

        write_utf8(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        return 0
    page = terminal_page()(width(), colour=False, ascii_only=ascii_only())
    show(page, told)
    write(page.text())
    return 0


def _named(name: str) -> Check:
    from readiness.composition import all_checks
    from readiness.config import unknown_check
    from readiness.errors import ConfigurationError

    known = {check.id: check for check in all_checks()}
    words = unknown_check(name, {check.id: check.phase for check in known.values()})
    if words is not None:
        raise ConfigurationError(words)
    return known[name]


def show(page: Page, told: dict[str, Any]) -> None:
    """Lay an explanation out."""
    from readiness.model.words import PHASE_HEADINGS, Phase

    told = _printable(told)
    page.put(told["title"])
    page.blank()
    _labelled(page, "check", told["id"])
    _labelled(page, "phase", f"{told['phase']}: {PHASE_HEADINGS[Phase(told['phase'])]}")
    _labelled(page, "level", told["level"])
    _labelled(page, "owner", told["owner"])
    _labelled(page, "tags", ", ".join(told["tags"]))
    _section(page, "Why", [told["why"]])
    _reads(page, told["reads"])
    _section(page, "How it is judged", [told["judged"]])
    _section(page, "What the article asks, and what is needed today", list(_asked(told["requirement"])))
    _section(page, "Expected", [told["expected"]] if told["expected"] else [])
    _section(page, "What an outcome means", told["outcomes"])
    _mending(page, told["remediation"])
    _section(page, "Depends on", told["depends_on"])
    _section(page, "Needed by", told["needed_by"])
    _sources(page, told["sources"])
    _section(page, "Where official pages disagree", map(_disagreement, told["contradictions"]))
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
            page.put(_row(row), indent=4)


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
            page.put(f"{call['name']}{when}", indent=4)
            page.put(f"needs {' or '.join(call['rights']) or 'no right'}", indent=6)
        if not read["calls"]:
            page.put("not read by this version", indent=4)


def _mending(page: Page, remediation: dict[str, Any]) -> None:
    _heading(page, "How it is mended")
    for number, step in enumerate(remediation["steps"], start=1):
        page.lead(f"  {number}.", step["text"], indent=5)
        for label in ("where", "command"):
            if step[label]:
                page.put(f"{label}: {step[label]}", indent=5)
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
    page.put(heading)


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
