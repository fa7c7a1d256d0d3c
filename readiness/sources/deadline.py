"""One deadline for the whole reading phase, shared by every source and worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Deadline:
    """The moment by which reading has ended, on a clock that never steps.

    Args:
        seconds: how long from now.
        monotonic: the clock, injected by tests.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.monotonic = monotonic
        """The clock, which every exchange of the scan obeys too."""
        self._end = monotonic() + seconds
        self._cancelled = threading.Event()

    @property
    def remaining(self) -> float:
        """Seconds left; 0.0 once it has passed or was cancelled."""
        return 0.0 if self._cancelled.is_set() else max(0.0, self._end - self.monotonic())

    @property
    def passed(self) -> bool:
        return self.remaining <= 0.0

    def restart(self) -> None:
        """Begin anew, after something that does not count: a person who had to sign in first."""
        self._end = self.monotonic() + self.seconds

    def cancel(self) -> None:
        """End all waiting now (Ctrl-C)."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Sleep; False, without sleeping, where the deadline would pass before `seconds` are over."""
        if seconds >= self.remaining:
            return False
        return not self._cancelled.wait(seconds)
