"""The numbers of the fault suite, and the server that nobody may contact."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.scanning import Scan


@dataclass
class Record:
    """What was tried so far, in all modules of this process."""

    exchanges: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    runs: int = 0
    false_passes: int = 0
    foreign: int = 0
    """Connections to the server that nobody may contact."""
    longest_seconds: float = 0.0

    def note(self, scan: Scan, broken: Sequence[str]) -> None:
        """Count a scan and the rules that it broke."""
        if scan.strike is None:
            return
        self.exchanges.add(scan.strike.target)
        self.faults.add(scan.strike.fault.name)
        self.runs += 1
        self.false_passes += sum(" passes, and " in words or " came to pass" in words for words in broken)
        self.longest_seconds = max(self.longest_seconds, scan.seconds)

    def __str__(self) -> str:
        return (
            f"fault suite: {len(self.exchanges)} exchanges faulted, {len(self.faults)} faults tried, {self.runs} runs, "
            f"{self.false_passes} false passes, {self.foreign} foreign hosts contacted, "
            f"longest run {self.longest_seconds:.1f} s"
        )


RECORD = Record()


class Canary:
    """A listening port that redirects and links name. Whoever connects is counted."""

    def __init__(self) -> None:
        self.port = 0
        self.contacts = 0
        self._closing = False

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @contextlib.contextmanager
    def listening(self) -> Iterator[Canary]:
        """Count while the block lasts."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port, self._closing = int(listener.getsockname()[1]), False
            thread = threading.Thread(target=self._count, args=(listener,), name="canary", daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self._closing = True
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                thread.join(5)

    def _count(self, listener: socket.socket) -> None:
        while True:
            listener.accept()[0].close()
            if self._closing:
                return
            self.contacts += 1
            RECORD.foreign += 1


CANARY = Canary()
"""Listens while the fixture `canary` is in use."""
