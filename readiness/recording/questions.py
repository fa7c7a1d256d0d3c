"""What was asked: as a recording tells it, and the key by which a replay finds its answer again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness import documents
from readiness.aliases import Aliases, shaped
from readiness.recording import places
from readiness.recording.fields import treated
from readiness.sources.configmgr import wsman

if TYPE_CHECKING:
    from requests import PreparedRequest

Question = dict[str, Any]
SIGN_IN, GRAPH, WSMAN, ADMINSERVICE, OTHER = "sign-in", "graph", "wsman", "adminservice", "other"
TENANT, SITE = "tenant", "site"
_SERVICES = (
    (re.compile(r"/[^/]+/(?:oauth2/.*|v2\.0/\.well-known/openid-configuration)"), SIGN_IN),
    (re.compile(r"/(?:v1\.0|beta)/.+"), GRAPH),
    (re.compile(re.escape(wsman.PATH)), WSMAN),
    (re.compile(r"/AdminService/.+"), ADMINSERVICE),
)
_SOAP = {"s": wsman.SOAP, "a": wsman.ADDRESSING, "n": wsman.ENUMERATION, "w": wsman.WSMAN}
_ANY_OF = re.compile(r"\(([^()]*(?: OR | or )[^()]*)\)")


def service_of(url: str) -> str:
    """Which service an address belongs to."""
    path = urlsplit(url).path
    return next((service for form, service in _SERVICES if form.fullmatch(path)), OTHER)


def half_of(service: str) -> str:
    return SITE if service in (WSMAN, ADMINSERVICE) else TENANT


def is_discovery(request: PreparedRequest) -> bool:
    """Whether it asks for what the sign-in host tells everybody."""
    return request.method == "GET" and (request.url or "").endswith("/.well-known/openid-configuration")


def asked(request: PreparedRequest, plain: bytes | None, aliases: Aliases | None) -> Question:
    """The question of a request.

    Args:
        plain: the message, where the request carries it sealed.
        aliases: None where it holds nothing but aliases already, in a replay.
    """
    service = service_of(request.url or "")
    body = plain if plain is not None else sent(request)
    if service == WSMAN:
        return {"action": "sign-in"} if not request.body else _message(body, aliases)
    parts = urlsplit(request.url or "")
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    place = places.plain_place(target) if aliases is None else places.place(aliases, target)
    question: Question = {"method": request.method, "place": place}
    if service in (GRAPH, ADMINSERVICE) and body:
        question["body"] = _document(body, aliases, places.of_address(target))
    return question


def key_of(service: str, question: Mapping[str, Any]) -> str:
    """By which a question is known again: the same for every order of what any of is asked for."""
    kept = {name: _unordered(value) for name, value in question.items() if name != "max_elements"}
    return f"{service} {json.dumps(kept, sort_keys=True, ensure_ascii=False).lower()}"


def members(question: Mapping[str, Any]) -> list[tuple[str, Question]]:
    """Number and question of each member of a `$batch`; none where it is no batch."""
    body = question.get("body")
    found = body.get("requests") if isinstance(body, dict) else None
    if not str(question.get("place", "")).endswith("/$batch") or not isinstance(found, list):
        return []
    version = str(question["place"]).removesuffix("/$batch")
    return [
        (str(one.get("id")), {"method": "GET", "place": version + str(one.get("url"))})
        for one in found
        if isinstance(one, dict)
    ]


def _unordered(value: Any) -> Any:
    if isinstance(value, str):
        return _ANY_OF.sub(lambda found: f"({' or '.join(sorted(re.split(' OR | or ', found[1])))})", value)
    return {name: _unordered(one) for name, one in value.items()} if isinstance(value, dict) else value


def sent(request: PreparedRequest) -> bytes:
    """The body of a request."""
    body: Any = request.body
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _document(body: bytes, aliases: Aliases | None, entity: str) -> Any:
    """The members of a batch, the parameters of a report, the arguments of a getter."""
    try:
        found = documents.parse(body)
    except ValueError:
        return None
    return _parameters(found, aliases, entity, "")


def _parameters(value: Any, aliases: Aliases | None, entity: str, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _parameters(one, aliases, entity, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_parameters(one, aliases, entity, name) for one in value]
    if not isinstance(value, str):
        return value
    if name == "url":
        return places.plain_place(value) if aliases is None else places.place(aliases, value)
    if aliases is None or name in _OURS:
        return value
    return places.expression(aliases, entity, value) if name == "filter" else treated(aliases, entity, name, value)


_OURS = frozenset({"id", "method", "select", "orderBy", "ConsistencyLevel", "Prefer"})
"""What of our own questions never holds a name."""


def _message(body: bytes, aliases: Aliases | None) -> Question:
    """A question of WS-Management, by what decides its answer."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return {"action": "unreadable"}

    def found(path: str) -> str:
        return root.findtext(path, "", _SOAP).strip()

    def named(text: str) -> str:
        return text if aliases is None else places.schema(aliases, text)

    question: Question = {
        "action": named(found("s:Header/a:Action")),
        "resource": named(found("s:Header/w:ResourceURI")),
    }
    wql, context = found(".//w:Filter"), found(".//n:EnumerationContext")
    if wql:
        question["wql"] = wql if aliases is None else places.wql(aliases, wql)
    if context:
        question["context"] = context if aliases is None else shaped(aliases, context)
    size = found(".//w:MaxElements") or found(".//n:MaxElements")
    if size:
        question["max_elements"] = size
    for name, values in (("selectors", _selectors(root)), ("arguments", _arguments(root))):
        if values:
            question[name] = {key: one if aliases is None else treated(aliases, "", key, one) for key, one in values}
    return question


def message_id(body: bytes) -> str:
    """The id of a message, which its answer relates to; empty where there is none."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return ""
    return root.findtext("s:Header/a:MessageID", "", _SOAP).strip()


def _selectors(root: Element) -> list[tuple[str, str]]:
    return [(one.get("Name", ""), one.text or "") for one in root.iterfind("s:Header/w:SelectorSet/w:Selector", _SOAP)]


def _arguments(root: Element) -> list[tuple[str, str]]:
    bodies = root.iterfind("s:Body/*", _SOAP)
    return [
        (wsman.local(child.tag), child.text or "")
        for body in bodies
        if wsman.local(body.tag).endswith("_INPUT")
        for child in body
    ]
