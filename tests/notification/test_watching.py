"""What is news: nothing when nothing happened, each thing once when it did, and its end once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from readiness.history.errors import HistoryError
from readiness.history.notices import Notices
from readiness.history.runs import Kind
from readiness.model.differences import Difference
from readiness.model.notice import Message, NoticeKind
from readiness.model.settings import Overlay, Waiver
from readiness.model.words import Outcome, OverlayState, Reason
from readiness.notification.items import SOON, Told
from readiness.notification.watching import failed
from reports.waivers import SOON as SOON_IN_REPORTS
from tests.notification.nights import FAIL, PASS, Job, at, night

GOOD = {"a": PASS, "b": PASS}
OUT: dict[str, Outcome | Reason] = {"a": Reason.UNREACHABLE, "b": PASS}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job whose first night was told."""
    made = Job(tmp_path / "history.sqlite3")
    assert made.ran(night(0, GOOD)) is not None
    return made


def told(message: Message | None) -> list[tuple[Difference, str]]:
    assert message is not None
    return [(one.difference, one.id) for one in message.differences]


def test_the_first_night_says_once_that_the_watch_begins(tmp_path: Path) -> None:
    job = Job(tmp_path / "history.sqlite3")
    first = job.ran(night(0, GOOD))
    assert first is not None
    assert (first.kind, first.differences, first.against) == (NoticeKind.BEGUN, (), None)
    assert "the first run of its kind" in first.headline
    assert [job.ran(night(number, GOOD)) for number in (1, 2, 3)] == [None, None, None]


def test_a_change_is_told_once_and_again_when_it_comes_back(job: Job) -> None:
    broken, good = {"a": FAIL, "b": PASS}, GOOD
    came = [job.ran(night(number, what)) for number, what in enumerate([broken, broken, good, good, broken], 1)]
    assert told(came[0]) == told(came[4]) == [(Difference.BROKEN, "a")]
    assert told(came[2]) == [(Difference.REPAIRED, "a")]
    assert came[1] is came[3] is None
    assert came[0] is not None
    assert came[4] is not None
    assert (came[0].kind, came[0].worse, came[0].against) == (NoticeKind.CHANGED, True, night(0, GOOD).run.id)
    assert came[0].key != came[4].key


def test_a_long_outage_is_told_once_and_its_end_once(job: Job) -> None:
    """Why something does not answer may be another thing every night."""
    reasons = [Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.THROTTLED, Reason.UNREACHABLE]
    came = [job.ran(night(n, {"a": why, "b": PASS}, lost=why)) for n, why in enumerate(reasons, 1)]
    assert told(came[0]) == [(Difference.UNVERIFIABLE, "a")]
    assert came[1:] == [None, None, None]
    back = job.ran(night(9, GOOD))
    assert back is not None
    assert back.differences == ()
    assert [(one.id, one.words) for one in back.recovered] == [("a", "again as it was: pass")]
    assert job.ran(night(10, GOOD)) is None


def test_what_breaks_during_an_outage_is_told_at_once_and_not_with_its_end(job: Job) -> None:
    assert told(job.ran(night(1, OUT, lost=Reason.UNREACHABLE))) == [(Difference.UNVERIFIABLE, "a")]
    worse: dict[str, Outcome | Reason] = {**OUT, "b": FAIL}
    assert told(job.ran(night(2, worse, lost=Reason.UNREACHABLE))) == [(Difference.BROKEN, "b")]
    assert job.ran(night(3, worse, lost=Reason.UNREACHABLE)) is None
    end = job.ran(night(4, {"a": PASS, "b": FAIL}))
    assert end is not None
    assert ([one.id for one in end.recovered], end.differences) == (["a"], ())


def test_what_was_out_of_sight_and_is_broken_when_it_is_seen_again_is_told_as_broken(job: Job) -> None:
    job.ran(night(1, OUT, lost=Reason.UNREACHABLE))
    end = job.ran(night(2, {"a": FAIL, "b": PASS}))
    assert told(end) == [(Difference.BROKEN, "a")]
    assert end is not None
    assert end.recovered == ()


def test_an_outage_on_the_first_night_is_no_measure_for_long(tmp_path: Path) -> None:
    job = Job(tmp_path / "history.sqlite3")
    first = job.ran(night(0, OUT, lost=Reason.UNREACHABLE))
    assert first is not None
    assert first.kind is NoticeKind.BEGUN
    assert job.ran(night(1, OUT, lost=Reason.TIMED_OUT)) is None
    assert told(job.ran(night(2, GOOD))) == [(Difference.REPAIRED, "a")]
    assert job.ran(night(3, GOOD)) is None


def test_a_run_of_which_nothing_was_told_is_made_up_for_by_the_next(job: Job) -> None:
    """Killed between the keeping of a run and what is said of it."""
    job.keep(night(1, {"a": FAIL, "b": PASS}))
    assert told(job.ran(night(2, {"a": FAIL, "b": PASS}))) == [(Difference.BROKEN, "a")]
    assert job.ran(night(3, {"a": FAIL, "b": PASS})) is None


def test_the_same_run_is_told_of_once(job: Job) -> None:
    run = night(1, {"a": FAIL, "b": PASS})
    assert job.ran(run) is not None
    assert job.tells(run) is None


def test_runs_of_different_kinds_are_not_held_against_each_other(job: Job) -> None:
    other = night(1, GOOD)
    other = replace(other, run=replace(other.run, tenant="Fabrikam", configuration={}))
    message = job.ran(other)
    assert message is not None
    assert message.kind is NoticeKind.BEGUN
    assert job.ran(night(2, GOOD)) is None


def test_where_two_runs_cannot_be_compared_that_is_told_once(job: Job) -> None:
    kept = []
    for number in (1, -5, 2):
        job.keep(night(number, GOOD), Kind.ASSESS)
        kept.append(job.tells(night(number, GOOD)))
    first = kept[1]
    assert first is not None
    assert (first.kind, first.why) == (NoticeKind.IMPOSSIBLE, first.why)
    assert "before what it is held against" in (first.why or "")
    assert kept[2] is None


def test_an_assessment_of_old_evidence_is_no_measure_for_the_scans(job: Job) -> None:
    old = night(-5, {"a": FAIL, "b": PASS})
    job.keep(old, Kind.ASSESS)
    first = job.tells(old)
    assert first is not None
    assert first.kind is NoticeKind.BEGUN
    assert job.ran(night(1, GOOD)) is None


def test_a_measure_that_is_damaged_is_told_and_the_run_takes_its_place(job: Job) -> None:
    with job.store.connected(writes=True) as connection:
        connection.exec_driver_sql("UPDATE documents SET packed = x'00'")
    message = job.ran(night(1, GOOD))
    assert message is not None
    assert message.kind is NoticeKind.IMPOSSIBLE
    assert "damaged in the history" in (message.why or "")
    assert job.ran(night(2, GOOD)) is None
    assert told(job.ran(night(3, {"a": FAIL, "b": PASS}))) == [(Difference.BROKEN, "a")]


def test_a_waiver_that_ends_soon_is_told_once(job: Job) -> None:
    assert SOON == SOON_IN_REPORTS
    last = (at(night(20, GOOD)) + SOON).date()
    waiver = Waiver("a", "Ann", "Bea", "because", last)
    overlays = (Overlay("waiver", OverlayState.APPLIED, "a", None, last, waiver),)
    came = [job.ran(night(number, GOOD, overlays=overlays)) for number in (18, 19, 20, 21, 22)]
    assert [one is not None for one in came] == [True, False, True, False, False]  # the first: there is a new waiver
    assert came[2] is not None
    assert ([one.check for one in came[2].ending], came[2].differences) == (["a"], ())
    assert came[2].headline.startswith("Contoso")
    assert "1 waiver ends soon" in came[2].headline


def test_a_clock_that_steps_back_announces_no_end_again(job: Job) -> None:
    last = (at(night(20, GOOD)) + SOON).date()
    waiver = Waiver("a", "Ann", "Bea", "because", last)
    overlays = (Overlay("waiver", OverlayState.APPLIED, "a", None, last, waiver),)
    nights = [night(number, GOOD, overlays=overlays) for number in (19, 20, 21, 14, 15, 20, 22)]
    came = [job.ran(replace(one, run=replace(one.run, id=f"{one.run.id}-{n}"))) for n, one in enumerate(nights)]
    assert [one is not None for one in came] == [True, True, False, False, False, False, False]


def test_that_a_run_was_cut_short_is_told_once_and_its_end_once(job: Job) -> None:
    words = "stopped by the deadline of the job"
    nights = [night(n, OUT, lost=Reason.TIMED_OUT) for n in (1, 2)]
    cut = [job.ran(replace(one, run=replace(one.run, stopped=words))) for one in nights]
    assert cut[0] is not None
    assert (cut[0].kind, cut[0].why) == (NoticeKind.FAILED, words)
    assert told(cut[0]) == [(Difference.UNVERIFIABLE, "a")]
    assert cut[1] is None
    end = job.ran(night(3, GOOD))
    assert end is not None
    assert {one.id for one in end.recovered} == {"a", "job"}


def test_a_job_that_fails_is_told_once_per_cause_and_that_it_runs_again(job: Job) -> None:
    job.job = "job of a file"
    broken = replace(job.said[0], kind=NoticeKind.FAILED, key="other") if job.said[0] else None
    assert broken is not None

    def fails(cause: str) -> Message | None:
        made = replace(broken, key=f"{cause}-{len(job.said)}")
        job.said.append(None)
        return failed(job.store, "job of a file", made, Told("job", "job", "it runs again"), cause, ("webhook",))

    causes = ("disk", "disk", "secret", "secret", "disk", "secret")
    assert [fails(cause) is not None for cause in causes] == [True, False, True, False, False, False]
    end = job.ran(night(1, GOOD))
    assert end is not None
    assert [(one.id, one.words) for one in end.recovered] == [("job", "it runs again")] * 2
    assert job.ran(night(2, GOOD)) is None
    assert fails("disk") is not None


def test_what_is_told_waits_for_delivery_from_the_moment_it_is_recorded(job: Job) -> None:
    message = job.ran(night(1, {"a": FAIL, "b": PASS}))
    assert message is not None
    pending = Notices(job.store).pending(at(night(1, GOOD)))
    assert [one.channel for one in pending] == ["webhook", "webhook"]
    assert pending[1].key == message.key
    assert pending[1].message["headline"] == message.headline


def test_a_run_that_was_not_kept_cannot_be_told_of(job: Job) -> None:
    with pytest.raises(HistoryError, match="is not in the history"):
        job.tells(night(1, GOOD))


def test_what_was_recorded_in_another_form_is_as_if_nothing_had_been_told(job: Job) -> None:
    with job.store.connected(writes=True) as connection:
        connection.exec_driver_sql('UPDATE watched SET state = \'{"run": "x"}\'')
    assert told(job.ran(night(1, {"a": FAIL, "b": PASS}))) == [(Difference.BROKEN, "a")]


def test_weeks_of_quiet_nights_say_nothing(job: Job) -> None:
    assert all(job.ran(night(number, GOOD)) is None for number in range(1, 15))
    assert timedelta(days=14) == SOON
