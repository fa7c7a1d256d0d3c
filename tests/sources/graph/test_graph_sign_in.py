"""Sign-in by real MSAL against the simulated estate: what works, and what each refusal is called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.model.facts import Organization, ThreatDefenseConnectors
from readiness.model.words import Reason
from readiness.sources.graph.source import GraphSource
from tests.servers.graph import CLIENT_ID, TENANT, TOKEN, Cloud, http_json, refusal, rows
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading, at_once, scenario, source

ALL = frozenset({Organization, ThreatDefenseConnectors})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(scenario()) as lab:
        yield lab


def outcomes(made: GraphSource) -> list[Any]:
    """What the readers of both facts, at the same time, return or raise."""
    return at_once([job.run for job in made.jobs(ALL)])


def refused(made: GraphSource) -> SourceError:
    """The one failure that every reader is given."""
    failures = outcomes(made)
    assert {str(failure) for failure in failures} == {str(failures[0])}
    assert isinstance(failures[0], SourceError)
    return failures[0]


def sign_ins(lab: Lab) -> int:
    return sum(exchange.path.endswith("/token") for exchange in lab.requests)


def test_the_right_secret_signs_in_once(lab: Lab, tmp_path: Path) -> None:
    before = sign_ins(lab)
    made = source(lab, tmp_path)
    assert [found.rows for found in outcomes(made)] == [1, 1]
    assert sign_ins(lab) == before + 1
    assert made.simulated
    assert made.identity == f"application {lab.scenario.tenant.client_id}"


def test_the_tenant_may_be_named_by_its_id(lab: Lab, tmp_path: Path) -> None:
    assert outcomes(source(lab, tmp_path, tenant=lab.scenario.tenant.id))[0].rows == 1


def test_a_wrong_secret_says_so(lab: Lab, tmp_path: Path) -> None:
    failure = refused(source(lab, tmp_path, secret="the-wrong-secret"))
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "AADSTS7000215" in str(failure)
    assert "client_secret_env" in str(failure)


def test_an_expired_secret_says_so(tmp_path: Path) -> None:
    with Lab(scenario(client_secret_expired=True)) as lab:
        failure = refused(source(lab, tmp_path))
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "(AADSTS7000222): the client secret has expired" in str(failure)


def test_an_unknown_application_says_so(lab: Lab, tmp_path: Path) -> None:
    failure = refused(source(lab, tmp_path, client_id=CLIENT_ID))
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "(AADSTS700016): the tenant has no application with this client id" in str(failure)


def test_an_unknown_tenant_is_the_wrong_target(lab: Lab, tmp_path: Path) -> None:
    """Entra ID says it when its metadata is read; MSAL would hide it in a ValueError."""
    before = sign_ins(lab)
    failure = refused(source(lab, tmp_path, tenant="fabrikam.test"))
    assert failure.reason is Reason.WRONG_TARGET
    assert "(AADSTS90002): this cloud knows no tenant of this name or id" in str(failure)
    assert sign_ins(lab) == before


def test_missing_consent_is_a_missing_permission(tmp_path: Path) -> None:
    with Lab(scenario(consent=False)) as lab:
        failure = refused(source(lab, tmp_path))
    assert failure.reason is Reason.MISSING_PERMISSION
    assert "(AADSTS65001): nobody has consented to the application" in str(failure)


@pytest.mark.parametrize(
    ("number", "error", "status", "reason", "words"),
    [
        (53003, "access_denied", 400, Reason.SIGN_IN_FAILED, "Conditional Access blocks this sign-in"),
        (50076, "invalid_grant", 400, Reason.SIGN_IN_FAILED, "multifactor authentication"),
        (50079, "invalid_grant", 400, Reason.SIGN_IN_FAILED, "not registered yet"),
        (700023, "invalid_client", 401, Reason.WRONG_TARGET, "belongs to another cloud; check [tenant] cloud"),
        (7000112, "unauthorized_client", 400, Reason.SIGN_IN_FAILED, "the application is disabled"),
        (900023, "invalid_request", 400, Reason.WRONG_TARGET, "neither a GUID nor a domain"),
        (999999, "invalid_grant", 400, Reason.SIGN_IN_FAILED, "AADSTS999999: Some words."),
    ],
)
def test_a_refusal_is_told_by_its_number(
    number: int, error: str, status: int, reason: Reason, words: str, cloud: Cloud, reading: Reading
) -> None:
    cloud.token = [refusal(number, error, "Some words.", status)]
    failure = reading.failure()
    assert failure.reason is reason
    assert words in str(failure)
    assert "Trace ID" not in str(failure)


@pytest.mark.parametrize("description", [None, "", " Trace ID: 1", "\r\n", "\x1b[2J words\r\nTrace ID: 1", "x" * 5000])
def test_a_refusal_without_a_number_is_told_by_its_words(
    description: str | None, cloud: Cloud, reading: Reading
) -> None:
    cloud.token = [http_json({"error": "invalid_grant", "error_description": description}, 400)]
    failure = reading.failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert str(failure).startswith("Entra ID refused the sign-in: ")
    assert str(failure).isprintable()
    assert len(str(failure)) < 400


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_sign_in_is_tried_once_by_any_number_of_readers(status: int, cloud: Cloud, reading: Reading) -> None:
    """Whether they ask at the same time, in batches or one after the other."""
    cloud.token = [refusal(7000215, "invalid_client", "Invalid client secret provided.", status)]
    outcomes = reading.together(*(f"/things{n}" for n in range(45)))
    assert {outcome.reason for outcome in outcomes} == {Reason.SIGN_IN_FAILED}
    at_once([reading.sign_in.token] * 20)
    reading.failure()
    assert (len(cloud.sign_ins), cloud.exchanges) == (1, [])


def test_one_token_serves_every_exchange(cloud: Cloud, reading: Reading) -> None:
    paths = [f"/things{n}" for n in range(45)]
    for path in paths:
        cloud.give(f"/beta{path}", rows())
    reading.together(*paths)
    assert at_once([reading.sign_in.token] * 20) == [TOKEN] * 20
    assert len(cloud.sign_ins) == 1
    assert len(cloud.exchanges) == 3
    assert {request.headers.get("authorization") for request in cloud.requests[2:]} == {f"Bearer {TOKEN}"}


def test_the_secret_is_sent_to_the_token_endpoint_only(cloud: Cloud, reading: Reading) -> None:
    cloud.give("/beta/things", rows())
    reading.rows()
    assert [b"client_secret" in request.body for request in cloud.requests] == [False, True, False]
    assert cloud.requests[0].path.startswith(f"/{TENANT}/")
    assert ["authorization" in request.headers for request in cloud.requests] == [False, False, True]


def test_the_environment_has_no_say(cloud: Cloud, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles, proxies, regions and debugging switches of the environment: MSAL and requests heed them, we do not."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSLKEYLOGFILE"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("MSAL_FORCE_REGION", "westeurope")
    monkeypatch.setenv("REGION_NAME", "westeurope")
    cloud.give("/beta/things", rows({"id": "1"}))
    assert Reading(cloud, certificates.bundle).rows().rows == ({"id": "1"},)
    assert all("login.microsoft" not in request.headers["host"] for request in cloud.requests)
