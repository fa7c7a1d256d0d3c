"""Answers: SOAP bodies, pages of an enumeration, rows (reference: configmgr.md Q7, after captured fixtures)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.envelopes import Envelope
from readiness.sources.configmgr.faults import fault_in
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.wql import SECRET_COLUMNS
from readiness.sources.configmgr.wsman import ADDRESSING, CIM, ENUMERATION, SOAP, WSMAN, XSI, local, namespace
from readiness.text import one_line

MAX_DEPTH = 8
"""How deep embedded objects may nest; SMS objects nest twice."""

MOST_WORDS = 300
"""Characters of a message that names what stands in an answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an enumeration.

    Attributes:
        items: the elements of the rows.
        context: for the next Pull; empty where the answer carries none.
        last: whether the server said that nothing follows.
    """

    items: tuple[Element, ...]
    context: str
    last: bool


def body_of(answer: bytes, envelope: Envelope, where: str) -> Element:
    """The SOAP body that answers `envelope`.

    Raises:
        WsManFault: the answer is a fault.
        SourceError: it is not SOAP, or answers another message.
    """
    try:
        root = fromstring(answer, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _bad(where, "an answer that cannot be read as XML") from error
    bodies = root.findall(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1:
        raise _bad(where, "an answer that is not SOAP")
    relates = [(e.text or "").strip() for e in root.findall(f"{{{SOAP}}}Header/{{{ADDRESSING}}}RelatesTo")]
    fault = fault_in(bodies[0], where)
    # A server that could not read the request cannot say which one it was: only a fault may leave it out.
    if [r.lower() for r in relates] != [envelope.message_id.lower()] and (relates or fault is None):
        raise _bad(where, "an answer to another question")
    if fault is not None:
        raise fault
    return bodies[0]


def page_of(body: Element, action: str, where: str) -> Page:
    """The page in the answer to an Enumerate or a Pull; its parts are found in either namespace."""
    answer = body.find(f"{{{ENUMERATION}}}{action.rpartition('/')[2]}Response")
    if answer is None:
        raise _bad(where, "an answer that is no page of an enumeration")
    parts = {name: _part(answer, name, where) for name in ("Items", "EndOfSequence", "EnumerationContext")}
    items, context = parts["Items"], parts["EnumerationContext"]
    return Page(
        items=() if items is None else tuple(items),
        context="" if context is None else (context.text or "").strip(),
        last=parts["EndOfSequence"] is not None,
    )


def rows_of(page: Page, cls: str, where: str) -> Iterator[Row]:
    """The rows of a page. A fragment names no class: it is then the one that was asked for."""
    for item in page.items:
        name = local(item.tag)
        yield _row(cls if name == "XmlFragment" else name, item, where)


def instance_of(body: Element, cls: str, where: str) -> Row:
    """The one instance in the answer to a Get."""
    if len(body) != 1 or local(body[0].tag).lower() != cls.lower():
        raise _bad(where, f"an answer that is no single {cls}")
    return _row(cls, body[0], where)


def output_of(body: Element, cls: str, method: str, where: str) -> Row:
    """The out-parameters in the answer to an Invoke."""
    if len(body) != 1 or local(body[0].tag).lower() != f"{method}_OUTPUT".lower():
        raise _bad(where, f"an answer that is not that of {cls}.{method}")
    return _row(cls, body[0], where)


def _part(answer: Element, name: str, where: str) -> Element | None:
    found = [e for e in answer if e.tag in (f"{{{WSMAN}}}{name}", f"{{{ENUMERATION}}}{name}")]
    if len(found) > 1:
        raise _bad(where, f"a page with {name} twice")
    return found[0] if found else None


def _row(cls: str, element: Element, where: str, depth: int = 0) -> Row:
    if depth > MAX_DEPTH:
        raise _bad(where, f"a {cls} nested deeper than any real one")
    cells: dict[str, object] = {}
    repeated: dict[str, list[object]] = {}
    for child in element:
        name = _column(child.tag)
        if name in SECRET_COLUMNS:
            continue
        value = _value(child, where, depth)
        if name in cells:
            repeated.setdefault(name, [cells[name]]).append(value)
        else:
            cells[name] = value
    return Row(cls, (cells | {name: tuple(values) for name, values in repeated.items()}).items())


@lru_cache(maxsize=512)
def _column(tag: str) -> str:
    """The name of a cell; a large answer repeats a few of them many thousand times."""
    return local(tag).lower()


def _value(element: Element, where: str, depth: int) -> object:
    if element.attrib and element.get(f"{{{XSI}}}nil", "").strip() in ("true", "1"):
        return None
    if len(element) == 0:
        return element.text or ""
    if len(element) == 1 and _is_datetime(element[0]):
        return element[0].text or ""
    return _row(_embedded_class(element), element, where, depth + 1)


def _is_datetime(element: Element) -> bool:
    return local(element.tag) == "Datetime" and namespace(element.tag) in ("", CIM) and len(element) == 0


def _embedded_class(element: Element) -> str:
    """`xsi:type="p:SMS_EmbeddedProperty_Type"` says the class; without it only the column is known."""
    stated = element.get(f"{{{XSI}}}type", "").rpartition(":")[2].removesuffix("_Type")
    return stated or local(element.tag)


def _bad(where: str, what: str) -> SourceError:
    # What is bad may be named by the answer itself.
    return SourceError(Reason.BAD_ANSWER, one_line(f"{where} gave {what}", MOST_WORDS))
