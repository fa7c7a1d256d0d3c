"""A clock that is set while an estate is read: the readings are told by the clock as it goes in the end.

By that clock they are judged. What lasted, lasted by a clock that nobody sets. That one stands still while a machine
sleeps, though, and what was read before then is old: a clock that leaps ahead was set only where a server's clock
shows it. What it does not show stays as old as it looks, and is `stale`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from readiness.evidence.parts import half_of
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.words import Half

MOST = timedelta(seconds=5)
"""A clock that is set right by less changes nothing here: it only drifts."""
ALIKE = timedelta(minutes=1)
"""So well two measurements of a server's clock agree."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A reading, and how the clock was set while and after it was read."""

    reading: Reading[Fact]
    during: timedelta
    after: timedelta


def between(one: datetime, other: datetime) -> timedelta:
    """From one moment to another, in milliseconds: what files keep."""
    return timedelta(milliseconds=round((other - one) / timedelta(milliseconds=1)))


def is_step(by: timedelta) -> bool:
    """Whether a clock was set, and by so much that it matters."""
    return abs(by) > MOST


def tell(by: timedelta) -> None:
    """Say that the clock was set."""
    way = "forward" if by > timedelta(0) else "back"
    seconds = abs(by).total_seconds()
    logging.getLogger("readiness").warning(
        f"the clock of this machine went {way} by {seconds:.0f} seconds while it read: it was set, or the machine slept"
    )


def set_right(timed: Iterable[Timed]) -> list[Reading[Fact]]:
    """The readings, told by the clock as it is now."""
    every = list(timed)
    last = [one.reading for one in every if not is_step(one.after) and not is_step(one.during)]
    return [_set_right(one, last) for one in every]


def _set_right(one: Timed, last: list[Reading[Fact]]) -> Reading[Fact]:
    """A reading that ended before the clock was set, or while it was: then its server's clock was measured before
    that, or after."""
    reading, by = one.reading, one.after + one.during
    if not is_step(by):
        return reading
    measured = reading.clock_skew_seconds
    now = _last_measured(half_of(reading.fact), last)
    before = measured is not None and now is not None and _alike(measured - by.total_seconds(), now)
    if before or is_step(one.after):
        moved = None if measured is None else round(measured - by.total_seconds(), 3)
    else:
        moved = measured
    if by > timedelta(0) and not before:
        return reading
    return replace(reading, started=reading.started + by, clock_skew_seconds=moved)


def _last_measured(half: Half, last: list[Reading[Fact]]) -> float | None:
    """By how much a server's clock was ahead after ours was set."""
    measured = (r.clock_skew_seconds for r in last if half_of(r.fact) is half)
    return next((skew for skew in measured if skew is not None), None)


def _alike(one: float, other: float) -> bool:
    return abs(one - other) < ALIKE.total_seconds()
