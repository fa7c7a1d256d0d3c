"""The tape: what the Guard hands every exchange to, where one runs: a recorder, or a recording that answers.

It runs for the whole process and not for a parameter's holder: a session that is made while it runs cannot forget it.
So nothing is left out of a recording, and nothing reaches the network in a replay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from readiness.sources.guard import Guard

Carry = Callable[["PreparedRequest"], "Response"]
"""Carries out one exchange with the server."""


@dataclass(slots=True)
class Plain:
    """A message that travels sealed, as it was before and, once that is known, its answer."""

    question: bytes
    answer: bytes | None = None
    done: Callable[[Plain], None] | None = None
    """What the tape wants to be called once the answer was opened, or could not be."""


class Tape(Protocol):
    """Something that exchanges go through."""

    @property
    def offline(self) -> bool:
        """Whether it answers by itself: nobody signs in then, and nothing is sent."""
        ...

    def carry(self, guard: Guard, request: PreparedRequest, carry: Carry) -> Response:
        """One exchange that the rules allow; raises what `carry` raises."""
        ...


_LOCK = threading.Lock()
_RUNNING: list[Tape] = []
_PLAIN: ContextVar[Plain | None] = ContextVar("message in the clear", default=None)


@contextmanager
def running(tape: Tape) -> Iterator[None]:
    """Let every session that is made within the block go through this tape. One at a time."""
    with _LOCK:
        if _RUNNING:
            raise RuntimeError("a tape is running already")
        _RUNNING.append(tape)
    try:
        yield
    finally:
        _RUNNING.clear()


def running_tape() -> Tape | None:
    """The tape that runs, if one does."""
    return _RUNNING[0] if _RUNNING else None


@contextmanager
def in_the_clear(question: bytes) -> Iterator[Plain]:
    """Tell the tape what the exchanges of this thread carry sealed: the question, and the answer once it is opened."""
    plain = Plain(question)
    token = _PLAIN.set(plain)
    try:
        yield plain
    finally:
        _PLAIN.reset(token)
        if plain.done is not None:
            plain.done(plain)


def plain_message() -> Plain | None:
    """What the running exchange of this thread carries, where somebody told."""
    return _PLAIN.get()
