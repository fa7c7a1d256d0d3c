"""In which rhythm runs come, and where one is missing. A pure function of their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

ENOUGH = 3
"""Gaps between runs from which a rhythm can be told."""
LATE = 1.5
"""Times the rhythm from which on a run is missing."""
SHORTEST = timedelta(minutes=10)
"""A rhythm below that is somebody at a keyboard."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Runs that should have been and were not."""

    number: int
    after: datetime
    """The run before them."""
    before: datetime
    """The run after them; of the last gap, now."""
    still: bool
    """Whether there was none since."""


def rhythm(moments: Sequence[datetime]) -> timedelta | None:
    """How often runs come: the middle of the gaps; None where too few tell.

    Args:
        moments: of the runs, in the order in which they were kept.
    """
    gaps = [gap for gap in _gaps(moments) if gap > timedelta(0)]
    if len(gaps) < ENOUGH:
        return None
    found = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    return found if found >= SHORTEST else None


def missed(moments: Sequence[datetime], every: timedelta, now: datetime) -> Iterator[Missed]:
    """Where runs are missing. A clock that went back leaves a gap that nobody can tell the length of."""
    for after, before in zip(moments, [*moments[1:], now], strict=True):
        gap = before - after
        if gap > every * LATE:
            number = max(1, round(gap / every) - 1)
            yield Missed(number, after, before, still=before is now)


def _gaps(moments: Sequence[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(moments)]
