"""The one place that a session may speak to: scheme, host, port."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException

from readiness.errors import ConfigurationError

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, in the form that `requests` gives them. Prints as `host:port`."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read `https://host[:port]`.

        Raises:
            ConfigurationError: anything else, a path or a user name in it included.
        """
        request = PreparedRequest()
        try:
            request.prepare_url(text, None)
            origin = cls.of(request.url or "")
            path = urlsplit(request.url or "").path
        except (RequestException, ValueError) as error:
            raise ConfigurationError(f"not an address of a server: {text!r}") from error
        if origin is None or path not in ("", "/"):
            raise ConfigurationError(f"not an address of a server alone (https://host:port): {text!r}")
        return origin

    @classmethod
    def of(cls, url: str) -> Origin | None:
        """The origin of a URL; None where it has none, or names a user."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
            return None
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])

    @property
    def is_near(self) -> bool:
        """Whether it is this machine, or hangs on its own link (RFC 3927): no router passes on what is said there."""
        if self.host.lower() == "localhost":
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_link_local

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
