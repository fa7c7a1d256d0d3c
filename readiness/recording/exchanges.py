"""One exchange as a recording tells it: what was asked, what was answered, or why nothing was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from readiness import documents
from readiness.aliases import Aliases, shaped
from readiness.errors import SourceError
from readiness.recording import places, questions
from readiness.recording.bodies import redacted_json
from readiness.recording.outline import json_place, unreadable, xml_place
from readiness.recording.sentences import own_words
from readiness.recording.xml import redacted_xml

_DATE = r"[A-Z][a-z]{2,8}, \d{1,2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})"
HEADERS = {
    "content-type": re.compile(
        r"(?:application|text)/[A-Za-z0-9+.-]{1,40}"
        r"(?:; ?(?:charset|odata\.[a-z]{1,20}|IEEE754Compatible)=\"?[A-Za-z0-9-]{1,20}\"?){0,5}",
        re.IGNORECASE,
    ),
    "date": re.compile(_DATE),
    "retry-after": re.compile(rf"[0-9.]{{1,12}}|{_DATE}"),
    "request-id": re.compile(r"[0-9A-Fa-f-]{8,40}"),
    "x-ms-request-id": re.compile(r"[0-9A-Fa-f-]{8,40}"),
    "ratelimit-limit": re.compile(r"[0-9.]{1,12}"),
    "ratelimit-remaining": re.compile(r"[0-9.]{1,12}"),
    "ratelimit-reset": re.compile(r"[0-9.]{1,12}"),
    "x-ms-throttle-limit-percentage": re.compile(r"[0-9.]{1,12}"),
}
"""Headers of answers that are kept, and in which form."""
_OFFERS = ("Negotiate", "Kerberos", "NTLM", "Basic", "Bearer")
_NUMBER = re.compile(r"AADSTS\d{4,7}\b", re.ASCII)
_PROMISES = re.compile(r"[a-z]{1,20}(?:_[a-z]{1,20}){0,4}")


@dataclass(frozen=True, slots=True)
class Heard:
    """One exchange as the Guard saw it; `plain` is the question where it travelled sealed."""

    service: str
    request: Any = field(repr=False)
    plain: bytes | None = field(repr=False)
    started: str
    seconds: float
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    clock_skew_seconds: float | None = None
    simulated: bool = False
    failure: SourceError | None = None


def recorded(aliases: Aliases, heard: Heard) -> dict[str, Any]:
    """The exchange with aliases for names, as its file holds it."""
    url = heard.request.url or ""
    made: dict[str, Any] = {
        "half": questions.half_of(heard.service),
        "service": heard.service,
        "server": places.address(aliases, re.match(r"[a-z]+://[^/?#]*", url)[0]),  # type: ignore[index]
        "started": heard.started,
        "seconds": round(heard.seconds, 3),
        "question": questions.asked(heard.request, heard.plain, aliases),
    }
    if heard.failure is not None:
        return {**made, "failure": failed(aliases, heard.failure, urlsplit(url).hostname or "")}
    return {**made, "answer": _answer(aliases, heard, made["question"])}


def failed(aliases: Aliases, error: SourceError, server: str) -> dict[str, Any]:
    """Why there is no answer."""
    words = own_words(aliases, str(error), server)
    return {"reason": error.reason.value, "kind": type(error).__name__, "words": words}


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are kept; of what a server offers for signing in the names of the ways, and whether it asks for
    more claims."""
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    made = {name: lowered[name] for name, form in HEADERS.items() if name in lowered and form.fullmatch(lowered[name])}
    offered = lowered.get("www-authenticate", "")
    said = [name for name in _OFFERS if re.search(rf"(?:^|,)\s*{name}(?=\s|,|$)", offered[:4000], re.IGNORECASE)]
    if "insufficient_claims" in offered:
        said.append('error="insufficient_claims"')
    return {**made, "www-authenticate": ", ".join(said)} if said else made


def _answer(aliases: Aliases, heard: Heard, question: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": heard.status, "headers": kept_headers(heard.headers)}
    if heard.clock_skew_seconds is not None:
        answer["clock_skew_seconds"] = heard.clock_skew_seconds
    if heard.simulated:
        answer["simulated"] = True
    if heard.service == questions.OTHER:
        return answer
    if heard.service == questions.SIGN_IN and not questions.is_discovery(heard.request):
        return {**answer, **_sign_in(heard.body)}
    return {**answer, **_body(aliases, heard, question)}


def _sign_in(body: bytes) -> dict[str, Any]:
    """Of an answer to a sign-in only how it ended."""
    try:
        found = documents.parse(body)
    except ValueError:
        return {"unreadable": {"bytes": len(body)}}
    if not isinstance(found, dict):
        return {"unreadable": {"bytes": len(body)}}
    error, said = found.get("error"), str(found.get("error_description") or "")
    if error is None:
        return {"json": {"access_token": "(not recorded)"} if "access_token" in found else {}}
    numbers = _NUMBER.findall(said[:4000])[:1]
    word = error if isinstance(error, str) and _PROMISES.fullmatch(error) else "another_error"
    return {"json": {"error": word, **({"error_description": numbers[0]} if numbers else {})}}


def _body(aliases: Aliases, heard: Heard, question: Mapping[str, Any]) -> dict[str, Any]:
    if not heard.body:
        return {}
    if heard.service == questions.WSMAN:
        entity = places.class_in(str(question.get("wql", ""))) or str(question.get("resource", "")).rpartition("/")[2]
        sent = heard.plain if heard.plain is not None else questions.sent(heard.request)
        text = redacted_xml(aliases, entity, heard.body, question=questions.message_id(sent), pretty=True)
        return (
            {"unreadable": unreadable(heard.body, xml_place(heard.body))} if text is None else {"xml": text.split("\n")}
        )
    try:
        found = documents.parse(heard.body)
        return {"json": _document(aliases, found, question)}
    except (ValueError, RecursionError):
        return {"unreadable": unreadable(heard.body, json_place(heard.body))}


def _document(aliases: Aliases, found: Any, question: Mapping[str, Any]) -> Any:
    asked = {number: one["place"] for number, one in questions.members(question)}
    if asked and isinstance(found, dict) and isinstance(found.get("responses"), list):
        return {"responses": [_member(aliases, one, asked) for one in found["responses"]]}
    return redacted_json(aliases, places.of_address(str(question.get("place", ""))), found)


def _member(aliases: Aliases, member: Any, asked: Mapping[str, str]) -> Any:
    """The answer of one member of a batch, its body by what it was asked for."""
    if not isinstance(member, dict):
        return redacted_json(aliases, "", member)
    number = member.get("id")
    entity = places.of_address(asked.get(str(number), ""))
    headers = member.get("headers")
    return {
        "id": number if str(number) in asked else shaped(aliases, str(number)),
        "status": redacted_json(aliases, "", member.get("status")),
        "headers": kept_headers(headers) if isinstance(headers, dict) else None,
        "body": redacted_json(aliases, entity, member.get("body")),
    }
