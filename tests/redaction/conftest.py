"""Simulated estates as they were read, with the configuration that read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from readiness.cli.finish import judge
from readiness.cli.reading import read_estate
from readiness.config import Configuration, load
from readiness.lab import Lab, load_scenario
from readiness.lab.estate import Transport
from readiness.model.reading import Evidence
from readiness.model.report import Report


@dataclass(frozen=True, slots=True)
class Case:
    """Evidence, and the configuration by which it is judged."""

    evidence: Evidence
    configuration: Configuration

    @property
    def report(self) -> Report:
        return judge(self.configuration, self.evidence, self.evidence.finished)


@cache
def case(name: str, transport: Transport = "winrm") -> Case:
    """The estate of this scenario, read over real sockets, once."""
    with TemporaryDirectory() as folder, Lab(load_scenario(name)) as lab:
        lab.write(Path(folder), transport)
        lines = (Path(folder) / "lab.env").read_text(encoding="utf-8").splitlines()
        secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        found = load(Path(folder) / "readiness.toml", {})
        return Case(read_estate(found, secrets), found)
