"""The judges by plain data, the format by a report of the simulated estate."""

from __future__ import annotations

from pathlib import Path

import pytest
from readiness_example import onboarding_errors, pilot_first
from readiness_example.onboarding import OnboardingSummary
from readiness_example.tap import _text

from readiness.plugin import Device, Outcome, TargetDevices

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.mark.parametrize(
    ("summary", "outcome"),
    [
        (OnboardingSummary(compliant=180, failed=0, conflicting=0, not_assigned=20), Outcome.PASS),
        (OnboardingSummary(compliant=180, failed=1, conflicting=0, not_assigned=20), Outcome.FAIL),
        (OnboardingSummary(compliant=180, failed=0, conflicting=2, not_assigned=20), Outcome.FAIL),
        (OnboardingSummary(compliant=0, failed=0, conflicting=0, not_assigned=20), Outcome.NOT_APPLICABLE),
    ],
)
def test_only_devices_that_report_no_error_pass(summary: OnboardingSummary, outcome: Outcome) -> None:
    assert onboarding_errors.judge(summary).outcome is outcome


def test_a_roll_out_without_a_target_has_no_pilot() -> None:
    nothing: tuple[Device, ...] = ()
    assert pilot_first.judge(TargetDevices((), nothing)).outcome is Outcome.FAIL
    assert pilot_first.judge(TargetDevices(("P0100021",), nothing)).outcome is Outcome.FAIL


def test_nobody_s_name_can_begin_a_directive_or_another_test() -> None:
    assert _text("x # SKIP\nok 2") == "x \\# SKIP ok 2"
