"""Connecting over real sockets: several addresses of one name, those that drop, those that refuse."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Exchange, Limits
from readiness.sources.wire import DialTimeoutError, dial
from tests.servers.down import dropping

Resolve = Callable[..., None]
NAME = "graph.contoso.test"


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Let a name have these addresses: `resolve("127.0.0.1", "127.0.0.2")`."""

    def answer(*addresses: str) -> None:
        def look_up(_host: str, port: int, **_more: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return answer


@pytest.fixture
def places() -> Iterator[Callable[..., int]]:
    """One port on several addresses of loopback: `places(drops=(...), serves=(...))`. All others refuse."""
    with ExitStack() as stack:

        def make(*, drops: tuple[str, ...] = (), serves: tuple[str, ...] = ()) -> int:
            port = 0
            for address in serves:
                server = stack.enter_context(socket.create_server((address, port)))
                port = int(server.getsockname()[1])
            for address in drops:
                port = stack.enter_context(dropping(address, port))
            return port

        yield make


def dialled(port: int, seconds: float = 5.0) -> tuple[str, float]:
    """The address that was connected to, and how long it took."""
    started = time.monotonic()
    with Exchange(Limits(connect_seconds=seconds), Deadline(20)).running():
        connection = dial(NAME, port)
    with connection:
        return str(connection.getpeername()[0]), time.monotonic() - started


def test_an_address_that_drops_does_not_take_the_time_of_the_next(resolve: Resolve, places: Callable[..., int]) -> None:
    """As where IPv6 is announced and leads nowhere."""
    resolve("127.0.0.2", "127.0.0.3")
    address, seconds = dialled(places(drops=("127.0.0.2",), serves=("127.0.0.3",)))
    assert address == "127.0.0.3"
    assert seconds < 1.5


def test_an_address_that_refuses_costs_nothing(resolve: Resolve, places: Callable[..., int]) -> None:
    resolve("127.0.0.2", "127.0.0.3", "127.0.0.4")
    address, seconds = dialled(places(serves=("127.0.0.4",)))
    assert address == "127.0.0.4"
    assert seconds < 0.2


def test_the_first_address_is_the_one_that_is_used(resolve: Resolve, places: Callable[..., int]) -> None:
    """The system's order is kept, and the others are not bothered."""
    resolve("127.0.0.2", "127.0.0.3")
    assert dialled(places(serves=("127.0.0.2", "127.0.0.3")))[0] == "127.0.0.2"


@pytest.mark.parametrize("many", [1, 4])
def test_however_many_addresses_drop_the_time_is_spent_once(
    many: int, resolve: Resolve, places: Callable[..., int]
) -> None:
    addresses = tuple(f"127.0.0.{number}" for number in range(2, 2 + many))
    resolve(*addresses)
    port = places(drops=addresses)
    started = time.monotonic()
    with pytest.raises(DialTimeoutError):
        dialled(port, 0.6)
    assert time.monotonic() - started < 1.2


def test_where_all_refuse_the_refusal_is_told(resolve: Resolve, places: Callable[..., int]) -> None:
    resolve("127.0.0.2", "127.0.0.3")
    with pytest.raises(ConnectionRefusedError):
        dialled(places(serves=("127.0.0.9",)))
