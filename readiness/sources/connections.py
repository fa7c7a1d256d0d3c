"""urllib3's connections and pools, made over sockets of ours: directly, or through a proxy."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from readiness.sources.exchange import running_exchange
from readiness.sources.tunnel import through
from readiness.sources.wire import dial


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return dial(self._dns_host, self.port)

    @property
    def is_connected(self) -> bool:
        return _is_open(self.sock) and super().is_connected


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        # urllib3 never hears of the proxy: what it does next, TLS included, is between us and the origin.
        exchange = running_exchange()
        if exchange.route.proxy is None:
            return dial(self._dns_host, self.port)
        return through(exchange.route.proxy, self.host, self.port, exchange)

    @property
    def is_connected(self) -> bool:
        return _is_open(self.sock) and super().is_connected


def _is_open(connection: socket.socket | None) -> bool:
    # The Guard hangs up on a connection that urllib3 may have put back already.
    return connection is not None and connection.fileno() != -1


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType] - it finds urllib3 at odds with its protocol


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection  # pyright: ignore[reportAssignmentType] - as above


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}
"""urllib3's pools by scheme, with connections of ours."""


@contextmanager
def kept_from_others(raw: Any) -> Iterator[None]:
    """Keep the connection until the answer was judged, and put it back then: closed, if the answer was no good.

    urllib3 puts it back after the last byte, where another exchange may take it before we hang up.
    """
    connection, raw._connection = raw._connection, None
    try:
        yield
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    finally:
        raw._connection = connection
        raw.release_conn()
