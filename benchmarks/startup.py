"""What commands that touch no network cost, against `import click`."""

from __future__ import annotations

import compileall
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.processes import cost, costs
from benchmarks.result import Result

RUNS = 9
RUNS_KEPT = 5
CPU = {"--help": 1.3, "checks": 2.5}
"""At most so many times the CPU of `import click`."""
MEMORY_MIB = {"--help": 18.0}


def measure() -> Iterator[Result]:
    """`--help`, `checks` and `assess`."""
    have_bytecode()
    with tempfile.TemporaryDirectory() as folder:
        evidence = str(Path(folder) / "evidence.json")
        cost("-m", "readiness", "scan", "--demo", "--format", "none", "--save-evidence", evidence)
        commands = {
            "import click": ("-c", "import click"),
            "--help": ("-m", "readiness", "--help"),
            "checks": ("-m", "readiness", "checks"),
            "assess, no files": ("-m", "readiness", "assess", evidence, "--format", "none", "--quiet"),
            "assess, all formats": ("-m", "readiness", "assess", evidence, "--output", folder),
        }
        measured = costs(commands, runs=RUNS)
        keeping = {"READINESS_HISTORY_ENABLED": "true"}
        kept = [cost(*commands["assess, no files"], variables=keeping) for _ in range(RUNS_KEPT)]
    base = measured["import click"]
    yield Result("import click: CPU", base.cpu_seconds * 1000, "ms")
    for name, one in measured.items():
        if one is not base:
            yield Result(f"{name}: CPU, times import click", one.cpu_seconds / base.cpu_seconds, "x", CPU.get(name))
        yield Result(f"{name}: memory", one.memory_mib, "MiB", MEMORY_MIB.get(name))
    kept_cpu = min(one.cpu_seconds for one in kept)
    yield Result("assess, kept in the history: CPU, times import click", kept_cpu / base.cpu_seconds, "x")


def have_bytecode() -> None:
    """Have bytecode for our packages, as every installation from a wheel has."""
    for name in ("readiness", "checks", "reports"):
        package = import_module(name)
        for folder in package.__path__:
            compileall.compile_dir(folder, quiet=1)
