"""Reads Microsoft Graph: batches, pages to the end, waits when told to, and says what an error means."""

from __future__ import annotations

import json
import random
import re
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost
from readiness.sources.graph import answers
from readiness.sources.graph.answers import Reply
from readiness.sources.graph.errors import graph_failure
from readiness.sources.graph.gather import Gatherer, Later
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause
from readiness.sources.graph.rules import BATCH_LIMIT, stays_below
from readiness.sources.graph.signin import SignIn

if TYPE_CHECKING:
    from requests import Response

    from readiness.sources.guard import GuardedSession

MAX_PAGES = 2000
SHORTEST_TOKEN = 16
"""A shorter one may stand in an answer by chance."""
_PLAIN = re.compile(r"[!-~]+")
"""Characters of a link that can be followed as it is written."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One GET: version, and path with query."""

    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Pages:
    """All rows of a collection, and what proves where they came from."""

    rows: tuple[Mapping[str, Any], ...]
    query: str
    request_id: str | None
    """Of the last page."""
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
        self._jitter = jitter
        self._session: GuardedSession | None = None
        self._lock = threading.Lock()
        self.gatherer: Gatherer[Ask, Reply] = Gatherer(
            self._send, deadline, group=lambda ask: ask.version, limit=BATCH_LIMIT
        )

    @property
    def simulated(self) -> bool:
        return self._session is not None and self._session.simulated

    def rows(self, version: str, path: str, permissions: tuple[str, ...]) -> Pages:
        """Every row of a collection, to its end.

        Args:
            permissions: any one of them is enough; the least first.

        Raises:
            SourceError: refused, unreachable, throttled until time was up, or an answer that is no such collection.
        """
        name = path.split("?")[0]
        rows: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        following = path
        while True:
            if following in seen or len(seen) >= MAX_PAGES:
                raise SourceError(Reason.BAD_ANSWER, f"the pages of {name} do not end")
            seen.add(following)
            reply = self.gatherer.ask(Ask(version, following))
            if reply.status != 200:
                raise graph_failure(reply.status, reply.headers, reply.body, path=name, permissions=permissions)
            rows += answers.rows(reply.body, name)
            link = self._following(version, reply.body.get("@odata.nextLink"), name)
            if link is None:
                break
            following = link
        skew = self._session.guard.clock_skew_seconds if self._session else None
        return Pages(tuple(rows), f"GET /{version}{path}", reply.request_id, skew)

    def _following(self, version: str, link: Any, name: str) -> str | None:
        """The path of the next page. A link to another place is refused before anything is sent."""
        if link is None:
            return None
        prefix = f"{self._origin}/{version}"
        path = link[len(prefix) :] if isinstance(link, str) and _PLAIN.fullmatch(link) else ""
        same = path.startswith("/") and link[: len(prefix)].lower() == prefix.lower()
        if not same or "#" in path or not stays_below(path.split("?")[0]):
            raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph names a next page of {name} that is somewhere else")
        return path

    # One exchange: what was gathered for one version goes out together.

    def _send(self, asks: Sequence[Ask], attempt: int) -> list[Reply | Later[Reply] | BaseException]:
        return [self._patiently(reply, attempt) for reply in self._exchange(asks)]

    def _patiently(self, reply: Reply | SourceError, attempt: int) -> Reply | Later[Reply] | SourceError:
        if isinstance(reply, SourceError) or reply.status not in WAIT_STATUSES or attempt + 1 >= MAX_TRIES:
            return reply
        return Later(pause(reply.headers, attempt, self._jitter), reply)

    def _exchange(self, asks: Sequence[Ask]) -> list[Reply | SourceError]:
        version = asks[0].version
        if len(asks) == 1:
            return [answers.reply(self._request("GET", f"/{version}{asks[0].path}", None))]
        members = [{"id": str(number), "method": "GET", "url": ask.path} for number, ask in enumerate(asks)]
        whole = answers.reply(self._request("POST", f"/{version}/$batch", {"requests": members}))
        return answers.members(whole, len(asks)) if whole.status == 200 else [whole] * len(asks)

    def _request(self, method: str, path: str, body: Any) -> Response:
        try:
            return self._once(method, path, body)
        except ConnectionLost:  # a kept-alive connection that the server had closed; reading again is harmless
            return self._once(method, path, body)

    def _once(self, method: str, path: str, body: Any) -> Response:
        token = self._sign_in.token()
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": str(uuid.uuid4()),
        }
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        response = self._opened().request(method, f"{self._origin}{path}", headers=headers, data=data)
        if len(token) >= SHORTEST_TOKEN and token.encode() in response.content:
            raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph repeated our access token, as no genuine answer does")
        return response

    def _opened(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session
