"""A clock that is set while an estate is read makes nothing older, younger or longer than it is; nor does it hang."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.assessment.readings import current
from readiness.evidence import Estate, collect
from readiness.evidence.clocks import by_server
from readiness.plugin import Collections, Evidence, Fact, Half, Hierarchy, Reading, Reason, SiteUpdates
from readiness.sources.deadline import Deadline
from readiness.sources.reader import Finding, Job
from tests.checks.builders import NOW, rows_of, whole_hierarchy

DAY = timedelta(days=1)


@dataclass
class Wall:
    """A clock that can be set, beside the one of a server that nobody sets. Both go on."""

    ahead: timedelta = timedelta(0)
    begun: float = field(default_factory=time.monotonic)

    def server(self) -> datetime:
        return NOW.astimezone(UTC) + timedelta(seconds=time.monotonic() - self.begun)

    def __call__(self) -> datetime:
        now = self.server() + self.ahead
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def set(self, by: timedelta) -> None:
        self.ahead += by


@dataclass
class Stepping:
    """A source of the site, of which three facts are read one after the other. The clock is set on the way."""

    wall: Wall
    by: timedelta
    when: str
    measures: bool = True
    half: Half = Half.SITE
    identity: str = "who read"
    workers: int = 1
    simulated: bool = False

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        known: dict[type[Fact], Callable[[], Finding[Fact]]] = {
            Hierarchy: self._hierarchy,
            SiteUpdates: self._updates,
            Collections: lambda: self._found(Collections(()), 0),
        }
        return [Job(fact, "a source", run) for fact, run in known.items() if fact in facts]

    def _hierarchy(self) -> Finding[Fact]:
        return self._found(whole_hierarchy(), rows_of(whole_hierarchy()))

    def _updates(self) -> Finding[Fact]:
        self.comes("before an answer")
        found = self._found(SiteUpdates(()), 0)
        self.comes("after an answer")
        return found

    def comes(self, moment: str) -> None:
        if self.when == moment:
            self.wall.set(self.by)

    def _found(self, value: Fact, rows: int) -> Finding[Fact]:
        ahead = self.wall.server() - self.wall()
        return Finding(value, rows, clock_skew_seconds=round(ahead.total_seconds(), 3) if self.measures else None)

    def scope(self, readings: Sequence[Reading[Fact]], /) -> str | None:
        return f"{len(readings)} readings"


FACTS: tuple[type[Fact], ...] = (Hierarchy, SiteUpdates, Collections)


def read(by: timedelta, when: str, *, measures: bool = True) -> tuple[Evidence, Wall]:
    """What is read while a clock that was wrong is set right."""
    wall = Wall(-by)
    source = Stepping(wall, by, when, measures)
    estate = Estate((source,), "station", None, "cm01.contoso.com")

    def observer(fact: str, reading: Reading[Fact] | None) -> None:
        if fact == "Hierarchy" and reading is not None:
            source.comes("between")

    started = time.monotonic()
    found = collect(estate, frozenset(FACTS), Deadline(20), clock=wall, observer=observer)
    assert time.monotonic() - started < 5
    return found, wall


@pytest.mark.parametrize("when", ["between", "before an answer", "after an answer"])
@pytest.mark.parametrize("by", [DAY, -DAY])
def test_nothing_lasts_longer_and_what_was_read_is_as_fresh_as_it_is_or_stale(
    by: timedelta, when: str, tmp_path: Path
) -> None:
    """While it waited for an answer the machine may have slept as well: then that is as old as it looks."""
    found, wall = read(by, when)
    assert found.finished >= found.started
    assert [0 <= one.duration_seconds < 5 for one in found.readings] == [True] * 3
    judged = current(found, FACTS, timedelta(hours=23), wall())
    stale = {fact for fact, one in judged.items() if one.reason is Reason.STALE}
    assert stale == ({SiteUpdates} if (by, when) == (DAY, "before an answer") else set())
    for reading in found.readings:
        if reading.fact not in {fact.__name__ for fact in stale}:
            assert abs(reading.started - wall()) < timedelta(seconds=5), reading.fact
            assert abs(by_server(reading) - wall.server()) < timedelta(seconds=5), reading.fact
    bodies.save(found, tmp_path / "evidence.json")
    assert bodies.load(tmp_path / "evidence.json") == found


def test_a_machine_that_slept_makes_nothing_younger() -> None:
    """No server's clock shows that ours was set: what was read before the leap is a day old, and says so."""
    found, wall = read(DAY, "between", measures=False)
    judged = current(found, FACTS, timedelta(hours=23), wall())
    assert [one.reason for one in judged.values()] == [Reason.STALE, None, None]


@pytest.mark.parametrize(("by", "way"), [(DAY, "forward"), (-DAY, "back")])
def test_it_is_told(by: timedelta, way: str, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("readiness").propagate = True
    with caplog.at_level(logging.WARNING, "readiness"):
        read(by, "between")
    assert f"the clock of this machine went {way} by 86400 seconds while it read" in caplog.text


def test_a_clock_that_is_right_is_not_spoken_of(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("readiness").propagate = True
    with caplog.at_level(logging.WARNING, "readiness"):
        read(timedelta(0), "between")
    assert caplog.text == ""
