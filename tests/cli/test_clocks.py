"""Clocks that disagree: noticed, said where a reader sees it, and never a pass of evidence whose age is not told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.lab import Lab, load_scenario
from readiness.model.words import Half, Reason
from readiness.plugin import Evidence, Fact, Reading, ThreatDefenseConnectors
from tests.conftest import Estate, Program, Ran
from tests.properties.estates import of_half

Assess = Callable[..., Ran]


@dataclass(frozen=True)
class Read:
    """A healthy estate as it was read, by machines whose clocks were right."""

    config: Path
    whole: Evidence

    @property
    def now(self) -> datetime:
        return self.whole.finished


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    folder = tmp_path_factory.mktemp("estate")
    with Lab(load_scenario("ready")) as lab:
        lab.write(folder)
        served = Estate(lab, folder)
        yield Read(
            served.config, read_estate(configured({"config": served.config}, {}, connecting=True), served.secrets)
        )


def by_a_clock(evidence: Evidence, ahead: timedelta) -> Evidence:
    """The same, read at the same time by a machine whose clock was so far ahead."""

    def moved(reading: Reading[Fact]) -> Reading[Fact]:
        skew = round((reading.clock_skew_seconds or 0.0) - ahead.total_seconds(), 3)
        return replace(reading, started=reading.started + ahead, clock_skew_seconds=skew)

    return replace(
        evidence,
        started=evidence.started + ahead,
        finished=evidence.finished + ahead,
        readings=tuple(map(moved, evidence.readings)),
    )


@pytest.fixture
def assess(healthy: Read, program: Program, tmp_path: Path) -> Assess:
    """Judges pieces of evidence: `assess(one, other, later=timedelta(hours=3))`."""

    def run(*pieces: Evidence, later: timedelta = timedelta(0), options: tuple[str, ...] = ("--json",)) -> Ran:
        files = []
        for number, piece in enumerate(pieces):
            files.append(tmp_path / f"{number}.json")
            bodies.save(piece, files[-1])
        now = (healthy.now + later).isoformat()
        written = () if "--format" in options else ("--format", "none")
        return program("assess", *map(str, files), "--config", str(healthy.config), "--now", now, *options, *written)

    return run


HOURS = timedelta(hours=2)
AHEAD = "the clock of who read the tenant half was 2:00:00 ahead of that of the server"


def halves(healthy: Read, ahead: timedelta) -> tuple[Evidence, Evidence]:
    """Two halves, that of the tenant by a clock that is wrong."""
    return of_half(healthy.whole, Half.SITE), by_a_clock(of_half(healthy.whole, Half.TENANT), ahead)


def test_clocks_that_agree_are_not_spoken_of(healthy: Read, assess: Assess) -> None:
    ran = assess(*halves(healthy, timedelta(0)))
    assert (ran.code, ran.report["run"]["clocks"]) == (0, None)
    assert "clock" not in ran.err


def test_evidence_from_the_future_passes_nothing(healthy: Read, assess: Assess) -> None:
    """Read by a clock two hours ahead, and judged at once by one that is right."""
    ran = assess(*halves(healthy, HOURS))
    assert ran.code == 5
    assert ran.check("tenant-reachable")["reason"] == "stale"
    assert "in the future: its age cannot be told" in ran.check("tenant-reachable")["summary"]
    assert f"({AHEAD})" in ran.check("tenant-reachable")["summary"]
    stale = {one["id"] for one in ran.report["readings"] if one["reason"] == "stale"}
    resting = [check for check in ran.report["checks"] if stale & {*check["evidence"]}]
    assert resting
    assert [check["id"] for check in resting if check["outcome"] == "pass"] == []
    assert ran.check("site-reachable")["outcome"] == "pass"
    assert f"Warning: clocks disagree: {AHEAD}\n" in ran.err


def test_evidence_that_is_older_than_it_says_is_stale(healthy: Read, assess: Assess) -> None:
    """By its own clock it is 23 hours old; by the servers', 25."""
    ran = assess(*halves(healthy, HOURS), later=timedelta(hours=25))
    assert ran.check("tenant-reachable")["reason"] == "stale"
    assert "by the clock of the server" in ran.check("tenant-reachable")["summary"]


def test_where_both_clocks_make_it_fresh_it_counts_and_every_format_says_so(
    healthy: Read, assess: Assess, tmp_path: Path
) -> None:
    options = ("--format", "html,markdown,json", "--output", str(tmp_path / "out"))
    ran = assess(*halves(healthy, HOURS), later=timedelta(hours=3), options=options)
    assert ran.code == 0
    assert f"Clocks   {AHEAD}"[:60] in " ".join(ran.out.split("\n"))
    files = {file.suffix: file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir()}
    assert json.loads(files[".json"])["run"]["clocks"] == AHEAD
    assert f"<dt>Clocks disagree</dt><dd>{AHEAD}</dd>" in files[".html"]
    assert f"| Clocks disagree | {AHEAD} |" in files[".md"].replace("`", "")


def test_a_wrong_clock_does_not_let_an_older_reading_win(healthy: Read, assess: Assess) -> None:
    """Somebody read the whole an hour ago, by a clock two hours ahead, when nobody could reach the tenant."""
    tried = of_half(healthy.whole, Half.SITE).readings
    unreachable = replace(
        healthy.whole,
        started=healthy.whole.started - HOURS / 2,
        readings=tuple(replace(one, started=one.started - HOURS / 2) for one in map(_unreachable, tried)),
        partial=True,
    )
    wrong = by_a_clock(unreachable, HOURS)
    assert wrong.finished > healthy.whole.finished
    for order in ((healthy.whole, wrong), (wrong, healthy.whole)):
        ran = assess(*order, later=2 * HOURS)
        assert ran.check("tenant-reachable")["outcome"] == "pass"
        assert ran.report["run"]["clocks"] is None
        assert "which reading is the newer was told by the servers' clocks" in ran.err


def test_two_that_were_read_at_one_moment_and_disagree_prove_nothing(healthy: Read, assess: Assess) -> None:
    connectors = healthy.whole.reading(ThreatDefenseConnectors)
    assert connectors is not None
    assert connectors.value is not None
    gone = replace(connectors, value=ThreatDefenseConnectors(()), rows=0)
    kept = tuple(one for one in healthy.whole.readings if one.fact != connectors.fact)
    other = replace(healthy.whole, readings=(*kept, gone))
    for order in ((healthy.whole, other), (other, healthy.whole)):
        ran = assess(*order)
        check = ran.check("defender-connected")
        assert (ran.code, check["outcome"], check["reason"]) == (5, "unknown", "contradicting")
        assert "two readings of the same moment say different things" in check["summary"]


def _unreachable(reading: Reading[Fact]) -> Reading[Fact]:
    return reading if reading.available else replace(reading, reason=Reason.UNREACHABLE)
