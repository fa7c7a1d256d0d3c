"""WS-Management envelopes: what a request asks, and what an answer looks like on the wire.

Shapes: DSP0226, MS-WSMV, and answers of real servers (reference: configmgr.md, section Q7, and the samples).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from defusedxml.ElementTree import fromstring

from readiness.lab.classes import Instance
from readiness.lab.wmi import Found

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
WQL_DIALECT = "http://schemas.microsoft.com/wbem/wsman/1/WQL"

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
_CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
_NAMES = {"s": _SOAP, "a": _ADDRESSING, "n": ENUMERATION, "w": _WSMAN}
_NAMESPACES = (
    f'xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:n="{ENUMERATION}" xmlns:w="{_WSMAN}"'
    f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="{_CIM}"'
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MACHINE_ENVELOPE_SIZE = 512_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request asks for, as far as the lab looks at it."""

    action: str
    resource: str
    message_id: str
    max_envelope_size: int
    """Characters that the answer may have."""
    filter_dialect: str
    filter: str
    optimize: bool
    max_elements: int
    context: str
    selectors: Mapping[str, str]
    arguments: Mapping[str, str]
    """Of the method that an Invoke calls."""


def read(body: bytes) -> Envelope:
    """The request in `body`.

    Raises:
        ValueError: no well-formed XML, or numbers that are none.
    """
    try:
        root = fromstring(body)
    except SyntaxError as error:  # ParseError is one
        raise ValueError(str(error)) from error

    def text(path: str) -> str:
        return (root.findtext(path, "", _NAMES) or "").strip()

    query = root.find(".//w:Filter", _NAMES)
    return Envelope(
        action=text("s:Header/a:Action"),
        resource=text("s:Header/w:ResourceURI"),
        message_id=text("s:Header/a:MessageID"),
        max_envelope_size=int(text("s:Header/w:MaxEnvelopeSize") or _MACHINE_ENVELOPE_SIZE),
        filter_dialect="" if query is None else query.get("Dialect", ""),
        filter="" if query is None else (query.text or "").strip(),
        optimize=root.find(".//n:Enumerate/w:OptimizeEnumeration", _NAMES) is not None,
        max_elements=int(text(".//w:MaxElements") or text(".//n:MaxElements") or 1),
        context=text(".//n:EnumerationContext"),
        selectors=_selectors(root),
        arguments={child.tag.rpartition("}")[2]: child.text or "" for child in root.iterfind("s:Body/*/*", _NAMES)},
    )


def _selectors(root: Element) -> dict[str, str]:
    found = root.iterfind("s:Header/w:SelectorSet/w:Selector", _NAMES)
    return {selector.get("Name", ""): selector.text or "" for selector in found}


def answer(action: str, relates_to: str, body: str) -> bytes:
    """A whole response envelope."""
    relates = f"<a:RelatesTo>{xml_text(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f'<s:Envelope xml:lang="en-US" {_NAMESPACES}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        f"{relates}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def items(found: Found, rows: Iterable[Instance], namespace: str) -> list[str]:
    """Rows as they stand in an Items element: fragments for a list of columns, whole instances for `*`."""
    if found.columns is None:
        return [whole(row, namespace) for row in rows]
    return [_fragment(row, found.columns, namespace) for row in rows]


def whole(row: Instance, namespace: str) -> str:
    """A typed instance, every column in the namespace of its class."""
    return _object(f"p:{row.cls.name}", "p", row, namespace)


def output(namespace: str, cls: str, method: str, result: Mapping[str, object]) -> str:
    """The out-parameters of a method."""
    uri = f"{WMI}{namespace.replace(chr(92), '/')}/{cls}"
    cells = "".join(
        f'<p:{name} xsi:nil="true"/>' if value is None else _element(f"p:{name}", value, str, namespace)
        for name, value in result.items()
    )
    return f'<p:{method}_OUTPUT xmlns:p="{uri}">{cells}</p:{method}_OUTPUT>'


def _fragment(row: Instance, columns: tuple[str, ...], namespace: str) -> str:
    cells = "".join(_cell(name, "Datetime", row, name, namespace) for name in columns)
    return f"<w:XmlFragment>{cells}</w:XmlFragment>"


def _object(tag: str, prefix: str, row: Instance, namespace: str) -> str:
    """`row` as an element; its cells are in the namespace of its class, whatever the tag's is."""
    uri = f"{WMI}{namespace.replace(chr(92), '/')}/{row.cls.name}"
    cells = "".join(_cell(f"{prefix}:{name}", "cim:Datetime", row, name, namespace) for name in row.cells)
    return f'<{tag} xmlns:{prefix}="{uri}" xsi:type="{prefix}:{row.cls.name}_Type">{cells}</{tag}>'


def _cell(tag: str, moment: str, row: Instance, column: str, namespace: str) -> str:
    """One column. Null is said; an array repeats its element, so an empty one is not there at all."""
    value = row.cells[column]
    if value is None:
        return f'<{tag} xsi:nil="true"/>'
    values = value if isinstance(value, list) else [value]
    wrap: Callable[[str], str] = str
    if row.cls.columns[column].startswith("datetime"):
        wrap = f"<{moment}>{{}}</{moment}>".format
    return "".join(_element(tag, item, wrap, namespace) for item in values)


def _element(tag: str, value: object, wrap: Callable[[str], str], namespace: str) -> str:
    if isinstance(value, Instance):
        # A prefix of its own at each depth: the tag still belongs to the object around it.
        return _object(tag, f"{tag.rpartition(':')[0]}e", value, namespace)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{tag}>{wrap(xml_text(text))}</{tag}>" if text else f"<{tag}/>"


def xml_text(value: str) -> str:
    """Any text as XML content; what XML cannot hold becomes a replacement character."""
    return escape(_NOT_XML.sub("\ufffd", value))
