"""A parcel, and both ticket systems on real sockets."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.lab.certificates import make
from readiness.sources.deadline import Deadline
from readiness.targets.jira import Jira
from readiness.targets.line import Access
from readiness.targets.parcel import Parcel, Phase, files_of
from readiness.targets.servicenow import ServiceNow
from tests.servers.tickets import JiraServer, ServiceNowServer

RUN = "20261123T205600Z-0a1b2c3d"
SECRET = "s3cret-that-nobody-may-see"
BASIC = "Basic " + base64.b64encode(f"svc:{SECRET}".encode()).decode()
CERTIFICATES = make()


def NO_WAIT(_seconds: float) -> bool:  # noqa: N802 - a constant of the tests
    """There is always time, and none of it passes."""
    return True


def parcel(phase: Phase | None = None, run: str = RUN, html: bytes = b"<!doctype html>\r\n") -> Parcel:
    contents = (("html", html), ("json", b'{"schema":"x"}\n'))
    return Parcel(run, phase, files_of(run, phase, contents), (), lambda limit: "Not ready."[:limit])


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_bytes(CERTIFICATES.authority_pem)
    return path


@pytest.fixture
def snow() -> Iterator[ServiceNowServer]:
    with ServiceNowServer(BASIC, CERTIFICATES.server) as server:
        yield server


@pytest.fixture
def jira() -> Iterator[JiraServer]:
    with JiraServer(BASIC, CERTIFICATES.server) as server:
        yield server


def access(origin: str, bundle: Path | None, *, authorization: str = BASIC, seconds: float = 20) -> Access:
    return Access(origin, authorization, "[attach] keys", Deadline(seconds), bundle)


@pytest.fixture
def change(snow: ServiceNowServer, bundle: Path) -> Iterator[ServiceNow]:
    ticket = ServiceNow("chg0031337", access(snow.origin, bundle), "change_request")
    yield ticket
    ticket.close()


@pytest.fixture
def issue(jira: JiraServer, bundle: Path) -> Iterator[Jira]:
    ticket = Jira("OPS-42", access(jira.origin, bundle))
    yield ticket
    ticket.close()
