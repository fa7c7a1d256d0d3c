"""The simulated estate as a child process, for `scan --demo`: real sockets, the same client code."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from readiness.errors import ReadinessError
from readiness.lab import load_scenario

STOP_SECONDS = 5.0


@contextmanager
def simulated_estate(scenario: str) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Serve `scenario`; gives the configuration file and the secrets of the estate, which ends with the block.

    Raises:
        ConfigurationError: there is no such scenario.
        ReadinessError: the estate did not come up.
    """
    load_scenario(scenario)
    with tempfile.TemporaryDirectory(prefix="readiness-demo-") as folder:
        command = [sys.executable, "-m", "readiness", "lab", scenario, "--write", folder, "--until-eof"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            line = child.stdout.readline() if child.stdout else ""
            if not line.startswith("ready "):
                raise ReadinessError("the simulated estate did not start; 'readiness lab' says why")
            yield Path(folder) / "readiness.toml", _variables(Path(folder) / "lab.env")
        finally:
            _stop(child)


def _variables(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _stop(child: subprocess.Popen[str]) -> None:
    """The child ends when its standard input does."""
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
