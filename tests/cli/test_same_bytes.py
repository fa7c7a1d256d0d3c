"""The same evidence, configuration, rules and `--now` give the same bytes, in every format, wherever it is judged.

Each run is a process of its own, and differs from the others in everything that must not matter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.composition import formats
from readiness.evidence import merge
from readiness.lab import Lab, load_scenario
from readiness.model.words import Half
from tests.conftest import Estate
from tests.properties.estates import of_half

SCENARIO = """
base = "almost-ready"
title = "Names of other alphabets."
[change.graph.v1.organization."8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"]
displayName = "Contöso – 東京"
"""


@dataclass(frozen=True)
class Place:
    """Files that are judged, and where they lie."""

    config: Path
    files: tuple[Path, ...]
    now: str

    @property
    def folder(self) -> Path:
        return self.config.parent


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two halves of one estate, and the whole of it as somebody else read it."""
    folder = tmp_path_factory.mktemp("somebody's folder")
    (folder / "names.toml").write_text(SCENARIO, encoding="utf-8")
    with Lab(load_scenario(str(folder / "names.toml"))) as lab:
        lab.write(folder)
        served = Estate(lab, folder)
        found = [read_estate(configured({"config": served.config}, {}, connecting=True), served.secrets) for _ in "12"]
    pieces = {"site": of_half(found[0], Half.SITE), "tenant": of_half(found[0], Half.TENANT), "whole": found[1]}
    for name, piece in pieces.items():
        bodies.save(piece, folder / f"{name}.json")
    now = merge(list(pieces.values())).finished.isoformat()
    return Place(served.config, tuple(folder / f"{name}.json" for name in pieces), now)


def assessed(
    place: Place, out: Path, files: Sequence[Path], config: Sequence[str], cwd: Path, **variables: str
) -> dict[str, bytes]:
    """Every file of a run, by name, and what it printed."""
    arguments = ["assess", *map(str, files), *config, "--now", place.now, "--json", "--output", str(out)]
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "COVERAGE_PROCESS_START") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", "readiness", *arguments, "--format", ",".join(formats())],
        cwd=cwd,
        env={**kept, "HOME": str(out), "XDG_DATA_HOME": f"{out}-data", **variables},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 3, ran.stderr.decode()
    return {"standard output": ran.stdout, **{file.name: file.read_bytes() for file in out.iterdir()}}


def test_nothing_but_evidence_configuration_rules_and_now_makes_a_difference(place: Place, tmp_path: Path) -> None:
    """Not the order of the files, the seed of hashes, the time zone, the language, the encoding, the width or colours
    of the terminal, the home, the working directory, or how the files are named."""
    one = assessed(
        place,
        tmp_path / "one",
        place.files,
        ("--config", str(place.config)),
        tmp_path,
        PYTHONHASHSEED="0",
        TZ="UTC",
        LC_ALL="C.UTF-8",
        COLUMNS="40",
    )
    relative = [Path(os.path.relpath(file, tmp_path)) for file in reversed(place.files)]
    two = assessed(
        place,
        tmp_path / "two",
        relative,
        ("--config", os.path.relpath(place.config, tmp_path)),
        tmp_path,
        PYTHONHASHSEED="1",
        TZ="Pacific/Auckland",
        LC_ALL="POSIX",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        COLUMNS="200",
        FORCE_COLOR="1",
    )
    three = assessed(
        place,
        tmp_path / "three",
        (place.files[1], place.files[2], place.files[0], place.files[1]),
        (),
        place.folder,
        PYTHONHASHSEED="4711",
        TZ="America/St_Johns",
        LANG="tr_TR.UTF-8",
        LC_TIME="de_DE.UTF-8",
        PYTHONIOENCODING="cp437",
        NO_COLOR="1",
    )
    assert len(one) > len(formats())
    assert {name: text for name, text in two.items() if text != one.get(name)} == {}
    assert {name: text for name, text in three.items() if text != one.get(name)} == {}
    for name, text in one.items():
        assert b"\r" not in (text.replace(b"\r\n", b"") if name.endswith(".csv") else text), name  # RFC 4180
        assert all(str(path).encode() not in text for path in (place.folder, tmp_path, Path.cwd())), name
    assert "東京".encode() in one["standard output"]
