"""Only reading and signing in are let out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Request

from readiness.sources.deadline import Deadline
from readiness.sources.graph.rules import REPORT_ACTIONS, entra_rules, graph_rules, person_rules
from readiness.sources.guard import GuardRefusal, guarded_session
from readiness.sources.plain import stays_below
from tests.servers.graph import Cloud
from tests.sources.conftest import Certificates

GRAPH, LOGIN = "https://graph.test", "https://login.test"
DISCOVERY = "/contoso.test/v2.0/.well-known/openid-configuration"
TOKEN = "/contoso.test/oauth2/v2.0/token"
DEVICE = "/contoso.test/oauth2/v2.0/devicecode"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "MERGE", "get", "post"]
OVERRIDES = ["X-HTTP-Method", "X-HTTP-Method-Override", "x-method-override"]

PIECES = (
    *("v1.0", "beta", "$batch", "%24batch", "deviceManagement", "reports", "users", "", ".", "..", "%2e%2e", "%252e."),
    *("a\\b", "%5c..", "%00", "x?y=z", "#", "@evil.test", "https:", "oauth2", "v2.0", "token", ".well-known"),
    *sorted(REPORT_ACTIONS),
)
paths = st.lists(st.sampled_from(PIECES), max_size=6).map(lambda parts: "/" + "/".join(parts))


def request(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> PreparedRequest:
    """A request as it would leave."""
    return Request(method, url, data=body, headers=headers or {}).prepare()


def batch(*members: Any, **more: Any) -> PreparedRequest:
    return request("POST", f"{GRAPH}/beta/$batch", json.dumps({"requests": list(members), **more}).encode())


def member(**changed: Any) -> dict[str, Any]:
    return {"id": "0", "method": "GET", "url": "/users?$select=id", **changed}


def allowed(rules: Any, made: PreparedRequest) -> bool:
    try:
        rules(made)
    except GuardRefusal:
        return False
    return True


def test_reading_is_let_out() -> None:
    for path in ("/v1.0/organization", "/beta/users/a_b.test%23EXT%23@contoso.test", "/beta/x/getState()?$top=1"):
        graph_rules(request("GET", GRAPH + path))
    graph_rules(batch(member(), member(id="1", url="/x/getPolicySummary(policyId='1')?a=b/../c")))
    graph_rules(batch(member(headers={"ConsistencyLevel": "eventual", "Prefer": "include-unknown-enum-members"})))
    for action in REPORT_ACTIONS:
        graph_rules(request("POST", f"{GRAPH}/beta/deviceManagement/reports/{action}", b"{}"))


def test_signing_in_is_let_out() -> None:
    entra_rules(request("GET", LOGIN + DISCOVERY))
    entra_rules(request("POST", LOGIN + TOKEN, {"client_secret": "x"}))


@settings(deadline=None)
@given(method=st.sampled_from(METHODS), path=paths, body=st.sampled_from([None, b"{}", b'{"requests":[]}']))
def test_nothing_but_reading_leaves_for_graph(method: str, path: str, body: bytes | None) -> None:
    """Whatever is let out is a GET below a version, or a POST to one of three actions."""
    made = request(method, GRAPH + path, body)
    if not allowed(graph_rules, made):
        return
    sent = made.path_url.split("?")[0]
    if made.method == "GET":
        assert re.match(r"/(v1\.0|beta)/.", sent)
        assert made.body is None
    else:
        assert made.method == "POST"
        assert re.fullmatch(rf"/(v1\.0|beta)/deviceManagement/reports/({'|'.join(REPORT_ACTIONS)})", made.path_url)
    assert not {".", ".."} & set(sent.lower().replace("%2e", ".").replace("%5c", "/").split("/"))


@settings(deadline=None)
@given(method=st.sampled_from(METHODS), path=paths)
def test_nothing_but_signing_in_leaves_for_entra(method: str, path: str) -> None:
    made = request(method, LOGIN + path, b"x=y")
    if allowed(entra_rules, made):
        assert made.method == "POST"
        assert re.fullmatch(r"/[^/%]+/oauth2/v2\.0/token", made.path_url)


@settings(deadline=None)
@given(method=st.sampled_from([name for name in METHODS if name != "GET"]), url=st.text())
def test_no_member_of_a_batch_may_write(method: str, url: str) -> None:
    for bad in (member(method=method), member(method=method, url=url)):
        assert not allowed(graph_rules, batch(member(), bad))


@settings(deadline=None)
@given(url=paths | st.text() | st.from_regex(r"(https?:)?//[a-z]+\.test/beta/users", fullmatch=True))
def test_every_member_of_a_batch_stays_below_its_version(url: str) -> None:
    if allowed(graph_rules, batch(member(url=url))):
        assert url.startswith("/")
        assert not url.startswith("//")
        assert stays_below(url.split("?")[0])


@pytest.mark.parametrize(
    "bad",
    [
        member(url="https://evil.test/beta/users"),
        member(url="//evil.test/users"),
        member(url="/%2f/evil.test"),
        member(url="/%2e%2e/v1.0/users"),
        member(url="/a/%252e%252e/b"),
        member(url="/a\\..\\b"),
        member(url="/\t/evil.test/users"),
        member(url="/a\r\nX: y"),
        member(url="users"),
        member(url=None),
        member(url=["/users"]),
        member(body={"accountEnabled": False}),
        member(headers={"X-HTTP-Method": "DELETE"}),
        member(headers={"ConsistencyLevel": "eventual", "X-HTTP-Method": "DELETE"}),
        member(headers={"ConsistencyLevel": "strong"}),
        member(headers={"Prefer": ["include-unknown-enum-members"]}),
        member(headers={"Authorization": "Bearer of another"}),
        member(headers=[["ConsistencyLevel", "eventual"]]),
        member(headers=None),
        member(dependsOn=["0"]),
        member(method=["GET"]),
        {"id": "0", "method": "GET"},
        {"id": "0", "url": "/users"},
        ["GET", "/users"],
        None,
    ],
)
def test_a_member_that_is_more_than_a_get_is_refused(bad: Any) -> None:
    assert not allowed(graph_rules, batch(member(), bad))


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"requests":{}}',
        b'{"requests":[]}',
        b'{"requests":"GET"}',
        b'{"requests":[{"id":"0","method":"DELETE","url":"/users/1","method":"GET"}]}',
        b'{"requests":[{"id":"0","method":"DELETE","url":"/u"}],"requests":[{"id":"0","method":"GET","url":"/u"}]}',
        b'{"requests":' + b"[" * 50_000,
        b"\xff",
        "{}",
        {"requests": "x"},
    ],
)
def test_a_batch_that_cannot_be_read_is_refused(body: Any) -> None:
    """And one in which a name stands twice: the server may believe the other one."""
    assert not allowed(graph_rules, request("POST", f"{GRAPH}/beta/$batch", body))


def test_a_batch_holds_one_to_twenty() -> None:
    members = [member(id=str(n)) for n in range(21)]
    assert allowed(graph_rules, batch(*members[:20]))
    assert not allowed(graph_rules, batch(*members))
    assert not allowed(graph_rules, batch(member(), another="thing"))


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_header_that_changes_the_method_is_refused(name: str) -> None:
    assert not allowed(graph_rules, request("GET", f"{GRAPH}/v1.0/users", headers={name: "DELETE"}))
    assert not allowed(entra_rules, request("GET", LOGIN + DISCOVERY, headers={name: "POST"}))


@pytest.mark.parametrize(
    "made",
    [
        request("GET", f"{GRAPH}/v1.0/users", b"body"),
        request("GET", f"{GRAPH}/v2.0/users"),
        request("GET", f"{GRAPH}/v1.0/"),
        request("GET", f"{GRAPH}/users"),
        request("POST", f"{GRAPH}/v1.0/users", b"{}"),
        request("POST", f"{GRAPH}/beta/deviceManagement/reports/getReportFilters", b"{}"),
        request("POST", f"{GRAPH}/beta/deviceManagement/reports/exportJobs", b"{}"),
        request("POST", f"{GRAPH}/beta/deviceManagement/reports/getConfigurationPolicyDevicesReport?x=y", b"{}"),
        request("POST", f"{GRAPH}/beta/deviceManagement/reports/../managedDevices", b"{}"),
    ],
)
def test_what_is_close_to_reading_is_refused(made: PreparedRequest) -> None:
    assert not allowed(graph_rules, made)


@pytest.mark.parametrize(
    "made",
    [
        request("POST", f"{LOGIN}{DISCOVERY}"),
        request("GET", LOGIN + TOKEN),
        request("POST", f"{LOGIN}{TOKEN}?x=y", b"a=b"),
        request("GET", f"{LOGIN}/common/discovery/instance"),
        request("GET", f"{LOGIN}/common/userrealm/a@b.test"),
        request("POST", f"{LOGIN}/contoso.test/oauth2/v2.0/devicecode", b"a=b"),
        request("POST", f"{LOGIN}/a%2Fb/oauth2/v2.0/token", b"a=b"),
    ],
)
def test_what_is_close_to_signing_in_is_refused(made: PreparedRequest) -> None:
    assert not allowed(entra_rules, made)


def test_only_a_person_asks_for_a_code() -> None:
    made = request("POST", f"{LOGIN}{DEVICE}", b"a=b")
    assert allowed(person_rules, made)
    assert not allowed(entra_rules, made)
    assert not allowed(person_rules, request("GET", f"{LOGIN}{DEVICE}"))
    assert not allowed(person_rules, request("POST", f"{LOGIN}{DEVICE}?x=y", b"a=b"))
    assert allowed(person_rules, request("POST", f"{LOGIN}{TOKEN}", b"a=b"))


def test_what_is_refused_never_reaches_the_server(cloud: Cloud, certificates: Certificates) -> None:
    """The rules sit in the only way out."""
    with guarded_session(cloud.origin, graph_rules, Deadline(5), ca_bundle=certificates.bundle) as session:
        for method in ("POST", "PATCH", "DELETE"):
            with pytest.raises(GuardRefusal):
                session.request(method, f"{cloud.origin}/v1.0/users/1", json={})
    assert cloud.connections == 0
