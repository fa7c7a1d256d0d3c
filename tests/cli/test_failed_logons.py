"""A wrong password, secret or certificate costs one failed logon per scan, however many readers wait: accounts lock.

Counted at the servers of the simulated estate, over both transports, for every way to sign in that it serves; for
`scan`, and for `permissions --test`, which reads all that a scan reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.config import Trust, load
from readiness.connecting import _route, sign_in
from readiness.connecting import estate as sources
from readiness.evidence import collect, utc_now
from readiness.lab import Exchange, Lab, load_scenario
from readiness.lab.estate import Transport
from readiness.model.facts import FACTS
from readiness.model.words import Half, Reason
from readiness.sources.deadline import Deadline
from readiness.sources.route import Proxy
from tests.conftest import Program, Ran
from tests.keys import PASSWORD as PFX_PASSWORD
from tests.keys import pair
from tests.servers.proxy import ConnectProxy

COMMANDS = (("scan", "--format", "none"), ("permissions", "--test"))
Serve = Callable[..., Lab]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Labs, one of each kind for all tests: `serve(tmp_path, scheme="http")` writes its files into the folder."""
    with ExitStack() as stack:
        labs: dict[tuple[str, str], Lab] = {}

        def give(folder: Path, *, scheme: str = "https", tenant: str = "", transport: Transport = "winrm") -> Lab:
            if (scheme, tenant) not in labs:
                (folder / "scenario.toml").write_text(f'base = "ready"\n[tenant]\n{tenant}\n', encoding="utf-8")
                made = Lab(load_scenario(str(folder / "scenario.toml")), site_scheme=scheme)  # type: ignore[arg-type]
                labs[scheme, tenant] = stack.enter_context(made)
            lab = labs[scheme, tenant]
            lab.requests.clear()
            lab.write(folder, transport)
            return lab

        yield give


def secrets(folder: Path) -> dict[str, str]:
    lines = (folder / "lab.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def failed_at_site(journal: Sequence[Exchange], auth: str = "ntlm") -> int:
    """Logons that the site refused. Basic and certificates prove with each request who asks, NTLM with its last leg."""
    refused = [one for one in journal if one.server in ("wsman", "adminservice") and one.status == 401]
    if auth in ("basic", "certificate"):
        return len(refused)
    return len([one for one in refused if one.leg == "authenticate"])


def failed_at_tenant(journal: Sequence[Exchange]) -> int:
    return len([one for one in journal if one.server == "entra" and one.path.endswith("/token") and one.status >= 400])


@dataclass(frozen=True)
class Way:
    """One way to the site."""

    transport: Transport
    scheme: str
    auth: str

    def __str__(self) -> str:
        return f"{self.transport} {self.scheme} {self.auth}"


WAYS = (
    Way("winrm", "https", "negotiate"),
    Way("winrm", "https", "ntlm"),
    Way("winrm", "https", "basic"),
    Way("winrm", "http", "negotiate"),
    Way("winrm", "http", "ntlm"),
    Way("adminservice", "https", "negotiate"),
    Way("adminservice", "https", "ntlm"),
)


def run(program: Program, command: Sequence[str], folder: Path, **variables: str) -> Ran:
    given = (*command, "--config", str(folder / "readiness.toml"), "--json", "--timeout", "20")
    ran = program(*given, variables={**secrets(folder), **variables})
    assert ran.code == 5, ran.err
    return ran


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_wrong_password_for_the_site(
    way: Way, command: Sequence[str], serve: Serve, program: Program, tmp_path: Path
) -> None:
    lab = serve(tmp_path, scheme=way.scheme, transport=way.transport)
    ran = run(program, command, tmp_path, READINESS_SITE_AUTH=way.auth, READINESS_SITE_PASSWORD="wr0ng")
    assert failed_at_site(lab.requests, way.auth) == 1
    assert failed_at_tenant(lab.requests) == 0
    assert "wr0ng" not in ran.out + ran.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_certificate_that_the_site_maps_to_nobody(
    command: Sequence[str], serve: Serve, program: Program, tmp_path: Path
) -> None:
    lab = serve(tmp_path)
    (tmp_path / "client.pem").write_bytes(lab.client_pem)
    variables = {"READINESS_SITE_AUTH": "certificate", "READINESS_SITE_CERTIFICATE": str(tmp_path / "client.pem")}
    run(program, command, tmp_path, **variables)
    assert failed_at_site(lab.requests, "certificate") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_wrong_client_secret(command: Sequence[str], serve: Serve, program: Program, tmp_path: Path) -> None:
    lab = serve(tmp_path)
    ran = run(program, command, tmp_path, READINESS_CLIENT_SECRET="not-the-secret")
    assert (failed_at_tenant(lab.requests), failed_at_site(lab.requests)) == (1, 0)
    assert "not-the-secret" not in ran.out + ran.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_certificate_that_the_application_does_not_know(
    command: Sequence[str], serve: Serve, program: Program, tmp_path: Path
) -> None:
    lab = serve(tmp_path, tenant='auth = "certificate"')
    pair().written(tmp_path)
    run(program, command, tmp_path, READINESS_PFX_PASSWORD=PFX_PASSWORD)
    assert (failed_at_tenant(lab.requests), failed_at_site(lab.requests)) == (1, 0)


def test_a_person_who_declines_is_asked_once(serve: Serve, tmp_path: Path) -> None:
    """One code is asked for, and its end is final for all readers; as the commands do it at a terminal."""
    person = 'auth = "device-code"\n[tenant.person]\nanswer = "decline"\npending = 0'
    lab = serve(tmp_path, tenant=person)
    deadline = Deadline(20)
    where = sources(load(tmp_path / "readiness.toml", {}), secrets(tmp_path), deadline)
    sign_in(where, lambda _prompt: None)
    evidence = collect(where, frozenset(FACTS), deadline, clock=utc_now)
    codes = [one for one in lab.requests if one.path.endswith("/devicecode")]
    assert (len(codes), failed_at_tenant(lab.requests)) == (1, 1)
    tenant = {one.reason for one in evidence.readings if one.fact in OF_GRAPH}
    assert tenant == {Reason.SIGN_IN_FAILED}


def test_a_wrong_password_for_the_proxy_of_a_person(serve: Serve, tmp_path: Path) -> None:
    """Their sign-in, and the reading that needs none, are two ways through the same proxy."""
    serve(tmp_path, tenant='auth = "device-code"\n[tenant.person]\npending = 0')
    deadline = Deadline(20)
    with ConnectProxy(account="svc:right") as proxy:
        variables = {**secrets(tmp_path), "HTTPS_PROXY": f"http://svc:wr0ng@127.0.0.1:{proxy.port}"}
        where = sources(load(tmp_path / "readiness.toml", {}), variables, deadline)
        sign_in(where, lambda _prompt: None)
        evidence = collect(where, frozenset(FACTS), deadline, clock=utc_now)
        assert len(proxy.journal.asked) == 1
    assert not any(one.available for one in evidence.readings if one.fact in {*OF_GRAPH, "TenantCloud"})


def test_both_hosts_of_the_tenant_know_the_same_proxy(serve: Serve, tmp_path: Path) -> None:
    """A managed identity asks for no token through it: Graph may be the first that is refused there."""
    serve(tmp_path)
    tenant = load(tmp_path / "readiness.toml", {}).tenant
    assert tenant is not None
    environ = {"HTTPS_PROXY": "http://svc:wr0ng@127.0.0.1:1"}
    known: dict[Proxy, Proxy] = {}
    routes = [_route(one, environ, Trust(), known) for one in (tenant.login_origin, tenant.graph_origin)]
    assert routes[0].proxy is not None
    assert routes[0].proxy is routes[1].proxy


OF_GRAPH = {fact.__name__ for fact in FACTS if fact.half is Half.TENANT} - {"TenantCloud", "TargetGroups"}


def test_the_second_scan_tries_once_more_and_no_scan_remembers(serve: Serve, program: Program, tmp_path: Path) -> None:
    """What is final is final for one scan: a mended password works at once."""
    lab = serve(tmp_path)
    for tries in (1, 2):
        run(program, COMMANDS[0], tmp_path, READINESS_SITE_PASSWORD="wr0ng")
        assert failed_at_site(lab.requests) == tries
    given = ("scan", "--config", str(tmp_path / "readiness.toml"), "--format", "none")
    assert program(*given, variables=secrets(tmp_path)).code == 0
    assert failed_at_site(lab.requests) == 2
