"""Exchanges of one scan of `ready` (healthy, 20 collections), over both transports; signing in is not counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Result
from readiness.lab import Exchange, Lab, load_scenario

SCENARIO = "ready"
WITH_GRAPH = 12
WITH_THE_SITE = 20


def measure() -> Iterator[Result]:
    """What the estate answered."""
    for transport, server in (("winrm", "wsman"), ("adminservice", "adminservice")):
        answered = [exchange for exchange in _scan(transport) if exchange.status < 300]
        site = sum(1 for exchange in answered if exchange.server == server)
        graph = sum(1 for exchange in answered if exchange.server == "graph")
        yield Result(f"exchanges with the site over {transport}", site, "calls", WITH_THE_SITE)
        if transport == "winrm":
            yield Result("exchanges with Graph", graph, "calls", WITH_GRAPH)


def _scan(transport: str) -> list[Exchange]:
    """Every exchange of one reading phase, in this process, with the estate beside it."""
    from readiness.cli.reading import read_estate
    from readiness.config import load

    with TemporaryDirectory() as folder, Lab(load_scenario(SCENARIO)) as lab:
        lab.write(Path(folder), transport=transport)
        lines = (Path(folder) / "lab.env").read_text(encoding="utf-8").splitlines()
        secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        evidence = read_estate(load(Path(folder) / "readiness.toml", {}), secrets)
        assert not evidence.partial
        return list(lab.requests)
