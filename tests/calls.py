"""The calls that a simulated estate was asked, in the form in which readers declare theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readiness.lab import Exchange
from readiness.sources.reader import Call

_GETTER = re.compile(r"SMS_\w+\.\w+")
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)


def made(journal: Iterable[Exchange]) -> set[str]:
    """Every call, members of batches one by one; signing in, and going on with an answer, are none."""
    return {call for exchange in journal for call in _calls(exchange)}


def undeclared(asked: Iterable[str], calls: Iterable[Call]) -> set[str]:
    """What was asked that no call stands for."""
    declared = tuple(calls)
    return {one for one in asked if not any(matches(call, one) for call in declared)}


def unasked(asked: Iterable[str], calls: Iterable[Call]) -> set[str]:
    """What is declared for every estate, and was not asked."""
    made = tuple(asked)
    return {call.name for call in calls if not call.when and not any(matches(call, one) for one in made)}


def matches(call: Call, asked: str) -> bool:
    """Whether it is the same call. The journal does not tell the namespace of a class."""
    bare = Call(call.name.rpartition(" ")[2]) if not call.name.startswith(("Graph ", "Entra ID ")) else call
    return bare.matches(asked)


def _calls(exchange: Exchange) -> Iterator[str]:
    if exchange.server == "graph":
        yield from _graph(exchange)
    elif exchange.server == "entra" and exchange.path.endswith("/openid-configuration"):
        yield f"Entra ID {exchange.path}"
    elif exchange.server == "wsman":
        yield from _wsman(exchange.summary)
    elif exchange.server == "adminservice":
        yield from _adminservice(exchange.summary)


def _graph(exchange: Exchange) -> Iterator[str]:
    version, _, path = exchange.path.strip("/").partition("/")
    if path == "$batch":
        members = [member.split(" ", 1) for member in re.split(r", (?=[A-Z]+ /)", exchange.summary)]
    else:
        members = [[exchange.method, f"/{path}"]]
    for method, url in members:
        verb = "" if method == "GET" else f"{method} "
        yield f"Graph {version} {verb}{url.partition('?')[0]}"


def _wsman(summary: str) -> Iterator[str]:
    found = _FROM.search(summary)
    if found:
        yield found[1]
    elif summary.startswith("Get "):
        _, cls, *keys = summary.split(" ")
        yield f"{cls}({','.join(key.partition('=')[0] for key in keys)})"
    elif getter := _GETTER.match(summary):
        yield getter[0]
    elif summary != "sign-in" and not summary.startswith(("Pull ", "Release ")):
        yield f"something else: {summary}"


def _adminservice(summary: str) -> Iterator[str]:
    rows = re.fullmatch(r"(\w+)(\?.*)?", summary)
    if rows:
        yield rows[1]
    else:
        yield from _wsman(summary)
