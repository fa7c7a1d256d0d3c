"""Neither the secret nor a token is ever told: in no error, no repr, no log record, by no answer that repeats them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest

from readiness.model.words import Reason
from tests.servers.graph import SECRET, TOKEN, Cloud, Given, error, http_json, refusal, rows
from tests.servers.tcp import http_answer
from tests.sources.graph.conftest import Reading

Check = Callable[[object], None]


def test_a_reading_that_works_tells_nothing(cloud: Cloud, reading: Reading, discreet: Check) -> None:
    for name in ("a", "b"):
        cloud.give(f"/beta/{name}", rows({"id": "1"}))
    reading.together("/a", "/b")
    for told in (reading.sign_in, reading.client, reading.client._session, reading.sign_in._application):
        discreet(told)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(7000215, "invalid_client", "Invalid client secret provided.", 401),
        http_json(b'{"access_token":"' + TOKEN.encode()),
        http_json(f'{{"access_token":"{TOKEN}"}} garbage'),
        http_json({"access_token": TOKEN, "expires_in": "soon"}),
        http_json({"access_token": TOKEN, "expires_in": 3599, "id_token": "not.a.token", "client_info": "?"}),
        http_json({"access_token": f"{TOKEN}\r\n"}),
        http_json({"access_token": TOKEN}, 500),
        http_json({"error": "x", "error_description": "no", "access_token": TOKEN}, 400),
        http_answer("200 OK", {"Content-Type": "text/html"}, f"<p>{TOKEN}</p>".encode()),
    ],
)
def test_a_sign_in_that_fails_tells_nothing(answer: bytes, cloud: Cloud, reading: Reading, discreet: Check) -> None:
    """MSAL would log a token answer that it cannot parse, whole."""
    cloud.token = [answer]
    failure = reading.failure()
    discreet(failure)
    discreet("".join(traceback.format_exception(failure)))
    discreet(reading.sign_in)


@pytest.mark.parametrize("form", [SECRET, quote_plus(SECRET)])
@pytest.mark.parametrize("step", ["discovery", "token"])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_sign_in_host_that_repeats_the_secret_is_not_quoted(
    status: int, step: str, form: str, cloud: Cloud, reading: Reading, discreet: Check
) -> None:
    body = {**cloud.metadata(), "error": f"invalid {form}", "error_description": f"you sent client_secret={form}"}
    setattr(cloud, step, [http_json(body, status)])
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "repeated our secret" in str(failure)
    discreet(failure)
    discreet("".join(traceback.format_exception(failure)))


@pytest.mark.parametrize(
    "given",
    [
        rows({"id": TOKEN}),
        rows({"displayName": f"Bearer {TOKEN}"}),
        error(400, "BadRequest", f"Authorization: Bearer {TOKEN}"),
        error(403, TOKEN, TOKEN),
        error(401, TOKEN, TOKEN),
        error(500, "x", TOKEN),
        Given({"value": [], "@odata.nextLink": f"https://evil.test/?{TOKEN}"}),
    ],
)
def test_a_graph_that_repeats_the_token_is_not_believed(
    given: Given, cloud: Cloud, reading: Reading, discreet: Check
) -> None:
    """A proxy that shows what it was sent: not one word of such an answer goes into evidence."""
    cloud.give("/beta/things", given)
    cloud.give("/beta/others", rows())
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "repeated our access token" in str(failure)
    for told in (failure, *reading.together("/things", "/others")):
        discreet(told)


def test_a_header_that_repeats_the_token_is_not_quoted(cloud: Cloud, reading: Reading, discreet: Check) -> None:
    headers = {"request-id": TOKEN, "WWW-Authenticate": f'Bearer error="x", token="{TOKEN}"'}
    for status in (200, 400, 401, 403):
        cloud.give("/beta/things", Given({"value": []}, status, headers))
        discreet(reading.rows().request_id if status == 200 else reading.failure())


def test_a_request_that_is_refused_tells_nothing(cloud: Cloud, reading: Reading, discreet: Check) -> None:
    failure = reading.failure("/a/%2e%2e/b")
    assert "refused before it was sent" in str(failure)
    discreet(failure)
    assert cloud.exchanges == []
