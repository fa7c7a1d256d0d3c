"""The decision of the estate and its halves, the sentence, the exit code, and how long it holds."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from readiness.assessment import selected
from readiness.assessment.decision import exit_code
from readiness.model.settings import JudgingSettings, Policy, Selection, Waiver
from readiness.model.words import FailOn
from readiness.plugin import (
    DecisionState,
    Half,
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Phase,
    Reason,
    Report,
    Verdict,
)
from tests.assessment.fakes import (
    CORE,
    fake,
    outcomes,
    report,
    result,
    says,
    says_each,
    says_of_tenant,
    subject,
    subjects,
)
from tests.checks.builders import NOW, READ, estate, evidence, other, unread

F, P, U, M, N = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.NOT_APPLICABLE
A, INFO = Level.ADVISORY, Level.INFO
READY, NOT_READY, OPEN = DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED
PASSED = DecisionState.SELECTION_PASSED


def crash(sites: Hierarchy) -> Verdict:
    raise RuntimeError(sites)


def of(*outcomes_: Outcome, level: Level = Level.BLOCKER) -> Report:
    return report(*(fake(f"check-{index}", says(one), level=level) for index, one in enumerate(outcomes_)))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ((P,), READY),
        ((P, N), READY),
        ((P, F), NOT_READY),
        ((P, U), OPEN),
        ((P, M), OPEN),
        ((U, F, M), NOT_READY),
    ],
)
def test_a_failed_blocker_is_not_ready_and_an_unverified_one_undetermined(
    given: tuple[Outcome, ...], state: DecisionState
) -> None:
    assert of(*given).decision.state is state


@pytest.mark.parametrize("level", [A, INFO])
@pytest.mark.parametrize("outcome", [F, U, M])
def test_advisories_do_not_decide(level: Level, outcome: Outcome) -> None:
    assert of(P, outcome, level=level).decision.state is READY


def test_a_check_that_crashed_leaves_it_undetermined_whatever_its_level() -> None:
    """It might have raised its level, had it come to a verdict."""
    found = report(fake("one", crash, level=A), fake("two", says(P)))
    assert found.decision.state is OPEN
    assert "1 check crashed" in found.decision.sentence
    assert exit_code(found, FailOn.BLOCKER) == (5, "1 check crashed")


def test_blocked_by_a_failed_blocker_is_not_ready_and_by_an_unknown_connection_undetermined() -> None:
    lost = other(estate(), Organization=unread(Organization, Reason.UNREACHABLE))
    assert report(on=lost).decision.state is OPEN
    blocked = report(fake("one", says(F)), fake("two", says(P), depends_on=("one",)))
    assert outcomes(blocked)["two"] is Outcome.BLOCKED
    assert blocked.decision.state is NOT_READY


# The worst subject speaks for its check. Order: catalogue, rule 6.

ORDER = (F, U, M, P, N)


@pytest.mark.parametrize("pair", tuple(permutations(ORDER, 2)))
def test_the_worst_outcome_speaks_for_the_check(pair: tuple[Outcome, Outcome]) -> None:
    found = report(fake("one", says_each(*(subject(str(index), one) for index, one in enumerate(pair)))))
    assert result(found, "one").outcome is min(pair, key=ORDER.index)


def test_of_the_same_outcome_the_highest_level_speaks() -> None:
    found = report(fake("one", says_each(subject("A", F, A), subject("B", F))))
    assert (result(found, "one").level, found.decision.state) == (Level.BLOCKER, NOT_READY)


def test_a_lowered_subject_lowers_the_check() -> None:
    found = report(fake("one", says_each(subject("A", F, A), subject("B", P))))
    assert (result(found, "one").outcome, result(found, "one").level) == (F, A)
    assert found.decision.state is READY


def test_a_blocker_that_is_unknown_is_not_hidden_behind_an_advisory_that_failed() -> None:
    found = report(fake("one", says_each(subject("A", F, A), subject("B", U))))
    assert (result(found, "one").outcome, found.decision.state) == (U, OPEN)


# Sentence and exit code.


@pytest.mark.parametrize(
    ("given", "sentence", "code"),
    [
        ((P, P), "Ready: 2 blockers judged, and none stands in the way.", (0, "ready")),
        ((F,), "Not ready: 1 blocker failed.", (3, "1 blocker failed")),
        ((F, F, U), "Not ready: 2 blockers failed, 1 more not verified.", (3, "2 blockers failed")),
        (
            (P, M),
            "Not determined: no blocker failed, but 1 blocker could not be verified.",
            (5, "1 blocker could not be verified"),
        ),
        (
            (U, M),
            "Not determined: no blocker failed, but 2 blockers could not be verified.",
            (5, "2 blockers could not be verified"),
        ),
    ],
)
def test_the_sentence_and_the_exit_code_say_the_same(
    given: tuple[Outcome, ...], sentence: str, code: tuple[int, str]
) -> None:
    found = of(*given)
    assert found.decision.sentence.split(" This version")[0] == sentence
    assert exit_code(found, FailOn.BLOCKER) == code


def test_it_says_what_this_version_does_not_judge_unless_it_is_not_ready() -> None:
    assert "does not judge yet: connection, defender, attach" in of(P).decision.sentence
    assert "does not judge yet" not in of(F).decision.sentence


@pytest.mark.parametrize(
    ("outcome", "fail_on", "code"),
    [
        (F, FailOn.BLOCKER, 0),
        (F, FailOn.ADVISORY, 4),
        (F, FailOn.UNKNOWN, 4),
        (U, FailOn.BLOCKER, 0),
        (U, FailOn.ADVISORY, 0),
        (U, FailOn.UNKNOWN, 5),
        (M, FailOn.UNKNOWN, 5),
        (P, FailOn.UNKNOWN, 0),
        (N, FailOn.UNKNOWN, 0),
    ],
)
def test_what_an_advisory_does_to_the_exit_code_is_asked_for(outcome: Outcome, fail_on: FailOn, code: int) -> None:
    assert exit_code(of(outcome, level=A), fail_on)[0] == code
    assert exit_code(of(outcome, level=INFO), fail_on)[0] == 0


def test_the_order_of_exit_codes_is_3_5_4() -> None:
    advisories = (fake("a", says(F), level=A), fake("b", says(U), level=A))
    assert exit_code(report(*advisories), FailOn.UNKNOWN) == (5, "1 advisory could not be verified")
    assert exit_code(report(*advisories), FailOn.ADVISORY) == (4, "1 advisory failed")
    assert exit_code(report(*advisories, fake("c", says(U))), FailOn.ADVISORY)[0] == 5
    assert exit_code(report(*advisories, fake("c", says(F)), fake("d", says(U))), FailOn.UNKNOWN)[0] == 3


def test_a_waived_advisory_does_not_count() -> None:
    waiver = Waiver("a", "x", "y", "z", NOW.date())
    found = report(fake("a", says(F), level=A), settings=JudgingSettings(waivers=(waiver,)))
    assert exit_code(found, FailOn.ADVISORY) == (0, "ready")


def test_counts_name_every_outcome() -> None:
    counts = of(P, P, F, U).decision.counts
    assert counts == {
        **dict.fromkeys((outcome.value for outcome in Outcome), 0),
        "pass": 2,
        "fail": 1,
        "unknown": 1,
        "waived": 0,
        "attested": 0,
    }


def test_a_half_is_judged_over_the_checks_that_need_it() -> None:
    found = report(
        fake("one", says(F)),
        fake("two", says_of_tenant(P), needs=Needs.TENANT),
        fake("three", says_of_tenant(M), needs=Needs.TENANT, level=A),
    )
    assert found.decision.halves == {Half.SITE: NOT_READY, Half.TENANT: READY}


# Selections.


def selecting(**given: Any) -> JudgingSettings:
    return JudgingSettings(selection=Selection(**given))


def test_a_selection_never_reads_as_ready() -> None:
    found = report(settings=selecting(check=("site-version-*",)))
    decision = found.decision
    assert decision.state is PASSED
    assert decision.sentence.startswith("The selection passed: 3 checks judged, not the whole chain.")
    assert list(outcomes(found)) == ["site-reachable", "site-is-top-level", "site-version-minimum"]
    assert decision.deselected == ("tenant-reachable", "defender-connected", "site-hotfix-kb4563473")
    assert exit_code(found, FailOn.BLOCKER) == (0, "the selection passed")
    assert decision.halves[Half.SITE] is PASSED


def test_dependencies_are_judged_along_and_count() -> None:
    lost = other(estate(), Organization=unread(Organization, Reason.UNREACHABLE))
    found = report(on=lost, settings=selecting(check=("defender-connected",)))
    assert outcomes(found) == {"tenant-reachable": U, "defender-connected": Outcome.BLOCKED}
    assert found.decision.state is OPEN


def test_what_is_skipped_is_judged_only_where_something_depends_on_it() -> None:
    found = report(settings=selecting(skip=("site-version-minimum", "defender-*")))
    assert "site-version-minimum" in outcomes(found)
    assert found.decision.deselected == ("defender-connected",)
    assert found.decision.state is PASSED


def test_the_article_is_a_tag_with_a_sentence_of_its_own() -> None:
    found = report(settings=selecting(tag=("article",)))
    assert "meets the 2020 article" in found.decision.sentence
    narrower = report(settings=selecting(tag=("article",), check=("site-*",)))
    assert "meets the 2020 article" not in narrower.decision.sentence
    assert narrower.decision.state is PASSED


def test_globs_and_tags_select() -> None:
    assert selected(CORE, Selection()) == {check.id for check in CORE}
    assert selected(CORE, Selection(check=("*-reachable",))) == {"tenant-reachable", "site-reachable"}
    assert selected(CORE, Selection(check=("site-*",), skip=("*-hotfix-*",), tag=("article",))) == {
        "site-version-minimum",
    }
    assert selected(CORE, Selection(tag=("no-such",))) == frozenset()


def test_a_selection_that_fails_is_not_ready() -> None:
    found = report(fake("one", says(F)), fake("two", says(P)), settings=selecting(check=("one",)))
    assert found.decision.state is NOT_READY


# How long it holds.


def test_it_holds_until_the_oldest_reading_is_too_old() -> None:
    policy = Policy(max_evidence_age=timedelta(hours=6), valid_for=timedelta(hours=24))
    assert report(settings=JudgingSettings(policy=policy)).decision.valid_until == READ + timedelta(hours=6)


def test_it_holds_no_longer_than_the_policy_allows() -> None:
    policy = Policy(valid_for=timedelta(hours=2))
    assert report(settings=JudgingSettings(policy=policy)).decision.valid_until == NOW + timedelta(hours=2)


def test_it_ends_with_the_first_waiver_that_was_applied() -> None:
    today = Waiver("one", "x", "y", "z", NOW.date())
    unused = Waiver("two", "x", "y", "z", NOW.date() - timedelta(days=1))
    found = report(fake("one", says(F)), settings=JudgingSettings(waivers=(today, unused)))
    assert found.decision.valid_until == datetime(2026, 11, 24, tzinfo=UTC)


def test_without_any_reading_it_holds_not_at_all() -> None:
    assert report(on=evidence()).decision.valid_until is None


def test_a_clock_at_the_end_of_time_is_no_crash() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    assert report(now=end).decision.state is OPEN


# Any of several.


def any_of(*given: Outcome) -> Report:
    best = min(given, key=(P, M, U, F).index)

    def judge(sites: Hierarchy) -> Verdict:
        del sites
        admins = tuple(subject(str(index), one, kind="administrator") for index, one in enumerate(given))
        reason = Reason.BAD_ANSWER if best is U else None
        return Verdict(best, "the best", expected="one", observed="all", reason=reason, subjects=admins)

    return report(fake("one", judge, phase=Phase.RIGHTS))


@pytest.mark.parametrize(
    ("given", "state"), [((F, P), READY), ((F, M), OPEN), ((U, F), OPEN), ((F, F), NOT_READY), ((P, P), READY)]
)
def test_where_any_subject_is_enough_the_best_speaks(given: tuple[Outcome, ...], state: DecisionState) -> None:
    found = any_of(*given)
    assert found.decision.state is state
    assert list(subjects(found, "one").values()) == list(given)
