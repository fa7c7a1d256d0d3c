"""The faults that a scenario declares, each taken as often as it says."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness.lab.journal import ServerName
from readiness.lab.scenario import Fault


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: float

    def befalls(self, server: ServerName, subject: str) -> bool:
        pattern = self.fault.cls if server in ("wsman", "adminservice") else self.fault.path.strip("/")
        return self.left > 0 and self.fault.server == server and fnmatchcase(subject.lower(), pattern.lower())


class Faults:
    """Hands out faults, first declared first; safe to ask from every thread."""

    def __init__(self, declared: Iterable[Fault]) -> None:
        self._armed = [_Armed(fault, math.inf if fault.times is None else fault.times) for fault in declared]
        self._lock = threading.Lock()

    def take(self, server: ServerName, subject: str) -> Fault | None:
        """The fault that befalls a question about `subject` (a path or a class), if one does."""
        with self._lock:
            for armed in self._armed:
                if armed.befalls(server, subject):
                    armed.left -= 1
                    return armed.fault
        return None
