"""A reading: one attempt to learn one fact; and evidence: the readings of one collection run."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from readiness.model.facts.base import Fact
from readiness.model.words import Half, Reason

F = TypeVar("F", bound=Fact, covariant=True)

EVIDENCE_SCHEMA = "readiness/evidence/v1"
_STOPPED = r"stopped by (?:SIG[A-Z]{2,6}|the deadline of the job)"
STOPPED = re.compile(rf"{_STOPPED}(?:, {_STOPPED})*")
"""What may stand in `Evidence.stopped`."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[F]):
    """One attempt to learn one fact: the value, or the reason why there is none.

    Exactly one of `value` and `reason` is set. A reading that contradicts itself cannot be made.
    """

    fact: str
    """Class name of the fact; the id of the reading."""
    started: datetime
    """UTC."""
    duration_seconds: float
    """How long it took."""
    value: F | None = None
    reason: Reason | None = None
    """Why there is no value, as a word of a closed list."""
    error: str | None = None
    """Why there is no value, in words for a person."""
    missing: tuple[str, ...] = ()
    """Permissions that the account lacks, where the answer names them."""
    source: str = ""
    """Endpoint, or namespace and class."""
    query: str | None = None
    """What exactly was asked."""
    identity: str | None = None
    """Who read: application or account."""
    scope: str | None = None
    """What that identity is known to see, where known."""
    rows: int | None = None
    """Of how many rows the fact was made."""
    request_id: str | None = None
    """Of the exchange, for the server's own logs."""
    clock_skew_seconds: float | None = None
    """The server's clock minus ours."""
    plugin: str | None = None
    """Package and version of the plugin whose reader this was; None: a reader of ours."""

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"reading {self.fact}: exactly one of value and reason is needed")
        if self.value is not None and type(self.value).__name__ != self.fact:
            raise ValueError(f"reading {self.fact}: the value is a {type(self.value).__name__}")
        if not (math.isfinite(self.duration_seconds) and self.duration_seconds >= 0):
            raise ValueError(f"reading {self.fact}: its duration is no length of time")
        if self.rows is not None and self.rows < 0:
            raise ValueError(f"reading {self.fact}: its number of rows is below none")
        if self.value is not None:
            self._must_fit(self.value)

    def _must_fit(self, value: Fact) -> None:
        if self.error is not None or self.missing:
            raise ValueError(f"reading {self.fact}: it has a value, and says why it has none")
        if self.rows is None:
            raise ValueError(f"reading {self.fact}: it has a value, but not of how many rows it was made")
        if not value.fits(self.rows):
            raise ValueError(f"reading {self.fact}: {self.rows} rows were read, which is not what the value holds")

    @property
    def available(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read, by whom and when; everything that judging needs."""

    tool_version: str
    """Of the program that read."""
    host: str
    """Name of the machine that read; of merged evidence the names of all, and so of version and site."""
    started: datetime
    """Of the first reading, UTC."""
    finished: datetime
    """Of the last reading, UTC."""
    demo: bool
    """True where the simulated estate answered."""
    partial: bool
    """True where a reading of a configured half is missing."""
    halves: tuple[Half, ...]
    """The halves that were configured."""
    tenant: str | None
    """The tenant as configured."""
    site: str | None
    """The site server as configured."""
    readings: tuple[Reading[Fact], ...]
    """One for each fact that was asked for."""
    redacted: str | None = None
    """The mark of the aliases that stand in it for names: other marks, other aliases. None: the names are real."""
    stopped: str | None = None
    """What ended the reading before it was through, in words; None: it was not ended. Of merged evidence: of any of
    the pieces."""

    def reading(self, fact: type[Fact]) -> Reading[Fact] | None:
        return next((reading for reading in self.readings if reading.fact == fact.__name__), None)
