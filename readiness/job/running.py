"""The job that runs: how much time is left, and whether somebody asked it to stop.

A signal only leaves a note here: whoever reads or waits looks at it, ends, and what there is gets judged and written.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import Enum
from types import FrameType, TracebackType

from readiness.job.watchdog import Watchdog, end_now
from readiness.stopping import asking, on_signals

BEAT_SECONDS = 0.25
"""How often who waits looks whether it is to stop."""
STOP_SECONDS = 60.0
"""After a signal, for judging and writing what there is: a service manager kills after 90 seconds."""
RESERVE_SECONDS = 60.0
"""Of the deadline, what is kept for judging and writing; a quarter of it, where that is less."""
TELL_SECONDS = 10.0
"""Beyond its end, for telling people that a job hangs; a service manager waits so much longer."""
SAME_SECONDS = 1.0
"""A signal that follows another so soon says the same: a terminal that closes sends several, as systemd may."""


class Phase(Enum):
    """What the job does now."""

    BEGINNING = "beginning"
    """Nothing is read yet."""
    READING = "reading"
    WRITING = "writing"
    """Nothing is read any more: it is judged, written, kept and told."""


class Job:
    """One run, as a context: within it, signals are asked to wait until what there is was written.

    Args:
        seconds: for the whole job; None: as long as it takes.
        monotonic: the clock, injected by tests.
        end: ends the process at once, by an exit code and why; injected by tests.
    """

    def __init__(
        self,
        seconds: float | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        end: Callable[[str], None] | None = None,
    ) -> None:
        self.seconds = seconds
        self.phase = Phase.BEGINNING
        self.asked: str | None = None
        """The signal that asked to stop."""
        self._monotonic = monotonic
        self._begun = monotonic()
        self._asked_at = math.inf
        self.verdict: tuple[int, str] | None = None
        """The exit code and its words, once the run is written and kept: what hangs then does not change it."""
        self.last_words: Callable[[str], Sequence[str]] | None = None
        """Tells people that the job hangs, and why it ends; returns what the exit line says of that."""
        self._more = 0.0
        self._watchdog = Watchdog(self._overdue, end or self._end_now)
        self._around = ExitStack()

    def __enter__(self) -> Job:
        self._around.enter_context(on_signals(asking(), self._signal))
        _RUNNING.append(self)
        self._around.callback(_RUNNING.remove, self)
        self._watchdog.start()
        self._around.callback(self._watchdog.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._around.close()

    @property
    def left(self) -> float:
        """Seconds until the job must be over; infinite where nothing bounds it."""
        return max(0.0, self._end - self._monotonic())

    @property
    def left_for_reading(self) -> float:
        """Seconds until reading must be over."""
        if self.seconds is None:
            return math.inf
        reserve = min(RESERVE_SECONDS, self.seconds / 4)
        return max(0.0, self._begun + self.seconds - reserve - self._monotonic())

    @property
    def stopped(self) -> str | None:
        """What ends the reading now, as `Evidence.stopped` has it; None: nothing does."""
        if self.asked is not None:
            return f"stopped by {self.asked}"
        return "stopped by the deadline of the job" if self.left_for_reading <= 0 else None

    @property
    def _end(self) -> float:
        whole = math.inf if self.seconds is None else self._begun + self.seconds
        return min(whole, self._asked_at + STOP_SECONDS) + self._more

    def _signal(self, number: int, _frame: FrameType | None) -> None:
        """Leave a note; end at once where nothing was read yet, or who asked, asks again."""
        now = self._monotonic()
        if self.phase is Phase.BEGINNING or now - self._asked_at > SAME_SECONDS:
            raise KeyboardInterrupt
        if self.asked is None:
            self._asked_at, self.asked = now, signal.Signals(number).name

    def _end_now(self, why: str) -> None:
        if self.verdict is None:
            end_now("; ".join((why, *self._told(why))))
        else:
            end_now(f"{self.verdict[1]}; {why}", self.verdict[0])

    def _told(self, why: str) -> list[str]:
        """Have people told; that may hang as well, so it is not waited for any longer than this."""
        notes: list[str] = []
        tell, self._more = self.last_words, self._monotonic() - self._end + TELL_SECONDS
        if tell is not None:
            teller = threading.Thread(target=lambda: notes.extend(tell(why)), daemon=True)
            teller.start()
            teller.join(TELL_SECONDS)
        return notes

    def _overdue(self) -> str | None:
        """Why the process must end now, in words."""
        if self.left > 0:
            return None
        what = "anything was read" if self.phase is Phase.BEGINNING else "everything was written"
        what = what if self.verdict is None else "everybody was told"
        if self.asked is not None and self._asked_at + STOP_SECONDS <= self._monotonic():
            return f"{self.asked} asked to stop, and {STOP_SECONDS:.0f} seconds passed before {what}"
        return f"the deadline of the job ({self.seconds:g} seconds) passed before {what}"


_RUNNING: list[Job] = []


def left() -> float:
    """Seconds until the job that runs must be over; infinite where none runs, or nothing bounds it."""
    return _RUNNING[-1].left if _RUNNING else math.inf


def left_for_reading() -> float:
    """Seconds until the job that runs must have read; infinite where none runs, or nothing bounds it."""
    return _RUNNING[-1].left_for_reading if _RUNNING else math.inf


def stopped() -> str | None:
    """What ends the reading of the job that runs, as `Evidence.stopped` has it; None: nothing does."""
    return _RUNNING[-1].stopped if _RUNNING else None


def enter(phase: Phase) -> None:
    """The job that runs, where one does, comes to this."""
    if _RUNNING:
        _RUNNING[-1].phase = phase


def pause(seconds: float) -> None:
    """Sleep; no longer than until the job that runs is stopped."""
    end = time.monotonic() + seconds
    while stopped() is None and (remains := end - time.monotonic()) > 0:
        time.sleep(min(remains, BEAT_SECONDS))


def settle(code: int, why: str) -> None:
    """The job that runs, where one does, has its verdict, written and kept: only telling of it is left."""
    if _RUNNING:
        _RUNNING[-1].verdict = code, why


def at_the_end(last_words: Callable[[str], Sequence[str]]) -> None:
    """Should the job that runs hang, and have to be ended, people are told so by this."""
    if _RUNNING:
        _RUNNING[-1].last_words = last_words
