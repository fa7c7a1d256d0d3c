"""What collecting makes of a reader that answers, and of one that contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.evidence import Estate, collect
from readiness.plugin import Evidence, Fact, Half, Hierarchy, Organization, Reading, Reason
from readiness.sources.deadline import Deadline
from readiness.sources.reader import Finding, Job
from tests.checks.builders import NOW, rows_of, whole_hierarchy


@dataclass
class Answering:
    """A source of the site that has this answer, made of so many rows."""

    value: Fact
    rows: int
    half: Half = Half.SITE
    identity: str = "who read"
    workers: int = 1
    simulated: bool = False

    def jobs(self, facts: frozenset[type[Fact]]) -> Sequence[Job]:
        job = Job(type(self.value), "a source", lambda: Finding(self.value, self.rows))
        return [job] if job.fact in facts else []

    def scope(self, readings: Sequence[Reading[Fact]], /) -> str | None:
        return f"{len(readings)} readings"


def collected(rows: int, moments: Sequence[datetime] = ()) -> Evidence:
    clock = iter(moments)
    wanted: frozenset[type[Fact]] = frozenset({Hierarchy, Organization})
    source = Answering(whole_hierarchy(), rows)
    estate = Estate((source,), "station", None, "cm01.contoso.com")
    return collect(estate, wanted, Deadline(20), clock=lambda: next(clock, NOW).astimezone(UTC))


def test_what_a_reader_answers_is_kept_and_the_other_half_is_not_partial() -> None:
    found = collected(rows_of(whole_hierarchy()))
    assert [(one.fact, one.reason) for one in found.readings] == [
        ("Organization", Reason.NOT_CONFIGURED),
        ("Hierarchy", None),
    ]
    assert not found.partial


def test_a_reader_whose_rows_do_not_fit_is_a_bad_answer_and_not_the_end_of_the_scan() -> None:
    found = collected(3)
    reading = found.reading(Hierarchy)
    assert reading is not None
    assert reading.reason is Reason.BAD_ANSWER
    assert found.partial


@pytest.mark.parametrize("before", range(4))
def test_evidence_can_be_loaded_again_though_the_clock_was_set_back_meanwhile(before: int, tmp_path: Path) -> None:
    back = NOW - timedelta(hours=1)
    found = collected(4, [NOW] * before + [back] * (4 - before))
    bodies.save(found, tmp_path / "evidence.json")
    assert bodies.load(tmp_path / "evidence.json") == found
