"""A scan of an estate of 10,000 collections, 50 of them targets: read, judged, and reported in every format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import cost
from benchmarks.result import Result

CPU_SECONDS = 2.0
MEMORY_MIB = 150.0
RUNS = 5


def measure() -> Iterator[Result]:
    """The least of several runs over each transport; the estate is a process of its own, and not counted."""
    from readiness.cli.demo import simulated_estate

    for transport in ("winrm", "adminservice"):
        with simulated_estate("large", transport) as (config, secrets), TemporaryDirectory() as folder:
            scan = ("-m", "readiness", "scan", "--config", str(config), "--output", str(Path(folder)))
            costs = [cost(*scan, variables=secrets) for _ in range(RUNS)]
        what = f"large over {transport}"
        yield Result(what, min(one.cpu_seconds for one in costs), "CPU s", CPU_SECONDS)
        yield Result(f"{what}, memory", min(one.memory_mib for one in costs), "MiB", MEMORY_MIB)
