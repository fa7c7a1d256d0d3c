"""defender-licensed: which service plans count, in which states."""

from collections.abc import Callable

import pytest

from checks import knowledge
from checks.defender.defender_licensed import CHECK, judge
from readiness.plugin import (
    Basis,
    CapabilityStatus,
    Level,
    Licences,
    Outcome,
    ProvisioningStatus,
    Reason,
    ServicePlan,
    Subscription,
    Verdict,
)
from tests.conftest import Estate, Program

PLAN_2 = "871d91ec-ec1a-452b-a83f-bd76c7d770ef"
PLAN_1 = "292cc034-7b7c-4950-aaf5-943befd3f1d4"
BUSINESS = "bfc1bbd9-981b-4f71-9b82-17c35fd0e2a4"
INTUNE = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
Serve = Callable[..., Estate]


def holds(*plans: str, name: str = "SPE_E5", status: str = "Enabled", provisioned: str = "Success") -> Subscription:
    made = tuple(ServicePlan(plan, ProvisioningStatus(provisioned)) for plan in (INTUNE, *plans))
    return Subscription(name, CapabilityStatus(status), made)


def judged(*subscriptions: Subscription) -> Verdict:
    return judge(Licences(subscriptions))


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


def test_the_plans_of_the_row_are_known_by_their_ids() -> None:
    gives = {plan.id: plan.gives for plan in knowledge.licence_plans().values()}
    assert (gives[PLAN_2], gives[BUSINESS], gives[PLAN_1], gives[INTUNE]) == ("edr", "edr", "no-edr", "intune")


@pytest.mark.parametrize("plan", [PLAN_2, PLAN_2.upper(), f" {PLAN_2} "])
def test_plan_2_passes_by_its_id(plan: str) -> None:
    verdict = judged(holds(plan))
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.DOCUMENTED)
    assert verdict.summary == "The tenant holds Microsoft Defender for Endpoint Plan 2 in SPE_E5"


def test_defender_for_business_passes_inferred() -> None:
    verdict = judged(holds(BUSINESS, name="MDE_SMB"))
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)


def test_only_plan_1_is_an_advisory_fail() -> None:
    verdict = judged(holds(PLAN_1, name="SPE_E3"))
    assert (verdict.outcome, verdict.level, CHECK.level) == (Outcome.FAIL, None, Level.ADVISORY)
    assert "no endpoint detection and response" in verdict.summary


def test_plan_1_beside_plan_2_does_no_harm() -> None:
    assert judged(holds(PLAN_1, name="SPE_E3"), holds(PLAN_2)).outcome is Outcome.PASS


@pytest.mark.parametrize("subscriptions", [(), (holds(),), (holds("11111111-0000-4000-8000-000000000000"),)])
def test_nothing_found_is_unknown_because_it_may_be_billed_elsewhere(subscriptions: tuple[Subscription, ...]) -> None:
    verdict = judged(*subscriptions)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "Defender for Servers is billed elsewhere, and government plans have other ids" in verdict.summary


@pytest.mark.parametrize("status", ["Suspended", "Deleted", "LockedOut"])
def test_a_subscription_that_is_suspended_or_gone_does_not_count(status: str) -> None:
    alone = judged(holds(PLAN_2, status=status))
    assert why(alone) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert f"Plan 2 in SPE_E5 does not count: {status}" in alone.summary
    assert judged(holds(PLAN_2, status=status), holds(PLAN_1, name="SPE_E3")).outcome is Outcome.FAIL
    assert why(judged(holds(PLAN_1, status=status)))[0] is Outcome.UNKNOWN


def test_a_subscription_in_its_grace_period_counts_with_a_note() -> None:
    verdict = judged(holds(PLAN_2, status="Warning"))
    assert verdict.outcome is Outcome.PASS
    assert "grace period" in verdict.summary
    better = judged(holds(PLAN_2, status="Warning"), holds(PLAN_2, name="WIN_DEF_ATP"))
    assert better.summary == "The tenant holds Microsoft Defender for Endpoint Plan 2 in WIN_DEF_ATP"


@pytest.mark.parametrize("status", ["Disabled", "Error", "PendingInput", "PendingActivation", "PendingProvisioning"])
def test_a_plan_that_is_not_provisioned_does_not_count(status: str) -> None:
    verdict = judged(holds(PLAN_2, provisioned=status))
    assert verdict.outcome is Outcome.UNKNOWN
    assert f"does not count: {status}" in verdict.summary


@pytest.mark.parametrize("changed", [{"status": "Paused"}, {"provisioned": "Halfway"}, {"status": ""}])
def test_a_state_that_no_table_knows_is_unknown_where_it_decides(changed: dict[str, str]) -> None:
    verdict = judged(holds(PLAN_2, **changed))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"'{next(iter(changed.values()))}', which no table knows" in verdict.summary
    assert judged(holds(PLAN_2, **changed), holds(PLAN_1)).outcome is Outcome.UNKNOWN
    assert judged(holds(PLAN_2, **changed), holds(PLAN_2)).outcome is Outcome.PASS
    assert judged(holds(PLAN_2, status="Suspended", provisioned="Halfway")).reason is Reason.NOT_VISIBLE


SKU = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10_06ebc4ee-1bb5-47dd-8120-11324bc54e06"
PLAN_1_ONLY = f"""
base = "ready"
title = "The tenant holds Plan 1 of Defender for Endpoint only."
[change.graph.v1.subscribedSkus.{SKU}]
skuPartNumber = "SPE_E3"
servicePlans = [
    {{ servicePlanId = "{PLAN_1}", servicePlanName = "MDE_LITE", provisioningStatus = "Success", appliesTo = "User" }},
]
"""


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_scan_of_a_tenant_with_plan_1_only_warns_and_is_ready(
    transport: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=PLAN_1_ONLY, transport=transport)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "defender-licensed")
    assert (found["outcome"], found["level"], ran.code) == ("fail", "advisory", 0)
    assert "SPE_E3" in found["observed"]
