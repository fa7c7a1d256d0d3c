"""The line to a ticket system. Besides it only messages (`readiness.notification`) are written over the network.

It goes through a Guard as every connection does (one origin, no redirect, times, sizes), with rules of its own: a list
of methods and paths per target, each named with its reason. What is not on the list is refused before it is sent.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response

from readiness.errors import SourceError, TicketError, TicketUnsureError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost, GuardRefusal
from readiness.sources.guard import Limits, Rules, guarded_session
from readiness.sources.plain import require_plain, stays_below
from readiness.sources.route import DIRECT, Route
from readiness.text import one_line

LONGEST_WAIT_SECONDS = 60.0
"""That a busy system may ask for. More is told to the person, who can come again."""
MOST_WORDS = 300
"""Of a server's own words that are repeated."""
_LIMITS = Limits(connect_seconds=10.0, exchange_seconds=60.0, body_bytes=32 * 1024 * 1024)
_BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a target may make: a method and a path, below the system's own."""

    method: str
    path: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Access:
    """Where a system is, and what signs in."""

    address: str
    """`https://host[:port]`, with a path where the system has one."""
    authorization: str = field(repr=False)
    """The value of the header; nothing else ever shows it."""
    who: str
    """Who signs in, for people: the key of the configuration, not the account."""
    deadline: Deadline
    ca_bundle: Path | None = None
    route: Route = DIRECT

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nothing may repeat, the longest first: the header, what stands behind its scheme, and the password."""
        given = self.authorization.partition(" ")[2]
        password = ""
        if self.authorization.startswith("Basic "):
            password = base64.b64decode(given).decode("utf-8", "replace").partition(":")[2]
        return tuple(one for one in (self.authorization, given, password) if one)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def base(self) -> str:
        """The path that every call is below; empty where there is none."""
        return urlsplit(self.address).path.rstrip("/")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is neither a refused sign-in, nor "busy", nor a fault of the server."""

    status: int
    body: bytes = field(repr=False)
    origin: str
    is_json: bool
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What its words may not repeat: some servers, and proxies, tell back what they were sent."""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        """The JSON that it carries.

        Raises:
            TicketError: it carries none: a sign-in page, a portal.
        """
        if not self.is_json:
            raise TicketError(
                f"{self.origin} answered with a page in place of data: a sign-in page, a proxy or a portal is in the "
                "way, or the address is not that of the system itself"
            )
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise TicketError(f"{self.origin} answered with JSON that cannot be read") from error

    @property
    def said(self) -> str:
        """What the server says about a refusal, in one line; empty where it says nothing that can be read."""
        try:
            found = json.loads(self.body) if self.is_json else None
        except (ValueError, RecursionError):
            return ""
        words = "; ".join(_words(found))
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return one_line(words, MOST_WORDS)


def _words(document: Any) -> list[str]:
    """Of ServiceNow: `error.message` and `error.detail`. Of Jira: `errorMessages` and `errors`."""
    if not isinstance(document, Mapping):
        return []
    error, errors, messages = (document.get(name) for name in ("error", "errors", "errorMessages"))
    said: list[Any] = list(messages) if isinstance(messages, list) else []
    for table, names in ((error, ("message", "detail")), (errors, tuple(errors or ()))):
        if isinstance(table, Mapping):
            said += [table.get(name) for name in names]
    return [words for words in said if isinstance(words, str) and words.strip()]


class Line:
    """Asks one ticket system, and tells it.

    Args:
        calls: all that may be said.
    """

    def __init__(self, access: Access, calls: Sequence[Call]) -> None:
        self.access = access
        self._session = guarded_session(
            access.origin,
            rules(access.base, calls),
            access.deadline,
            ca_bundle=access.ca_bundle,
            limits=_LIMITS,
            route=access.route,
        )

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """GET. A busy system is asked once more, after the time that it wants.

        Raises:
            TicketError: no usable answer.
        """
        for again in (True, False):
            try:
                return self._ask("GET", path, query, {}, None)
            except TicketUnsureError as error:
                if not again or not self.waited(error.after):
                    raise TicketError(str(error)) from error
        raise AssertionError("one of the two returned or raised")

    def send(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> Answer:
        """Write something. Never a second time by itself.

        Raises:
            TicketUnsureError: nobody knows whether it was done, or the system was too busy.
            TicketError: no usable answer, and nothing was done.
        """
        return self._ask(method, path, query, headers, content)

    def waited(self, seconds: float | None) -> bool:
        """Wait as long as the system asked; False, at once, where that is too long."""
        wanted = 1.0 if seconds is None else seconds
        return wanted <= LONGEST_WAIT_SECONDS and self.access.deadline.wait(wanted)

    def close(self) -> None:
        self._session.close()

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Answer:
        sent = {"Accept": "application/json", "Authorization": self.access.authorization, **headers}
        try:
            response = self._session.request(
                method, f"{self.access.address}{path}", params=dict(query or {}), data=content, headers=sent
            )
        except GuardRefusal as error:
            raise RuntimeError(str(error)) from error  # a bug of ours
        except SourceError as error:
            raise _failed(error, writing=content is not None) from error
        return self._heard(response)

    def _heard(self, response: Response) -> Answer:
        status, origin = response.status_code, urlsplit(self.access.address).netloc
        if status == 401:
            raise TicketError(
                f"{origin} did not accept the sign-in ({self.access.who}); it was tried once, because accounts lock"
            )
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        answer = Answer(status, response.content, origin, kind == "application/json", self.access.secrets)
        if status in _BUSY:
            raise _busy(answer, self._session.guard.retry_after_seconds)
        if status >= 500:
            raise TicketUnsureError(f"{origin} failed ({_told(answer)}): the server's own log says why")
        return answer


def rules(base: str, calls: Sequence[Call]) -> Rules:
    """What a request must be to pass: one of the calls, its path as written, a body only where it writes."""

    def check(request: PreparedRequest) -> None:
        require_plain(request)
        path = urlsplit(request.url or "").path
        below = path.removeprefix(base)
        listed = any(call.method == request.method and call.path.fullmatch(below) for call in calls)
        if not listed or not path.startswith(base) or not stays_below(path):
            raise GuardRefusal(f"{request.method} {one_line(path)}, which is no call of this target")
        if request.method == "GET" and request.body:
            raise GuardRefusal("a GET that carries something")

    return check


def declined(answer: Answer, what: str) -> str:
    """What a person is told of a refusal: what, the status, and the server's words."""
    return f"{what} ({_told(answer)})"


def _told(answer: Answer) -> str:
    return f"{answer.status}: {answer.said}" if answer.said else str(answer.status)


def _busy(answer: Answer, after: float | None) -> TicketUnsureError:
    wait = "" if after is None else f"; it asks to be left alone for {after:.0f} seconds"
    words = f"{answer.origin} is too busy to answer, or limits how often it is asked ({_told(answer)}){wait}"
    return TicketUnsureError(words, after)


def _failed(error: SourceError, *, writing: bool) -> TicketError:
    """What became of an exchange without an answer. What was never sent was not done."""
    words = str(error).replace("; give it more with --timeout", "; give it more with --timeout, or [attach] timeout")
    words = words.replace("the time for the whole scan", "the time for everything")
    sent = isinstance(error, ConnectionLost) or error.reason in (Reason.TIMED_OUT, Reason.BAD_ANSWER)
    return TicketUnsureError(words) if writing and sent else TicketError(words)
