"""The reading phase of a scan with 500 ms of latency on every answer, against its longest chain of dependent calls.

The chain is taken from what the estate saw. Cloud: discovery, token, then one exchange with Graph. Site: the sign-in of
the first connection and its question for the provider's site come before all else; a reader on another connection then
waits for the sign-in of that one; and some of its questions come out of the answer to another (`_own`). Waiting for a
free connection is no dependency, and not counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Result
from readiness.lab import Exchange, Lab, load_scenario

LATENCY_SECONDS = 0.5
LIMIT = 1.2


def measure() -> Iterator[Result]:
    """One scan of `ready`, in this process, with the estate beside it."""
    from readiness.cli.reading import read_estate
    from readiness.composition import all_checks
    from readiness.config import load

    all_checks()
    with TemporaryDirectory() as folder, Lab(load_scenario("ready"), latency_seconds=LATENCY_SECONDS) as lab:
        lab.write(Path(folder))
        lines = (Path(folder) / "lab.env").read_text(encoding="utf-8").splitlines()
        secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        configuration = load(Path(folder) / "readiness.toml", {})
        read_estate(configuration, secrets)  # imports and caches are not what is measured
        lab.requests.clear()
        started = time.monotonic()
        evidence = read_estate(configuration, secrets)
        took = time.monotonic() - started
        assert not evidence.partial
        calls = chain(lab.requests)
    yield Result("reading phase with 500 ms latency", took, "s")
    yield Result("longest chain of dependent calls", calls, "calls")
    yield Result("reading phase, times its longest chain", took / (calls * LATENCY_SECONDS), "x", LIMIT)


def chain(exchanges: Sequence[Exchange]) -> int:
    """Calls in the longest chain in which each had to wait for the one before."""
    cloud = sum(1 for e in exchanges if e.server == "entra") + 1
    site = [e for e in exchanges if e.server == "wsman"]
    located = next(e for e in site if "SMS_ProviderLocation" in e.summary and e.status == 200)
    before = 1 + _legs(site, located.connection)
    asked = [e for e in site if e.status == 200 and e is not located]
    readers = [_own(e) + (_legs(site, e.connection) if e.connection != located.connection else 0) for e in asked]
    return max(cloud, before + max(readers))


def _legs(site: Sequence[Exchange], connection: int) -> int:
    """Messages of a connection before its first answer: its sign-in."""
    own = [e for e in site if e.connection == connection]
    return next(index for index, e in enumerate(own) if e.status == 200)


def _own(exchange: Exchange) -> int:
    """How many questions of a reader one after the other end in this one. A list comes before one instance of it, or
    before a getter with what it names; the collections before the members of the targets; these before what else is
    asked about them.
    """
    if "SMS_R_System" in exchange.summary:
        return 3
    second = ("Get ", "SMS_CoMgmtConfigs.")
    return 2 if exchange.summary.startswith(second) or "SMS_FullCollectionMembership" in exchange.summary else 1
