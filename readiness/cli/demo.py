"""The simulated estate as a child process, for `scan --demo`: real sockets, the same client code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import readiness
from readiness.cli.live import LIVE
from readiness.errors import ReadinessError
from readiness.lab import load_scenario
from readiness.stopping import on_sigterm

STOP_SECONDS = 5.0


@contextmanager
def simulated_estate(scenario: str, transport: str | None = None) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Serve `scenario`; gives the configuration file and the secrets of the estate, which ends with the block.

    Args:
        transport: over which the file reaches the site; None: as the estate's own default.

    Raises:
        ConfigurationError: there is no such scenario.
        ReadinessError: the estate did not come up.
    """
    load_scenario(scenario)
    with on_sigterm(), tempfile.TemporaryDirectory(prefix="readiness-demo-") as folder:
        child = _start(scenario, folder, transport)
        try:
            with LIVE.during("starting the simulated estate"):
                line = child.stdout.readline() if child.stdout else ""
            if not line.startswith("ready "):
                raise ReadinessError("the simulated estate did not start; 'readiness lab' says why")
            # The estate is in this computer: no proxy of the environment or of the system leads there.
            yield Path(folder) / "readiness.toml", {**_variables(Path(folder) / "lab.env"), "NO_PROXY": "*"}
        finally:
            _stop(child)


def _start(scenario: str, folder: str, transport: str | None) -> subprocess.Popen[str]:
    """The estate, by this very program: whatever lies in the working directory is not imported."""
    ours = str(Path(readiness.__file__).resolve().parents[1])
    paths = os.pathsep.join(path for path in (ours, os.environ.get("PYTHONPATH", "")) if path)
    named = str(Path(scenario).resolve()) if Path(scenario).suffix == ".toml" else scenario
    way = ["--transport", transport] if transport else []
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "readiness", "lab", named, "--write", folder, *way, "--until-eof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,  # Ctrl-C is for us; the estate ends with its standard input
    )


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
