"""A recording that answers: the tape of `assess --replay`, in place of the network."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness import documents
from readiness.errors import EvidenceError, SourceError
from readiness.model.words import Reason
from readiness.recording import questions
from readiness.recording.folder import (
    CONFIGURATION,
    EXCHANGES,
    MANIFEST,
    MOST_BYTES_TOGETHER,
    MOST_FILES,
    read_file,
    read_manifest,
)
from readiness.recording.xml import MARK
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost
from readiness.sources.guard import SIMULATED_HEADER
from readiness.sources.retrying import retry_after
from readiness.sources.tape import Carry

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from readiness.sources.guard import Guard

TOKEN = "replayed-no-token-was-recorded"  # noqa: S105 - says that it is none
_UNREADABLE = b"{this answer could not be read when it was recorded"
MOST_DEPTH = 100
MOST_SKEW_SECONDS = 1e10
_SERVICES = (questions.SIGN_IN, questions.GRAPH, questions.WSMAN, questions.ADMINSERVICE, questions.OTHER)
_NOT_HELD = 421
"""Misdirected Request: how a member of a batch is told that the recording does not hold its answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a question ended: an answer or a failure; `whole` where that is the end of a whole batch."""

    answer: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None
    whole: bool = False

    @property
    def status(self) -> int:
        return int(self.answer["status"]) if self.answer is not None else 0


@dataclass(slots=True)
class _Held:
    """What the recording holds for one question, in the order of time."""

    outcomes: list[Outcome] = field(default_factory=list)
    given: int = 0

    def next(self) -> Outcome:
        """The next one; the last one again and again. What led to a sign-in is passed over where it did."""
        real = [one for one in self.outcomes if one.status != 401] or self.outcomes
        outcome = real[min(self.given, len(real) - 1)]
        self.given += 1
        return outcome


class Replay:
    """Answers as the recorded estate did. For any number of threads."""

    offline = True

    def __init__(self, exchanges: list[tuple[str, Mapping[str, Any]]], manifest: Mapping[str, Any]) -> None:
        self._ended = _endings(manifest)
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._any: dict[str, list[Outcome]] = {}
        self._skew: dict[str, float] = {}
        for _, exchange in exchanges:
            if "lost" not in exchange:
                self._index(exchange)

    def _index(self, exchange: Mapping[str, Any]) -> None:
        service, question = exchange["service"], exchange["question"]
        outcome = Outcome(exchange.get("answer"), exchange.get("failure"))
        self._any.setdefault(service, []).append(outcome)
        if outcome.answer is not None and "clock_skew_seconds" in outcome.answer:
            self._skew.setdefault(service, outcome.answer["clock_skew_seconds"])
        asked = questions.members(question)
        if not asked:
            self._put(service, question, outcome)
            return
        body = (outcome.answer or {}).get("json")
        answers = body.get("responses") if outcome.status == 200 and isinstance(body, dict) else None
        found = (
            {str(one.get("id")): one for one in answers if isinstance(one, dict)} if isinstance(answers, list) else {}
        )
        for number, one in asked:
            if isinstance(answers, list):
                member = found.get(number)
                self._put(service, one, Outcome(member if member is None else _alone(outcome.answer or {}, member)))
            else:
                self._put(service, one, Outcome(outcome.answer, outcome.failure, whole=True))

    def _put(self, service: str, question: Mapping[str, Any], outcome: Outcome) -> None:
        self._held.setdefault(questions.key_of(service, question), _Held()).outcomes.append(outcome)

    def carry(self, guard: Guard, request: PreparedRequest, carry: Carry) -> Response:  # noqa: ARG002 - never
        """What was answered to this question, or the failure. Nothing is sent."""
        service = questions.service_of(request.url or "")
        question = questions.asked(request, None, None)
        with self._lock:
            asked = questions.members(question)
            outcome = self._batch(service, asked) if asked else self._outcome(service, question)
        if outcome.failure is not None:
            raise _failure(outcome.failure)
        answer = outcome.answer or {}
        guard.clock_skew_seconds = self._skew.get(service)  # one for all: which answer is the latest one is chance
        guard.simulated = guard.simulated or answer.get("simulated") is True
        guard.retry_after_seconds = retry_after(answer.get("headers") or {})
        return _response(request, service, answer)

    def _outcome(self, service: str, question: Mapping[str, Any]) -> Outcome:
        held = self._held.get(questions.key_of(service, question))
        if held is not None:
            return held.next()
        return self._instead(service, question)

    def _instead(self, service: str, question: Mapping[str, Any]) -> Outcome:
        """What a question comes to that the recording does not hold."""
        known = self._any.get(service, [])
        if known and service in (questions.WSMAN, questions.ADMINSERVICE) and all(map(_is_no_answer, known)):
            return known[-1]  # nothing was ever let in: what became of the connection is what it comes to
        if service == questions.SIGN_IN and self._any.get(questions.GRAPH):
            # The sign-in host was not asked: the token was that of a machine of Azure.
            kind = {"content-type": "application/json"}
            return Outcome({"status": 200, "headers": kind, "json": {"access_token": ""}})
        ended = self._ended.get(questions.half_of(service))
        if ended is not None and not self._spoke(service):
            return Outcome(failure=_never_asked(ended))
        return Outcome(failure=_not_held(service, question))

    def _spoke(self, service: str) -> bool:
        """Whether the half of this service was asked anything but to let us in."""
        half = questions.half_of(service)
        return any(one != questions.SIGN_IN and questions.half_of(one) == half for one in self._any)

    def _batch(self, service: str, asked: list[tuple[str, questions.Question]]) -> Outcome:
        """The answers of the members, each by itself."""
        members: list[dict[str, Any]] = []
        base: Mapping[str, Any] = {}
        for number, question in asked:
            outcome = self._outcome(service, question)
            if outcome.whole:
                return outcome
            if outcome.failure is not None:
                members.append(_missing(number, outcome.failure))
            elif outcome.answer is not None:
                base = outcome.answer
                body = outcome.answer.get("json")
                headers = outcome.answer.get("headers")
                members.append({"id": number, "status": outcome.status, "headers": headers, "body": body})
        kept = {name: base[name] for name in ("simulated",) if name in base}
        headers = {"content-type": "application/json"}
        return Outcome({**kept, "status": 200, "headers": headers, "json": {"responses": members}})


def _is_no_answer(outcome: Outcome) -> bool:
    return outcome.failure is not None or outcome.status == 401


def _alone(batch: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a member as that of a question by itself."""
    kept = {name: batch[name] for name in ("simulated",) if name in batch}
    status = member.get("status")
    return {
        **kept,
        "status": status if isinstance(status, int) else 0,
        "headers": {"content-type": "application/json", **(member.get("headers") or {})},
        "json": member.get("body"),
    }


def _not_held(service: str, question: Mapping[str, Any]) -> dict[str, Any]:
    said = question.get("wql") or question.get("place") or question.get("action") or ""
    words = f"the recording does not hold an answer of {service} to this question: {said}"
    return {"reason": Reason.BAD_ANSWER.value, "kind": "SourceError", "words": words}


def _endings(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Why the connection to each half could not be read, where it could not."""
    first = {"Organization": questions.TENANT, "SiteProvider": questions.SITE}
    readings = manifest.get("readings")
    return {
        first[one["fact"]]: one["reason"]
        for one in (readings if isinstance(readings, list) else [])
        if isinstance(one, dict) and _said(one, "fact") in first and _said(one, "reason") in set(Reason)
    }


def _said(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    return value if isinstance(value, str) else ""


def _never_asked(reason: str) -> dict[str, Any]:
    words = "when this was recorded, nothing was asked: signing in had failed before"
    return {"reason": reason, "kind": "SourceError", "words": words}


def _missing(number: str, failure: Mapping[str, Any]) -> dict[str, Any]:
    error = {"code": "NotRecorded", "message": failure["words"]}
    return {"id": number, "status": _NOT_HELD, "headers": {}, "body": {"error": error}}


def _failure(failure: Mapping[str, Any]) -> SourceError:
    words = str(failure["words"])
    if failure["kind"] == ConnectionLost.__name__:
        return ConnectionLost(words)
    return SourceError(Reason(failure["reason"]), words)


def _response(request: PreparedRequest, service: str, answer: Mapping[str, Any]) -> Response:
    from requests import Response

    response = Response()
    response.status_code = int(answer["status"])
    response.headers.update(answer.get("headers") or {})
    if answer.get("simulated") is True:
        response.headers[SIMULATED_HEADER] = "replay"
    response._content = _body(request, service, answer)
    response.url, response.request = request.url or "", request
    return response


def _body(request: PreparedRequest, service: str, answer: Mapping[str, Any]) -> bytes:
    if "unreadable" in answer:
        return _UNREADABLE
    if "xml" in answer:
        text = "\n".join(answer["xml"])
        return text.replace(f">{MARK}<", f">{questions.message_id(questions.sent(request))}<").encode()
    if "json" not in answer:
        return b""
    found = answer["json"]
    if service == questions.SIGN_IN and isinstance(found, dict) and "access_token" in found:
        found = {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN}
    return json.dumps(found).encode()


class Still(Deadline):
    """A deadline on a clock that stands: what was waited for when it was recorded need not be waited for again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, monotonic=lambda: 0.0)

    def wait(self, seconds: float) -> bool:
        return seconds < self.remaining


def load(folder: Path) -> tuple[dict[str, Any], list[tuple[str, Mapping[str, Any]]]]:
    """Manifest and exchanges of a recording, every file proven and held against what this tool writes.

    Raises:
        EvidenceError: naming the file and the place.
    """
    manifest = read_manifest(folder)
    place = folder / MANIFEST
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise EvidenceError(f"{place}: files: is no table of names and digests")
    if len(files) > MOST_FILES:
        raise EvidenceError(f"{place}: files: more than {MOST_FILES}")
    if CONFIGURATION not in files:
        raise EvidenceError(f"{place}: files: {CONFIGURATION} is missing")
    exchanges, together = [], 0
    for name in sorted(files):
        data = read_file(folder, name, files[name])
        together += len(data)
        if together > MOST_BYTES_TOGETHER:
            raise EvidenceError(f"{folder / name}: the files together are larger than {MOST_BYTES_TOGETHER >> 20} MiB")
        if name.startswith(EXCHANGES):
            exchanges.append((name, _exchange(folder / name, data)))
    _must_be_of_one_estate(place, manifest, exchanges)
    return manifest, exchanges


def _must_be_of_one_estate(
    place: Path, manifest: Mapping[str, Any], exchanges: list[tuple[str, Mapping[str, Any]]]
) -> None:
    """Refuse a recording whose manifest and answers tell differently whether the estate was a simulated one."""
    if any("lost" in exchange for _, exchange in exchanges):
        return  # what was lost may have told
    simulated = any((exchange.get("answer") or {}).get("simulated") is True for _, exchange in exchanges)
    if manifest.get("demo") is not simulated:
        raise EvidenceError(f"{place}: demo: is not what the exchanges say of the estate, simulated or not")


def _exchange(path: Path, data: bytes) -> Mapping[str, Any]:
    try:
        found = documents.parse(data)
    except ValueError as error:
        raise EvidenceError(f"{path}: not JSON as this tool writes it: {error}") from error
    problem = _problem(found)
    if problem is not None:
        raise EvidenceError(f"{path}: {problem}")
    checked: Mapping[str, Any] = found
    return checked


def _problem(found: Any) -> str | None:
    """What of an exchange no recorder can have written, and where."""
    if not isinstance(found, dict) or found.get("service") not in _SERVICES:
        return "is no exchange of a service that this tool speaks to"
    if _is_deep(found):
        return f"is nested more than {MOST_DEPTH} deep"
    if isinstance(found.get("lost"), str):
        return None
    if not isinstance(found.get("question"), dict):
        return "question: is no object"
    answer, failure = found.get("answer"), found.get("failure")
    if (answer is None) == (failure is None):
        return "holds neither an answer nor a failure, or both"
    return _bad_answer(answer) if answer is not None else _bad_failure(failure)


def _is_deep(found: Any) -> bool:
    """Whether it is nested deeper than any answer: whoever walks through it may rely on that."""
    level = [found]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _bad_answer(answer: Any) -> str | None:
    if not isinstance(answer, dict) or type(answer.get("status")) is not int or not 100 <= answer["status"] <= 599:
        return "answer.status: is no status of HTTP"
    headers = answer.get("headers")
    if not isinstance(headers, dict) or not all(isinstance(one, str) and one.isprintable() for one in headers.values()):
        return "answer.headers: is no table of texts"
    if not all(map(_is_answer, _members_of(answer.get("json")))):
        return "answer.json.responses: holds what is no answer"
    lines = answer.get("xml", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return "answer.xml: is no list of lines"
    skew = answer.get("clock_skew_seconds", 0.0)
    is_number = isinstance(skew, int | float) and not isinstance(skew, bool)
    return (
        None if is_number and abs(skew) < MOST_SKEW_SECONDS else "answer.clock_skew_seconds: is no time between clocks"
    )


def _members_of(body: Any) -> list[Any]:
    """The answers of the members, where it is that of a batch."""
    members = body.get("responses") if isinstance(body, dict) else None
    return members if isinstance(members, list) else []


def _is_answer(member: Any) -> bool:
    """Whether a member of a batch can be taken apart; what is none at all is for the client to judge."""
    headers = member.get("headers") if isinstance(member, dict) else None
    return headers is None or (isinstance(headers, dict) and all(isinstance(one, str) for one in headers.values()))


def _bad_failure(failure: Any) -> str | None:
    if not isinstance(failure, dict) or not all(isinstance(failure.get(name), str) for name in ("kind", "words")):
        return "failure: is no failure"
    return None if failure.get("reason") in set(Reason) else "failure.reason: is no reason of the contract"


def finished(folder: Path, manifest: Mapping[str, Any]) -> datetime:
    """When the recording ended: the time by which it is judged. Raises `EvidenceError`."""
    try:
        found = datetime.fromisoformat(manifest["finished"])
    except (KeyError, ValueError, TypeError) as error:
        raise EvidenceError(f"{folder / MANIFEST}: finished: is no time in ISO 8601") from error
    if found.utcoffset() != timedelta(0):
        raise EvidenceError(f"{folder / MANIFEST}: finished: is not in UTC")
    return found


def person(manifest: Mapping[str, Any]) -> str | None:
    """The alias of the person who signed in, where one did."""
    name = manifest.get("person")
    return name if isinstance(name, str) and name.isprintable() else None
