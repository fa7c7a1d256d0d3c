"""A token that Graph no longer takes in mid-scan: replaced once, for all who use it; claims of Conditional Access."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from readiness.lab import Lab
from readiness.lab.scenario import Person as Answer
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.graph.credentials import Person
from readiness.sources.graph.errors import challenge
from readiness.sources.graph.granted import Granted
from tests.servers.graph import CLIENT_ID, TOKEN, Cloud, Given, error, http_json, refusal, rows
from tests.servers.tcp import HttpRequest
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading, at_once, scenario, source

OTHER = "eyJ0eXAi.the-second-token-that-nobody-may-see.c2ln"
EXPIRED = error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
CLAIMS = '{"access_token":{"nbf":{"essential":true, "value":"1795411200"}}}'


def token(value: str) -> bytes:
    return http_json({"token_type": "Bearer", "expires_in": 3599, "access_token": value})


def challenged(claims: str, status: int = 401) -> Given:
    """As the sample error-graph-401-cae-claims-challenge."""
    encoded = base64.b64encode(claims.encode()).decode()
    header = f'Bearer realm="", errorDescription="x", error="insufficient_claims", claims="{encoded}"'
    return error(status, "InvalidAuthenticationToken", "", {"WWW-Authenticate": header})


def taking(cloud: Cloud, good: str, refusing: Given = EXPIRED) -> None:
    """Graph takes one token only."""

    def judge(request: HttpRequest) -> bytes | None:
        if request.headers["authorization"] == f"Bearer {good}":
            return None
        return http_json(refusing.body, refusing.status, refusing.headers)

    cloud.whole = judge


def test_a_token_that_ends_in_mid_scan_is_replaced_once(cloud: Cloud, reading: Reading) -> None:
    cloud.token = [token(TOKEN), token(OTHER)]
    for name in "abc":
        cloud.give(f"/beta/{name}", rows({"id": name}))
    assert len(reading.rows("/a").rows) == 1
    taking(cloud, OTHER)
    assert reading.together("/a", "/b", "/c") == [[{"id": "a"}], [{"id": "b"}], [{"id": "c"}]]
    assert len(cloud.sign_ins) == 2
    assert len(cloud.exchanges) == 3  # the first, the one that was refused, and that one again
    assert reading.deadline.waits in ([], [0.0])


def test_two_batches_that_are_refused_at_the_same_time_fetch_one_token(cloud: Cloud, reading: Reading) -> None:
    cloud.token = [token(TOKEN), token(OTHER)]
    paths = [f"/{version}{number}" for version in ("x", "y") for number in range(15)]
    for path in paths:
        cloud.give(f"/beta{path}", rows({"id": path}))
    taking(cloud, OTHER)
    assert reading.together(*paths) == [[{"id": path}] for path in paths]
    assert len(cloud.sign_ins) == 2


def test_a_member_of_a_batch_is_asked_again_alone(cloud: Cloud, reading: Reading) -> None:
    cloud.token = [token(TOKEN), token(OTHER)]
    cloud.give("/beta/a", rows({"id": "a"}))
    cloud.give("/beta/b", EXPIRED, rows({"id": "b"}))
    assert reading.together("/a", "/b") == [[{"id": "a"}], [{"id": "b"}]]
    assert cloud.exchanges == [["/beta/a", "/beta/b"], ["/beta/b"]]
    assert len(cloud.sign_ins) == 2


def test_a_new_token_that_is_refused_too_is_not_replaced_again(cloud: Cloud, reading: Reading) -> None:
    cloud.token = [token(TOKEN), token(OTHER), token("eyJ.third.c2ln")]
    cloud.give("/beta/things", EXPIRED)
    for _ in range(3):
        failure = reading.failure()
        assert failure.reason is Reason.SIGN_IN_FAILED
        assert "Microsoft Graph does not accept the token (InvalidAuthenticationToken)" in str(failure)
    assert len(cloud.sign_ins) == 2
    assert len(cloud.exchanges) == 4  # one again, and one each


def test_a_secret_that_ended_in_mid_scan_says_so(cloud: Cloud, reading: Reading) -> None:
    """The second sign-in is refused: that is why nothing can be read, and it is tried once."""
    cloud.token = [token(TOKEN), refusal(7000222, "invalid_client", "Expired.", 401)]
    cloud.give("/beta/things", EXPIRED)
    for _ in range(2):
        assert "(AADSTS7000222): the client secret has expired" in str(reading.failure())
    assert len(cloud.sign_ins) == 2


def test_an_application_explains_what_conditional_access_wants(cloud: Cloud, reading: Reading) -> None:
    """It has nothing more to prove: no new token is fetched."""
    cloud.give("/beta/things", challenged(CLAIMS))
    failure = reading.failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "Conditional Access asks for a new one; scan again" in str(failure)
    assert "the sign-in logs of Entra ID name the policy to its owner" in str(failure)
    assert len(cloud.sign_ins) == len(cloud.exchanges) == 1


def person(cloud: Cloud) -> Person:
    """Somebody who has signed in, in the cache of MSAL, too."""
    import msal

    cache = msal.TokenCache()
    part = base64.urlsafe_b64encode(json.dumps({"uid": "u", "utid": "t"}).encode()).decode().rstrip("=")
    answer = {"access_token": TOKEN, "refresh_token": "a-refresh-token", "expires_in": 3599, "client_info": part}
    claims = {"iss": cloud.origin, "aud": CLIENT_ID, "sub": "s", "iat": 1, "exp": 9e9, "preferred_username": "a@b.c"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    cache.add(
        {
            "client_id": CLIENT_ID,
            "scope": [f"{cloud.origin}/.default"],
            "token_endpoint": cloud.metadata()["token_endpoint"],
            "response": {**answer, "id_token": f"e30.{body}.", "scope": f"{cloud.origin}/.default"},
        }
    )
    (account,) = cache.search(cache.CredentialType.ACCOUNT)
    return Person(granted=Granted(TOKEN, time.monotonic() + 3599, "a@b.c", account, cache))


@pytest.mark.parametrize("status", [401, 403])
def test_a_person_proves_what_conditional_access_wants_without_being_asked_again(
    status: int, cloud: Cloud, certificates: Certificates
) -> None:
    """Once, by the refresh token, with the claims as Graph gave them."""
    cloud.token = [token(OTHER)]
    cloud.give("/beta/things", rows({"id": "1"}))
    taking(cloud, OTHER, challenged(CLAIMS, status))
    reading = Reading(cloud, certificates.bundle, credential=person(cloud))
    assert len(reading.rows().rows) == 1
    (asked,) = cloud.sign_ins
    form = parse_qs(asked.body.decode())
    assert form["grant_type"] == ["refresh_token"]
    wanted = json.loads(form["claims"][0])["access_token"]
    assert wanted["nbf"] == {"essential": True, "value": "1795411200"}
    assert wanted["xms_cc"] == {"values": ["CP1"]}
    assert len(reading.rows().rows) == 1  # the new token is kept
    assert len(cloud.sign_ins) == 1


def test_a_person_whose_sign_in_was_revoked_is_told_to_sign_in_anew(cloud: Cloud, certificates: Certificates) -> None:
    cloud.token = [refusal(50173, "invalid_grant", "Revoked.")]
    cloud.give("/beta/things", challenged(CLAIMS))
    reading = Reading(cloud, certificates.bundle, credential=person(cloud))
    for _ in range(2):
        failure = reading.failure()
        assert failure.reason is Reason.SIGN_IN_FAILED
        assert "(AADSTS50173): the sign-in has ended, or was revoked; scan again, and sign in anew" in str(failure)
    assert len(cloud.sign_ins) == 1


def test_a_token_of_a_person_that_has_ended_is_replaced(tmp_path: Path) -> None:
    """Against the simulated estate, which does not know the token any more."""
    with Lab(scenario(person=Answer(pending=0))) as lab:
        who = Person()
        made = source(lab, tmp_path, who)
        made.sign_in(lambda _prompt: None)
        assert who.granted is not None
        who.granted = replace(who.granted, token="eyJ.ended.c2ln")
        (found,) = at_once([job.run for job in made.jobs(frozenset({Organization}))])
        assert found.rows == 1
        assert [one.status for one in lab.requests if one.server == "graph"] == [401, 200]
        assert lab.requests[-2].summary == "refresh_token"


@pytest.mark.parametrize(
    "header",
    [
        'Bearer error="insufficient_claims"',
        'Bearer error="insufficient_claims", claims=""',
        'Bearer error="insufficient_claims", claims="!!!"',
        f'Bearer error="insufficient_claims", claims="{base64.b64encode(b"[]").decode()}"',
        f'Bearer error="insufficient_claims", claims="{base64.b64encode(b"{").decode()}"',
        f'Bearer error="insufficient_claims", claims="{base64.b64encode(bytes([255, 254])).decode()}"',
        'Bearer error="insufficient_claims", claims="' + "A" * 100_000 + '"',
    ],
)
def test_claims_that_are_none_fetch_nothing(header: str) -> None:
    assert challenge(401, {"www-authenticate": header}, None) is None


@pytest.mark.parametrize(
    "body", [None, [], {"error": {"code": "UnknownError"}}, {"error": "InvalidAuthenticationToken"}]
)
def test_other_refusals_fetch_nothing(body: Any) -> None:
    assert challenge(401, {}, body) is None
    assert challenge(403, {}, EXPIRED.body) is None
