"""Gathers what concurrent readers ask for into as few exchanges as may be.

A reader is a plain function that asks and waits. Once every running reader waits, nothing more can be asked, so what
has been asked so far is sent together: that makes full batches without a timer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline

Q = TypeVar("Q")
A = TypeVar("A")


class _Slot(Generic[Q, A]):
    def __init__(self, question: Q) -> None:
        self.question = question
        self.taken = False
        self.done = False
        self.answer: A | None = None
        self.error: BaseException | None = None


class Gatherer(Generic[Q, A]):
    """Collects questions of concurrent readers; `send` answers a list of them, in order, exceptions as values."""

    def __init__(self, send: Callable[[Sequence[Q]], Sequence[A | BaseException]], deadline: Deadline) -> None:
        self._send = send
        self._deadline = deadline
        self._changed = threading.Condition()
        self._expected = 0
        self._running = 0
        self._under_way = 0
        self._waiting: list[_Slot[Q, A]] = []

    def expect(self, readers: int) -> None:
        """How many readers are about to start, at the same time: nothing is sent before each has asked or ended."""
        with self._changed:
            self._expected = readers

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count the calling thread as a running reader."""
        with self._changed:
            self._expected = max(0, self._expected - 1)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def ask(self, question: Q) -> A:
        """The answer to one question, sent along with what others ask. Raises what the answer raises."""
        slot: _Slot[Q, A] = _Slot(question)
        with self._changed:
            self._waiting.append(slot)
            self._changed.notify_all()
            while not slot.done and not self._may_send(slot):
                self._wait()
            batch = [] if slot.done else self._take()
        if batch:
            self._answer(batch)
        if slot.error is not None:
            raise slot.error
        assert slot.done  # noqa: S101 - an internal truth, not a test of input
        return slot.answer  # type: ignore[return-value]

    def _wait(self) -> None:
        if not self._changed.wait(self._deadline.remaining):
            raise SourceError(Reason.TIMED_OUT, "the deadline of the scan passed while this waited to be asked")

    def _may_send(self, slot: _Slot[Q, A]) -> bool:
        """Whether every reader that could still ask is waiting."""
        asking = self._running - self._under_way
        return not slot.taken and self._expected == 0 and len(self._waiting) >= asking

    def _take(self) -> list[_Slot[Q, A]]:
        batch, self._waiting = self._waiting, []
        self._under_way += len(batch)
        for slot in batch:
            slot.taken = True
        return batch

    def _answer(self, batch: Sequence[_Slot[Q, A]]) -> None:
        try:
            answers = self._send([slot.question for slot in batch])
        except BaseException as error:  # whoever waits must be woken, whatever happened
            answers = [error] * len(batch)
        with self._changed:
            self._under_way -= len(batch)
            for slot, answer in zip(batch, answers, strict=True):
                slot.error = answer if isinstance(answer, BaseException) else None
                slot.answer = None if isinstance(answer, BaseException) else answer
                slot.done = True
            self._changed.notify_all()
