"""Gathers what concurrent readers ask for into as few exchanges as may be.

A reader is a plain function that asks and waits. Once nobody is left who could still ask, what has been asked so far
is sent together: that makes full batches without a timer, and the same batches each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline

Q = TypeVar("Q", bound=Hashable)
A = TypeVar("A")

SLICE_SECONDS = 0.25
"""The longest single wait: how late a cancelled scan may notice."""


@dataclass(frozen=True, slots=True)
class Later(Generic[A]):
    """To be asked again after some time; `instead` is the answer where the deadline does not allow it."""

    seconds: float
    instead: A


Send = Callable[[Sequence[Q], int], Sequence[A | Later[A] | BaseException]]
"""One exchange: answers questions of one group, in their order. The number counts the tries, from 0."""


class _Slot(Generic[Q, A]):
    """One question on its way, and the readers that wait for its answer."""

    def __init__(self, question: Q) -> None:
        self.question = question
        self.readers: set[object] = set()
        self.outcome: A | BaseException | None = None
        self.done = False


class Gatherer(Generic[Q, A]):
    """Collects questions of concurrent readers, and sends each batch in a thread of its own.

    Args:
        send: one exchange. What it raises is the answer to all its questions.
        group: only questions of the same group travel together.
        limit: most questions of one exchange.
    """

    def __init__(
        self, send: Send[Q, A], deadline: Deadline, *, group: Callable[[Q], Hashable] = lambda _: None, limit: int = 20
    ) -> None:
        self._send = send
        self._deadline = deadline
        self._group = group
        self._limit = limit
        self._changed = threading.Condition()
        self._unfinished = 0
        self._workers = 0
        self._open: dict[Q, _Slot[Q, A]] = {}
        """Every question that waits or is under way: who asks the same joins it, and nothing is sent twice."""
        self._waiting: list[_Slot[Q, A]] = []
        self._aside: set[_Slot[Q, A]] = set()

    def expect(self, readers: int, workers: int) -> None:
        """How many readers are about to run, and how many of them at the same time.

        Each must run within `reader()`: nothing is sent before as many as can run have asked or ended.
        """
        with self._changed:
            self._unfinished = readers
            self._workers = workers

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Let the calling thread be one of the expected readers, until it ends."""
        try:
            yield
        finally:
            with self._changed:
                self._unfinished = max(0, self._unfinished - 1)
                self._dispatch()

    def ask(self, question: Q) -> A:
        """The answer to one question, sent along with what others ask. Raises what the answer raises.

        Raises:
            SourceError: the deadline passed first.
        """
        (outcome,) = self.ask_all((question,))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def ask_all(self, questions: Sequence[Q]) -> list[A | BaseException]:
        """The answers to several questions of one reader, asked at the same time; errors among them are returned.

        Raises:
            SourceError: the deadline passed first.
        """
        reader = object()
        with self._changed:
            slots = [self._slot(question, reader) for question in questions]
            self._dispatch()
            while not all(slot.done for slot in slots):
                self._wait(reader, slots)
        return [slot.outcome for slot in slots]  # type: ignore[misc]

    # Everything below that changes the state is called with the lock held.

    def _slot(self, question: Q, reader: object) -> _Slot[Q, A]:
        slot = self._open.get(question)
        if slot is None:
            slot = self._open[question] = _Slot(question)
            self._waiting.append(slot)
        slot.readers.add(reader)
        return slot

    def _wait(self, reader: object, slots: Sequence[_Slot[Q, A]]) -> None:
        if self._deadline.passed:
            for slot in slots:
                self._leave(slot, reader)
            raise SourceError(Reason.TIMED_OUT, "the deadline of the scan passed first; --timeout gives it longer")
        self._changed.wait(min(SLICE_SECONDS, self._deadline.remaining))

    def _leave(self, slot: _Slot[Q, A], reader: object) -> None:
        slot.readers.discard(reader)
        if not slot.readers and slot in self._waiting:
            self._waiting.remove(slot)
            del self._open[slot.question]

    def _dispatch(self) -> None:
        """Send what waits, if nobody is left who could still ask.

        Whose questions are under way could ask again soon, and is waited for; but not who has one that was put off.
        """
        held = {reader for slot in self._aside for reader in slot.readers}
        asking = {reader for slot in self._waiting for reader in slot.readers} - held
        if len(asking) < min(self._workers, self._unfinished) - len(held):
            return
        waiting, self._waiting = self._waiting, []
        for group in dict.fromkeys(self._group(slot.question) for slot in waiting):
            alike = [slot for slot in waiting if self._group(slot.question) == group]
            for start in range(0, len(alike), self._limit):
                self._start(alike[start : start + self._limit])

    def _start(self, batch: list[_Slot[Q, A]]) -> None:
        thread = threading.Thread(target=self._converse, args=(batch,), name="gathered questions", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system has no thread left
            self._settle(batch, [error] * len(batch))

    def _finish(self, slot: _Slot[Q, A], outcome: A | BaseException) -> None:
        self._aside.discard(slot)
        self._open.pop(slot.question, None)
        slot.outcome, slot.done = outcome, True

    def _settle(
        self, batch: Sequence[_Slot[Q, A]], answers: Sequence[A | Later[A] | BaseException]
    ) -> dict[_Slot[Q, A], Later[A]]:
        """Hand out what is final, all of it at once, and return what is to be asked again."""
        put_off: dict[_Slot[Q, A], Later[A]] = {}
        for slot, answer in zip(batch, answers, strict=True):
            if not isinstance(answer, Later):
                self._finish(slot, answer)
            elif answer.seconds < self._deadline.remaining:
                put_off[slot] = answer
                self._aside.add(slot)
            else:
                self._finish(slot, answer.instead)
        self._changed.notify_all()
        return put_off

    # What runs in the thread of a batch.

    def _converse(self, batch: Sequence[_Slot[Q, A]]) -> None:
        """Ask until every answer is final."""
        attempt = 0
        while batch:
            answers = self._answers(batch, attempt)
            with self._changed:
                put_off = self._settle(batch, answers)
                self._dispatch()
            if put_off and not self._deadline.wait(max(later.seconds for later in put_off.values())):
                self._give_up(put_off)
                return
            batch, attempt = list(put_off), attempt + 1

    def _answers(self, batch: Sequence[_Slot[Q, A]], attempt: int) -> Sequence[A | Later[A] | BaseException]:
        try:
            answers = self._send([slot.question for slot in batch], attempt)
            if len(answers) != len(batch):
                raise RuntimeError(f"{len(answers)} answers to {len(batch)} questions")  # noqa: TRY301 - a bug of ours
        except BaseException as error:  # whoever waits must be woken, whatever happened
            return [error] * len(batch)
        return answers

    def _give_up(self, put_off: dict[_Slot[Q, A], Later[A]]) -> None:
        with self._changed:
            for slot, later in put_off.items():
                self._finish(slot, later.instead)
            self._changed.notify_all()
            self._dispatch()
