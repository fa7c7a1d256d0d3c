"""Servers of a realm that deceive, refuse or do not prove themselves, with real Kerberos."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate

import pytest

from readiness.errors import SourceError
from readiness.sources.configmgr import causes
from readiness.sources.configmgr.adminservice import AdminServiceProvider
from readiness.sources.configmgr.causes import Cause
from readiness.sources.configmgr.provider import Provider
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.winrm import WinRmProvider
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from tests.real.kerberos.realm import ACCOUNT, PASSWORD, Realm
from tests.servers.tcp import Talk, TcpServer, http_answer, read_request
from tests.servers.winrm import SOAP_TYPE, WinRm
from tests.sources.configmgr.conftest import NAMESPACE, one_row
from tests.sources.configmgr.test_winrm_encryption import TRICKS
from tests.sources.conftest import Certificates

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("realm")]

SPOILT = [
    "plain", "plain body, sealed type", "empty body, sealed type", "half plain", "plain text after",
    "plain text before", "two messages", "wrong length", "flipped bit",
]  # fmt: skip
Ask = Callable[..., SourceError]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def provider(certificates: Certificates) -> Callable[..., object]:
    """`with provider(talk, ...) as provider`: one that signs in with Kerberos to whoever talks there."""

    @contextmanager
    def serve(talk: Talk, service: str = "winrm", scheme: str = "https") -> Iterator[Provider]:
        tls: ssl.SSLContext | None = certificates.good if scheme == "https" else None
        with TcpServer(talk, tls) as server:
            target = Target(
                "localhost", server.port, scheme, "kerberos", ACCOUNT, PASSWORD, certificates.bundle,
                service="adminservice" if service == "adminservice" else "winrm",
            )  # fmt: skip
            made = AdminServiceProvider if service == "adminservice" else WinRmProvider
            asking = made(target, Deadline(20), limits=Limits(connect_seconds=1, exchange_seconds=5))
            try:
                yield asking
            finally:
                asking.close()

    return serve


@pytest.fixture
def refused(provider: Callable[..., object]) -> Ask:
    """What asking for a row comes to, where it must fail."""

    def ask(*arguments: object, **named: object) -> SourceError:
        with provider(*arguments, **named) as asking, pytest.raises(SourceError) as caught:  # type: ignore[attr-defined]
            asking.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        assert PASSWORD not in str(caught.value)
        return caught.value

    return ask


def test_an_encrypted_answer_is_read(provider: Callable[..., object]) -> None:
    """So the refusals below are for what was spoilt."""
    with provider(WinRm(one_row, encrypt=True), scheme="http") as asking:  # type: ignore[attr-defined]
        assert len(asking.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1


@pytest.mark.parametrize("trick", SPOILT)
def test_what_is_not_wholly_encrypted_is_not_believed(trick: str, refused: Ask) -> None:
    """Someone on the way could otherwise make a pass of anything."""
    server = WinRm(one_row, encrypt=True, seal=TRICKS[trick])
    assert refused(server, scheme="http").reason.value == "bad-answer"
    assert (server.sign_ins, server.messages) == (1, ["Enumerate"])


@pytest.mark.parametrize("token", [None, "oYIB", "YIIC"])
@pytest.mark.parametrize(("service", "scheme"), [("winrm", "https"), ("winrm", "http"), ("adminservice", "https")])
def test_a_server_that_does_not_prove_itself_is_not_believed(
    service: str, scheme: str, token: str | None, refused: Ask
) -> None:
    """It takes any ticket, as an impostor would that cannot read ours: what it answers is not the site's."""

    def talk(stream: socket.socket) -> None:
        with stream.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                stream.sendall(_impostor(request.headers, request.body, token))

    assert refused(talk, service, scheme).reason.value == "sign-in-failed"


def _impostor(headers: dict[str, str], body: bytes, token: str | None) -> bytes:
    if "authorization" not in headers:
        return http_answer("401 Unauthorized", {"WWW-Authenticate": "Negotiate"})
    proof = {"WWW-Authenticate": f"Negotiate {token}"} if token else {}
    return http_answer("200 OK", {"Content-Type": SOAP_TYPE, **proof}, one_row(body) if body else b"")


@pytest.mark.parametrize(("service", "cause"), [("winrm", causes.WINRM_RIGHT), ("adminservice", causes.NOT_ADMIN)])
@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_who_is_known_and_not_let_in_lacks_a_right(service: str, cause: Cause, status: str, refused: Ask) -> None:
    """The server proves itself with the keys of the sign-in, and refuses all the same: no word of the password."""
    server = WinRm(one_row, status=status)
    error = refused(server, service)
    assert error.reason.value == "access-denied"
    assert cause.told("localhost").split(";")[0] in str(error)
    assert (server.sign_ins, server.failed_sign_ins) == (1, 0)


def test_a_clock_that_the_server_tells_is_the_first_suspect(refused: Ask) -> None:
    """The server only says no; its answers carry a date."""
    server = WinRm(one_row, bindings=b"tls-server-end-point:" + bytes(32))
    server.headers["Date"] = formatdate(time.time() + 900, usegmt=True)
    error = refused(server)
    assert causes.CLOCK.told("localhost") in str(error)
    assert "seconds ahead of ours" in str(error)


def test_a_ticket_that_cannot_be_had_costs_nothing_at_the_server(realm: Realm, refused: Ask) -> None:
    """The realm gives no ticket for the service: nobody knocked."""
    server = WinRm(one_row)
    realm.administer("modprinc -allow_svr HTTP/localhost")
    try:
        error = refused(server)
    finally:
        realm.administer("modprinc +allow_svr HTTP/localhost")
    assert error.reason.value == "sign-in-failed"
    assert (server.sign_ins, server.failed_sign_ins) == (0, 0)
