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
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import certifi

from readiness.errors import ConfigurationError
from readiness.sources.exchange import SLICE_SECONDS, Exchange, running_exchange
from readiness.sources.identity import TlsIdentity

WSAEWOULDBLOCK = 10035
"""How Windows says that a connection is being made."""

HEAD_START_SECONDS = 0.25
"""Of each address before the next one is tried, too (RFC 8305: Connection Attempt Delay)."""

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
    """A TCP connection to the address that answers first.

    Addresses are tried in the system's order, each a moment after the one before, side by side (RFC 8305, section 5):
    one that drops what is sent there does not take the time of the others.

    Raises:
        socket.gaierror: the name is unknown.
        DialTimeoutError: no address answered in time.
        OSError: every address refused; the last one's error.
    """
    exchange = running_exchange()
    waiting = _look_up(host, port, exchange)
    failure: OSError = DialTimeoutError("no address")
    with ExitStack() as stack, selectors.DefaultSelector() as under_way:
        while waiting or under_way.get_map():
            if waiting:
                try:
                    stack.callback(_begin(under_way, waiting.pop(0)).close)
                except OSError as error:  # this system has no such family of addresses
                    failure = error
                    continue
            for code, candidate in _settled(under_way, exchange, HEAD_START_SECONDS if waiting else SLICE_SECONDS):
                if code == 0:
                    return _kept(candidate, exchange)
                failure = OSError(code, os.strerror(code))
    raise failure


def _begin(under_way: selectors.BaseSelector, found: Any) -> BoundedSocket:
    family, kind, protocol, _, address = found
    candidate = BoundedSocket(family, kind, protocol)
    candidate.setblocking(False)
    try:
        code = candidate.connect_ex(address)
    except OSError as error:
        code = error.errno or errno.EADDRNOTAVAIL
    under_way.register(candidate, selectors.EVENT_WRITE, 0 if code in PENDING else code)
    return candidate


def _settled(under_way: selectors.BaseSelector, exchange: Exchange, most: float) -> Iterator[tuple[int, BoundedSocket]]:
    """Attempts that have come to an end, with the system's number of it; waits a little for the first."""
    at_once = [key for key in under_way.get_map().values() if key.data]
    keys = at_once or [key for key, _ in under_way.select(min(most, connect_wait(exchange)))]
    for key in keys:
        under_way.unregister(key.fileobj)
        candidate: Any = key.fileobj
        yield key.data or candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), candidate


def _kept(candidate: BoundedSocket, exchange: Exchange) -> BoundedSocket:
    """The connection apart from the attempts that are closed."""
    connection = BoundedSocket(fileno=candidate.detach())
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(exchange.next_wait())
    return connection


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
