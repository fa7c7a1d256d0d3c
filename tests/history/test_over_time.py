"""Rhythm, missed nights, retention, trends: pure functions of what is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from readiness.history.retention import Aged, Retention
from readiness.history.rhythm import Missed, missed, rhythm
from readiness.history.runs import KeptOutcome
from readiness.history.trends import trends
from readiness.model.words import Level, Outcome
from tests.history.made import made
from tests.reports.conftest import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def nights(*days: float) -> list[datetime]:
    return [NOW + DAY * day for day in days]


@pytest.mark.parametrize(
    ("days", "every"),
    [
        ((0, 1, 2, 3), DAY),
        ((0, 1, 2, 9, 10, 11), DAY),
        ((0, 1, 2), None),
        ((0, 1, 1.01, 2, 3.02, 4), DAY * 0.99),
        ((0, 400, 1, 2, 3), DAY),
        ((0, 0.001, 0.002, 0.003), None),
    ],
    ids=["nightly", "a gap", "too few", "somebody looked in between", "the clock stepped", "at a keyboard"],
)
def test_the_rhythm_is_the_middle_of_the_gaps(days: tuple[float, ...], every: timedelta | None) -> None:
    found = rhythm(nights(*days))
    assert found == every or (found and every and abs(found - every) < HOUR)


def test_nights_without_a_run_are_told_with_their_number() -> None:
    found = list(missed(nights(0, 1, 4, 5), DAY, NOW + DAY * 5.5))
    assert found == [Missed(2, NOW + DAY, NOW + DAY * 4, still=False)]
    late = list(missed(nights(0, 1), DAY, NOW + DAY * 4))
    assert late == [Missed(2, NOW + DAY, NOW + DAY * 4, still=True)]


def test_a_clock_that_went_back_misses_no_night() -> None:
    assert list(missed(nights(10, 11, 2, 3), DAY, NOW + DAY * 3.2)) == []


def aged(*of: tuple[float, bool], estate: str = "one") -> list[Aged]:
    return [Aged(number, NOW + DAY * day, estate, whole) for number, (day, whole) in enumerate(of, start=1)]


def test_what_is_older_is_forgotten_and_so_is_what_is_too_many() -> None:
    kept = aged(*((day, True) for day in range(10)))
    assert Retention(DAY * 4, 100).forgotten(kept) == {1, 2, 3, 4, 5}
    assert Retention(DAY * 400, 3).forgotten(kept) == set(range(1, 8))


def test_the_last_whole_run_of_each_estate_is_never_forgotten() -> None:
    partial = aged((0, True), (1, True), *((day, False) for day in range(2, 60)))
    assert 2 not in Retention(DAY * 7, 5).forgotten(partial)
    assert 1 in Retention(DAY * 7, 5).forgotten(partial)
    other = [Aged(1, NOW, "other", True), *(Aged(n + 2, NOW + DAY * n, "one", True) for n in range(30))]
    assert 1 not in Retention(DAY * 7, 5).forgotten(other)


def test_a_clock_that_went_astray_for_a_night_forgets_nothing() -> None:
    kept = aged(*((day, True) for day in range(10)), (9000, True))
    assert Retention(DAY * 30, 1000).forgotten(kept) == frozenset()
    assert Retention(DAY * 30, 1000).forgotten([*kept, Aged(12, NOW + DAY * 10, "one", True)]) == frozenset()


def test_a_trend_says_since_when_and_how_often_it_changed() -> None:
    runs = [made(night).run for night in range(5)]
    runs = [type(run)(**{**{name: getattr(run, name) for name in run.__slots__}, "sequence": number})
            for number, run in enumerate(runs, start=1)]  # fmt: skip
    passed, failed = (KeptOutcome("a", one, Level.BLOCKER, None, "") for one in (Outcome.PASS, Outcome.FAIL))
    (found,) = trends(runs, {1: [passed], 2: [failed], 3: [], 4: [passed], 5: [passed]})
    assert found.outcomes == (Outcome.PASS, Outcome.FAIL, None, Outcome.PASS, Outcome.PASS)
    assert (found.changes, found.since) == (2, runs[3].judged)
