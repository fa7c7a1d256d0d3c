"""What is being waited for while readings run, on the live line."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType

from readiness.cli.live import LIVE
from readiness.model.facts import Fact
from readiness.model.reading import Reading

SLOW_SECONDS = 10.0
"""After this long on one reading, the line says which, and from where."""
BEAT_SECONDS = 0.2
_SPELT = {"Edr": "EDR", "Entra": "Entra", "Intune": "Intune"}
"""Words of the names of facts that are not written small."""


class Progress:
    """An observer of readings that keeps the live line up to date, and takes it away in the end.

    Args:
        hosts: from where each fact is read, by its name.
        monotonic: a clock, in seconds.
    """

    def __init__(self, hosts: Mapping[str, str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._hosts = hosts
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}
        self._done = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True) if LIVE.possible else None

    def __call__(self, fact: str, reading: Reading[Fact] | None) -> None:
        with self._lock:
            if reading is None:
                self._since[fact] = self._monotonic()
            else:
                self._since.pop(fact, None)
                self._done += 1

    def __enter__(self) -> Progress:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        LIVE.clear()

    def line(self) -> str:
        """How many were read, and what is read now; of what takes long, only that, with its host, the longest first."""
        now = self._monotonic()
        with self._lock:
            waiting, done = dict(self._since), self._done
        read = f"{done} of {len(self._hosts)} read"
        if not waiting:
            return read
        longest_first = sorted(waiting, key=waiting.__getitem__)
        slow = [fact for fact in longest_first if now - waiting[fact] >= SLOW_SECONDS]
        if slow:
            words = ", ".join(f"{in_words(fact)} from {self._hosts[fact]}" for fact in slow)
            return f"waiting {now - waiting[slow[0]]:.0f} s for {words}; {read}"
        return f"{read}; reading {', '.join(map(in_words, longest_first))}"

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            LIVE.show(self.line())


def in_words(fact: str) -> str:
    """The name of a fact, as people write it: `EdrPolicies` are EDR policies."""
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", fact)
    return " ".join(_SPELT.get(word, word.lower()) for word in words).replace("co management", "co-management")
