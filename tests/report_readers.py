"""What a reader finds in a report, whichever format it is in: read from what is shown, not from what was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import takewhile

from markdown_it import MarkdownIt

from reports.seal import parse

_SIGNED = re.compile(r"^(?:[^\w\s] )?([a-z-]+)$")
"""A mark and a word, or a word alone."""
TABLE = ("table", "thead", "tbody", "tr", "th", "td")


@dataclass(frozen=True)
class Seen:
    """What every format must agree on."""

    state: str
    counts: Mapping[str, int]
    outcomes: Mapping[str, str]
    """By id of the check."""
    digest: str


@dataclass
class Element:
    """One element of a page: what it is, and all the text in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


class Elements(HTMLParser):
    """The elements of a page in the order in which they begin, each with its whole text."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr", "path", "circle", "rect", "line", "use", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.found.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


def word(text: str) -> str:
    """The word after a mark, or a word without one."""
    found = _SIGNED.fullmatch(text)
    assert found, f"no mark and word: {text!r}"
    return found[1]


def digest_of(text: str) -> str:
    """The report's digest in the seal, which must be right."""
    sealed = parse(text)
    assert sealed is not None
    assert sealed.intact
    return sealed.report_digest


def from_json(text: str) -> Seen:
    document = json.loads(text)
    return Seen(
        document["decision"]["state"],
        document["decision"]["counts"],
        {check["id"]: check["outcome"] for check in document["checks"]},
        document["digest"]["value"],
    )


def from_html(text: str) -> Seen:
    page = Elements(text).found
    title = next(element for element in page if element.tag == "h1")
    return Seen(word(title.words), dict(_html_counts(page)), dict(_html_outcomes(page)), digest_of(text))


def _html_counts(page: list[Element]) -> Iterator[tuple[str, int]]:
    """The list of the counts: its terms are marks and words."""
    start = next(place for place, element in enumerate(page) if "counts" in element.attributes.get("class", "").split())
    term = None
    for element in takewhile(lambda one: one.tag in ("div", "dt", "dd", "span"), page[start + 1 :]):
        if element.tag == "dt":
            term = word(element.words)
        if element.tag == "dd" and term is not None:
            yield term, int(element.words.replace(",", ""))


def _html_outcomes(page: list[Element]) -> Iterator[tuple[str, str]]:
    """Every article of a check, and the first mark in it."""
    for place, element in enumerate(page):
        if element.tag == "article" and "check" in element.attributes.get("class", "").split():
            mark = next(one for one in page[place:] if "mark" in one.attributes.get("class", "").split())
            yield element.attributes["id"], word(mark.words)


def from_markdown(text: str) -> Seen:
    """As GitHub shows it: tables and strikethrough, and HTML let through, so that none may be in it."""
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    page = Elements(html).found
    title = next(element for element in page if element.tag == "h1")
    return Seen(
        word(title.words.removeprefix("EDR readiness: ")),
        dict(_table_counts(page)),
        dict(_markdown_outcomes(page)),
        digest_of(text),
    )


def _table_counts(page: list[Element]) -> Iterator[tuple[str, int]]:
    """The rows of the table whose head says `Outcome` and `Checks`."""
    start = next(
        place for place, element in enumerate(page) if element.tag == "tr" and element.words == "Outcome Checks"
    )
    cells = [one for one in takewhile(lambda one: one.tag in TABLE, page[start:]) if one.tag == "td"]
    for mark, number in zip(cells[::2], cells[1::2], strict=True):
        yield word(mark.words), int(number.words)


def _markdown_outcomes(page: list[Element]) -> Iterator[tuple[str, str]]:
    """Every heading of a check, and the id at the top of the table under it."""
    for place, element in enumerate(page):
        if element.tag == "h4":
            head = [one.words for one in page[place:] if one.tag == "th"][:2]
            assert head[0] == "Check"
            yield head[1].partition(",")[0], word(element.words.partition(":")[0])


_ROWS = {
    "jira": (r"^\| (?:\S )?([a-z-]+) \| (\d+) \|$", r"^h4\. (?:\S )?([a-z-]+): .*\n\n\|\| Check \| (\S+), "),
    "plain": (r"^- (?:\S )?([a-z-]+); Checks: (\d+)$", r"^(?:\S )?([a-z-]+): .*\n\nCheck: (\S+), "),
}
"""How a count stands there, and a check: outcome, then id."""


def from_lines(text: str, flavour: str) -> Seen:
    """As somebody reads it line by line, in Jira's markup or in plain text."""
    count, check = _ROWS[flavour]
    counts = {outcome: int(number) for outcome, number in re.findall(count, text, re.MULTILINE)}
    outcomes = {id_: outcome for outcome, id_ in re.findall(check, text, re.MULTILINE)}
    return Seen(_state(text, "EDR readiness: "), counts, outcomes, digest_of(text))


def from_summary(text: str) -> Seen:
    """What a summary of any flavour says; of single checks it does not say all."""
    found = re.search(r"^\W*Checks(?: \||:) ([^|\n]+)", text, re.MULTILINE)
    assert found
    counts = {outcome: int(number) for number, outcome in re.findall(r"(\d+) ([a-z-]+)", found[1])}
    return Seen(_state(text, "EDR readiness summary: "), counts, {}, digest_of(text))


def _state(text: str, title: str) -> str:
    first = text.splitlines()[0].removeprefix("h1. ").removeprefix("# ")
    assert first.startswith(title)
    return word(first.removeprefix(title))
