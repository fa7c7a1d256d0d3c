"""No device reports an error from onboarding."""

from __future__ import annotations

from readiness.plugin import (
    Check,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Remediation,
    Source,
    Step,
    Verdict,
)
from readiness_example.onboarding import OnboardingSummary

CHECK = Check(
    id="example-onboarding-errors",
    title="No device reports an error from onboarding",
    phase=Phase.POLICY,
    level=Level.ADVISORY,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active",),
    why="What fails on the devices of the pilot fails on a thousand of them after the roll-out.",
    judged=(
        "By the counts that Intune keeps of the devices it manages. A device with an error or a conflict fails; "
        "without such, one that is onboarded passes. As long as none has reported, it does not apply."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look at the devices with an error, and mend what they report",
                where="Intune admin center > Endpoint security > Endpoint detection and response",
                id="look-at-onboarding-errors",
            ),
        ),
        role="a reader of reports in Intune",
        wait="up to 24 hours until devices have reported",
        verify="the same page: no device with an error",
    ),
    sources=(
        Source("Summary of onboarding", "Graph beta deviceManagement/advancedThreatProtectionOnboardingStateSummary"),
    ),
)

EXPECTED = "devices that are onboarded, none with an error or a conflict"


@CHECK.judge
def judge(summary: OnboardingSummary) -> Verdict:
    observed = f"{summary.compliant} onboarded, {summary.failed} with an error, {summary.conflicting} with a conflict"
    trouble = summary.failed + summary.conflicting
    if trouble:
        return Verdict(Outcome.FAIL, f"Devices with an error or a conflict: {trouble}", EXPECTED, observed)
    if summary.compliant:
        return Verdict(
            Outcome.PASS, f"{summary.compliant} devices are onboarded, none reports an error", EXPECTED, observed
        )
    return Verdict(Outcome.NOT_APPLICABLE, "No device has reported yet", EXPECTED, observed)
