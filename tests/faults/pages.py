"""What goes wrong with the rows and the pages of WS-Man: less, more, other, endless."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from functools import partial
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from readiness.lab import soap_faults
from readiness.sources.configmgr.wsman import ENUMERATION, XSI, local
from tests.faults.exchanges import Answer
from tests.faults.soap import (
    DIGITS,
    HOSTILE,
    LONG,
    OTHER_ID,
    Change,
    body_of,
    envelope,
    everywhere,
    inner_of,
    put,
    root_of,
    rows,
    said,
    wsman,
)  # fmt: skip
from tests.faults.striking import Fault, OnAnswer


def contents() -> tuple[Fault, ...]:
    """Answers that may be true, and that say less or other things than the healthy one."""
    return (
        Fault("no rows", answer=envelope(_rowless), plausible=True),
        Fault("every row twice", answer=envelope(_doubled), plausible=True),
        Fault("every row without cells", answer=envelope(_hollow), plausible=True),
        Fault("every row of another class", answer=envelope(_renamed), plausible=True),
        Fault("every cell null", answer=_cells(_null), plausible=True),
        Fault("every cell missing its text", answer=_cells(lambda cell: cell.clear()), plausible=True),
        Fault("every cell twice", answer=envelope(_cells_twice), plausible=True),
        Fault("every number of 5,000 digits", answer=everywhere(rb"(?<=>)\d+(?=<)", DIGITS.encode()), plausible=True),
        Fault("every number unknown", answer=everywhere(rb"(?<=>)\d+(?=<)", b"987654"), plausible=True),
        Fault("every number negative", answer=everywhere(rb"(?<=>)\d+(?=<)", b"-1"), plausible=True),
        Fault("every text unknown", answer=_cells(lambda cell: put(cell, "somethingNew")), plausible=True),
        Fault("every text hostile", answer=_cells(lambda cell: put(cell, HOSTILE)), plausible=True),
        Fault("every cell an object", answer=_cells(_object), plausible=True),
        Fault("every cell an object of a hostile class", answer=_cells(_hostile_object), plausible=True),
        Fault("every cell 50 levels deep", answer=_cells(_deep), plausible=True),
        Fault("the first text of 5 MB", answer=envelope(_long), plausible=True),
        Fault("the secret beside every cell", answer=envelope(_secret), harmless=True),
    )


def _cells(change: Change) -> OnAnswer:
    def every(root: Element) -> None:
        for row in rows(root):
            for cell in row:
                change(cell)

    return envelope(every)


def _rowless(root: Element) -> None:
    for element in root.iter():
        if local(element.tag) == "Items":
            element.clear()


def _doubled(root: Element) -> None:
    holder = next((element for element in root.iter() if local(element.tag) == "Items"), body_of(root))
    holder.extend(copy.deepcopy(list(holder)))


def _hollow(root: Element) -> None:
    for row in rows(root):
        row[:] = []


def _renamed(root: Element) -> None:
    for row in rows(root):
        row.tag = f"{row.tag}Other"


def _null(cell: Element) -> None:
    cell.clear()
    cell.set(f"{{{XSI}}}nil", "true")


def _cells_twice(root: Element) -> None:
    for row in rows(root):
        row.extend(copy.deepcopy(list(row)))


def _object(cell: Element) -> None:
    text, cell.text = cell.text, None
    ElementTree.SubElement(cell, "Inner").text = text


def _hostile_object(cell: Element) -> None:
    _object(cell)
    cell.set(f"{{{XSI}}}type", f"p:{HOSTILE}_Type")


def _deep(cell: Element) -> None:
    for _ in range(50):
        cell = ElementTree.SubElement(cell, "Inner")


def _long(root: Element) -> None:
    texts = [cell for row in rows(root) for cell in row if cell.text and not cell.text.strip("-").isdigit()]
    if texts:
        texts[0].text = "x" * LONG


def _secret(root: Element) -> None:
    for row in rows(root):
        row.append(Element("SecretKey"))
        row[-1].text = "a secret that comes unasked"


WAYS: tuple[tuple[str, Callable[[Element, Element], object]], ...] = (
    ("null", lambda _row, cell: _null(cell)),
    ("missing", lambda row, cell: row.remove(cell)),
    ("unknown", lambda _row, cell: put(cell, "987654" if (cell.text or "").isdigit() else "somethingNew")),
    ("of 5,000 digits", lambda _row, cell: put(cell, DIGITS)),
    ("hostile", lambda _row, cell: put(cell, HOSTILE)),
    ("twice", lambda row, cell: row.append(copy.deepcopy(cell))),
    ("empty", lambda _row, cell: put(cell, "")),
)


def fields(answer: Answer) -> Iterator[Fault]:
    """Each column of an answer, in all its rows: null, missing, a word or number that no table knows, hostile."""
    columns = dict.fromkeys(cell.tag for row in rows(root_of(answer)) for cell in row)
    for column, (how, change) in itertools.product(columns, WAYS):
        fault = Fault(f"{local(column)} {how}", answer=envelope(partial(_column, column, change)), plausible=True)
        if fault.answer is not None and fault.answer(answer) is not None:
            yield fault


def _column(column: str, change: Callable[[Element, Element], object], root: Element) -> None:
    for row in rows(root):
        for cell in [cell for cell in row if cell.tag == column]:
            change(row, cell)


# Pages.


def _parts(root: Element, name: str) -> list[Element]:
    return [element for element in inner_of(root) if local(element.tag) == name]


def _drop(name: str) -> Change:
    def change(root: Element) -> None:
        for part in _parts(root, name):
            inner_of(root).remove(part)

    return change


def _twice(name: str) -> Change:
    def change(root: Element) -> None:
        for part in _parts(root, name):
            inner_of(root).append(copy.deepcopy(part))

    return change


def _context(text: str) -> Change:
    def change(root: Element) -> None:
        _drop("EnumerationContext")(root)
        ElementTree.SubElement(inner_of(root), f"{{{ENUMERATION}}}EnumerationContext").text = text

    return change


def pages() -> tuple[Fault, ...]:
    """First pages, of a question for rows."""
    return (
        Fault("no end", answer=envelope(_drop("EndOfSequence"))),
        Fault("no end, and a context that nobody knows", answer=envelope(_endless_by(OTHER_ID))),
        Fault("no end, and a hostile context", answer=envelope(_endless_by(HOSTILE))),
        Fault("no end, and a context of 5 MB", answer=envelope(_endless_by("x" * LONG))),
        Fault("the end twice", answer=envelope(_twice("EndOfSequence"))),
        Fault("the rows twice", answer=envelope(_twice("Items"))),
        Fault("no place for rows", answer=envelope(_drop("Items")), plausible=True),
    )


def _endless_by(context: str) -> Change:
    def change(root: Element) -> None:
        _drop("EndOfSequence")(root)
        _context(context)(root)

    return change


ROW = "<w:XmlFragment><ResourceID>{}</ResourceID></w:XmlFragment>"


def pulls() -> tuple[Fault, ...]:
    """Further pages of one enumeration."""
    number = itertools.count()

    def again(root: Element) -> None:
        _endless_by(OTHER_ID)(root)

    return (
        Fault("the context has expired", answer=wsman(soap_faults.ENUMERATION_CLOSED)),
        Fault("the same page for ever", answer=_page(lambda: ROW.format(1))),
        Fault("empty pages for ever", answer=_page(lambda: "")),
        Fault("another context each time", answer=envelope(lambda root: _context(f"uuid:{next(number)}")(root))),
        Fault("no context", answer=envelope(_drop("EnumerationContext")), plausible=True),
        Fault("an empty context", answer=envelope(_context("")), plausible=True),
        Fault("the end too early", answer=envelope(lambda root: _ended(root)), plausible=True),
        Fault("no end", answer=envelope(again)),
    )  # fmt: skip


def _ended(root: Element) -> None:
    _drop("EndOfSequence")(root)
    ElementTree.SubElement(inner_of(root), f"{{{ENUMERATION}}}EndOfSequence")


def _page(items: Callable[[], str]) -> OnAnswer:
    """A page without end, whatever the server would have said."""
    context = f"<n:EnumerationContext>{OTHER_ID}</n:EnumerationContext>"
    return lambda answer: said(f"<n:PullResponse>{context}<n:Items>{items()}</n:Items></n:PullResponse>", 200)(answer)


def many() -> tuple[Fault, ...]:
    """Pages for ever, all of them with other rows: what ends them is their number."""
    number = itertools.count()

    def items() -> str:
        return "".join(ROW.format(next(number)) for _ in range(500))

    return (Fault("other rows for ever", answer=_page(items)),)
