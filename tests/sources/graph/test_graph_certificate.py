"""Sign-in by certificate, by real MSAL: what is sent, what each refusal is called, and that the key stays here."""

from __future__ import annotations

import base64
import hashlib
import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.graph.credentials import Certificate
from tests.keys import Pair, pair, rsa_key
from tests.servers.graph import CLIENT_ID, Cloud, http_json, refusal, rows
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading, at_once, scenario, source

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PAIR = pair()


def credential(of: Pair = PAIR) -> Certificate:
    """As the composition makes it of the opened file."""
    certificate = of.certificate
    return Certificate(
        of.key, of.pem_certificate.decode(), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    )


@pytest.fixture
def reading(cloud: Cloud, certificates: Certificates) -> Reading:
    return Reading(cloud, certificates.bundle, credential=credential())


def outcome(lab: Lab, folder: Path, shown: Certificate) -> Any:
    """What reading the organization comes to."""
    jobs = source(lab, folder, shown).jobs(frozenset({Organization}))
    return at_once([job.run for job in jobs])[0]


def of_lab(lab: Lab) -> Certificate:
    return credential(Pair(lab.application.key, lab.application.certificate))


def part(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=="))
    return found


def test_the_registered_certificate_signs_in(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        made = source(lab, tmp_path, of_lab(lab))
        (found,) = at_once([job.run for job in made.jobs(frozenset({Organization}))])
        assert found.rows == 1
        assert [exchange.summary for exchange in lab.requests if exchange.server == "entra"] == [
            "discovery",
            "client_credentials",
        ]
    assert made.identity == f"application {lab.scenario.tenant.client_id}"
    assert made.scope(()) == "the whole tenant, by application permissions"


def test_the_proof_is_signed_in_the_current_form(cloud: Cloud, reading: Reading) -> None:
    """PS256, and the certificate named by its SHA-256: SHA-1 forms are deprecated. The key itself is never sent."""
    cloud.give("/beta/things", rows())
    reading.rows()
    form = {name: values[0] for name, values in parse_qs(cloud.sign_ins[0].body.decode()).items()}
    assert "client_secret" not in form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    header, claims, signature = form["client_assertion"].split(".")
    fingerprint = hashlib.sha256(PAIR.certificate.public_bytes(Encoding.DER)).digest()
    assert part(header)["alg"] == "PS256"
    assert base64.urlsafe_b64decode(part(header)["x5t#S256"] + "==") == fingerprint
    assert (part(claims)["iss"], part(claims)["sub"]) == (CLIENT_ID, CLIENT_ID)
    assert part(claims)["aud"] == cloud.metadata()["token_endpoint"]
    assert part(claims)["exp"] - part(claims)["iat"] == 600
    how = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    proof = base64.urlsafe_b64decode(signature + "==")
    PAIR.key.public_key().verify(proof, f"{header}.{claims}".encode(), how, hashes.SHA256())


def test_a_certificate_that_the_application_does_not_know_says_so(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        failure = outcome(lab, tmp_path, credential(pair(rsa_key(1))))
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "(AADSTS700027): the application does not know this certificate" in str(failure)
    assert "upload its public part at App registrations" in str(failure)


@pytest.mark.parametrize(
    ("pair_", "words"),
    [
        (pair(starts=NOW - timedelta(days=90), ends=NOW - timedelta(minutes=1)), "has expired on 2026-11-23 07:59 UTC"),
        (pair(starts=NOW + timedelta(days=1)), "is valid only from 2026-11-24 08:00 UTC on; check the clock"),
    ],
    ids=["expired", "not yet valid"],
)
def test_a_certificate_out_of_its_time_is_not_even_shown(
    pair_: Pair, words: str, cloud: Cloud, certificates: Certificates
) -> None:
    """The line names the day; nothing is sent."""
    shown = credential(pair_)
    untimely = Certificate(shown.key, shown.pem, shown.not_before, shown.not_after, clock=lambda: NOW)
    failure = Reading(cloud, certificates.bundle, credential=untimely).failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert str(failure).startswith(f"nothing was sent: the certificate of the application {words}")
    assert cloud.requests == []


def test_a_certificate_is_good_to_the_last_moment(cloud: Cloud, certificates: Certificates) -> None:
    shown = credential(pair(starts=NOW, ends=NOW))
    timely = Certificate(shown.key, shown.pem, shown.not_before, shown.not_after, clock=lambda: NOW)
    cloud.give("/beta/things", rows())
    assert Reading(cloud, certificates.bundle, credential=timely).rows().rows == ()


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (700023, Reason.WRONG_TARGET, "belongs to another cloud; check [tenant] cloud: is the tenant in another one?"),
        (700024, Reason.SIGN_IN_FAILED, "not valid at this time; check the clock of this computer"),
        (700027, Reason.SIGN_IN_FAILED, "the application does not know this certificate"),
    ],
)
def test_a_refused_proof_is_told_by_its_number(
    number: int, reason: Reason, words: str, cloud: Cloud, reading: Reading
) -> None:
    cloud.token = [refusal(number, "invalid_client", "Some words.", 401)]
    failure = reading.failure()
    assert failure.reason is reason
    assert words in str(failure)


def test_a_certificate_that_expired_is_refused_where_our_clock_is_wrong(tmp_path: Path) -> None:
    """The estate, as Entra ID, goes by its own clock."""
    with Lab(scenario(certificate_expired=True)) as lab:
        known = of_lab(lab)
        shown = Certificate(known.key, known.pem, known.not_before, known.not_after, lambda: known.not_before)
        assert "(AADSTS700027)" in str(outcome(lab, tmp_path, shown))


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_sign_in_host_that_repeats_the_proof_is_not_quoted(
    status: int, certificates: Certificates, discreet: Callable[[object], None]
) -> None:
    """For minutes, whoever reads the proof could use it."""
    shown: list[str] = []

    class Echo(Cloud):
        def _answer(self, request: Any) -> bytes:
            if request.path.endswith("/token"):
                shown.append(parse_qs(request.body.decode())["client_assertion"][0])
                return http_json({"error": "invalid_client", "error_description": f"you sent {shown[0]}"}, status)
            return super()._answer(request)

    with Echo(certificates.good) as echo:
        failure = Reading(echo, certificates.bundle, credential=credential()).failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert "repeated our secret" in str(failure)
    assert shown[0] not in "".join(traceback.format_exception(failure))
    discreet(failure)


def test_the_key_is_told_nowhere(
    cloud: Cloud, reading: Reading, discreet: Callable[[object], None], caplog: pytest.LogCaptureFixture
) -> None:
    """In no repr, no log record, no error."""
    cloud.give("/beta/things", rows())
    reading.rows()
    cloud.token = [refusal(700027, "invalid_client", "Some words.", 401)]
    told = [
        repr(credential()),
        repr(reading.sign_in),
        repr(reading.entra),
        repr(reading.sign_in._application),
        caplog.text,
    ]
    secret = PAIR.pem_key().decode().splitlines()[3]
    number = str(PAIR.key.private_numbers().p)
    assert not [words for words in told if secret in words or number in words or "PRIVATE KEY" in words]
    discreet(reading.sign_in)


def test_a_key_that_cannot_sign_is_no_crash(cloud: Cloud, certificates: Certificates) -> None:
    shown = Certificate("not a key", PAIR.pem_certificate.decode(), NOW, datetime.max.replace(tzinfo=UTC), lambda: NOW)
    failure = Reading(cloud, certificates.bundle, credential=shown).failure()
    assert isinstance(failure, SourceError)
    assert cloud.sign_ins == []
