"""What goes wrong between the two ends: statuses, sockets, lengths, encodings. The same for every server."""

from __future__ import annotations

import gzip
import itertools
import re
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache

import trustme

from readiness.lab.server import Response, Sending, WebServer
from tests.faults.record import CANARY
from tests.faults.striking import Fault, Reach, Struck, quietly

DRIP_SECONDS = 0.02
HTML = b"<!DOCTYPE html><html><head><title>Sign in to the proxy</title></head><body>Please sign in</body></html>"
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


KEPT = ("content-type", "www-authenticate")
"""Headers that an answer keeps whose status is another: among them the last word of a sign-in, which it may carry."""


def status(code: int, *headers: tuple[str, str], body: bytes = b"") -> Callable[[Struck], Response]:
    def answer(struck: Struck) -> Response:
        kept = tuple(one for one in struck.response.headers if one[0].lower() in KEPT)
        return replace(struck.response, status=code, headers=(*kept, *headers), body=body)

    return answer


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _later(code: int) -> Iterator[Fault]:
    """Put off: in the three forms of Retry-After, and without one."""
    yield Fault(f"{code} without Retry-After", wire=status(code), heals=True)
    yield Fault(f"{code} with Retry-After in seconds", wire=status(code, ("Retry-After", "2")), heals=True)
    yield Fault(
        f"{code} with Retry-After as a date",
        wire=lambda struck: status(code, ("Retry-After", http_date(5)))(struck),
        heals=True,
    )
    yield Fault(f"{code} with Retry-After for ever", wire=status(code, ("Retry-After", "99999999")))
    yield Fault(f"{code} with Retry-After of nonsense", wire=status(code, ("Retry-After", "-1e999 soon")), heals=True)


def hang_up(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.socket.close(line)


def _sending(what: Callable[[Struck, socket.socket, bytes], None]) -> Callable[[Struck], Sending]:
    def sends(struck: Struck) -> Sending:
        return quietly(lambda line, said: what(struck, line, said))

    return sends


def _cut(place: str, *, reset: bool) -> Callable[[Struck], Sending]:
    """Send up to a place, and break off."""

    def send(_struck: Struck, line: socket.socket, said: bytes) -> None:
        head, _, body = said.partition(b"\r\n\r\n")
        upto = {
            "before the answer": 0,
            "within the status line": 7,
            "within the headers": len(head) // 2,
            "after the headers": len(head) + 4,
            "within the body": len(head) + 4 + max(1, len(body) // 2),
        }[place]
        line.sendall(said[:upto])
        if reset:
            hang_up(line)

    return _sending(send)


def _head(change: Callable[[bytes], bytes]) -> Callable[[Struck], Sending]:
    """Send the whole answer with other headers."""

    def send(_struck: Struck, line: socket.socket, said: bytes) -> None:
        head, gap, body = said.partition(b"\r\n\r\n")
        line.sendall(change(head) + gap + body)

    return _sending(send)


def _length(*values: bytes) -> Callable[[Struck], Sending]:
    """Another Content-Length, or several; `%d` is the true one."""

    def change(head: bytes) -> bytes:
        found = re.search(rb"Content-Length: (\d+)", head)
        true = int(found[1]) if found else 0
        lines = b"\r\n".join(b"Content-Length: " + _counted(value, true) for value in values)
        return re.sub(rb"Content-Length: \d+", lambda _: lines, head)

    return _head(change)


def _counted(value: bytes, true: int) -> bytes:
    return value.replace(b"%d", str(true).encode()).replace(b"%+", str(true + 10).encode())


def _shorter(struck: Struck) -> Sending:
    """A length that ends within the body: what is left over must not be read as the next answer."""

    def change(head: bytes) -> bytes:
        return re.sub(rb"Content-Length: (\d+)", lambda found: b"Content-Length: %d" % (int(found[1]) // 2), head)

    return _head(change)(struck)


def _kind(value: str | None) -> Callable[[Struck], Response]:
    def answer(struck: Struck) -> Response:
        kept = tuple(one for one in struck.response.headers if one[0].lower() != "content-type")
        new = () if value is None else (("Content-Type", value),)
        return replace(struck.response, headers=(*kept, *new))

    return answer


def _body(change: Callable[[bytes], bytes], *headers: tuple[str, str]) -> Callable[[Struck], Response]:
    def answer(struck: Struck) -> Response:
        response = struck.response
        return replace(response, body=change(response.body), headers=(*response.headers, *headers))

    return answer


def _html(code: int) -> Callable[[Struck], Response]:
    def answer(struck: Struck) -> Response:
        kept = tuple(one for one in struck.response.headers if one[0].lower() == "www-authenticate")
        kind = ("Content-Type", "text/html; charset=utf-8")
        return replace(struck.response, status=code, body=HTML, headers=(*kept, kind))

    return answer


def _redirect(code: int, place: Callable[[Struck], str]) -> Callable[[Struck], Response]:
    return lambda struck: status(code, ("Location", place(struck)))(struck)


def _bomb(size: int) -> bytes:
    return gzip.compress(b" " * size, 9)


def _endless(pieces: Callable[[], Iterator[bytes]], *, pause: float = 0.0) -> Callable[[Struck], Sending]:
    """Send pieces for ever, or until the client hangs up; with a pause, slower than any patience."""

    def send(struck: Struck, line: socket.socket, _said: bytes) -> None:
        for piece in pieces():
            if struck.run.over.is_set():
                return
            line.sendall(piece)
            if pause:
                struck.run.stalled()
                time.sleep(pause)

    return _sending(send)


def _stalling(upto: Callable[[bytes], int]) -> Callable[[Struck], Sending]:
    """Send so much, then nothing more, and keep the connection."""

    def send(struck: Struck, line: socket.socket, said: bytes) -> None:
        line.sendall(said[: upto(said)])
        struck.run.stalled()
        struck.run.over.wait(30)

    return _sending(send)


def _drip(struck: Struck) -> Sending:
    """The true answer, byte by byte, so slowly that it never ends."""

    def send(_struck: Struck, line: socket.socket, said: bytes) -> None:
        for byte in said[:-1]:
            if struck.run.over.is_set():
                return
            line.sendall(bytes([byte]))
            struck.run.stalled()
            time.sleep(DRIP_SECONDS)
        struck.run.over.wait(30)

    return quietly(lambda line, said: send(struck, line, said))


def untrusted(server: WebServer) -> Fault:
    """From the exchange on, new connections meet a certificate of another authority. Put back `server.tls` after it."""

    def leave(_struck: Struck, line: socket.socket, _said: bytes) -> None:
        server.tls = _stranger()
        hang_up(line)

    return Fault("TLS of another authority from then on", wire=_sending(leave), reach=Reach.HALF)


@cache
def _stranger() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def refusing(server: WebServer) -> Fault:
    """From the exchange on, the port refuses new connections, for good."""

    def leave(_struck: Struck, line: socket.socket, _said: bytes) -> None:
        server.socket.shutdown(socket.SHUT_RDWR)  # a listening socket: Linux lets it stop so
        hang_up(line)

    return Fault("refused from then on", wire=_sending(leave), reach=Reach.HALF)


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
FIRST = b"HTTP/1.1 200 OK\r\n"


def statuses() -> tuple[Fault, ...]:
    """Statuses that say no."""
    return (
        *_later(429),
        *_later(503),
        Fault("504", wire=status(504), heals=True, lasting_at=("wsman", "adminservice")),
        Fault("500", wire=status(500), refusal=True),
        Fault("502", wire=status(502)),
        Fault("500 as a page", wire=_html(500), refusal=True),
        Fault("502 as a page", wire=_html(502)),
        Fault("503 as a page", wire=_html(503), heals=True),
        Fault("403 as a page", wire=_html(403), refusal=True),
        Fault("400", wire=status(400)),
        Fault("404", wire=status(404), refusal=True),
        Fault("418", wire=status(418)),
        Fault("204", wire=status(204)),
        Fault("201 without body", wire=status(201)),
        Fault("304", wire=status(304)),
        Fault("407", wire=status(407, ("Proxy-Authenticate", 'Basic realm="proxy"'))),
        Fault("999", wire=status(999)),
    )


def sockets() -> tuple[Fault, ...]:
    """Connections that end before the answer does, or never."""
    places = (
        "before the answer",
        "within the status line",
        "within the headers",
        "after the headers",
        "within the body",
    )
    cuts = [
        Fault(f"{'reset' if reset else 'closed'} {place}", wire=_cut(place, reset=reset), heals=place == places[0])
        for place, reset in itertools.product(places, (True, False))
    ]
    return (
        *cuts,
        Fault("nothing, for ever", wire=_stalling(lambda _said: 0), stalls=True),
        Fault("half the headers, then nothing", wire=_stalling(lambda _said: 40), stalls=True),
        Fault("half the body, then nothing", wire=_stalling(lambda said: len(said) - 10), stalls=True),
        Fault("a slow drip", wire=_drip, stalls=True),
        Fault("an endless body", wire=_endless(lambda: itertools.chain([CHUNKED], itertools.repeat(CHUNK)))),
        Fault(
            "an endless body without length", wire=_endless(lambda: itertools.chain([OPEN], itertools.repeat(CHUNK)))
        ),
        Fault(
            "endless headers",
            wire=_endless(lambda: itertools.chain([FIRST], (b"X-%d: y\r\n" % n for n in itertools.count()))),
        ),
        Fault(
            "an endless header", wire=_endless(lambda: itertools.chain([FIRST, b"X: "], itertools.repeat(b"y" * 4096)))
        ),
        Fault("a header of 1 MB", wire=_head(lambda head: head + b"\r\nX-Long: " + b"y" * 1_000_000)),
        Fault("a thousand headers", wire=_head(lambda head: head + b"".join(b"\r\nX-%d: y" % n for n in range(1000)))),
        Fault(
            "100 Continue for ever",
            wire=_endless(lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), pause=DRIP_SECONDS),
            stalls=True,
        ),
        Fault(
            "100 Continue, a thousand times",
            wire=_head(lambda head: b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 + head),
            harmless=True,
        ),
        Fault("no HTTP at all", wire=_endless(lambda: iter([b"220 mail.contoso.com ESMTP ready\r\n"]))),
    )


def bodies() -> tuple[Fault, ...]:
    """Headers and bodies that do not fit each other."""
    return (
        Fault("a length that is too long", wire=_length(b"%+")),
        Fault("a length that is too short", wire=_shorter),
        Fault("a negative length", wire=_length(b"-5")),
        Fault("a length that is no number", wire=_length(b"much")),
        Fault("two lengths", wire=_length(b"%d", b"7")),
        Fault("a length beyond all measure", wire=_length(b"9" * 5000)),
        Fault("no length", wire=_head(lambda head: re.sub(rb"Content-Length: \d+\r\n", b"", head))),
        Fault("chunked, and is not", wire=_head(lambda head: head + b"\r\nTransfer-Encoding: chunked")),
        Fault("gzip, and is not", wire=_body(lambda body: body, ("Content-Encoding", "gzip"))),
        Fault("half a gzip", wire=_body(lambda body: gzip.compress(body)[:-12], ("Content-Encoding", "gzip"))),
        Fault("a gzip bomb", wire=_body(lambda _body: _bomb(33 << 20), ("Content-Encoding", "gzip"))),
        Fault("no content type", wire=_kind(None)),
        Fault("another content type", wire=_kind("text/plain")),
        Fault("a page instead", wire=_html(200)),
        Fault("an empty body", wire=_body(lambda _body: b"")),
        Fault("UTF-16", wire=_body(lambda body: body.decode().encode("utf-16"))),
        Fault("Latin-1", wire=_body(lambda body: body + b" \xe9\xff")),
        Fault("half the body, its length right", wire=_body(lambda body: body[: len(body) // 2])),
        Fault("the body twice", wire=_body(lambda body: body * 2)),
    )


def redirects() -> tuple[Fault, ...]:
    """Redirects to another place, and to the very same."""
    here = lambda struck: f"https://{struck.request.headers['Host']}{struck.request.target}"  # noqa: E731
    codes = (301, 302, 303, 307, 308)
    return (
        *(
            Fault(f"{code} to another host", wire=_redirect(code, lambda _: f"{CANARY.origin}/elsewhere"))
            for code in codes
        ),
        *(Fault(f"{code} to the same host", wire=_redirect(code, here)) for code in (302, 307)),
        Fault("302 to a place within", wire=_redirect(302, lambda struck: struck.request.target)),
        Fault("302 to nowhere", wire=_redirect(302, lambda _: "https://[")),
    )
