"""What is asked of a page, and what was found wrong: nothing, where all is well."""

from __future__ import annotations

import base64
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from tests.looks.browser import Page
from tests.looks.views import PRINTED, View

HOME = Path(__file__).parent
AXE = HOME / "node_modules" / "axe-core" / "axe.min.js"
CONTRAST = "color-contrast"
TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
SHORTEST_PIECE = 12
"""Signs of a text that stand together on paper where a page or a cell breaks it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: which audit says so, in which view, of what."""

    audit: str
    view: str
    words: str

    def __str__(self) -> str:
        return f"{self.audit}, {self.view}: {self.words}"


def ask(page: Page, question: str) -> object:
    """The answer of `looks.js`, which is brought to the page first where it is not there yet."""
    if not page.run("'looks' in globalThis"):
        page.run((HOME / "looks.js").read_text(encoding="utf-8") + "; 0")
    return page.run(question)


def _all(page: Page, audit: str, view: View, question: str) -> Iterator[Finding]:
    yield from (Finding(audit, str(view), str(words)) for words in _asked(page, question))


def axe(page: Page, view: View, *rules: str) -> Iterator[Finding]:
    """Accessibility, by axe; contrast is an audit of its own. `rules`: only these; on paper only contrast counts."""
    view.take(page)
    if not page.run("'axe' in globalThis"):
        page.run(AXE.read_text(encoding="utf-8") + "; 0")
    asked = [CONTRAST] if view.mode == "print" else list(rules)
    found = ask(page, f"looks.axe({json.dumps(asked)})")
    assert isinstance(found, list)
    for one in found:
        audit = "contrast" if one["rule"] == CONTRAST else "axe"
        yield Finding(audit, str(view), f"{one['rule']}: {one['words']} ({one['why']})")


def shape(page: Page, views: Iterable[View]) -> Iterator[Finding]:
    """Nothing is wider than the window or cut off; on paper nothing is folded; nothing moves where nothing should."""
    for view in views:
        view.take(page)
        if view.mode == "print":  # its width is that of the sheet, which only the PDF has: see `paper`
            yield from _all(page, "print", view, "looks.unprinted()")
        else:
            yield from _all(page, "overflow", view, "looks.overflow()")
        if view.mode == "still":
            yield from _all(page, "motion", view, "looks.moving()")


def silence(page: Page) -> Iterator[Finding]:
    """The console, the policy and the network stayed silent."""
    yield from (Finding("console", "whole visit", words) for words in page.said())


def links(page: Page, view: View) -> Iterator[Finding]:
    """Every link within the page leads somewhere, and opens what hides it."""
    view.take(page)
    yield from _all(page, "links", view, "looks.dangling()")
    yield from _all(page, "links", view, "looks.hidden().then(({found}) => found)")


def press(page: Page, key: dict[str, object]) -> None:
    page.call("Input.dispatchKeyEvent", type="keyDown", **key)
    page.call("Input.dispatchKeyEvent", type="keyUp", **key)


def keyboard(page: Page, view: View, most: int = 400) -> Iterator[Finding]:
    """Tab goes through all that can be reached, in order, visibly, and out again. `most` keeps a trap from holding us.

    To be asked of a page that was just opened: what is followed before decides where Tab begins.
    """
    view.take(page)
    ask(page, "looks.list = looks.reachable(), 0")
    count = page.run("looks.list.length")
    expected = range(min(count, most))
    for place in expected:
        press(page, TAB)
        at = page.run("looks.focused(looks.list)")
        if at is None or at["place"] != place:
            yield Finding("keyboard", str(view), f"Tab {place + 1} of {count} does not lead to the next place: {at}")
            return
        yield from (Finding("keyboard", str(view), words) for words in at["faults"])
    if count <= most:
        press(page, TAB)
        if page.run("looks.focused(looks.list)") is not None:
            yield Finding("keyboard", str(view), "Tab does not leave the page at its end")


def skip_link(page: Page, view: View) -> Iterator[Finding]:
    """The first Tab finds a link past the contents, and Enter follows it. To be asked of a page just opened."""
    view.take(page)
    press(page, TAB)
    at = ask(page, "looks.focused([document.activeElement])")
    target = page.run("document.activeElement.hash")
    press(page, ENTER)
    reached = page.run("location.hash") == target and page.run("!!document.activeElement.closest('main')")
    if not (isinstance(at, dict) and not at["faults"] and target and reached):
        yield Finding(
            "keyboard", str(view), f"the skip link to {target} does not lead into the content, or hides: {at}"
        )


def paper(page: Page, digest: str) -> Iterator[Finding]:
    """On paper stands everything; the digest stands on every page, the heads of a table on each of its pages, and no
    head alone at the end of one.
    """
    PRINTED.take(page)
    sheets = [one.extract_text() for one in PdfReader(io.BytesIO(pdf(page))).pages]
    printed = [_squeezed(text) for text in sheets]
    for number, text in enumerate(printed, 1):
        if digest not in text:
            yield Finding("print", f"page {number}", "the digest is missing")
    yield from _heads(page, printed)
    yield from _alone(page, sheets)
    whole = "".join(printed)
    for piece in _asked(page, "looks.pieces()"):
        if not all(covered(_squeezed(part), whole) for part in _in_order(piece)):
            yield Finding("print", "paper", f"not there: {piece[:80]}")


def _heads(page: Page, printed: Sequence[str]) -> Iterator[Finding]:
    """Where rows stand, their heads stand, too; a row that is on several pages tells of none."""
    for table in _asked(page, "looks.tables()"):
        places = [[number for number, text in enumerate(printed, 1) if row in text] for row in _rows(table)]
        heads = _squeezed(table["heads"])
        for number in sorted({one[0] for one in places if len(one) == 1}):
            if heads not in printed[number - 1]:
                yield Finding("print", f"page {number}", f"a table without its heads: {table['heads'][:80]}")


def _alone(page: Page, sheets: Sequence[str]) -> Iterator[Finding]:
    """No head ends a page. Its lines are whole ones: a list may end with the same word."""
    headings = {heading for one in _asked(page, "looks.headings()") if (heading := _squeezed(one))}
    longest = max(map(len, headings), default=0)
    for number, text in enumerate(sheets, 1):
        end = ""
        for line in reversed(text.splitlines()):
            end = _squeezed(line) + end
            if end in headings:
                yield Finding("print", f"page {number}", f"a head alone at its end: {end[-80:]}")
            if end in headings or len(end) > longest:
                break


def _rows(table: Mapping[str, Any]) -> list[str]:
    return [text for row in table["rows"] if len(text := _squeezed(row)) >= SHORTEST_PIECE]


def _asked(page: Page, question: str) -> list[Any]:
    found = ask(page, question)
    assert isinstance(found, list), question
    return found


def pdf(page: Page, sheets: str = "") -> bytes:
    """The page as it prints. `sheets`: only these, as `1-2`."""
    done = page.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True, pageRanges=sheets)
    return base64.b64decode(done["data"])


def _in_order(piece: str) -> list[str]:
    """What keeps its order on paper: the whole piece or, where some of it runs from right to left, words of ASCII."""
    turned = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in piece)
    return re.findall(r"[A-Za-z0-9]+", piece) if turned else [piece]


def _squeezed(text: str) -> str:
    """Its signs of ASCII: fonts make ligatures of some, and pictures or the other order of signs beyond."""
    return re.sub(r"[^!-~]+", "", unicodedata.normalize("NFKC", text))


def covered(piece: str, whole: str) -> bool:
    """Whether a text stands somewhere, whole, or in parts where a page ended or a table repeated its head."""
    while piece:
        size = len(piece)
        while piece[:size] not in whole:
            size -= 1
            if size < min(SHORTEST_PIECE, len(piece)):
                return False
        piece = piece[size:]
    return True


def without_script(page: Page, plain: Page) -> Iterator[Finding]:
    """Whoever runs no script reads the same words."""
    with_, without = str(ask(page, "looks.words()")), str(ask(plain, "looks.words()"))
    if with_ != without:
        place = next(
            (n for n, (a, b) in enumerate(zip(with_, without, strict=False)) if a != b),
            len(min(with_, without, key=len)),
        )
        words = json.dumps([one[max(0, place - 20) : place + 60] for one in (with_, without)])
        yield Finding("script", "no script", f"other words: {words}")
