"""When something was read, by two clocks: that of the machine that read, and that of the server that answered.

Two people read with two machines, and a third one judges. Each reading says by how much the server's clock differed
from the machine's; the server is the same one for all who read a fact, so its clock tells which reading is the newer.
How old a reading is, is told by both clocks: it is as old as the one, and as far ahead as the other, makes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from readiness.evidence.parts import half_of
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.words import Half

MEASURED_TO = timedelta(seconds=5)
"""A smaller difference is no more than the measuring: a Date header has whole seconds, and answers are on their way."""
WORTH_SAYING = timedelta(minutes=1)
"""From here on a report says that clocks disagree."""


def by_server(reading: Reading[Fact]) -> datetime:
    """When the reading began by the server's clock; by the machine's, where they agree or nothing is known of it."""
    ahead = _server_ahead(reading)
    return later(reading.started, ahead) if abs(ahead) > MEASURED_TO else reading.started


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment after this span, no further than there is time: evidence may claim any number."""
    try:
        return moment + span
    except OverflowError:
        return (datetime.max if span > timedelta(0) else datetime.min).replace(tzinfo=UTC)


def disagreement(readings: Iterable[Reading[Fact]]) -> str | None:
    """In words, how far the clocks of who read and of who answered were apart; None where not worth a word."""
    found: dict[tuple[Half, bool], timedelta] = {}
    for reading in readings:
        ahead = _server_ahead(reading)
        which = (half_of(reading.fact), ahead > timedelta(0))
        found[which] = max(found.get(which, timedelta(0)), abs(ahead))
    said = [
        f"of who read the {half} half was {in_words(found[half, behind])} {'behind' if behind else 'ahead of'} that of "
        "the server"
        for half in Half
        for behind in (False, True)
        if found.get((half, behind), timedelta(0)) > WORTH_SAYING
    ]
    return f"the clock {', and the clock '.join(said)}" if said else None


def in_words(span: timedelta) -> str:
    """A difference between clocks, in whole seconds: `2:00:00`."""
    return str(abs(span) - abs(span) % timedelta(seconds=1))


def _server_ahead(reading: Reading[Fact]) -> timedelta:
    try:
        return timedelta(seconds=reading.clock_skew_seconds or 0.0)
    except OverflowError:
        return timedelta.max if (reading.clock_skew_seconds or 0.0) > 0 else timedelta.min + timedelta.resolution
