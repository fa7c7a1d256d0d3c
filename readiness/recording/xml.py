"""XML, of WS-Management and inside of texts: parsed, walked through, written anew."""

from __future__ import annotations

import re
from html import escape
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness.aliases import Aliases
from readiness.recording.fields import GONE, NEVER, treated
from readiness.recording.places import address, schema
from readiness.sources.configmgr import wsman

_PREFIXES = {
    wsman.SOAP: "s", wsman.ADDRESSING: "a", wsman.ENUMERATION: "n", wsman.TRANSFER: "x", wsman.WSMAN: "w",
    wsman.CIM: "cim", wsman.XSI: "xsi", "http://www.w3.org/XML/1998/namespace": "xml",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_TYPE = re.compile(r"(?:[A-Za-z][A-Za-z0-9]{0,20}:)?[A-Za-z_][A-Za-z0-9_]{0,80}", re.ASCII)
_SETTING = re.compile(r"(?:CoManagementSettings_)?(?:AutoEnroll|Capabilities|Workloads?)(?:_Name)?", re.IGNORECASE)
"""What the rules of co-management are called. Source: reference configmgr.md, Q3; inferred there."""
_PLAIN = re.compile(r"-?\d{1,10}|true|false", re.ASCII | re.IGNORECASE)
_CODES = re.compile(r"(?:[a-z]{1,4}:)?[A-Z][A-Za-z]{1,60}", re.ASCII)
_KEPT_HERE = frozenset({"Value", "Subcode"})
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?", re.ASCII)
MOST_DEPTH = 60
MARK = "uuid:question"
"""Stands in place of the id of the message that an answer relates to."""


def redacted_xml(aliases: Aliases, entity: str, data: bytes, *, question: str = "", pretty: bool = False) -> str | None:
    """The document with aliases for every text that is not known to be Microsoft's; None where it cannot be parsed.

    Args:
        entity: the class of rows that do not name theirs.
        question: the id of the message that it answers.
        pretty: an element a line, for a person; white space between elements means nothing then.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    try:
        return _Walk(aliases, root, question.lower(), pretty=pretty).document(root, entity)
    except RecursionError:
        return None


class _Walk:
    """Writes one document, all of whose schemas are named at its root."""

    def __init__(self, aliases: Aliases, root: Element, question: str, *, pretty: bool) -> None:
        self._aliases = aliases
        self._question = question
        self._pretty = pretty
        self._prefixes = _prefixes(root)

    def document(self, root: Element, entity: str) -> str:
        named = {prefix: schema(self._aliases, uri) for uri, prefix in self._prefixes.items() if prefix != "xml"}
        declared = "".join(f' xmlns:{prefix}="{escape(uri)}"' for prefix, uri in named.items())
        return "".join(self._element(root, entity, 0, declared))

    def _element(self, element: Element, entity: str, depth: int, declared: str = "") -> list[str]:
        if depth > MOST_DEPTH:
            raise RecursionError
        name, own = self._name(element.tag), entity_of(element, entity)
        if wsman.local(element.tag).lower() in NEVER:
            return [f"<{name}{declared}>{GONE}</{name}>"]
        attributes = "".join(
            f' {self._name(key)}="{escape(self._attribute(wsman.local(key), value))}"'
            for key, value in element.attrib.items()
        )
        inside = [part for child in element for part in self._element(child, own, depth + 1)]
        text = "" if inside else escape(self._text(element, entity), quote=False)
        line = "\n" + " " * depth if self._pretty else ""
        start = f"{line if depth else ''}<{name}{declared}{attributes}"
        return [start, f">{text}", *inside, f"{line if inside else ''}</{name}>"] if text or inside else [start, "/>"]

    def _name(self, tag: str) -> str:
        uri, name = wsman.namespace(tag), wsman.local(tag)
        name = name if _NAME.fullmatch(name) else "element"
        return f"{self._prefixes[uri]}:{name}" if uri else name

    def _attribute(self, name: str, value: str) -> str:
        kept = (
            (name == "type" and _TYPE.fullmatch(value))
            or (name == "lang" and _LANGUAGE.fullmatch(value))
            or (name in ("nil", "mustUnderstand", "Code", "Value") and _PLAIN.fullmatch(value))
            or (name in ("Text", "SettingLogicalName") and _SETTING.fullmatch(value.strip()))
        )
        return value if kept else treated(self._aliases, "", "", value)

    def _text(self, element: Element, entity: str) -> str:
        name, value = wsman.local(element.tag), element.text or ""
        if not value.strip():
            return ""
        if name in ("RelatesTo", "MessageID") and value.strip().lower() == self._question:
            return MARK
        if name in _KEPT_HERE and wsman.namespace(element.tag) == wsman.SOAP and _CODES.fullmatch(value.strip()):
            return value
        if name.lower() == "sdmpackagexml":
            return redacted_xml(self._aliases, entity, value.encode()) or self._aliases.name(value)
        if value.startswith(("http://", "https://")) and name.lower() != "moreinfolink":
            return address(self._aliases, value)
        return treated(self._aliases, entity, name, value)


def _prefixes(root: Element) -> dict[str, str]:
    """A prefix for each schema in the document."""
    tags = (tag for element in root.iter() for tag in (element.tag, *element.attrib))
    found = dict.fromkeys(uri for tag in tags if (uri := wsman.namespace(tag)))
    return {uri: _PREFIXES.get(uri, f"p{number}") for number, uri in enumerate(found)}


def entity_of(element: Element, entity: str) -> str:
    """What the children of an element are columns of: its class, where it is one."""
    name = wsman.local(element.tag)
    if name.startswith(("SMS_", "CM_")):
        return name.removesuffix("_OUTPUT")
    stated = element.get(f"{{{wsman.XSI}}}type", "").rpartition(":")[2].removesuffix("_Type")
    return stated or entity
