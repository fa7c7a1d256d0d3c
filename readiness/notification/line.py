"""The line to an address that takes messages over HTTP: one POST, through a Guard, and nothing else.

The address is a secret: whoever knows it may write there. It is in no message, no log and no exception of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException

from readiness.errors import NoticeError, SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost, GuardRefusal
from readiness.sources.guard import Limits, Rules, guarded_session
from readiness.sources.plain import require_plain
from readiness.sources.route import DIRECT, Route

_LIMITS = Limits(connect_seconds=10.0, exchange_seconds=30.0, body_bytes=1024 * 1024, measured=False)
_PASSING = (408, 429)
"""Statuses of a client's fault that another try may mend."""
_WITHOUT_ANSWER = (Reason.TIMED_OUT, Reason.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages go, and how to get there."""

    url: str = field(repr=False)
    origin: str
    """Scheme, host and port: all of it that anybody is told."""
    deadline: Deadline
    ca_bundle: Path | None = None
    route: Route = DIRECT


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes = field(repr=False)


class Line:
    """Posts to one address.

    Args:
        twice: whether the receiver may be sent the same message twice: it is told by a key that it is the same. Where
            it may not, what may have been taken is not sent again.
    """

    def __init__(self, address: Address, *, twice: bool) -> None:
        self._address = address
        self._twice = twice
        self._url = prepared(address.url)
        self._session = guarded_session(
            address.origin,
            _only(self._url),
            address.deadline,
            ca_bundle=address.ca_bundle,
            limits=_LIMITS,
            route=address.route,
            near=True,
        )

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one message.

        Raises:
            NoticeError: it was not accepted, or nobody knows.
        """
        sent = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8", **headers}
        try:
            response = self._session.request("POST", self._url, data=body, headers=sent)
        except GuardRefusal:
            raise NoticeError("the address is none that a message can be sent to") from None
        except SourceError as error:
            raise self._failed(error) from None  # what led to it may carry the address
        return self._heard(response.status_code, response.content)

    def close(self) -> None:
        self._session.close()

    def _heard(self, status: int, body: bytes) -> Answer:
        if 200 <= status < 300:
            return Answer(status, body)
        host = _host(self._address.origin)
        after = self._session.guard.retry_after_seconds
        if status in (*_PASSING, 503):
            raise NoticeError(f"{host} is too busy ({status})", again=True, after=after)
        if status >= 500:
            raise NoticeError(f"{host} failed ({status})", again=self._twice, after=after)
        raise NoticeError(f"{host} refused it ({status}{_MEANS.get(status, '')})")

    def _failed(self, error: SourceError) -> NoticeError:
        words = str(error).replace("; give it more with --timeout", "; give it more with [notify] timeout")
        words = self._without_address(words.replace("the time for the whole scan", "the time for all messages"))
        lost = isinstance(error, ConnectionLost) or error.reason is Reason.TIMED_OUT
        again = error.reason in _WITHOUT_ANSWER or lost
        return NoticeError(words, again=again and (self._twice or not lost))

    def _without_address(self, words: str) -> str:
        parts = urlsplit(self._url)
        for secret in (self._url, f"{parts.path}?{parts.query}", parts.query, parts.path):
            if len(secret) > 1:
                words = words.replace(secret, "***")
        return words


_MEANS = {
    401: ": the address is not, or no longer, one that may write there",
    403: ": the address is not, or no longer, one that may write there",
    404: ": there is nothing at this address, or no longer",
    410: ": there is nothing at this address any more",
    413: ": it is too large",
}


def prepared(url: str) -> str:
    """An address as it is sent.

    Raises:
        NoticeError: it is none. Without it: it is a secret.
    """
    request = PreparedRequest()
    try:
        request.prepare_url(url, None)
    except (RequestException, ValueError):
        raise NoticeError("the address is none that a message can be sent to") from None
    return request.url or ""


def _only(url: str) -> Rules:
    """What a request must be to pass."""

    def check(request: PreparedRequest) -> None:
        require_plain(request)
        if request.method != "POST" or request.url != url:
            raise GuardRefusal("another request than the message")

    return check


def _host(origin: str) -> str:
    return urlsplit(origin).netloc
