"""The report in Markdown, and other people's text in it."""

from __future__ import annotations

import os
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from readiness.plugin import Report
from reports.markdown import render
from reports.markdown_text import code, inline
from reports.text import visible

GOLDEN = Path(__file__).parent / "golden" / "report.md"
INERT = {"p", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "ol", "ul", "li", "strong", "code"}
INERT |= {"blockquote"}

TABLE = "| Name | Other |\n| --- | --- |\n| {} | last cell |\n"


class Page(HTMLParser):
    """The tags of a page, and its text by cell."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)
        if tag in ("td", "p"):
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts and data != "\n":
            self.texts[-1] += data


def rendered(markdown: str) -> Page:
    """As GitHub would: tables, strikethrough, and HTML let through."""
    return Page(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))


def shown(text: str) -> str:
    """`text` as a reader should see it: on one line, hostile characters as escapes."""
    return " ".join(visible(text).split()) or "none"


def as_code(text: str) -> str:
    """`text` with what a code span in a table cannot hold."""
    return text.replace("|", "\\x7c").replace("`", "\\x60")


def test_the_whole_file(report: Report, digest: str) -> None:
    """The text as it is written; two runs over the same estate differ in nothing but what changed."""
    text = render(report, digest)
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_only_structure_of_ours(report: Report, poisoned_report: Report, digest: str) -> None:
    """Hostile names add no element to the page: no link, image, heading, emphasis, HTML."""
    clean, bad = rendered(render(report, digest)), rendered(render(poisoned_report, digest))
    assert clean.tags <= INERT
    assert bad.tags <= INERT


def test_hostile_names_keep_the_table(hostile: str) -> None:
    """One row, two cells, and the name in the first reads as it is."""
    page = rendered(TABLE.format(inline(hostile)))
    assert page.tags <= INERT
    assert len(page.texts) == 2
    assert page.texts[1] == "last cell"
    assert page.texts[0] in (shown(hostile), as_code(shown(hostile))) or as_code(page.texts[0]) == as_code(
        shown(hostile)
    )


@given(st.text())
def test_any_text_keeps_the_table(text: str) -> None:
    """Whatever a name is made of."""
    page = rendered(TABLE.format(inline(text)))
    assert page.tags <= INERT
    assert [as_code(cell) for cell in page.texts] == [as_code(shown(text)), "last cell"]


@given(st.text(alphabet="`*_[]()<>#+-.!|~@:&$\\ \t\n=1aw/{}\"'^", max_size=30))
def test_any_punctuation_stays_text_in_a_paragraph(text: str) -> None:
    """At the beginning of a line too."""
    page = rendered(inline(text))
    assert page.tags <= {"p", "code"}
    assert [as_code(cell) for cell in page.texts] == [as_code(shown(text))]


@given(st.text(alphabet="`ab |\\", min_size=1, max_size=20))
def test_commands_are_code_as_they_are(text: str) -> None:
    """A command is copied from the page, so no character of it changes."""
    page = rendered(f"Command: {code(text)}.")
    assert page.texts == [f"Command: {text}."]


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "#123",
        "GH-7",
        "https://evil.example",
        "www.evil.example",
        "a@b.example",
        ":tada:",
        "$x$",
        "evil.com",
    ],
)
def test_what_renderers_look_for_is_code(text: str) -> None:
    """Mentions, issues, addresses, emoji and formulas are found in finished text, where backslashes do not help."""
    assert f"`{text}`" in inline(f"see ({text}), then")


@pytest.mark.parametrize("text", ["Contoso", "P0100021", "5.00.9141.1030", "readiness 0.1.0", "it's 95 % (of 12)"])
def test_plain_words_stay_plain(text: str) -> None:
    """Nobody has to read backslashes where nothing needs them."""
    assert inline(text) == text


def test_durations_do_not_make_a_difference(report: Report, digest: str) -> None:
    """Two runs that read the same differ in the header alone."""
    slower = replace(
        report,
        readings=tuple(
            replace(one, duration_seconds=9.0, request_id="x", clock_skew_seconds=1.0) for one in report.readings
        ),
    )
    assert render(slower, digest) == render(report, digest)
