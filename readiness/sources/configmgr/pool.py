"""A few connections, borrowed by the threads that ask; the gate that tries a password once; patience."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import ProviderFault
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost, HostDown

WORKERS = 6
"""Readers at the same time, each on a connection that signs in for itself; far below WinRM's quotas per user."""

BACKOFF_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Waits before a throttled exchange is repeated."""

WAIT_SECONDS = 0.25
"""How late a waiting thread may notice that the scan was cancelled."""


class Closable(Protocol):
    """What the pool lends."""

    def close(self) -> None: ...


_FINAL_AT_FIRST = (Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.ACCESS_DENIED)

T = TypeVar("T", bound=Closable)
R = TypeVar("R")


class Gate:
    """Lets the first exchange go alone, and nobody after a refused sign-in: accounts lock.

    Until one exchange has succeeded, all others wait. A refused sign-in, a server that at the first try cannot be
    reached, does not answer or does not let us in, or one that is down, is final for this gate: every later call fails
    with the same words and touches no network. A connection that is dropped at the first try is tried once more.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._lock = threading.Lock()
        self._open = False
        self._dropped = False
        self._latch: SourceError | None = None

    def check(self) -> None:
        """Raise what closed the gate, if anything did."""
        if self._latch is not None:
            raise SourceError(self._latch.reason, str(self._latch))

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Carry out one exchange, alone if it is the first."""
        self.check()
        if self._open:
            with self._watching():
                yield
            return
        with _held(self._lock, self._deadline):
            self.check()
            with self._watching():
                yield
            self._open = True

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except ProviderFault:
            self._open = True  # the server answered, so it let us in
            raise
        except SourceError as error:
            first = error.reason in _FINAL_AT_FIRST and not self._open and not self._merely_dropped(error)
            if first or error.reason is Reason.SIGN_IN_FAILED or isinstance(error, HostDown):
                self._latch = error
            raise

    def _merely_dropped(self, error: SourceError) -> bool:
        """Whether a connection was dropped, for the first time: whoever asked asks anew by itself."""
        again, self._dropped = self._dropped, True
        return isinstance(error, ConnectionLost) and not again


class Pool(Generic[T]):
    """At most `size` transports; a thread that finds all of them lent waits, up to the deadline.

    A thread gets the transport back that it had before: who has signed in goes on at once, and no other thread takes
    that connection only to leave it to sign in again.
    """

    def __init__(self, make: Callable[[], T], size: int, deadline: Deadline) -> None:
        self._make = make
        self._deadline = deadline
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._size = size
        self._made = 0
        self._idle: dict[int, T] = {}

    def read(self, what: Callable[[T], R]) -> R:
        """Let `what` read on a transport of its own; once more on a new one if the server dropped the connection."""
        with _held(self._slots, self._deadline):
            try:
                return self._attempt(what, self._take())
            except ConnectionLost:
                # A transport never heals: the keys of its session are gone.
                return self._attempt(what, self._new())

    def close(self) -> None:
        """Close what is not lent."""
        with self._lock:
            idle, self._idle = list(self._idle.values()), {}
            self._made -= len(idle)
        for transport in idle:
            transport.close()

    def _take(self) -> T:
        with self._lock:
            own = self._idle.pop(threading.get_ident(), None)
            if own is not None:
                return own
            if self._idle and self._made >= self._size:
                return self._idle.pop(next(iter(self._idle)))
        return self._new()

    def _new(self) -> T:
        with self._lock:
            self._made += 1
        return self._make()

    def _attempt(self, what: Callable[[T], R], transport: T) -> R:
        try:
            result = what(transport)
        except ProviderFault:
            self._give_back(transport)
            raise
        except BaseException:
            with self._lock:
                self._made -= 1
            transport.close()
            raise
        self._give_back(transport)
        return result

    def _give_back(self, transport: T) -> None:
        with self._lock:
            self._idle[threading.get_ident()] = transport


class Line(Closable, Protocol):
    """A connection of a provider."""

    @property
    def simulated(self) -> bool:
        """Whether the simulated estate answered on it."""
        ...


L = TypeVar("L", bound=Line)


class Lines(Generic[L]):
    """All connections of one provider, behind its gate.

    Attributes:
        simulated: whether any answer came from the simulated estate.
    """

    def __init__(self, make: Callable[[], L], gate: Gate, size: int, deadline: Deadline) -> None:
        self.simulated = False
        self._gate = gate
        self._pool = Pool(make, size, deadline)

    def read(self, what: Callable[[L], R]) -> R:
        """Let `what` read on a connection of its own; see `Pool.read`."""

        def watched(line: L) -> R:
            try:
                return what(line)
            finally:
                self.simulated = self.simulated or line.simulated

        self._gate.check()
        return self._pool.read(watched)

    def close(self) -> None:
        """Close what is not lent."""
        self._pool.close()


def patiently(ask: Callable[[], R], deadline: Deadline, asked: Callable[[], float | None] = lambda: None) -> R:
    """Ask, and again where the server is throttled and the deadline allows the wait.

    Args:
        asked: how many seconds the server wants to be left alone, where it said so.
    """
    for seconds in BACKOFF_SECONDS:
        try:
            return ask()
        except SourceError as error:
            if error.reason is not Reason.THROTTLED or not deadline.wait(max(seconds, asked() or 0.0)):
                raise
    return ask()


@contextmanager
def _held(lock: threading.Lock | threading.Semaphore, deadline: Deadline) -> Iterator[None]:
    """Hold `lock`, waited for no longer than the deadline allows."""
    while not lock.acquire(timeout=min(WAIT_SECONDS, max(0.001, deadline.remaining))):
        if deadline.passed:
            raise SourceError(Reason.TIMED_OUT, "the time for the whole scan was over before it was our turn")
    try:
        yield
    finally:
        lock.release()
