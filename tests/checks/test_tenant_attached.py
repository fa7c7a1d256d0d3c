"""tenant-attached: what the site and the tenant say of the upload, alone and together."""

from __future__ import annotations

import pytest

from checks.attach.tenant_attached import CHECK, judge
from readiness.plugin import (
    Basis,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collections,
    Hierarchy,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import (
    APPLICATION_ID,
    HIERARCHY,
    OTHER_HIERARCHY,
    absent,
    analyst,
    application,
    applications,
    as_read,
    calibrated,
    full_administrator,
    listed,
    service,
    services,
)
from tests.checks.builders import collections, hierarchy, reading, site, unread

NOTHING_LISTED = CloudCollections(())
OURS = listed("P0100021")


def judged(
    upload: CloudServices | Reading[CloudServices] | None = None,
    apps: CloudApplications | Reading[CloudApplications] | None = None,
    *,
    seen: Reading[SiteAccess] | None = None,
    cloud: CloudCollections | Reading[CloudCollections] | None = None,
    own: Reading[Collections] | None = None,
    build: int = 9146,
    configured: str | None = None,
) -> Verdict:
    """The verdict on an attached site whose collection the tenant lists; change one thing at a time."""
    return judge(
        as_read(upload or services()),
        as_read(apps or applications()),
        seen or analyst(),
        as_read(cloud or OURS),
        own or reading(collections()),
        reading(hierarchy(site(build=build))),
        calibrated(configured),
    )


def _tenant_only(configured: str | None) -> Verdict:
    return judged(absent(CloudServices), absent(CloudApplications), own=absent(Collections), configured=configured)


OFF = services(service())
UNREAD = [reason for reason in Reason if reason is not Reason.NOT_CONFIGURED]


def test_a_service_with_an_application_and_a_collection_in_the_tenant_pass() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "uncorroborated" not in verdict.summary
    assert "ConfigMgrSvc" in verdict.observed
    assert "1 collection of this site" in verdict.observed


@pytest.mark.parametrize(
    "cloud",
    [NOTHING_LISTED, listed("X0100001", hierarchy=OTHER_HIERARCHY), listed("SMS00001", name="All Systems")],
    ids=["empty", "of another hierarchy", "a built-in collection"],
)
def test_a_list_that_says_nothing_leaves_the_site_uncorroborated(cloud: CloudCollections) -> None:
    verdict = judged(cloud=cloud)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "uncorroborated" in verdict.summary
    assert "says nothing" in verdict.observed


def test_the_site_alone_passes_and_names_the_tenant_as_absent() -> None:
    verdict = judged(cloud=absent(CloudCollections))
    assert verdict.outcome is Outcome.PASS
    assert "uncorroborated by the tenant: CloudCollections was not read: not-configured" in verdict.summary


def test_the_tenant_alone_passes_where_it_is_known_which_hierarchy_is_meant() -> None:
    verdict = _tenant_only(configured=HIERARCHY)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "uncorroborated" in verdict.summary


@pytest.mark.parametrize("configured", [None, OTHER_HIERARCHY])
def test_the_tenant_alone_proves_nothing_of_a_hierarchy_that_is_not_settled(configured: str | None) -> None:
    verdict = _tenant_only(configured)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)


def test_nothing_configured_is_not_configured() -> None:
    verdict = judged(absent(CloudServices), absent(CloudApplications), cloud=absent(CloudCollections))
    assert verdict.reason is Reason.NOT_CONFIGURED


def test_a_service_without_an_application_fails_however_co_management_stands() -> None:
    verdict = judged(OFF, cloud=NOTHING_LISTED)
    assert (verdict.outcome, verdict.basis) == (Outcome.FAIL, Basis.INFERRED)
    assert "switched off" in verdict.observed
    assert "co-management alone does not upload" in verdict.summary


def test_other_services_prove_that_an_upload_service_would_be_visible() -> None:
    verdict = judged(services(service(7, type_=3), service(type_=1, id_=2)), cloud=NOTHING_LISTED)
    assert verdict.outcome is Outcome.FAIL
    assert "types 1, 3" in verdict.observed


def test_no_service_at_all_fails_only_where_the_account_sees_everything() -> None:
    assert judged(CloudServices(()), seen=full_administrator(), cloud=NOTHING_LISTED).outcome is Outcome.FAIL
    verdict = judged(CloudServices(()), cloud=NOTHING_LISTED)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.remediation is not None
    assert "Full Administrator" in verdict.remediation.steps[0].text
    assert judged(CloudServices(()), seen=unread(SiteAccess), cloud=NOTHING_LISTED).reason is Reason.NOT_VISIBLE


def test_what_the_tenant_lists_does_not_make_up_for_services_that_may_be_hidden() -> None:
    assert judged(CloudServices(())).reason is Reason.NOT_VISIBLE


@pytest.mark.parametrize("off", [OFF, services(service(7, type_=3))], ids=["no application", "no such service"])
def test_a_tenant_that_lists_collections_contradicts_a_site_that_says_no(off: CloudServices) -> None:
    verdict = judged(off)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "read again after 30 minutes (upload takes 15 minutes, display 5 to 10)" in verdict.summary
    assert "the site: " in verdict.observed
    assert "the tenant: it lists 1 collection " in verdict.observed
    assert verdict.remediation is not None
    assert verdict.remediation.steps[0].text.startswith("Read again after 30 minutes")
    assert any("Configure upload" in (step.where or "") for step in verdict.remediation.steps)


def test_several_hierarchies_that_fit_are_contradicting_until_one_is_configured() -> None:
    both = CloudCollections(OURS.collections + listed("P0100021", hierarchy=OTHER_HIERARCHY).collections)
    verdict = judged(cloud=both)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert verdict.remediation is not None
    assert "hierarchy_id" in verdict.remediation.steps[0].text
    assert judged(cloud=both, configured=HIERARCHY).outcome is Outcome.PASS


@pytest.mark.parametrize("reason", UNREAD)
@pytest.mark.parametrize("upload", [services(), OFF], ids=["on", "off"])
def test_a_tenant_that_is_configured_and_was_not_read_leaves_it_unknown(reason: Reason, upload: CloudServices) -> None:
    assert judged(upload, cloud=unread(CloudCollections, reason)).reason is reason


@pytest.mark.parametrize("reason", UNREAD)
def test_a_site_that_is_configured_and_was_not_read_leaves_it_unknown(reason: Reason) -> None:
    assert judged(unread(CloudServices, reason)).reason is reason
    assert judged(apps=unread(CloudApplications, reason)).reason is reason
    assert judged(own=unread(Collections, reason)).reason is reason


def test_the_sites_collections_are_not_needed_where_nothing_is_to_be_joined() -> None:
    assert judged(own=unread(Collections), cloud=NOTHING_LISTED).outcome is Outcome.PASS
    assert judged(own=unread(Collections), configured=HIERARCHY).outcome is Outcome.PASS


def test_an_application_that_is_named_and_not_there_is_contradicting() -> None:
    verdict = judged(services(service(99)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "application 99" in verdict.observed


def test_an_application_that_may_be_hidden_is_not_visible() -> None:
    assert judged(apps=CloudApplications(())).reason is Reason.NOT_VISIBLE
    assert judged(apps=CloudApplications(()), seen=full_administrator()).reason is Reason.CONTRADICTING


def test_one_of_several_upload_services_is_enough() -> None:
    verdict = judged(services(service(id_=1), service(APPLICATION_ID, id_=2)))
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize("first", [0, 1])
def test_a_service_or_application_that_is_listed_twice_must_agree_with_itself(first: int) -> None:
    rows = [service(APPLICATION_ID), service()]
    assert judged(services(*rows[first:], *rows[:first])).reason is Reason.CONTRADICTING
    apps = [application(), application(client_id="22222222-2222-4333-8444-555555555555")]
    assert judged(apps=applications(*apps[first:], *apps[:first])).reason is Reason.CONTRADICTING
    assert judged(services(*[service(APPLICATION_ID)] * 2)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("build", "node", "never"),
    [(8968, "Cloud Services > Co-management", "Cloud Attach"), (9058, "Cloud Services > Cloud Attach", "2103")],
)
def test_the_steps_of_a_failure_say_what_the_console_of_this_site_says(build: int, node: str, never: str) -> None:
    verdict = judged(OFF, cloud=NOTHING_LISTED, build=build)
    assert verdict.remediation is not None
    where = verdict.remediation.steps[0].where
    assert where is not None
    assert node in where
    assert never not in where


def test_without_a_build_the_steps_name_both_nodes() -> None:
    verdict = judge(
        reading(OFF),
        reading(applications()),
        analyst(),
        reading(NOTHING_LISTED),
        reading(collections()),
        unread(Hierarchy),
        calibrated(),
    )
    assert verdict.remediation is not None
    assert "Cloud Attach (up to release 2103: Co-management)" in str(verdict.remediation.steps[0].where)
    assert CHECK.remediation.wait.startswith("30 minutes")
