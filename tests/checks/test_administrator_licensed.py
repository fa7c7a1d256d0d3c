"""administrator-licensed: only while the sign-in of the wizard is ahead, and worded as a risk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checks.rights.administrator_licensed import judge
from readiness.plugin import (
    AdministratorLicence,
    AdministratorLicences,
    CloudCollections,
    CloudServices,
    Context,
    JudgingSettings,
    Outcome,
    ProvisioningStatus,
    Reason,
    Scope,
    ServicePlan,
    UploadMapping,
    UploadScope,
    Verdict,
)
from tests.checks.attach_facts import applications, service, services
from tests.checks.builders import NOW, TENANT, access, collections, reading, unread
from tests.checks.policy_facts import cloud as tenant_lists
from tests.conftest import Estate, Program

ADA, BOB = "ada@contoso.com", "bob@contoso.com"
INTUNE, VOLUME, DEFENDER = (
    "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "3e170737-c728-4eae-bbb9-3f3360f7184c",
    "871d91ec-ec1a-452b-a83f-bd76c7d770ef",
)
NOT_ATTACHED, ATTACHED = reading(services(service())), reading(services())
EVERYTHING = reading(UploadScope((UploadMapping(TENANT, 0, "SMS00001"),)))
PARTS_ONLY = reading(UploadScope((UploadMapping(TENANT, 0, "P0100022"),)))
Serve = Callable[..., Estate]


def holds(*plans: str, asked: str = ADA, status: str = "Success", found: bool = True) -> AdministratorLicence:
    return AdministratorLicence(asked, found, tuple(ServicePlan(plan, ProvisioningStatus(status)) for plan in plans))


def judged(*people: AdministratorLicence, named: tuple[str, ...] = (ADA,), **changed: Any) -> Verdict:
    readings: dict[str, Any] = {
        "licences": reading(AdministratorLicences(people)),
        "services": NOT_ATTACHED,
        "applications": reading(applications()),
        "upload": EVERYTHING,
        "collections": reading(collections()),
        "access": reading(access()),
        "cloud": reading(CloudCollections(())),
        **changed,
    }
    settings = JudgingSettings(Scope(collections=("P0100021",), administrators=named))
    return judge(**readings, context=Context(NOW, settings))


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize("plan", [INTUNE, VOLUME, INTUNE.upper()])
def test_a_licensed_person_passes_while_the_sign_in_is_ahead(plan: str) -> None:
    verdict = judged(holds(DEFENDER, plan))
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == f"{ADA}: holds an Intune licence"


@pytest.mark.parametrize("plans", [(), (DEFENDER,)])
def test_a_person_without_one_is_a_risk_and_no_more(plans: tuple[str, ...]) -> None:
    verdict = judged(holds(*plans))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert "may fail, unless the tenant allows unlicensed administrators" in verdict.summary


@pytest.mark.parametrize("status", ["Disabled", "PendingActivation", "Error"])
def test_a_plan_that_is_not_provisioned_is_none(status: str) -> None:
    verdict = judged(holds(INTUNE, status=status))
    assert verdict.outcome is Outcome.FAIL
    assert f"that is {status} only" in verdict.summary


def test_a_state_that_no_table_knows_is_unknown() -> None:
    assert why(judged(holds(INTUNE, status="Halfway"))) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


@pytest.mark.parametrize("upload", [EVERYTHING, PARTS_ONLY])
def test_once_the_hierarchy_is_attached_it_does_not_apply(upload: Any) -> None:
    """Not for the upload scope either: that needs no wizard. Whether licences could be read does not matter."""
    assert judged(holds(), services=ATTACHED, upload=upload).outcome is Outcome.NOT_APPLICABLE
    unseen = judged(services=ATTACHED, upload=upload, licences=unread(AdministratorLicences))
    assert unseen.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("people", [(holds(INTUNE),), (holds(),)])
def test_where_it_cannot_be_told_whether_the_sign_in_is_ahead_nothing_is_said(people: Any) -> None:
    lost = judged(*people, services=unread(CloudServices, Reason.TIMED_OUT))
    assert why(lost) == (Outcome.UNKNOWN, Reason.TIMED_OUT)
    absent = judged(*people, services=unread(CloudServices, Reason.NOT_CONFIGURED))
    assert why(absent) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)


def test_a_tenant_that_lists_collections_contradicts_a_site_that_is_not_attached() -> None:
    verdict = judged(holds(INTUNE), cloud=reading(tenant_lists()))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_licences_that_could_not_be_read_are_unknown() -> None:
    verdict = judged(licences=unread(AdministratorLicences, Reason.MISSING_PERMISSION))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)


def test_one_of_several_is_enough() -> None:
    both = judged(holds(), holds(INTUNE, asked=BOB), named=(ADA, BOB))
    assert (both.outcome, both.any_of) == (Outcome.PASS, True)
    assert [subject.outcome for subject in both.subjects] == [Outcome.FAIL, Outcome.PASS]
    neither = judged(holds(), holds(asked=BOB), named=(ADA, BOB))
    assert "(the other 1 named no nearer)" in neither.summary


def test_a_person_who_may_be_licensed_is_doubted_before_one_who_is_not() -> None:
    verdict = judged(holds(), named=(ADA, BOB))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "was not asked for when the evidence was collected" in verdict.summary
    assert why(judged(holds(found=False))) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert why(judged(holds(INTUNE), holds())) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_nobody_named_and_an_application_that_signed_in_is_for_a_person() -> None:
    assert judged(named=()).outcome is Outcome.MANUAL
    assert judged(holds(INTUNE), named=()).outcome is Outcome.PASS


UNLICENSED = """
base = "not-attached"
title = "Not attached, and who is to sign in has no Intune licence."
[change.graph.v1.users.2c7936bc-3517-40f3-8eda-4806637b6516]
licenseDetails = []
"""


@pytest.mark.parametrize(("toml", "outcome"), [('base = "not-attached"\n', "pass"), (UNLICENSED, "fail")])
def test_a_scan_of_a_hierarchy_that_is_not_attached_tells_of_the_licence(
    toml: str, outcome: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=toml)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "administrator-licensed")
    assert (found["outcome"], found["level"], ran.code) == (outcome, "advisory", 3)
