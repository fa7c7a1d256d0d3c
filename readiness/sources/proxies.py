"""Which proxy leads to an origin: HTTPS_PROXY, ALL_PROXY and NO_PROXY, else the system's own settings.

The rules are those of urllib and requests: a variable in small letters comes first, an empty one says "none"; without
any, the registry of Windows and the settings of macOS count. Sessions of ours never ask the environment themselves.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from readiness.errors import ConfigurationError
from readiness.sources.origin import Origin
from readiness.sources.route import Proxy

_VARIABLES = ("https_proxy", "all_proxy")
_USUAL_PORT = 80
"""Of a proxy that is named without one, as urllib and requests have it."""


def _nothing() -> Mapping[str, str]:
    return {}


def _nobody(_host: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class System:
    """What the operating system itself is set to, as the standard library reads it; nothing on Linux."""

    proxies: Callable[[], Mapping[str, str]]
    """Proxies by scheme."""
    bypass: Callable[[str], bool]
    """Whether a host is reached without one."""


def system() -> System:
    """The registry on Windows, the network settings on macOS."""
    for suffix in ("registry", "macosx_sysconf"):
        proxies = getattr(urllib.request, f"getproxies_{suffix}", None)
        if proxies is not None:
            return System(proxies, getattr(urllib.request, f"proxy_bypass_{suffix}"))
    return System(_nothing, _nobody)


def proxy_for(origin: str, environ: Mapping[str, str], own: System | None = None) -> Proxy | None:
    """The proxy for `origin` (`https://host[:port]`); None where it is reached directly.

    Args:
        own: the system's settings, which count where no variable speaks of proxies; injected by tests.

    Raises:
        ConfigurationError: a proxy of a kind that is not supported, or an address that cannot be read. Its words never
            repeat the address: it may hold a password.
    """
    place = Origin.parse(origin)
    if not any(value and name.lower().endswith("_proxy") for name, value in environ.items()):
        return _of_system(place, own or system())
    named = _named(environ)
    if named is None or _exempt(place, _variable(environ, "no_proxy")[1]):
        return None
    return _parsed(*named)


def _named(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that names a proxy, and its value."""
    for name in _VARIABLES:
        variable, value = _variable(environ, name)
        if value:
            return variable, value
    return None


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    """A variable as it is spelled, and its value: small letters come first, even where they say nothing."""
    for spelled in (name, name.upper(), *environ):
        if spelled.lower() == name and spelled in environ:
            return spelled, environ[spelled].strip()
    return name, ""


def _of_system(place: Origin, own: System) -> Proxy | None:
    found = own.proxies()
    value = found.get("https") or found.get("all")
    if not value or own.bypass(place.host):
        return None
    return _parsed("the system's settings", value)


def _exempt(place: Origin, no_proxy: str) -> bool:
    if no_proxy == "*" or any(_covers(entry.strip(), place) for entry in no_proxy.split(",")):
        return True
    names = ",".join(entry.strip().removeprefix("*") for entry in no_proxy.split(","))
    # urllib knows names, parts of names, and both with a port.
    return bool(urllib.request.proxy_bypass_environment(f"{place.host}:{place.port}", {"no": names}))  # type: ignore[attr-defined]


def _covers(entry: str, place: Origin) -> bool:
    """Whether an entry is the address, or a network (CIDR) with the address in it, as requests reads it."""
    try:
        return ipaddress.ip_address(place.host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False


def _parsed(variable: str, value: str) -> Proxy:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname or "", parts.port or _USUAL_PORT
    except ValueError:  # it would repeat the address
        parts, host, port = urlsplit(""), "", 0
    # Of a password with a / or # in it that is not percent-encoded, half would be taken for the host, and be told.
    if not host or "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise ConfigurationError(
            f"{variable}: no address of a proxy that can be read: write http://host:port, where a user name and "
            "password come first (http://user:password@host:port) percent-encoded"
        )
    if parts.scheme != "http":
        raise ConfigurationError(f"{variable}: {_unsupported(parts.scheme)}")
    credentials = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Proxy(host, port, variable, credentials)


def _unsupported(scheme: str) -> str:
    kind = "a SOCKS proxy" if scheme.startswith("socks") else "a proxy that is spoken to over TLS (https://)"
    if not scheme.startswith("socks") and scheme != "https":
        kind = "this kind of proxy"
    return (
        f"{kind} is not supported: name an HTTP proxy (http://host:port; what goes through it is encrypted all the "
        "way to Microsoft), or exempt the hosts with NO_PROXY"
    )
