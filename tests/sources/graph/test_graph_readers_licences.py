"""Rows of subscriptions become facts, or `bad-answer`: never a default."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    AdministratorLicence,
    AdministratorLicences,
    CapabilityStatus,
    Licences,
    ProvisioningStatus,
    ServicePlan,
    Subscription,
)
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import Cloud, error, rows
from tests.sources.graph.conftest import Reading

PATH = "/v1.0/subscribedSkus?$select=id,skuPartNumber,capabilityStatus,servicePlans"
PLAN = {
    "servicePlanId": "871d91ec-ec1a-452b-a83f-bd76c7d770ef",
    "servicePlanName": "WINDEFATP",
    "provisioningStatus": "Success",
    "appliesTo": "User",
}
SKU = {"id": "a_b", "skuPartNumber": "SPE_E5", "capabilityStatus": "Enabled", "servicePlans": [PLAN]}


@pytest.fixture
def session(reading: Reading) -> GraphSession:
    return GraphSession(reading.client, "contoso.test")


def read(cloud: Cloud, session: GraphSession, *skus: dict[str, Any]) -> Licences:
    cloud.give(PATH, rows(*skus))
    reader = next(reader for reader in READERS if reader.fact is Licences)
    found = reader.read(session.of(reader))
    assert found.rows == len(skus)
    licences: Licences = found.value
    return licences


def test_every_subscription_is_read_with_its_plans(cloud: Cloud, session: GraphSession) -> None:
    found = read(
        cloud, session, SKU, {**SKU, "skuPartNumber": "EMS", "capabilityStatus": "Warning", "servicePlans": []}
    )
    plan = ServicePlan("871d91ec-ec1a-452b-a83f-bd76c7d770ef", ProvisioningStatus.SUCCESS)
    assert found.subscriptions == (
        Subscription("SPE_E5", CapabilityStatus.ENABLED, (plan,)),
        Subscription("EMS", CapabilityStatus.WARNING, ()),
    )


def test_no_subscription_is_an_empty_list_that_was_read(cloud: Cloud, session: GraphSession) -> None:
    assert read(cloud, session).subscriptions == ()


def test_states_that_nobody_knows_keep_their_words(cloud: Cloud, session: GraphSession) -> None:
    plans = [{**PLAN, "provisioningStatus": "Halfway"}]
    (found,) = read(cloud, session, {**SKU, "capabilityStatus": "enabled", "servicePlans": plans}).subscriptions
    assert (found.status.value, found.status.known) == ("enabled", False)
    assert (found.plans[0].status.value, found.plans[0].status.known) == ("Halfway", False)


@pytest.mark.parametrize(
    "changed",
    [
        {"skuPartNumber": None},
        {"capabilityStatus": 1},
        {"servicePlans": None},
        {"servicePlans": ["WINDEFATP"]},
        {"servicePlans": [{**PLAN, "servicePlanId": None}]},
        {"servicePlans": [{**PLAN, "provisioningStatus": None}]},
    ],
)
def test_a_row_without_what_is_judged_is_no_answer(
    changed: dict[str, Any], cloud: Cloud, session: GraphSession
) -> None:
    with pytest.raises(SourceError) as caught:
        read(cloud, session, {**SKU, **changed})
    assert caught.value.reason is Reason.BAD_ANSWER


def test_the_permission_that_is_missing_is_named(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(PATH, error(403, "Authorization_RequestDenied", "Insufficient privileges."))
    reader = next(reader for reader in READERS if reader.fact is Licences)
    with pytest.raises(SourceError) as caught:
        reader.read(session.of(reader))
    assert caught.value.reason is Reason.MISSING_PERMISSION
    assert caught.value.missing == ("LicenseAssignment.Read.All",)


ADA = "ada@contoso.test"
OF_ADA = f"/v1.0/users/{ADA.replace('@', '%40')}/licenseDetails?$select=id,servicePlans"


def persons(session: GraphSession, *names: str) -> tuple[AdministratorLicence, ...]:
    session.scope = Scope(administrators=names)
    reader = next(reader for reader in READERS if reader.fact is AdministratorLicences)
    found = reader.read(session.of(reader))
    assert found.rows == len(found.value.administrators)
    people: tuple[AdministratorLicence, ...] = found.value.administrators
    return people


def test_the_plans_of_all_licences_of_a_person_are_read(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(OF_ADA, rows({"id": "1", "servicePlans": [PLAN]}, {"id": "2", "servicePlans": [PLAN]}))
    plan = ServicePlan("871d91ec-ec1a-452b-a83f-bd76c7d770ef", ProvisioningStatus.SUCCESS)
    assert persons(session, ADA.upper(), ADA) == (AdministratorLicence(ADA, found=True, plans=(plan, plan)),)


def test_nobody_of_that_name_is_not_found_and_a_name_that_nobody_has_is_not_asked_for(
    cloud: Cloud, session: GraphSession
) -> None:
    cloud.give(OF_ADA, error(404, "Request_ResourceNotFound", "Resource does not exist."))
    assert persons(session, ADA, "a/b") == (
        AdministratorLicence(ADA, found=False),
        AdministratorLicence("a/b", found=False),
    )


def test_without_a_named_person_nothing_is_asked(cloud: Cloud, session: GraphSession) -> None:
    assert persons(session) == ()
    assert cloud.requests == []


def test_who_signs_in_is_asked_for_by_that_sign_in(cloud: Cloud, session: GraphSession) -> None:
    session.delegated, session.signed_in = True, ADA
    cloud.give("/v1.0/me/licenseDetails?$select=id,servicePlans", rows())
    assert persons(session) == (AdministratorLicence(ADA, found=True),)


def test_a_refusal_is_unknown_and_names_the_permission(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(OF_ADA, error(403, "Authorization_RequestDenied", "Insufficient privileges."))
    with pytest.raises(SourceError) as caught:
        persons(session, ADA)
    assert (caught.value.reason, caught.value.missing) == (Reason.MISSING_PERMISSION, ("LicenseAssignment.Read.All",))
