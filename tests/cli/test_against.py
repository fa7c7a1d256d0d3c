"""`--against REPORT`: what changed since the report that was approved, and that it says so when nothing did."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.lab import scenario_names
from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]
NOTHING = "nothing changed since approval"


def scan(program: Program, estate: Estate, *options: str) -> Ran:
    return program("scan", "--config", str(estate.config), *options, variables=estate.secrets)


@pytest.fixture
def approved(program: Program, estate: Serve, tmp_path: Path) -> tuple[Estate, Path]:
    """An estate that is ready, and the report that was approved."""
    served, folder = estate("ready"), tmp_path / "approved"
    assert scan(program, served, "--output", str(folder), "--format", "json").code == 0
    return served, next(folder.glob("*.json"))


def test_a_second_scan_of_the_same_estate_says_in_one_line_that_nothing_changed(
    program: Program, approved: tuple[Estate, Path]
) -> None:
    served, report = approved
    ran = scan(program, served, "--against", str(report), "--quiet", "--format", "none")
    assert (ran.code, ran.out.splitlines()[1:]) == (0, [NOTHING])
    told = scan(program, served, "--against", str(report), "--json", "--format", "none").report["comparison"]
    assert (told["sentence"], told["changes"], told["incomparable"]) == (NOTHING, [], None)
    assert told["run"] == json.loads(report.read_text(encoding="utf-8"))["run"]["id"]


def test_a_run_that_is_in_the_history_alone_is_named_by_its_id(
    program: Program, approved: tuple[Estate, Path], tmp_path: Path
) -> None:
    """So the help says it, and as it is with the other commands that take a run."""
    pytest.importorskip("sqlalchemy")
    served, _ = approved
    evidence = tmp_path / "evidence.json"
    program("collect", "--config", str(served.config), "-o", str(evidence), variables=served.secrets)
    bodies.save(replace(bodies.load(evidence), demo=False), evidence)
    judged = ("assess", str(evidence), "--config", str(served.config), "--format", "none")
    kept = program(*judged, "--json").report["run"]["id"]
    told = program(*judged, "--json", "--against", kept).report["comparison"]
    assert (told["run"], told["sentence"]) == (kept, NOTHING)
    unknown = program(*judged, "--against", f"{kept}0")
    assert unknown.code == 2
    assert kept in unknown.err


@pytest.mark.parametrize("scenario", [name for name in scenario_names() if name != "large"])  # it has only more of all
def test_time_alone_changes_nothing(scenario: str, program: Program, estate: Serve, tmp_path: Path) -> None:
    """The same evidence, judged again seven hours later, on the same day: ages moved, and nothing else."""
    served, evidence = estate(scenario), tmp_path / "evidence.json"
    program("collect", "--config", str(served.config), "-o", str(evidence), variables=served.secrets)
    read = json.loads(evidence.read_text(encoding="utf-8"))["finished"]
    judged = ("assess", str(evidence), "--config", str(served.config), "--format", "json", "--output", str(tmp_path))
    program(*judged, "--now", read)
    report = next(tmp_path.glob("readiness-*.json"))
    later = min(f"{datetime.fromisoformat(read) + timedelta(hours=7):%Y-%m-%dT%H:%M:%SZ}", f"{read[:11]}23:59:59Z")
    ran = program(*judged, "--now", later, "--against", str(report), "--json")
    assert ran.report["comparison"]["sentence"] == NOTHING


def test_what_became_worse_comes_first_with_what_was_and_what_is(
    program: Program, estate: Serve, approved: tuple[Estate, Path]
) -> None:
    _, report = approved
    ran = scan(program, estate("almost-ready"), "--against", str(report), "--json", "--format", "none")
    assert ran.code == 3
    changes = ran.report["comparison"]["changes"]
    assert [one["direction"] for one in changes] == sorted(
        (one["direction"] for one in changes), key=["worse", "better", "other"].index
    )
    assert tuple(changes[0][key] for key in ("id", "before", "after")) == ("decision", "ready", "not-ready")
    worse = {one["id"]: (one["before"], one["after"]) for one in changes if one["direction"] == "worse"}
    assert worse["collections-enabled"] == ("pass", "fail (blocker)")
    assert worse["collections-enabled/P0100022"] == ("pass", "fail (blocker)")
    assert worse["attach-app-healthy"] == ("pass", "fail (advisory)")
    assert worse["P0100022"][1].startswith("not-ready")
    assert not [one for one in changes if one["id"] in ("site.port", "tenant.graph", "digest")]


def test_a_check_that_is_left_out_is_no_improvement(program: Program, approved: tuple[Estate, Path]) -> None:
    served, report = approved
    options = ("--against", str(report), "--skip", "defender-heartbeat", "--json", "--format", "none")
    told = scan(program, served, *options).report["comparison"]
    lost = next(one for one in told["changes"] if one["id"] == "defender-heartbeat")
    assert (lost["before"], lost["after"], lost["direction"]) == ("pass", None, "worse")


def test_a_waiver_and_another_target_are_changes(program: Program, approved: tuple[Estate, Path]) -> None:
    served, report = approved
    text = served.config.read_text(encoding="utf-8")
    waiver = (
        '\n[[waiver]]\ncheck = "collections-enabled"\nrequested_by = "A"\napproved_by = "B"\nreason = "why"\n'
        'ticket = "CHG1"\nexpires = 2999-12-31\n'
    )
    served.config.write_text(text + waiver, encoding="utf-8")
    options = ("--against", str(report), "--collection", "P0100021", "--json", "--format", "none")
    changes = {one["what"]: one for one in scan(program, served, *options).report["comparison"]["changes"]}
    assert (changes["overlay"]["before"], changes["overlay"]["after"]) == (
        None,
        "unused until 2999-12-31, approved by B",
    )
    assert (changes["collection"]["id"], changes["collection"]["after"]) == ("P0100022", None)
    assert changes["configuration"]["id"] == "scope.collections"


def test_a_report_of_another_estate_is_not_compared(program: Program, approved: tuple[Estate, Path]) -> None:
    served, report = approved
    document = json.loads(report.read_text(encoding="utf-8"))
    document["run"]["tenant"] = "Fabrikam (fabrikam.example)"
    report.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    ran = scan(program, served, "--against", str(report), "--format", "none")
    assert ran.code == 0
    assert "cannot be compared: the tenant was Fabrikam (fabrikam.example), and is" in " ".join(ran.out.split())
    assert NOTHING not in ran.out


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda report: report.write_bytes(report.read_bytes().replace(b'"ready"', b'"raedy"', 1)), "digest"),
        (lambda report: report.write_text("{}", encoding="utf-8"), "digest"),
        (lambda report: report.unlink(), "cannot be read"),
    ],
    ids=["changed", "foreign", "gone"],
)
def test_an_earlier_report_that_is_none_is_refused_before_anything_is_read(
    make: Callable[[Path], object], words: str, program: Program, approved: tuple[Estate, Path]
) -> None:
    served, report = approved
    make(report)
    asked = len(served.lab.requests)
    ran = scan(program, served, "--against", str(report), "--format", "none")
    assert ran.code == 2
    assert report.name in ran.err
    assert words in ran.err
    assert len(served.lab.requests) == asked


def test_a_page_for_people_and_evidence_are_told_apart(
    program: Program, approved: tuple[Estate, Path], tmp_path: Path
) -> None:
    served, report = approved
    evidence = tmp_path / "evidence.json"
    program("collect", "--config", str(served.config), "-o", str(evidence), variables=served.secrets)
    page = report.with_suffix(".html")
    page.write_text("<html></html>", encoding="utf-8")
    assert "name the JSON file" in scan(program, served, "--against", str(page)).err
    ran = scan(program, served, "--against", str(evidence))
    assert (ran.code, "it is evidence" in ran.err) == (2, True)


def test_the_earlier_report_may_be_named_by_the_id_of_its_run(program: Program, approved: tuple[Estate, Path]) -> None:
    served, report = approved
    run = json.loads(report.read_text(encoding="utf-8"))["run"]["id"]
    options = ("--output", str(report.parent), "--quiet", "--format", "none")
    assert NOTHING in scan(program, served, "--against", run, *options).out
    ran = scan(program, served, "--against", "20200101T000000Z-00000000", *options)
    assert (ran.code, "neither a file nor the id of a run" in ran.err) == (2, True)
