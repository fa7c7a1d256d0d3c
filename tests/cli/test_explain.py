"""`readiness explain`: one check in full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.composition import all_checks
from reports.wrapping import columns
from tests.conftest import Program

IDS = [check.id for check in all_checks()]


def shown(check: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a process of its own shows."""
    command = [sys.executable, "-m", "readiness", "explain", check]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("name", IDS)
def test_every_check_is_explained_whole(program: Program, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the check says of itself is left out, and every line fits the terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    check = next(check for check in all_checks() if check.id == name)
    ran = program("explain", name)
    assert "\\u000a" not in ran.out
    assert (ran.code, ran.err) == (0, "")
    words = " ".join(ran.out.split())
    remediation = check.remediation
    said = [check.title, check.id, check.level, check.owner, check.why, check.judged, check.inferred, remediation.role]
    said += [remediation.wait, remediation.verify, remediation.rollback, *check.tags]
    said += [text for step in remediation.steps for text in (step.text, step.where, step.command) if text]
    said += [text for source in check.sources for text in (source.title, source.location, str(source.dated or ""))]
    for text in said:
        assert " ".join(text.split()) in words
    assert all(columns(line) <= 80 for line in ran.out.splitlines())
    assert "\\u" not in ran.out


@pytest.mark.parametrize("name", IDS)
def test_what_is_read_comes_with_its_calls_and_rights(program: Program, name: str) -> None:
    told = json.loads(program("explain", name, "--json").out)
    assert told["id"] == name
    assert told["reads"]
    for read in told["reads"]:
        assert read["what"]
        assert read["calls"]
        open_to_all = "without sign-in" in read["what"]
        assert all(call["name"] and (call["rights"] or open_to_all) for call in read["calls"])


def test_dependencies_are_told_both_ways(program: Program) -> None:
    told = {name: json.loads(program("explain", name, "--json").out) for name in IDS}
    assert "site-hotfix-kb4563473" in told["site-version-minimum"]["needed_by"]
    for name, one in told.items():
        for other in one["depends_on"]:
            assert name in told[other]["needed_by"]


def test_what_an_outcome_means_follows_level_and_phase(program: Program) -> None:
    blocker = json.loads(program("explain", "site-version-minimum", "--json").out)["outcomes"]
    assert "exit code 3" in blocker[0]
    assert "a waiver answers a fail, until it expires" in blocker
    connection = json.loads(program("explain", "site-reachable", "--json").out)["outcomes"]
    assert connection[0] == "pass or unknown, never fail"
    assert "a waiver cannot answer it" in connection


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("site-version-minimun", 'did you mean "site-version-minimum"?'),
        ("xyz", "`readiness checks` lists them"),
        ("no\x1b[2J\u202esuch", "no\\u001b[2J\\u202esuch"),
    ],
)
def test_an_unknown_check_is_exit_2_with_the_nearest_one(program: Program, name: str, words: str) -> None:
    ran = program("explain", name)
    assert ran.code == 2
    assert words in ran.err
    assert ran.out == ""
    assert ran.err.splitlines()[-1].startswith("exit 2: ")


def test_a_console_that_knows_ascii_only_is_shown_ascii() -> None:
    done = shown("site-hotfix-kb4563473", PYTHONIOENCODING="ascii", COLUMNS="60")
    assert done.returncode == 0
    text = done.stdout.decode("ascii")
    assert "?" not in text.split("Expected")[0]
    assert all(len(line) <= 60 for line in text.splitlines())


def test_text_of_a_plugin_cannot_steer_the_terminal(tmp_path: Path) -> None:
    info = tmp_path / "pack-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pack\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[readiness.checks]\ngood = pack:CHECKS\n", encoding="utf-8")
    (tmp_path / "pack.py").write_text(
        """
from readiness.plugin import (
    Check, Hierarchy, Level, Needs, Outcome, Owner, Phase, Remediation, Step, Verdict)

CHECK = Check(
    id="acme", title="Three \\x1b[2J sites", phase=Phase.SITE, level=Level.ADVISORY,
    needs=Needs.SITE, owner=Owner.CONFIGMGR_ADMIN, why="It is \\u202ethe custom.", judged="By \\x9b counting.",
    remediation=Remediation(steps=(Step("Add sites", command="rm \\x07"),), role="none"), sources=())

@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict: ...

CHECKS = (CHECK,)
""",
        encoding="utf-8",
    )
    done = shown("acme", PYTHONPATH=str(tmp_path), PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "Three \\u001b[2J sites" in text
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("arguments", [("explain", "site-reachable"), ("permissions",), ("init", "--no-input")])
def test_what_connects_is_not_loaded_where_nothing_connects(arguments: tuple[str, ...], tmp_path: Path) -> None:
    program = f"""
import sys
from readiness.cli import run
code = run({list(arguments)!r})
connecting = ("msal", "requests", "winrm", "pypsrp", "spnego", "urllib3", "trustme")
heavy = [name for name in connecting if name in sys.modules]
sys.exit(f"code {{code}}, loaded {{heavy}}" if code or heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
