"""A sign-in host that lies, is somebody else, or is busy: the secret stays here, and nothing loops."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.patience import MAX_TRIES
from tests.servers.graph import TOKEN, Cloud, http_json, rows
from tests.servers.tcp import http_answer
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading, at_once

BUSY = {"error": "temporarily_unavailable", "error_description": ""}


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://localhost:{port}/contoso.test/oauth2/v2.0/token",
        "https://127.0.0.1:{port}/contoso.test/oauth2/v2.0/token",
        "{origin}.evil.test/oauth2/v2.0/token",
        "{origin}@127.0.0.1:{port}/contoso.test/oauth2/v2.0/token",
        "//localhost:{port}/contoso.test/oauth2/v2.0/token",
        "/contoso.test/oauth2/v2.0/token",
        "{plain}/contoso.test/oauth2/v2.0/token",
        "{origin}/contoso.test/oauth2/token",
        "{origin}/a/b/oauth2/v2.0/token",
        "{origin}/contoso.test/oauth2/v2.0/token?to=evil",
        "{origin}/contoso.test/oauth2/v2.0/token#x",
        "",
        None,
        7,
        ["{origin}/contoso.test/oauth2/v2.0/token"],
    ],
)
def test_a_token_endpoint_elsewhere_never_sees_the_secret(
    endpoint: Any, cloud: Cloud, certificates: Certificates
) -> None:
    """The discovery document names it; the other server is not even connected to."""
    with Cloud(certificates.good) as elsewhere:
        if isinstance(endpoint, str):
            plain = cloud.origin.replace("https:", "http:")
            endpoint = endpoint.format(port=elsewhere.port, origin=cloud.origin, plain=plain)
        cloud.discovery = [http_json({**cloud.metadata(), "token_endpoint": endpoint})]
        failure = Reading(cloud, certificates.bundle).failure()
        assert failure.reason is Reason.BAD_ANSWER
        assert "nothing was sent there" in str(failure)
        assert (len(cloud.requests), elsewhere.connections) == (1, 0)


def test_a_tenant_of_another_cloud_is_told_as_such(cloud: Cloud, reading: Reading) -> None:
    """Its metadata names the places of that cloud, and the cloud."""
    elsewhere = "https://login.microsoftonline.us/contoso.test/oauth2/v2.0/token"
    there = cloud.metadata(token_endpoint=elsewhere, cloud_instance_name="microsoftonline.us")
    cloud.discovery = [http_json(there)]
    failure = reading.failure()
    assert failure.reason is Reason.WRONG_TARGET
    assert str(failure) == (
        'the tenant lives in another cloud (microsoftonline.us); write [tenant] cloud = "usgov" or "usdod"; '
        "nothing was sent there"
    )
    assert cloud.sign_ins == []


@pytest.mark.parametrize("instance", ["microsoftonline.com", "\x1b[2J", "x" * 10_000, None, 7, ["microsoftonline.us"]])
def test_a_cloud_that_nobody_knows_is_not_repeated(instance: Any, cloud: Cloud, reading: Reading) -> None:
    there = cloud.metadata(token_endpoint="https://evil.test/x/oauth2/v2.0/token", cloud_instance_name=instance)
    cloud.discovery = [http_json(there)]
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "somewhere else; nothing was sent there" in str(failure)
    assert len(str(failure)) < 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("step", ["discovery", "token"])
def test_a_redirect_of_the_sign_in_is_not_followed(
    step: str, status: int, cloud: Cloud, certificates: Certificates
) -> None:
    with Cloud(certificates.good) as elsewhere:
        location = {"Location": f"{elsewhere.origin}/contoso.test/oauth2/v2.0/token"}
        setattr(cloud, step, [http_json({}, status, location)])
        failure = Reading(cloud, certificates.bundle).failure()
        assert failure.reason is Reason.BAD_ANSWER
        assert "was not followed" in str(failure)
        assert elsewhere.connections == 0


def test_other_addresses_in_the_metadata_are_never_used(cloud: Cloud, certificates: Certificates) -> None:
    with Cloud(certificates.good) as elsewhere:
        names = ("authorization_endpoint", "device_authorization_endpoint", "jwks_uri", "issuer", "userinfo_endpoint")
        cloud.discovery = [http_json(cloud.metadata(**dict.fromkeys(names, f"{elsewhere.origin}/x/y")))]
        cloud.give("/beta/things", rows())
        Reading(cloud, certificates.bundle).rows()
        assert elsewhere.connections == 0


ANSWERS = {
    "a page": http_answer("200 OK", {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
    "a page that calls itself JSON": http_json(b"<html>"),
    "half a document": http_json(b'{"access_token":"' + TOKEN.encode()),
    "a name twice": http_json(b'{"access_token":"a","access_token":"b"}'),
    "nesting": http_json(b'{"a":' * 30_000),
    "a list": http_json([]),
    "a text": http_json('"token"'),
    "null": http_json("null"),
    "nothing": http_json(b""),
    "an empty object": http_json({}),
    "an error with status 200": http_json({"error": "invalid_client", "error_description": "AADSTS7000215: no"}),
    "500": http_json({"error": "server_error"}, 500),
    "502 page": http_answer("502 Bad Gateway", {"Content-Type": "text/html"}, b"<html>"),
    "403 page": http_answer("403 Forbidden", {"Content-Type": "text/html"}, b"<html>"),
    "400 of another kind": http_json({"error": {"code": "x"}}, 400),
    "407": http_json({}, 407),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("step", ["discovery", "token"])
def test_an_answer_that_is_not_entras_is_no_sign_in(step: str, case: str, cloud: Cloud, reading: Reading) -> None:
    setattr(cloud, step, [ANSWERS[case]])
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert cloud.origin in str(failure)
    assert len(cloud.requests) <= 2


@pytest.mark.parametrize("step", ["discovery", "token"])
def test_a_host_without_the_endpoint_is_the_wrong_target(step: str, cloud: Cloud, reading: Reading) -> None:
    setattr(cloud, step, [http_json({"error": {"code": "nothing here"}}, 404)])
    failure = reading.failure()
    assert failure.reason is Reason.WRONG_TARGET
    assert "does not answer like Entra ID (HTTP 404)" in str(failure)


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": ""},
        {"access_token": None},
        {"access_token": 7},
        {"access_token": ["x"]},
        {"access_token": "a\r\nX: y"},
        {"access_token": "tokén"},
        {"expires_in": "soon"},
        {"expires_in": None},
        {"expires_in": {}},
    ],
)
def test_a_token_that_cannot_be_used_is_no_token(changed: dict[str, Any], cloud: Cloud, reading: Reading) -> None:
    """No exception of MSAL's own comes out."""
    good = {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN}
    cloud.token = [http_json({**good, **changed})]
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "no token that can be used" in str(failure)
    assert cloud.exchanges == []


@pytest.mark.parametrize("status", [429, 503, 504])
@pytest.mark.parametrize("step", ["discovery", "token"])
def test_a_busy_sign_in_is_waited_for(step: str, status: int, cloud: Cloud, reading: Reading) -> None:
    """MSAL alone would repeat the refusal from its cache."""
    setattr(cloud, step, [http_json(BUSY, status, {"Retry-After": "7"}), *getattr(cloud, step)])
    cloud.give("/beta/things", rows())
    reading.rows()
    assert reading.deadline.waits == [7.0]


def test_a_sign_in_that_stays_busy_is_given_up(cloud: Cloud, reading: Reading) -> None:
    """For all readers, and for good."""
    cloud.token = [http_json(BUSY, 429)]
    assert {outcome.reason for outcome in reading.together("/a", "/b", "/c")} == {Reason.THROTTLED}
    failure = reading.failure()
    assert "Entra ID put the sign-in off (HTTP 429)" in str(failure)
    assert len(cloud.sign_ins) == MAX_TRIES
    assert reading.deadline.waits == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_a_sign_in_that_is_busy_beyond_the_deadline_is_throttled_at_once(cloud: Cloud, reading: Reading) -> None:
    cloud.token = [http_json(BUSY, 429, {"Retry-After": "3600"})]
    failure = reading.failure()
    assert failure.reason is Reason.THROTTLED
    assert "Retry-After: 3600" in str(failure)
    assert (len(cloud.sign_ins), reading.deadline.waits) == (1, [])


def test_a_refusal_is_not_waited_for(cloud: Cloud, reading: Reading) -> None:
    """Not even where it names a time."""
    cloud.token = [http_json({"error": "invalid_client", "error_description": "x"}, 401, {"Retry-After": "1"})]
    assert reading.failure().reason is Reason.SIGN_IN_FAILED
    assert (len(cloud.sign_ins), reading.deadline.waits) == (1, [])


def test_a_sign_in_host_that_is_silent_costs_no_more_than_the_deadline(
    cloud: Cloud, certificates: Certificates
) -> None:
    reading = Reading(cloud, certificates.bundle)
    reading.deadline._end = Deadline(0.4)._end
    cloud.discovery = [b"HTTP/1.1 200 OK\r\n"]
    started = time.monotonic()
    outcomes = at_once([reading.failure] * 3)
    assert {outcome.reason for outcome in outcomes} == {Reason.TIMED_OUT}
    assert time.monotonic() - started < 2


def test_an_untrusted_sign_in_host_sees_nothing(certificates: Certificates) -> None:
    with Cloud(certificates.context("elsewhere.test")) as other:
        failure = Reading(other, certificates.bundle).failure()
        assert failure.reason is Reason.UNREACHABLE
        assert "certificate is for another name" in str(failure)
        assert other.requests == []


def test_a_claims_challenge_fetches_no_second_token(cloud: Cloud, reading: Reading) -> None:
    """We never say that we could answer one (client capability CP1), so we do not try."""
    cloud.whole = lambda _request: http_json(
        {"error": {"code": "InvalidAuthenticationToken"}},
        401,
        {"WWW-Authenticate": 'Bearer error="insufficient_claims"'},
    )
    for _ in range(3):
        assert reading.failure().reason is Reason.SIGN_IN_FAILED
    assert len(cloud.sign_ins) == 1
    assert b"xms_cc" not in cloud.sign_ins[0].body
    assert json.dumps("CP1").encode() not in cloud.sign_ins[0].body
