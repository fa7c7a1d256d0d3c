"""defender-connected: the one row that counts, and its states."""

import pytest

from checks.defender.defender_connected import CHECK, judge
from readiness.plugin import Basis, Outcome, PartnerState, Reason, ThreatDefenseConnectors, Verdict
from tests.checks.builders import WINDOWS_SECURITY_CENTER, connector


def judged(*states: PartnerState | str) -> Verdict:
    return judge(ThreatDefenseConnectors(tuple(connector(state) for state in states)))


@pytest.mark.parametrize(
    ("state", "words", "basis"),
    [("enabled", "enabled", Basis.DOCUMENTED), ("available", "no platform switched on", Basis.INFERRED)],
)
def test_enabled_and_available_pass_and_available_has_a_note(state: str, words: str, basis: Basis) -> None:
    verdict = judged(state)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, basis)
    assert words in verdict.summary
    assert state in verdict.observed


@pytest.mark.parametrize("state", ["unavailable", "notSetUp", "neverConfigured", "unresponsive", "error"])
def test_every_other_known_state_fails_in_words(state: str) -> None:
    verdict = judged(state)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.observed == f"partnerState {state}"
    assert ":" in verdict.summary


@pytest.mark.parametrize("state", ["unknownFutureValue", "Enabled", "ENABLED ", "", "\x00", "quantum"])
def test_a_word_that_no_table_knows_is_shown_raw_and_unknown(state: str) -> None:
    verdict = judged(state)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"'{state}'" in verdict.summary


def test_no_row_fails() -> None:
    verdict = judge(ThreatDefenseConnectors(()))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.observed == "no such connector"


def test_another_vendors_row_never_counts() -> None:
    verdict = judge(ThreatDefenseConnectors((connector(identifier=WINDOWS_SECURITY_CENTER),)))
    assert verdict.outcome is Outcome.FAIL
    assert "1 of other partners" in verdict.observed


def test_the_case_of_the_identifier_does_not_matter() -> None:
    row = connector(identifier=connector().id.upper())
    assert judge(ThreatDefenseConnectors((row,))).outcome is Outcome.PASS


def test_rows_that_say_different_things_are_contradicting() -> None:
    verdict = judged("enabled", "notSetUp")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert verdict.observed == "enabled, notSetUp"
    assert judged("enabled", "available").reason is Reason.CONTRADICTING


def test_the_same_row_twice_says_the_same() -> None:
    assert judged("enabled", "enabled").outcome is Outcome.PASS


def test_the_remediation_says_where_who_how_long_and_how_to_see() -> None:
    remediation = CHECK.remediation
    assert remediation.steps[0].where is not None
    assert "Advanced features" in remediation.steps[0].where
    assert "Security Administrator" in remediation.role
    assert remediation.wait.startswith("15 minutes")
    assert "connection status" in remediation.verify
