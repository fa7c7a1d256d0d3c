"""The tenant holds a licence with endpoint detection and response: Plan 1 of Defender for Endpoint has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from checks import knowledge
from checks.targets import listed
from readiness.plugin import (
    Basis,
    CapabilityStatus,
    Check,
    Level,
    Licences,
    Needs,
    Outcome,
    Owner,
    Phase,
    ProvisioningStatus,
    Reason,
    Remediation,
    Source,
    Step,
    Subscription,
    Verdict,
)

CHECK = Check(
    id="defender-licensed",
    title="The tenant holds a licence with endpoint detection and response",
    phase=Phase.DEFENDER,
    level=Level.ADVISORY,
    needs=Needs.TENANT,
    owner=Owner.DEFENDER_ADMIN,
    rules=("licences",),
    why="Plan 1 of Defender for Endpoint protects a device, but has no endpoint detection and response: the policy "
    "would onboard devices to a service that shows nothing of them.",
    judged=(
        "The service plans of /subscribedSkus by their ids: Defender for Endpoint Plan 2 or Defender for Business in a "
        "subscription that is enabled, and provisioned, passes; in its grace period it passes with a note. Suspended, "
        "deleted and locked out ones do not count. Only Plan 1 is an advisory fail. Nothing found is unknown: Defender "
        "for Servers is billed elsewhere, and government plans have other ids. A status that no table knows is unknown "
        "where it decides. That Defender for Business has endpoint detection and response is inferred."
    ),
    inferred=(
        "That Defender for Business has endpoint detection and response is taken from what the product offers; no "
        "page lists the service plan for EDR policy."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look which subscriptions hold Defender for Endpoint, and whether one of them ended; buy or renew "
                "Plan 2, or a suite that holds it",
                where="Microsoft 365 admin center > Billing > Licenses; Your products",
                command="Get-MgSubscribedSku | Select-Object SkuPartNumber, CapabilityStatus -ExpandProperty "
                "ServicePlans",
                id="license-defender",
            ),
            Step(
                "Servers may be licensed by Defender for Servers in Microsoft Defender for Cloud instead: look there. "
                "Defender's own security settings management is not offered by it alone; it needs a subscription for "
                "users, which EDR policy for collections does not",
                where="Azure portal > Microsoft Defender for Cloud > Environment settings > Defender plans > Servers",
                id="look-defender-for-servers",
                condition="where only servers are rolled out to",
            ),
        ),
        role="Billing Administrator to buy; Global Reader to look",
        wait="up to 24 hours until a new subscription is provisioned",
        verify="Microsoft Defender portal > Settings > Endpoints > Licenses: the plan is shown",
        rollback="none is needed: nothing is changed on devices",
    ),
    sources=(
        Source(
            "Deploy EDR policy",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md, prerequisites",
            date(2026, 5, 18),
        ),
        Source("subscribedSku", "Graph v1.0 /subscribedSkus; ids of service plans as several lists agree on them"),
    ),
)

EXPECTED = "a subscription with Defender for Endpoint Plan 2 or Defender for Business that is enabled"
EDR, NO_EDR = "edr", "no-edr"
INFERRED_PLANS = frozenset({"MDE_SMB"})
"""Plans of which it is inferred from the product that they have endpoint detection and response."""
COUNTS = (CapabilityStatus.ENABLED, CapabilityStatus.WARNING)
BILLED_ELSEWHERE = "Defender for Servers is billed elsewhere, and government plans have other ids"


@dataclass(frozen=True, slots=True)
class _Held:
    """A plan that gives something of it, in one subscription."""

    plan: knowledge.LicencePlan
    subscription: Subscription
    status: ProvisioningStatus

    @property
    def doubt(self) -> str | None:
        """What of its state no table knows, where that decides."""
        if not self.subscription.status.known:
            return f"{self} is in the state '{self.subscription.status.value}', which no table knows"
        if not self.status.known and self.subscription.status in COUNTS:
            return f"{self} is provisioned as '{self.status.value}', which no table knows"
        return None

    @property
    def counts(self) -> bool:
        return self.subscription.status in COUNTS and self.status is ProvisioningStatus.SUCCESS

    @property
    def in_grace(self) -> bool:
        return self.subscription.status is CapabilityStatus.WARNING

    def __str__(self) -> str:
        return f"{self.plan.product} in {self.subscription.name}"


@CHECK.judge
def judge(licences: Licences) -> Verdict:
    held = sorted(_held(licences), key=str)
    rules = tuple(dict.fromkeys(f"licences:{one.plan.plan}" for one in held))
    return replace(_judged(licences, held), rules=rules or CHECK.rules)


def _judged(licences: Licences, held: Sequence[_Held]) -> Verdict:
    observed = listed([_state(one) for one in held]) or _others(licences)
    edr, no_edr = ([one for one in held if one.plan.gives == gives] for gives in (EDR, NO_EDR))
    counting = [one for one in edr if one.counts]
    if counting:
        return _licensed(counting, observed)
    doubt = next((one.doubt for one in (*edr, *no_edr) if one.doubt is not None), None)
    if doubt is not None:
        return _verdict(Outcome.UNKNOWN, doubt, observed, Reason.UNKNOWN_VALUE)
    ended = f"; {listed([f'{one} does not count: {_why_not(one)}' for one in edr])}" if edr else ""
    if any(one.counts for one in no_edr):
        words = f"Only Plan 1 of Defender for Endpoint is found, which has no endpoint detection and response{ended}"
        return _verdict(Outcome.FAIL, words, observed)
    words = f"No subscription with Defender for Endpoint is found; {BILLED_ELSEWHERE}{ended}"
    unknown = _verdict(Outcome.UNKNOWN, words, observed, Reason.NOT_VISIBLE)
    return replace(unknown, remediation=CHECK.remediation)  # more rights would show nothing else: look


def _held(licences: Licences) -> Iterator[_Held]:
    known = knowledge.licence_plans()
    for subscription in licences.subscriptions:
        for plan in subscription.plans:
            rule = known.get(plan.id.strip().lower())
            if rule is not None and rule.gives in (EDR, NO_EDR):
                yield _Held(rule, subscription, plan.status)


def _licensed(counting: Sequence[_Held], observed: str) -> Verdict:
    """The best that is held: past no grace period, and of a plan of which nothing is inferred."""
    best = min(counting, key=lambda one: (one.in_grace, one.plan.plan in INFERRED_PLANS))
    basis = Basis.INFERRED if best.plan.plan in INFERRED_PLANS else Basis.DOCUMENTED
    words = f"The tenant holds {best}"
    if best.in_grace:
        words += "; that subscription has ended and is in its grace period: renew it"
    return Verdict(Outcome.PASS, words, EXPECTED, observed, basis)


def _state(one: _Held) -> str:
    return f"{one}: {one.subscription.status.value}, {one.status.value}"


def _why_not(one: _Held) -> str:
    """Why a plan does not count: its subscription has ended, or it is not provisioned."""
    return (one.status if one.subscription.status in COUNTS else one.subscription.status).value


def _others(licences: Licences) -> str:
    names = sorted({one.name for one in licences.subscriptions})
    return f"no plan of Defender for Endpoint in {listed(names)}" if names else "no subscription is listed"


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, observed, reason=reason)
