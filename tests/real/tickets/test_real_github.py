"""Markdown, as GitHub's own renderer shows it: hostile names stay text, and what it links is nothing of theirs."""

from __future__ import annotations

import pytest

from reports import markdown, summary
from reports.markdown_text import code, inline
from reports.text import visible
from tests.random_reports import NASTY
from tests.real.tickets.renderers import github
from tests.real.tickets.test_real_jira import NOTATION, REPORTS, TEXTS
from tests.report_readers import Element, Elements
from tests.reports.conftest import DIGEST, HOSTILE_NAMES, rich

pytestmark = pytest.mark.real

OURS = {"p", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "ol", "ul", "li", "strong", "code"}
OURS |= {"blockquote"}
ALL = (*NASTY, *HOSTILE_NAMES, *NOTATION, *TEXTS)


def shown(text: str) -> str:
    """`text` as a reader should see it; a code span in a table holds neither bar nor backtick."""
    return " ".join(visible(text).split()).replace("|", "\\x7c").replace("`", "\\x60") or "none"


def read(element: Element) -> str:
    return element.words.replace("|", "\\x7c").replace("`", "\\x60")


def test_every_name_is_one_cell_and_reads_as_it_is() -> None:
    """A table of all of them: one row each, two cells, and no element but ours."""
    rows = "".join(f"| {inline(text)} | last |\n" for text in ALL)
    page = Elements(github(f"| Name | Other |\n| --- | --- |\n{rows}")).found
    assert {element.tag for element in page} <= OURS
    cells = [read(element) for element in page if element.tag == "td"]
    assert cells[1::2] == ["last"] * len(ALL)
    assert cells[::2] == [shown(text) for text in ALL]


def test_every_name_is_one_paragraph() -> None:
    """At the beginning of a line too, where most of the notation is."""
    page = Elements(github("\n\n".join(inline(text) for text in ALL))).found
    assert {element.tag for element in page} <= {"p", "code"}
    assert [read(element) for element in page if element.tag == "p"] == [shown(text) for text in ALL]


def test_a_command_is_copied_as_it_is() -> None:
    texts = [text for text in ALL if visible(text).strip()]
    page = Elements(github("\n\n".join(f"- {code(text)}" for text in texts))).found
    assert [one.words for one in page if one.tag == "code"] == [" ".join(visible(text).split()) for text in texts]


@pytest.mark.parametrize("brief", [False, True])
def test_a_whole_report_has_only_structure_of_ours(brief: bool) -> None:
    render = summary.render if brief else markdown.render
    for report in REPORTS:
        assert {element.tag for element in Elements(github(render(report, DIGEST))).found} <= OURS


def test_a_reader_finds_title_counts_and_digest() -> None:
    page = Elements(github(summary.render(rich(), DIGEST))).found
    assert page[0].words == "EDR readiness summary: × not-ready"
    counts = next(one.words for one in page[::-1] if one.tag == "tr" and one.words.startswith("Checks"))
    assert counts.startswith("Checks 4 pass, 3 fail, 1 unknown, 1 manual, 1 blocked, 1 not-applicable, 1 error")
    assert page[-1].words.startswith(f"report sha256: {DIGEST}; text sha256: ")
