"""attach-app-healthy: one application, by what the site and the tenant say of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from checks.attach.attach_app_healthy import judge
from readiness.plugin import (
    ApplicationSecret,
    Basis,
    CloudApplications,
    CloudServices,
    EntraApplications,
    Hierarchy,
    Level,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import (
    APPLICATION_ID,
    CLIENT,
    ENDS,
    READ_ROLE,
    WRITE_ROLE,
    absent,
    analyst,
    application,
    applications,
    as_read,
    calibrated,
    full_administrator,
    principal,
    principals,
    secret,
    service,
    services,
)
from tests.checks.builders import NOW, hierarchy, reading, site, unread

OTHER_CLIENT = "22222222-2222-4333-8444-555555555555"
EXPIRED = NOW - timedelta(days=1)
SOON = NOW + timedelta(days=20)
UNREAD = [reason for reason in Reason if reason is not Reason.NOT_CONFIGURED]


def judged(
    upload: CloudServices | Reading[CloudServices] | None = None,
    apps: CloudApplications | Reading[CloudApplications] | None = None,
    found: EntraApplications | Reading[EntraApplications] | None = None,
    *,
    seen: Reading[SiteAccess] | None = None,
    sites: Reading[Hierarchy] | None = None,
) -> Verdict:
    return judge(
        as_read(services() if upload is None else upload),
        as_read(applications() if apps is None else apps),
        seen or analyst(),
        as_read(principals(principal()) if found is None else found),
        sites or reading(hierarchy(site())),
        calibrated(),
    )


def by_site(ends: datetime | None) -> CloudApplications:
    return applications(application(expires=ends))


def by_tenant(*ends: datetime | None) -> EntraApplications:
    return principals(principal(secrets=tuple(secret(end, f"k{index}") for index, end in enumerate(ends))))


def site_only(ends: datetime | None) -> Verdict:
    return judged(apps=by_site(ends), found=absent(EntraApplications))


def tenant_only(found: EntraApplications) -> Verdict:
    return judged(absent(CloudServices), absent(CloudApplications), found)


def test_an_application_that_is_enabled_and_consented_with_a_valid_secret_passes_until_the_secret_ends() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.basis, verdict.until) == (Outcome.PASS, Basis.INFERRED, ENDS)
    assert "uncorroborated" not in verdict.summary
    assert "enabled, consented" in verdict.summary
    assert "CmCollectionData.read, CmCollectionData.write" in verdict.observed
    assert f"the site's secret ends on {ENDS:%Y-%m-%d}; the tenant: " in verdict.observed


def test_the_case_of_ids_does_not_matter() -> None:
    row = principal(client_id=CLIENT.upper(), roles=(READ_ROLE.upper(), WRITE_ROLE.upper()))
    assert judged(found=principals(row)).outcome is Outcome.PASS


def test_another_application_never_counts() -> None:
    verdict = judged(found=principals(principal(client_id=OTHER_CLIENT)))
    assert verdict.outcome is Outcome.FAIL
    assert "no consent" in verdict.summary
    mixed = principals(principal(), principal(client_id=OTHER_CLIENT, enabled=False, secrets=()))
    assert judged(found=mixed).outcome is Outcome.PASS
    apps = applications(application(), application(id_=1, expires=EXPIRED))
    assert judged(apps=apps).outcome is Outcome.PASS


def test_an_application_without_a_role_in_the_tenant_fails() -> None:
    verdict = judged(found=principals())
    assert verdict.outcome is Outcome.FAIL
    assert verdict.remediation is not None
    assert "admin consent" in verdict.remediation.steps[0].text


def test_a_tenant_that_shows_no_microservice_at_all_proves_nothing() -> None:
    verdict = judged(found=principals(microservice=False))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.remediation is not None
    assert "Application.Read.All" in verdict.remediation.steps[0].text


@pytest.mark.parametrize(
    ("roles", "lacking"),
    [((READ_ROLE,), "CmCollectionData.write"), ((WRITE_ROLE,), "CmCollectionData.read"), ((), "CmCollectionData.read")],
)
def test_both_roles_are_needed(roles: tuple[str, ...], lacking: str) -> None:
    verdict = judged(found=principals(principal(roles=roles)))
    assert verdict.outcome is Outcome.FAIL
    assert lacking in verdict.summary


def test_a_disabled_application_fails_and_one_that_is_not_said_to_be_enabled_is_unknown() -> None:
    verdict = judged(found=principals(principal(enabled=False)))
    assert verdict.outcome is Outcome.FAIL
    assert "disabled" in verdict.summary
    assert judged(found=principals(principal(enabled=None))).reason is Reason.BAD_ANSWER


def test_what_failed_is_said_before_what_could_not_be_verified() -> None:
    assert judged(found=principals(principal(enabled=False, secrets=None))).outcome is Outcome.FAIL
    assert judged(found=principals(principal(enabled=None, secrets=(secret(SOON),)))).reason is Reason.BAD_ANSWER


# The secret.


def test_a_secret_that_ended_by_both_fails() -> None:
    verdict = judged(apps=by_site(EXPIRED), found=by_tenant(EXPIRED))
    assert (verdict.outcome, verdict.level, verdict.until) == (Outcome.FAIL, None, None)
    assert "has ended" in verdict.summary


@pytest.mark.parametrize(
    ("of_site", "of_tenant", "end"),
    [(SOON, (SOON,), SOON), (SOON, (ENDS,), SOON), (ENDS, (SOON,), SOON), (ENDS, (EXPIRED, SOON), SOON)],
)
def test_a_secret_that_ends_within_30_days_fails_at_advisory_level(
    of_site: datetime, of_tenant: tuple[datetime, ...], end: datetime
) -> None:
    verdict = judged(apps=by_site(of_site), found=by_tenant(*of_tenant))
    assert (verdict.outcome, verdict.level, verdict.until) == (Outcome.FAIL, Level.ADVISORY, end)
    assert f"{end:%Y-%m-%d}" in verdict.summary


@pytest.mark.parametrize(("days", "outcome"), [(30, Outcome.PASS), (29, Outcome.FAIL)])
def test_thirty_days_will_do(days: int, outcome: Outcome) -> None:
    end = NOW + timedelta(days=days)
    assert judged(apps=by_site(end), found=by_tenant(end)).outcome is outcome


def test_a_secret_that_ends_this_moment_has_ended() -> None:
    assert judged(apps=by_site(NOW), found=by_tenant(NOW)).outcome is Outcome.FAIL
    assert judged(apps=by_site(NOW), found=by_tenant(NOW)).level is None


@pytest.mark.parametrize("ends", [(EXPIRED, ENDS), (ENDS, EXPIRED), (ENDS, None), (SOON, ENDS, EXPIRED)])
def test_any_valid_secret_will_do(ends: tuple[datetime | None, ...]) -> None:
    assert judged(found=by_tenant(*ends)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("of_site", "of_tenant"), [(EXPIRED, (ENDS,)), (ENDS, (EXPIRED,)), (ENDS, (EXPIRED, EXPIRED)), (ENDS, ())]
)
def test_halves_that_disagree_on_the_secret_are_contradicting(
    of_site: datetime, of_tenant: tuple[datetime, ...]
) -> None:
    verdict = judged(apps=by_site(of_site), found=by_tenant(*of_tenant))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "the site's secret ends on" in verdict.summary
    assert "the tenant has" in verdict.summary
    assert "read again after 30 minutes" in verdict.summary
    assert verdict.until is None
    assert verdict.remediation is not None
    first, then = verdict.remediation.steps
    assert first.text.startswith("Read again after 30 minutes")
    assert then.text.startswith("Renew the secret")


@pytest.mark.parametrize(
    ("apps", "found", "reason"),
    [
        (by_site(None), by_tenant(ENDS), Reason.BAD_ANSWER),
        (by_site(ENDS), by_tenant(None), Reason.BAD_ANSWER),
        (by_site(ENDS), by_tenant(None, EXPIRED), Reason.BAD_ANSWER),
        (by_site(ENDS), principals(principal(secrets=None)), Reason.NOT_VISIBLE),
    ],
    ids=["the site's end", "the tenant's end", "one of them", "no registration"],
)
def test_an_end_that_is_not_told_never_passes(
    apps: CloudApplications, found: EntraApplications, reason: Reason
) -> None:
    assert judged(apps=apps, found=found).reason is reason


# One half.


def test_the_site_alone_passes_uncorroborated() -> None:
    verdict = site_only(ENDS)
    assert (verdict.outcome, verdict.basis, verdict.until) == (Outcome.PASS, Basis.INFERRED, ENDS)
    assert "uncorroborated: EntraApplications was not read: not-configured" in verdict.summary
    assert "enabled" not in verdict.summary


def test_the_site_alone_judges_the_end_of_its_secret() -> None:
    assert site_only(EXPIRED).outcome is Outcome.FAIL
    assert site_only(SOON).level is Level.ADVISORY
    assert site_only(None).reason is Reason.BAD_ANSWER


def test_the_tenant_alone_passes_uncorroborated_where_every_candidate_is_healthy() -> None:
    for found in (principals(principal()), principals(principal(), principal(client_id=OTHER_CLIENT))):
        verdict = tenant_only(found)
        assert (verdict.outcome, verdict.basis, verdict.until) == (Outcome.PASS, Basis.INFERRED, ENDS)
        assert "uncorroborated: CloudServices was not read" in verdict.summary


def test_the_tenant_alone_does_not_choose_among_candidates() -> None:
    found = principals(principal(), principal(client_id=OTHER_CLIENT, enabled=False))
    verdict = tenant_only(found)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)
    assert "2 applications" in verdict.summary


def test_the_tenant_alone_fails_what_is_not_healthy() -> None:
    assert tenant_only(principals(principal(enabled=False))).outcome is Outcome.FAIL
    assert tenant_only(by_tenant(EXPIRED)).outcome is Outcome.FAIL
    assert tenant_only(by_tenant()).outcome is Outcome.FAIL
    assert tenant_only(by_tenant(SOON)).level is Level.ADVISORY
    assert tenant_only(principals()).outcome is Outcome.FAIL
    assert tenant_only(principals(microservice=False)).reason is Reason.NOT_VISIBLE


def test_nothing_configured_is_not_configured() -> None:
    verdict = judged(absent(CloudServices), absent(CloudApplications), absent(EntraApplications))
    assert verdict.reason is Reason.NOT_CONFIGURED


@pytest.mark.parametrize("reason", UNREAD)
def test_a_half_that_is_configured_and_was_not_read_leaves_it_unknown(reason: Reason) -> None:
    assert judged(found=unread(EntraApplications, reason)).reason is reason
    assert judged(apps=by_site(EXPIRED), found=unread(EntraApplications, reason)).reason is reason
    assert judged(unread(CloudServices, reason)).reason is reason
    assert judged(apps=unread(CloudApplications, reason)).reason is reason


# Rows that are not there, or there twice.


def test_a_site_without_an_attach_application_fails_only_where_that_is_certain() -> None:
    assert judged(services(service())).outcome is Outcome.FAIL
    assert judged(CloudServices(())).reason is Reason.NOT_VISIBLE
    assert judged(CloudServices(()), seen=full_administrator()).outcome is Outcome.FAIL
    assert judged(apps=CloudApplications(())).reason is Reason.NOT_VISIBLE
    assert judged(services(service(99))).reason is Reason.CONTRADICTING


def test_a_row_without_a_client_id_is_a_bad_answer() -> None:
    for id_ in ("", " "):
        apps = applications(application(client_id=id_))
        assert judged(apps=apps, found=principals(principal(client_id=id_))).reason is Reason.BAD_ANSWER
        assert judged(apps=apps, found=absent(EntraApplications)).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("order", [1, -1])
def test_a_principal_that_is_listed_twice_must_agree_with_itself(order: int) -> None:
    rows = [principal(), principal(enabled=False)][::order]
    assert judged(found=principals(*rows)).reason is Reason.CONTRADICTING
    assert judged(found=principals(principal(), principal())).outcome is Outcome.PASS


def test_the_worst_of_several_applications_counts_and_the_first_end() -> None:
    upload = services(service(APPLICATION_ID, 1))
    apps = applications(application(), application(id_=1, client_id=OTHER_CLIENT, expires=SOON))
    both = principals(principal(), principal(client_id=OTHER_CLIENT))
    verdict = judged(upload, apps, both)
    assert (verdict.level, verdict.until) == (Level.ADVISORY, SOON)
    broken = principals(principal(), principal(client_id=OTHER_CLIENT, enabled=False))
    assert judged(upload, apps, broken).level is None
    assert judged(upload, apps, principals(principal())).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("build", "role", "never"),
    [
        (9132, "Privileged Role Administrator", "Cloud Application"),
        (9128, "Cloud Application Administrator", "Privileged"),
    ],
)
def test_who_renews_depends_on_the_release(build: int, role: str, never: str) -> None:
    for ends in (EXPIRED, SOON):
        sites = reading(hierarchy(site(build=build)))
        verdict = judged(apps=by_site(ends), found=by_tenant(ends), sites=sites)
        assert verdict.remediation is not None
        assert role in verdict.remediation.role
        assert never not in verdict.remediation.role
        assert "Renew Secret Key" in str(verdict.remediation.steps[0].where)


def test_without_a_build_both_roles_are_named() -> None:
    verdict = judged(apps=by_site(SOON), found=by_tenant(SOON), sites=unread(Hierarchy))
    assert verdict.remediation is not None
    assert "Privileged Role Administrator" in verdict.remediation.role
    assert "Cloud Application Administrator" in verdict.remediation.role


def test_no_secret_is_held_by_the_facts_that_are_shown() -> None:
    assert set(ApplicationSecret.__slots__) == {"key_id", "expires"}
