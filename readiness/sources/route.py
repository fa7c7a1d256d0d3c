"""How an origin is reached, and whom it is believed on, beyond what its address says: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from readiness.sources.door import Door


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that connects us (CONNECT). Prints as `host:port (where it was set)`; its `repr` shows no password.

    Attributes:
        origin: what sets it, for people: the name of a variable, or "the system's settings".
        credentials: user name and password for the proxy itself, and for nobody else.
        door: what keeps wrong ones from being shown again.
    """

    host: str
    port: int
    origin: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    door: Door = field(default_factory=Door, repr=False, compare=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one origin. By default it is direct, and no variable has a say.

    Attributes:
        proxy: through which every connection leads.
        unused: the proxy that is set and not used here, as for the site: what a person may have to be told.
        trust: the variable that names the authorities to believe, where it is not the configuration.
    """

    proxy: Proxy | None = None
    unused: Proxy | None = None
    trust: str | None = None


DIRECT = Route()
