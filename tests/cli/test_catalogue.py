"""`readiness checks` lists from what the package ships, and never says anything that the checks do not."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import checks
from readiness import catalogue

PACK = """
from readiness.plugin import Check, Hierarchy, Level, Needs, Outcome, Owner, Phase, Remediation, Step, Verdict

CHECK = Check(
    id="acme-named", title="The site is named", phase=Phase.SITE, level=Level.INFO, needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN, why="It is the custom.", judged="By looking.",
    remediation=Remediation(steps=(Step("Name it"),), role="none"), sources=())

@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict:
    return Verdict(Outcome.PASS, "named", expected="a name", observed="a name")

CHECKS = (CHECK,)
"""


def run(program: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    return done.stdout


def test_the_shipped_list_is_what_the_checks_say_now() -> None:
    """A check that was added or changed does not land without `python -m readiness.catalogue`."""
    assert catalogue.shipped() == json.loads(catalogue.as_json(catalogue.built()))


def test_listing_imports_neither_checks_nor_facts(tmp_path: Path) -> None:
    program = """
import sys
from readiness.cli import run
assert run(["checks", "--json"]) == 0
assert not [name for name in sys.modules if name.startswith(("checks.", "readiness.model.facts"))]
assert "readiness.plugin" not in sys.modules
"""
    assert json.loads(run(program, tmp_path)) == catalogue.shipped()


@pytest.mark.parametrize("changed", ["checks.MODULES[:-1]", "(*checks.MODULES[1:], checks.MODULES[0])"])
def test_where_other_modules_are_registered_the_checks_themselves_are_asked(changed: str, tmp_path: Path) -> None:
    """Somebody who adds a check sees it listed, before the list is written anew."""
    program = f"""
import checks
checks.MODULES = {changed}
from readiness.cli import run
run(["checks", "--json"])
"""
    listed = [row["id"] for row in json.loads(run(program, tmp_path))]
    assert listed != [row["id"] for row in catalogue.shipped()]
    assert len(listed) > 1
    assert set(listed) <= {row["id"] for row in catalogue.shipped()}


def test_a_check_that_a_plugin_adds_is_listed_after_ours(tmp_path: Path) -> None:
    info = tmp_path / "named_pack-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: named-pack\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[readiness.checks]\nnamed = named_pack:CHECKS\n", encoding="utf-8")
    (tmp_path / "named_pack.py").write_text(PACK, encoding="utf-8")
    rows = json.loads(run('from readiness.cli import run; run(["checks", "--json"])', tmp_path))
    assert [row["id"] for row in rows] == [*(row["id"] for row in catalogue.shipped()), "acme-named"]
    assert rows[-1]["reads"] == ["Hierarchy"]


def test_the_readme_counts_the_checks_as_they_are() -> None:
    """By phase, by level, and those of the article."""
    all_ = checks.registered()
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    by_phase = {
        found[1]: int(found[2]) for found in re.finditer(r"^\| ([a-z]+) \| [^|]+ \| (\d+) \|$", readme, re.MULTILINE)
    }
    assert by_phase == Counter(str(check.phase) for check in all_)
    level = Counter(str(check.level) for check in all_)
    said = f"{level['blocker']} blockers can stand in the way, {level['advisory']} advisories should be mended, "
    assert f"{said}{level['info']} inform" in readme
    assert f"{len(all_)} prerequisites, in the order" in readme
    assert f"takes only the {sum('article' in check.tags for check in all_)} that Microsoft's" in readme
