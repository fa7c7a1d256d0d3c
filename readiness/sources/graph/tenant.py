"""Readers of the tenant itself: its organization, its Intune, what Intune is connected to."""

from __future__ import annotations

from readiness.errors import SourceError
from readiness.model.facts import (
    CapabilityStatus,
    CloudCollection,
    CloudCollections,
    IntuneSubscription,
    Licences,
    Organization,
    PartnerState,
    ProvisioningStatus,
    ServicePlan,
    Subscription,
    SubscriptionState,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
)
from readiness.model.words import Reason
from readiness.sources.graph.errors import GraphRefusal
from readiness.sources.graph.questions import Question, got
from readiness.sources.graph.rules import ALL_WORDS
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import Object, moment, objects, optional, optional_count, text
from readiness.sources.reader import Finding

_SUBSCRIPTION = Question("v1.0", "/deviceManagement?$select=subscriptionState", single=True)
_CONNECTORS = Question("beta", "/deviceManagement/mobileThreatDefenseConnectors", (ALL_WORDS,))


def organization(session: GraphSession) -> Finding[Organization]:
    found = session.rows("v1.0", "/organization?$select=id,displayName,verifiedDomains")
    if len(found.rows) != 1:
        raise SourceError(Reason.BAD_ANSWER, f"/organization gave {len(found.rows)} organizations instead of one")
    row = found.rows[0]
    domains = tuple(text(domain, "name") for domain in objects(row, "verifiedDomains"))
    ours = Organization(text(row, "id"), text(row, "displayName"), domains)
    session.must_be_ours(ours)
    return finding(ours, found)


def subscription(session: GraphSession) -> Finding[IntuneSubscription]:
    """The state, or that Intune does not apply to the tenant: the one question that an answer of 400 answers."""
    (outcome,) = session.ask(_SUBSCRIPTION)
    if isinstance(outcome, GraphRefusal) and outcome.no_intune:
        return Finding(IntuneSubscription(None), 1, _SUBSCRIPTION.query, outcome.request_id)
    found = got(outcome)
    return finding(IntuneSubscription(SubscriptionState(text(found.object, "subscriptionState"))), found)


def licences(session: GraphSession) -> Finding[Licences]:
    found = session.rows("v1.0", "/subscribedSkus?$select=id,skuPartNumber,capabilityStatus,servicePlans")
    return finding(Licences(tuple(_subscription(row) for row in found.rows)), found)


def _subscription(row: Object) -> Subscription:
    plans = tuple(service_plan(plan) for plan in objects(row, "servicePlans"))
    return Subscription(text(row, "skuPartNumber"), CapabilityStatus(text(row, "capabilityStatus")), plans)


def service_plan(row: Object) -> ServicePlan:
    return ServicePlan(text(row, "servicePlanId"), ProvisioningStatus(text(row, "provisioningStatus")))


def connectors(session: GraphSession) -> Finding[ThreatDefenseConnectors]:
    found = got(session.ask(_CONNECTORS)[0])
    return finding(ThreatDefenseConnectors(tuple(_connector(row) for row in found.rows)), found)


def _connector(row: Object) -> ThreatDefenseConnector:
    return ThreatDefenseConnector(
        id=text(row, "id"),
        partner_state=PartnerState(text(row, "partnerState")),
        last_heartbeat=moment(row, "lastHeartbeatDateTime"),
        unresponsive_after_days=optional_count(row, "partnerUnresponsivenessThresholdInDays"),
        windows_enabled=optional(row, "windowsEnabled", bool),
    )


def collections(session: GraphSession) -> Finding[CloudCollections]:
    found = session.rows("beta", "/deviceManagement/configManagerCollections")
    return finding(CloudCollections(tuple(_collection(row) for row in found.rows)), found)


def _collection(row: Object) -> CloudCollection:
    """A row; its names may be null, and nothing is judged by them."""
    return CloudCollection(
        id=text(row, "id"),
        name=optional(row, "displayName", str) or "",
        collection_id=text(row, "collectionIdentifier"),
        hierarchy_id=text(row, "hierarchyIdentifier"),
        hierarchy_name=optional(row, "hierarchyName", str) or "",
    )
