"""Rows of Graph become facts, or `bad-answer`: never a default."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    CloudCollection,
    CloudCollections,
    IntuneSubscription,
    Organization,
    PartnerState,
    SubscriptionState,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
)
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from readiness.sources.reader import Finding
from tests.servers.graph import Cloud, Given, error, http_json, rows
from tests.sources.graph.conftest import Reading

CONNECTOR = {
    "id": "fc780465-2017-40d4-a0c5-307022471b92",
    "lastHeartbeatDateTime": "2026-11-22T23:41:08.1234567Z",
    "partnerState": "enabled",
    "androidEnabled": False,
    "windowsEnabled": True,
    "partnerUnresponsivenessThresholdInDays": 7,
    "microsoftDefenderForEndpointAttachEnabled": True,
}
ORGANIZATION = {
    "id": "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10",
    "displayName": "Contoso",
    "verifiedDomains": [
        {"name": "contoso.onmicrosoft.com", "isDefault": False, "isInitial": True},
        {"name": "Contoso.test", "isDefault": True, "isInitial": False},
    ],
}
CONNECTORS_PATH = "/beta/deviceManagement/mobileThreatDefenseConnectors"
ORGANIZATION_PATH = "/v1.0/organization?$select=id,displayName,verifiedDomains"


@pytest.fixture
def session(reading: Reading) -> GraphSession:
    return GraphSession(reading.client, "contoso.test")


def read(session: GraphSession, fact: type[Any]) -> Finding[Any]:
    reader = next(reader for reader in READERS if reader.fact is fact)
    return reader.read(session.of(reader))


def connector(cloud: Cloud, session: GraphSession, **changed: Any) -> ThreatDefenseConnector:
    """The fact of one row; a value of `...` takes the property away."""
    row = {name: value for name, value in {**CONNECTOR, **changed}.items() if value is not ...}
    cloud.give(CONNECTORS_PATH, rows(row))
    found: ThreatDefenseConnectors = read(session, ThreatDefenseConnectors).value
    return found.connectors[0]


def test_a_connector_is_read(cloud: Cloud, session: GraphSession) -> None:
    assert connector(cloud, session) == ThreatDefenseConnector(
        id="fc780465-2017-40d4-a0c5-307022471b92",
        partner_state=PartnerState.ENABLED,
        last_heartbeat=datetime(2026, 11, 22, 23, 41, 8, 123456, UTC),
        unresponsive_after_days=7,
        windows_enabled=True,
    )


def test_no_connector_is_an_empty_list_that_was_read(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(CONNECTORS_PATH, rows())
    found = read(session, ThreatDefenseConnectors)
    assert (found.value.connectors, found.rows, found.query) == ((), 0, f"GET {CONNECTORS_PATH}")


def test_every_connector_is_kept(cloud: Cloud, session: GraphSession) -> None:
    """Another vendor's row too: which one counts is for the check to say."""
    cloud.give(CONNECTORS_PATH, rows(CONNECTOR, {**CONNECTOR, "id": "c2b688fe-48c0-464b-a89c-67041aa8fcb2"}))
    assert len(read(session, ThreatDefenseConnectors).value.connectors) == 2


@pytest.mark.parametrize("state", list(PartnerState))
def test_every_state_is_known(state: PartnerState, cloud: Cloud, session: GraphSession) -> None:
    found = connector(cloud, session, partnerState=state.value).partner_state
    assert found is state
    assert found.known


@pytest.mark.parametrize("word", ["unknownFutureValue", "Enabled", "enabled ", "", "halfEnabled"])
def test_a_state_that_nobody_knows_keeps_its_word(word: str, cloud: Cloud, session: GraphSession) -> None:
    found = connector(cloud, session, partnerState=word).partner_state
    assert found.value == word
    assert not found.known


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-22T23:41:08Z", datetime(2026, 11, 22, 23, 41, 8, 0, UTC)),
        ("2026-11-22T23:41:08.9999999Z", datetime(2026, 11, 22, 23, 41, 8, 999999, UTC)),
        ("2026-11-22T23:41:08.5+02:00", datetime(2026, 11, 22, 21, 41, 8, 500000, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00.0000000+00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        (None, None),
    ],
)
def test_a_heartbeat_is_a_moment_or_never(
    written: str | None, moment: datetime | None, cloud: Cloud, session: GraphSession
) -> None:
    assert connector(cloud, session, lastHeartbeatDateTime=written).last_heartbeat == moment


@pytest.mark.parametrize("name", ["partnerUnresponsivenessThresholdInDays", "windowsEnabled"])
@pytest.mark.parametrize("value", [None, ...])
def test_what_is_not_said_is_not_known(name: str, value: Any, cloud: Cloud, session: GraphSession) -> None:
    found = connector(cloud, session, **{name: value})
    assert None in (found.unresponsive_after_days, found.windows_enabled)


WRONG: dict[str, tuple[Any, ...]] = {
    "id": (..., None, 7, ["x"]),
    "partnerState": (..., None, 2, True, {"value": "enabled"}),
    "windowsEnabled": ("true", 1, 0, []),
    "partnerUnresponsivenessThresholdInDays": ("7", 7.0, True, -1, 2**31),
    "lastHeartbeatDateTime": (
        *(..., False, 0, 1763854868, "", "never", "2026-11-22", "2026-11-22T23:41:08", "2026-13-01T00:00:00Z"),
        *("9999-12-31T23:59:59-01:00", "2026-11-22T25:00:00Z", "\uff12026-11-22T23:41:08Z", "2026-W47-7"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_kind_is_no_answer(name: str, cloud: Cloud, session: GraphSession) -> None:
    for value in WRONG[name]:
        with pytest.raises(SourceError, match=f"no usable value in {name}") as caught:
            connector(cloud, session, **{name: value})
        assert caught.value.reason is Reason.BAD_ANSWER


def test_a_value_that_is_refused_is_quoted_briefly_and_harmlessly(cloud: Cloud, session: GraphSession) -> None:
    for value in ("\x1b[2J" + "x" * 10_000, [[[[[["deep"] * 100] * 100]]]]):
        with pytest.raises(SourceError) as caught:
            connector(cloud, session, windowsEnabled=value)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 300


def test_one_bad_row_spoils_the_list(cloud: Cloud, session: GraphSession) -> None:
    """A list without the row that could not be read would be another list."""
    cloud.give(CONNECTORS_PATH, rows(CONNECTOR, {"id": "x"}))
    with pytest.raises(SourceError):
        read(session, ThreatDefenseConnectors)


def test_the_organization_is_read(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(ORGANIZATION_PATH, rows(ORGANIZATION))
    found = read(session, Organization)
    domains = ("contoso.onmicrosoft.com", "Contoso.test")
    assert found.value == Organization("8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10", "Contoso", domains)
    assert found.rows == 1
    assert found.clock_skew_seconds is None


@pytest.mark.parametrize("tenant", ["contoso.TEST", "contoso.onmicrosoft.com", "8D3C0F52-6A4E-4B3F-9F0E-2D1C5A7B9E10"])
def test_the_tenant_is_ours_by_its_id_or_any_of_its_domains(tenant: str, cloud: Cloud, reading: Reading) -> None:
    cloud.give(ORGANIZATION_PATH, rows(ORGANIZATION))
    assert read(GraphSession(reading.client, tenant), Organization).rows == 1


@pytest.mark.parametrize("tenant", ["fabrikam.test", "contoso", "contoso.test.evil", "8d3c0f52"])
def test_another_tenant_is_the_wrong_target(tenant: str, cloud: Cloud, reading: Reading) -> None:
    cloud.give(ORGANIZATION_PATH, rows({**ORGANIZATION, "displayName": "Con\x1btoso" + "o" * 1000}))
    with pytest.raises(SourceError, match=f"not the tenant {tenant}") as caught:
        read(GraphSession(reading.client, tenant), Organization)
    assert caught.value.reason is Reason.WRONG_TARGET
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("found", [[], [ORGANIZATION, ORGANIZATION]])
def test_there_is_one_organization(found: list[Any], cloud: Cloud, session: GraphSession) -> None:
    cloud.give(ORGANIZATION_PATH, rows(*found))
    with pytest.raises(SourceError, match="instead of one") as caught:
        read(session, Organization)
    assert caught.value.reason is Reason.BAD_ANSWER


WRONG_ORGANIZATION: dict[str, tuple[Any, ...]] = {
    "id": (None, 7),
    "displayName": (None, ["Contoso"]),
    "verifiedDomains": (None, {}, "contoso.test", ["contoso.test"], [{}], [{"name": None}]),
}


@pytest.mark.parametrize("name", WRONG_ORGANIZATION)
def test_an_organization_of_the_wrong_kind_is_no_answer(name: str, cloud: Cloud, session: GraphSession) -> None:
    for value in WRONG_ORGANIZATION[name]:
        cloud.give(ORGANIZATION_PATH, rows({**ORGANIZATION, name: value}))
        with pytest.raises(SourceError, match="no usable value") as caught:
            read(session, Organization)
        assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "reader", [reader for reader in READERS if reader.rights], ids=lambda reader: reader.fact.__name__
)
def test_a_reader_names_the_right_that_it_declares(reader: Any, cloud: Cloud, session: GraphSession) -> None:
    """What a person is told to grant is what `readiness permissions` lists."""
    denied = error(403, "Authorization_RequestDenied", "Insufficient privileges.")
    cloud.whole = lambda _request: http_json(denied.body, 403)
    session.scope = Scope(groups=("Servers",), administrators=("admin@contoso.test",))
    with pytest.raises(SourceError) as caught:
        reader.read(session.of(reader))
    assert caught.value.missing in {call.rights[:1] for call in reader.calls}


def test_a_call_that_the_reader_does_not_declare_is_not_made(cloud: Cloud, session: GraphSession) -> None:
    reader = next(reader for reader in READERS if reader.fact is Organization)
    with pytest.raises(LookupError, match="/subscribedSkus"):
        session.of(reader).rows("v1.0", "/subscribedSkus?$select=id")
    assert not cloud.requests


def test_every_reader_asks_for_the_right_to_read_and_no_more() -> None:
    rights = {reader.fact: reader.rights for reader in READERS}
    assert rights[ThreatDefenseConnectors][0] == "DeviceManagementServiceConfig.Read.All"
    assert {call.name for reader in READERS for call in reader.calls if not call.rights} == {
        "Entra ID /{tenant}/v2.0/.well-known/openid-configuration"
    }
    readable = re.compile(r"[A-Za-z]+\.Read(Basic)?(\.All|\.Directory)?")
    assert all(readable.fullmatch(right) for reader in READERS for call in reader.calls for right in call.rights)


SUBSCRIPTION_PATH = "/v1.0/deviceManagement?$select=subscriptionState"
COLLECTIONS_PATH = "/beta/deviceManagement/configManagerCollections"
COLLECTION = {
    "id": "0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c01",
    "displayName": "All Windows Servers - EDR",
    "collectionIdentifier": "CM100015",
    "hierarchyName": "Contoso CM01 (CAS)",
    "hierarchyIdentifier": "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f",
    "createdDateTime": "2026-03-02T09:14:00Z",
    "lastModifiedDateTime": "2026-11-20T06:30:41Z",
}


@pytest.mark.parametrize("state", list(SubscriptionState))
def test_the_subscription_is_read(state: SubscriptionState, cloud: Cloud, session: GraphSession) -> None:
    cloud.give(SUBSCRIPTION_PATH, Given({"id": "8d3c0f52", "subscriptionState": state.value}))
    found = read(session, IntuneSubscription)
    assert found.value.state is state
    assert found.value.fits(found.rows)


@pytest.mark.parametrize("value", [..., None, 1, ["active"]])
def test_a_subscription_without_a_state_is_no_answer(value: Any, cloud: Cloud, session: GraphSession) -> None:
    cloud.give(SUBSCRIPTION_PATH, Given({} if value is ... else {"subscriptionState": value}))
    with pytest.raises(SourceError, match="no usable value in subscriptionState") as caught:
        read(session, IntuneSubscription)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_a_tenant_that_intune_does_not_apply_to_has_no_state(cloud: Cloud, session: GraphSession) -> None:
    """It was read: that there is none is what was learned."""
    cloud.give(SUBSCRIPTION_PATH, error(400, "BadRequest", "Request not applicable to target tenant."))
    found = read(session, IntuneSubscription)
    assert found.value == IntuneSubscription(None)
    assert found.value.fits(found.rows)


@pytest.mark.parametrize(
    "given", [error(400, "BadRequest", "Something else."), error(403, "Forbidden"), error(500, "InternalServerError")]
)
def test_another_refusal_is_not_the_lack_of_a_subscription(given: Given, cloud: Cloud, session: GraphSession) -> None:
    cloud.give(SUBSCRIPTION_PATH, given)
    with pytest.raises(SourceError):
        read(session, IntuneSubscription)


def test_collections_of_the_tenant_are_read_to_the_last_page(cloud: Cloud, session: GraphSession) -> None:
    link = f"{cloud.origin}{COLLECTIONS_PATH}?$skiptoken=LastId%3D'0b6c1c8e'"
    cloud.give(COLLECTIONS_PATH, rows(COLLECTION, {**COLLECTION, "collectionIdentifier": "CM100016"}, link=link))
    cloud.give(
        f"{COLLECTIONS_PATH}?$skiptoken=LastId%3D'0b6c1c8e'", rows({**COLLECTION, "collectionIdentifier": "CM10001A"})
    )
    found = read(session, CloudCollections)
    assert [one.collection_id for one in found.value.collections] == ["CM100015", "CM100016", "CM10001A"]
    assert found.value.collections[0] == CloudCollection(
        id="0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c01",
        name="All Windows Servers - EDR",
        collection_id="CM100015",
        hierarchy_id="6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f",
        hierarchy_name="Contoso CM01 (CAS)",
    )
    assert found.value.fits(found.rows)


def test_no_collection_is_an_empty_list_that_was_read(cloud: Cloud, session: GraphSession) -> None:
    cloud.give(COLLECTIONS_PATH, rows())
    assert read(session, CloudCollections).value == CloudCollections(())


def test_a_collection_may_lack_its_names(cloud: Cloud, session: GraphSession) -> None:
    """Nothing is judged by them; by its ids it is."""
    cloud.give(COLLECTIONS_PATH, rows({**COLLECTION, "displayName": None, "hierarchyName": None}))
    assert read(session, CloudCollections).value.collections[0].name == ""
    for name in ("id", "collectionIdentifier", "hierarchyIdentifier"):
        for value in (None, 7):
            cloud.give(COLLECTIONS_PATH, rows({**COLLECTION, name: value}))
            with pytest.raises(SourceError, match=f"no usable value in {name}"):
                read(session, CloudCollections)
