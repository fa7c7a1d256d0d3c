"""The way through a proxy over real sockets: what it sees, what it may cost, and every way in which it fails."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.guard import GuardedSession, Limits, guarded_session
from readiness.sources.proxies import proxy_for
from readiness.sources.route import Proxy, Route
from tests.servers.down import dropping
from tests.servers.proxy import ConnectProxy
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.sources.conftest import Certificates
from tests.sources.test_guard import OK, allow

TOKEN = "Bearer t0ken-that-no-proxy-may-see"
QUICK = Limits(connect_seconds=0.3, exchange_seconds=2.0)
ACCOUNT = "svc:p@ss/w0rd"
IN_URL = "svc:p%40ss%2Fw0rd"


@contextmanager
def session_by(
    proxy: str | Proxy, origin: str, bundle: Path | None, *, limits: Limits = QUICK, deadline: Deadline | None = None
) -> Iterator[GuardedSession]:
    """A session to the origin through the proxy, whose every request carries a token."""
    found = proxy_for(origin, {"HTTPS_PROXY": proxy}) if isinstance(proxy, str) else proxy
    route = Route(proxy=found)
    session = guarded_session(origin, allow, deadline or Deadline(20), ca_bundle=bundle, limits=limits, route=route)
    session.headers["Authorization"] = TOKEN
    with session:
        yield session


def failure(proxy: str | Proxy, origin: str, bundle: Path | None, **more: Limits) -> SourceError:
    with session_by(proxy, origin, bundle, **more) as session, pytest.raises(SourceError) as caught:  # type: ignore[arg-type]
        session.get(f"{origin}/x")
    for secret in (TOKEN, "hunter2", "p@ss/w0rd", "svc", "c3Zj"):
        assert secret not in f"{caught.value}{caught.value!r}{session.guard!r}"
    return caught.value


def refusal(answer: bytes, certificates: Certificates) -> SourceError:
    """What a proxy that answers this to CONNECT is told as. No byte goes further."""
    with TcpServer(Script([OK]), certificates.good) as server, ConnectProxy(answer=answer) as proxy:
        error = failure(proxy.address, server.origin, certificates.bundle)
        assert (server.connections, len(proxy.journal.asked)) == (0, 1)
        assert f"the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)" in str(error)
    return error


def test_an_exchange_goes_through_and_the_proxy_sees_the_name_only(certificates: Certificates) -> None:
    """The request, the token and the answer are encrypted all the way; the connection is kept."""
    script = Script([http_answer("200 OK", {"Content-Type": "application/json"}, b'{"secret": "answer"}')])
    with TcpServer(script, certificates.good) as server, ConnectProxy() as proxy:
        with session_by(proxy.address, server.origin, certificates.bundle) as session:
            for _ in range(3):
                assert session.get(f"{server.origin}/path-of-ours").json() == {"secret": "answer"}
        assert proxy.journal.places == [f"CONNECT localhost:{server.port}"]
    assert script.requests[0].headers["authorization"] == TOKEN
    assert set(proxy.journal.asked[0].headers) == {"host", "user-agent"}
    assert b"\x16\x03" in proxy.journal.passed  # a TLS handshake
    for hidden in (b"t0ken", b"path-of-ours", b"answer", b"HTTP/1.1"):
        assert hidden not in proxy.journal.passed


def test_the_proxys_password_goes_to_the_proxy_only(certificates: Certificates) -> None:
    script = Script([OK])
    with TcpServer(script, certificates.good) as server, ConnectProxy(account=ACCOUNT) as proxy:
        address = f"http://{IN_URL}@127.0.0.1:{proxy.port}"
        with session_by(address, server.origin, certificates.bundle) as session:
            assert session.get(f"{server.origin}/x").status_code == 200
        assert len(proxy.journal.asked) == 1
    assert "proxy-authorization" not in script.requests[0].headers


def test_the_channel_binding_is_to_the_origin(certificates: Certificates) -> None:
    """What the Guard hands on as the certificate is that of the server, through a proxy as without."""

    def shown(session: GuardedSession) -> bytes:
        body: Any = session.get(f"{server.origin}/x").raw._fp
        certificate: bytes = body.fp.raw._sock.getpeercert(True)
        return certificate

    with TcpServer(Script([OK]), certificates.good) as server, ConnectProxy() as proxy:
        with session_by(proxy.address, server.origin, certificates.bundle) as session:
            through = shown(session)
        with guarded_session(server.origin, allow, Deadline(9), ca_bundle=certificates.bundle) as session:
            assert shown(session) == through != b""


def test_an_unknown_name_of_the_proxy(certificates: Certificates) -> None:
    error = failure("http://svc:hunter2@px.contoso.invalid:8080", "https://localhost:1", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "the name of the proxy px.contoso.invalid:8080 (HTTPS_PROXY) is not known here" in str(error)


def test_a_proxy_that_refuses(certificates: Certificates) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        error = failure(f"http://svc:hunter2@127.0.0.1:{port}", "https://localhost:1", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert f"the proxy 127.0.0.1:{port} (HTTPS_PROXY) refused the connection" in str(error)


def test_a_proxy_behind_a_firewall_costs_the_time_for_connecting(certificates: Certificates) -> None:
    with dropping() as port:
        error = failure(Proxy("127.0.0.1", port, "X"), "https://localhost:1", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "did not answer within 0.3 seconds" in str(error)


@pytest.mark.parametrize("drip", [[b""], [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 60], [b"x"] * 60])
def test_a_proxy_that_does_not_come_to_the_point(drip: list[bytes], certificates: Certificates) -> None:
    """Silence, endless headers and single bytes end with the time for connecting."""
    started = time.monotonic()
    with TcpServer(Script(drip, pause=0.02 if len(drip) > 1 else 0.8)) as silent:
        error = failure(Proxy("127.0.0.1", silent.port, "X"), "https://localhost:1", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "did not say within 0.3 seconds whether it connects us to localhost:1" in str(error)
    assert time.monotonic() - started < 1.5


def test_the_deadline_of_the_scan_ends_the_asking() -> None:
    deadline, origin = Deadline(20), "https://localhost:1"
    with TcpServer(Script([b""], pause=0.8)) as silent:
        proxy = Proxy("127.0.0.1", silent.port, "X")
        with session_by(proxy, origin, None, limits=Limits(), deadline=deadline) as session:
            threading.Timer(0.1, deadline.cancel).start()
            started = time.monotonic()
            with pytest.raises(SourceError, match="whole scan") as caught:
                session.get(f"{origin}/x")
            assert time.monotonic() - started < 0.6
    assert caught.value.reason is Reason.TIMED_OUT


@pytest.mark.parametrize("flood", [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000, b"HTTP/1.1 200 " + b"x" * 200_000])
def test_an_endless_answer_is_not_read_to_its_end(flood: bytes, certificates: Certificates) -> None:
    assert refusal(flood, certificates).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("403 Forbidden", "refuses to connect to localhost:"),
        ("502 Bad Gateway", "could not connect to localhost:"),
        ("503 Unavailable", "could not connect to localhost:"),
        ("504 Gateway Time-out", "(status 504)"),
        ("302 Found", "a portal?"),
        ("404 Not Found", "is it a proxy for https at all?"),
    ],
)
def test_a_proxy_that_does_not_connect(status: str, words: str, certificates: Certificates) -> None:
    """Each in its own words; the page that comes with it is not read."""
    error = refusal(http_answer(status, {"Location": "https://portal.test/hunter2"}, b"<html>hunter2"), certificates)
    assert error.reason is Reason.UNREACHABLE
    assert words in str(error)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"220 mail ready\r\n"])
def test_a_proxy_that_is_none(answer: bytes, certificates: Certificates) -> None:
    error = refusal(answer, certificates)
    assert error.reason is Reason.BAD_ANSWER
    assert "answered something that is not HTTP" in str(error)


def test_a_proxy_that_hangs_up(certificates: Certificates) -> None:
    with TcpServer(Script([b""], hang_up=True)) as rude:
        error = failure(Proxy("127.0.0.1", rude.port, "X"), "https://localhost:1", certificates.bundle)
    assert type(error) is SourceError
    assert error.reason is Reason.UNREACHABLE
    assert "closed the connection when it was asked for localhost:1" in str(error)


@pytest.mark.parametrize(
    ("user", "offers", "words"),
    [
        ("", ('Basic realm="x"',), "it offers Basic): write user name and password into HTTPS_PROXY"),
        ("", ("Negotiate", "NTLM"), "it offers Negotiate, NTLM): sign-ins to a proxy with the Windows logon"),
        ("", ("Negotiate, NTLM, Basic",), "it offers Negotiate, NTLM, Basic): write user name"),
        ("", ("Digest realm=\"a\", qop=\"auth\"",), "it offers Digest): sign-ins to a proxy of this kind"),
        ("", (), "it names no way): write user name"),
        ("svc:hunter2@", ('Basic realm="x"',), "it does not accept the user name and password in HTTPS_PROXY"),
        ("svc:hunter2@", ("Negotiate",), "not supported: have it let these hosts pass"),
    ],
)  # fmt: skip
def test_a_proxy_that_wants_a_sign_in(
    user: str, offers: tuple[str, ...], words: str, certificates: Certificates
) -> None:
    """The ways that it offers are named, what to do is said, and a password is tried once."""
    with ConnectProxy(account="nobody:knows", offers=offers) as proxy:
        error = failure(f"http://{user}127.0.0.1:{proxy.port}", "https://localhost:1", certificates.bundle)
        assert len(proxy.journal.asked) == 1
    assert error.reason is Reason.UNREACHABLE
    assert "demands that we sign in to it (status 407" in str(error)
    assert words in str(error)


def test_a_wrong_password_is_shown_once_whoever_asks(certificates: Certificates) -> None:
    """Connections to two hosts through one proxy, all at the same time: the others end with the same words."""
    told: list[str] = []

    def ask(proxy: Proxy, origin: str) -> None:
        with session_by(proxy, origin, certificates.bundle) as session:
            try:
                session.get(f"{origin}/x")
            except SourceError as error:
                told.append(str(error))

    with ConnectProxy(account="nobody:knows") as server:
        proxy = Proxy("127.0.0.1", server.port, "HTTPS_PROXY", ("svc", "hunter2"))
        threads = [threading.Thread(target=ask, args=(proxy, f"https://localhost:{1 + n % 2}")) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert len(server.journal.asked) == 1
    assert len(told) == 8
    assert len(set(told)) == 1
    assert "they were tried once" in told[0]


def test_a_right_password_opens_the_proxy_for_all(certificates: Certificates) -> None:
    with TcpServer(Script([OK]), certificates.good) as server, ConnectProxy(account=ACCOUNT) as relay:
        proxy = Proxy("127.0.0.1", relay.port, "X", ("svc", "p@ss/w0rd"))
        for number in range(2):
            with session_by(proxy, server.origin, certificates.bundle) as session:
                assert session.get(f"{server.origin}/x").status_code == 200
            assert len(relay.journal.asked) == number + 1


def test_a_proxy_that_opens_the_encryption(certificates: Certificates, tmp_path: Path) -> None:
    """Its certificate is of an authority that is not believed: nothing is sent, and what to do is said."""
    (tmp_path / "proxy").mkdir()
    middle = Certificates(tmp_path / "proxy")
    script = Script([OK])
    with TcpServer(script, middle.good) as impostor, ConnectProxy() as proxy:
        error = failure(proxy.address, impostor.origin, certificates.bundle)
        assert f"127.0.0.1:{proxy.port} (HTTPS_PROXY)" in str(error)
        assert script.requests == []
        with session_by(proxy.address, impostor.origin, middle.bundle) as session:
            assert session.get(f"{impostor.origin}/x").status_code == 200
    assert error.reason is Reason.UNREACHABLE
    assert "the proxy may open the encryption" in str(error)
    assert "ca_bundle" in str(error)


def test_an_origin_that_hangs_up_behind_the_proxy(certificates: Certificates) -> None:
    """The proxy is named as what lies between."""
    with TcpServer(lambda _connection: None) as rude, ConnectProxy() as proxy:
        error = failure(proxy.address, f"https://localhost:{rude.port}", certificates.bundle)
    assert error.reason is Reason.UNREACHABLE
    assert "the way leads through the proxy 127.0.0.1" in str(error)
