"""Our own SOAP envelopes: Enumerate, Pull, Release, Get, Invoke of a getter (reference: configmgr.md Q7; DSP0226)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness.sources.configmgr import wsman
from readiness.sources.configmgr.getters import require_getter
from readiness.sources.configmgr.wql import (
    class_name,
    require_question,
    require_whole,
    resource_path,
    sendable,
)
from readiness.sources.failures import GuardRefusal

MAX_ENVELOPE_BYTES = 512_000
"""How large an answer may be; Windows lowers it to its own quota (`MaxEnvelopeSizekb`, 500 by default)."""

MAX_BODY_BYTES = 8 * MAX_ENVELOPE_BYTES
"""What is read of an answer at most: room for another encoding and for sealing, and none for filling the memory."""

MAX_ELEMENTS = 500
"""Rows per page."""

SITE_PATH = re.compile(r"root/sms/site_[A-Za-z0-9]{3}")
"""The only namespaces in which methods are called."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request: its `MessageID`, which the answer must relate to, its action, and the whole text."""

    message_id: str
    action: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Heading:
    """What every envelope of one conversation says alike.

    Attributes:
        to: the URL of the endpoint.
        seconds: how long the server may work on it (`OperationTimeout`).
    """

    to: str
    seconds: float

    def enumerate_wql(self, namespace: str, wql: str, max_elements: int = MAX_ELEMENTS) -> Envelope:
        """Ask a WQL question; the first page comes with the answer (`OptimizeEnumeration`)."""
        return self._envelope(
            wsman.ENUMERATE,
            f"{wsman.WMI}/{resource_path(namespace)}/*",
            "<n:Enumerate><w:OptimizeEnumeration/>"
            f"<w:MaxElements>{max_elements}</w:MaxElements>"
            f'<w:Filter Dialect="{wsman.WQL_DIALECT}">{_text(wql)}</w:Filter>'
            "</n:Enumerate>",
        )

    def pull(self, namespace: str, context: str, max_elements: int = MAX_ELEMENTS) -> Envelope:
        """Ask for the next page."""
        return self._envelope(
            wsman.PULL,
            f"{wsman.WMI}/{resource_path(namespace)}/*",
            f"<n:Pull><n:EnumerationContext>{_text(context)}</n:EnumerationContext>"
            f"<n:MaxElements>{max_elements}</n:MaxElements></n:Pull>",
        )

    def release(self, namespace: str, context: str) -> Envelope:
        """Give up the rest of an enumeration, so that it does not count against the account's quota."""
        return self._envelope(
            wsman.RELEASE,
            f"{wsman.WMI}/{resource_path(namespace)}/*",
            f"<n:Release><n:EnumerationContext>{_text(context)}</n:EnumerationContext></n:Release>",
        )

    def get(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Envelope:
        """Ask for one instance by its keys, lazy columns filled."""
        selectors = "".join(
            f'<w:Selector Name="{class_name(name)}">{_text(str(value))}</w:Selector>' for name, value in keys.items()
        )
        resource = f"{wsman.WMI}/{resource_path(namespace)}/{class_name(cls)}"
        return self._envelope(wsman.GET, resource, "", f"<w:SelectorSet>{selectors}</w:SelectorSet>")

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Envelope:
        """Call a static method that only reads."""
        require_getter(cls, method, arguments)
        resource = f"{wsman.WMI}/{resource_path(namespace)}/{cls}"
        given = "".join(f"<i:{name}>{_text(value)}</i:{name}>" for name, value in arguments.items())
        body = f'<i:{method}_INPUT xmlns:i="{resource}">{given}</i:{method}_INPUT>'
        return self._envelope(f"{resource}/{method}", resource, body)

    def _envelope(self, action: str, resource: str, body: str, more: str = "") -> Envelope:
        message_id = f"uuid:{uuid.uuid4()}"
        text = (
            f'<s:Envelope xmlns:s="{wsman.SOAP}" xmlns:a="{wsman.ADDRESSING}" xmlns:n="{wsman.ENUMERATION}"'
            f' xmlns:w="{wsman.WSMAN}" xmlns:p="{wsman.MICROSOFT}"><s:Header>'
            f"<a:To>{_text(self.to)}</a:To>"
            f'<w:ResourceURI s:mustUnderstand="true">{resource}</w:ResourceURI>'
            f'<a:ReplyTo><a:Address s:mustUnderstand="true">{wsman.ANONYMOUS}</a:Address></a:ReplyTo>'
            f'<a:Action s:mustUnderstand="true">{action}</a:Action>'
            f'<w:MaxEnvelopeSize s:mustUnderstand="true">{MAX_ENVELOPE_BYTES}</w:MaxEnvelopeSize>'
            f"<a:MessageID>{message_id}</a:MessageID>"
            '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'
            '<p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>'
            f"<w:OperationTimeout>PT{self.seconds:.3f}S</w:OperationTimeout>{more}"
            f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        return Envelope(message_id, action, text.encode())


def require_read_only(body: bytes) -> None:
    """The rule of this transport, on the plain envelope: one action, one resource, one body that belong together, and
    an action that reads.

    Called before a message is encrypted, and by the Guard on what leaves unencrypted over TLS.

    Raises:
        GuardRefusal: anything but Enumerate, Pull, Release or Get below the namespaces of Configuration Manager, or the
            call of a method that is known to read only.
    """
    header, said = _parts(body)
    actions = [e for e in header if wsman.local(e.tag) == "Action"]
    resources = [e for e in header if wsman.local(e.tag) == "ResourceURI"]
    if len(actions) != 1:
        raise GuardRefusal("a message without exactly one action")
    action = _plain(actions[0], wsman.ADDRESSING)
    resource = _plain(resources[0], wsman.WSMAN) if len(resources) == 1 else ""
    reads = _asks if action in wsman.READING else _calls
    if not reads(action, resource, said):
        raise GuardRefusal(f"the action {action!r:.120} on {resource!r:.120}, which does not only read")


def _parts(body: bytes) -> tuple[Element, Element]:
    """The header and the body of an envelope, and nothing beside them that a server might take for another."""
    # We write neither declarations nor instructions: in another encoding the server might read another message.
    if b"<?" in body or b"\x00" in body:
        raise GuardRefusal("a message that is to be read in another encoding")
    try:
        root = fromstring(body.decode("utf-8"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise GuardRefusal("a message that is not SOAP") from error
    tags = [f"{{{wsman.SOAP}}}{name}" for name in ("Envelope", "Header", "Body")]
    if [root.tag, *(child.tag for child in root)] != tags:
        raise GuardRefusal("a message that is not one envelope of one header and one body")
    return root[0], root[1]


def _plain(element: Element, space: str) -> str:
    """The text of an element of this namespace that holds nothing else; empty, which is never allowed, otherwise."""
    return (element.text or "") if wsman.namespace(element.tag) == space and not len(element) else ""


_SMS = rf"{re.escape(wsman.WMI)}/root/sms(?:/site_[A-Za-z0-9]{{3}})?"
_ROWS = re.compile(rf"{_SMS}/\*")
_INSTANCE = re.compile(rf"{_SMS}/([A-Za-z_][A-Za-z0-9_]*)")
_ASKED = {
    wsman.ENUMERATE: f"{{{wsman.ENUMERATION}}}Enumerate",
    wsman.PULL: f"{{{wsman.ENUMERATION}}}Pull",
    wsman.RELEASE: f"{{{wsman.ENUMERATION}}}Release",
}


def _asks(action: str, resource: str, body: Element) -> bool:
    """Whether it asks for rows or an instance of Configuration Manager, and its body is that of its action."""
    if action == wsman.GET:
        found = _INSTANCE.fullmatch(resource)
        if found is not None:
            require_whole(found[1])
        return found is not None and not len(body)
    if _ROWS.fullmatch(resource) is None or [child.tag for child in body] != [_ASKED[action]]:
        return False
    return action != wsman.ENUMERATE or _questions(body[0])


def _questions(enumerate_: Element) -> bool:
    """Whether what is enumerated is one question in WQL; raises where it asks for too much."""
    filters = [child for child in enumerate_ if wsman.local(child.tag) == "Filter"]
    if len(filters) != 1 or filters[0].get("Dialect") != wsman.WQL_DIALECT:
        return False
    require_question(_plain(filters[0], wsman.WSMAN))
    return True


def _calls(action: str, resource: str, body: Element) -> bool:
    """Whether action, resource and body call one and the same method of a site's class. Raises if it is no getter."""
    path, _, cls = resource.removeprefix(f"{wsman.WMI}/").rpartition("/")
    method = action.removeprefix(f"{resource}/")
    if f"{wsman.WMI}/{path}/{cls}/{method}" != action or not SITE_PATH.fullmatch(path):
        return False
    if len(body) != 1 or body[0].tag != f"{{{resource}}}{method}_INPUT":
        return False
    names = [wsman.local(child.tag) for child in body[0] if wsman.namespace(child.tag) == resource and not len(child)]
    require_getter(cls, method, names)
    return len(names) == len(body[0])


def _text(text: str) -> str:
    return escape(sendable(text), quote=True)
