"""Asking the simulated administration service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pypsrp.negotiate import HTTPNegotiateAuth

from readiness.lab import Lab
from readiness.lab.scenario import Fault, Method

from .clients import session
from .conftest import changed

Start = Callable[..., Lab]


class Service:
    """A client that writes its addresses itself."""

    def __init__(self, lab: Lab, web: requests.Session) -> None:
        account = lab.scenario.site
        web.auth = HTTPNegotiateAuth(account.username, account.password, auth_provider="ntlm")
        self._lab = lab
        self._web = web

    def send(self, method: str, path: str, content: Any = None) -> requests.Response:
        return self._web.request(method, self._lab.adminservice_url + path, json=content, timeout=10)

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@pytest.fixture
def asking(tmp_path: Path) -> Callable[[Lab], Service]:
    return lambda lab: Service(lab, session(lab, tmp_path))


@pytest.fixture
def service(lab: Lab, asking: Callable[[Lab], Service]) -> Iterator[Service]:
    return asking(lab)  # type: ignore[return-value]


def test_chosen_columns_come_with_the_key_of_the_row(service: Service, lab: Lab) -> None:
    (row,) = service.get("SMS_Site?$select=sitecode,BuildNumber,ContentLibraryLocation")
    assert row == {"@odata.etag": "P01", "SiteCode": "P01", "BuildNumber": 9146, "ContentLibraryLocation": None}
    assert lab.requests[-1].summary == "SMS_Site?$select=sitecode,BuildNumber,ContentLibraryLocation"
    assert lab.requests[-1].server == "adminservice"


def test_without_select_wmi_says_what_it_knows_of_the_instance(service: Service) -> None:
    """Lazy columns are named, and empty: an array as an empty one."""
    row = service.get("SMS_Collection?$filter=CollectionID eq 'P0100021'")[0]
    assert row["__LAZYPROPERTIES"][:2] == ["__QUALIFIER_SECURITYVERBS", "CollectionRules"]
    assert (row["CollectionRules"], row["ISVDataSize"], row["@odata.etag"]) == ([], None, "P0100021")
    assert row["__PROPERTY_COUNT"] == 42
    assert row["__PATH"] == '\\\\CM01\\root\\sms\\site_P01:SMS_Collection.CollectionID="P0100021"'


def test_a_keyed_get_fills_lazy_columns(service: Service, lab: Lab) -> None:
    (row,) = service.get("SMS_Collection('p0100021')")
    assert row["CollectionRules"][0]["@odata.type"] == "#AdminService.SMS_CollectionRuleQuery"
    assert row["RefreshSchedule"][0]["DaySpan"] == 1
    assert lab.requests[-1].summary == "Get SMS_Collection CollectionID=p0100021"
    guid = "1F7E3B90-5D28-4C6A-9B41-E2A80C7D3F16"
    assert service.get(f"SMS_CM_UpdatePackageSiteStatus(PackageGuid='{guid}',SiteNumber=1)")[0]["State"] == 196612
    assert service.get("SMS_Admin(16777218)")[0]["Permissions"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("CollectionType eq 1", 2),
        ("CollectionType eq 2 and IsBuiltIn eq true", 3),
        ("(CollectionID eq 'P0100021' or CollectionID eq 'p0100022')", 2),
        ("IsBuiltIn eq false and (Name eq 'Domain Controllers' or Name eq 'it''s')", 1),
    ],
)
def test_filters(condition: str, found: int, service: Service) -> None:
    assert len(service.get(f"SMS_Collection?$select=Name&$filter={condition}")) == found


def test_pages(service: Service) -> None:
    whole = [row["CollectionID"] for row in service.get("SMS_Collection?$select=CollectionID")]
    parts = [service.get(f"SMS_Collection?$select=CollectionID&$top=4&$skip={skip}") for skip in (0, 4, 8, 12)]
    assert [len(part) for part in parts] == [4, 4, len(whole) - 8, 0]
    assert [row["CollectionID"] for part in parts for row in part] == whole


def test_getters_are_called_by_post(start: Start, asking: Callable[[Lab], Service]) -> None:
    stated = Method(cls="SMS_Identification", name="GetSiteID", result={"ReturnValue": 0, "SiteID": "x"})
    lab = start(changed("hotfix-missing", method=[stated]))
    client = asking(lab)
    answer = client.send("POST", "SMS_Collection.GetServicePartners", {"CollectionID": "P0100021"})
    assert answer.status_code == 201
    assert {k: v for k, v in answer.json().items() if "@" not in k} == {"ReturnValue": 0, "ServicePartners": 1}
    assert lab.requests[-1].summary.startswith("SMS_Collection.GetServicePartners ")
    assert client.send("POST", "SMS_Identification.GetSiteID", {}).json()["SiteID"] == "x"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "SMS_Nothing", 404),
        ("GET", "SMS_Site('XYZ')", 404),
        ("GET", "SMS_Site(SiteName='x')", 400),
        ("GET", "SMS_Site?$select=Nothing", 400),
        ("GET", "SMS_Collection?$select=CollectionRules", 400),
        ("GET", "SMS_Site?$filter=SiteCode lt 'x'", 400),
        ("GET", "SMS_Site?$expand=x", 400),
        ("GET", "SMS_Site?$top=x", 400),
        ("POST", "SMS_Site.GetNothing", 404),
        ("GET", "$metadata", 404),
    ],
)
def test_errors_are_said_in_json(method: str, path: str, status: int, service: Service) -> None:
    answer = service.send(method, path, {} if method == "POST" else None)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "innererror"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "SMS_Collection.ModifyServicePartners"),
        ("POST", "SMS_Collection"),
        ("PATCH", "SMS_Collection('P0100021')"),
        ("DELETE", "SMS_Collection('P0100021')"),
        ("GET", "SMS_Collection.GetServicePartners"),
    ],
)
def test_whatever_changes_something_is_refused_and_logged(method: str, path: str, service: Service, lab: Lab) -> None:
    assert service.send(method, path, {}).status_code == 405
    assert lab.requests[-1].summary == f"refused: {method} {path}"


def test_columns_that_came_later_are_unknown_at_2002(start: Start, asking: Callable[[Lab], Service]) -> None:
    client = asking(start("hotfix-missing"))
    assert client.send("GET", "SMS_Collection?$select=ServicePartners").status_code == 400
    assert "ServicePartners" not in client.get("SMS_Collection")[0]


def test_case_matters_up_to_2002(start: Start, asking: Callable[[Lab], Service]) -> None:
    assert asking(start("ready")).send("GET", "../wmi/sms_site").status_code == 200
    for path, old, new in (("../WMI/SMS_Site", 404, 200),):
        assert asking(start("hotfix-missing")).send("GET", path).status_code == old
        assert asking(start("ready")).send("GET", path).status_code == new


def test_hidden_rows_are_silently_missing(start: Start, asking: Callable[[Lab], Service]) -> None:
    client = asking(start("rights-limited"))
    assert client.get("SMS_CM_UpdatePackages") == []
    assert [row["AdminID"] for row in client.get("SMS_Admin?$select=AdminID")] == [16777218]
    assert client.send("GET", "SMS_Collection('P0100022')").status_code == 404


def test_declared_faults(start: Start, asking: Callable[[Lab], Service]) -> None:
    faults = [
        Fault(server="adminservice", cls="SMS_Site", status=503, retry_after=7, times=1),
        Fault(server="adminservice", cls="SMS_Ad*", hresult=0x80041003),
    ]
    client = asking(start(changed("ready", fault=faults)))
    throttled = client.send("GET", "SMS_Site")
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (503, "7")
    assert len(client.get("SMS_Site")) == 1
    denied = client.send("GET", "SMS_Admin")
    assert denied.status_code == 500
    assert "0x80041003" in denied.json()["error"]["message"]


def test_a_refused_sign_in_is_a_401_without_body(lab: Lab, tmp_path: Path) -> None:
    web = session(lab, tmp_path)
    answer = web.get(f"{lab.adminservice_url}SMS_Site", timeout=10)
    assert (answer.status_code, answer.content, answer.headers["WWW-Authenticate"]) == (401, b"", "Negotiate, NTLM")
    answer = web.get(f"{lab.adminservice_url}SMS_Site", auth=("CONTOSO\\svc-readiness", "x"), timeout=10)
    assert answer.status_code == 401


def test_ntlm_can_be_refused_as_from_2509_on(start: Start, tmp_path: Path) -> None:
    lab = start(changed("ready", site={"ntlm": False}))
    web = session(lab, tmp_path)
    account = lab.scenario.site
    for provider in ("ntlm", "negotiate"):
        auth = HTTPNegotiateAuth(account.username, account.password, auth_provider=provider)
        answer = web.get(f"{lab.adminservice_url}SMS_Site", auth=auth, timeout=10)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Negotiate")
