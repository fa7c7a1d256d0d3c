"""The reference's samples of the administration service and of WS-Man, through providers and readers, over sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from readiness.errors import SourceError
from readiness.model.facts import (
    CloudApplications,
    CloudServices,
    CloudTenants,
    Collections,
    CoManagementPolicies,
    Fact,
    Hierarchy,
    SiteIdentification,
    SiteProvider,
    SiteSystemRoles,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    TargetDevices,
    UploadScope,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.adminservice import AdminServiceProvider
from readiness.sources.configmgr.envelopes import Heading
from readiness.sources.configmgr.faults import WsManFault
from readiness.sources.configmgr.provider import ProviderFault
from readiness.sources.configmgr.readers import SiteSession
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.wql import select
from readiness.sources.deadline import Deadline
from tests.samples import content, document
from tests.servers import soap
from tests.servers.odata import Answer, odata, rows
from tests.servers.tcp import TcpServer
from tests.servers.winrm import PASSWORD, USER, WinRm
from tests.sources.configmgr.conftest import NAMESPACE, Visit
from tests.sources.configmgr.estate import Provider, read, session
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import PatientDeadline

_PATH = re.compile(r"/AdminService/wmi/(\w+(?:\.\w+)?)(\([^)]*\))?")
IDENTIFICATION = "sms_identification_2002.json"
COLUMNS = ["SiteCode", "Version", "BuildNumber", "Type", "Status", "Mode", "ReportingSiteCode", "ServerName"]

Read = Callable[..., Any]
Samples = Mapping[str, str | Answer]


@pytest.fixture
def answered(certificates: Certificates, _account: None) -> Read:
    """What a fact comes to where the administration service answers, for each class or method, with a sample."""

    def read_fact(fact: type[Fact], samples: Samples, targets: tuple[str, ...] = ()) -> Any:
        known = {"SMS_Identification": IDENTIFICATION, **samples}

        def reply(target: str) -> Answer:
            found = _PATH.match(target)
            assert found, target
            answer = known[f"{found[1]}()" if found[2] else found[1]]
            return answer if isinstance(answer, tuple) else ("200 OK", document(f"configmgr/{answer}"))

        with TcpServer(odata(reply, schemes=("NTLM",)), certificates.good) as server:
            bundle = certificates.bundle
            where = Target(
                "localhost", server.port, "https", "negotiate", USER, PASSWORD, bundle, service="adminservice"
            )
            provider = AdminServiceProvider(where, Deadline(20), workers=1)
            try:
                return read(fact, SiteSession(provider, "cm01", None, USER, targets)).value
            finally:
                provider.close()

    return read_fact


def target(server: TcpServer, certificates: Certificates, password: str = PASSWORD) -> Target:
    bundle = certificates.bundle
    return Target("localhost", server.port, "https", "negotiate", USER, password, bundle, service="adminservice")


def test_the_provider_says_which_site_it_is_for(answered: Read) -> None:
    value = answered(SiteProvider, {})
    assert (value.site_code, value.machine, value.namespace) == ("P01", "cm01.contoso.test", r"root\sms\site_P01")


def test_its_release(answered: Read) -> None:
    value = answered(SiteIdentification, {})
    assert (value.site_code, value.monthly_release, value.build) == ("P01", 2002, 8968)


def test_where_the_provider_is_as_wmi_says_it() -> None:
    """Over WS-Man: the administration service does not have this class."""
    (row,) = document("configmgr/sms_providerlocation_wmi.json")
    cells: dict[str, object] = {name: str(value) for name, value in row.items() if not name.startswith("__")}
    value = read(SiteProvider, session(Provider(SMS_ProviderLocation=[cells]))).value
    assert (value.site_code, value.machine, value.namespace) == ("P01", "CM01.contoso.test", r"root\sms\site_P01")


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("sms_site_standalone_2002.json", [("P01", SiteType.PRIMARY, 8968, "")]),
        ("sms_site_standalone_2509.json", [("P01", SiteType.PRIMARY, 9141, "")]),
        (
            "sms_site_hierarchy_mixed.json",
            [
                ("CAS", SiteType.CENTRAL, 9141, ""),
                ("P01", SiteType.PRIMARY, 9141, "CAS"),
                ("P02", SiteType.PRIMARY, 9135, "CAS"),
                ("S01", SiteType.SECONDARY, 9135, "P01"),
            ],
        ),
    ],
)
def test_the_sites_of_a_hierarchy(name: str, sites: list[tuple[Any, ...]], answered: Read) -> None:
    value = answered(Hierarchy, {"SMS_Site": name})
    assert [(site.code, site.type, site.build, site.reporting_site_code) for site in value.sites] == sites


RELEASE = ("Configuration Manager 2002", 196612)
HOTFIX = "Configuration Manager 2002 Hotfix (KB4563473)"


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("sms_cm_updatepackages_2002_absent.json", [RELEASE]),
        ("sms_cm_updatepackages_2002_installed.json", [RELEASE, (HOTFIX, 196612)]),
        ("sms_cm_updatepackages_2002_prereq_failed.json", [RELEASE, (HOTFIX, 196607)]),
        ("sms_cm_updatepackages_2002_ready.json", [RELEASE, (HOTFIX, 262146)]),
        (
            "sms_cm_updatepackages_2002_rollup_only.json",
            [RELEASE, ("Configuration Manager 2002 Hotfix Rollup (KB4560496)", 196612)],
        ),
        (
            "sms_cm_updatepackages_2509.json",
            [
                ("Configuration Manager 2509", 196612),
                ("Configuration Manager 2509 Hotfix Rollup (KB37864969)", 327682),
            ],
        ),
    ],
)
def test_the_updates_of_a_site(name: str, packages: list[tuple[str, int]], answered: Read) -> None:
    value = answered(SiteUpdates, {"SMS_CM_UpdatePackages": name})
    assert [(package.name, package.state) for package in value.packages] == packages
    assert value.packages[0].last_updated == datetime(2020, 6, 2, 9, 14, 31, tzinfo=UTC)


def test_how_far_an_update_is_at_each_site(answered: Read) -> None:
    value = answered(SiteUpdateStatuses, {"SMS_CM_UpdatePackageSiteStatus": "sms_cm_updatepackagesitestatus.json"})
    found = [(status.site_code, status.state) for status in value.statuses]
    assert found == [("CAS", 196612), ("P01", 196612), ("P02", 196611)]


def test_collections_and_whether_they_are_enabled(answered: Read) -> None:
    value = answered(Collections, {"SMS_Collection": "sms_collection_current.json"})
    assert [(one.id, one.member_count, one.service_partners) for one in value.collections] == [
        ("SMS00001", 1204, 0),
        ("P0100021", 212, 1),
        ("P0100022", 830, 1),
        ("P0100023", 12, 0),
        ("P0100024", 0, 1),
    ]


def test_collections_of_a_site_whose_class_lacks_the_column(answered: Read) -> None:
    """The method says it of the one that is named; of the others it is left open."""
    samples = {
        "SMS_Collection": "sms_collection_2002_without_servicepartners.json",
        "SMS_Collection.GetServicePartners": "method_GetServicePartners_result.json",
    }
    value = answered(Collections, samples, ("P0100021",))
    assert [(one.id, one.service_partners) for one in value.collections] == [("SMS00001", None), ("P0100021", 1)]


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("sms_azure_cloudservice_none.json", []),
        ("sms_azure_cloudservice_upload_off.json", [(5, ())]),
        ("sms_azure_cloudservice_upload_on.json", [(5, (16777219,))]),
    ],
)
def test_the_services_of_tenant_attach(name: str, services: list[Any], answered: Read) -> None:
    value = answered(CloudServices, {"SMS_Azure_CloudService": name})
    assert [(service.type, service.application_ids) for service in value.services] == services


def test_the_application_and_the_tenant_as_the_site_knows_them(answered: Read) -> None:
    (application,) = answered(CloudApplications, {"SMS_AAD_Application_Ex": "sms_aad_application_ex.json"}).applications
    (tenant,) = answered(CloudTenants, {"SMS_AAD_Tenant_Ex": "sms_aad_tenant_ex.json"}).tenants
    assert application.secret_expires == datetime(2022, 5, 20, 8, 0, tzinfo=UTC)
    assert (application.tenant_ref, tenant.id) == (16777217, 16777217)
    assert (tenant.tenant_id, tenant.environment) == ("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", 0)


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("method_GetTenantCollectionMapping_all.json", None),
        ("method_GetTenantCollectionMapping_one.json", "P0100020"),
    ],
)
def test_which_collection_is_uploaded(name: str, collection: str | None, answered: Read) -> None:
    method = "SMS_CoMgmtConfigs.GetTenantCollectionMapping"
    value = answered(UploadScope, {"SMS_AAD_Tenant_Ex": "sms_aad_tenant_ex.json", method: name})
    assert [(one.return_value, one.collection_id) for one in value.mappings] == [(0, collection)]


def test_a_co_management_policy_whose_settings_are_not_there(answered: Read) -> None:
    """The sample's lazy column is null, also where one is asked for by its key: what it sets stays open."""
    name = "sms_configurationpolicy_comgmt.json"
    value = answered(CoManagementPolicies, {"SMS_ConfigurationPolicy": name, "SMS_ConfigurationPolicy()": name})
    (policy,) = value.policies
    assert (policy.id, policy.name, policy.assigned) == (16777400, "CoMgmtSettingsProd", True)
    assert (policy.automatic_enrolment, policy.workloads) == (None, None)


@pytest.mark.parametrize(
    ("name", "offline"), [("sms_sci_sysresuse_scp_online.json", 0), ("sms_sci_sysresuse_scp_offline.json", 1)]
)
def test_the_mode_of_the_service_connection_point(name: str, offline: int, answered: Read) -> None:
    (role,) = answered(SiteSystemRoles, {"SMS_SCI_SysResUse": name}).roles
    assert (role.name, role.server, role.offline_mode) == ("SMS Dmp Connector", "cm01.contoso.test", offline)


def test_the_version_of_a_client_that_the_members_of_a_collection_lack(answered: Read) -> None:
    """Asked where it decides: at build 9141."""
    (device,) = document("configmgr/sms_combineddeviceresources.json")["value"]
    columns = ("ResourceID", "Name", "IsClient", "IsActive", "IsObsolete", "CoManaged", "DeviceOS", "DeviceOSBuild")
    member = {name: device[name] for name in (*columns, "ATPOnboardingState")}
    samples: Samples = {
        "SMS_Collection": "sms_collection_current.json",
        "SMS_Site": "sms_site_standalone_2509.json",
        "SMS_FullCollectionMembership": rows({**member, "CollectionID": "P0100021"}),
        "SMS_CombinedDeviceResources": "sms_combineddeviceresources.json",
        "SMS_R_System": rows(),
    }
    (found,) = answered(TargetDevices, samples, ("P0100021",)).devices
    assert (found.id, found.name, found.client_version) == (16777230, "SRV-APP-01", "5.00.9141.1032")
    assert (found.onboarding_state, found.operating_system_build) == (1, "10.0.20348.2000")


def test_one_instance_is_read_from_a_list_of_one(answered: Read) -> None:
    """A keyed GET answers as a question for rows does (sample `sms_collection_keyed_get`), with its lazy columns."""
    value = answered(Collections, {"SMS_Collection": "sms_collection_keyed_get.json"})
    assert [(one.id, one.name, one.service_partners) for one in value.collections] == [("P0100021", "EDR - Servers", 1)]


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("403 Forbidden", Reason.ACCESS_DENIED, "the account may not read"),
        ("500 Internal Server Error", Reason.BAD_ANSWER, "example text"),
    ],
)
def test_an_error_of_the_administration_service(status: str, reason: Reason, words: str, answered: Read) -> None:
    with pytest.raises(ProviderFault) as caught:
        answered(Hierarchy, {"SMS_Site": (status, document("configmgr/error_403_or_500.json"))})
    assert caught.value.reason is reason
    assert words in str(caught.value)


@pytest.mark.usefixtures("_account")
def test_a_refused_sign_in_of_the_administration_service(certificates: Certificates) -> None:
    """401 with no body, whatever is shown: the server offers what the sample offers, and takes no password."""
    sample = document("configmgr/error_401_no_body.json")
    assert (sample["_http_status"], sample["_body"]) == (401, "")
    service = odata(lambda _target: rows(), schemes=tuple(sample["_www_authenticate"]))
    with TcpServer(service, certificates.good) as server:
        provider = AdminServiceProvider(target(server, certificates, "Wr0ng"), Deadline(20), workers=1)
        try:
            with pytest.raises(SourceError) as caught:
                read(Hierarchy, SiteSession(provider, "cm01", None, USER, ()))
        finally:
            provider.close()
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert service.failed_sign_ins == 1
    assert service.requests == []


# WS-Man.


def related(name: str) -> Callable[[bytes], bytes]:
    """The sample as the answer to whatever is asked: two of the samples lack what relates them to a question."""

    def respond(request: bytes) -> bytes:
        sample = re.sub(rb"<a:RelatesTo>.*?</a:RelatesTo>", b"", content(f"configmgr/{name}"))
        return sample.replace(b"</s:Header>", b"<a:RelatesTo>%s</a:RelatesTo></s:Header>" % _id(request), 1)

    return respond


def _id(request: bytes) -> bytes:
    return soap.message_id(request).encode()


def conversation(**answers: str) -> Callable[[bytes], bytes]:
    """Samples by the action that they answer."""

    def respond(request: bytes) -> bytes:
        if soap.action(request) not in answers:
            return soap.envelope(request, "<n:ReleaseResponse/>")
        return related(answers[soap.action(request)])(request)

    return respond


def basic(respond: Callable[[bytes], bytes]) -> WinRm:
    return WinRm(respond, schemes=("Basic",))


def test_our_question_is_the_one_that_a_server_understands() -> None:
    """Element for element; what ours says besides are the two locales, which are not to be understood."""
    sample = content("configmgr/wsman_enumerate_request.xml")
    question = select("SMS_Site", COLUMNS)
    ours = Heading("https://cm01.contoso.test:5986/wsman", 60).enumerate_wql(r"root\sms\site_P01", question).body
    own = ("Locale", "DataLocale")
    assert [one for one in _said(ours) if one[0].rpartition("}")[2] not in own] == _said(sample)


def _said(envelope: bytes) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Every element: its name, its text, its attributes. Ids differ; a duration may be written in two ways."""
    root: Element = fromstring(envelope, forbid_dtd=True)
    found = []
    for one in root.iter():
        text = (one.text or "").strip().replace("PT60.000S", "PT60S")
        found.append((one.tag, "" if text.startswith("uuid:") else text, tuple(sorted(one.attrib.items()))))
    return found


def test_a_page_of_fragments(visiting: Visit) -> None:
    server = basic(conversation(Enumerate="wsman_enumerate_response_fragments_end.xml"))
    with visiting(server, auth="basic") as (_, provider):
        (row,) = provider.rows(NAMESPACE, "SMS_Site", COLUMNS).rows
    assert (row.text("SiteCode"), row.integer("BuildNumber"), row.text("ReportingSiteCode")) == ("P01", 8968, "")
    assert server.messages == ["Enumerate"]


def test_pages_of_whole_objects(visiting: Visit) -> None:
    """The first says where to go on; the second, of another class here, ends it."""
    first, second = "wsman_enumerate_response_objects_more.xml", "wsman_pull_response_end.xml"
    server = basic(conversation(Enumerate=first, Pull=second))
    with visiting(server, auth="basic") as (_, provider):
        update, service = provider.rows(NAMESPACE, "SMS_X", ["Name", "State"]).rows
    assert (update.text("Name"), update.integer("State")) == ("Configuration Manager 2002 Hotfix (KB4563473)", 196612)
    assert update.optional_moment("DateReleased") == datetime(2020, 5, 11, tzinfo=UTC)
    assert update.optional_text("EULA") is None
    assert service.integers("AssociatedAADWebApplications") == (16777219, 16777220)
    assert server.messages == ["Enumerate", "Pull"]
    assert b"uuid:00000000-0000-4000-8000-00000000000A" in server.envelopes[1]


@pytest.mark.parametrize(
    "name", ["wsman_enumerate_response_objects_more.xml", "wsman_enumerate_response_fragments_end.xml"]
)
def test_an_answer_that_does_not_say_what_it_answers_is_none(name: str, visiting: Visit) -> None:
    """The samples unchanged: one relates to nothing, the other to another question."""
    server = basic(lambda _request: content(f"configmgr/{name}"))
    with (
        visiting(server, auth="basic") as (_, provider),
        pytest.raises(SourceError, match="an answer to another question") as caught,
    ):
        provider.rows(NAMESPACE, "SMS_Site", COLUMNS)
    assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("wsman_fault_access_denied.xml", Reason.ACCESS_DENIED, "Remote Management Users"),
        ("wsman_fault_quota.xml", Reason.THROTTLED, "a quota of the server is used up"),
        ("wsman_fault_timeout.xml", Reason.TIMED_OUT, "the server gave up before the answer was ready"),
        ("wsman_fault_wmi_invalid_namespace.xml", Reason.WRONG_TARGET, "the WMI namespace does not exist there"),
    ],
)
def test_a_fault(name: str, reason: Reason, words: str, visiting: Visit) -> None:
    """As it is: a fault need not say which question it answers. Only a quota is waited for."""
    deadline = PatientDeadline(20)
    server = basic(lambda _request: content(f"configmgr/{name}"))
    with visiting(server, auth="basic", deadline=deadline) as (_, provider), pytest.raises(WsManFault) as caught:
        provider.rows(NAMESPACE, "SMS_Site", COLUMNS)
    assert caught.value.reason is reason
    assert words in str(caught.value)
    assert deadline.waits == ([0.5, 1.0, 2.0, 4.0] if reason is Reason.THROTTLED else [])
