"""Reads Microsoft Graph: batches, pages to the end, waits when told to, and says what an error means."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost, HostDown
from readiness.sources.graph import answers
from readiness.sources.graph.answers import Reply
from readiness.sources.graph.errors import GraphRefusal, challenge
from readiness.sources.graph.gather import Gatherer, Later
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause
from readiness.sources.graph.questions import Ask, Outcome, Pages, Question, Walk, got
from readiness.sources.graph.rules import BATCH_LIMIT
from readiness.sources.graph.signin import SignIn

if TYPE_CHECKING:
    from requests import Response

    from readiness.sources.guard import GuardedSession

SHORTEST_TOKEN = 16
"""A shorter one may stand in an answer by chance."""


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
        self._answered = False
        self._down: SourceError | None = None
        self._lock = threading.Lock()
        self.gatherer: Gatherer[Ask, Reply] = Gatherer(self._send, deadline, group=_travels_with, limit=BATCH_LIMIT)

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
        return got(self.together([Question(version, path, rights=permissions)])[0])

    def together(self, questions: Sequence[Question]) -> list[Outcome]:
        """The answers to several questions of one reader, each to its end: page by page, all of them at the same time.
        What cannot be read is returned in its place.

        Raises:
            SourceError: the deadline passed first.
        """
        walks = [Walk(question, self._origin) for question in questions]
        while going := [walk for walk in walks if walk.outcome is None]:
            replies = self.gatherer.ask_all([walk.ask for walk in going])
            skew = self._session.guard.clock_skew_seconds if self._session else None
            for walk, reply in zip(going, replies, strict=True):
                walk.take(reply, skew)
        return [self._placed(walk.outcome) for walk in walks if walk.outcome is not None]

    def _placed(self, outcome: Outcome) -> Outcome:
        """Of a token that is of another cloud, also which cloud the tenant lives in, where that is known."""
        words = self._sign_in.elsewhere() if isinstance(outcome, GraphRefusal) and outcome.other_cloud else None
        if words is None:
            return outcome
        placed = SourceError(Reason.WRONG_TARGET, f"{outcome}; {words}")
        placed.request_id = outcome.request_id
        return placed

    # One exchange: what was gathered for one version goes out together.

    def _send(self, asks: Sequence[Ask], attempt: int) -> list[Reply | Later[Reply] | BaseException]:
        token = self._sign_in.token()
        return [self._patiently(reply, attempt, token) for reply in self._exchange(asks, token)]

    def _patiently(self, reply: Reply | SourceError, attempt: int, token: str) -> Reply | Later[Reply] | SourceError:
        if isinstance(reply, SourceError) or attempt + 1 >= MAX_TRIES:
            return reply
        wanted = challenge(reply.status, reply.headers, reply.body)
        if wanted is not None and self._sign_in.renewed(token, wanted.claims):
            return Later(0.0, reply)
        if reply.status not in WAIT_STATUSES:
            return reply
        return Later(pause(reply.headers, attempt, self._jitter), reply)

    def _exchange(self, asks: Sequence[Ask], token: str) -> list[Reply | SourceError]:
        version = asks[0].version
        if len(asks) == 1:
            return [self._alone(asks[0], token)]
        members = [_member(number, ask) for number, ask in enumerate(asks)]
        batch = Ask(version, "/$batch", body=json.dumps({"requests": members}))
        whole = answers.reply(self._request(batch, token))
        return answers.members(whole, len(asks)) if whole.status == 200 else [whole] * len(asks)

    def _alone(self, ask: Ask, token: str) -> Reply:
        kinds = (answers.JSON,) if ask.body is None else (answers.JSON, answers.STREAM)
        return answers.reply(self._request(ask, token), kinds)

    def _request(self, ask: Ask, token: str) -> Response:
        if self._down is not None:
            raise SourceError(self._down.reason, str(self._down))
        try:
            response = self._twice(ask, token)
        except SourceError as error:
            # A host that is down costs its time once, not once per reader.
            if isinstance(error, HostDown) or (error.reason is Reason.TIMED_OUT and not self._answered):
                self._down = error
            raise
        self._answered = True
        return response

    def _twice(self, ask: Ask, token: str) -> Response:
        try:
            return self._once(ask, token)
        except ConnectionLost:  # a kept-alive connection that the server had closed; reading again is harmless
            return self._once(ask, token)

    def _once(self, ask: Ask, token: str) -> Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": str(uuid.uuid4()),
            **dict(ask.headers),
        }
        if ask.body is not None:
            headers["Content-Type"] = "application/json"
        method, data = ("GET", None) if ask.body is None else ("POST", ask.body.encode())
        url = f"{self._origin}/{ask.version}{ask.path}"
        response = self._opened().request(method, url, headers=headers, data=data)
        if len(token) >= SHORTEST_TOKEN and token.encode() in response.content:
            raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph repeated our access token, as no genuine answer does")
        return response

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()

    def _opened(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session


def _travels_with(ask: Ask) -> Hashable:
    """A batch is of one version, and a POST goes alone."""
    return ask.version if ask.body is None else ask


def _member(number: int, ask: Ask) -> dict[str, Any]:
    member: dict[str, Any] = {"id": str(number), "method": "GET", "url": ask.path}
    return {**member, "headers": dict(ask.headers)} if ask.headers else member
