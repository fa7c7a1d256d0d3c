"""CPU time and memory of a process, as the system accounts for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryDirectory

LAUNCHER = """
import os, sys
child = os.fork()
if child == 0:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""
"""Starts the measured process from a small one: Linux lets a process inherit the peak memory of its parent."""


@cache
def _bytecode() -> TemporaryDirectory[str]:
    """Where measured processes keep their bytecode: an installation has it, a fresh clone would compile in each run.

    The first run of each command writes it; the least of several is what counts.
    """
    return TemporaryDirectory(prefix="readiness-bytecode-")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    cpu_seconds: float
    memory_mib: float


def cost(*arguments: str, variables: Mapping[str, str] | None = None) -> Cost:
    """What `python ARGUMENTS` costs once: user and system time, and the largest resident set. No history is kept, as
    after `pip install` without extras.

    Args:
        variables: of the environment, besides our own.
    """
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *arguments]
    kept = {"PYTHONPYCACHEPREFIX": _bytecode().name, "XDG_DATA_HOME": f"{_bytecode().name}/data"}
    environment = {**os.environ, "READINESS_HISTORY_ENABLED": "false", **(variables or {}), **kept}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=environment)
    code, cpu, kilobytes = done.stdout.split()
    assert code in ("0", "3", "5"), f"{arguments} ended with {code}"
    return Cost(float(cpu), int(kilobytes) / 1024)


def costs(commands: Mapping[str, Sequence[str]], *, runs: int) -> dict[str, Cost]:
    """The least of several runs of each; the commands take turns, so that a busy moment meets them all."""
    rounds = [{name: cost(*arguments) for name, arguments in commands.items()} for _ in range(runs)]
    return {
        name: Cost(min(r[name].cpu_seconds for r in rounds), min(r[name].memory_mib for r in rounds))
        for name in commands
    }
