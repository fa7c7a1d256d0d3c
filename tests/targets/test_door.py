"""The one way by which this program writes: what is listed, where it is meant for, and nothing else."""

from __future__ import annotations

import pytest
from requests import PreparedRequest

from readiness.sources.failures import GuardRefusal
from readiness.targets import jira, servicenow
from readiness.targets.line import rules

ORIGIN = "https://tickets.test"
ID = "a" * 32


def request(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> PreparedRequest:
    made = PreparedRequest()
    made.prepare(method=method, url=f"{ORIGIN}{path}", data=body, headers=headers or {})
    made.url = f"{ORIGIN}{path}"  # as it is said here, whatever the library makes of it
    return made


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/now/table/change_request?sysparm_query=number=CHG1"),
        ("POST", "/api/now/attachment/file?table_name=x"),
        ("PATCH", f"/api/now/table/change_request/{ID}"),
    ],
)
def test_what_is_listed_passes(method: str, path: str) -> None:
    body = None if method == "GET" else b"{}"
    sent = request(method, path, body)
    rules("", servicenow.CALLS)(sent)
    assert sent.method == method


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"/api/now/attachment/{ID}"),
        ("PUT", f"/api/now/table/change_request/{ID}"),
        ("POST", "/api/now/table/change_request"),
        ("PATCH", "/api/now/table/change_request"),
        ("PATCH", f"/api/now/table/change_request/{ID}/x"),
        ("POST", "/api/now/attachment/../table/sys_user"),
        ("POST", "/api/now/attachment/%2e%2e/file"),
        ("GET", "/api/now/table/sys_user/../x"),
        ("POST", "/api/now/attachment/upload"),
        ("POST", "/v1.0/deviceManagement/reports/x"),
        ("POST", "/wsman"),
    ],
)
def test_what_is_not_listed_is_refused_before_it_is_sent(method: str, path: str) -> None:
    with pytest.raises(GuardRefusal):
        rules("", servicenow.CALLS)(request(method, path, b"{}"))


def test_nothing_is_said_outside_of_the_path_of_the_system() -> None:
    check = rules("/jira", jira.CALLS)
    check(request("GET", "/jira/rest/api/2/issue/OPS-42"))
    with pytest.raises(GuardRefusal):
        check(request("GET", "/rest/api/2/issue/OPS-42"))


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Http-Method"])
def test_no_header_makes_a_request_another_one(header: str) -> None:
    with pytest.raises(GuardRefusal):
        rules("", jira.CALLS)(request("POST", "/rest/api/2/issue/OPS-42/comment", b"{}", {header: "DELETE"}))


def test_a_get_carries_nothing() -> None:
    with pytest.raises(GuardRefusal):
        rules("", jira.CALLS)(request("GET", "/rest/api/2/issue/OPS-42", b"{}"))


def test_only_what_is_meant_to_write_writes() -> None:
    """Whoever adds a call that changes something must change this line, too."""
    writing = [(call.method, call.path.pattern) for call in (*servicenow.CALLS, *jira.CALLS) if call.method != "GET"]
    assert [(method, pattern.rpartition("/")[2]) for method, pattern in writing] == [
        ("POST", "file"),
        ("PATCH", "[0-9a-f]{32}"),
        ("POST", "attachments"),
        ("POST", "comment"),
    ]
