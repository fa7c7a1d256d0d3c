"""Time and size: no server, however slow, cut off or large, holds the Guard longer or fills it more than allowed."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import Response
from urllib3 import HTTPSConnectionPool

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.connections import POOLS
from readiness.sources.deadline import Deadline
from readiness.sources.guard import ConnectionLost, GuardedSession, Limits, guarded_session
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.sources.conftest import Certificates
from tests.sources.test_guard import allow

QUICK = Limits(connect_seconds=0.3, exchange_seconds=0.4, body_bytes=100_000)


Served = tuple[TcpServer, GuardedSession]


@contextmanager
def serving(
    script: Script,
    certificates: Certificates,
    *,
    tls: bool = True,
    limits: Limits = QUICK,
    deadline: Deadline | None = None,
) -> Iterator[Served]:
    """A server that follows the script, and a guarded session to it."""
    with TcpServer(script, certificates.good if tls else None) as server:
        session = guarded_session(
            server.origin,
            allow,
            deadline or Deadline(20),
            ca_bundle=certificates.bundle,
            limits=limits,
            encrypted_only=True,
        )
        with session:
            yield server, session


@pytest.fixture(params=["tls", "plain"])
def ask(request: pytest.FixtureRequest, certificates: Certificates) -> Callable[[Script], Response]:
    """Make one exchange with a server that follows the script, over TLS and without."""

    def exchange(script: Script) -> Response:
        with serving(script, certificates, tls=request.param == "tls") as (server, session):
            return session.get(f"{server.origin}/x")

    return exchange


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, *[b"x"] * 400],
        [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 90],
        [*[bytes([c]) for c in HEAD]],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 400,
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 400],
        [HEAD],
        [b""],
    ],
    ids=["body", "header lines", "header bytes", "100 Continue", "chunks", "silence", "no answer"],
)
def test_a_drip_does_not_outlast_the_exchange(pieces: list[bytes], ask: Callable[[Script], Response]) -> None:
    """Every byte renews a read timeout; the exchange as a whole has its end, wherever the drip is."""
    script = Script(pieces, pause=0.02 if len(pieces) > 1 else 0.8)
    started = time.monotonic()
    with pytest.raises(SourceError) as caught:
        ask(script)
    assert caught.value.reason is Reason.TIMED_OUT
    assert time.monotonic() - started < 1.5


def test_a_handshake_that_never_ends_is_timed_out(certificates: Certificates) -> None:
    """The TLS handshake is part of the exchange."""
    with TcpServer(lambda _: time.sleep(0.8)) as silent:
        origin = f"https://localhost:{silent.port}"
        session = guarded_session(origin, allow, Deadline(20), ca_bundle=certificates.bundle, limits=QUICK)
        with session, pytest.raises(SourceError) as caught:
            session.get(f"{origin}/x")
    assert caught.value.reason is Reason.TIMED_OUT


def test_the_deadline_of_the_scan_ends_an_exchange(certificates: Certificates) -> None:
    """Whichever comes first: and the words say which it was."""
    script = Script([HEAD, *[b"x"] * 100], pause=0.02)
    served = serving(script, certificates, limits=Limits(), deadline=Deadline(0.3))
    with served as (server, session), pytest.raises(SourceError, match="whole scan") as caught:
        session.get(f"{server.origin}/x")
    assert caught.value.reason is Reason.TIMED_OUT


def test_a_cancelled_scan_stops_waiting(certificates: Certificates) -> None:
    """Ctrl-C need not wait for a server that says nothing."""
    deadline = Deadline(20)
    script = Script([b""], pause=0.7)
    with serving(script, certificates, limits=Limits(), deadline=deadline) as (server, session):
        threading.Timer(0.1, deadline.cancel).start()
        started = time.monotonic()
        with pytest.raises(SourceError):
            session.get(f"{server.origin}/x")
        assert time.monotonic() - started < 0.6


@pytest.mark.parametrize(
    "cut",
    [
        HEAD + b"half of it",
        HEAD,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Len",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
def test_a_cut_answer_is_no_answer(cut: bytes, ask: Callable[[Script], Response]) -> None:
    """In the headers, where http.client sees a 200 with nothing in it, as in the body; and whatever is not HTTP."""
    with pytest.raises(SourceError) as caught:
        ask(Script([cut], hang_up=True))
    assert caught.value.reason is Reason.BAD_ANSWER


def test_a_closed_connection_is_lost(ask: Callable[[Script], Response]) -> None:
    """Closed before a byte was said: a type of its own, as asking anew may help."""
    with pytest.raises(ConnectionLost):
        ask(Script([b""], hang_up=True))


@pytest.mark.parametrize(
    "answer",
    [
        http_answer("200 OK", {"Content-Length": "5000000000"}, b"x"),
        http_answer("200 OK", {"Content-Length": "9" * 4000}, b"x"),
        http_answer("200 OK", {}, b"x" * 200_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n" * 400,
    ],
    ids=["stated", "absurd", "sent", "chunked"],
)
def test_an_oversized_answer_is_refused(answer: bytes, ask: Callable[[Script], Response]) -> None:
    with pytest.raises(SourceError) as caught:
        ask(Script([answer]))
    assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_does_not_go_off(layers: int, certificates: Certificates) -> None:
    """A small body that unpacks to 80 MB, once or twice over, costs hardly more than the limit."""
    body = bytes(80_000_000)
    for _ in range(layers):
        body = gzip.compress(body)
    bomb = http_answer("200 OK", {"Content-Encoding": ", ".join(["gzip"] * layers)}, body)
    with serving(Script([bomb]), certificates, limits=Limits(body_bytes=1_000_000)) as (server, session):
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match="larger than") as caught:
                session.get(f"{server.origin}/x")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert caught.value.reason is Reason.BAD_ANSWER
    assert peak < 8_000_000


def test_a_body_that_cannot_be_unpacked_is_bad(ask: Callable[[Script], Response]) -> None:
    with pytest.raises(SourceError, match="unpacked") as caught:
        ask(Script([http_answer("200 OK", {"Content-Encoding": "gzip"}, b"not gzip at all")]))
    assert caught.value.reason is Reason.BAD_ANSWER


def test_after_a_failure_the_connection_is_not_used_again(certificates: Certificates) -> None:
    """What is left of a refused answer must not be read as the next one."""
    script = Script([http_answer("200 OK", {"Content-Length": "5000000000"}, b"x")])
    with serving(script, certificates) as (server, session):
        with pytest.raises(SourceError):
            session.get(f"{server.origin}/x")
        script.pieces = [http_answer("200 OK", {}, b"ok")]
        assert session.get(f"{server.origin}/x").content == b"ok"
        assert server.connections == 2


def test_a_connection_with_a_bad_answer_is_closed_before_others_may_take_it(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hung up on later, it would fail whoever took it meanwhile."""
    put_back: list[bool] = []

    def watched(_pool: HTTPSConnectionPool, connection: Any) -> None:
        put_back.append(connection.sock is not None)

    monkeypatch.setattr(POOLS["https"], "_put_conn", watched)
    bad = http_answer("200 OK", {"Content-Encoding": "gzip"}, b"not gzip at all")
    with serving(Script([bad]), certificates) as (server, session), pytest.raises(SourceError, match="unpacked"):
        session.get(f"{server.origin}/x")
    assert put_back == [False]


@pytest.fixture(scope="module")
def parrot(certificates: Certificates) -> Callable[[bytes], Response]:
    """Get `answer` from a server that says just that and hangs up."""

    def exchange(answer: bytes) -> Response:
        with serving(Script([answer], hang_up=True), certificates) as (server, session):
            return session.get(f"{server.origin}/x")

    return exchange


LINES = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"Content-Length: 2", b"Content-Length: 9", b"Transfer-Encoding: chunked", b"", b"{}",
     b"Content-Encoding: gzip", b"2", b"0", b"HTTP/1.1 302 Found", b"Location: https://[", b"Date: Mon, 99", b": x",
     b"Content-Type: multipart/encrypted", b"WWW-Authenticate: Negotiate"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(lines=st.lists(st.one_of(LINES, st.binary(max_size=20)), max_size=8))
def test_whatever_is_said_it_is_an_answer_or_a_source_error(
    lines: list[bytes], parrot: Callable[[bytes], Response]
) -> None:
    """No sequence of bytes gets another exception out of the Guard."""
    try:
        parrot(b"\r\n".join([b"HTTP/1.1 200 OK", *lines]))
    except SourceError as error:
        assert "localhost" in str(error)  # noqa: PT017  (either way is right)
