"""The author's guide says what is so, and the public surface does not lose a name by accident."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import readiness.plugin
from readiness.lab import load_scenario
from tests.docs.pages import ROOT, Block, blocks
from tests.golden_files import matches
from tests.plugins.packing import EXAMPLE, put

GUIDE = ROOT / "docs" / "plugins.md"
NAMES = Path(__file__).with_name("public_names.txt")


def block(language: str, number: int = 0) -> Block:
    return [one for one in blocks(GUIDE) if one.language == language][number]


def test_no_public_name_goes_away_unnoticed() -> None:
    """A name that is gone breaks a plugin. WRITE_GOLDEN=1 writes the list anew, and the change log tells of it."""
    assert matches(NAMES, "".join(f"{name}\n" for name in sorted(readiness.plugin.__all__)))
    assert [name for name in readiness.plugin.__all__ if not hasattr(readiness.plugin, name)] == []


def test_every_name_that_the_guide_lists_can_be_imported() -> None:
    rows = re.findall(
        r"^\| [a-z ]+ \| (`.*`) \|$", GUIDE.read_text(encoding="utf-8").partition("## What stays")[2], re.MULTILINE
    )
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(names) > 40
    assert set(names) <= set(readiness.plugin.__all__)


def test_the_check_of_the_guide_is_judged_as_it_says(tmp_path: Path) -> None:
    told = tomllib.loads(block("toml").text)["project"]
    folder = put(tmp_path, told["name"], told["entry-points"], {"acme_readiness": block("python").text})
    for scenario, code in (("ready", 0), ("hierarchy", 4)):
        line = ["scan", "--demo", scenario, "--check", "acme-one-site", "--fail-on", "advisory", "--format", "none"]
        done = subprocess.run(
            [sys.executable, "-m", "readiness", *line], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True, encoding="utf-8", timeout=60,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr


def test_the_format_of_the_guide_is_written(tmp_path: Path) -> None:
    (points,) = tomllib.loads(block("toml", 2).text)["project"]["entry-points"].items()
    folder = put(tmp_path, "acme-readiness", dict([points]), {"acme_readiness": block("python", 1).text})
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "scan", "--demo", "ready", "--quiet", "--format", "acme-list"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "readiness-reports").iterdir()
    assert file.suffix == ".list"
    assert "\npass tenant-reachable\n" in file.read_text(encoding="utf-8")


def test_the_scenario_of_the_guide_can_be_served(tmp_path: Path) -> None:
    file = tmp_path / "onboarding.toml"
    file.write_text(block("toml", 1).text, encoding="utf-8")
    (path,) = [path for path in load_scenario(str(file)).graph["beta"] if "advancedThreat" in path]
    assert f"/{path}" in (EXAMPLE / "src" / "readiness_example" / "onboarding.py").read_text(encoding="utf-8")
