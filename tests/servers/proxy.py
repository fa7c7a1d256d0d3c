"""An HTTP proxy that connects (CONNECT), and writes down all that it could see."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request


@dataclass
class Journal:
    """What a proxy saw.

    Attributes:
        asked: every request that it could read.
        passed: all bytes that it carried, both ways.
    """

    asked: list[HttpRequest] = field(default_factory=list)
    passed: bytearray = field(default_factory=bytearray)

    @property
    def places(self) -> list[str]:
        """Where it was asked to connect to, as it was written."""
        return [f"{request.method} {request.path}" for request in self.asked]


class ConnectProxy(TcpServer):
    """Connects to whatever place of this computer it is asked for, by any name.

    Args:
        account: `user:password` without which nobody passes.
        offers: the ways to sign in that it names.
        answer: said to every request in place of connecting.
    """

    def __init__(
        self, *, account: str | None = None, offers: tuple[str, ...] = ('Basic realm="x"',), answer: bytes | None = None
    ) -> None:
        super().__init__(self._relay)
        self.journal = Journal()
        self._account = account
        self._offers = offers
        self._answer = answer

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _relay(self, client: socket.socket) -> None:
        with client.makefile("rb", buffering=0) as reader:
            request = read_request(reader)  # type: ignore[arg-type]
        if request is None:
            return
        self.journal.asked.append(request)
        said = self._refusal(request) if self._answer is None else self._answer
        if said is not None:
            client.sendall(said)
            return
        with socket.create_connection(("127.0.0.1", urlsplit(f"//{request.path}").port or 443)) as server:
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self._carry, args=(server, client), daemon=True)
            back.start()
            self._carry(client, server)
            back.join(5)

    def _refusal(self, request: HttpRequest) -> bytes | None:
        if self._account is None:
            return None
        wanted = f"Basic {base64.b64encode(self._account.encode()).decode()}"
        if request.headers.get("proxy-authorization") == wanted:
            return None
        answer = http_answer("407 Proxy Authentication Required", {"Proxy-Agent": "tests"})
        offers = "".join(f"Proxy-Authenticate: {offer}\r\n" for offer in self._offers)
        return answer.replace(b"\r\n\r\n", f"\r\n{offers}\r\n".encode(), 1)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.journal.passed += piece
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
