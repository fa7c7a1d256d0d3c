"""A clock that is set while an estate is read: the readings are told by the clock as it goes in the end.

By that clock they are judged. What lasted, lasted by a clock that nobody sets. That one stands still while a machine
sleeps, though, and what was read before then is old: a clock that leaps ahead was set only where a server's clock
shows it. What it does not show stays as old as it looks, and is `stale`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from readiness.evidence.parts import half_of
from readiness.model.facts import Fact
from readiness.model.reading import Reading

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
    last = [one.reading for one in every if not is_step(one.after)]
    return [_set_right(one, last) for one in every]


def _set_right(one: Timed, last: list[Reading[Fact]]) -> Reading[Fact]:
    reading = one.reading
    if is_step(one.after) and (one.after < timedelta(0) or _shown(one, last)):
        skew = reading.clock_skew_seconds
        behind = None if skew is None else round(skew - one.after.total_seconds(), 3)
        reading = replace(reading, started=reading.started + one.after, clock_skew_seconds=behind)
    return replace(reading, started=reading.started + one.during) if one.during < -MOST else reading


def _shown(one: Timed, last: list[Reading[Fact]]) -> bool:
    """Whether the server's clock shows that ours was set: since then it is as much further behind."""
    before = one.reading.clock_skew_seconds
    if before is None:
        return False
    half = half_of(one.reading.fact)
    now = [r.clock_skew_seconds for r in last if half_of(r.fact) is half and r.clock_skew_seconds is not None]
    return any(abs(before - skew - one.after.total_seconds()) < ALIKE.total_seconds() for skew in now)
