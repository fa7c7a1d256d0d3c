"""The sentences of the Guard: what happened, where, why probably, what to try; and no secret."""

from __future__ import annotations

import datetime
import socket
import ssl
from pathlib import Path

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Exchange
from readiness.sources.explain import explain
from readiness.sources.guard import Limits, guarded_session
from readiness.sources.origin import Origin
from tests.servers.down import dropping
from tests.servers.tcp import Script, TcpServer
from tests.sources.conftest import Certificates
from tests.sources.test_guard import OK, allow

SECRET = "s3cr3t-t0ken"


def failure(origin: str, bundle: Path | None, limits: Limits | None = None) -> SourceError:
    """The failure of one exchange that carries secrets in its headers, URL and body."""
    with guarded_session(origin, allow, Deadline(20), ca_bundle=bundle, limits=limits) as session:
        session.headers["Authorization"] = f"Bearer {SECRET}"
        with pytest.raises(SourceError) as caught:
            session.post(f"{origin}/x?sig={SECRET}", data=SECRET)
    error = caught.value
    assert origin.rpartition("/")[2].rpartition(":")[0] in str(error)
    assert SECRET not in str(error) + repr(error) + repr(session) + repr(session.guard)
    return error


def test_an_unknown_name(certificates: Certificates) -> None:
    error = failure("https://cm01.contoso.invalid:5986", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "name cm01.contoso.invalid is not known" in str(error)


def test_a_refused_connection(certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(f"https://localhost:{port}", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert f"localhost:{port} refused the connection" in str(error)


def test_a_connection_that_nobody_takes(certificates: Certificates) -> None:
    """A listener whose queue is full drops what comes, as a firewall does."""
    with dropping() as port:
        error = failure(f"https://127.0.0.1:{port}", certificates.bundle, Limits(connect_seconds=0.3))
    assert error.reason is Reason.UNREACHABLE
    assert "did not answer within 0.3 seconds" in str(error)


def test_an_untrusted_authority(certificates: Certificates, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Certificates(tmp_path / "other")
    with TcpServer(Script([OK]), certificates.good) as server:
        error = failure(server.origin, other.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "ca_bundle" in str(error)


def test_a_certificate_of_another_name(certificates: Certificates) -> None:
    with TcpServer(Script([OK]), certificates.context("cm02.contoso.test")) as server:
        assert "for another name" in str(failure(server.origin, certificates.bundle))


def test_a_certificate_of_another_address(certificates: Certificates) -> None:
    with TcpServer(Script([OK]), certificates.context("cm02.contoso.test")) as server:
        assert "for this address" in str(failure(f"https://127.0.0.1:{server.port}", certificates.bundle))


def test_an_expired_certificate(certificates: Certificates) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with TcpServer(Script([OK]), certificates.context("localhost", not_after=past)) as server:
        error = failure(server.origin, certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "expired" in str(error)


def test_plain_http_on_a_tls_port(certificates: Certificates) -> None:
    """The server answers the handshake with a complaint in plain text."""

    def complain(stream: socket.socket) -> None:
        stream.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        stream.recv(9999)

    with TcpServer(complain) as server:
        error = failure(f"https://localhost:{server.port}", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "does not speak TLS" in str(error)


@pytest.mark.parametrize("alert", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_UNKNOWN_CA"])
def test_a_server_that_refuses_our_certificate_refuses_the_sign_in(alert: str) -> None:
    """The alert may come with the answer, long after the handshake (TLS 1.3)."""
    refusal = ssl.SSLError(1, f"[SSL: {alert}] tlsv1 alert")
    refusal.reason = alert
    found = explain(OSError("x", refusal), Origin.parse("https://cm01"), Exchange(Limits(), Deadline(5)))
    assert found.reason is Reason.SIGN_IN_FAILED
    assert f"refused our certificate ({alert})" in str(found)
