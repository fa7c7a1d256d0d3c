"""CPU time and memory of a process, as the system accounts for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Cost:
    """The least of several runs."""

    cpu_seconds: float
    memory_mib: float


def cost(arguments: Sequence[str], *, runs: int) -> Cost:
    """What `python ARGUMENTS` costs: user and system time, and the largest resident set."""
    measured = [_once(arguments) for _ in range(runs)]
    return Cost(min(one.cpu_seconds for one in measured), min(one.memory_mib for one in measured))


def _once(arguments: Sequence[str]) -> Cost:
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, cpu, kilobytes = done.stdout.split()
    assert code in ("0", "3", "5"), f"{arguments} ended with {code}"
    return Cost(float(cpu), int(kilobytes) / 1024)
