"""Waivers and attestations: what they answer, where they lie, until when, and what they never do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from readiness.assessment.decision import exit_code
from readiness.model.settings import Attestation, JudgingSettings, Waiver
from readiness.model.words import FailOn
from readiness.plugin import (
    Check,
    DecisionState,
    Hierarchy,
    Level,
    Outcome,
    OverlayState,
    Reason,
    Report,
    SiteProvider,
    Verdict,
    by_subjects,
)
from tests.assessment.fakes import fake, outcomes, report, result, says, says_each, subject
from tests.checks.builders import NOW, RELEASE_1910, estate, hierarchy, other, site, unread

F, P, U, M = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.MANUAL
TODAY = NOW.date()


def waiver(check: str = "one", **changed: Any) -> Waiver:
    return replace(Waiver(check, "asks", "allows", "because", TODAY), **changed)


def attestation(check: str = "one", **changed: Any) -> Attestation:
    return replace(Attestation(check, "seen", "somebody", TODAY, TODAY), **changed)


def judged(*checks: Check, over: tuple[Waiver | Attestation, ...], now: datetime = NOW) -> Report:
    settings = JudgingSettings(
        waivers=tuple(one for one in over if isinstance(one, Waiver)),
        attestations=tuple(one for one in over if isinstance(one, Attestation)),
    )
    return report(*checks, settings=settings, now=now, on=other(estate()))


def states(found: Report) -> list[OverlayState]:
    return [overlay.state for overlay in found.overlays]


def test_a_waiver_takes_a_failure_out_of_the_decision_and_the_outcome_stays_visible() -> None:
    found = judged(fake("one", says(F)), over=(waiver(),))
    one = result(found, "one")
    assert (one.outcome, one.waiver) == (F, waiver())
    assert found.decision.state is DecisionState.READY
    assert found.decision.sentence.startswith("Ready with 1 waiver: ")
    assert found.decision.counts["waived"] == 1
    assert states(found) == [OverlayState.APPLIED]
    assert found.plan == ()


@pytest.mark.parametrize("outcome", [U, M])
def test_an_attestation_answers_manual_and_unknown(outcome: Outcome) -> None:
    found = judged(fake("one", says(outcome)), over=(attestation(),))
    assert result(found, "one").attestation == attestation()
    assert found.decision.state is DecisionState.READY
    assert found.decision.sentence.startswith("Ready with 1 attestation: ")
    assert found.decision.counts["attested"] == 1


def test_an_attestation_never_answers_a_failure() -> None:
    found = judged(fake("one", says(F)), over=(attestation(),))
    assert result(found, "one").attestation is None
    assert found.decision.state is DecisionState.NOT_READY
    assert states(found) == [OverlayState.UNUSED]


@pytest.mark.parametrize("outcome", [U, M, P, Outcome.NOT_APPLICABLE, Outcome.ERROR])
def test_a_waiver_answers_only_a_failure(outcome: Outcome) -> None:
    found = judged(fake("one", says(outcome)), over=(waiver(),))
    assert result(found, "one").waiver is None
    assert states(found) == [OverlayState.UNUSED]


def test_neither_answers_a_check_that_crashed_or_is_blocked() -> None:
    def crashes(sites: Hierarchy) -> Verdict:
        raise RuntimeError(sites)

    both = (waiver(), attestation(), waiver("two"), attestation("two"))
    found = judged(fake("one", crashes), over=both)
    assert found.decision.state is DecisionState.UNDETERMINED
    found = judged(fake("zero", says(F)), fake("two", says(P), depends_on=("zero",)), over=both)
    assert result(found, "two").outcome is Outcome.BLOCKED
    assert set(states(found)) == {OverlayState.UNUSED}


def test_the_sentence_counts_every_waiver_and_attestation() -> None:
    checks = (
        fake("one", says_each(subject("A", F), subject("B", F))),
        fake("two", says(M)),
    )
    found = judged(*checks, over=(waiver(collection="A"), waiver(collection="B"), attestation("two")))
    assert found.decision.sentence.startswith("Ready with 2 waivers, 1 attestation: ")
    assert (found.decision.counts["waived"], found.decision.counts["attested"]) == (1, 1)


def test_where_any_subject_is_enough_one_that_is_attested_answers_the_check() -> None:
    """Nobody attests of every administrator what is asked of one of them."""
    people = (subject("ann", M, kind="administrator"), subject("ben", M, kind="administrator"))
    every = by_subjects(people, Level.BLOCKER, expected="one holds it", observed="two named", passed="held")

    def asks(any_of: bool) -> Check:
        def judge(hierarchy: Hierarchy) -> Verdict:
            del hierarchy
            return replace(every, any_of=any_of)

        return fake("one", judge)

    one = attestation(administrator="ann")
    found = judged(asks(any_of=True), over=(one,))
    assert found.decision.state is DecisionState.READY
    assert exit_code(found, FailOn.BLOCKER) == (0, "ready")
    assert result(found, "one").attestation == one
    assert [bool(who.attestation) for who in result(found, "one").subjects] == [True, False]
    worst = judged(asks(any_of=False), over=(one,))
    assert worst.decision.state is DecisionState.UNDETERMINED
    assert result(worst, "one").attestation is None


# Until when.


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOW, OverlayState.APPLIED),
        (datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC), OverlayState.APPLIED),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), OverlayState.EXPIRED),
    ],
)
def test_the_last_day_counts_whole_in_utc(now: datetime, state: OverlayState) -> None:
    found = judged(fake("one", says(F)), fake("two", says(M)), over=(waiver(), attestation("two")), now=now)
    assert states(found) == [state, state]


def test_another_time_zone_does_not_move_the_end() -> None:
    local = datetime.fromisoformat("2026-11-24T08:00:00+10:00")
    assert local.astimezone(UTC).date() == TODAY
    assert states(judged(fake("one", says(F)), over=(waiver(),), now=local)) == [OverlayState.APPLIED]


def test_an_expired_waiver_is_listed_and_not_applied() -> None:
    found = judged(fake("one", says(F)), over=(waiver(expires=TODAY - timedelta(days=1)),))
    assert found.decision.state is DecisionState.NOT_READY
    assert states(found) == [OverlayState.EXPIRED]
    assert result(found, "one").waiver is None


def test_a_waiver_until_the_end_of_time_is_no_crash() -> None:
    assert states(judged(fake("one", says(F)), over=(waiver(expires=date.max),))) == [OverlayState.APPLIED]


def test_of_two_for_the_same_only_the_first_is_used() -> None:
    second = waiver(reason="also")
    assert states(judged(fake("one", says(F)), over=(waiver(), second))) == [OverlayState.APPLIED, OverlayState.UNUSED]


def test_one_for_a_check_that_was_not_judged_is_unused() -> None:
    assert states(judged(fake("one", says(F)), over=(waiver("elsewhere"),))) == [OverlayState.UNUSED]


# Where: subjects.


def test_a_waiver_with_a_subject_lies_on_that_subject_only() -> None:
    found = judged(fake("one", says_each(subject("A", F), subject("B", F))), over=(waiver(collection="A"),))
    one = result(found, "one")
    assert one.waiver is None
    assert [bool(each.waiver) for each in one.subjects] == [True, False]
    assert found.decision.state is DecisionState.NOT_READY


def test_it_lies_on_the_check_where_it_covers_all_that_failed() -> None:
    found = judged(fake("one", says_each(subject("A", F), subject("B", P))), over=(waiver(collection="A"),))
    assert result(found, "one").waiver is not None
    assert found.decision.state is DecisionState.READY


def test_a_subject_is_named_by_id_or_name_whatever_the_case() -> None:
    check = fake("one", says_each(subject("A", F)))
    for named in ("a", "A", "NAME OF A"):
        assert states(judged(check, over=(waiver(collection=named),))) == [OverlayState.APPLIED]
    for wrong in (waiver(site="A"), waiver(administrator="A"), waiver(collection="B")):
        assert states(judged(check, over=(wrong,))) == [OverlayState.UNUSED]


def test_one_without_subject_covers_every_subject() -> None:
    found = judged(fake("one", says_each(subject("A", F), subject("B", F))), over=(waiver(),))
    assert found.decision.state is DecisionState.READY


def test_one_with_a_subject_does_not_lie_on_a_check_without_subjects() -> None:
    assert states(judged(fake("one", says(F)), over=(waiver(collection="A"),))) == [OverlayState.UNUSED]


def test_a_waived_subject_beside_one_that_could_not_be_verified_is_not_ready_yet() -> None:
    found = judged(fake("one", says_each(subject("A", F), subject("B", U))), over=(waiver(),))
    assert found.decision.state is DecisionState.UNDETERMINED


def test_an_attested_subject_beside_one_that_failed_does_not_make_the_check_attested() -> None:
    found = judged(fake("one", says_each(subject("A", F), subject("B", M))), over=(attestation(),))
    one = result(found, "one")
    assert one.attestation is None
    assert [bool(each.attestation) for each in one.subjects] == [False, True]
    assert found.decision.state is DecisionState.NOT_READY


def test_a_subject_that_failed_as_advisory_still_counts_when_the_rest_is_attested() -> None:
    from readiness.assessment.decision import exit_code
    from readiness.model.words import FailOn

    check = fake("one", says_each(subject("A", F, Level.ADVISORY), subject("B", M)))
    found = judged(check, over=(attestation(),))
    assert found.decision.state is DecisionState.READY
    assert exit_code(found, FailOn.ADVISORY)[0] == 4


# Never.


def test_nothing_lies_over_the_connection() -> None:
    on = other(estate(), SiteProvider=unread(SiteProvider, Reason.UNREACHABLE))
    settings = JudgingSettings(waivers=(waiver("site-reachable"),), attestations=(attestation("site-reachable"),))
    found = report(on=on, settings=settings)
    assert states(found) == [OverlayState.UNUSED, OverlayState.UNUSED]
    assert result(found, "site-reachable").attestation is None
    assert outcomes(found)["site-version-minimum"] is Outcome.BLOCKED
    assert found.decision.state is DecisionState.UNDETERMINED


def test_tenant_matches_is_never_waived() -> None:
    found = judged(fake("tenant-matches", says(F)), over=(waiver("tenant-matches"),))
    assert found.decision.state is DecisionState.NOT_READY
    assert states(found) == [OverlayState.UNUSED]


def test_a_site_is_waived_in_the_real_chain() -> None:
    on = other(estate(hierarchy(site(build=RELEASE_1910))))
    found = report(on=on, settings=JudgingSettings(waivers=(waiver("site-version-minimum", site="p01"),)))
    assert states(found) == [OverlayState.APPLIED]
    assert outcomes(found)["site-hotfix-kb4563473"] is Outcome.NOT_APPLICABLE
    assert found.decision.state is DecisionState.READY
