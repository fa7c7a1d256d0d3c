"""Asking the simulated SMS Provider by WS-Man."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readiness.lab import Lab
from readiness.lab.scenario import Fault, Method

from .clients import (
    NAMES,
    NIL,
    TRANSFER,
    TYPE,
    WMI,
    Site,
    context_of,
    enumerate_envelope,
    envelope_of,
    session,
    texts,
    wmi_message_id,
    wsman_code,
)
from .conftest import changed

Start = Callable[..., Lab]


@pytest.fixture
def asking(tmp_path: Path) -> Callable[[Lab], Site]:
    return lambda lab: Site(lab, session(lab, tmp_path))


def test_a_list_of_columns_comes_as_fragments_in_the_order_asked(site: Site) -> None:
    body = site.query("SELECT SiteCode, BuildNumber, ReportingSiteCode, ContentLibraryLocation FROM SMS_Site")

    fragment = body.find("n:EnumerateResponse/w:Items/w:XmlFragment", NAMES)
    assert fragment is not None
    assert [cell.tag for cell in fragment] == [
        "SiteCode",
        "BuildNumber",
        "ReportingSiteCode",
        "ContentLibraryLocation",
    ]
    assert [cell.text for cell in fragment] == ["P01", "9146", None, None]
    assert [cell.get(NIL) for cell in fragment] == [None, None, None, "true"]
    assert body.find("n:EnumerateResponse/w:EndOfSequence", NAMES) is not None
    assert context_of(body) == ""


def test_everything_comes_as_typed_instances(site: Site) -> None:
    body = site.query("select * from sms_cm_updatepackages")

    uri = "{http://schemas.microsoft.com/wbem/wsman/1/wmi/root/sms/site_P01/SMS_CM_UpdatePackages}"
    found = body.findall(f".//{uri}SMS_CM_UpdatePackages")
    assert len(found) == 4
    assert found[0].get(TYPE) == "p:SMS_CM_UpdatePackages_Type"
    assert found[0].findtext(f"{uri}State") == "196612"
    assert found[0].findtext(f"{uri}DateReleased/cim:Datetime", None, NAMES) == "2024-04-22T00:00:00Z"


def test_a_moment_in_a_fragment_has_no_namespace(start: Start, asking: Callable[[Lab], Site]) -> None:
    lab = start(now=datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    body = asking(lab).query("SELECT LastRefreshTime FROM SMS_Collection WHERE CollectionID = 'P0100021'")

    assert texts(body, "LastRefreshTime/Datetime") == ["2026-11-23T06:00:00Z"]


def test_arrays_repeat_their_element_and_empty_ones_are_missing(site: Site) -> None:
    body = site.query("SELECT CollectionNames, IsGroup FROM SMS_Admin WHERE AdminID = 16777218")
    whole = site.get("SMS_Collection", CollectionID="P0100023")

    fragment = body.find(".//w:XmlFragment", NAMES)
    assert fragment is not None
    assert [cell.text for cell in fragment.findall("CollectionNames")] == ["All Systems", "All Users and User Groups"]
    assert fragment.findtext("IsGroup") == "false"
    assert whole.find(f".//{{{WMI}SMS_Collection}}CollectionRules") is None


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("IsBuiltIn = FALSE and CollectionType = 2", 4),
        ('name = "ALL SYSTEMS"', 1),
        ("Name = 'it''s'", None),
        (r"Name = 'it\'s'", 0),
        ("MemberCount = -1", 0),
    ],
)
def test_conditions_compare_as_wmi_does(site: Site, where: str, found: int | None) -> None:
    body = site.query(f"SELECT CollectionID FROM SMS_Collection WHERE {where}")  # noqa: S608 - that is the test

    if found is None:
        assert wmi_message_id(body) == "HRESULT 0x80041017"
    else:
        assert len(texts(body, "CollectionID")) == found


def test_lazy_columns_are_null_in_enumerations_and_filled_by_get(site: Site) -> None:
    listed = site.query("SELECT LogonName, Permissions, AdminSid FROM SMS_Admin WHERE AdminID = 16777218")
    got = site.get("SMS_Admin", AdminID="16777218")

    fragment = listed.find(".//w:XmlFragment", NAMES)
    assert fragment is not None
    assert [cell.get(NIL) for cell in fragment] == [None, "true", "true"]
    outer, inner = f"{{{WMI}SMS_Admin}}", f"{{{WMI}SMS_APermission}}"
    permissions = got.findall(f"{outer}SMS_Admin/{outer}Permissions")
    assert [permission.findtext(f"{inner}CategoryID") for permission in permissions] == [
        "SMS00ALL",
        "SMS00001",
        "SMS00004",
    ]
    assert permissions[0].get(TYPE, "").endswith(":SMS_APermission_Type")
    assert got.findtext(f".//{outer}AdminSid", "").startswith("S-1-5-21-")


def test_an_embedded_object_may_be_of_a_derived_class(site: Site) -> None:
    got = site.get("SMS_Collection", collectionid="P0100021")

    rule = got.find(f".//{{{WMI}SMS_Collection}}CollectionRules")
    assert rule is not None
    assert rule.get(TYPE, "").endswith(":SMS_CollectionRuleQuery_Type")
    assert rule.findtext(f"{{{WMI}SMS_CollectionRuleQuery}}QueryID") == "1"


def test_pull_brings_the_rest_and_closes_the_context(site: Site) -> None:
    body = site.query("SELECT CollectionID FROM SMS_Collection", most=4)
    context, found = context_of(body), texts(body, "CollectionID")
    second = site.pull(context, 4)
    last = site.pull(context, 4)
    found += texts(second, "CollectionID") + texts(last, "CollectionID")

    assert body.find(".//w:EndOfSequence", NAMES) is None
    assert context_of(second) == context
    assert last.find("n:PullResponse/n:EndOfSequence", NAMES) is not None
    assert len(found) == len(set(found)) == 9
    assert wsman_code(site.pull(context)) == "2150858759"


def test_release_closes_the_context(site: Site) -> None:
    context = context_of(site.query("SELECT CollectionID FROM SMS_Collection", most=1))

    assert list(site.release(context)) == []
    assert wsman_code(site.pull(context)) == "2150858759"


def test_an_idle_context_expires(start: Start, asking: Callable[[Lab], Site]) -> None:
    site = asking(start(changed("ready", site={"context_seconds": 0})))
    context = context_of(site.query("SELECT CollectionID FROM SMS_Collection", most=1))

    assert wsman_code(site.pull(context)) == "2150858759"


def test_an_answer_is_no_larger_than_asked_for(site: Site) -> None:
    small = enumerate_envelope("SELECT * FROM SMS_Collection", size=8192)

    answer = site.post(small)

    assert len(answer.content) <= 8192
    assert b"EndOfSequence" not in answer.content
    assert wsman_code(site.query("SELECT * FROM SMS_Collection", size=2100)) == "2150858823"


def test_answers_relate_to_their_question_and_carry_a_date(site: Site) -> None:
    question = enumerate_envelope("SELECT SiteCode FROM SMS_Site")
    answer = site.post(question)

    message = question.partition("<a:MessageID>")[2].partition("<")[0]
    assert f"<a:RelatesTo>{message}</a:RelatesTo>" in answer.text
    assert "EnumerateResponse</a:Action>" in answer.text
    assert answer.headers["Date"].endswith("GMT")
    assert answer.headers["Content-Type"] == "application/soap+xml;charset=UTF-8"


def test_the_provider_is_found_in_the_root_namespace(site: Site) -> None:
    root = WMI.replace("site_P01/", "*")
    question = "SELECT SiteCode, NamespacePath FROM SMS_ProviderLocation WHERE ProviderForLocalSite = TRUE"

    assert texts(site.query(question, resource=root), "SiteCode") == ["P01"]
    assert wmi_message_id(site.query(question)) == "HRESULT 0x80041010"


@pytest.mark.parametrize(
    ("wql", "resource", "hresult"),
    [
        ("SELECT SiteCode FROM SMS_Site", WMI.replace("P01", "XYZ") + "*", "0x8004100e"),
        ("SELECT a FROM SMS_Nothing", f"{WMI}*", "0x80041010"),
        ("SELECT RoleID FROM SMS_APermission", f"{WMI}*", "0x80041010"),
        ("SELECT Nothing FROM SMS_Site", f"{WMI}*", "0x80041017"),
        ("SELECT SiteCode FROM SMS_Site WHERE Nothing = 1", f"{WMI}*", "0x80041017"),
        ("SELECT SiteCode FROM SMS_Site WHERE SiteCode LIKE 'P%'", f"{WMI}*", "0x80041017"),
    ],
)
def test_faults_of_wmi(site: Site, wql: str, resource: str, hresult: str) -> None:
    assert wmi_message_id(site.query(wql, resource=resource)) == f"HRESULT {hresult}"


@pytest.mark.parametrize(
    ("resource", "code"), [(f"{WMI}SMS_Site", "2150859003"), ("http://example.com/other/*", "2150858754")]
)
def test_faults_of_the_service(site: Site, resource: str, code: str) -> None:
    assert wsman_code(site.query("SELECT SiteCode FROM SMS_Site", resource=resource)) == code


def test_get_needs_the_keys_and_an_instance(site: Site) -> None:
    assert wsman_code(site.get("SMS_Site", SiteName="x")) == "2150858843"
    assert wmi_message_id(site.get("SMS_Site", SiteCode="XYZ")) == "HRESULT 0x80041002"


@pytest.mark.parametrize("action", [f"{WMI}SMS_Collection/RequestRefresh", f"{TRANSFER}/Put", f"{TRANSFER}/Delete"])
def test_whatever_changes_something_is_refused_and_logged(lab: Lab, site: Site, action: str) -> None:
    answer = site.ask(envelope_of(action, f"{WMI}SMS_Collection", "<x/>"))

    assert wsman_code(answer) == "2150858753"
    assert lab.requests[-1].summary == f"refused: {action.rpartition('/')[2]} SMS_Collection"
    assert lab.requests[-1].status == 500


@pytest.mark.parametrize("scenario", ["ready", "hotfix-missing"])
def test_service_partners_can_be_asked_for_at_any_build(
    scenario: str, start: Start, asking: Callable[[Lab], Site]
) -> None:
    """The method is older than the column; both say the same."""
    lab = start(scenario)
    site = asking(lab)
    assert site.invoke("SMS_Collection", "GetServicePartners", CollectionID="p0100021") == {
        "ReturnValue": "0",
        "ServicePartners": "1",
    }
    assert lab.requests[-1].summary == "SMS_Collection.GetServicePartners CollectionID=p0100021"
    hidden = site.invoke("SMS_Collection", "GetServicePartners", CollectionID="P01FFFFF")
    assert hidden == {"ReturnValue": str(0x80041002), "ServicePartners": None}


def test_a_scenario_says_what_a_method_answers(start: Start, asking: Callable[[Lab], Site]) -> None:
    """The first entry whose arguments fit; without one, all devices are uploaded."""
    tenant = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
    stated = Method(
        cls="SMS_CoMgmtConfigs",
        name="GetTenantCollectionMapping",
        arguments={"TenantID": tenant},
        result={"CollectionSiteID": "P0100020"},
    )
    site = asking(start(changed("ready", method=[stated])))
    assert site.invoke("SMS_CoMgmtConfigs", "GetTenantCollectionMapping", TenantID=tenant.upper()) == {
        "ReturnValue": "0",
        "CollectionSiteID": "P0100020",
    }
    assert site.invoke("SMS_CoMgmtConfigs", "GetTenantCollectionMapping", TenantID="other") == {
        "ReturnValue": "0",
        "CollectionSiteID": None,
    }


@pytest.mark.parametrize(("cls", "hresult"), [("SMS_Site", "0x8004102e"), ("SMS_Nothing", "0x80041010")])
def test_a_method_that_is_not_there(site: Site, cls: str, hresult: str) -> None:
    answer = site.ask(envelope_of(f"{WMI}{cls}/GetNothing", f"{WMI}{cls}", "<x/>"))
    assert wmi_message_id(answer) == f"HRESULT {hresult}"


def test_any_of_several_values(site: Site) -> None:
    wql = "SELECT CollectionID FROM SMS_Collection WHERE CollectionType = 2 AND (Name = 'all systems' OR Name = 'x')"
    assert texts(site.query(wql), "CollectionID") == ["SMS00001"]


def test_columns_that_came_later_are_unknown_at_2002(start: Start, asking: Callable[[Lab], Site]) -> None:
    site = asking(start("hotfix-missing"))

    assert wmi_message_id(site.query("SELECT ServicePartners FROM SMS_Collection")) == "HRESULT 0x80041017"
    assert b"ServicePartners" not in site.post(enumerate_envelope("SELECT * FROM SMS_Collection")).content


def test_hidden_rows_are_silently_missing(start: Start, asking: Callable[[Lab], Site]) -> None:
    site = asking(start("rights-limited"))

    assert texts(site.query("SELECT Name FROM SMS_CM_UpdatePackages"), "Name") == []
    assert texts(site.query("SELECT CollectionID FROM SMS_Collection"), "CollectionID") == ["SMS00001", "P0100021"]
    assert texts(site.query("SELECT AdminID FROM SMS_Admin"), "AdminID") == ["16777218"]
    assert wmi_message_id(site.get("SMS_Collection", CollectionID="P0100022")) == "HRESULT 0x80041002"


def test_declared_faults_in_both_forms(start: Start, asking: Callable[[Lab], Site]) -> None:
    faults = [
        Fault(server="wsman", cls="SMS_Site", code=2150858793, times=1),
        Fault(server="wsman", cls="SMS_Ad*", hresult=0x80041003),
    ]
    site = asking(start(changed("ready", fault=faults)))

    assert wsman_code(site.query("SELECT SiteCode FROM SMS_Site")) == "2150858793"
    assert texts(site.query("SELECT SiteCode FROM SMS_Site"), "SiteCode") == ["P01"]
    assert wmi_message_id(site.query("SELECT AdminID FROM SMS_Admin")) == "HRESULT 0x80041003"


def test_names_are_escaped_and_what_xml_cannot_hold_is_replaced(start: Start, asking: Callable[[Lab], Site]) -> None:
    hostile = "<b>&amp;\"'\x07 \U0001f600"
    rows = [{"CollectionID": "P0100099", "Name": hostile}]
    scenario = changed("ready")
    site = asking(start(changed("ready", wmi={**scenario.wmi, "SMS_Collection": rows})))

    assert texts(site.query("SELECT Name FROM SMS_Collection"), "Name") == [hostile.replace("\x07", "\ufffd")]


@pytest.mark.parametrize("envelope", ["", "<not closed", "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>"])
def test_what_is_no_envelope_is_a_bad_request(site: Site, envelope: str) -> None:
    assert site.post(envelope or " ").status_code == 400
