"""What each error answer of Graph means: a reason of the contract, and words that tell a person what to do."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.errors import graph_failure
from tests.servers.graph import Cloud, Given, error, http_json
from tests.servers.tcp import http_answer
from tests.sources.graph.conftest import PERMISSIONS, Reading

SCOPES = "DeviceManagementConfiguration.Read.All, DeviceManagementConfiguration.ReadWrite.All"
TAIL = (
    " - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000"
    " - Activity ID: 63425837-1eb9-456b-ac28-6ee81d0627f5 - Url: https://proxy.amsub0502.manage.microsoft.com/"
    "DeviceConfiguration_2611/StatelessDeviceConfigurationFEService/deviceManagement/x?api-version=5026-01-10"
)
CHALLENGE = {
    "WWW-Authenticate": 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    f', error="insufficient_claims", claims="{base64.b64encode(b"{}").decode()}"'
}


def intune(sentence: str) -> str:
    """The document that Intune hides in a message."""
    fields = {"_version": 3, "Message": sentence + TAIL, "CustomApiErrorPhrase": "", "HttpHeaders": "{}"}
    return json.dumps(fields, indent=2).replace("\n", "\r\n")


MISSING_SCOPE = error(
    403,
    "Forbidden",
    intune(
        "Application is not authorized to perform this operation. Application must have one of the following scopes: "
        + SCOPES
    ),
)
NESTED = error(
    401, "UnknownError", json.dumps({"ErrorCode": "Forbidden", "Message": intune("An error"), "Target": None})
)

CASES = {
    "intune-missing-scope": (
        MISSING_SCOPE,
        Reason.MISSING_PERMISSION,
        "the application lacks Things.Read.All or Everything.Read.All for /things "
        "(Graph accepts DeviceManagementConfiguration.Read.All)",
    ),
    "intune-nested": (NESTED, Reason.ACCESS_DENIED, "Intune refuses the account at /things: it needs an Intune role"),
    "directory": (
        error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        Reason.MISSING_PERMISSION,
        "the application lacks Things.Read.All or Everything.Read.All for /things",
    ),
    "pim-scope": (
        error(403, "UnknownError", '{"errorCode":"PermissionScopeNotGranted","message":"RoleManagement.Read.All"}'),
        Reason.MISSING_PERMISSION,
        "(Graph accepts RoleManagement.Read.All)",
    ),
    "forbidden-for-another-cause": (
        error(403, "Forbidden", "Blocked by tenant restrictions."),
        Reason.ACCESS_DENIED,
        "refuses /things without naming a permission (Forbidden): the application needs Things.Read.All",
    ),
    "no-subscription": (
        error(400, "BadRequest", "Request not applicable to target tenant."),
        Reason.WRONG_TARGET,
        "the tenant has no Intune subscription, so it has no /things",
    ),
    "pim-licence": (
        error(400, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2."),
        Reason.UNSUPPORTED_VERSION,
        "the tenant has no Entra ID P2 or ID Governance licence",
    ),
    "unknown-segment": (
        error(400, "BadRequest", "Resource not found for the segment 'things'."),
        Reason.UNSUPPORTED_VERSION,
        "this cloud's Microsoft Graph does not know /things",
    ),
    "bad-request": (
        error(400, "BadRequest", "Invalid filter clause"),
        Reason.BAD_ANSWER,
        "Microsoft Graph answered HTTP 400 to /things: BadRequest Invalid filter clause",
    ),
    "cae": (
        error(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge", CHALLENGE),
        Reason.SIGN_IN_FAILED,
        "the sign-in was revoked, or Conditional Access asks for a new one; scan again",
    ),
    "conditional-access-403": (
        error(403, "Forbidden", "", CHALLENGE),
        Reason.SIGN_IN_FAILED,
        "the sign-in was revoked, or Conditional Access asks for a new one",
    ),
    "other-cloud": (
        error(401, "InvalidAuthenticationToken", "InvalidCloudInstance"),
        Reason.WRONG_TARGET,
        "the token is of another cloud than this Microsoft Graph; check [tenant] cloud",
    ),
    "plain-401": (
        error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
        Reason.SIGN_IN_FAILED,
        "Microsoft Graph does not accept the token (InvalidAuthenticationToken)",
    ),
    "not-found": (
        error(404, "ResourceNotFound", "gone"),
        Reason.UNSUPPORTED_VERSION,
        "this cloud's Microsoft Graph does not know /things",
    ),
    "not-implemented": (error(501, "NotImplemented"), Reason.UNSUPPORTED_VERSION, "does not know /things"),
    "internal": (
        error(500, "InternalServerError", "An error has occurred"),
        Reason.BAD_ANSWER,
        "Microsoft Graph answered HTTP 500 to /things: InternalServerError An error has occurred",
    ),
    "bad-gateway": (error(502, "UnknownError"), Reason.BAD_ANSWER, "answered HTTP 502 to /things: UnknownError"),
    "no-content": (Given({}, 202), Reason.BAD_ANSWER, "answered HTTP 202 to /things: no words"),
}


NEW_TOKEN = {"plain-401"}
"""Where another token may help: one is fetched, and as it is the same here, nothing is asked again."""


@pytest.mark.parametrize("case", CASES)
def test_an_error_alone_says_what_it_means(case: str, cloud: Cloud, reading: Reading) -> None:
    given, reason, words = CASES[case]
    cloud.give("/beta/things", given)
    failure = reading.failure()
    assert failure.reason is reason
    assert words in str(failure)
    assert len(cloud.exchanges) == 1  # nothing loops
    assert len(cloud.sign_ins) == (2 if case in NEW_TOKEN else 1)


def test_an_error_in_a_batch_says_the_same(cloud: Cloud, reading: Reading) -> None:
    paths = [f"/{case}" for case in CASES]
    for path, (given, _, _) in zip(paths, CASES.values(), strict=True):
        cloud.give(f"/beta{path}", given)
    for path, failure, (_, reason, words) in zip(paths, reading.together(*paths), CASES.values(), strict=True):
        assert failure.reason is reason
        assert words.replace("/things", path) in str(failure)
    assert len(cloud.exchanges) == 1
    assert len(cloud.sign_ins) == 2  # once for all of them


@pytest.mark.parametrize("case", ["intune-missing-scope", "directory", "pim-scope"])
def test_a_missing_permission_is_named_exactly(case: str, cloud: Cloud, reading: Reading) -> None:
    """The least one that the reader declares, whatever else Graph would accept; never one that may write."""
    cloud.give("/beta/things", CASES[case][0])
    failure = reading.failure()
    assert failure.missing == PERMISSIONS[:1]
    assert "ReadWrite" not in str(failure)


@pytest.mark.parametrize("case", sorted(set(CASES) - {"intune-missing-scope", "directory", "pim-scope"}))
def test_nothing_else_is_called_a_missing_permission(case: str) -> None:
    given = CASES[case][0]
    headers = {name.lower(): value for name, value in given.headers.items()}
    assert graph_failure(given.status, headers, given.body, path="/x", permissions=PERMISSIONS).missing == ()


def test_without_a_declared_permission_the_one_that_graph_names_is_missing() -> None:
    failure = graph_failure(403, {}, MISSING_SCOPE.body, path="/x", permissions=())
    assert failure.missing == ("DeviceManagementConfiguration.Read.All",)


BY_STATUS = {
    401: Reason.SIGN_IN_FAILED,
    403: Reason.ACCESS_DENIED,
    404: Reason.UNSUPPORTED_VERSION,
    407: Reason.BAD_ANSWER,
    500: Reason.BAD_ANSWER,
    502: Reason.BAD_ANSWER,
}


@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b"", b'{"error":', b"[]", b'{"error":"x"}', b'{"error":{"code":1}}']
)
def test_an_error_without_a_document_is_told_by_its_status(body: bytes, cloud: Cloud, reading: Reading) -> None:
    """A proxy's page, nothing, or half a document."""
    for status, reason in BY_STATUS.items():
        cloud.whole = lambda _request, status=status: http_json(body, status)  # type: ignore[misc]
        assert reading.failure().reason is reason


def test_a_page_of_html_is_told_by_its_status_too(cloud: Cloud, reading: Reading) -> None:
    cloud.whole = lambda _request: http_answer("403 Forbidden", {"Content-Type": "text/html"}, b"<h1>Blocked</h1>")
    failure = reading.failure()
    assert failure.reason is Reason.ACCESS_DENIED
    assert "no policy or proxy may stand in its way" in str(failure)
    assert "<h1>" not in str(failure)


@pytest.mark.parametrize("text", ["\x1b[2J\r\nfine\x00", "\u202eevil", "x" * 100_000, "A" * 50_000 + ".Read.All"])
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_other_peoples_text_is_made_harmless(text: str, status: int) -> None:
    failure = graph_failure(
        status, {"retry-after": text}, error(status, text, text).body, path="/x", permissions=PERMISSIONS
    )
    assert str(failure).isprintable()
    assert len(str(failure)) < 500


@pytest.mark.parametrize(
    "message",
    [
        "[" * 10_000,
        json.dumps({"Message": ["x"]}),
        json.dumps({"Message": "not JSON"}),
        json.dumps({"Message": json.dumps({"Message": json.dumps({"Message": "three deep"})})}),
        json.dumps(["Message"]),
        "null",
        "{",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_message_that_only_looks_like_intunes_breaks_nothing(message: str, status: int) -> None:
    assert isinstance(
        graph_failure(status, {}, error(status, "x", message).body, path="/x", permissions=()), SourceError
    )


@pytest.mark.parametrize("body", [None, [], "text", 7, {"error": None}, {"error": []}, {"error": {"message": {}}}])
def test_an_error_of_any_shape_is_an_error(body: Any) -> None:
    for status in (400, 401, 403, 404, 418, 429, 500):
        assert graph_failure(status, {}, body, path="/x", permissions=("A.Read.All",)).reason in Reason
