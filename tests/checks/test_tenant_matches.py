"""tenant-matches: from the upload service to its application to its tenant, and whether that is the scanned one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.attach.tenant_matches import CHECK, judge
from readiness.plugin import (
    Basis,
    CloudApplications,
    CloudServices,
    CloudTenants,
    Hierarchy,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import (
    APPLICATION_ID,
    analyst,
    application,
    applications,
    full_administrator,
    service,
    services,
    tenant,
    tenants,
)
from tests.checks.builders import TENANT, hierarchy, organization, reading, site, unread

OTHER = "9e4d1a63-0000-4000-8000-000000000001"


def judged(
    upload: CloudServices | None = None,
    apps: CloudApplications | None = None,
    known: CloudTenants | None = None,
    *,
    scanned: str = TENANT,
    seen: Reading[SiteAccess] | None = None,
) -> Verdict:
    return judge(
        services() if upload is None else upload,
        applications() if apps is None else apps,
        tenants() if known is None else known,
        replace(organization(), tenant_id=scanned),
        seen or analyst(),
        reading(hierarchy(site(build=8968))),
    )


def test_the_tenant_of_the_attach_application_is_the_scanned_one() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert TENANT in verdict.observed


def test_a_guid_is_the_same_in_another_case() -> None:
    assert judged(known=tenants(tenant(tenant_id=TENANT.upper()))).outcome is Outcome.PASS


def test_another_tenant_fails_and_both_are_named() -> None:
    verdict = judged(scanned=OTHER)
    assert verdict.outcome is Outcome.FAIL
    assert TENANT in verdict.summary
    assert OTHER in verdict.summary
    assert verdict.remediation is not None
    assert "Cloud Services > Co-management" in str(verdict.remediation.steps[1].where)


def test_only_the_tenant_that_the_application_names_counts() -> None:
    known = tenants(tenant(id_=1), tenant(tenant_id=OTHER))
    assert judged(known=known).outcome is Outcome.FAIL
    known = tenants(tenant(), tenant(id_=1, tenant_id=OTHER))
    assert judged(known=known).outcome is Outcome.PASS


def test_only_the_application_of_the_upload_service_counts() -> None:
    rows = applications(application(), application(id_=1, tenant_ref=77))
    assert judged(apps=rows).outcome is Outcome.PASS
    assert judged(services(service(1, type_=3), service(APPLICATION_ID, id_=2)), rows).outcome is Outcome.PASS


def test_applications_of_several_tenants_are_contradicting() -> None:
    upload = services(service(APPLICATION_ID, 1))
    rows = applications(application(), application(id_=1, tenant_ref=2))
    verdict = judged(upload, rows, tenants(tenant(), tenant(id_=2, tenant_id=OTHER)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    same = judged(upload, rows, tenants(tenant(), tenant(id_=2)))
    assert same.outcome is Outcome.PASS


@pytest.mark.parametrize("id_", ["", " ", "contoso", "00000000-0000-0000-0000-000000000000", TENANT[:-1]])
def test_an_id_that_is_no_guid_is_a_bad_answer_even_on_both_sides(id_: str) -> None:
    assert judged(known=tenants(tenant(tenant_id=id_))).reason is Reason.BAD_ANSWER
    assert judged(scanned=id_).reason is Reason.BAD_ANSWER
    assert judged(known=tenants(tenant(tenant_id=id_)), scanned=id_).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    ("apps", "known"),
    [(CloudApplications(()), tenants()), (applications(), CloudTenants(()))],
    ids=["application", "tenant"],
)
def test_a_row_that_may_be_hidden_is_not_visible(apps: CloudApplications, known: CloudTenants) -> None:
    verdict = judged(apps=apps, known=known)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.remediation is not None
    assert judged(apps=apps, known=known, seen=full_administrator()).reason is Reason.CONTRADICTING


def test_a_reference_that_leads_nowhere_is_contradicting() -> None:
    assert judged(services(service(99))).reason is Reason.CONTRADICTING
    assert judged(apps=applications(application(tenant_ref=0))).reason is Reason.CONTRADICTING


@pytest.mark.parametrize("order", [1, -1])
def test_a_tenant_that_is_listed_twice_must_agree_with_itself(order: int) -> None:
    rows = [tenant(), tenant(tenant_id=OTHER)][::order]
    assert judged(known=tenants(*rows)).reason is Reason.CONTRADICTING
    assert judged(known=tenants(tenant(), tenant())).outcome is Outcome.PASS


def test_a_site_that_is_attached_to_no_tenant_fails_only_where_that_is_certain() -> None:
    assert judged(services(service())).outcome is Outcome.FAIL
    assert judged(CloudServices(()), seen=full_administrator()).outcome is Outcome.FAIL
    assert judged(CloudServices(())).reason is Reason.NOT_VISIBLE
    assert judged(CloudServices(()), seen=unread(SiteAccess)).reason is Reason.NOT_VISIBLE


def test_without_a_build_the_steps_name_both_nodes() -> None:
    facts = services(), applications(), tenants(), replace(organization(), tenant_id=OTHER)
    verdict = judge(*facts, analyst(), unread(Hierarchy))
    assert verdict.remediation is not None
    assert "up to release 2103: Co-management" in str(verdict.remediation.steps[1].where)


def test_another_tenant_in_the_configuration_changes_nothing_at_the_site() -> None:
    scan, attach = CHECK.remediation.steps
    assert (scan.id, scan.change_window, scan.wait) == ("scan-right-tenant", False, "none")
    assert attach.change_window is None
