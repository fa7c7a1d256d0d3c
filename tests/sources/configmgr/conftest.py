"""A WinRM server, and a provider that speaks to it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from readiness.sources.configmgr.enumeration import Paging
from readiness.sources.configmgr.winrm import WinRmProvider, connect
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from tests.servers.soap import envelope, first_page, fragment
from tests.servers.tcp import TcpServer
from tests.servers.winrm import PASSWORD, USER, WinRm
from tests.sources.conftest import Certificates

NAMESPACE = r"root\sms\site_P01"
ONE_ROW = first_page(fragment("<SiteCode>P01</SiteCode>"))

Visit = Callable[..., Any]


def one_row(request: bytes) -> bytes:
    """Answers every question with one site."""
    return envelope(request, ONE_ROW)


@pytest.fixture
def visiting(certificates: Certificates, _account: None) -> Visit:
    """`with visiting(winrm, **arguments of connect) as (server, provider)`; http where the server encrypts."""

    @contextmanager
    def visit(
        winrm: WinRm, tls: ssl.SSLContext | None = None, **arguments: Any
    ) -> Iterator[tuple[TcpServer, WinRmProvider]]:
        context = None if winrm.encrypt else tls or certificates.good
        settings: dict[str, Any] = {
            "scheme": "http" if winrm.encrypt else "https",
            "username": USER,
            "password": PASSWORD,
            "ca_bundle": certificates.bundle,
            "deadline": Deadline(20),
            "limits": Limits(connect_seconds=1, exchange_seconds=3, body_bytes=2_000_000),
            "paging": Paging(max_elements=2, max_pages=5, max_rows=20),
            **arguments,
        }
        with TcpServer(winrm, context) as server:
            provider = connect("localhost", port=server.port, **settings)
            try:
                yield server, provider
            finally:
                provider.close()

    return visit
