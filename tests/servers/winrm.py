"""A WinRM server for tests: NTLM and Negotiate by the accept side of pyspnego, message encryption, Basic.

Everything that a hostile or broken one does differently is an attribute or a hook.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import spnego
from spnego.channel_bindings import GssChannelBindings

from tests.servers.soap import action
from tests.servers.tcp import HttpRequest, TcpServer, http_answer, read_request

USER, PASSWORD = "CONTOSO\\svc", "Pa55-w0rd!"
SEALED_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
SOAP_TYPE = "application/soap+xml;charset=UTF-8"

Responder = Callable[[bytes], bytes]
"""From the envelope of a request to that of its answer."""


@dataclass
class Connection:
    """What the server knows of one connection."""

    context: Any = None
    signed_in: bool = False
    served: int = 0


@dataclass
class WinRm:
    """A `talk` for `TcpServer`.

    Attributes:
        respond: makes the answers.
        schemes: what `WWW-Authenticate` offers.
        encrypt: messages are encrypted (over http).
        bindings: the channel binding that a sign-in must carry; None: none is looked at.
        seal: how an encrypted answer is written; hostile ones replace it.
        hang_up_after: answered messages after which a connection is closed.
        hang_up_on: an action to which the connection is closed instead of an answer, once.
        status: answer every signed-in message with this status, without SOAP.
    """

    respond: Responder
    schemes: tuple[str, ...] = ("Negotiate",)
    encrypt: bool = False
    bindings: bytes | None = None
    seal: Callable[[WinRm, Connection, bytes], tuple[str, bytes]] | None = None
    hang_up_after: int = 0
    hang_up_on: str = ""
    status: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    sign_ins: int = 0
    failed_sign_ins: int = 0
    messages: list[str] = field(default_factory=list)
    envelopes: list[bytes] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, stream: socket.socket) -> None:
        state = Connection()
        with stream.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                answer = self._answer(request, state)
                if answer is None:
                    stream.shutdown(socket.SHUT_RDWR)
                    return
                stream.sendall(answer)
                if self.hang_up_after and state.served >= self.hang_up_after:
                    stream.shutdown(socket.SHUT_RDWR)
                    return

    def _answer(self, request: HttpRequest, state: Connection) -> bytes | None:
        extra: dict[str, str] = {}
        if not state.signed_in:
            challenge = self._sign_in(request, state, extra)
            if challenge is not None:
                return challenge
        if self.status:
            return http_answer(self.status, {"Content-Type": "text/html", **extra}, b"<html></html>")
        if not request.body:
            return http_answer("200 OK", {**extra, **self.headers})
        with self._counted():
            return self._message(request, state, extra)

    def _counted(self) -> _Counted:
        return _Counted(self)

    def _message(self, request: HttpRequest, state: Connection, extra: dict[str, str]) -> bytes | None:
        plain = self._unseal(state, request.body) if self.encrypt else request.body
        self.messages.append(action(plain))
        self.envelopes.append(plain)
        if self.hang_up_on == self.messages[-1]:
            self.hang_up_on = ""
            return None
        state.served += 1
        answer = self.respond(plain)
        status = "500 Internal Server Error" if b"<s:Fault>" in answer else "200 OK"
        kind, body = self._sealed(state, answer) if self.encrypt else (SOAP_TYPE, answer)
        return http_answer(status, {"Content-Type": kind, **extra, **self.headers}, body)

    def _sign_in(self, request: HttpRequest, state: Connection, extra: dict[str, str]) -> bytes | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme not in self.schemes:
            return self._challenge(", ".join(self.schemes))
        if scheme == "Basic":
            good = base64.b64decode(token).decode() == f"{USER}:{PASSWORD}"
            if not good:
                return self._failed()
            self._done(state)
            return None
        if state.context is None:
            bindings = GssChannelBindings(application_data=self.bindings) if self.bindings else None
            state.context = spnego.server(protocol=scheme.lower(), channel_bindings=bindings)
        try:
            out = state.context.step(base64.b64decode(token))
        except (spnego.exceptions.SpnegoError, AttributeError):  # the latter where GSSAPI has a token for its refusal
            return self._failed()
        said = f"{scheme} {base64.b64encode(out).decode()}" if out else scheme
        if not state.context.complete:
            return self._challenge(said)
        if out:
            extra["WWW-Authenticate"] = said
        self._done(state)
        return None

    def _challenge(self, words: str) -> bytes:
        return http_answer("401 Unauthorized", {"WWW-Authenticate": words, **self.headers})

    def _failed(self) -> bytes:
        self.failed_sign_ins += 1
        return self._challenge(", ".join(self.schemes))

    def _done(self, state: Connection) -> None:
        self.sign_ins += 1
        state.signed_in = True

    def _unseal(self, state: Connection, body: bytes) -> bytes:
        payload = body.split(b"application/octet-stream\r\n", 1)[1].removesuffix(b"--Encrypted Boundary--\r\n")
        (size,) = struct.unpack_from("<i", payload)
        plain: bytes = state.context.unwrap_winrm(payload[4 : 4 + size], payload[4 + size :])
        return plain

    def _sealed(self, state: Connection, plain: bytes) -> tuple[str, bytes]:
        return self.seal(self, state, plain) if self.seal else (SEALED_TYPE, sealed_body(state, plain))


class _Counted:
    """Counts how many messages are being answered at once."""

    def __init__(self, server: WinRm) -> None:
        self._server = server

    def __enter__(self) -> None:
        with self._server._lock:
            self._server._now += 1
            self._server.most_at_once = max(self._server.most_at_once, self._server._now)

    def __exit__(self, *_: object) -> None:
        with self._server._lock:
            self._server._now -= 1


def sealed_body(state: Connection, plain: bytes, length: int | None = None) -> bytes:
    """An encrypted message as Windows writes it."""
    wrapped = state.context.wrap_winrm(plain)
    stated = len(plain) if length is None else length
    head = (
        "--Encrypted Boundary\r\n"
        "\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={stated}\r\n"
        "--Encrypted Boundary\r\n"
        "\tContent-Type: application/octet-stream\r\n"
    )
    sealed: bytes = struct.pack("<i", len(wrapped.header)) + wrapped.header + wrapped.data
    return head.encode() + sealed + b"--Encrypted Boundary--\r\n"


def serve(winrm: WinRm, tls: ssl.SSLContext | None = None) -> TcpServer:
    """The server, to be entered."""
    return TcpServer(winrm, tls)


def wql(request: bytes) -> str:
    """The question in an Enumerate."""
    found = re.search(rb"<w:Filter[^>]*>([^<]*)</w:Filter>", request)
    return found[1].decode() if found else ""
