"""The application signs in at a provider that others wrote, by our code and real MSAL; a Graph that trusts it is read.

What Entra ID does otherwise, after the reference on Graph: it says by a number why it refuses (AADSTS), where this
provider tells a client nothing; it takes an assertion again as long as that is valid, where this one takes it once.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import msal
import pytest
import trustme
from cryptography.hazmat.primitives import hashes

from readiness.config import load
from readiness.config.federation import federated_token
from readiness.sources.deadline import Deadline
from readiness.sources.graph.credentials import Federated
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.rules import entra_rules
from readiness.sources.graph.signin import SignIn
from readiness.sources.guard import guarded_session
from tests.conftest import Program, Ran
from tests.keys import PASSWORD, Pair, pair, rsa_key
from tests.real.oidc.conftest import Joined
from tests.real.oidc.provider import BY_CERTIFICATE, CLIENT, SECRET

pytestmark = pytest.mark.real

REFUSED = "Entra ID refused the sign-in: client authentication failed"


def scan(program: Program, joined: Joined, *arguments: str, **variables: str) -> Ran:
    given = ("scan", "--config", joined.config, "--json", "--format", "none", *arguments)
    return program(*given, variables={**joined.estate.secrets, "READINESS_CLIENT_SECRET": SECRET, **variables})


def sign_ins(journal: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    """How every attempt to get a token ended, and why: what the provider knows, and does not tell."""
    return [(entry["status"], entry.get("why")) for entry in journal if entry.get("route") == "token"]


def reachable(ran: Ran) -> str:
    """The outcome of the check that needs a token, and its reason and words."""
    check = ran.check("tenant-reachable")
    return f"{check['outcome']} {check['reason'] or ''}: {check['summary'].removeprefix('Could not be verified: ')}"


def with_certificate(joined: Joined, certificate: Pair, form: str = "pfx") -> None:
    """Have the configuration sign in by this certificate, from this kind of file."""
    if form == "pfx":
        path = certificate.written(joined.estate.folder)
    else:
        path = joined.estate.folder / "readiness.pem"
        path.write_bytes(certificate.pem_key(PASSWORD) + certificate.pem_certificate)
    more = (f'certificate = "{path.name}"', 'certificate_password_env = "READINESS_PFX_PASSWORD"')
    joined.signing_in(BY_CERTIFICATE, "certificate", *more)


def thumbprint(certificate: Pair) -> str:
    """SHA-256, as an assertion names the certificate; MSAL leaves the padding on."""
    return base64.urlsafe_b64encode(certificate.certificate.fingerprint(hashes.SHA256())).decode()


def test_a_client_secret_opens_the_whole_estate(program: Program, joined: Joined) -> None:
    ran = scan(program, joined)
    assert ran.code == 0
    assert ran.report["decision"]["sentence"].startswith("Ready: ")
    journal = joined.provider.journal()
    assert sign_ins(journal) == [(200, None)]
    discovery, token = [entry for entry in journal if entry["route"] != "jwks"]
    assert (discovery["route"], token["grant"]) == ("discovery", "client_credentials")
    assert SECRET not in ran.out + ran.err


def test_a_wrong_secret_costs_one_failed_sign_in(program: Program, joined: Joined) -> None:
    """Every reader of the tenant gets that one failure; Graph is not asked, and the site is read as ever."""
    ran = scan(program, joined, READINESS_CLIENT_SECRET="A-secret-that-was-mistyped")
    assert reachable(ran) == f"unknown sign-in-failed: {REFUSED}"
    assert sign_ins(joined.provider.journal()) == [(401, "invalid secret provided")]
    assert not joined.asked_graph()
    assert "A-secret-that-was-mistyped" not in ran.out + ran.err
    assert ran.check("site-reachable")["outcome"] == "pass"


@pytest.mark.parametrize("form", ["pfx", "pem"])
def test_a_certificate_signs_in(form: str, program: Program, joined: Joined, registered: Pair) -> None:
    """The provider proves the signature by the registered key. The certificate is named by its SHA-256."""
    with_certificate(joined, registered, form)
    ran = scan(program, joined, READINESS_PFX_PASSWORD=PASSWORD)
    assert reachable(ran).startswith("pass ")
    journal = joined.provider.journal()
    assert sign_ins(journal) == [(200, None)]
    (header,) = [entry["header"] for entry in journal if "header" in entry]
    assert (header["alg"], header["x5t#S256"]) == ("PS256", thumbprint(registered))
    assert "x5t" not in header


def test_a_certificate_that_is_not_registered_costs_one_failed_sign_in(program: Program, joined: Joined) -> None:
    with_certificate(joined, pair(rsa_key(2)))
    ran = scan(program, joined, READINESS_PFX_PASSWORD=PASSWORD)
    assert reachable(ran) == f"unknown sign-in-failed: {REFUSED}"
    ((status, why),) = sign_ins(joined.provider.journal())
    assert (status, why) == (401, "signature verification failed")
    assert not joined.asked_graph()


def test_clocks_that_differ_by_more_than_an_assertion_lives_let_nobody_in(
    program: Program, joined: Joined, registered: Pair
) -> None:
    """What the certificate signed has ended before it arrives, by the provider's clock."""
    with_certificate(joined, registered)
    with joined.provider.clock_ahead(3600):
        ran = scan(program, joined, READINESS_PFX_PASSWORD=PASSWORD)
    assert reachable(ran) == f"unknown sign-in-failed: {REFUSED}"
    ((status, why),) = sign_ins(joined.provider.journal())
    assert (status, why) == (401, "jwt expired")


@pytest.mark.parametrize(
    ("named", "algorithm"),
    [("x5t#S256", "PS256"), ("x5t", "RS256")],
)
def test_both_forms_of_assertion_go_through(named: str, algorithm: str, joined: Joined, registered: Pair) -> None:
    """MSAL signs in two ways. Ours is the first; the second, by SHA-1, needs a thumbprint, and is here to show that the
    provider tells them apart, and that what MSAL speaks through carries either."""
    credential = {"private_key": registered.key, "public_certificate": registered.pem_certificate.decode()}
    if named == "x5t":
        credential["thumbprint"] = registered.certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303
    graph = joined.estate.lab.graph_origin
    with through(joined) as client:
        application = msal.ConfidentialClientApplication(
            BY_CERTIFICATE,
            client_credential=credential,
            authority=f"{joined.provider.origin}/contoso.com",
            instance_discovery=False,
            http_client=client,
        )
        assert application.acquire_token_for_client(scopes=[f"{graph}/.default"])["token_type"] == "Bearer"
    (header,) = [entry["header"] for entry in joined.provider.journal() if "header" in entry]
    assert header["alg"] == algorithm
    assert named in header


def vouching(joined: Joined, pair: Pair, *, seconds: int = 600) -> str:
    """A token for the application. This provider takes it of the application itself, where Entra ID takes that of an
    issuer which it trusts; how it is brought is the same."""
    now = int(time.time())
    claims = {
        "iss": BY_CERTIFICATE,
        "sub": BY_CERTIFICATE,
        "aud": f"{joined.provider.origin}/{joined.provider.tenant}/v2.0",
        "jti": secrets.token_urlsafe(),
        "iat": now - 60,
        "exp": now + seconds,
    }
    return jwt.encode(claims, pair.key, algorithm="RS256")


def with_token_file(joined: Joined, content: str) -> Path:
    """Have the configuration sign in by what a file holds."""
    path = joined.estate.folder / "federated.token"
    path.write_text(content + "\n", encoding="utf-8")
    joined.signing_in(BY_CERTIFICATE, "workload-identity", f'federated_token_file = "{path.name}"')
    return path


def test_a_token_file_signs_in(program: Program, joined: Joined, registered: Pair) -> None:
    token = vouching(joined, registered)
    with_token_file(joined, token)
    ran = scan(program, joined)
    assert reachable(ran).startswith("pass ")
    assert sign_ins(joined.provider.journal()) == [(200, None)]
    assert token not in ran.out + ran.err


def test_a_token_file_that_nobody_renewed_costs_one_failed_sign_in(
    program: Program, joined: Joined, registered: Pair
) -> None:
    with_token_file(joined, vouching(joined, registered, seconds=-30))
    ran = scan(program, joined)
    assert reachable(ran) == f"unknown sign-in-failed: {REFUSED}"
    assert sign_ins(joined.provider.journal()) == [(401, "jwt expired")]


def test_the_token_file_is_read_anew_for_each_token(joined: Joined, registered: Pair) -> None:
    """Ours live for a moment here; the provider takes a token of the file once only, so the second is a new one."""
    path = with_token_file(joined, vouching(joined, registered))
    settings = load(joined.estate.config, joined.estate.secrets).tenant
    assert settings is not None
    scope = f"{joined.estate.lab.graph_origin}/.default"
    with joined.provider.tokens(seconds=60), through(joined) as client:
        credential = Federated(lambda: federated_token(settings, {}))
        sign_in = SignIn(f"{joined.provider.origin}/contoso.com", BY_CERTIFICATE, credential, scope, client)
        first = sign_in.token()
        path.write_text(vouching(joined, registered), encoding="utf-8")
        assert sign_in.token() != first
    assert sign_ins(joined.provider.journal()) == [(200, None), (200, None)]


@contextmanager
def through(joined: Joined) -> Iterator[EntraClient]:
    """What MSAL speaks through, to the provider."""
    origin, deadline = joined.provider.origin, Deadline(20)
    client = EntraClient(
        origin, lambda: guarded_session(origin, entra_rules, deadline, ca_bundle=joined.bundle), deadline
    )
    try:
        yield client
    finally:
        client.close()


def test_an_application_that_the_provider_does_not_know(program: Program, joined: Joined) -> None:
    joined.estate.rewrite(f'client_id = "{CLIENT}"', 'client_id = "00000000-0000-4000-8000-000000000000"')
    ran = scan(program, joined)
    assert reachable(ran) == f"unknown sign-in-failed: {REFUSED}"
    assert sign_ins(joined.provider.journal()) == [(401, "client not found")]


def test_a_tenant_that_is_somewhere_else_gets_no_secret(program: Program, joined: Joined) -> None:
    joined.estate.rewrite('id = "contoso.onmicrosoft.com"', 'id = "fabrikam.onmicrosoft.com"')
    ran = scan(program, joined)
    said = f"{joined.provider.origin} does not answer like Entra ID (HTTP 404); check [tenant] id, cloud, authority"
    assert reachable(ran) == f"unknown wrong-target: {said}"
    assert [entry["method"] for entry in joined.provider.journal()] == ["GET"]


def test_an_authority_that_nobody_vouches_for_gets_nothing(program: Program, joined: Joined) -> None:
    """Its certificate is of a private authority that the configuration does not name."""
    (joined.estate.folder / "ca.pem").write_bytes(joined.estate.lab.ca_pem)
    ran = scan(program, joined)
    assert reachable(ran).startswith("unknown unreachable: ")
    assert "its certificate comes from an authority that is not trusted here: name it in ca_bundle" in reachable(ran)
    assert joined.provider.journal() == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_does_not_change_whom_we_trust(variable: str, program: Program, joined: Joined) -> None:
    """Left to itself, requests takes these before what it was given, and MSAL with it: reference, section 7.6."""
    other = joined.estate.folder / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    ran = scan(program, joined, **{variable: str(other)})
    assert reachable(ran).startswith("pass ")


def test_a_token_of_another_authority_opens_nothing(program: Program, joined: Joined) -> None:
    """The simulated Graph here takes the provider's tokens only: the ones above were proven, not waved through."""
    lab = joined.estate.lab
    joined.estate.rewrite(f'authority = "{joined.provider.origin}"', f'authority = "{lab.graph_origin}"')
    ran = scan(program, joined, **joined.estate.secrets)
    assert reachable(ran).startswith("unknown sign-in-failed: Microsoft Graph does not accept the token")
    assert joined.asked_graph()
    assert sign_ins(joined.provider.journal()) == []


def test_a_token_for_another_resource_opens_nothing(program: Program, joined: Joined) -> None:
    with joined.another_audience("https://graph.microsoft.com"):
        ran = scan(program, joined)
    assert reachable(ran).startswith("unknown sign-in-failed: Microsoft Graph does not accept the token")
    # The first was not taken, and might have been an old one: it is replaced once.
    assert sign_ins(joined.provider.journal()) == [(200, None)] * 2


def test_a_discovery_document_that_names_no_cloud_says_nothing_of_the_cloud(program: Program, joined: Joined) -> None:
    """The provider's own document, in which only the names are missing that Entra ID alone writes."""
    with joined.provider.without_a_cloud():
        ran = scan(program, joined)
    assert reachable(ran).startswith("pass ")
    cloud = ran.check("cloud-supported")
    assert (cloud["outcome"], cloud["reason"]) == ("unknown", "bad-answer")
    assert "the discovery document does not say in which cloud which tenant lives" in cloud["summary"]
