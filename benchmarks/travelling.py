"""Evidence of an estate of 10,000 collections: collected, whole and in halves, and judged in every format."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import cost
from benchmarks.result import Result
from benchmarks.startup import have_bytecode

CPU_SECONDS = 2.0
MEMORY_MIB = 150.0
RUNS = 5
PARTS = {"whole": (), "site": ("--only", "site"), "graph": ("--only", "graph")}


def measure() -> Iterator[Result]:
    """The least of several runs of each; the estate is a process of its own, and not counted."""
    from readiness.cli.demo import simulated_estate

    have_bytecode()
    with TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.json") for name in PARTS}
        config = Path(folder) / "readiness.toml"
        with simulated_estate("large", "winrm") as (served, secrets):
            shutil.copy(served, config)
            for name, options in PARTS.items():
                collect = ("collect", "--config", str(served), "-o", files[name], *options)
                yield from _results(f"collect of large, {name}", collect, secrets)
        judge = ("--config", str(config), "--output", folder, "--format", "html,markdown,json")
        yield from _results("assess of large, all formats", ("assess", files["whole"], *judge))
        yield from _results("assess of two halves of large", ("assess", files["graph"], files["site"], *judge))


def _results(what: str, arguments: Sequence[str], secrets: Mapping[str, str] | None = None) -> Iterator[Result]:
    costs = [cost("-m", "readiness", *arguments, variables=secrets) for _ in range(RUNS)]
    yield Result(what, min(one.cpu_seconds for one in costs), "CPU s", CPU_SECONDS)
    yield Result(f"{what}, memory", min(one.memory_mib for one in costs), "MiB", MEMORY_MIB)
