"""intune-active: the states of the subscription."""

import pytest

from checks.defender.intune_active import CHECK, judge
from readiness.plugin import IntuneSubscription, Level, Outcome, Reason, SubscriptionState, Verdict


def judged(state: str | None) -> Verdict:
    return judge(IntuneSubscription(None if state is None else SubscriptionState(state)))


def test_active_passes() -> None:
    verdict = judged("active")
    assert verdict.outcome is Outcome.PASS
    assert verdict.observed == "subscriptionState active"


def test_warning_is_an_advisory_fail() -> None:
    verdict = judged("warning")
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)


@pytest.mark.parametrize("state", ["pending", "disabled", "deleted", "blocked", "lockedOut"])
def test_every_other_known_state_fails_as_a_blocker_in_words(state: str) -> None:
    verdict = judged(state)
    assert verdict.outcome is Outcome.FAIL
    assert (verdict.level or CHECK.level) is Level.BLOCKER
    assert state[:6].lower() in verdict.summary.replace(" ", "").lower()
    assert verdict.observed == f"subscriptionState {state}"


def test_a_tenant_that_intune_does_not_apply_to_fails() -> None:
    verdict = judged(None)
    assert verdict.outcome is Outcome.FAIL
    assert "no subscription" in verdict.summary


@pytest.mark.parametrize("state", ["", "Active", "ACTIVE", "active ", "unknownFutureValue", "\x00"])
def test_a_word_that_no_table_knows_is_shown_raw_and_unknown(state: str) -> None:
    verdict = judged(state)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"'{state}'" in verdict.summary


def test_every_state_of_the_source_has_an_outcome_that_is_not_unknown() -> None:
    assert all(judged(state.value).outcome in (Outcome.PASS, Outcome.FAIL) for state in SubscriptionState)
