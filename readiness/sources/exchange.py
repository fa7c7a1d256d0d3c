"""The time and size that one exchange may take, and the clock that its sockets obey."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from readiness.sources.deadline import Deadline
from readiness.sources.route import DIRECT, Route

SLICE_SECONDS = 0.25
"""The longest single wait on a socket: how late a cancelled scan may notice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost.

    Attributes:
        connect_seconds: until the TCP connection stands, name look-up included; through a proxy, until it has connected
            us.
        exchange_seconds: from the first look-up to the last byte of the body.
        body_bytes: of the decoded body.
        measured: whether an answer must say how long it is. It need not where its status is all that counts.
    """

    connect_seconds: float = 10.0
    exchange_seconds: float = 60.0
    body_bytes: int = 32 * 1024 * 1024
    measured: bool = True


class Exchange:
    """One request and its whole answer, seen as time: ends with its own limit or the scan's deadline."""

    def __init__(
        self,
        limits: Limits,
        deadline: Deadline,
        monotonic: Callable[[], float] = time.monotonic,
        route: Route = DIRECT,
    ) -> None:
        self.limits = limits
        self.route = route
        self.certificate: bytes | None = None
        """The server's certificate (DER), once something was read over TLS."""
        self.socket: socket.socket | None = None
        """The connection in use."""
        self._deadline = deadline
        self._monotonic = monotonic
        self._started = monotonic()

    @property
    def remaining(self) -> float:
        """Seconds left; 0.0 once it is over."""
        own = self._started + self.limits.exchange_seconds - self._monotonic()
        return max(0.0, min(own, self._deadline.remaining))

    @property
    def expired(self) -> bool:
        return self.remaining <= 0.0

    @property
    def scan_expired(self) -> bool:
        """Whether it was the scan's deadline, not this exchange's own limit, that ended it."""
        return self._deadline.passed

    @property
    def connect_remaining(self) -> float:
        own = self._started + self.limits.connect_seconds - self._monotonic()
        return max(0.0, min(own, self.remaining))

    def next_wait(self) -> float:
        """How long the next wait may last. Raises `TimeoutError` once the exchange is over."""
        remaining = self.remaining
        if remaining <= 0.0:
            raise TimeoutError("the exchange took too long")
        return min(SLICE_SECONDS, remaining)

    def hang_up(self) -> None:
        """Close the connection for good, whoever still holds on to it; for an exchange that failed.

        A closed socket stays open as long as something reads from it, and the traceback of an error may hold that.
        """
        if self.socket is not None and self.socket.fileno() != -1:
            socket.close(self.socket.detach())

    @contextmanager
    def running(self) -> Iterator[Exchange]:
        """Let the sockets that this thread uses obey this exchange."""
        token = _RUNNING.set(self)
        try:
            yield self
        finally:
            _RUNNING.reset(token)


_RUNNING: ContextVar[Exchange | None] = ContextVar("running exchange", default=None)


def running_exchange() -> Exchange:
    """The exchange that this thread carries out. Guarded sockets work within one only."""
    exchange = _RUNNING.get()
    if exchange is None:
        raise RuntimeError("a guarded connection was used outside the Guard")
    return exchange
