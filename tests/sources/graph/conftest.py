"""A client on the scripted cloud, and readers that run at the same time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness.errors import SourceError
from readiness.lab import Lab, Scenario, load_scenario
from readiness.lab.scenario import Fault
from readiness.model.settings import Scope
from readiness.sources.deadline import Deadline
from readiness.sources.graph.client import GraphClient
from readiness.sources.graph.credentials import Credential, Secret
from readiness.sources.graph.entra import EntraClient
from readiness.sources.graph.questions import Pages
from readiness.sources.graph.rules import entra_rules, graph_rules
from readiness.sources.graph.signin import SignIn
from readiness.sources.graph.source import GraphSource
from readiness.sources.guard import guarded_session
from tests.servers.graph import CLIENT_ID, SECRET, TENANT, TOKEN, Cloud
from tests.sources.conftest import Certificates

PERMISSIONS = ("Things.Read.All", "Everything.Read.All")
HARD_LIMIT_SECONDS = 10


class PatientDeadline(Deadline):
    """Writes down how long it was to sleep, and does not sleep."""

    def __init__(self, seconds: float = 1000) -> None:
        super().__init__(seconds)
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        if seconds >= self.remaining:
            return False
        self.waits.append(seconds)
        return True


class Reading:
    """A client of the scripted cloud.

    Args:
        seconds: until the deadline, which is never slept towards.
    """

    def __init__(
        self, cloud: Cloud, bundle: Path, *, credential: Credential | None = None, seconds: float = 1000
    ) -> None:
        credential = credential or Secret(SECRET)
        self.cloud = cloud
        self.deadline = PatientDeadline(seconds)
        self.entra = EntraClient(
            cloud.origin,
            lambda: guarded_session(cloud.origin, entra_rules, self.deadline, ca_bundle=bundle),
            self.deadline,
            secrets=credential.secrets,
            clouds={
                "microsoftonline.us": '"usgov" or "usdod"',
                "microsoftonline.us/DODCON": '"usgov"',
                "microsoftonline.us/DOD": '"usdod"',
            },
            jitter=lambda: 0.0,
        )
        scope = f"{cloud.origin}/.default"
        self.sign_in = SignIn(f"{cloud.origin}/{TENANT}", CLIENT_ID, credential, scope, self.entra)
        self.client = GraphClient(
            cloud.origin,
            self.sign_in,
            lambda: guarded_session(cloud.origin, graph_rules, self.deadline, ca_bundle=bundle),
            self.deadline,
            jitter=lambda: 0.0,
        )

    def rows(self, path: str = "/things", version: str = "beta") -> Pages:
        return self.client.rows(version, path, PERMISSIONS)

    def failure(self, path: str = "/things", version: str = "beta") -> SourceError:
        """Why the path cannot be read."""
        with pytest.raises(SourceError) as caught:
            self.rows(path, version)
        return caught.value

    def together(self, *paths: str, version: str = "beta") -> list[Any]:
        """What as many readers at the same time make of these paths: rows, or the error."""
        self.client.gatherer.expect(len(paths), len(paths))

        def read(path: str) -> Any:
            with self.client.gatherer.reader():
                return list(self.rows(path, version).rows)

        return at_once([lambda path=path: read(path) for path in paths])  # type: ignore[misc]


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """What the jobs return or raise, each run in a thread. Fails where one of them hangs."""
    outcomes: list[Any] = [None] * len(jobs)

    def run(index: int) -> None:
        try:
            outcomes[index] = jobs[index]()
        except BaseException as error:
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HARD_LIMIT_SECONDS)
        assert not thread.is_alive(), "a reader hangs"
    return outcomes


@pytest.fixture
def cloud(certificates: Certificates) -> Iterator[Cloud]:
    with Cloud(certificates.good) as cloud:
        yield cloud


@pytest.fixture
def reading(cloud: Cloud, certificates: Certificates) -> Reading:
    return Reading(cloud, certificates.bundle)


@pytest.fixture
def discreet(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[object], None]]:
    """Asserts, at the end of the test and on demand, that no word of secret or token is told."""
    caplog.set_level(logging.DEBUG)
    for name in ("msal", "urllib3", "requests", "readiness"):
        caplog.set_level(logging.DEBUG, logger=name)

    def check(told: object) -> None:
        for words in (str(told), repr(told), caplog.text, *(repr(record.args) for record in caplog.records)):
            assert SECRET not in words
            assert TOKEN not in words

    yield check
    check("")


def scenario(name: str = "ready", /, **tenant: Any) -> Scenario:
    """A scenario of the lab with other values in its tenant."""
    found = load_scenario(name)
    return msgspec.structs.replace(found, tenant=msgspec.structs.replace(found.tenant, **tenant))


def with_fault(*faults: Fault) -> Scenario:
    """The ready estate, with these faults."""
    return msgspec.structs.replace(scenario(), fault=list(faults))


def source(
    lab: Lab, folder: Path, credential: Credential | None = None, /, scope: Scope | None = None, **changed: str
) -> GraphSource:
    """The cloud half of a running lab, as the composition makes it."""
    bundle = folder / "lab-ca.pem"
    bundle.write_bytes(lab.ca_pem)
    tenant = lab.scenario.tenant
    named = {"tenant": tenant.domains[0], "client_id": tenant.client_id, "secret": tenant.client_secret, **changed}
    return GraphSource(
        named["tenant"],
        named["client_id"],
        credential or Secret(named["secret"]),
        login=lab.graph_origin,
        graph=lab.graph_origin,
        deadline=Deadline(20),
        ca_bundle=bundle,
        scope=scope,
    )
