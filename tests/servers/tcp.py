"""A TCP server on loopback, plain or TLS, that does with each connection what a test says."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Self

Talk = Callable[[socket.socket], None]


@dataclass
class HttpRequest:
    """One request as the server read it; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class TcpServer:
    """Runs `talk(connection)` in a thread for every connection; counts them.

    Args:
        tls: serve TLS with this context.
    """

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._talk = talk
        self._tls = tls
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.stopped = threading.Event()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}" if self._tls else f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, what: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=what, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        # The client may go away at any time: that is what many tests make it do.
        with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            self._open.append(connection)
            self._talk(connection)


def read_request(reader: BinaryIO) -> HttpRequest | None:
    """The next request on a connection; None at its end."""
    line = reader.readline().decode()
    if not line.strip():
        return None
    method, path, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (line := reader.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", "0")))
    return HttpRequest(method, path, headers, body)


def http_answer(status: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of an answer; `Content-Length` is added unless given."""
    headers = {"Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@dataclass
class Script:
    """A `talk` that sends the same bytes to every request, and remembers the requests.

    Attributes:
        pieces: sent one after the other, with `pause` seconds between them.
        hang_up: close the connection after the answer.
    """

    pieces: list[bytes]
    pause: float = 0.0
    hang_up: bool = False
    requests: list[HttpRequest] = field(default_factory=list)

    def __call__(self, connection: socket.socket) -> None:
        waiting = threading.Event()
        with connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                self.requests.append(request)
                for piece in self.pieces:
                    connection.sendall(piece)
                    if self.pause:
                        waiting.wait(self.pause)
                if self.hang_up:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                    return
