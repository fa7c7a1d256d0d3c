"""The simulated Entra ID takes client assertions and device codes, and proves them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msal
import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from readiness.lab import Lab
from readiness.lab.entra import Bearer
from readiness.lab.scenario import Person, TenantAuth

from .clients import Cloud, session
from .conftest import changed

Start = Callable[..., Lab]
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def running() -> Any:
    with Lab(changed("ready")) as lab:
        yield lab


@pytest.fixture
def web(running: Lab, tmp_path: Path) -> Any:
    with session(running, tmp_path) as made:
        yield made


def encoded(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def assertion(lab: Lab, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """An assertion of the lab's application, with other values."""
    known, application = lab.scenario.tenant, lab.application
    head = {"alg": "PS256", "x5t#S256": encoded(application.certificate.fingerprint(hashes.SHA256())), **(header or {})}
    now = int(time.time())
    body = {
        "aud": f"{lab.graph_origin}/{known.id}/oauth2/v2.0/token",
        "iss": known.client_id,
        "sub": known.client_id,
        "exp": now + 600,
        "iat": now,
        "jti": f"{time.monotonic_ns()}",
        **claims,
    }
    signed = f"{encoded(head)}.{encoded({name: value for name, value in body.items() if value is not None})}"
    how: Any = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    if head["alg"] == "RS256":
        how = padding.PKCS1v15()
    return f"{signed}.{encoded(application.key.sign(signed.encode(), how, hashes.SHA256()))}"


def token(lab: Lab, web: requests.Session, text: str) -> requests.Response:
    known = lab.scenario.tenant
    form = {
        "grant_type": "client_credentials",
        "client_id": known.client_id,
        "scope": f"{lab.graph_origin}/.default",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": text,
    }
    return web.post(f"{lab.graph_origin}/{known.id}/oauth2/v2.0/token", data=form, timeout=10)


def test_an_assertion_of_the_certificate_signs_in(running: Lab, web: requests.Session) -> None:
    """In the current form, and in the one of before, by the metadata's token endpoint or issuer."""
    known = running.scenario.tenant
    sha1 = encoded(running.application.certificate.fingerprint(hashes.SHA1()))  # noqa: S303 - the form of before
    issuer = f"{running.graph_origin}/{known.id}/v2.0"
    for text in (
        assertion(running),
        assertion(running, header={"alg": "RS256"}),
        assertion(running, header={"x5t#S256": sha1}),
        assertion(running, aud=issuer),
    ):
        assert token(running, web, text).status_code == 200


def test_msal_signs_in_by_the_file_that_the_lab_writes(tmp_path: Path) -> None:
    """By MSAL's own reading of the PFX file."""
    with Lab(changed("ready", tenant={"auth": "certificate"})) as lab, session(lab, tmp_path) as web:
        lab.write(tmp_path)
        known = lab.scenario.tenant
        application = msal.ConfidentialClientApplication(
            known.client_id,
            client_credential={
                "private_key_pfx_path": str(tmp_path / "readiness.pfx"),
                "passphrase": known.certificate_password,
            },
            authority=f"{lab.graph_origin}/{known.id}",
            instance_discovery=False,
            http_client=web,
        )
        assert "access_token" in application.acquire_token_for_client([f"{lab.graph_origin}/.default"])


@pytest.mark.parametrize(
    ("header", "claims", "number"),
    [
        ({"x5t#S256": "AAAA"}, {}, 700027),
        ({"x5t#S256": 7}, {}, 700027),
        ({"alg": "none"}, {}, 50027),
        ({"alg": "HS256"}, {}, 50027),
        ({}, {"aud": "https://login.microsoftonline.us/x/oauth2/v2.0/token"}, 700023),
        ({}, {"aud": None}, 700023),
        ({}, {"iss": "another"}, 700021),
        ({}, {"sub": None}, 700021),
        ({}, {"exp": 1_000_000}, 700024),
        ({}, {"exp": None}, 700024),
        ({}, {"exp": "tomorrow"}, 700024),
        ({}, {"nbf": 9_000_000_000}, 700024),
        ({}, {"nbf": "today"}, 700024),
        ({}, {"jti": None}, 50027),
    ],
)
def test_an_assertion_that_proves_nothing_is_refused(
    header: dict[str, Any], claims: dict[str, Any], number: int, running: Lab, web: requests.Session
) -> None:
    answer = token(running, web, assertion(running, header=header, **claims))
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "....", "e30.e30.e30", "W10.W10.e30", "\u00e9.e30.e30"])
def test_an_assertion_that_is_none_is_refused(text: str, running: Lab, web: requests.Session) -> None:
    assert token(running, web, text).json()["error"] == "invalid_client"


def test_a_changed_assertion_is_refused(running: Lab, web: requests.Session) -> None:
    header, claims, signature = assertion(running).split(".")
    other = assertion(running, exp=int(time.time()) + 9999).split(".")[1]
    for text in (f"{header}.{other}.{signature}", f"{header}.{claims}.{encoded(b'x' * 256)}"):
        assert token(running, web, text).json()["error_codes"] == [700027]


def test_an_id_names_one_assertion(running: Lab, web: requests.Session) -> None:
    """The same assertion may be shown again while it is valid, as MSAL does; another one needs another id."""
    first, second = assertion(running, jti="one"), assertion(running, jti="one", iat=1)
    assert [token(running, web, text).status_code for text in (first, first, second)] == [200, 200, 401]


def test_a_key_of_another_is_refused(running: Lab, web: requests.Session, start: Start) -> None:
    """Each lab makes a certificate of its own."""
    other = start()
    claims: dict[str, Any] = {"aud": f"{running.graph_origin}/{running.scenario.tenant.id}/oauth2/v2.0/token"}
    assert token(running, web, assertion(other, **claims)).json()["error_codes"] == [700027]


@pytest.mark.parametrize("auth", get_args(TenantAuth))
def test_the_written_files_are_those_that_the_sign_in_needs(auth: TenantAuth, tmp_path: Path) -> None:
    with Lab(changed("ready", tenant={"auth": auth})) as lab:
        lab.write(tmp_path)
    files = {path.name for path in tmp_path.iterdir()}
    own = {"certificate": {"readiness.pfx"}, "workload-identity": {"federated.token"}}
    assert files == {"readiness.toml", "ca.pem", "lab.env"} | own.get(auth, set())
    assert f'auth = "{auth}"' in (tmp_path / "readiness.toml").read_text(encoding="utf-8")
    assert ("READINESS_PFX_PASSWORD=" in (tmp_path / "lab.env").read_text(encoding="utf-8")) == (auth == "certificate")
    for name in own.get(auth, ()):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    key = lab.application.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert not [path for path in tmp_path.iterdir() if key in path.read_bytes()]


def signed_in(lab: Lab, web: requests.Session) -> str:
    """The access token of the lab's person."""
    known, base = lab.scenario.tenant, f"{lab.graph_origin}/{lab.scenario.tenant.id}/oauth2/v2.0"
    scope = f"{lab.graph_origin}/.default openid profile offline_access"
    code = web.post(f"{base}/devicecode", data={"client_id": known.client_id, "scope": scope}, timeout=10).json()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": known.client_id,
        "device_code": code["device_code"],
    }
    answer = web.post(f"{base}/token", data=form, timeout=10).json()
    assert web.post(f"{base}/token", data=form, timeout=10).json()["error"] == "bad_verification_code"
    found: str = answer["access_token"]
    return found


def test_a_person_reads_their_own_account_and_an_application_has_none(start: Start, tmp_path: Path) -> None:
    """What they may read is what the application was granted; the same names, delegated."""
    lab = start(changed("ready", tenant={"person": Person(user="admin@contoso.com", pending=0)}))
    with session(lab, tmp_path) as web:
        address = f"{lab.graph_origin}/v1.0/me"
        person = {"Authorization": f"Bearer {signed_in(lab, web)}"}
        assert web.get(address, headers=person, timeout=10).json()["userPrincipalName"] == "admin@contoso.com"
        answer = token(lab, web, assertion(lab)).json()
        application = {"Authorization": f"Bearer {answer['access_token']}"}
        refused = web.get(address, headers=application, timeout=10)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BadRequest")
        assert web.get(f"{lab.graph_origin}/devicelogin", timeout=10).text.startswith("Nothing to do here")


def test_graph_may_trust_another_authority_in_place_of_the_labs_own(start: Callable[..., Lab], tmp_path: Path) -> None:
    """The token says who holds it; what the lab itself gives out counts no more."""
    holder = Bearer(float("inf"), "ada@contoso.com")
    lab = start(bearer=lambda token: holder if token == "theirs" else None)
    with session(lab, tmp_path) as web:
        web.headers["Authorization"] = "Bearer theirs"
        assert Cloud(lab, web).get("v1.0/organization").status_code == 200
        assert Cloud(lab, web).signed_in().get("v1.0/organization").status_code == 401
