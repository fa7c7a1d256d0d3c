"""What a difference between two runs means; and when two cannot be compared at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.assessment.differing import differ
from readiness.model.changes import Changed
from readiness.model.differences import Difference
from readiness.model.report import CheckResult, Report, TargetDecision
from readiness.model.words import DecisionState, Level, Outcome, Reason
from tests.reports.conftest import ATTESTATION, WAIVER, rich

BLOCKER, ADVISORY, INFO = Level
PLAIN = next(check for check in rich().checks if not check.subjects and not check.waiver and not check.attestation)


def one(outcome: Outcome, level: Level = BLOCKER, **changes: object) -> Report:
    """A report of one check."""
    made = replace(PLAIN, outcome=outcome, level=level, declared_level=level, **changes)  # type: ignore[arg-type]
    return replace(rich(), checks=(made,), collections=())


def meant(before: Report, after: Report) -> list[tuple[Difference, bool]]:
    found = [one for one in differ(before, after).differences if one.what is Changed.CHECK]
    return [(one.difference, one.worse) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "difference", "worse"),
    [
        (one(Outcome.PASS), one(Outcome.FAIL), Difference.BROKEN, True),
        (one(Outcome.UNKNOWN), one(Outcome.FAIL), Difference.BROKEN, True),
        (one(Outcome.FAIL, ADVISORY), one(Outcome.FAIL), Difference.BROKEN, True),
        (one(Outcome.FAIL, waiver=WAIVER), one(Outcome.FAIL), Difference.BROKEN, True),
        (one(Outcome.PASS), one(Outcome.FAIL, ADVISORY), Difference.DEGRADED, True),
        (one(Outcome.NOT_APPLICABLE), one(Outcome.FAIL, INFO), Difference.DEGRADED, True),
        (one(Outcome.UNKNOWN, ADVISORY), one(Outcome.UNKNOWN), Difference.DEGRADED, True),
        (one(Outcome.PASS), one(Outcome.UNKNOWN), Difference.UNVERIFIABLE, True),
        (one(Outcome.FAIL), one(Outcome.UNKNOWN), Difference.UNVERIFIABLE, True),
        (one(Outcome.FAIL), one(Outcome.ERROR, INFO), Difference.UNVERIFIABLE, True),
        (one(Outcome.PASS), one(Outcome.BLOCKED, blocked_by=("x",)), Difference.UNVERIFIABLE, True),
        (one(Outcome.MANUAL, ADVISORY), one(Outcome.BLOCKED, blocked_by=("x",)), Difference.UNVERIFIABLE, True),
        (one(Outcome.MANUAL, attestation=ATTESTATION), one(Outcome.MANUAL), Difference.UNVERIFIABLE, True),
        (one(Outcome.FAIL), one(Outcome.PASS), Difference.REPAIRED, False),
        (one(Outcome.UNKNOWN), one(Outcome.PASS), Difference.REPAIRED, False),
        (one(Outcome.FAIL), one(Outcome.FAIL, waiver=WAIVER), Difference.REPAIRED, False),
        (one(Outcome.PASS), one(Outcome.NOT_APPLICABLE), Difference.CHANGED, False),
        (one(Outcome.UNKNOWN), one(Outcome.MANUAL), Difference.CHANGED, False),
    ],
)  # fmt: skip
def test_what_it_means_for_a_check(before: Report, after: Report, difference: Difference, worse: bool) -> None:
    assert meant(before, after) == [(difference, worse)]


@pytest.mark.parametrize("lost", [Outcome.UNKNOWN, Outcome.MANUAL, Outcome.ERROR, Outcome.BLOCKED])
@pytest.mark.parametrize("before", list(Outcome))
def test_to_lose_sight_of_something_is_never_good_news(before: Outcome, lost: Outcome) -> None:
    """Nothing seen is not good news: not even of what was broken."""
    for level in Level:
        assert Difference.REPAIRED not in [one for one, _ in meant(one(before), one(lost, level))] or before not in (
            Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE,
        )  # fmt: skip


def test_what_blocks_a_check_now_is_named() -> None:
    found = differ(one(Outcome.PASS), one(Outcome.BLOCKED, blocked_by=("site-reachable",)))
    assert [d.because for d in found.differences if d.what is Changed.CHECK] == [("site-reachable",)]


def test_two_equal_runs_differ_in_nothing() -> None:
    found = differ(rich(), rich())
    assert (found.sentence, found.differences, found.worse, found.incomparable) == ("nothing changed", (), False, None)


def test_the_worst_comes_first_and_is_counted() -> None:
    found = differ(rich(), replace(rich(), checks=tuple(map(spoiled, rich().checks))))
    assert found.worse
    assert [d.difference for d in found.differences] == sorted(
        (d.difference for d in found.differences), key=list(Difference).index
    )
    assert found.sentence.startswith("worse: ")


def spoiled(check: CheckResult) -> CheckResult:
    return replace(check, outcome=Outcome.FAIL, subjects=(), waiver=None) if check.outcome is Outcome.PASS else check


def test_collections_come_and_go_by_their_ids() -> None:
    def targets(*ids: str) -> Report:
        every = [TargetDecision(id_, f"name of {id_}", DecisionState.READY, 1, 1, ()) for id_ in ids]
        return replace(rich(), collections=tuple(every))

    found = {d.id: d.difference for d in differ(targets("A", "B"), targets("B", "C")).differences}
    assert found == {"A": Difference.WENT, "C": Difference.CAME}


def test_new_and_removed_checks_are_told_and_a_removed_pass_is_worse() -> None:
    few = replace(rich(), checks=rich().checks[1:])
    assert rich().checks[0].outcome is Outcome.PASS
    assert meant(rich(), few) == [(Difference.REMOVED_CHECK, True)]
    assert meant(few, rich()) == [(Difference.NEW_CHECK, False)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: replace(r, run=replace(r.run, tenant="Fabrikam")), "the tenant was"),
        (lambda r: replace(r, run=replace(r.run, demo=not r.run.demo)), "simulated estate"),
        (lambda r: replace(r, run=replace(r.run, redacted="0" * 16)), "aliases"),
        (lambda r: replace(r, run=replace(r.run, finished=r.run.finished - timedelta(1))), "this was read"),
        (lambda r: replace(r, checks=(replace(r.checks[0], id="other"),)), "they judged other checks"),
        (
            lambda r: replace(r, collections=(TargetDecision("Z", "Z", DecisionState.READY, 1, 1, ()),)),
            "they are about other collections",
        ),
    ],
)
def test_what_cannot_be_compared_says_why_and_nothing_else(change: Callable[[Report], Report], words: str) -> None:
    found = differ(rich(), change(rich()))
    assert found.incomparable is not None
    assert words in found.incomparable
    assert (found.differences, found.reservations, found.worse) == ((), (), False)


def test_a_clock_that_went_back_does_not_matter_where_the_order_is_known() -> None:
    back = replace(rich(), run=replace(rich().run, finished=rich().run.finished - timedelta(days=400)))
    assert differ(rich(), back).incomparable is not None
    assert differ(rich(), back, in_order=True).incomparable is None


def test_other_rules_rights_and_scope_are_said_before_anything_else() -> None:
    run = rich().run
    scope = {**run.configuration, "scope": {"collections": ["other"]}}
    readings = tuple(replace(reading, reason=Reason.TIMED_OUT) for reading in rich().readings)
    later = replace(run, rules_version="9", identities=("somebody else",), configuration=scope)
    said = "\n".join(differ(rich(), replace(rich(), run=later, readings=readings)).reservations)
    for words in ("later run is partial", "Judged by other rules", "Read by others", "The scope is another"):
        assert words in said


def test_a_run_that_was_stopped_is_not_said_to_have_met_silence() -> None:
    stopped = replace(rich(), run=replace(rich().run, id="another", stopped="stopped by SIGTERM"))
    assert "The later run is partial: stopped by SIGTERM" in differ(rich(), stopped).reservations


def test_that_a_run_is_held_against_itself_is_said() -> None:
    assert differ(rich(), rich()).reservations == ("Both are the same run",)
