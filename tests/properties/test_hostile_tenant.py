"""What Entra ID and Microsoft Graph answer: whatever it is, nothing but our own error comes out of our parsers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph import answers
from readiness.sources.graph.credentials import Secret
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.errors import graph_failure
from readiness.sources.graph.patience import pause, put_off
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from readiness.sources.graph.signin import SignIn
from tests.properties.hostile import DEEP, distorted, either, shaken, thorough, told, written
from tests.properties.wired import Nth, Unhurried, Wired

SCENARIOS = ("ready", "comanaged")
ORIGIN = "https://login.test"
TENANT = "contoso.com"
JSON = "application/json; charset=utf-8"
METADATA: Mapping[str, Any] = {
    "token_endpoint": f"{ORIGIN}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10/oauth2/v2.0/token",
    "authorization_endpoint": f"{ORIGIN}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10/oauth2/v2.0/authorize",
    "device_authorization_endpoint": f"{ORIGIN}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10/oauth2/v2.0/devicecode",
    "issuer": f"{ORIGIN}/8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10/v2.0",
    "tenant_region_scope": "EU",
    "tenant_region_sub_scope": None,
    "cloud_instance_name": "microsoftonline.com",
    "msgraph_host": "graph.microsoft.com",
}
TOKEN: Mapping[str, Any] = {
    "token_type": "Bearer",
    "expires_in": 3599,
    "ext_expires_in": 3599,
    "access_token": "eyJ0eXAi.the-token-of-this-test.c2ln",
}
REFUSAL: Mapping[str, Any] = {
    "error": "invalid_client",
    "error_description": "AADSTS7000215: Invalid client secret. Trace ID: 1 Correlation ID: 2",
    "error_codes": [7000215],
    "claims": '{"access_token":{"nbf":{"essential":true}}}',
}
randoms = st.integers(0, 2**64 - 1).map(Random)
wired = cache(Wired)


def readers_try(session: GraphSession) -> int:
    """Let every reader of Graph read. How many failed, each as it may."""
    failed = 0
    for reader in READERS:
        if reader.source.startswith("Entra ID"):
            continue
        with told() as caught:
            found = reader.read(session.of(reader))
            assert found.value.fits(found.rows), "a finding that evidence would refuse"
        failed += len(caught)
    return failed


@pytest.mark.parametrize("scenario", SCENARIOS)
@given(random=randoms, number=st.integers(0, 14))
@thorough(150)
def test_no_answer_of_graph_gets_past_the_readers(scenario: str, random: Random, number: int) -> None:
    """One answer of a whole scan is changed: as JSON, or as bytes."""
    readers_try(wired(scenario).graph(Nth(number, lambda body: either(random, body))))


@given(random=randoms)
@thorough(60)
def test_no_graph_that_answers_everything_wrongly_gets_past_the_readers(random: Random) -> None:
    readers_try(wired("ready").graph(lambda body: either(random, body)))


def test_a_tenant_that_is_not_changed_is_read() -> None:
    """Else the tests above would prove nothing."""
    assert [readers_try(wired(scenario).graph(lambda body: body)) for scenario in SCENARIOS] == [0, 0]


def response(status: int, body: bytes, kind: str = JSON, **headers: str) -> Response:
    made = Response()
    made.status_code = status
    made.headers.update({"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}})
    made._content = body
    return made


@given(data=st.binary(max_size=200), status=st.sampled_from((200, 400, 401, 403, 404, 429, 500)))
@thorough(200)
def test_bytes_are_no_answer(data: bytes, status: int) -> None:
    with told():
        reply = answers.reply(response(status, data))
        answers.rows(reply.body, "/things")


BATCH: Mapping[str, Any] = {
    "responses": [
        {"id": "0", "status": 200, "headers": {"Content-Type": JSON}, "body": {"value": [{"id": "1"}]}},
        {"id": "1", "status": 429, "headers": {"Retry-After": "2"}, "body": {"error": {"code": "x", "message": "y"}}},
    ]
}


@given(random=randoms)
@thorough(300)
def test_a_batch_is_taken_apart_or_refused_in_a_line(random: Random) -> None:
    with told():
        reply = answers.reply(response(200, written(distorted(random, BATCH))))
        for member in answers.members(reply, 2):
            if isinstance(member, SourceError):
                raise member
            repr(member.request_id)
            if member.status == 200:
                answers.rows(member.body, "/things")
            else:
                raise graph_failure(member.status, member.headers, member.body, path="/things", permissions=("A.Read",))


ERRORS: tuple[Mapping[str, Any], ...] = (
    {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient", "innerError": {"date": "x"}}},
    {"error": {"code": "BadRequest", "message": "Request not applicable to target tenant."}},
    {"error": {"code": "UnknownError", "message": '{"ErrorCode":"Forbidden","Message":"{\\"Message\\":\\"no\\"}"}'}},
    {"error": {"code": "Forbidden", "message": "Scopes required: DeviceManagementConfiguration.Read.All, A.ReadWrite"}},
)


@given(random=randoms, status=st.sampled_from((400, 401, 403, 404, 410, 429, 500, 501, 503, 504, 999)))
@thorough(300)
def test_an_error_of_graph_is_told_in_a_line(random: Random, status: int) -> None:
    body = written(distorted(random, random.choice(ERRORS)))
    headers = {
        "WWW-Authenticate": random.choice(("Bearer", 'error="insufficient_claims"', "\xff")),
        "Retry-After": "\x85",
    }
    with told():
        reply = answers.reply(response(status, body, **headers))
        raise graph_failure(reply.status, reply.headers, reply.body, path="/things", permissions=("A.Read.All",))


@pytest.mark.parametrize("opening", ["[", '{"error":', '{"error":{"message":', '{"value":['])
def test_no_depth_of_an_answer_is_too_much(opening: str) -> None:
    """Also not one that the parser just takes, and what comes after it does not."""
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(opening) if sign in "[{")
    for depth in (*range(1, 300, 9), *range(300, 1_000, 2), DEEP, 100_000):
        body = (opening * depth + "1" + closing * depth).encode()
        for status in (200, 400):
            with told():
                reply = answers.reply(response(status, body))
                if status == 200:
                    answers.single(reply.body, "/things")
                raise graph_failure(reply.status, reply.headers, reply.body, path="/things", permissions=())


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,5000}(\.[0-9]{1,400})?", fullmatch=True), st.text(max_size=40))
@thorough(200)
def test_a_pause_is_a_number_whatever_the_header_says(told_pause: str, date: str) -> None:
    headers = {"retry-after": told_pause, "date": date}
    assert pause(headers, 0, lambda: 0.0) >= 0
    assert put_off(headers, 429).isprintable()


# Signing in.


class Host:
    """What the sign-in speaks through: answers what it is told."""

    class guard:  # noqa: N801  (an attribute)
        clock_skew_seconds = 0.0

    def __init__(self, discovery: Response, token: Response) -> None:
        self._answers = {"GET": discovery, "POST": token}

    def request(self, method: str, _url: str, **_kwargs: Any) -> Response:
        return self._answers[method]


def signed_in(discovery: Response, token: Response) -> str:
    host: Any = Host(discovery, token)
    credential = Secret("the-secret-of-this-test")
    entra = EntraClient(ORIGIN, lambda: host, Unhurried(), secrets=credential.secrets, jitter=lambda: 0.0)
    return SignIn(f"{ORIGIN}/{TENANT}", "3f1b7c52", credential, "https://graph.test/.default", entra).token()


def test_a_sign_in_that_is_not_changed_works() -> None:
    token = signed_in(response(200, json.dumps(METADATA).encode()), response(200, json.dumps(TOKEN).encode()))
    assert token == TOKEN["access_token"]


@given(random=randoms, status=st.sampled_from((200, 200, 200, 400, 500)))
@thorough(100)
def test_metadata_that_is_changed_signs_in_or_is_refused(random: Random, status: int) -> None:
    body = (
        written(distorted(random, METADATA)) if random.random() < 0.8 else shaken(random, json.dumps(METADATA).encode())
    )
    with told():
        signed_in(response(status, body), response(200, json.dumps(TOKEN).encode()))


@given(random=randoms, status=st.sampled_from((200, 200, 400, 401, 500)))
@thorough(150)
def test_a_token_answer_that_is_changed_signs_in_or_is_refused(random: Random, status: int) -> None:
    good = TOKEN if status == 200 or random.random() < 0.2 else REFUSAL
    body = written(distorted(random, good)) if random.random() < 0.8 else shaken(random, json.dumps(good).encode())
    with told() as caught:
        signed_in(response(200, json.dumps(METADATA).encode()), response(status, body))
    assert all(error.reason is not Reason.UNREACHABLE for error in caught)


def test_no_depth_of_a_refused_sign_in_is_too_much() -> None:
    for depth in (*range(1, 300, 19), *range(300, 1_000, 5), DEEP):
        deep = "[" * depth + "]" * depth
        with told() as caught:
            body = f'{{"error":"invalid_client","error_description":{deep},"claims":{deep}}}'
            signed_in(response(200, json.dumps(METADATA).encode()), response(401, body.encode()))
        assert caught
