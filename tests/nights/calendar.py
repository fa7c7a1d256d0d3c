"""Four hundred nights by a clock that does what clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

NIGHTS = 400
BEGIN = datetime(2027, 2, 15, 2, 0, tzinfo=UTC)
"""Before the year that has a 29 February: the nights go on until after it."""
DAY = timedelta(days=1)
SUMMER = (datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC))
"""The job runs at 3 in the morning by the clock on the wall: in summer at 1 UTC."""
TWICE, BACK, FORWARD = 120, 180, 300
"""The night with two runs; those on which the clock steps back by a week, and forward by a month."""
STEPS = {91: 2 * DAY, 150: 4 * DAY, TWICE: timedelta(hours=6), TWICE + 1: timedelta(hours=18), BACK: -7 * DAY,
         FORWARD: 31 * DAY}  # fmt: skip
"""How much later, by the clock, a run is than the one before, where that is not a day."""
MISSED = {91: 1, 150: 3, FORWARD: 30}
"""The nights without a run before a run, as far as anybody can tell by the clock."""


def moments() -> list[datetime]:
    """When each run ends, by the clock of the machine."""
    return list(_moments())


def _moments() -> Iterator[datetime]:
    day = BEGIN
    for night in range(NIGHTS):
        if night:
            day += STEPS.get(night, DAY)
        summer = SUMMER[0] <= day < SUMMER[1]
        yield day - timedelta(hours=summer) + timedelta(minutes=night * 37 % 16, seconds=night % 60)
