"""Sign-in by the managed identity of a machine, by real MSAL: both shapes of the place, and places that are none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests import Request

from readiness.errors import ConfigurationError, SourceError
from readiness.lab import Lab
from readiness.model.facts import Organization
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import GuardRefusal
from readiness.sources.graph.managed import ManagedIdentity, place_rules
from readiness.sources.guard import guarded_session
from tests.servers.graph import http_json
from tests.servers.tcp import TcpServer, read_request
from tests.sources.graph.conftest import PatientDeadline, scenario, source

VARIABLES = (
    "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
)  # fmt: skip
Platform = Callable[..., None]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(scenario(auth="managed-identity")) as lab:
        yield lab


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Puts into the environment what a platform of Azure would, and nothing else of the kind."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def in_shape_of(shape: str, lab: Lab) -> dict[str, str]:
    if shape == "App Service":
        return lab.platform
    return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": f"http://127.0.0.1:{lab.machine_port}/"}


def read(lab: Lab, folder: Path, identity: ManagedIdentity) -> Any:
    made = source(lab, folder, identity, client_id=identity.client_id or "")
    (job,) = made.jobs(frozenset({Organization}))
    return job.run()


def refused(lab: Lab, folder: Path, client_id: str | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(lab, folder, ManagedIdentity(client_id, PatientDeadline(), jitter=lambda: 0.0))
    return caught.value


@pytest.mark.parametrize("shape", ["App Service", "virtual machine"])
@pytest.mark.parametrize("assigned", ["system", "user"])
def test_the_machine_signs_in_without_a_secret(
    shape: str, assigned: str, lab: Lab, tmp_path: Path, platform: Platform
) -> None:
    platform(**in_shape_of(shape, lab))
    lab.requests.clear()
    client_id = lab.scenario.tenant.client_id if assigned == "user" else None
    assert read(lab, tmp_path, ManagedIdentity(client_id, Deadline(20))).rows == 1
    summaries = [exchange.summary for exchange in lab.requests]
    assert summaries[0] == f"managed identity, {assigned}-assigned"
    assert "discovery" not in summaries  # the sign-in host is not asked: the place vouches


def test_who_reads_is_called_by_its_identity(lab: Lab, tmp_path: Path) -> None:
    one, other = ManagedIdentity(None, Deadline(20)), ManagedIdentity("3f1b", Deadline(20))
    assert source(lab, tmp_path, one).identity == "system-assigned managed identity"
    assert source(lab, tmp_path, other).identity == "managed identity 3f1b"
    assert source(lab, tmp_path, one).scope(()) == "the whole tenant, by application permissions"


@pytest.mark.parametrize(("shape", "words"), [("App Service", "No User Assigned"), ("virtual machine", "not found")])
def test_an_identity_that_is_not_assigned_says_so(
    shape: str, words: str, lab: Lab, tmp_path: Path, platform: Platform
) -> None:
    platform(**in_shape_of(shape, lab))
    failure = refused(lab, tmp_path, "00000000-0000-0000-0000-000000000009")
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "no token of its managed identity 00000000-0000-0000-0000-000000000009" in str(failure)
    assert words in str(failure)
    assert "who owns the machine assigns the identity to it" in str(failure)
    place = {
        "App Service": "the identity endpoint of App Service",
        "virtual machine": "Azure's Instance Metadata Service",
    }
    assert str(failure).startswith(place[shape])


def test_a_wrong_header_is_refused_and_not_told(lab: Lab, tmp_path: Path, platform: Platform) -> None:
    platform(**{**lab.platform, "IDENTITY_HEADER": "the-wrong-header-value"})
    failure = refused(lab, tmp_path)
    assert "The header is wrong or missing" in str(failure)
    assert "the-wrong-header-value" not in str(failure)


def test_a_machine_without_such_a_place_says_where_it_works(lab: Lab, tmp_path: Path, platform: Platform) -> None:
    platform(AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:9")
    failure = refused(lab, tmp_path)
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "this machine has no managed identity: 127.0.0.1:9 refused the connection" in str(failure)
    assert "it works on Azure only" in str(failure)


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.4/msi/token",
        "http://metadata.contoso.test/msi/token",
        "https://127.0.0.1/msi/token",
        "http://user@127.0.0.1/msi/token",
        "http://127.0.0.1@evil.test/msi/token",
        "http://[::ffff:10.0.0.4]/msi/token",
        "http://127.0.0.1:port/msi/token",
        "http://[127.0.0.1/msi/token",
        "file:///etc/passwd",
        "127.0.0.1",
    ],
)
def test_nothing_is_sent_to_a_place_that_is_not_near(place: str, lab: Lab, tmp_path: Path, platform: Platform) -> None:
    """Whoever can set a variable must not be sent the header, nor have us believe a token."""
    lab.requests.clear()
    platform(IDENTITY_ENDPOINT=place, IDENTITY_HEADER="the-header-value")
    failure = refused(lab, tmp_path)
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "nothing was sent: the environment names a place for the identity endpoint of App Service" in str(failure)
    assert "the-header-value" not in str(failure)
    assert lab.requests == []


def test_service_fabric_is_refused(lab: Lab, tmp_path: Path, platform: Platform) -> None:
    """MSAL would speak to it past the Guard."""
    platform(**lab.platform, IDENTITY_SERVER_THUMBPRINT="a" * 40)
    assert "Service Fabric or Cloud Shell is not supported" in str(refused(lab, tmp_path))


@pytest.mark.parametrize("address", ["169.254.169.254", "[fe80::1]", "127.0.0.1", "[::1]", "localhost"])
def test_plain_http_is_allowed_to_what_is_near(address: str) -> None:
    guarded_session(f"http://{address}:80", place_rules("/x"), Deadline(1), near=True).close()


@pytest.mark.parametrize("address", ["10.0.0.4", "login.test", "localhost.evil.test", "127.0.0.1.evil.test"])
def test_plain_http_is_allowed_to_nothing_else(address: str) -> None:
    with pytest.raises(ConfigurationError):
        guarded_session(f"http://{address}", place_rules("/x"), Deadline(1), near=True)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "http://127.0.0.1/msi/token?resource=x"),
        ("GET", "http://127.0.0.1/msi/other?resource=x"),
        ("GET", "http://127.0.0.1/msi/token?resource=x&secret=y"),
        ("DELETE", "http://127.0.0.1/msi/token?resource=x"),
    ],
)
def test_only_a_token_may_be_asked_for(method: str, url: str) -> None:
    with pytest.raises(GuardRefusal):
        place_rules("/msi/token")(Request(method, url).prepare())


class Scripted(TcpServer):
    """A place that says what a test tells it, the last answer for ever."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__(self._converse, None)
        self.asked = 0
        self._answers = list(answers)

    def _converse(self, connection: Any) -> None:
        with connection.makefile("rb") as reader:
            while read_request(reader) is not None:
                self.asked += 1
                connection.sendall(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])


GOOD = {"access_token": "eyJ.token.c2ln", "expires_on": "9999999999", "resource": "x", "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (http_json("<html>a portal</html>"), Reason.BAD_ANSWER, "answered with no token that can be used"),
        (http_json({**GOOD, "access_token": ""}), Reason.BAD_ANSWER, "no token that can be used"),
        (http_json({**GOOD, "expires_on": "soon"}), Reason.BAD_ANSWER, "no token that can be used"),
        (http_json({**GOOD, "access_token": "the-header-value"}), Reason.BAD_ANSWER, "repeated our secret"),
        (http_json('{"message": "the\\u002dheader-value"}', 400), Reason.BAD_ANSWER, "repeated our secret"),
        (http_json(["x"]), Reason.BAD_ANSWER, "no token that can be used"),
        (http_json({"message": "\x1b[2Jevil\n" * 50}, 400), Reason.SIGN_IN_FAILED, "no token of its"),
        (http_json({}, 302, {"Location": "http://evil.test/"}), Reason.BAD_ANSWER, "was not followed"),
        (http_json({}, 429, {"Retry-After": "1"}), Reason.THROTTLED, "put the sign-in off (HTTP 429"),
        (http_json({}, 500), Reason.SIGN_IN_FAILED, "HTTP 500"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_by_its_reason(
    answer: bytes, reason: Reason, words: str, lab: Lab, tmp_path: Path, platform: Platform
) -> None:
    with Scripted(answer) as place:
        platform(IDENTITY_ENDPOINT=f"http://127.0.0.1:{place.port}/msi/token", IDENTITY_HEADER="the-header-value")
        failure = refused(lab, tmp_path)
    assert failure.reason is reason
    assert words in str(failure)
    assert str(failure).isprintable()
    assert len(str(failure)) < 500
    assert place.asked <= 6


@pytest.mark.skipif(sys.platform != "linux", reason="the folder of the agent is that of Linux")
def test_a_secret_of_azure_arc_that_cannot_be_read_names_who_may(lab: Lab, tmp_path: Path, platform: Platform) -> None:
    """Its agent asks for the content of a file of its own, which others than its group cannot read."""
    realm = {"WWW-Authenticate": "Basic realm=/var/opt/azcmagent/tokens/not-there.key"}
    with Scripted(http_json({}, 401, realm)) as place:
        platform(IDENTITY_ENDPOINT=f"http://127.0.0.1:{place.port}/token", IMDS_ENDPOINT="http://localhost")
        failure = refused(lab, tmp_path)
        assert place.asked == 1
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert "a member of the group himds" in str(failure)


def test_a_place_that_is_busy_is_asked_again(lab: Lab, tmp_path: Path, platform: Platform) -> None:
    """Source: managed identities, error handling: 404, 410, 429 and 5xx pass by themselves."""
    busy = [http_json({}, status) for status in (404, 500, 429)]
    with Scripted(*busy, http_json(GOOD)) as place:
        platform(IDENTITY_ENDPOINT=f"http://127.0.0.1:{place.port}/msi/token", IDENTITY_HEADER="the-header-value")
        failure = refused(lab, tmp_path)  # Graph knows no such token: the place itself was believed
    assert "Microsoft Graph does not accept the token" in str(failure)
    assert place.asked >= 4
