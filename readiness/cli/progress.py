"""The live line: what is being waited for. Only on a terminal; nothing of it in logs."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType

from readiness.model.facts import Fact
from readiness.model.reading import Reading

SLOW_SECONDS = 10.0
"""After this long on one reading, the line says which."""
BEAT_SECONDS = 0.2


def live_line(line: str) -> None:
    """Show this in place of what the live line showed; only for a terminal."""
    width = shutil.get_terminal_size().columns - 1
    sys.stderr.write(f"\r\x1b[2K{line[:width]}")
    sys.stderr.flush()


class Progress:
    """An observer of readings that keeps one line on stderr up to date, and takes it away in the end."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}
        self._done = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __call__(self, fact: str, reading: Reading[Fact] | None) -> None:
        with self._lock:
            if reading is None:
                self._since[fact] = time.monotonic()
            else:
                self._since.pop(fact, None)
                self._done += 1

    def __enter__(self) -> Progress:
        if self._shown:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._shown:
            self._thread.join()
            live_line("")

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            live_line(self._line())

    def _line(self) -> str:
        now = time.monotonic()
        with self._lock:
            waiting, done = dict(self._since), self._done
        slow = [f"{fact} ({now - since:.0f} s)" for fact, since in waiting.items() if now - since > SLOW_SECONDS]
        what = f"still waiting for {', '.join(slow)}" if slow else f"reading {', '.join(waiting)}"
        return f"{what}; {done} done" if waiting else ""
