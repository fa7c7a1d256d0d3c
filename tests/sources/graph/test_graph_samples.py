"""The reference's samples of Graph and Entra ID, through our client and our readers, over a real socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from readiness.config.clouds import Cloud as CloudName
from readiness.config.clouds import clouds
from readiness.errors import SourceError
from readiness.model.facts import (
    CapabilityStatus,
    CloudCollections,
    DirectoryRoleHoldings,
    EdrPolicies,
    EntraApplications,
    Fact,
    HoldingKind,
    IntuneSubscription,
    Licences,
    PartnerState,
    PolicyKind,
    PolicyStatuses,
    ProvisioningStatus,
    ServicePlan,
    SubscriptionState,
    TenantCloud,
    ThreatDefenseConnectors,
)
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.failures import GuardRefusal
from readiness.sources.graph.questions import Question, got
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.samples import document
from tests.schema.graph import judge
from tests.schema.recorded import Recorded
from tests.servers.graph import Cloud, Given, asked, http_json, rows
from tests.sources.graph.conftest import Reading

INTUNE = "/beta/deviceManagement"
CONNECTORS = f"{INTUNE}/mobileThreatDefenseConnectors"
COLLECTIONS = f"{INTUNE}/configManagerCollections"
POLICIES = f"{INTUNE}/configurationPolicies"
ROLES = "/v1.0/roleManagement/directory"
MDE, SECURITY_CENTER = "fc780465-2017-40d4-a0c5-307022471b92", "c2b688fe-48c0-464b-a89c-67041aa8fcb2"
NEWER_WORD = PartnerState("unknownFutureValue")
HEARTBEAT = datetime(2026, 11, 22, 23, 41, 8, 123456, UTC)
TENANT = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"


class ByPath(dict[str, list[Given]]):
    """Answers by path alone: what a question says besides is tried elsewhere."""

    def __contains__(self, path: object) -> bool:
        return super().__contains__(unquote(str(path)).partition("?")[0])

    def __getitem__(self, path: str) -> list[Given]:
        return super().__getitem__(unquote(path).partition("?")[0])


@dataclass
class Answered:
    """Readers of a tenant whose Graph answers with samples."""

    cloud: Cloud
    reading: Reading

    def read(self, fact: type[Fact], answers: Mapping[str, str | Given], scope: Scope | None = None) -> Any:
        """The fact that the samples come to, given by path; a name stands for the sample, a `Given` for itself."""
        self.cloud.graph = ByPath({path: [given(answer)] for path, answer in answers.items()})
        session = GraphSession(self.reading.client, "contoso.test", entra=self.reading.entra, scope=scope)
        reader = next(reader for reader in READERS if reader.fact is fact)
        found = reader.read(session.of(reader))
        assert found.value.fits(found.rows)
        return found.value


def given(answer: str | Given) -> Given:
    return Given(document(f"graph/{answer}")) if isinstance(answer, str) else answer


@pytest.fixture
def answered(cloud: Cloud, reading: Reading) -> Answered:
    return Answered(cloud, reading)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mtd-connectors-available.v1.json", [(MDE, PartnerState.AVAILABLE, HEARTBEAT, 7, False)]),
        ("mtd-connectors-enabled.v1.json", [(MDE, PartnerState.ENABLED, HEARTBEAT, 7, True)]),
        ("mtd-connectors-none.v1.json", []),
        (
            "mtd-connectors-notsetup-seen-as-unknown.v1.json",
            [(MDE, NEWER_WORD, None, 7, False)],
        ),
        ("mtd-connectors-notsetup.beta.json", [(MDE, PartnerState.NOT_SET_UP, None, 7, False)]),
        (
            "mtd-connectors-other-partner-only.v1.json",
            [(SECURITY_CENTER, PartnerState.ENABLED, HEARTBEAT, 7, False)],
        ),
        (
            "mtd-connectors-unresponsive.beta.json",
            [(MDE, PartnerState.UNRESPONSIVE, datetime(2026, 10, 30, 4, 12, 55, tzinfo=UTC), 7, True)],
        ),
    ],
)
def test_connectors(name: str, found: list[tuple[Any, ...]], answered: Answered) -> None:
    """The heartbeat has seven digits after the second; that of year 1 means that there was none."""
    value = answered.read(ThreatDefenseConnectors, {CONNECTORS: name})
    assert [
        (one.id, one.partner_state, one.last_heartbeat, one.unresponsive_after_days, one.windows_enabled)
        for one in value.connectors
    ] == found


def test_no_collection_is_synchronised(answered: Answered) -> None:
    value = answered.read(CloudCollections, {COLLECTIONS: "configmanagercollections-none.beta.json"})
    assert value.collections == ()


def test_collections_of_two_pages(answered: Answered) -> None:
    """The link of the sample, on the host that answers here: an opaque token with a quote in it, asked as it is, but
    for the capitals that urllib3 gives to percent-encodings (RFC 3986, section 6.2.2.1)."""
    first = document("graph/configmanagercollections-page1.beta.json")
    first["@odata.nextLink"] = first["@odata.nextLink"].replace("https://graph.microsoft.com", answered.cloud.origin)
    pages = [Given(first), given("configmanagercollections-page2.beta.json")]
    answered.cloud.give(COLLECTIONS, *pages)
    answered.cloud.graph = ByPath(answered.cloud.graph)
    session = GraphSession(answered.reading.client, "contoso.test")
    reader = next(reader for reader in READERS if reader.fact is CloudCollections)
    found = reader.read(session.of(reader)).value
    assert isinstance(found, CloudCollections)
    assert [one.collection_id for one in found.collections] == ["CM100015", "CM100016", "CM10001A"]
    assert {one.hierarchy_name for one in found.collections} == {"Contoso CM01 (CAS)"}
    assert answered.cloud.exchanges[-1][0].endswith("$skiptoken=LastId%3D'0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c02'")


def test_a_page_on_another_host_is_not_asked_for(answered: Answered) -> None:
    """The sample's link, unchanged, leads from this server to Microsoft's: the token would go there."""
    with pytest.raises(SourceError, match=r"names a next page .* that is somewhere else") as caught:
        answered.read(CloudCollections, {COLLECTIONS: "configmanagercollections-page1.beta.json"})
    assert caught.value.reason is Reason.BAD_ANSWER
    assert len(answered.cloud.exchanges) == 1


def test_the_subscription(answered: Answered) -> None:
    value = answered.read(IntuneSubscription, {"/v1.0/deviceManagement": "devicemanagement-subscriptionstate.v1.json"})
    assert value.state is SubscriptionState.ACTIVE


def test_the_application_of_tenant_attach(answered: Answered) -> None:
    """Found by the roles that it holds; its secret is known by its end."""
    service, principal = "9d1f2e3c-0000-4000-8000-0000000000a1", "9d1f2e3c-0000-4000-8000-0000000000b2"
    held = document("graph/serviceprincipal-configmgrsvc-approleassignments.v1.json")["value"]
    path = "/v1.0/servicePrincipals"
    value = answered.read(
        EntraApplications,
        {
            path: "serviceprincipal-cm-microservice.v1.json",
            # The sample lists what the application holds; the reader asks who holds roles of the microservice.
            f"{path}/{service}/appRoleAssignedTo": rows(*(row for row in held if row["resourceId"] == service)),
            f"{path}/{principal}": Given(document("graph/serviceprincipals-configmgrsvc.v1.json")["value"][0]),
            "/v1.0/applications": "applications-configmgrsvc.v1.json",
        },
    )
    (application,) = value.applications
    assert value.microservice
    assert (application.name, application.enabled) == ("ConfigMgrSvc_26d352a2-dcb3-4718-90b3-a08c30a76f75", True)
    assert application.roles == (
        "1ce9e34f-35e8-4af8-b172-09e4dd00453d",
        "a7a0e953-7ed2-423c-849f-9d78b5e44612",
    )
    assert [secret.expires for secret in application.secrets] == [datetime(2027, 3, 2, 9, 10, 12, tzinfo=UTC)]


@pytest.fixture
def policies() -> dict[str, str | Given]:
    """Three policies of today's shape, and one of the retired."""
    ids = [row["id"] for row in document("graph/configurationpolicies-edr.beta.json")["value"]]
    settings = "configurationpolicy-settings-edr-autofromconnector.beta.json"
    intent = f"{INTUNE}/intents/{document('graph/intents-edr-legacy.beta.json')['value'][0]['id']}"
    return {
        POLICIES: "configurationpolicies-edr.beta.json",
        f"{INTUNE}/intents": "intents-edr-legacy.beta.json",
        f"{INTUNE}/templates": "templates-edr-legacy.beta.json",
        f"{intent}/assignments": rows(),
        f"{intent}/deviceStateSummary": Given({"id": "1", "successCount": 2, "errorCount": 0, "failedCount": 1}),
        **{f"{POLICIES}('{id_}')/settings": settings for id_ in ids},
    }


def test_policies_of_every_shape(policies: dict[str, str | Given], answered: Answered) -> None:
    value = answered.read(EdrPolicies, policies)
    assert [(one.name, one.kind, one.platforms, len(one.targets)) for one in value.policies] == [
        ("EDR - Windows (Intune)", PolicyKind.INTUNE, "windows10", 1),
        ("EDR - Servers (ConfigMgr)", PolicyKind.CONFIGMGR, "windows10", 2),
        ("EDR - Linux", PolicyKind.INTUNE, "linux", 0),
        ("EDR baseline 2021", PolicyKind.LEGACY, "windows10", 0),
    ]
    assert [target.id[-2:] for target in value.policies[1].targets] == ["01", "03"]
    sensor = "device_vendor_msft_windowsadvancedthreatprotection"
    assert [(setting.definition, setting.value) for setting in value.policies[0].settings or ()] == [
        (f"{sensor}_configurationtype", f"{sensor}_configurationtype_autofromconnector"),
        (f"{sensor}_onboarding_fromconnector", "***"),  # it is a secret, and stays one
    ]


@pytest.mark.parametrize(
    "name", ["configmanager-policysummary.beta.json", "configmanager-policysummary-wrapped.beta.json"]
)
def test_the_summary_of_a_policy_in_both_forms(name: str, policies: dict[str, str | Given], answered: Answered) -> None:
    servers = "4f0e9d8c-7b6a-4594-8372-61504f3e2d1d"
    policies[f"{COLLECTIONS}/getPolicySummary(policyId='{servers}')"] = name
    del policies[POLICIES]
    only = document("graph/configurationpolicies-edr.beta.json")["value"][1]
    value = answered.read(PolicyStatuses, {**policies, POLICIES: rows(only), f"{INTUNE}/intents": rows()})
    (status,) = value.statuses
    assert (status.policy_id, status.targeted, status.compliant, status.failed) == (servers, 120, 101, 2)


PERSON, GROUP = "2c7936bc-3517-40f3-8eda-4806637b6516", "ae2fc327-4c71-48ed-b6ca-f48632186510"
ACTIVATED = "roleassignmentscheduleinstances-ga-activated.v1.json"
PERMANENT = "roleassignmentscheduleinstances-ga-permanent.v1.json"
ELIGIBLE = "roleeligibilityscheduleinstances-ga.v1.json"
NONE = "roleassignments-ga-none.v1.json"


def holdings(answered: Answered, active: str | Given, eligible: str | Given, transitive: str | Given) -> list[Any]:
    """What Ada holds."""
    value = answered.read(
        DirectoryRoleHoldings,
        {
            "/v1.0/users/ada@contoso.test": Given({"id": PERSON, "displayName": "Ada", "accountEnabled": True}),
            f"{ROLES}/roleAssignments": NONE,
            f"{ROLES}/roleAssignmentScheduleInstances": active,
            f"{ROLES}/roleEligibilityScheduleInstances": eligible,
            "/beta/roleManagement/directory/transitiveRoleAssignments": transitive,
        },
        Scope(administrators=("ada@contoso.test",)),
    )
    (administrator,) = value.administrators
    assert administrator.found
    return [(one.kind, one.scope, one.group_id, one.ends) for one in administrator.holdings]


def test_a_role_that_is_activated_for_a_time_and_eligible(answered: Answered) -> None:
    assert holdings(answered, ACTIVATED, ELIGIBLE, NONE) == [
        (HoldingKind.ACTIVATED, "/", None, datetime(2026, 11, 23, 12, 50, tzinfo=UTC)),
        (HoldingKind.ELIGIBLE, "/", None, datetime(2027, 1, 10, 10, 0, tzinfo=UTC)),
    ]


def test_a_role_by_way_of_a_group_has_no_end(answered: Answered) -> None:
    """The list of active roles says that it is by a group, the transitive one by which."""
    listed = document(f"graph/{PERMANENT}")["value"]
    group = {**listed[0], "principalId": GROUP, "memberType": "Direct"}
    found = holdings(answered, rows(*listed, group), NONE, "transitiveroleassignments-ga-via-group.beta.json")
    assert found == [(HoldingKind.ASSIGNED, "/", GROUP, None)]


def test_no_role_at_all(answered: Answered) -> None:
    assert holdings(answered, NONE, NONE, NONE) == []


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("error-graph-400-pim-license.json", Reason.UNSUPPORTED_VERSION, "no Entra ID P2 or ID Governance licence"),
        ("error-graph-401-cae-claims-challenge.json", Reason.SIGN_IN_FAILED, "the sign-in was revoked"),
        ("error-graph-401-invalidcloudinstance.json", Reason.WRONG_TARGET, "the token is of another cloud"),
        (
            "error-graph-403-authorization-requestdenied.json",
            Reason.MISSING_PERMISSION,
            "the application lacks Things.Read.All or Everything.Read.All for /things",
        ),
        ("error-graph-429-no-retry-after.json", Reason.THROTTLED, "(HTTP 429) until its time was up"),
        ("error-graph-429.json", Reason.THROTTLED, "(HTTP 429, Retry-After: 17) until its time was up"),
        ("error-intune-400-no-subscription.json", Reason.WRONG_TARGET, "the tenant has no Intune subscription"),
        ("error-intune-401-nested-forbidden.json", Reason.ACCESS_DENIED, "it needs an Intune role with read rights"),
        (
            "error-intune-403-missing-scope.json",
            Reason.MISSING_PERMISSION,
            "(Graph accepts DeviceManagementConfiguration.Read.All)",
        ),
    ],
)
def test_an_error_of_graph(name: str, reason: Reason, words: str, cloud: Cloud, reading: Reading) -> None:
    """Status, headers and body as the sample has them. Refusals are not asked again; what is put off is."""
    sample = document(f"graph/{name}")
    headers = {name: value for name, value in sample["headers"].items() if name != "Content-Type"}
    cloud.give("/beta/things", Given(sample["body"], sample["status"], headers))
    failure = reading.failure()
    assert failure.reason is reason
    assert words in str(failure)
    waits = {"error-graph-429.json": [17.0] * 5, "error-graph-429-no-retry-after.json": [0.25, 0.5, 1.0, 2.0, 4.0]}
    assert reading.deadline.waits == waits.get(name, [])


def test_a_batch_of_which_one_is_good_one_throttled_and_one_refused(cloud: Cloud, reading: Reading) -> None:
    """In the sample's order, which is not that of the questions. Only what was throttled is asked again."""
    sample = document("graph/batch-response-mixed.v1.json")["responses"]
    ids = {"1": "0", "2": "1", "3": "2"}  # the sample counts from one
    batch = http_json({"responses": [{**member, "id": ids[member["id"]]} for member in sample]})
    answers = [batch]
    cloud.whole = lambda request: answers.pop() if answers and len(asked(request)) == 3 else None
    cloud.give("/beta/2", rows({"id": "again"}))
    good, again, refused = reading.together("/1", "/2", "/3")
    assert [(row["id"], row["partnerState"]) for row in good] == [(MDE, "enabled")]
    assert again == [{"id": "again"}]
    assert refused.reason is Reason.MISSING_PERMISSION
    assert reading.deadline.waits == [10.0]
    assert [len(paths) for paths in cloud.exchanges] == [3, 1]


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("token-error-app-not-found.json", Reason.SIGN_IN_FAILED, "(AADSTS700016)"),
        ("token-error-ca-blocked.json", Reason.SIGN_IN_FAILED, "(AADSTS53003)"),
        ("token-error-consent-required.json", Reason.MISSING_PERMISSION, "(AADSTS65001)"),
        ("token-error-expired-secret.json", Reason.SIGN_IN_FAILED, "(AADSTS7000222)"),
        ("token-error-invalid-secret.json", Reason.SIGN_IN_FAILED, "(AADSTS7000215)"),
        ("token-error-mfa-required.json", Reason.SIGN_IN_FAILED, "(AADSTS50076)"),
        ("token-error-wrong-cloud-assertion-audience.json", Reason.WRONG_TARGET, "(AADSTS700023)"),
        # To an application nobody says that it shall wait for a person.
        ("token-error-device-pending.json", Reason.BAD_ANSWER, "no token that can be used"),
    ],
)
def test_a_refused_sign_in(name: str, reason: Reason, words: str, cloud: Cloud, reading: Reading) -> None:
    """Tried once; said in words of ours, not of the service, whose ids mean nothing to anybody."""
    sample = document(f"graph/{name}")
    cloud.token = [http_json(sample["body"], sample["status"])]
    failure = reading.failure()
    assert failure.reason is reason
    assert words in str(failure)
    assert "Trace ID" not in str(failure)
    reading.failure("/other")
    assert len(cloud.sign_ins) == 1


@pytest.mark.parametrize(
    ("name", "cloud_name", "scopes"),
    [
        ("openid-configuration-public.json", CloudName.PUBLIC, ("EU", None)),
        ("openid-configuration-gcc.json", CloudName.PUBLIC, ("NA", "GCC")),
        ("openid-configuration-gcchigh.json", CloudName.USGOV, ("USGov", "DODCON")),
        ("openid-configuration-dod.json", CloudName.USDOD, ("USGov", "DOD")),
        ("openid-configuration-china.json", CloudName.CHINA, ("AS", None)),
    ],
)
def test_where_a_tenant_lives(
    name: str, cloud_name: CloudName, scopes: tuple[str, str | None], answered: Answered
) -> None:
    """Its discovery document says it, in the hosts that we have for this cloud. Nobody signs in at the host that the
    document names, where it is another than the one that was asked."""
    answered.cloud.discovery = [http_json(document(f"graph/{name}"))]
    value = answered.read(TenantCloud, {})
    hosts = clouds()[cloud_name]
    assert value.tenant_id == TENANT
    assert (value.region_scope, value.region_sub_scope) == scopes
    assert (value.cloud_instance_name, f"https://{value.graph_host}") == (hosts.instance, hosts.graph)
    failure = answered.reading.failure()
    assert failure.reason in (Reason.BAD_ANSWER, Reason.WRONG_TARGET)
    assert "nothing was sent there" in str(failure)
    assert answered.cloud.sign_ins == []


def test_a_tenant_that_is_in_no_cloud_of_this_name(answered: Answered) -> None:
    answered.cloud.discovery = [http_json(document("graph/openid-configuration-tenant-not-found.400.json"), 400)]
    with pytest.raises(SourceError, match="this cloud knows no tenant of this name or id") as caught:
        answered.read(TenantCloud, {})
    assert caught.value.reason is Reason.WRONG_TARGET


@pytest.mark.parametrize("name", ["userrealm-federated.v1-0.json", "userrealm-managed.v1-0.json"])
def test_the_realm_of_a_user_is_never_asked_for(name: str, reading: Reading) -> None:
    """It would tell the cloud too, in the same word as the discovery document; but it names a person."""
    assert document(f"graph/{name}")["cloud_instance_name"] == clouds()[CloudName.PUBLIC].instance
    session = reading.entra._opened()
    with pytest.raises(GuardRefusal, match="where only signing in is allowed"):
        session.request("GET", f"{reading.cloud.origin}/common/userrealm/ada@contoso.test?api-version=1.0")
    assert reading.cloud.requests == []


def test_the_subscriptions_of_the_tenant(answered: Answered) -> None:
    (found,) = answered.read(Licences, {"/v1.0/subscribedSkus": "subscribedskus.v1.json"}).subscriptions
    assert (found.name, found.status) == ("SPE_E5", CapabilityStatus.ENABLED)
    assert len(found.plans) == 4
    assert ServicePlan("871d91ec-ec1a-452b-a83f-bd76c7d770ef", ProvisioningStatus.SUCCESS) in found.plans


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("beta /deviceManagement/advancedThreatProtectionOnboardingStateSummary", "atp-onboarding-summary.beta.json"),
        ("beta /deviceManagement/getComanagedDevicesSummary", "comanageddevicessummary.beta.json"),
        ("beta /deviceManagement/tenantAttachRBAC/getState()", "tenantattachrbac-getstate.beta.json"),
        ("v1.0 /deviceManagement/managedDevices", "manageddevices-comanaged.v1.json"),
        (
            "v1.0 /servicePrincipals/b2/oauth2PermissionGrants",
            "serviceprincipal-configmgrsvc-oauth2permissiongrants.v1.json",
        ),
        (
            "v1.0 /tenantRelationships/findTenantInformationByDomainName(domainName='contoso.test')",
            "tenantinformation.v1.json",
        ),
        ("v1.0 /me/transitiveMemberOf/microsoft.graph.directoryRole", "transitivememberof-directoryroles-ga.v1.json"),
    ],
)
def test_what_no_reader_asks_for_would_be_understood(path: str, name: str, cloud: Cloud, reading: Reading) -> None:
    """No fact needs these yet: a reader that is made for one finds its answer here, and takes it out of this list."""
    version, _, resource = path.partition(" ")
    assert not any(call.matches(f"Graph {path}") for reader in READERS for call in reader.calls)
    sample = document(f"graph/{name}")
    cloud.give(f"/{version}{resource}", Given(sample))
    single = "value" not in sample
    found = got(reading.client.together([Question(version, resource, single=single)])[0])
    assert list(found.rows) == ([found.object] if single else sample["value"])
    assert single is False or found.object == sample


def test_the_samples_are_as_the_openapi_has_them() -> None:
    """Those whose path the OpenAPI has; the same judge holds the simulated estate against it."""
    headers = {"Accept": "application/json", "Authorization": "Bearer x", "client-request-id": PERSON}
    found = {
        CONNECTORS: "mtd-connectors-unresponsive.beta.json",
        COLLECTIONS: "configmanagercollections-page2.beta.json",
        POLICIES: "configurationpolicies-edr.beta.json",
        f"{INTUNE}/intents": "intents-edr-legacy.beta.json",
        f"{INTUNE}/templates": "templates-edr-legacy.beta.json",
        f"{ROLES}/roleAssignmentScheduleInstances": PERMANENT,
        f"{ROLES}/roleEligibilityScheduleInstances": ELIGIBLE,
        "/v1.0/subscribedSkus": "subscribedskus.v1.json",
        "/v1.0/applications": "applications-configmgrsvc.v1.json",
        "/v1.0/servicePrincipals": "serviceprincipal-cm-microservice.v1.json",
    }
    exchanges = [
        Recorded("GET", path, 200, headers, answer=http_json(document(f"graph/{name}")).partition(b"\r\n\r\n")[2])
        for path, name in found.items()
    ]
    assert judge(exchanges).problems == []
