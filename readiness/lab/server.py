"""A small threaded HTTP/1.1 server on loopback, with TLS, that starts and stops without leaving anything behind."""

from __future__ import annotations

import io
import itertools
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, TypeVar, cast

from readiness.lab.journal import Exchange, Leg, ServerName

if TYPE_CHECKING:
    from email.message import Message

R = TypeVar("R")

_HANDSHAKE_SECONDS = 30
_JOIN_SECONDS = 5


@dataclass(slots=True)
class Connection:
    """One TCP connection. `login` is whatever the service keeps for it: NTLM signs in the connection, not a request."""

    number: int
    secure: bool
    certificate: bytes | None = None
    """Of the client, DER, where it showed one that our authority issued."""
    login: object = None


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: Message
    body: bytes
    connection: Connection


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, with what the journal shall say about the exchange."""

    server: ServerName
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    leg: Leg | None = None
    seal: Callable[[bytes], bytes] | None = None
    """Encrypts the body for its connection: the last thing that happens to it."""


Service = Callable[[Request], Response]
Sending = Callable[[socket.socket, bytes], None]
"""Sends an answer in its own way, given the connection and the bytes that would have been sent, sealed where they are
to be. The connection is closed afterwards."""
Tamper = Callable[[Request, Response], Response | Sending]
"""What goes wrong with an answer between service and socket, before it is sealed."""


def truthful(_request: Request, response: Response) -> Response | Sending:
    """Nothing goes wrong."""
    return response


@dataclass(frozen=True, slots=True)
class Manner:
    """What all answers of a lab have in common."""

    scenario: str
    journal: list[Exchange]
    """Appended to by every server; appending to a list is atomic."""
    latency_seconds: float
    connections: itertools.count[int]
    tamper: Tamper = truthful


class Handler(BaseHTTPRequestHandler):
    """Reads one request after another from a connection and lets the service answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # headers and body leave in one write
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method, known or invented, goes to the service: it must see and log what it refuses."""
        if name.startswith("do_"):
            return self.exchange
        raise AttributeError(name)

    def setup(self) -> None:
        super().setup()
        self.web = cast("WebServer", self.server)
        secure = isinstance(self.request, ssl.SSLSocket)
        certificate = self.request.getpeercert(True) if secure else None
        self.line = Connection(next(self.web.manner.connections), secure, certificate)

    def exchange(self) -> None:
        started = time.monotonic()
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length)) if length.isdecimal() else b""
        request = Request(self.command, self.path, self.headers, body, self.line)
        response = self._answer(request)
        self.web.pause()
        tampered = self._tamper(request, response)
        if isinstance(tampered, Response):
            self._log(tampered, started)
            self._reply(tampered)
        else:
            self._log(response, started)
            self._send(response, tampered)

    def _answer(self, request: Request) -> Response:
        return self._aloud(request, lambda: self.web.service(request))

    def _tamper(self, request: Request, response: Response) -> Response | Sending:
        return self._aloud(request, lambda: self.web.manner.tamper(request, response))

    @staticmethod
    def _aloud(request: Request, act: Callable[[], R]) -> R:
        """A mistake in the lab must not look like a client that went away: let the thread fail aloud."""
        try:
            return act()
        except Exception as error:
            raise RuntimeError(f"the lab could not answer {request.method} {request.target}") from error

    def _log(self, response: Response, started: float) -> None:
        # Before the answer leaves: whoever has read it finds the exchange in the journal.
        self.web.manner.journal.append(
            Exchange(
                server=response.server,
                method=self.command,
                path=self.path,
                summary=response.summary,
                status=response.status,
                connection=self.line.number,
                started=started,
                ended=time.monotonic(),
                leg=response.leg,
            )
        )

    def _reply(self, response: Response) -> None:
        body = response.body if response.seal is None else response.seal(response.body)
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send(self, response: Response, sending: Sending) -> None:
        outlet, self.wfile = self.wfile, io.BytesIO()
        try:
            self._reply(response)
            said = self.wfile.getvalue()
        finally:
            self.wfile = outlet
        self.close_connection = True
        sending(self.request, said)

    def end_headers(self) -> None:
        """Mark every answer, those of http.server itself included: evidence read here is demonstration data."""
        self.send_header("Readiness-Lab", self.web.manner.scenario)
        super().end_headers()

    def version_string(self) -> str:
        return "readiness-lab"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base names them
        """Be quiet: the journal has it all."""


class WebServer(socketserver.TCPServer):
    """Serves `service` on a free port of 127.0.0.1, each connection in a daemon thread of its own."""

    request_queue_size = 128

    def __init__(self, service: Service, manner: Manner, tls: ssl.SSLContext | None) -> None:
        self.service = service
        self.manner = manner
        self.tls = tls
        """For connections from now on."""
        self._lock = threading.Lock()
        self._lines: dict[threading.Thread, socket.socket] = {}
        self._stopping = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self._acceptor = threading.Thread(
            target=self.serve_forever, args=(0.02,), name=f"lab-accept-{self.port}", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._acceptor.start()

    def stop(self) -> None:
        """Stop accepting, cut every connection, and wait for their threads."""
        self._stopping.set()
        self.shutdown()
        self._acceptor.join(_JOIN_SECONDS)
        with self._lock:
            lines = dict(self._lines)
        for line in lines.values():
            _cut(line)
        for thread in lines:
            thread.join(_JOIN_SECONDS)
        self.server_close()

    def pause(self) -> None:
        """Wait as long as the network of the scenario takes; no longer than the lab runs."""
        if self.manner.latency_seconds > 0:
            self._stopping.wait(self.manner.latency_seconds)

    def process_request(self, request: object, client_address: object) -> None:
        """Hand the connection to a thread. The TLS handshake happens there: a slow client must not stop the others."""
        line = cast("socket.socket", request)
        thread = threading.Thread(
            target=self._converse, args=(line, client_address), name=f"lab-{self.port}", daemon=True
        )
        with self._lock:
            # Threads are forgotten here, not by themselves: stop() must be able to wait for one that is just ending.
            self._lines = {other: its for other, its in self._lines.items() if other.is_alive()}
            self._lines[thread] = line
            thread.start()

    def _converse(self, line: socket.socket, client_address: object) -> None:
        try:
            line = self._secured(line)
            self.finish_request(line, client_address)
        except (OSError, ValueError):
            # The client went away, refused our certificate, or stop() cut the line: nothing to tell anybody.
            pass
        finally:
            line.close()

    def _secured(self, line: socket.socket) -> socket.socket:
        tls = self.tls
        if tls is None:
            return line
        secured = tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._lines[threading.current_thread()] = secured
        try:
            # No patience while stopping: stop() may have seen the socket before it was wrapped.
            secured.settimeout(0 if self._stopping.is_set() else _HANDSHAKE_SECONDS)
            secured.do_handshake()
            secured.settimeout(None)
        except BaseException:
            secured.close()
            raise
        return secured


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # already closed from the other side
        # Not SSLSocket.shutdown: that one takes the TLS object away under the thread that is reading from it.
        socket.socket.shutdown(line, socket.SHUT_RDWR)
