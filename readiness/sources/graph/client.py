"""Reads Microsoft Graph: batches, pages to the end, waits when told to, and says what an error means."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from readiness import documents
from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost
from readiness.sources.graph.errors import graph_failure
from readiness.sources.graph.gather import Gatherer
from readiness.sources.graph.rules import BATCH_LIMIT
from readiness.sources.graph.signin import SignIn

if TYPE_CHECKING:
    from requests import Response

    from readiness.sources.guard import GuardedSession

MAX_PAGES = 2000
MAX_TRIES = 6
LONGEST_PAUSE_SECONDS = 30.0
"""Cap of the growing pause where a throttled answer names none."""
WAIT_STATUSES = (429, 503, 504)


@dataclass(frozen=True, slots=True)
class Ask:
    """One GET: version, path with query, and the permissions that its reader declares."""

    version: str
    path: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one `Ask`."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pages:
    """All rows of a collection, or the one object of a path that is none."""

    rows: tuple[Mapping[str, Any], ...]
    query: str
    request_id: str | None
    clock_skew_seconds: float | None


class GraphClient:
    """Microsoft Graph, to be read by concurrent readers.

    Args:
        origin: as `https://graph.microsoft.com`.
        session: makes the guarded session when it is first needed.
        jitter: spreads the growing pauses; injected by tests.
    """

    def __init__(
        self,
        origin: str,
        sign_in: SignIn,
        session: Callable[[], GuardedSession],
        deadline: Deadline,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._origin = origin
        self._sign_in = sign_in
        self._open = session
        self._deadline = deadline
        self._jitter = jitter
        self._session: GuardedSession | None = None
        self._lock = threading.Lock()
        self.gatherer: Gatherer[Ask, Reply] = Gatherer(self._send, deadline)

    @property
    def simulated(self) -> bool:
        return self._session is not None and self._session.simulated

    def rows(self, version: str, path: str, permissions: tuple[str, ...]) -> Pages:
        """Every row of a collection, to its end.

        Raises:
            SourceError: refused, unreachable, throttled until time was up, or an answer that is no such collection.
        """
        rows: list[Mapping[str, Any]] = []
        seen = {path}
        reply = self._get(Ask(version, path, permissions))
        rows += _value(reply.body, path)
        while link := reply.body.get("@odata.nextLink"):
            following = self._relative(version, link)
            if following in seen or len(seen) >= MAX_PAGES:
                raise SourceError(Reason.BAD_ANSWER, f"the pages of {path} do not end")
            seen.add(following)
            reply = self._get(Ask(version, following, permissions))
            rows += _value(reply.body, path)
        skew = self._session.guard.clock_skew_seconds if self._session else None
        return Pages(tuple(rows), f"GET /{version}{path}", reply.headers.get("request-id"), skew)

    def _get(self, ask: Ask) -> Reply:
        reply = self.gatherer.ask(ask)
        if reply.status != 200:
            raise graph_failure(
                reply.status, reply.headers, reply.body, path=_bare(ask.path), permissions=ask.permissions
            )
        if not isinstance(reply.body, dict):
            raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered {_bare(ask.path)} with something else")
        return reply

    def _relative(self, version: str, link: Any) -> str:
        """The path of a next page. A link to another host or version is refused before anything is sent."""
        prefix = f"{self._origin}/{version}"
        if not isinstance(link, str) or not link.startswith(f"{prefix}/"):
            raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph names a next page that is somewhere else")
        return link.removeprefix(prefix)

    # Sending: what was gathered goes out in as few exchanges as may be, the versions side by side.

    def _send(self, asks: Sequence[Ask]) -> list[Reply | BaseException]:
        chunks = [
            chunk
            for version in dict.fromkeys(ask.version for ask in asks)
            for chunk in _chunks([index for index, ask in enumerate(asks) if ask.version == version])
        ]
        answers: list[Reply | BaseException] = [_unanswered()] * len(asks)

        def run(chunk: Sequence[int]) -> None:
            try:
                replies: Sequence[Reply | BaseException] = self._patiently([asks[index] for index in chunk])
            except Exception as error:  # one chunk that fails must not hide the others
                replies = [error] * len(chunk)
            for index, reply in zip(chunk, replies, strict=True):
                answers[index] = reply

        others = [threading.Thread(target=run, args=(chunk,), daemon=True) for chunk in chunks[1:]]
        for thread in others:
            thread.start()
        run(chunks[0])
        for thread in others:
            thread.join()
        return answers

    def _patiently(self, asks: Sequence[Ask]) -> list[Reply]:
        """Ask until every answer is final, waiting as long as the answers say and the deadline allows."""
        replies: dict[int, Reply] = {}
        open_ = list(range(len(asks)))
        for attempt in range(MAX_TRIES):
            answered = self._exchange([asks[index] for index in open_])
            replies.update(zip(open_, answered, strict=True))
            open_ = [index for index in open_ if replies[index].status in WAIT_STATUSES]
            if not open_:
                break
            pause = max(self._pause(replies[index], attempt) for index in open_)
            if attempt + 1 == MAX_TRIES or not self._deadline.wait(pause):
                break
        return [replies[index] for index in range(len(asks))]

    def _pause(self, reply: Reply, attempt: int) -> float:
        told = retry_after(reply.headers.get("retry-after"))
        if told is not None:
            return told
        longest = min(LONGEST_PAUSE_SECONDS, 0.5 * 2.0**attempt)
        return longest * (0.5 + self._jitter() / 2)

    def _exchange(self, asks: Sequence[Ask]) -> list[Reply]:
        version = asks[0].version
        if len(asks) == 1:
            response = self._request("GET", f"/{version}{asks[0].path}", None)
            return [Reply(response.status_code, _json(response), _lowered(response.headers))]
        members = [{"id": str(number), "method": "GET", "url": ask.path} for number, ask in enumerate(asks)]
        response = self._request("POST", f"/{version}/$batch", {"requests": members})
        body, headers = _json(response), _lowered(response.headers)
        if response.status_code != 200:
            return [Reply(response.status_code, body, headers)] * len(asks)
        return _members(body, len(asks), headers.get("request-id"))

    def _request(self, method: str, path: str, body: Any) -> Response:
        try:
            return self._once(method, path, body)
        except ConnectionLost:  # a kept-alive connection that the server had closed; reading again is harmless
            return self._once(method, path, body)

    def _once(self, method: str, path: str, body: Any) -> Response:
        token = self._sign_in.token()
        with self._lock:
            if self._session is None:
                self._session = self._open()
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": str(uuid.uuid4()),
        }
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return self._session.request(method, f"{self._origin}{path}", headers=headers, data=data)


def retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a Retry-After header in either of its forms; None where it says nothing usable."""
    if value is None:
        return None
    try:
        return max(0.0, float(value)) if value.strip().replace(".", "", 1).isdigit() else _until(value)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(value: str) -> float:
    moment = parsedate_to_datetime(value)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _chunks(indices: Sequence[int]) -> Iterable[Sequence[int]]:
    return [indices[start : start + BATCH_LIMIT] for start in range(0, len(indices), BATCH_LIMIT)]


def _unanswered() -> SourceError:
    return SourceError(Reason.BAD_ANSWER, "Microsoft Graph left a part of a $batch unanswered")


def _lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _json(response: Response) -> Any:
    """The document of an answer; None for an error answer that carries none."""
    try:
        if _is_json(response):
            return documents.parse(response.content)
    except ValueError as error:
        if response.status_code == 200:
            raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered with broken JSON") from error
    if response.status_code == 200:
        raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered with something that is no JSON")
    return None


def _is_json(response: Response) -> bool:
    return response.headers.get("Content-Type", "").split(";")[0].strip().lower() == "application/json"


def _members(body: Any, expected: int, request_id: str | None) -> list[Reply]:
    """The answers of a batch, in the order of the questions. Each must be there once."""
    found: dict[str, Reply] = {}
    try:
        for member in body["responses"]:
            headers = {"request-id": request_id or "", **_lowered(member.get("headers") or {})}
            reply = Reply(int(member["status"]), member.get("body"), headers)
            if found.setdefault(str(member["id"]), reply) is not reply:
                raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered a part of a $batch twice")
        return [found[str(number)] for number in range(expected)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unanswered() from error


def _value(body: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    rows = body.get("value")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered {_bare(path)} without a list of rows")
    return rows


def _bare(path: str) -> str:
    return path.split("?")[0]
