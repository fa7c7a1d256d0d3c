"""A job to try things with, and a system that notes what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any

from readiness.scheduling.job import Job
from readiness.scheduling.running import Done

PLAIN = Job(
    name="readiness",
    at=time(6, 0),
    command=("/opt/readiness/bin/readiness", "scan", "--no-input", "--config", "/srv/readiness/readiness.toml"),
    folder="/srv/readiness",
    configuration="/srv/readiness/readiness.toml",
)


def job(**changed: Any) -> Job:
    return replace(PLAIN, **changed)


@dataclass
class Notes:
    """Stands for `systemctl`, `crontab` and `schtasks`: notes the calls, answers by their words."""

    answers: dict[str, Done] = field(default_factory=dict)
    """By the first words of a call, the longest first; anything else succeeds and says nothing."""
    calls: list[str] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)

    def __call__(self, words: Sequence[str], given: bytes = b"") -> Done:
        call = " ".join(words)
        self.calls.append(call)
        self.given.append(given)
        fits = [start for start in self.answers if call.startswith(start)]
        return self.answers[max(fits, key=len)] if fits else Done(0, b"", "")
