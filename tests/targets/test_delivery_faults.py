"""Whatever a ticket system does to what is sent, nothing is there twice, and "whole" is said only of what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from readiness.errors import TicketError, TicketRefusedError, TicketUnsureError
from readiness.model.ticket import TicketFile, TicketLimits, TicketState
from readiness.targets.delivery import Delivery, delivered
from readiness.targets.parcel import Phase, noted
from tests.targets.conftest import NO_WAIT, RUN, parcel

DONE, LOST, BUSY, REFUSED, DROPPED, DOWN = "done", "lost", "busy", "refused", "dropped", "down"
"""What becomes of a thing: taken; taken, and the answer lost; not taken, too busy; refused; taken and thrown away; the
system is gone."""


class Moody:
    """A record in memory whose system does with each thing what comes next."""

    flavour = "plain"
    note_limit = None

    def __init__(self, moods: Iterator[str], *, notes_shown: bool) -> None:
        self.files: list[str] = []
        self.notes: list[str] = []
        self._moods = moods
        self._shown = notes_shown

    def look(self) -> TicketState:
        return TicketState("x", tuple(self.files), "\n".join(self.notes) if self._shown else None)

    def limits(self) -> TicketLimits:
        return TicketLimits()

    def attach(self, file: TicketFile) -> None:
        self._take(self.files, file.name)

    def write(self, note: str) -> None:
        self._take(self.notes, note)

    def fetch(self, name: str, most_bytes: int) -> bytes:
        raise TicketError(f"no {name} of {most_bytes}")

    def close(self) -> None:
        pass

    def _take(self, where: list[str], what: str) -> None:
        mood = next(self._moods, DONE)
        if mood in (DONE, LOST):
            where.append(what)
        if mood in (LOST, BUSY):
            raise TicketUnsureError(mood)
        if mood == REFUSED:
            raise TicketRefusedError(mood)
        if mood == DOWN:
            raise TicketError(mood)


def again_and_again(record: Moody, times: int, phase: Phase | None) -> list[Delivery]:
    return [delivered(record, parcel(phase), NO_WAIT) for _ in range(times)]


@given(st.lists(st.sampled_from([DONE, LOST, BUSY, REFUSED, DROPPED, DOWN]), max_size=12), st.integers(1, 5))
def test_nothing_is_there_twice_and_whole_means_there(moods: list[str], times: int) -> None:
    """A note that was thrown away after it was taken looks, to the next delivery, like one that is not shown."""
    record = Moody(iter(moods), notes_shown=True)
    for done in again_and_again(record, times, None):
        if done.whole:
            assert set(record.files) == {f"readiness-{RUN}.html", f"readiness-{RUN}.json"}
            assert noted(RUN, "\n".join(record.notes)) or DROPPED in moods
    assert len(record.notes) <= 1
    assert max(Counter(record.files).values(), default=0) <= 1


def test_a_note_that_is_thrown_away_is_told_at_once() -> None:
    done = delivered(Moody(iter([DROPPED]), notes_shown=True), parcel(), NO_WAIT)
    assert (done.whole, "does not see it there" in done.parts[0].why) == (False, True)


@given(st.lists(st.sampled_from([DONE, REFUSED, DOWN]), max_size=8), st.integers(1, 5))
def test_where_notes_are_hidden_no_note_follows_a_file(moods: list[str], times: int) -> None:
    """Only a record without any file of the run is noted again."""
    record = Moody(iter(moods), notes_shown=False)
    for _ in range(times):
        held, before = len(record.files), len(record.notes)
        delivered(record, parcel(), NO_WAIT)
        assert not held or len(record.notes) == before
    assert max(Counter(record.files).values(), default=0) <= 1


@given(st.lists(st.sampled_from([LOST, BUSY, REFUSED, DOWN]), max_size=6))
def test_once_the_moods_are_over_a_delivery_is_whole(moods: list[str]) -> None:
    record = Moody(iter(moods), notes_shown=True)
    last = again_and_again(record, len(moods) + 1, Phase.PRE)[-1]
    assert last.whole
