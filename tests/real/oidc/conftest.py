"""A provider for the tests of this folder, and estates whose Graph trusts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.lab import load_scenario
from tests.conftest import Estate
from tests.keys import Pair, pair, rsa_key
from tests.real.oidc.provider import Keyring, Provider, node, serving

Serve = Callable[..., Estate]


@pytest.fixture(scope="session")
def registered() -> Pair:
    """The certificate that the provider knows."""
    return pair(rsa_key(1))


@pytest.fixture(scope="session")
def process(registered: Pair) -> Iterator[Provider]:
    tenant = load_scenario("ready").tenant
    with serving(tenant.id, tenant.domains, registered, node()) as provider:
        yield provider


@pytest.fixture
def provider(process: Provider) -> Provider:
    """The provider, which has seen nobody yet."""
    process.journal()
    return process


@dataclass(frozen=True)
class Joined:
    """An estate, whose Graph takes the provider's tokens, and a configuration that signs in there."""

    estate: Estate
    provider: Provider
    bundle: Path
    keyring: Keyring

    @property
    def config(self) -> str:
        return str(self.estate.config)

    def signing_in(self, client: str, auth: str, *more: str) -> None:
        """Have the configuration name another application, and another way to sign in."""
        lines = self.estate.config.read_text(encoding="utf-8").splitlines()
        dropped = ("client_id =", "auth =", "client_secret_env =")
        tenant, site = "\n".join(lines).split("\n[site]")
        kept = [line for line in tenant.splitlines() if not line.startswith(dropped)]
        added = [f'client_id = "{client}"', f'auth = "{auth}"', *more]
        self.estate.config.write_text("\n".join([*kept, *added, "", "[site]"]) + site + "\n", encoding="utf-8")

    @contextmanager
    def another_audience(self, resource: str) -> Iterator[None]:
        """Graph is another resource than the one that it is asked for as, for a while."""
        meant, self.keyring.audience = self.keyring.audience, resource
        try:
            yield
        finally:
            self.keyring.audience = meant

    def asked_graph(self) -> bool:
        return any(exchange.server == "graph" for exchange in self.estate.lab.requests)


@pytest.fixture
def joined(estate: Serve, provider: Provider, tmp_path: Path) -> Joined:
    """The ready estate. Its configuration signs in by client secret."""
    bundle = tmp_path / "authorities.pem"
    bundle.write_bytes(provider.authority_pem)
    keyring = provider.bearer("", bundle)
    served = estate("ready", bearer=keyring)
    keyring.audience = served.lab.graph_origin
    lab_authority = served.folder / "ca.pem"
    lab_authority.write_bytes(lab_authority.read_bytes() + provider.authority_pem)
    served.rewrite(f'authority = "{served.lab.graph_origin}"', f'authority = "{provider.origin}"')
    return Joined(served, provider, bundle, keyring)
