"""The Intune subscription is active: EDR policy is made, kept and delivered there."""

from __future__ import annotations

from datetime import date

from readiness.plugin import (
    Check,
    IntuneSubscription,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    Source,
    Step,
    SubscriptionState,
    Verdict,
)

CHECK = Check(
    id="intune-active",
    title="The Intune subscription is active",
    phase=Phase.DEFENDER,
    level=Level.BLOCKER,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    why="EDR policy of both kinds is created in Intune, and Intune hands it to devices and to Configuration Manager.",
    judged=(
        "subscriptionState of the tenant's device management: active passes; warning (the subscription ends soon, or "
        "is in grace) is an advisory fail; pending, disabled, deleted, blocked, lockedOut, or the answer that Intune "
        "does not apply to the tenant fails; a word that no table knows is unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look at the status of the Intune account",
                where="Microsoft Intune admin center > Tenant administration > Tenant status > Tenant details",
                id="look-at-intune",
            ),
            Step(
                "Renew or buy the subscription that holds Intune Plan 1",
                where="Microsoft 365 admin center > Billing > Your products",
                id="renew-intune",
            ),
        ),
        role="Billing Administrator (to renew); Intune Administrator (to look)",
        wait="not documented: look again after an hour",
        verify="Microsoft Intune admin center > Tenant administration > Tenant status: account status Active",
    ),
    sources=(
        Source("deviceManagement resource type", "Graph v1.0 /deviceManagement, subscriptionState", date(2026, 8, 7)),
        Source(
            "Endpoint detection and response policy for endpoint security",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md, prerequisites",
            date(2026, 5, 18),
        ),
    ),
)

EXPECTED = "subscriptionState active"

BAD = {
    SubscriptionState.PENDING: "pending: it has not begun yet",
    SubscriptionState.DISABLED: "disabled: policies can no longer be changed",
    SubscriptionState.DELETED: "deleted",
    SubscriptionState.BLOCKED: "blocked",
    SubscriptionState.LOCKED_OUT: "locked out: administrators cannot use it",
}


@CHECK.judge
def judge(subscription: IntuneSubscription) -> Verdict:
    state = subscription.state
    if state is None:
        return _verdict(Outcome.FAIL, "Intune does not apply to this tenant: it has no subscription", "no subscription")
    observed = f"subscriptionState {state.value}"
    if state is SubscriptionState.ACTIVE:
        return _verdict(Outcome.PASS, "The Intune subscription is active", observed)
    if state is SubscriptionState.WARNING:
        words = "The Intune subscription is in warning: it works, and ends unless it is renewed"
        return _verdict(Outcome.FAIL, words, observed, level=Level.ADVISORY)
    if state in BAD:
        return _verdict(Outcome.FAIL, f"The Intune subscription is {BAD[state]}", observed)
    words = f"The Intune subscription is in the state '{state.value}', which no table knows"
    return _verdict(Outcome.UNKNOWN, words, observed, Reason.UNKNOWN_VALUE)


def _verdict(
    outcome: Outcome, summary: str, observed: str, reason: Reason | None = None, level: Level | None = None
) -> Verdict:
    return Verdict(outcome, summary, expected=EXPECTED, observed=observed, reason=reason, level=level)
