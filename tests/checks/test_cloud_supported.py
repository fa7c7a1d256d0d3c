"""cloud-supported: what is configured, what discovery says, and what the site is attached to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import knowledge
from checks.attach.cloud_supported import judge
from readiness.plugin import (
    Basis,
    CloudApplications,
    CloudServices,
    CloudTenants,
    Hierarchy,
    Organization,
    Outcome,
    Owner,
    Reading,
    Reason,
    SiteAccess,
    TenantCloud,
    Verdict,
)
from tests.checks.attach_facts import (
    absent,
    analyst,
    applications,
    as_read,
    full_administrator,
    service,
    services,
    tenant,
    tenants,
)
from tests.checks.builders import TENANT, central, hierarchy, organization, reading, secondary, site, unread

PUBLIC = TenantCloud("public", TENANT, "EU", None, "microsoftonline.com", "graph.microsoft.com")
GCC = replace(PUBLIC, region_scope="NA", region_sub_scope="GCC")
GCC_HIGH = TenantCloud("usgov", TENANT, "USGov", "DODCON", "microsoftonline.us", "graph.microsoft.us")
DOD = TenantCloud("usdod", TENANT, "USGov", "DOD", "microsoftonline.us", "dod-graph.microsoft.us")
CHINA = TenantCloud("china", TENANT, "AS", None, "partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn")
GOVERNMENT = (GCC_HIGH, DOD)
NOT_ATTACHED = services(service())


def judged(
    cloud: TenantCloud | Reading[TenantCloud] = PUBLIC,
    environment: int | None = 0,
    *,
    upload: CloudServices | Reading[CloudServices] | None = None,
    known: Reading[CloudTenants] | None = None,
    scanned: Reading[Organization] | None = None,
    sites: Hierarchy | Reading[Hierarchy] | None = None,
    seen: Reading[SiteAccess] | None = None,
) -> Verdict:
    return judge(
        as_read(cloud),
        scanned or reading(organization()),
        as_read(services() if upload is None else upload),
        reading(applications()),
        known or reading(tenants(tenant(environment=environment))),
        seen or analyst(),
        as_read(sites or hierarchy(site())),
    )


def _site_only(environment: int | None) -> Verdict:
    return judged(absent(TenantCloud), environment, scanned=absent(Organization))


def _tenant_only(cloud: TenantCloud) -> Verdict:
    return judged(cloud, upload=absent(CloudServices), known=absent(CloudTenants), sites=absent(Hierarchy))


@pytest.mark.parametrize("cloud", [PUBLIC, GCC], ids=["commercial", "GCC"])
def test_the_public_cloud_passes_and_gcc_is_part_of_it(cloud: TenantCloud) -> None:
    verdict = judged(cloud)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.DOCUMENTED)
    assert "environment 0" in verdict.observed
    assert "microsoftonline.com" in verdict.observed


@pytest.mark.parametrize("cloud", GOVERNMENT, ids=["GCC High", "DoD"])
@pytest.mark.parametrize("build", [8968, 9049])
def test_us_government_before_2107_fails(cloud: TenantCloud, build: int) -> None:
    verdict = judged(cloud, 1, sites=hierarchy(site(build=build)))
    assert verdict.outcome is Outcome.FAIL
    assert f"build {build}" in verdict.summary
    assert verdict.remediation is not None
    assert str(verdict.remediation.steps[0].where).endswith("Cloud Services > Co-management")
    assert [(step.id, step.condition) for step in verdict.remediation.steps] == [("update-for-government", "")]


@pytest.mark.parametrize("cloud", GOVERNMENT, ids=["GCC High", "DoD"])
@pytest.mark.parametrize("build", [9058, 9128, 9999])
def test_us_government_from_2107_on_is_for_a_person_to_confirm(cloud: TenantCloud, build: int) -> None:
    verdict = judged(cloud, 1, sites=hierarchy(site(build=build)))
    assert (verdict.outcome, verdict.level) == (Outcome.MANUAL, None)
    assert "four features" in verdict.summary
    assert verdict.remediation is not None
    assert "Ask Microsoft" in verdict.remediation.steps[0].text
    assert verdict.remediation.owner is Owner.INTUNE_ADMIN


def test_one_old_primary_is_enough_to_fail_and_a_secondary_is_not() -> None:
    old = hierarchy(central(), site("P01", parent="C01"), site("P02", parent="C01", build=9049))
    assert judged(GCC_HIGH, 1, sites=old).outcome is Outcome.FAIL
    below = hierarchy(site("P01"), secondary(build=9049))
    assert judged(GCC_HIGH, 1, sites=below).outcome is Outcome.MANUAL


@pytest.mark.parametrize("build", [0, -1, 9059, 70000])
def test_a_build_that_no_table_knows_decides_nothing(build: int) -> None:
    assert judged(GCC_HIGH, 1, sites=hierarchy(site(build=build))).reason is Reason.UNKNOWN_VALUE


def test_us_government_without_the_sites_builds_is_unknown() -> None:
    assert _tenant_only(GCC_HIGH).reason is Reason.NOT_CONFIGURED
    assert judged(GCC_HIGH, 1, sites=unread(Hierarchy, Reason.TIMED_OUT)).reason is Reason.TIMED_OUT
    hidden = hierarchy(site("P02"), provider="P01")
    assert judged(GCC_HIGH, 1, sites=hidden).reason is Reason.NOT_VISIBLE


def test_china_fails() -> None:
    verdict = judged(CHINA, 2)
    assert verdict.outcome is Outcome.FAIL
    assert "21Vianet" in verdict.summary
    assert _tenant_only(CHINA).outcome is Outcome.FAIL
    assert verdict.remediation is not None
    assert [(step.id, step.condition) for step in verdict.remediation.steps] == [("other-policy-in-china", "")]


@pytest.mark.parametrize("cloud", [GCC_HIGH, DOD, CHINA])
def test_a_site_in_the_public_cloud_contradicts_a_tenant_of_another(cloud: TenantCloud) -> None:
    verdict = judged(cloud)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "read again after 30 minutes" in verdict.summary
    assert "environment 0" in verdict.observed


@pytest.mark.parametrize(
    "cloud",
    [
        replace(PUBLIC, configured="usgov"),
        replace(GCC_HIGH, configured="public"),
        replace(GCC_HIGH, configured="usdod"),
        replace(DOD, configured="usgov"),
        replace(CHINA, configured="public"),
        replace(PUBLIC, configured=""),
    ],
)
def test_what_is_configured_and_what_discovery_says_must_agree(cloud: TenantCloud) -> None:
    verdict = judged(cloud, 7)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert verdict.remediation is not None
    assert "[tenant] cloud" in verdict.remediation.steps[0].text


@pytest.mark.parametrize("instance", ["sovcloud-identity.fr", "microsoftonline.de", "null"])
def test_a_cloud_that_no_table_knows_is_shown_raw_and_unknown(instance: str) -> None:
    verdict = judged(replace(PUBLIC, cloud_instance_name=instance))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"'{instance}'" in verdict.summary


def test_a_sub_region_that_no_table_knows_is_unknown() -> None:
    verdict = judged(replace(PUBLIC, region_sub_scope="USSEC"))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert "USSEC" in verdict.summary


@pytest.mark.parametrize(
    "cloud",
    [
        replace(PUBLIC, graph_host="graph.microsoft.us"),
        replace(GCC_HIGH, graph_host="graph.microsoft.com"),
        replace(PUBLIC, graph_host="localhost"),
    ],
)
def test_a_document_that_mixes_clouds_is_contradicting(cloud: TenantCloud) -> None:
    assert judged(cloud, 7).reason is Reason.CONTRADICTING


@pytest.mark.parametrize(
    "cloud",
    [
        replace(PUBLIC, region_scope="USGov"),
        replace(PUBLIC, region_sub_scope="DODCON"),
        replace(GCC_HIGH, region_sub_scope=None),
    ],
)
def test_a_region_of_another_cloud_is_not_passed_over(cloud: TenantCloud) -> None:
    assert judged(cloud, 7).outcome is Outcome.UNKNOWN
    assert judged(cloud).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("empty", [None, ""])
def test_a_document_that_says_nothing_proves_nothing(empty: str | None) -> None:
    assert judged(replace(PUBLIC, cloud_instance_name=empty)).reason is Reason.BAD_ANSWER
    assert judged(replace(PUBLIC, graph_host=empty)).reason is Reason.BAD_ANSWER
    assert judged(replace(PUBLIC, tenant_id=empty)).reason is Reason.BAD_ANSWER


def test_a_document_of_another_tenant_proves_nothing() -> None:
    other = replace(PUBLIC, tenant_id="9e4d1a63-0000-4000-8000-000000000001")
    assert judged(other).reason is Reason.CONTRADICTING
    assert judged(replace(PUBLIC, tenant_id=TENANT.upper())).outcome is Outcome.PASS
    assert judged(other, scanned=unread(Organization)).reason is Reason.ACCESS_DENIED


@pytest.mark.parametrize("environment", [-1, 1, 2, 77])
def test_an_environment_that_is_not_documented_is_shown_raw_and_unknown(environment: int) -> None:
    for verdict in (judged(PUBLIC, environment), _site_only(environment)):
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
        assert f"environment {environment}" in verdict.summary


def test_a_row_without_an_environment_proves_nothing() -> None:
    assert judged(PUBLIC, None).reason is Reason.BAD_ANSWER
    assert _site_only(None).reason is Reason.BAD_ANSWER


def test_the_site_alone_passes_uncorroborated_in_the_public_cloud() -> None:
    verdict = _site_only(0)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "uncorroborated: TenantCloud was not read: not-configured" in verdict.summary


def test_the_tenant_alone_passes_uncorroborated_in_the_public_cloud() -> None:
    verdict = _tenant_only(PUBLIC)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "uncorroborated" in verdict.summary


def test_a_site_that_is_not_attached_yet_says_nothing() -> None:
    verdict = judged(upload=NOT_ATTACHED)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "not attached to any cloud yet" in verdict.summary
    assert judged(GCC_HIGH, upload=NOT_ATTACHED, sites=hierarchy(site(build=9049))).outcome is Outcome.FAIL
    assert judged(absent(TenantCloud), upload=NOT_ATTACHED).reason is Reason.NOT_CONFIGURED


def test_rows_that_may_be_hidden_are_not_taken_for_a_site_that_is_not_attached() -> None:
    assert judged(upload=CloudServices(())).reason is Reason.NOT_VISIBLE
    assert judged(upload=CloudServices(()), seen=full_administrator()).outcome is Outcome.PASS
    assert judged(known=reading(CloudTenants(()))).reason is Reason.NOT_VISIBLE


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NOT_CONFIGURED])
def test_a_half_that_is_configured_and_was_not_read_leaves_it_unknown(reason: Reason) -> None:
    assert judged(unread(TenantCloud, reason)).reason is reason
    assert judged(upload=unread(CloudServices, reason)).reason is reason
    assert judged(known=unread(CloudTenants, reason)).reason is reason
    apps = unread(CloudApplications, reason)
    facts = reading(PUBLIC), reading(organization()), reading(services()), apps, reading(tenants())
    assert judge(*facts, analyst(), reading(hierarchy(site()))).reason is reason


def test_nothing_configured_is_not_configured() -> None:
    verdict = judged(absent(TenantCloud), upload=absent(CloudServices), known=absent(CloudTenants))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)


def test_the_table_of_clouds_knows_what_the_configuration_can_name() -> None:
    assert [rule.word for rule in knowledge.clouds()] == ["public", "usgov", "usdod", "china"]
    assert {rule.policy for rule in knowledge.clouds()} == {"supported", "not-documented", "unsupported"}
