"""Signing in to the simulated site with real clients: pypsrp's, requests-ntlm's by pywinrm, and Basic."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from pypsrp.negotiate import HTTPNegotiateAuth
from requests.auth import HTTPBasicAuth
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.protocol import Protocol

from readiness.lab import Lab

from .clients import Site, enumerate_envelope, session, texts
from .conftest import changed

QUESTION = "SELECT SiteCode FROM SMS_Site"


def client(lab: Lab, folder: Path, auth: object) -> Site:
    return Site(lab, session(lab, folder), auth)


def negotiate(lab: Lab, password: str = "", **options: Any) -> HTTPNegotiateAuth:
    account = lab.scenario.site
    return HTTPNegotiateAuth(account.username, password or account.password, **options)


def pywinrm(lab: Lab, monkeypatch: pytest.MonkeyPatch, folder: Path, **options: Any) -> Protocol:
    # pywinrm prefers the environment's authorities to those it is given.
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    (folder / "ca.pem").write_bytes(lab.ca_pem)
    account = lab.scenario.site
    settings: dict[str, Any] = {"username": account.username, "password": account.password, "transport": "ntlm"}
    return Protocol(lab.site_url, ca_trust_path=str(folder / "ca.pem"), proxy=None, **{**settings, **options})


@pytest.mark.parametrize("provider", ["ntlm", "negotiate"])
def test_ntlm_bare_and_inside_spnego(lab: Lab, tmp_path: Path, provider: str) -> None:
    site = client(lab, tmp_path, negotiate(lab, auth_provider=provider))

    assert texts(site.query(QUESTION), "SiteCode") == ["P01"]
    assert [exchange.leg for exchange in lab.requests] == [None, "negotiate", "authenticate"]


def test_a_signed_in_connection_stays_signed_in(lab: Lab, site: Site) -> None:
    for _ in range(3):
        site.query(QUESTION)

    assert [exchange.leg for exchange in lab.requests].count("authenticate") == 1
    assert len({exchange.connection for exchange in lab.requests}) == 1


def test_basic_over_tls(lab: Lab, tmp_path: Path) -> None:
    account = lab.scenario.site
    right = client(lab, tmp_path, HTTPBasicAuth(account.username, account.password))
    wrong = client(lab, tmp_path, HTTPBasicAuth(account.username, "wrong"))

    assert right.post(enumerate_envelope(QUESTION)).status_code == 200
    assert wrong.post(enumerate_envelope(QUESTION)).status_code == 401


@pytest.mark.parametrize("provider", ["ntlm", "negotiate"])
def test_a_wrong_password_is_refused_after_one_authenticate(lab: Lab, tmp_path: Path, provider: str) -> None:
    site = client(lab, tmp_path, negotiate(lab, "wrong", auth_provider=provider))

    assert site.post(enumerate_envelope(QUESTION)).status_code == 401
    assert [exchange.leg for exchange in lab.requests] == [None, "negotiate", "authenticate"]
    assert lab.requests[-1].status == 401


def test_an_unknown_account_is_refused(lab: Lab, tmp_path: Path) -> None:
    site = client(lab, tmp_path, HTTPNegotiateAuth("CONTOSO\\nobody", "x", auth_provider="ntlm"))

    assert site.post(enumerate_envelope(QUESTION)).status_code == 401


def test_without_credentials_the_schemes_are_offered(lab: Lab, tmp_path: Path) -> None:
    with session(lab, tmp_path) as web:
        answer = web.post(lab.site_url, b"", timeout=10)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Negotiate, NTLM, Basic realm="WSMAN"'
    assert answer.headers["Readiness-Lab"] == "ready"


@pytest.mark.parametrize("header", ["NTLM !", "Negotiate AAAA", "NTLM TlRMTVNTUAADAAAA", "Kerberos YII="])
def test_a_malformed_token_is_a_refused_sign_in(lab: Lab, tmp_path: Path, header: str) -> None:
    with session(lab, tmp_path) as web:
        assert web.post(lab.site_url, b"", headers={"Authorization": header}, timeout=10).status_code == 401


def test_a_sign_in_bound_to_another_channel_is_refused(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HTTPNegotiateAuth, "_get_cbt_data", staticmethod(lambda _: b"tls-server-end-point:other"))
    site = client(lab, tmp_path, negotiate(lab, auth_provider="ntlm"))

    assert site.post(enumerate_envelope(QUESTION)).status_code == 401


@pytest.mark.parametrize(
    ("required", "bound", "status"),
    [("required", True, 200), ("required", False, 401), ("optional", False, 200)],
)
def test_channel_binding_may_be_required(
    start: Callable[..., Lab], tmp_path: Path, required: str, bound: bool, status: int
) -> None:
    lab = start(changed("ready", site={"channel_binding": required}))
    site = client(lab, tmp_path, negotiate(lab, auth_provider="negotiate", send_cbt=bound))

    assert site.post(enumerate_envelope(QUESTION)).status_code == status


def test_pywinrm_over_tls(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = pywinrm(lab, monkeypatch, tmp_path)

    assert b"P01" in protocol.send_message(enumerate_envelope(QUESTION))


def test_pywinrm_says_that_a_password_is_wrong(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = pywinrm(lab, monkeypatch, tmp_path, password="wrong")

    with pytest.raises(InvalidCredentialsError):
        protocol.send_message(enumerate_envelope(QUESTION))
    assert [exchange.leg for exchange in lab.requests].count("authenticate") == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_encrypted_messages_are_understood_and_answered(
    start: Callable[..., Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    lab = start(site_scheme=scheme)
    protocol = pywinrm(lab, monkeypatch, tmp_path, message_encryption="always")

    for _ in range(2):
        assert b"<SiteCode>P01</SiteCode>" in protocol.send_message(enumerate_envelope(QUESTION))
    assert [exchange.summary for exchange in lab.requests][-2:] == [QUESTION, QUESTION]


def test_plain_http_takes_no_unencrypted_message(
    start: Callable[..., Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = start(site_scheme="http")
    protocol = pywinrm(lab, monkeypatch, tmp_path, message_encryption="never")

    with pytest.raises(WinRMTransportError, match="500"):
        protocol.send_message(enumerate_envelope(QUESTION))


def test_a_forged_sealed_message_is_refused(start: Callable[..., Lab]) -> None:
    lab = start(site_scheme="http")
    web = requests.Session()
    web.trust_env = False
    web.auth = negotiate(lab, auth_provider="ntlm", wrap_required=True)
    kind = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
    with web:
        answer = web.post(lab.site_url, b"--Encrypted Boundary--\r\n", headers={"Content-Type": kind}, timeout=10)

    assert answer.status_code == 400


def test_many_clients_sign_in_at_once(lab: Lab, tmp_path: Path) -> None:
    sites = [client(lab, tmp_path, negotiate(lab)) for _ in range(48)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda site: texts(site.query(QUESTION), "SiteCode"), sites))

    assert answers == [["P01"]] * 48
    assert [exchange.leg for exchange in lab.requests].count("authenticate") == 48


def test_labs_with_different_accounts_run_side_by_side(start: Callable[..., Lab], tmp_path: Path) -> None:
    first, second = start(), start(changed("ready", site={"username": "FABRIKAM\\reader", "password": "other"}))

    for lab in (first, second, first):
        assert texts(client(lab, tmp_path, negotiate(lab, auth_provider="ntlm")).query(QUESTION), "SiteCode") == ["P01"]


def test_the_account_file_is_announced_only_while_a_lab_runs(start: Callable[..., Lab]) -> None:
    before = os.environ.get("NTLM_USER_FILE")
    lab = start()
    during = Path(os.environ["NTLM_USER_FILE"])
    assert during.is_file()

    lab.stop()

    assert os.environ.get("NTLM_USER_FILE") == before
    assert not during.parent.exists()
