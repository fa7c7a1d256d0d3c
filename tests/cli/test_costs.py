"""What a fault may cost a whole scan, measured: a host that is down, a host that is silent, one that puts us off.

The sources are those that the composition makes, every reader of a half runs, the sockets are real. Only the clock is
ours: it goes faster, so that ten seconds take half a second.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from readiness.assessment import needed_facts
from readiness.cli.reading import judged
from readiness.config import Configuration, load
from readiness.connecting import estate as sources
from readiness.evidence import collect, utc_now
from readiness.lab import Lab, load_scenario
from readiness.lab.server import Request, Response, Sending
from readiness.model.reading import Evidence
from readiness.model.words import Half, Reason
from readiness.sources.deadline import Deadline
from tests.conftest import Estate
from tests.servers.down import dropping, silent
from tests.servers.graph import CLIENT_ID, TENANT, Cloud

CONNECT_SECONDS, EXCHANGE_SECONDS, SCAN_SECONDS = 10.0, 60.0, 120.0
"""Of `Limits`, and of the contract."""
SLACK_SECONDS = 1.5
"""How late anything of ours may notice its end, on a busy machine: real seconds."""

HOSTS = ("entra", "graph", "winrm", "adminservice")
SERVERS = {"entra": "entra", "graph": "graph", "winrm": "wsman", "adminservice": "adminservice"}
OF_ENTRA = "TenantCloud"
"""What is read from the sign-in host, whatever is the matter with Graph."""


class FastDeadline(Deadline):
    """The scan's deadline, on a clock that goes `speed` times as fast."""

    def __init__(self, speed: float, seconds: float = SCAN_SECONDS) -> None:
        super().__init__(seconds, lambda: time.monotonic() * speed)
        self.speed = speed

    def wait(self, seconds: float) -> bool:
        if seconds >= self.remaining:
            return False
        time.sleep(seconds / self.speed)
        return True


class Busy:
    """Lets one server put off everything but signing in, for as long as it says."""

    def __init__(self) -> None:
        self.server = ""
        self.headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, _request: Request, response: Response) -> Response | Sending:
        if response.server != self.server or response.status == 401:
            return response
        return replace(response, status=503, headers=self.headers, body=b"", seal=None)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(load_scenario("ready"), tamper=Busy()) as lab:
        yield lab


@pytest.fixture
def served(lab: Lab, tmp_path: Path) -> Estate:
    lab.requests.clear()
    return Estate(lab, tmp_path)


@pytest.fixture
def busy(lab: Lab) -> Iterator[Busy]:
    busy = lab._tamper
    assert isinstance(busy, Busy)
    yield busy
    busy.server = ""


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, Path]]:
    """A sign-in host that gives a token for any Graph, and the authority of its certificate."""
    authority, bundle = trustme.CA(), tmp_path_factory.mktemp("entra") / "entra.pem"
    authority.cert_pem.write_to_path(str(bundle))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with Cloud(tls) as cloud:
        yield cloud, bundle


@pytest.fixture
def moved(served: Estate, entra: tuple[Cloud, Path]) -> Callable[[str, int], Configuration]:
    """The configuration of a half, one of whose hosts is at this port."""

    def configure(where: str, port: int) -> Configuration:
        found, origin = configured(served, where), f"https://localhost:{port}"
        if found.site is not None:
            return replace(found, site=replace(found.site, port=port))
        assert found.tenant is not None
        if where == "entra":
            return replace(found, tenant=replace(found.tenant, authority=origin))
        cloud, bundle = entra
        tenant = replace(found.tenant, id=TENANT, client_id=CLIENT_ID, authority=cloud.origin, ca_bundle=bundle)
        return replace(found, tenant=replace(tenant, graph=origin))

    return configure


def configured(served: Estate, where: str) -> Configuration:
    """The configuration of the half that this host is of."""
    served.lab.write(served.folder, "adminservice" if where == "adminservice" else "winrm")
    found = load(served.config, {})
    if SERVERS[where] not in HOSTS[:2]:
        return replace(found, tenant=None)
    scope = replace(found.judging.scope, groups=("EDR Pilot",))  # without any, one reader asks nothing
    return replace(found, site=None, judging=replace(found.judging, scope=scope))


def scanned(served: Estate, configuration: Configuration, deadline: Deadline) -> tuple[Evidence, float]:
    """What every reader of the half made of it, and how many seconds it took by the scan's clock."""
    judging = configuration.judging
    half = Half.TENANT if configuration.site is None else Half.SITE
    facts = frozenset(fact for fact in needed_facts(judged(judging), judging) if fact.half is half)
    where = sources(configuration, served.secrets, deadline)
    started = deadline.monotonic()
    evidence = collect(where, facts, deadline, clock=utc_now)
    read = tuple(reading for reading in evidence.readings if reading.fact in {fact.__name__ for fact in facts})
    return replace(evidence, readings=read), deadline.monotonic() - started


def failures(evidence: Evidence, where: str) -> set[tuple[Reason | None, str | None]]:
    """Why the readings that need this host failed, in words."""
    return {(one.reason, one.error) for one in evidence.readings if where != "graph" or one.fact != OF_ENTRA}


def reasons(evidence: Evidence, where: str) -> set[Reason | None]:
    return {reason for reason, _ in failures(evidence, where)}


Place = Callable[[], AbstractContextManager[int]]
Moved = Callable[[str, int], Configuration]


@pytest.mark.parametrize("where", HOSTS)
def test_a_host_that_is_down_costs_its_time_for_connecting_once(where: str, served: Estate, moved: Moved) -> None:
    """Not once per reader, question, connection or batch."""
    with dropping() as port:
        evidence, seconds = scanned(served, moved(where, port), FastDeadline(10))
    assert reasons(evidence, where) == {Reason.UNREACHABLE}
    assert len(failures(evidence, where)) == 1
    assert CONNECT_SECONDS <= seconds < 2 * CONNECT_SECONDS


@pytest.mark.parametrize("where", HOSTS)
def test_a_host_that_says_nothing_costs_one_exchange(where: str, served: Estate, moved: Moved) -> None:
    """It takes connections, and not a word comes: that ends before the deadline of the scan does."""
    with silent() as port:
        evidence, seconds = scanned(served, moved(where, port), FastDeadline(20))
    assert reasons(evidence, where) == {Reason.TIMED_OUT}
    assert len(failures(evidence, where)) == 1
    assert EXCHANGE_SECONDS <= seconds < 2 * EXCHANGE_SECONDS == SCAN_SECONDS


@pytest.mark.parametrize("where", HOSTS)
def test_a_wait_beyond_the_deadline_is_not_begun(where: str, served: Estate, busy: Busy) -> None:
    """Retry-After names a time that the scan does not have: `throttled` at once, and nothing is asked again."""
    configuration = configured(served, where)
    busy.server, busy.headers = SERVERS[where], (("Retry-After", "300"),)
    evidence, seconds = scanned(served, configuration, Deadline(SCAN_SECONDS))
    assert reasons(evidence, where) == {Reason.THROTTLED}
    assert seconds < 5.0
    put_off = [(one.path, one.summary) for one in served.lab.requests if one.status == 503]
    assert len(put_off) == len(set(put_off)) > 0


@pytest.mark.parametrize("where", HOSTS)
def test_no_pause_outlasts_the_deadline(where: str, served: Estate, busy: Busy) -> None:
    """A host that puts everything off for ever, and names no time: the scan ends with its deadline at the latest."""
    configuration = configured(served, where)
    busy.server, busy.headers = SERVERS[where], ()
    evidence, seconds = scanned(served, configuration, FastDeadline(4, 6.0))
    assert Reason.THROTTLED in reasons(evidence, where) <= {Reason.THROTTLED, Reason.TIMED_OUT}
    assert seconds < 6.0 + 4 * SLACK_SECONDS
