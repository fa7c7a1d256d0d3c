"""The OpenID provider that others wrote, as a process of its own; and what tests may ask and order of it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import requests
import trustme

from readiness.lab.entra import Bearer
from tests.keys import Pair
from tests.needed import without

HOME = Path(__file__).parent
SECRET = "Not-the-lab's-but-the-provider's-secret-1"
CLIENT = "3f1b7c52-9d40-4e86-a1f7-5c2e8b6d9a04"
"""Registered once for each way to prove who one is; the lab's estate knows the application by this id."""
BY_CERTIFICATE = "51c0ffee-0000-4000-8000-000000000001"
BY_PERSON = "51c0ffee-0000-4000-8000-000000000002"
NEEDS = "npm ci --prefix tests/real/oidc"


@dataclass
class Provider:
    """A running provider.

    Attributes:
        origin: `[tenant] authority` of a configuration.
        authority_pem: the private authority that vouches for it.
    """

    origin: str
    tenant: str
    authority_pem: bytes
    process: subprocess.Popen[str] = field(repr=False)

    def tell(self, order: str, **what: Any) -> Any:
        """Have an order carried out by the process; its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": order, **what}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def journal(self) -> list[dict[str, Any]]:
        """Every exchange since the last time that this was asked."""
        told: list[dict[str, Any]] = self.tell("journal")
        return told

    @contextmanager
    def clock_ahead(self, seconds: int) -> Iterator[None]:
        """The clock of the provider goes wrong for a while."""
        self.tell("clock", seconds=seconds)
        try:
            yield
        finally:
            self.tell("clock", seconds=0)

    @contextmanager
    def codes(self, *, seconds: int = 900, interval: int | None = 1) -> Iterator[None]:
        """Device codes live so long, and may be asked for so often, for a while. None: as the provider does by itself,
        which says nothing of how often."""
        self.tell("codes", seconds=seconds, interval=interval)
        try:
            yield
        finally:
            self.tell("codes", seconds=900, interval=1)

    @contextmanager
    def tokens(self, *, seconds: int) -> Iterator[None]:
        """Access tokens live so long, for a while."""
        self.tell("tokens", seconds=seconds)
        try:
            yield
        finally:
            self.tell("tokens", seconds=3599)

    @contextmanager
    def without_a_cloud(self) -> Iterator[None]:
        """The discovery document holds nothing that only Entra ID writes, for a while."""
        self.tell("plain", value=True)
        try:
            yield
        finally:
            self.tell("plain", value=False)

    def bearer(self, audience: str, bundle: Path) -> Keyring:
        """What knows the provider's tokens for a resource."""
        return Keyring(self, audience, bundle)


@dataclass
class Keyring:
    """Proves tokens as a resource does that trusts the provider: by its published keys."""

    provider: Provider
    audience: str
    bundle: Path
    _keys: dict[str, Any] = field(default_factory=dict)

    def __call__(self, token: str) -> Bearer | None:
        """To whom the provider gave the token; None where it did not, or not for this resource, or not any more."""
        issuer = f"{self.provider.origin}/{self.provider.tenant}/v2.0"
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=self.audience, issuer=issuer)
        except jwt.PyJWTError:
            return None
        person = claims.get("sub")
        return Bearer(float("inf"), None if person == claims["client_id"] else person)

    def _key(self, name: Any) -> Any:
        if not self._keys:
            url = f"{self.provider.origin}/{self.provider.tenant}/discovery/v2.0/keys"
            found = session(self.bundle).get(url, timeout=10).json()
            self._keys = {key["kid"]: jwt.PyJWK(key).key for key in found["keys"]}
        return self._keys.get(name)


def session(bundle: Path) -> requests.Session:
    """A session that nothing in the environment changes."""
    made = requests.Session()
    made.trust_env, made.verify = False, str(bundle)
    return made


@contextmanager
def serving(tenant: str, names: tuple[str, ...], certificate: Pair, node: str) -> Iterator[Provider]:
    """A provider that serves one tenant, which has applications by secret, by certificate, and for persons."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    settings = {
        "key": leaf.private_key_pem.bytes().decode(),
        "certificate": leaf.cert_chain_pems[0].bytes().decode(),
        "tenant": tenant,
        "names": names,
        "clients": _clients(certificate),
        "claims": {"name": "A. Administrator", "oid": "6a1f0b5e-0000-4000-8000-000000000003", "tid": tenant},
        "discovery": {
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "msgraph_host": "graph.microsoft.com",
        },
    }
    command = [node, "--no-warnings", str(HOME / "provider.mjs")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8")
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        port = json.loads(process.stdout.readline())["port"]
        yield Provider(f"https://localhost:{port}", tenant, authority.cert_pem.bytes(), process)
        process.stdin.close()
        process.wait(10)


def _clients(certificate: Pair) -> list[dict[str, Any]]:
    none: dict[str, Any] = {"redirect_uris": [], "response_types": []}
    application = {**none, "grant_types": ["client_credentials"]}
    person = ["urn:ietf:params:oauth:grant-type:device_code", "authorization_code", "refresh_token"]
    return [
        {
            **application,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "token_endpoint_auth_method": "client_secret_post",
        },
        {
            **application,
            "client_id": BY_CERTIFICATE,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [_jwk(certificate)]},
        },
        {
            "client_id": BY_PERSON,
            "client_name": "readiness",
            "application_type": "native",
            "redirect_uris": ["http://localhost"],
            "response_types": ["code"],
            "grant_types": person,
            "token_endpoint_auth_method": "none",
        },
    ]


def _jwk(pair: Pair) -> Mapping[str, str]:
    numbers = pair.key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "n": _encoded(numbers.n), "e": _encoded(numbers.e)}


def _encoded(number: int) -> str:
    content = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def node() -> str:
    """Path of Node, where it and the provider are installed; a bare machine may do without, CI may not."""
    found = shutil.which("node")
    if found is None:
        return without("no Node on this machine")
    if not (HOME / "node_modules" / "oidc-provider").is_dir():
        return without(f"oidc-provider is not installed: {NEEDS}")
    return found
