"""Connections whose every wait is bounded by the running exchange, so that no drip outlasts it.

A read timeout starts anew with every byte; a server that sends one byte a second beats it, in the headers as
in the body. Here every wait, of look-up, connect, handshake, read and write, asks the exchange how long it may last.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import certifi

from readiness.errors import ConfigurationError
from readiness.sources.exchange import SLICE_SECONDS, Exchange, running_exchange
from readiness.sources.identity import TlsIdentity

WSAEWOULDBLOCK = 10035
"""How Windows says that a connection is being made."""

PENDING = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, WSAEWOULDBLOCK}


class DialTimeoutError(OSError):
    """Nothing answered at the address within the time for connecting."""


class _Bounded:
    """Reads and writes of a socket, in waits that the running exchange allows."""

    def recv_into(self, *args: Any, **options: Any) -> int:
        exchange = self._exchange()
        while True:
            self.settimeout(exchange.next_wait())  # type: ignore[attr-defined]
            try:
                count: int = super().recv_into(*args, **options)  # type: ignore[misc]
            except TimeoutError:
                continue  # the slice ended, perhaps the exchange with it: next_wait decides
            return count

    def sendall(self, *args: Any, **options: Any) -> None:
        # Not sliced: after a timeout nobody knows how much was sent.
        exchange = self._exchange()
        exchange.next_wait()
        self.settimeout(exchange.remaining)  # type: ignore[attr-defined]
        super().sendall(*args, **options)  # type: ignore[misc]

    def _exchange(self) -> Exchange:
        exchange = running_exchange()
        exchange.socket = self  # type: ignore[assignment]
        return exchange


class BoundedSocket(_Bounded, socket.socket):
    """A plain TCP socket of ours."""


class BoundedTlsSocket(_Bounded, ssl.SSLSocket):
    """A TLS socket of ours; it leaves the server's certificate with the exchange, for the channel binding."""

    _peer: bytes | None = None

    def do_handshake(self, block: bool = False) -> None:
        exchange = self._exchange()
        while True:
            self.settimeout(exchange.next_wait())
            try:
                super().do_handshake(block)
            except TimeoutError:
                continue
            self._peer = self.getpeercert(binary_form=True)  # asked now: a closed connection has forgotten it
            return

    def recv_into(self, *args: Any, **options: Any) -> int:
        count = super().recv_into(*args, **options)
        running_exchange().certificate = self._peer
        return count


def tls_context(ca_bundle: Path | None, certificate: TlsIdentity | None = None) -> ssl.SSLContext:
    """Whom to believe: the authorities in `ca_bundle` only, or else those of the system and of certifi.

    Args:
        certificate: what we show to a server that asks for one.

    Raises:
        ConfigurationError: no certificate can be read from `ca_bundle`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = BoundedTlsSocket
    if certificate is not None:
        certificate.present_in(context)
    if ca_bundle is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        context.load_verify_locations(certifi.where())
        return context
    try:
        folder = ca_bundle.is_dir()
        context.load_verify_locations(
            cafile=None if folder else str(ca_bundle), capath=str(ca_bundle) if folder else None
        )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"ca_bundle: no certificate could be read from {ca_bundle}") from error
    # A site's own certificate is often self-signed: what the operator put into the bundle is trusted as it stands.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def dial(host: str, port: int) -> BoundedSocket:
    """A TCP connection to the first address that answers.

    Raises:
        socket.gaierror: the name is unknown.
        DialTimeoutError: no address answered in time.
        OSError: every address refused; the last one's error.
    """
    exchange = running_exchange()
    failure: OSError = DialTimeoutError("no address")
    for family, kind, protocol, _, address in _look_up(host, port, exchange):
        candidate = BoundedSocket(family, kind, protocol)
        try:
            _connect(candidate, address, exchange)
        except OSError as error:
            candidate.close()
            failure = error
        else:
            candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return candidate
    raise failure


def connect_wait(exchange: Exchange) -> float:
    """How long the next wait for a connection may last.

    Raises:
        TimeoutError: the exchange is over.
        DialTimeoutError: the time for connecting is.
    """
    exchange.next_wait()
    if exchange.connect_remaining <= 0.0:
        raise DialTimeoutError("no answer in time")
    return min(SLICE_SECONDS, exchange.connect_remaining)


def _look_up(host: str, port: int, exchange: Exchange) -> list[Any]:
    # A resolver knows no timeout of ours; its thread is left behind when it takes too long.
    found: list[Any] = []
    failed: list[OSError | UnicodeError] = []
    done = threading.Event()

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)
        done.set()

    threading.Thread(target=ask, name="name look-up", daemon=True).start()
    while not done.wait(connect_wait(exchange)):
        pass
    if failed:
        raise failed[0] if isinstance(failed[0], OSError) else socket.gaierror(str(failed[0]))
    return found


def _connect(candidate: socket.socket, address: Any, exchange: Exchange) -> None:
    candidate.setblocking(False)
    code = candidate.connect_ex(address)
    if code in PENDING:
        with selectors.DefaultSelector() as selector:
            selector.register(candidate, selectors.EVENT_WRITE)
            while not selector.select(connect_wait(exchange)):
                pass
        code = candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
    candidate.settimeout(exchange.next_wait())
