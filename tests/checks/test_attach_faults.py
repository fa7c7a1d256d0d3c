"""No fault makes a pass: readings of tenant attach that are not there, rows that are gone, in good and bad estates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from checks.attach import (
    attach_app_healthy,
    attach_sync_working,
    cloud_supported,
    no_unwanted_enrolment,
    tenant_attached,
    tenant_matches,
)
from readiness.model.injection import Parameter, parameters
from readiness.model.settings import JudgingSettings, OperatingModel, Scope
from readiness.plugin import (
    Check,
    CloudCollections,
    CoManagementPolicies,
    CoManagementPolicy,
    Component,
    ComponentStatus,
    ComponentStatuses,
    Context,
    Fact,
    Outcome,
    Reason,
    TenantCloud,
)
from tests.checks.attach_facts import (
    APPLICATION_ID,
    analyst,
    application,
    applications,
    full_administrator,
    listed,
    principal,
    principals,
    service,
    services,
    tenant,
    tenants,
)
from tests.checks.builders import NOW, TENANT, collections, hierarchy, organization, reading, site, unread
from tests.checks.corruption import spoiled

CHECKS = tuple(
    module.CHECK
    for module in (
        tenant_attached,
        attach_sync_working,
        tenant_matches,
        cloud_supported,
        attach_app_healthy,
        no_unwanted_enrolment,
    )
)
CONTEXT = Context(NOW, JudgingSettings(scope=Scope(operating_model=OperatingModel.TENANT_ATTACH)))
OTHER = "9e4d1a63-0000-4000-8000-000000000001"
Facts = dict[type[Fact], Fact]


def policy(*, enrols: bool | None = False) -> CoManagementPolicies:
    return CoManagementPolicies(
        (CoManagementPolicy(1, "CoMgmtSettingsProd", assigned=True, automatic_enrolment=enrols, workloads=0),), 2
    )


def estate(*changed: Fact) -> Facts:
    """A healthy attached estate, with these facts instead."""
    names = ("SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER")
    rows = tuple(Component(name, "P01", "cm01", ComponentStatus.OK, "") for name in names)
    access = full_administrator().value
    assert access is not None
    usual: tuple[Fact, ...] = (
        services(),
        applications(),
        tenants(),
        principals(principal()),
        listed("P0100021"),
        collections(),
        organization(),
        TenantCloud("public", TENANT, "EU", None, "microsoftonline.com", "graph.microsoft.com"),
        ComponentStatuses(rows),
        policy(),
        hierarchy(site()),
        access,
    )
    return {type(fact): fact for fact in (*usual, *changed)}


SOON = NOW + timedelta(days=3)
ESTATES = {
    "healthy": estate(),
    "switched off": estate(services(service())),
    "switched off, and nothing listed": estate(services(service()), CloudCollections(())),
    "no upload service": estate(services(service(7, type_=3)), CloudCollections(())),
    "application of nobody": estate(services(service(99))),
    "two applications": estate(services(service(APPLICATION_ID, 1)), applications(application(), application(id_=1))),
    "of another tenant": estate(tenants(tenant(tenant_id=OTHER))),
    "another cloud": estate(tenants(tenant(environment=1))),
    "cloud not said": estate(tenants(tenant(environment=None))),
    "configured elsewhere": estate(
        TenantCloud("usgov", TENANT, "EU", None, "microsoftonline.com", "graph.microsoft.com")
    ),
    "disabled": estate(principals(principal(enabled=False))),
    "no consent": estate(principals(principal(roles=()))),
    "ended at the site": estate(applications(application(expires=NOW))),
    "ends soon at the site": estate(applications(application(expires=SOON))),
    "no secret in the tenant": estate(principals(principal(secrets=()))),
    "enrols": estate(policy(enrols=True)),
    "enrolment not readable": estate(policy(enrols=None)),
}
every_estate = pytest.mark.parametrize("facts", ESTATES.values(), ids=ESTATES)
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def outcome(check: Check, facts: Facts, *gone: tuple[type[Fact], Reason], seen: Any = None) -> Outcome:
    """What the check comes to, as the engine would call it."""
    without = dict(gone)
    arguments: dict[str, Any] = {}
    for taken in parameters(check):
        if taken.fact is None:
            arguments[taken.name] = CONTEXT
        elif taken.fact in without:
            if not taken.whole:
                return Outcome.UNKNOWN
            arguments[taken.name] = unread(taken.fact, without[taken.fact])
        else:
            arguments[taken.name] = _given(taken, facts, seen)
    return check(**arguments).outcome


def _given(taken: Parameter, facts: Facts, seen: Any) -> Any:
    assert taken.fact is not None
    if seen is not None and taken.fact.__name__ == "SiteAccess":
        return seen
    return reading(facts[taken.fact]) if taken.whole else facts[taken.fact]


def emptied(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The estate with the rows of one fact gone."""
    for fact, value in facts.items():
        for name in ("services", "applications", "tenants", "collections", "components", "policies"):
            if getattr(value, name, ()):
                yield f"{fact.__name__}.{name}", {**facts, fact: spoiled(value, (name,), ())}


@every_check
def test_a_healthy_estate_passes_where_anything_can(check: Check) -> None:
    expected = Outcome.MANUAL if check.id == "attach-sync-working" else Outcome.PASS
    assert outcome(check, ESTATES["healthy"]) is expected


@every_check
@every_estate
def test_a_reading_that_is_configured_and_not_there_never_makes_a_pass(check: Check, facts: Facts) -> None:
    before = outcome(check, facts)
    for fact in facts:
        for reason in Reason:
            if reason is not Reason.NOT_CONFIGURED:
                after = outcome(check, facts, (fact, reason))
                assert after is not Outcome.PASS or before is Outcome.PASS, (fact, reason)


@every_check
@every_estate
def test_rows_that_are_gone_together_with_the_proof_never_make_a_pass(check: Check, facts: Facts) -> None:
    before = outcome(check, facts)
    for what, left in emptied(facts):
        after = outcome(check, left, seen=analyst())
        assert after is not Outcome.PASS or before is Outcome.PASS, what


@every_check
@every_estate
def test_less_proof_never_makes_a_pass(check: Check, facts: Facts) -> None:
    before = outcome(check, facts)
    assert outcome(check, facts, seen=analyst()) is not Outcome.PASS or before is Outcome.PASS
