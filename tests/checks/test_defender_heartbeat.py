"""defender-heartbeat: how long ago, by whose clock, and whether the state agrees."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from checks.defender.defender_heartbeat import CHECK, judge
from readiness.model.settings import JudgingSettings
from readiness.plugin import (
    Context,
    Level,
    Outcome,
    Reason,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
    Verdict,
)
from tests.checks.builders import NOW, WINDOWS_SECURITY_CENTER, connector

CONTEXT = Context(NOW, JudgingSettings())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def row(age: timedelta | None, state: str = "enabled", threshold: int | None = 7) -> ThreatDefenseConnector:
    heartbeat = None if age is None else NOW - age
    return replace(connector(state), last_heartbeat=heartbeat, unresponsive_after_days=threshold)


def judged(age: timedelta | None, state: str = "enabled", threshold: int | None = 7) -> Verdict:
    return judge(ThreatDefenseConnectors((row(age, state, threshold),)), CONTEXT)


@pytest.mark.parametrize("state", ["enabled", "available"])
@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=30), 2 * HOUR, 24 * HOUR])
def test_up_to_24_hours_passes(age: timedelta, state: str) -> None:
    assert judged(age, state).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=30), "a minute ago"),
        (timedelta(minutes=90), "90 minutes ago"),
        (3 * HOUR, "3 hours ago"),
    ],
)
def test_the_age_is_said_in_the_unit_that_a_person_takes(age: timedelta, words: str) -> None:
    assert words in judged(age).summary


@pytest.mark.parametrize("state", ["enabled", "available", "error"])
@pytest.mark.parametrize("age", [24 * HOUR + timedelta(seconds=1), 3 * DAY, 7 * DAY])
def test_older_is_an_advisory_fail(age: timedelta, state: str) -> None:
    verdict = judged(age, state)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)


def test_older_than_the_tenants_threshold_contradicts_enabled() -> None:
    verdict = judged(7 * DAY + HOUR)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "after 7 days" in verdict.summary
    assert verdict.remediation is CHECK.remediation  # to read again after the upload would mend nothing
    assert judged(4 * DAY, threshold=3).reason is Reason.CONTRADICTING
    assert judged(8 * DAY, threshold=30).outcome is Outcome.FAIL


@pytest.mark.parametrize("threshold", [0, None])
def test_no_threshold_means_seven_days(threshold: int | None) -> None:
    assert judged(7 * DAY, threshold=threshold).outcome is Outcome.FAIL
    verdict = judged(8 * DAY, threshold=threshold)
    assert verdict.reason is Reason.CONTRADICTING
    assert "after 7 days" in verdict.summary


def test_older_than_the_threshold_stays_advisory_where_the_state_does_not_say_enabled() -> None:
    verdict = judged(30 * DAY, "available")
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)


@pytest.mark.parametrize("age", [timedelta(0), 3 * DAY, None])
def test_a_threshold_below_zero_is_no_answer_to_rely_on(age: timedelta | None) -> None:
    verdict = judged(age, threshold=-1)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_a_threshold_beyond_any_time_makes_no_crash_and_no_pass() -> None:
    assert judged(30 * DAY, threshold=10**12).outcome is Outcome.FAIL


def test_never_is_unknown_where_the_two_may_just_have_been_joined() -> None:
    verdict = judged(None, "available")
    assert verdict.outcome is Outcome.UNKNOWN
    assert "just have been joined" in verdict.summary
    assert verdict.remediation is not None
    assert "24 hours" in verdict.remediation.wait


def test_never_contradicts_enabled() -> None:
    assert judged(None, "enabled").reason is Reason.CONTRADICTING


def test_never_in_a_bad_state_fails_and_in_an_unknown_one_is_unknown() -> None:
    assert judged(None, "notSetUp").outcome is Outcome.FAIL
    assert judged(None, "quantum").reason is Reason.UNKNOWN_VALUE


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), 3 * HOUR, 24 * HOUR])
def test_up_to_24_hours_in_the_future_passes_and_names_the_clocks(ahead: timedelta) -> None:
    verdict = judged(-ahead)
    assert verdict.outcome is Outcome.PASS
    assert "ahead of the clock of this machine" in verdict.summary


@pytest.mark.parametrize("ahead", [24 * HOUR + timedelta(seconds=1), 365 * DAY])
def test_further_in_the_future_is_no_answer_to_rely_on(ahead: timedelta) -> None:
    verdict = judged(-ahead)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


@pytest.mark.parametrize("state", ["unavailable", "notSetUp", "neverConfigured", "unresponsive"])
def test_a_fresh_time_beside_a_state_that_exchanges_nothing_is_contradicting(state: str) -> None:
    assert judged(HOUR, state).reason is Reason.CONTRADICTING


def test_no_row_and_another_vendors_row_fail() -> None:
    assert judge(ThreatDefenseConnectors(()), CONTEXT).outcome is Outcome.FAIL
    other = replace(connector(), id=WINDOWS_SECURITY_CENTER)
    assert judge(ThreatDefenseConnectors((other,)), CONTEXT).outcome is Outcome.FAIL


def test_rows_that_differ_are_contradicting_and_the_same_row_twice_is_not() -> None:
    twice = ThreatDefenseConnectors((row(HOUR), row(HOUR)))
    assert judge(twice, CONTEXT).outcome is Outcome.PASS
    for second in (row(2 * DAY), row(None), row(HOUR, "available"), row(HOUR, threshold=1)):
        assert judge(ThreatDefenseConnectors((row(HOUR), second)), CONTEXT).reason is Reason.CONTRADICTING


def test_the_observation_names_state_and_time() -> None:
    assert judged(HOUR).observed == "partnerState enabled, last heartbeat 2026-11-23T07:00:00+00:00"
    assert judged(None, "available").observed == "partnerState available, last heartbeat never"


def test_the_clock_of_the_context_decides() -> None:
    later = Context(datetime(2026, 11, 25, 8, tzinfo=NOW.tzinfo), JudgingSettings())
    assert judge(ThreatDefenseConnectors((row(HOUR),)), later).outcome is Outcome.FAIL


def test_it_depends_on_the_connection() -> None:
    assert CHECK.depends_on == ("defender-connected",)
