"""What the Guard lets out to the administration service: rows, instances, and the listed getters."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Request

from readiness.sources.configmgr.adminservice.rules import require_reading
from readiness.sources.configmgr.getters import GETTERS
from readiness.sources.deadline import Deadline
from readiness.sources.guard import GuardRefusal, guarded_session
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.sources.conftest import Certificates

ORIGIN = "https://cm01.test"
ROUTE = "/AdminService/wmi/"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "MERGE", "get", "post"]
PIECES = (
    *("AdminService", "adminservice", "wmi", "v1.0", "$metadata", "SMS_Site", "SMS_Site('P01')", "SMS_X(1)", "", "."),
    *("..", "%2e%2e", "a\\b", "%5c..", "SMS_Collection.ModifyServicePartners", "SMS_Collection.GetServicePartners"),
    *("SMS_Collection('P0100021')", "AdminService.ModifyServicePartners", "$count", "SMS_Site?$expand=x", "%00"),
)
paths = st.lists(st.sampled_from(PIECES), max_size=5).map(lambda parts: "/" + "/".join(parts))


def request(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> PreparedRequest:
    return Request(method, ORIGIN + path, data=body, headers=headers or {}).prepare()


def call(cls: str, method: str, body: Any) -> PreparedRequest:
    return request("POST", f"{ROUTE}{cls}.{method}", body if isinstance(body, bytes) else json.dumps(body).encode())


def test_reading_is_let_out() -> None:
    for path in ("SMS_Site", "SMS_Site?$select=A,B&$filter=A eq 'x'&$top=1&$skip=0", "SMS_Site('P01')", "SMS_X(-5)"):
        require_reading(request("GET", ROUTE + path))
    require_reading(request("GET", f"{ROUTE}SMS_X(A='it''s%20%2F',B=5)"))


def test_every_listed_getter_is_let_out() -> None:
    for cls, methods in GETTERS.items():
        for method, arguments in methods.items():
            require_reading(call(cls, method, dict.fromkeys(arguments, "x")))


@pytest.mark.parametrize(
    ("cls", "method", "body"),
    [
        ("SMS_Collection", "ModifyServicePartners", {"CollectionID": "P0100021", "ServicePartners": "0"}),
        ("SMS_CoMgmtConfigs", "AddTenantCollectionMapping", {"TenantID": "t"}),
        ("SMS_CoMgmtConfigs", "RemoveTenantCollectionMapping", {"TenantID": "t"}),
        ("SMS_Collection", "getservicepartners", {"CollectionID": "P0100021"}),
        ("SMS_Site", "GetServicePartners", {"CollectionID": "P0100021"}),
        ("SMS_Collection", "GetServicePartners", {}),
        ("SMS_Collection", "GetServicePartners", {"CollectionID": 5}),
        ("SMS_Collection", "GetServicePartners", {"CollectionID": ["P0100021"]}),
        ("SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021", "ServicePartners": "1"}),
        ("SMS_Collection", "GetServicePartners", ["P0100021"]),
        ("SMS_Collection", "GetServicePartners", b'{"CollectionID":"a","CollectionID":"b"}'),
        ("SMS_Collection", "GetServicePartners", b"CollectionID=P0100021"),
        ("SMS_Collection", "GetServicePartners", b""),
        ("SMS_Collection.GetServicePartners/x", "y", {"CollectionID": "P0100021"}),
    ],
)
def test_a_call_that_is_not_exactly_a_listed_one_is_refused(cls: str, method: str, body: Any) -> None:
    with pytest.raises(GuardRefusal):
        require_reading(call(cls, method, body))


@pytest.mark.parametrize(
    "made",
    [
        request("GET", f"{ROUTE}SMS_Collection.ModifyServicePartners"),
        request("GET", f"{ROUTE}SMS_Identification.GetSiteID"),
        request("GET", f"{ROUTE}SMS_Site?$expand=x"),
        request("GET", f"{ROUTE}SMS_Site?format=x"),
        request("GET", f"{ROUTE}SMS_Site", b"{}"),
        request("GET", f"{ROUTE}SMS_Site", None, {"X-HTTP-Method-Override": "DELETE"}),
        request("GET", f"{ROUTE}SMS_Site(P01)"),
        request("GET", f"{ROUTE}SMS_Site('P01'"),
        request("GET", f"{ROUTE}SMS_Site('P01')/x"),
        request("GET", f"{ROUTE}SMS_Site('%2e%2e/%2e%2e/v1.0')"),
        request("GET", "/adminservice/wmi/SMS_Site"),
        request("GET", "/AdminService/v1.0/Device"),
        request("GET", f"{ROUTE}$metadata"),
        request("GET", ROUTE),
        request("GET", "/"),
        request("POST", f"{ROUTE}SMS_Collection", b"{}"),
        request("POST", f"{ROUTE}SMS_Identification.GetSiteID?x=y", b"{}"),
        request("PATCH", f"{ROUTE}SMS_Collection('P0100021')", b"{}"),
        request("DELETE", f"{ROUTE}SMS_Collection('P0100021')"),
    ],
    ids=lambda made: f"{made.method} {made.path_url}",
)
def test_everything_else_is_refused(made: PreparedRequest) -> None:
    with pytest.raises(GuardRefusal):
        require_reading(made)


@settings(deadline=None)
@given(method=st.sampled_from(METHODS), path=paths, body=st.sampled_from([None, b"{}", b'{"CollectionID":"x"}']))
def test_nothing_but_reading_leaves(method: str, path: str, body: bytes | None) -> None:
    """Whatever is let out is a GET of a class or an instance, or a listed getter."""
    made = request(method, path, body)
    try:
        require_reading(made)
    except GuardRefusal:
        return
    sent = made.path_url.partition("?")[0]
    if made.method == "GET":
        assert re.fullmatch(r"/AdminService/wmi/SMS_\w+(\((1|'\w+')\))?", sent)
        assert made.body is None
    else:
        assert (made.method, sent) == ("POST", f"{ROUTE}SMS_Collection.GetServicePartners")
        assert body == b'{"CollectionID":"x"}'


def test_the_guard_asks_the_rules_before_it_sends(certificates: Certificates) -> None:
    with TcpServer(Script([http_answer("200 OK", {})]), certificates.good) as server:
        session = guarded_session(server.origin, require_reading, Deadline(5), ca_bundle=certificates.bundle)
        with session, pytest.raises(GuardRefusal):
            session.post(f"{server.origin}{ROUTE}SMS_Collection.ModifyServicePartners", json={"CollectionID": "x"})
        assert server.connections == 0
