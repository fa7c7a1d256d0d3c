"""Devices report compliance with the EDR policies that are assigned."""

from __future__ import annotations

from checks.policies import ARTICLE, HIDDEN, NODE
from readiness.plugin import (
    Basis,
    Check,
    Context,
    EdrPolicies,
    EdrPolicy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    PolicyKind,
    PolicyStatus,
    PolicyStatuses,
    Reading,
    Reason,
    Remediation,
    Source,
    Stage,
    Step,
    Verdict,
)

CHECK = Check(
    id="edr-policy-compliance",
    title="Devices report compliance with the policy",
    phase=Phase.POLICY,
    level=Level.INFO,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active", "edr-policy-intune", "edr-policy-configmgr"),
    tags=("article",),
    why="The report of the policy is the only place in the admin center that shows whether the roll-out arrives.",
    judged=(
        "For a collection policy the overview (there is no drill-in: the admin center receives limited status from "
        "Configuration Manager), for an Intune policy the report per device. A failed or non-compliant device fails "
        "at info; compliant ones without such pass. No assigned policy does not apply; nothing reported yet does not "
        "apply before the roll-out is done, and fails then, for each policy that goes to any device. Where scope tags "
        "may hide policies, none assigned is unknown once the roll-out runs."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look at the devices that report an error or non-compliance",
                where=f"{NODE} > the policy > View report",
                id="look-at-policy-report",
            ),
            Step(
                "For a collection policy look at the client, because the admin center shows no devices: the service "
                "Sense runs, and OnboardingState is 1; Microsoft Defender portal > Assets > Devices shows it",
                where="the device: C:\\Windows\\CCM\\Logs, and the event log Microsoft-Windows-SENSE/Operational",
                id="look-at-policy-client",
            ),
        ),
        role="Endpoint Security Manager, or a reader of reports, in Intune",
        wait="up to 24 hours until devices have reported",
        verify=f"{NODE} > the policy: overview of compliance",
    ),
    sources=(
        ARTICLE,
        Source("configManagerPolicySummary", "Graph beta configManagerCollections/getPolicySummary"),
        Source("Reports", "Graph beta deviceManagement/reports/getConfigurationPolicyDevicesReport"),
    ),
)

EXPECTED = "devices that report compliance, none that reports an error or non-compliance"


@CHECK.judge
def judge(policies: EdrPolicies, statuses: Reading[PolicyStatuses], context: Context) -> Verdict:
    assigned = [policy for policy in policies.policies if policy.assigned]
    if not assigned:
        return _none_assigned(complete=policies.complete, stage=context.settings.rollout.stage)
    if statuses.value is None:
        words = f"Could not be verified: {statuses.error or 'the reports were not read'}"
        return _verdict(Outcome.UNKNOWN, words, words, statuses.reason or Reason.BAD_ANSWER)
    rows: dict[str, list[PolicyStatus]] = {}
    for row in statuses.value.statuses:
        rows.setdefault(row.policy_id.casefold(), []).append(row)
    found = [(policy, rows.get(policy.id.casefold(), [])) for policy in assigned]
    observed = "; ".join(_observed(policy, of) for policy, of in found)
    missing = [policy.name for policy, of in found if len(of) != 1]
    if missing:
        words = f"There is no report, or more than one, of {', '.join(missing[:10])}"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.NOT_VISIBLE)
    stage = context.settings.rollout.stage
    silent = [policy.name for policy, of in found if _silent(of[0])]
    if stage is Stage.DONE and silent:
        words = f"The roll-out is done, and no device has reported on {', '.join(silent[:10])}"
        return _verdict(Outcome.FAIL, words, observed)
    return _counted([(policy, of[0]) for policy, of in found], observed)


def _silent(row: PolicyStatus) -> bool:
    """Whether none of the devices that a policy goes to has reported; one that goes to none has nothing to report."""
    return (row.compliant, row.non_compliant, row.failed) == (0, 0, 0) and row.targeted != 0


def _none_assigned(*, complete: bool, stage: Stage) -> Verdict:
    observed = "no assigned EDR policy is visible"
    if complete or stage is Stage.PLANNED:
        return _verdict(Outcome.NOT_APPLICABLE, "No EDR policy is assigned, so none can report", observed)
    words = f"No EDR policy that is visible is assigned, but {HIDDEN}"
    return _verdict(Outcome.UNKNOWN, words, observed, Reason.NOT_VISIBLE)


LIMITED = (
    "Configuration Manager tells the admin center little of them: see on a device whether the service Sense runs and "
    "OnboardingState is 1, and do not trust the count"
)


def _counted(found: list[tuple[EdrPolicy, PolicyStatus]], observed: str) -> Verdict:
    rows = [row for _, row in found]
    failed = sum(map(_trouble, rows))
    compliant = sum(row.compliant or 0 for row in rows)
    if any(number is None or number < 0 for row in rows for number in (row.compliant, row.failed, row.non_compliant)):
        words = "A report does not say how many devices comply"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.BAD_ANSWER)
    if failed:
        by_collection = any(policy.kind is PolicyKind.CONFIGMGR and _trouble(row) for policy, row in found)
        words = f"{failed} devices report an error or do not comply, {compliant} comply"
        return _verdict(Outcome.FAIL, f"{words}. Of collections: {LIMITED}" if by_collection else words, observed)
    if compliant:
        pending = sum(row.pending or 0 for row in rows)
        still = f"; {pending} have not reported yet" if pending else ""
        return _verdict(Outcome.PASS, f"{compliant} devices comply, and none reports an error{still}", observed)
    return _verdict(Outcome.NOT_APPLICABLE, "No device has reported yet", observed)


def _trouble(row: PolicyStatus) -> int:
    """Devices that report an error, or do not comply."""
    return (row.failed or 0) + (row.non_compliant or 0)


def _observed(policy: EdrPolicy, rows: list[PolicyStatus]) -> str:
    kind = "overview" if policy.kind is PolicyKind.CONFIGMGR else "device report"
    if not rows:
        return f"{policy.name}: no {kind}"
    row = rows[0]
    counts = {
        "targeted": row.targeted,
        "compliant": row.compliant,
        "not compliant": row.non_compliant,
        "failed": row.failed,
        "pending": row.pending,
    }
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number is not None)
    return f"{policy.name} ({kind}): {said or 'no counts'}"


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, observed, Basis.DOCUMENTED, reason)
