"""Signing in to the site: Basic, NTLM, and Negotiate carrying NTLM, by the accept side of pyspnego; a certificate.

NTLM signs in a connection: its context lives in `Connection.login`, and later requests there need no header.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import shutil
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from readiness.lab.journal import Leg, ServerName
from readiness.lab.server import Connection, Request, Response

if TYPE_CHECKING:
    from spnego import ContextProxy

MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
"""What stands in `Authorization` where the client's certificate signs it in."""

Accept = Callable[["bytes | None"], "ContextProxy"]
"""Makes the accepting side of one sign-in. It is given the channel binding to demand (RFC 5929, with its prefix) over
TLS, and None over plain http."""

_VARIABLE = "NTLM_USER_FILE"
END_POINT = b"tls-server-end-point:"
_SIGNATURE = b"NTLMSSP\0"
_LEGS: dict[int, Leg] = {1: "negotiate", 3: "authenticate"}
_AV_CHANNEL_BINDINGS = 10


class Accounts:
    """The account file that pyspnego looks NTLM users up in. It finds the file by a variable of the process.

    The variable is there while any lab of the process runs, and points to the right file during each look-up, under
    a lock: labs with different accounts may run side by side. A client that states user and password never reads it.
    """

    _lock = threading.Lock()
    _running = 0
    _before: str | None = None

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password
        self._home: Path | None = None

    def start(self) -> None:
        domain, _, user = self.username.rpartition("\\")
        self._home = Path(tempfile.mkdtemp(prefix="readiness-lab-"))
        self._file = self._home / "ntlm-users"
        self._file.touch(mode=0o600)
        self._file.write_text(f"{domain}:{user}:{self.password}\n", encoding="utf-8")
        with Accounts._lock:
            if Accounts._running == 0:
                Accounts._before = os.environ.get(_VARIABLE)
            Accounts._running += 1
            os.environ[_VARIABLE] = str(self._file)

    def stop(self) -> None:
        with Accounts._lock:
            Accounts._running -= 1
            if Accounts._running == 0:
                _restore(Accounts._before)
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)

    @contextmanager
    def looked_up(self) -> Iterator[None]:
        with Accounts._lock:
            if os.environ.get(_VARIABLE) != str(self._file):
                os.environ[_VARIABLE] = str(self._file)
            yield


def _restore(value: str | None) -> None:
    if value is None:
        os.environ.pop(_VARIABLE, None)
    else:
        os.environ[_VARIABLE] = value


@dataclass(slots=True)
class Login:
    """How far a connection has come."""

    context: ContextProxy
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that may be served. `context` seals messages; Basic has none."""

    context: ContextProxy | None
    headers: tuple[tuple[str, str], ...] = ()
    leg: Leg | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """What a service takes.

    Attributes:
        certificate_hash: of our TLS certificate, for channel binding; empty over plain http.
        binding: whether a sign-in over TLS must be bound to that certificate. A binding that is sent must fit anyway.
        basic: whether it takes Basic, over TLS.
        ntlm: whether it takes NTLM, bare or inside Negotiate.
        client_hash: of the client certificate that alone signs in; None: certificates do not.
        accept: who signs in, in place of the one account; it looks at the channel binding itself.
    """

    certificate_hash: bytes
    binding: Literal["optional", "required"]
    basic: bool = True
    ntlm: bool = True
    client_hash: bytes | None = None
    accept: Accept | None = None


class Door:
    """Decides who may in."""

    def __init__(self, server: ServerName, accounts: Accounts, lock: Lock) -> None:
        self._server: ServerName = server
        self._accounts = accounts
        self._lock = lock

    def admit(self, request: Request) -> Admission | Response:
        """The admission, or the 401 to answer with."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if self._lock.client_hash is not None:
            return self._certificate(scheme, request.connection)
        match scheme.lower():
            case "basic" if request.connection.secure and self._lock.basic:
                return self._basic(value)
            case "ntlm" | "negotiate":
                return self._token(scheme, value, request.connection)
            case "" if isinstance(request.connection.login, Login) and request.connection.login.complete:
                return Admission(request.connection.login.context)
        return self._refuse(request.connection)

    def _certificate(self, scheme: str, connection: Connection) -> Admission | Response:
        shown = hashlib.sha256(connection.certificate).digest() if connection.certificate else b""
        if scheme == MUTUAL and hmac.compare_digest(shown, self._lock.client_hash or b"-"):
            return Admission(None)
        return self._challenge(())

    def _basic(self, value: str) -> Admission | Response:
        expected = f"{self._accounts.username}:{self._accounts.password}".encode()
        if hmac.compare_digest(base64.b64encode(expected), value.strip().encode()):
            return Admission(None)
        return self._challenge(self._offers(secure=True))

    def _token(self, scheme: str, value: str, connection: Connection) -> Admission | Response:
        try:
            token = base64.b64decode(value, validate=True)
        except binascii.Error:
            return self._refuse(connection)
        leg = _leg(token)
        if leg is not None and not self._lock.ntlm:
            return self._refuse(connection, leg)
        try:
            login, answer = self._step(token, leg, connection)
        except Exception as error:  # the package throws its own and struct's: each is a refused sign-in
            return self._refuse(connection, leg, _error_token(error, scheme))
        header = f"{scheme} {base64.b64encode(answer).decode()}" if answer else ""
        if not login.complete:
            return self._challenge((header or scheme,), leg)
        return Admission(login.context, (("WWW-Authenticate", header),) if header else (), leg)

    def _step(self, token: bytes, leg: Leg | None, connection: Connection) -> tuple[Login, bytes | None]:
        login = connection.login
        with self._accounts.looked_up():
            if not isinstance(login, Login) or login.complete or leg == "negotiate":
                login = connection.login = Login(self._context(connection))
            answer = login.context.step(token)
        if leg == "authenticate" and connection.secure and self._lock.accept is None:
            self._check_binding(token)
        login.complete = bool(login.context.complete)
        return login, answer

    def _context(self, connection: Connection) -> ContextProxy:
        if self._lock.accept is None:
            return _ntlm()
        return self._lock.accept(END_POINT + self._lock.certificate_hash if connection.secure else None)

    def _check_binding(self, token: bytes) -> None:
        sent = _channel_binding(token)
        # MS-NLMP 2.2.2.1: MD5 of a gss_channel_bindings_struct with no addresses and the application data of RFC 5929.
        data = END_POINT + self._lock.certificate_hash
        expected = md5(bytes(16) + struct.pack("<I", len(data)) + data, usedforsecurity=False).digest()
        if sent != expected and (self._lock.binding == "required" or any(sent)):
            raise PermissionError("bound to another channel")

    def _refuse(self, connection: Connection, leg: Leg | None = None, told: tuple[str, ...] = ()) -> Response:
        connection.login = None
        return self._challenge(told or self._offers(secure=connection.secure), leg)

    def _offers(self, *, secure: bool) -> tuple[str, ...]:
        schemes = ("Negotiate", "NTLM") if self._lock.ntlm else ("Negotiate",)
        return (*schemes, 'Basic realm="WSMAN"') if secure and self._lock.basic else schemes

    def _challenge(self, schemes: tuple[str, ...], leg: Leg | None = None) -> Response:
        headers = tuple(("WWW-Authenticate", scheme) for scheme in schemes)
        return Response(self._server, 401, headers=headers, summary="sign-in", leg=leg)


def _error_token(error: Exception, scheme: str) -> tuple[str, ...]:
    """What GSSAPI wants the client to be told of a failure: Kerberos has a message for that (RFC 4120, 5.9.1)."""
    token = getattr(getattr(error, "base_error", None), "token", None)
    return (f"{scheme} {base64.b64encode(token).decode()}",) if isinstance(token, bytes) and token else ()


def _ntlm() -> ContextProxy:
    import spnego

    # The Python implementation everywhere: Windows' own would ask for accounts of this machine.
    return spnego.server(protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)


def _leg(token: bytes) -> Leg | None:
    """Which NTLM message a token carries, be it bare or inside SPNEGO."""
    at = token.find(_SIGNATURE)
    return _LEGS.get(struct.unpack_from("<I", token, at + 8)[0]) if 0 <= at <= len(token) - 12 else None


def _channel_binding(token: bytes) -> bytes:
    """The channel binding in an AUTHENTICATE message; empty when none is there (MS-NLMP 2.2.1.3, 2.2.2.1, 2.2.2.7)."""
    message = token[token.index(_SIGNATURE) :]
    length, _, offset = struct.unpack_from("<HHI", message, 20)
    response = message[offset : offset + length]
    at = 44  # NTProofStr (16) and the fixed part of the client challenge (28)
    while at + 4 <= len(response):
        kind, size = struct.unpack_from("<HH", response, at)
        if kind == _AV_CHANNEL_BINDINGS:
            return response[at + 4 : at + 4 + size]
        at += 4 + size
    return b""
