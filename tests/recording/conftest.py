"""Recordings of simulated estates, made as a user makes them, and judged as whoever gets them does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Estate, Program, Ran


@dataclass(frozen=True)
class Recorded:
    """A recording, and what else the same scan left."""

    folder: Path
    evidence: Path
    map_file: Path
    collected: Ran
    served: Estate

    @property
    def manifest(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "recording.json").read_text(encoding="utf-8"))
        return document

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob("exchanges/*"))]

    @property
    def names(self) -> dict[str, str]:
        """Name of each alias."""
        found = json.loads(self.map_file.read_text(encoding="utf-8"))["aliases"]
        return {one["alias"]: one["name"] for one in found}

    @property
    def text(self) -> str:
        """All of its files."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.rglob("*")) if path.is_file())


Record = Callable[..., Recorded]


@pytest.fixture
def record(program: Program, tmp_path: Path) -> Record:
    """Records an estate that is served: `record(estate("ready"))`."""

    def make(served: Estate, *options: str) -> Recorded:
        place = tmp_path / f"recorded-{len(list(tmp_path.glob('recorded-*')))}"
        place.mkdir()
        folder, evidence, map_file = place / "recording", place / "evidence.json", place / "map.json"
        arguments = ("--config", str(served.config), "-o", str(evidence), "--record", str(folder))
        ran = program("collect", *arguments, "--record-map", str(map_file), *options, variables=served.secrets)
        return Recorded(folder, evidence, map_file, ran, served)

    return make
