"""What the lab writes down of every exchange, for tests and benchmarks to count and chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ServerName = Literal["entra", "graph", "wsman", "adminservice"]
Leg = Literal["negotiate", "authenticate"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that reached a handler, and the answer it got. Never holds a secret, a token or a header."""

    server: ServerName
    method: str
    path: str
    """The target as sent: path and query."""
    summary: str
    """What was asked, in the server's own words: the WQL, the grant type, the members of a batch."""
    status: int
    connection: int
    """Number of the TCP connection, unique within the lab."""
    started: float
    """`time.monotonic()` when the request's headers had been read."""
    ended: float
    """`time.monotonic()` just before the answer was sent."""
    leg: Leg | None = None
    """Which message of an NTLM sign-in the request carried."""
