"""Which proxy leads to an origin, by the variables of the environment and the system's settings."""

from __future__ import annotations

import pytest

from readiness.errors import ConfigurationError
from readiness.sources.proxies import System, proxy_for
from readiness.sources.route import Proxy

GRAPH = "https://graph.microsoft.com"
PX = "http://px.contoso.com:8080"


def found(variables: dict[str, str], origin: str = GRAPH) -> str | None:
    proxy = proxy_for(origin, variables, System(dict, lambda _host: False))
    return str(proxy) if proxy else None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PX}, "px.contoso.com:8080 (HTTPS_PROXY)"),
        ({"https_proxy": PX}, "px.contoso.com:8080 (https_proxy)"),
        ({"ALL_PROXY": PX}, "px.contoso.com:8080 (ALL_PROXY)"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": "http://b:2", "ALL_PROXY": "http://c:3"}, "b:2 (https_proxy)"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": ""}, None),
        ({"Https_Proxy": "http://a:1"}, "a:1 (Https_Proxy)"),
        ({"HTTP_PROXY": PX}, None),
        ({"HTTPS_PROXY": "px:3128"}, "px:3128 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "px"}, "px:80 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": " http://[fd00::1]:3128/ "}, "[fd00::1]:3128 (HTTPS_PROXY)"),
    ],
)
def test_the_variable_that_counts(variables: dict[str, str], expected: str | None) -> None:
    """Small letters before capitals, https before all; what is for plain http says nothing of https."""
    assert found(variables) == expected


@pytest.mark.parametrize(
    ("no_proxy", "origin", "direct"),
    [
        ("*", GRAPH, True),
        ("graph.microsoft.com", GRAPH, True),
        ("microsoft.com", GRAPH, True),
        (".microsoft.com", GRAPH, True),
        ("*.microsoft.com", GRAPH, True),
        ("localhost, Microsoft.COM", GRAPH, True),
        ("osoft.com", GRAPH, False),
        ("", GRAPH, False),
        ("graph.microsoft.com:443", GRAPH, True),
        ("graph.microsoft.com:8443", GRAPH, False),
        ("127.0.0.1", "https://localhost:8443", False),
        ("localhost", "https://localhost:8443", True),
        ("localhost:8443", "https://localhost:8443", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd00::1]:8443", True),
        ("[fd00::1]", "https://[fd00::1]:8443", True),
    ],
)
def test_hosts_that_are_exempt(no_proxy: str, origin: str, direct: bool) -> None:
    """By name, part of a name at a dot, port, address and network."""
    assert (found({"HTTPS_PROXY": PX, "NO_PROXY": no_proxy}, origin) is None) == direct


def test_name_and_password_are_decoded_and_shown_nowhere() -> None:
    proxy = proxy_for(GRAPH, {"HTTPS_PROXY": "http://CONTOSO%5Csvc:p%40ss%3Aw0rd@px:3128"})
    assert proxy == Proxy("px", 3128, "HTTPS_PROXY", ("CONTOSO\\svc", "p@ss:w0rd"))
    assert "p@ss" not in f"{proxy}{proxy!r}"
    assert "svc" not in f"{proxy}{proxy!r}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("socks5://svc:hunter2@px:1080", "HTTPS_PROXY: a SOCKS proxy is not supported"),
        ("socks5h://svc:hunter2@px:1080", "HTTPS_PROXY: a SOCKS proxy is not supported"),
        ("https://svc:hunter2@px:3129", "HTTPS_PROXY: a proxy that is spoken to over TLS"),
        ("ftp://svc:hunter2@px", "HTTPS_PROXY: this kind of proxy is not supported"),
        ("http://svc:hunter2@", "HTTPS_PROXY: no address of a proxy"),
        ("http://svc:hunter2@px:port", "HTTPS_PROXY: no address of a proxy"),
        ("http://svc:hunter2@[px:1", "HTTPS_PROXY: no address of a proxy"),
        ("http://svc:1234/hunter2@px:3128", "HTTPS_PROXY: no address of a proxy"),
        ("http://svc#hunter2:1@px:3128", "HTTPS_PROXY: no address of a proxy"),
        ("svc:12?hunter2@px:3128", "HTTPS_PROXY: no address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_configuration_error(address: str, words: str) -> None:
    """Said before anything is read, without the address: it may hold a password."""
    with pytest.raises(ConfigurationError, match=words.replace("(", "\\(")) as caught:
        found({"HTTPS_PROXY": address})
    assert "hunter2" not in str(caught.value)
    assert "svc" not in str(caught.value)


def test_the_systems_settings_count_where_no_variable_speaks() -> None:
    """The registry of Windows, as the standard library reads it: with its own exceptions."""
    registry = System(lambda: {"http": "http://a:1", "https": "http://px:8080"}, lambda host: host == "intranet")
    assert str(proxy_for(GRAPH, {}, registry)) == "px:8080 (the system's settings)"
    assert proxy_for("https://intranet", {}, registry) is None
    assert str(proxy_for(GRAPH, {"HTTPS_PROXY": "http://own:1"}, registry)) == "own:1 (HTTPS_PROXY)"
    assert proxy_for(GRAPH, {"NO_PROXY": "*"}, registry) is None
    assert proxy_for(GRAPH, {}, System(lambda: {"http": "http://a:1"}, lambda _host: False)) is None
