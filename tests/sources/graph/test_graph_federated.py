"""Sign-in by the token of another issuer, by real MSAL: read anew each time, refused in words, never told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.config import TenantAuth, TenantSettings, federated_token
from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.graph.credentials import Federated
from tests.servers.graph import CLIENT_ID, Cloud, http_json, refusal, rows
from tests.sources.conftest import Certificates
from tests.sources.graph.conftest import Reading, scenario, source

TOKEN_FILE = "federated.token"
FIRST, SECOND = "eyJh.first-token-of-the-issuer.c2ln", "eyJh.second-token-of-the-issuer.c2ln"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(scenario()) as lab:
        yield lab


def by_file(file: Path) -> Federated:
    """As the composition makes it."""
    settings = TenantSettings("contoso.test", CLIENT_ID, auth=TenantAuth.WORKLOAD_IDENTITY, federated_token_file=file)
    return Federated(lambda: federated_token(settings, {}))


def signed_in(lab: Lab, folder: Path, token: str) -> Any:
    """What comes of one reading with this token."""
    file = folder / TOKEN_FILE
    file.write_text(f"{token}\n", encoding="ascii")
    (job,) = source(lab, folder, by_file(file)).jobs(frozenset({Organization}))
    return job.run()


def test_the_token_of_the_trusted_issuer_signs_in(lab: Lab, tmp_path: Path) -> None:
    assert signed_in(lab, tmp_path, lab.federation.token()).rows == 1


@pytest.mark.parametrize(
    ("changed", "number", "words"),
    [
        ({"iss": "https://elsewhere.test"}, 700211, "issuer"),
        ({"sub": "system:serviceaccount:default:default"}, 700213, "subject"),
        ({"aud": "https://management.azure.com"}, 700212, "audience"),
        ({"exp": 1}, 700024, "not valid at this time"),
    ],
)
def test_a_token_that_the_application_does_not_trust_says_what_differs(
    changed: dict[str, Any], number: int, words: str, lab: Lab, tmp_path: Path
) -> None:
    token = lab.federation.token(**changed)
    with pytest.raises(SourceError) as caught:
        signed_in(lab, tmp_path, token)
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert f"(AADSTS{number})" in str(caught.value)
    assert words in str(caught.value)
    assert token.split(".")[2] not in str(caught.value)


def test_the_file_is_read_anew_each_time_it_is_shown(cloud: Cloud, certificates: Certificates, tmp_path: Path) -> None:
    """The platform writes a new token long before the old one ends; a short-lived access token asks for it again."""
    file = tmp_path / TOKEN_FILE
    cloud.token = [http_json({"token_type": "Bearer", "expires_in": 1, "access_token": f"eyJ.{n}"}) for n in "ab"]
    cloud.give("/beta/things", rows({"id": "1"}))
    reading = Reading(cloud, certificates.bundle, credential=by_file(file))
    for token in (FIRST, SECOND):
        file.write_text(token, encoding="ascii")
        reading.rows()
    assert [token.encode() in asked.body for token, asked in zip((FIRST, SECOND), cloud.sign_ins, strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.unlink(), "no such file"),
        (lambda file: file.write_text("\n", encoding="utf-8"), "is empty"),
        (lambda file: file.write_text("-----BEGIN RSA PRIVATE KEY-----", encoding="utf-8"), "holds no signed token"),
        (lambda file: file.write_text("a.b." + "c" * 70_000, encoding="utf-8"), "holds no signed token"),
    ],
)
def test_a_file_that_fails_in_mid_scan_is_named_and_nothing_is_sent(
    spoil: Callable[[Path], object], words: str, cloud: Cloud, certificates: Certificates, tmp_path: Path
) -> None:
    file = tmp_path / TOKEN_FILE
    file.write_text(FIRST, encoding="ascii")
    reading = Reading(cloud, certificates.bundle, credential=by_file(file))
    spoil(file)
    failure = reading.failure()
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert f"nothing was sent: the federated token file {words}" in str(failure)
    assert TOKEN_FILE in str(failure)
    assert "PRIVATE KEY" not in str(failure)
    assert cloud.sign_ins == []


def test_a_refusal_that_repeats_the_token_is_not_believed(
    cloud: Cloud, certificates: Certificates, tmp_path: Path, discreet: Callable[[object], None]
) -> None:
    file = tmp_path / TOKEN_FILE
    file.write_text(FIRST, encoding="ascii")
    cloud.token = [refusal(700211, "invalid_client", f"no record for {FIRST}", 401)]
    credential = by_file(file)
    reading = Reading(cloud, certificates.bundle, credential=credential)
    failure = reading.failure()
    assert failure.reason is Reason.BAD_ANSWER
    assert FIRST not in str(failure) + repr(failure) + repr(credential) + repr(reading.sign_in)
    assert len(cloud.sign_ins) == 1
    discreet(failure)
