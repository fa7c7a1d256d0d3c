"""The reading phase of a scan with 500 ms of latency on every answer, against its longest chain of dependent calls.

The chain is taken from what the estate saw, and from who had to wait for whom:

* cloud: sign-in (discovery, token), then the longest run of exchanges that a reader made one after the other;
* site: the sign-in and the question for the provider's site come first, for every reader; then the longest of the
  connections, each of which signs in for itself and then asks one question after the other. What one connection asks
  could be asked by more connections, so only the sign-in and the longest single reader's own questions count as
  dependent: `SMS_Admin` is enumerated, and then one instance is got.
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
    yield Result("exchanges with sign-in and Graph", sum(1 for e in lab.requests if e.server != "wsman"), "calls")
    yield Result("exchanges with the site", sum(1 for e in lab.requests if e.server == "wsman"), "calls")


def chain(exchanges: Sequence[Exchange]) -> int:
    """Calls in the longest chain in which each had to wait for the one before."""
    cloud = sum(1 for e in exchanges if e.server == "entra") + 1
    site = [e for e in exchanges if e.server == "wsman"]
    first = site[0].connection
    located = next(i for i, e in enumerate(site) if "SMS_ProviderLocation" in e.summary and e.status == 200)
    sign_in = sum(1 for e in site[: located + 1] if e.connection == first)
    later = [e for e in site if e.connection != first]
    signing = max((_legs(later, number) for number in {e.connection for e in later}), default=0)
    return max(cloud, sign_in + signing + _longest_reader(site))


def _legs(exchanges: Sequence[Exchange], connection: int) -> int:
    """Refused and continued messages before the first answer on a connection: its sign-in."""
    own = [e for e in exchanges if e.connection == connection]
    return next((i for i, e in enumerate(own) if e.status == 200), len(own))


def _longest_reader(site: Sequence[Exchange]) -> int:
    """`SMS_Admin` is enumerated, then got; every other reader asks once."""
    return 2 if any("Get" in e.summary and "SMS_Admin" in e.summary for e in site if e.status == 200) else 1
