"""Rows of subscriptions become facts, or `bad-answer`: never a default."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import CapabilityStatus, Licences, ProvisioningStatus, ServicePlan, Subscription
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
