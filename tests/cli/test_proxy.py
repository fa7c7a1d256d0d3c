"""Proxies of the environment, through the whole program: the cloud half uses them, the site never does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness.lab import Lab, load_scenario
from tests.conftest import Estate, Program, Ran
from tests.servers.proxy import ConnectProxy
from tests.servers.tcp import http_answer

Scan = Callable[..., Ran]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(load_scenario("ready")) as lab:
        yield lab


@pytest.fixture
def served(lab: Lab, tmp_path: Path) -> Estate:
    lab.write(tmp_path)
    return Estate(lab, tmp_path)


@pytest.fixture
def scan(program: Program, served: Estate) -> Scan:
    def run(*options: str, **variables: str) -> Ran:
        given = ("scan", "--config", str(served.config), "--json", "--format", "none", "--timeout", "20", *options)
        return program(*given, variables={**served.secrets, **variables})

    return run


def assert_lost(ran: Ran, *words: str) -> None:
    """The tenant's half is unreachable in these words; the site's half is judged."""
    found = ran.check("tenant-reachable")
    assert (found["outcome"], found["reason"]) == ("unknown", "unreachable"), found["summary"]
    for word in words:
        assert word in found["summary"]
    assert ran.check("site-version-minimum")["outcome"] == "pass"
    assert (ran.code, ran.report["decision"]["state"]) == (5, "undetermined")


def test_the_cloud_half_goes_through_the_proxy_and_the_site_does_not(scan: Scan, served: Estate) -> None:
    """The whole estate is read. The proxy sees the name of one host, and no word of what is said there."""
    before = len(served.lab.requests)
    with ConnectProxy(account="svc:p@ss") as proxy:
        ran = scan("--debug", HTTPS_PROXY=f"http://svc:p%40ss@127.0.0.1:{proxy.port}")
        assert set(proxy.journal.places) == {f"CONNECT localhost:{served.lab.graph_port}"}
        assert f"through the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)" in ran.err
    assert ran.code == 0, ran.err
    servers = {exchange.server for exchange in served.lab.requests[before:]}
    assert {"entra", "graph", "wsman"} <= servers
    for hidden in (b"Bearer", b"eyJ", b"HTTP/1.1", served.secrets["READINESS_CLIENT_SECRET"].encode()):
        assert hidden not in proxy.journal.passed
    assert "p@ss" not in ran.out + ran.err
    assert "p%40ss" not in ran.out + ran.err


@pytest.mark.parametrize("no_proxy", ["localhost", "other.test,localhost", "*"])
def test_an_exempt_host_is_asked_directly(no_proxy: str, scan: Scan) -> None:
    with ConnectProxy() as proxy:
        assert scan(HTTPS_PROXY=proxy.address, NO_PROXY=no_proxy).code == 0
        assert proxy.journal.asked == []


def test_all_proxy_counts_where_no_other_does(scan: Scan) -> None:
    with ConnectProxy() as proxy:
        assert scan(all_proxy=proxy.address).code == 0
        assert proxy.journal.asked != []


def test_a_proxy_that_allows_nothing(scan: Scan, served: Estate) -> None:
    with ConnectProxy(answer=http_answer("403 Forbidden", {}, b"<html>no")) as proxy:
        ran = scan(HTTPS_PROXY=proxy.address)
        place = f"localhost:{served.lab.graph_port}"
        assert_lost(ran, f"the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY) refuses to connect to {place} (status 403)")


def test_a_wrong_password_for_the_proxy_is_tried_once(scan: Scan) -> None:
    """It is the password of an account, and accounts lock: one attempt for the whole scan, shown nowhere."""
    with ConnectProxy(account="svc:right") as proxy:
        ran = scan("--debug", HTTPS_PROXY=f"http://svc:wr0ng@127.0.0.1:{proxy.port}")
        assert len(proxy.journal.asked) == 1
    assert_lost(ran, "status 407; it offers Basic", "tried once")
    assert "wr0ng" not in ran.out + ran.err


def test_a_proxy_that_is_down_costs_one_attempt(scan: Scan) -> None:
    with ConnectProxy(answer=b"") as proxy:
        ran = scan(HTTPS_PROXY=proxy.address)
        assert proxy.connections == 1
    assert_lost(ran, "closed the connection when it was asked for")


@pytest.mark.parametrize("address", ["socks5://svc:hunter2@px:1080", "https://svc:hunter2@px:3129"])
def test_a_proxy_of_another_kind_reads_nothing(address: str, scan: Scan, served: Estate) -> None:
    before = len(served.lab.requests)
    ran = scan("--debug", HTTPS_PROXY=address)
    assert (ran.code, ran.out) == (2, "")
    assert "HTTPS_PROXY: " in ran.err
    assert "not supported" in ran.err
    assert "hunter2" not in ran.err
    assert len(served.lab.requests) == before


def test_an_unreachable_site_says_that_the_proxy_is_not_for_it(scan: Scan) -> None:
    with socket.socket() as bound, ConnectProxy() as proxy:
        bound.bind(("127.0.0.1", 0))
        port = str(bound.getsockname()[1])
        ran = scan(HTTPS_PROXY=proxy.address, READINESS_SITE_PORT=port)
        assert f"CONNECT localhost:{port}" not in proxy.journal.places
        words = f"it is asked directly: the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY) is used for Microsoft's cloud"
        assert words in ran.check("site-reachable")["summary"]
    assert ran.check("tenant-reachable")["outcome"] == "pass"


def test_a_demo_knows_no_proxy(program: Program) -> None:
    with ConnectProxy() as proxy:
        ran = program(
            "scan", "--demo", "ready", "--format", "none", "--quiet", variables={"HTTPS_PROXY": proxy.address}
        )
        assert (ran.code, proxy.journal.asked) == (0, [])
