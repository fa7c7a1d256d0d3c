"""`readiness history`: every scan and assess is kept, no demo; and whatever becomes of the file, the verdict stays."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness import evidence as bodies
from readiness.history import usual_place
from readiness.history.schema import UPGRADES
from readiness.history.store import Store
from tests.conftest import Estate, Program, Ran
from tests.properties.estates import read as case

Serve = Callable[..., Estate]
Night = Callable[..., Ran]


@pytest.fixture
def night(program: Program, tmp_path: Path) -> Night:
    """Judges a simulated estate as it was read, so many days later: `night("ready", 3)`."""

    def assess(scenario: str, days: float = 0, *options: str, **variables: str) -> Ran:
        file = tmp_path / f"{scenario}.json"
        evidence = case(scenario).evidence
        if not file.exists():
            bodies.save(evidence, file)
        now = (evidence.finished + timedelta(days=days)).isoformat()
        quiet = ("--format", "none", "--quiet", "--now", now)
        return program("assess", str(file), *quiet, *options, variables=variables)

    return assess


def kept(program: Program, *options: str) -> dict[str, Any]:
    ran = program("history", "--json", *options)
    assert (ran.code, ran.err) == (0, "")
    return ran.report


def test_the_tests_keep_their_runs_to_themselves(tmp_path: Path) -> None:
    assert usual_place().is_relative_to(tmp_path.parent)  # the folder of this run of the tests


def test_without_a_run_it_says_so(program: Program) -> None:
    ran = program("history")
    assert ran.code == 0
    assert "No run is in the history yet" in ran.out
    assert kept(program)["runs"] == []
    assert not usual_place().exists()


def test_a_scan_is_kept_with_its_decision_outcomes_and_report(program: Program, estate: Serve, tmp_path: Path) -> None:
    served = estate("ready")
    scanned = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    assert scanned.code == 0
    (run,) = kept(program)["runs"]
    assert (run["id"], run["kind"], run["state"], run["code"]) == (scanned.report["run"]["id"], "scan", "ready", 0)
    assert (run["digest"], run["counts"]) == (scanned.report["digest"]["value"], scanned.report["decision"]["counts"])
    assert program("history", "--export", str(tmp_path / "out")).code == 0
    (file,) = (tmp_path / "out").iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == scanned.report
    assert program("verify", str(file)).code == 0


def test_a_demo_is_not_kept(program: Program) -> None:
    assert program("scan", "--demo", "ready", "--format", "none", "--quiet").code == 0
    assert not usual_place().exists()


def test_the_last_run_comes_first_and_missed_nights_are_told(program: Program, night: Night) -> None:
    for days in (0, 1, 2, 3, 7, 8):
        night("ready", days / 100)  # evidence must not be stale: a hundredth of a day stands for a day
    said = program("history").out
    assert said.count("assess 2") == 6
    assert "3 runs missed between" in " ".join(said.split())
    found = kept(program, "--limit", "2")
    assert (found["number"], len(found["runs"])) == (6, 2)


def test_trends_show_how_a_check_came_out_from_run_to_run(program: Program, night: Night) -> None:
    for number, scenario in enumerate(("ready", "almost-ready", "ready")):
        night(scenario, number / 100)
    (trend,) = kept(program, "--check", "attach-app-healthy")["trends"]
    assert (trend["outcomes"], trend["changes"]) == (["pass", "fail", "pass"], 2)
    said = program("history", "--check", "attach-app*").out
    assert "√×√ pass" in said
    assert "Trend of 3 runs like the last, the oldest first\n" in said
    ran = program("history", "--check", "no-such-check")
    assert (ran.code, "none of the runs like the last one" in ran.err) == (2, True)


def test_a_spreadsheet_gets_a_row_per_run(program: Program, night: Night) -> None:
    night("ready")
    night("almost-ready", 0.01)
    rows = list(csv.DictReader(io.StringIO(program("history", "--csv").out)))
    assert [row["kind"] for row in rows] == ["assess", "assess"]
    assert rows[0]["run"] > rows[1]["run"]


def test_waivers_that_end_soon_ended_or_are_not_used_are_named(program: Program, night: Night) -> None:
    today = case("almost-ready").evidence.finished.date()
    waivers = "".join(
        f'[[waiver]]\ncheck = "{check}"\nrequested_by = "A"\napproved_by = "B"\nreason = "r"\nexpires = {day}\n'
        for check, day in (
            ("attach-app-healthy", today + timedelta(days=14)),
            ("global-administrator", today - timedelta(days=1)),
            ("defender-heartbeat", today + timedelta(days=90)),
        )
    )
    Path("readiness.toml").write_text(waivers, encoding="utf-8")
    night("almost-ready")
    found = kept(program)["overlays"]
    assert {why: [one["check"] for one in those] for why, those in found.items()} == {
        "ending": ["attach-app-healthy"],
        "expired": ["global-administrator"],
        "unused": ["defender-heartbeat"],
    }
    said = program("history").out
    for words in ("End within 14 days", "Ended, and not applied", "Not used"):
        assert words in said


def test_it_is_kept_where_the_configuration_says_and_only_as_long(night: Night) -> None:
    Path("readiness.toml").write_text('[history]\npath = "ours.sqlite3"\nruns = 2\nevidence = true\n', encoding="utf-8")
    for days in range(4):
        night("ready", days / 100)
    assert not usual_place().exists()
    store = Store(Path("ours.sqlite3"))
    assert [run.sequence for run in store.runs()] == [4, 3]
    evidence = store.document(store.runs()[0], "evidence")
    assert evidence is not None
    assert json.loads(evidence)["schema"] == "readiness/evidence/v1"
    night("ready", 0.5, READINESS_HISTORY_ENABLED="false")
    assert len(store.runs()) == 2


def test_a_redacted_run_is_kept_redacted(night: Night) -> None:
    Path("readiness.toml").write_text("[history]\nevidence = true\n", encoding="utf-8")
    assert night("ready", 0, "--redact").code == 5
    store = Store(usual_place())
    (run,) = store.runs()
    held = [store.document(run, kind) or b"" for kind in ("report", "evidence")] + [usual_place().read_bytes()]
    assert run.redacted is not None
    assert all(held)
    assert not [one for one in held if b"contoso" in one.lower()]


def hurt(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 5000)


def test_a_damaged_history_is_set_aside_and_the_exit_line_says_so(program: Program, night: Night) -> None:
    night("ready")
    hurt(usual_place())
    asked = program("history")
    assert (asked.code, "damaged" in asked.err) == (2, True)
    ran = night("ready", 0.01)
    assert ran.code == 5
    warning, last = ran.err.splitlines()[-2:]
    assert warning.startswith("Warning: the history was set aside, and a new one begun: ")
    assert last.endswith("; the history was set aside, and a new one begun")
    (aside,) = usual_place().parent.glob("*.set-aside-*")
    assert aside.stat().st_size == 10_000
    assert len(Store(usual_place()).runs()) == 1


def test_a_locked_history_leaves_the_verdict_as_it_is(
    program: Program, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night("ready")
    monkeypatch.setattr(Store.__init__, "__defaults__", (0.1, UPGRADES))  # seconds to wait, not five
    with closing(sqlite3.connect(usual_place(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ran = night("ready", 0.01)
        other.execute("ROLLBACK")
    assert ran.code == 5
    assert ran.err.splitlines()[-1].endswith("; this run is not in the history")
    assert "another program holds it" in ran.err
    assert len(kept(program)["runs"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files stands for a full disk")
def test_a_full_disk_leaves_the_verdict_and_the_earlier_runs(program: Program, night: Night, tmp_path: Path) -> None:
    night("ready")
    largest = usual_place().stat().st_size
    command = [sys.executable, "-m", "readiness", "assess", str(tmp_path / "ready.json"), "--format", "none", "--quiet"]
    ran = subprocess.run(
        command,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert ran.returncode == 5
    assert ran.stderr.splitlines()[-1].endswith("; this run is not in the history")
    assert len(kept(program)["runs"]) == 1


def test_without_the_extra_scan_and_assess_work_and_history_says_how_to_get_it(
    program: Program, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    how = "pip install 'edr-readiness[history]'"
    assert how not in night("ready").err
    assert how in night("ready", 0, "--debug").err
    asked = program("history")
    assert (asked.code, how in asked.err) == (2, True)
    told = night("ready", 0, READINESS_HISTORY_ENABLED="true")
    assert told.err.splitlines()[-1].endswith("; this run is not in the history")
    assert how in told.err


def test_what_cannot_be_loaded_costs_the_history_and_not_the_verdict(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = night("ready").code
    monkeypatch.setitem(sys.modules, "readiness.history.store", None)
    ran = night("ready", 0.01)
    assert ran.code == code
    assert "this run is not in the history: SQLAlchemy cannot be loaded here: " in ran.err
    assert ran.err.splitlines()[-1].endswith("; this run is not in the history")
