"""What `readiness history --json` writes, key by key: the schema of it is made from this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from readiness.history.rhythm import Missed
from readiness.history.runs import KeptRun
from readiness.history.trends import Trend

HISTORY_SCHEMA = "readiness/history/v1"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A waiver or an attestation that somebody should look after."""

    kind: str
    """`waiver` or `attestation`."""
    check: str
    subject: str | None
    """None: it is for the whole check."""
    expires: date
    """The last day on which it holds, UTC."""
    days: int
    """Until then, from the day of the last run on."""


@dataclass(frozen=True, slots=True)
class Overlays:
    """Waivers and attestations over time, as the last run has them."""

    ending: tuple[Ahead, ...]
    """Those that end within 14 days."""
    expired: tuple[Ahead, ...]
    unused: tuple[Ahead, ...]
    """Those that answer nothing."""


@dataclass(frozen=True, slots=True)
class History:
    """What there is to look back upon."""

    file: str
    """Where the history lies."""
    number: int
    """How many runs are kept."""
    runs: tuple[KeptRun, ...]
    """Those that were asked for, the newest first: the one that was kept last, whatever the clock said."""
    every_seconds: float | None
    """How often a run is expected; None where that cannot be told."""
    missed: tuple[Missed, ...]
    """Where runs are missing, the oldest first."""
    trends: tuple[Trend, ...]
    """Of the checks that were asked for; the oldest run first."""
    overlays: Overlays
