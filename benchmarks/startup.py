"""What commands that touch no network cost, against `import click`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import Cost, cost
from benchmarks.result import Result

RUNS = 15
HELP_CPU_RATIO = 1.3
HELP_MEMORY_MIB = 18.0
CHECKS_CPU_RATIO = 2.5


def measure() -> Iterator[Result]:
    """`--help`, `checks` and `assess`."""
    click = cost(["-c", "import click"], runs=RUNS)
    yield Result("import click: CPU", click.cpu_seconds * 1000, "ms")
    yield Result("import click: memory", click.memory_mib, "MiB")
    help_ = cost(["-m", "readiness", "--help"], runs=RUNS)
    yield _ratio("--help", help_, click, HELP_CPU_RATIO)
    yield Result("--help: memory", help_.memory_mib, "MiB", HELP_MEMORY_MIB)
    checks = cost(["-m", "readiness", "checks"], runs=RUNS)
    yield _ratio("checks", checks, click, CHECKS_CPU_RATIO)
    yield Result("checks: memory", checks.memory_mib, "MiB")
    yield from _assess(click)


def _assess(click: Cost) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        evidence = str(Path(folder) / "evidence.json")
        cost(["-m", "readiness", "scan", "--demo", "--format", "none", "--save-evidence", evidence], runs=1)
        quiet = cost(["-m", "readiness", "assess", evidence, "--format", "none", "--quiet"], runs=RUNS)
        yield _ratio("assess, no files", quiet, click, None)
        whole = cost(["-m", "readiness", "assess", evidence, "--output", folder], runs=RUNS)
        yield _ratio("assess, all formats", whole, click, None)
        yield Result("assess, all formats: memory", whole.memory_mib, "MiB")


def _ratio(what: str, one: Cost, base: Cost, limit: float | None) -> Result:
    return Result(f"{what}: CPU, times import click", one.cpu_seconds / base.cpu_seconds, "x", limit)
