"""`readiness plan`: which report, for whom, in which form; and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from reports.plan_csv import HEADS
from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]
FOLDER = Path("readiness-reports")


@pytest.fixture
def report(program: Program, estate: Serve, tmp_path: Path) -> Path:
    """The JSON report on an estate that is not attached, in the folder of the reports."""
    served = estate("not-attached")
    arguments = ("--config", str(served.config), "--quiet", "--output", str(tmp_path / FOLDER))
    program("scan", *arguments, variables=served.secrets)
    (found,) = (tmp_path / FOLDER).glob("*.json")
    return found


def rewritten(path: Path, to: Path, **changes: Any) -> Path:
    """The report with these keys changed, and a digest that fits."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document.update(changes)
    to.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    return to


def rows(ran: Ran) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_the_newest_report_of_the_folder_is_taken(program: Program, report: Path) -> None:
    newer = report.with_name("readiness-contoso-20991231T235959Z.json")
    rewritten(report, newer, plan=[])
    (report.parent / "readiness-other-notatime.json").write_text("{}", encoding="utf-8")
    ran = program("plan")
    assert ran.code == 0
    assert "Nothing to do." in ran.out


@pytest.mark.parametrize("how", ["file", "run id", "newest"])
def test_a_report_is_named_by_its_file_or_run_id_or_not_at_all(program: Program, report: Path, how: str) -> None:
    run = json.loads(report.read_text(encoding="utf-8"))["run"]["id"]
    ran = program("plan", *{"file": [str(report)], "run id": [run], "newest": []}[how])
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert run in lines[1] + lines[2] or run in lines[0]
    call = "In the call: Configuration Manager administrator (Full Administrator, scope All), Entra"
    assert call in " ".join(line.strip() for line in lines)
    assert "Only if needed" in lines
    assert "Who does what" in lines


def test_the_folder_is_that_of_the_configuration_or_the_option(program: Program, report: Path, tmp_path: Path) -> None:
    shutil.move(report.parent, tmp_path / "elsewhere")
    assert program("plan").code == 2
    assert program("plan", "--output", "elsewhere").code == 0
    (tmp_path / "readiness.toml").write_text('[scan]\noutput = "elsewhere"\n', encoding="utf-8")
    assert program("plan").code == 0


def test_json_is_pure_and_whole(program: Program, report: Path) -> None:
    ran = program("plan", str(report), "--json")
    whole = json.loads(report.read_text(encoding="utf-8"))
    assert ran.report["plan"] == whole["plan"]
    assert ran.report["plan_summary"] == whole["plan_summary"]


def test_csv_has_a_row_for_each_step(program: Program, report: Path) -> None:
    ran = program("plan", str(report), "--csv")
    plan = json.loads(report.read_text(encoding="utf-8"))["plan"]
    assert [row["id"] for row in rows(ran)] == [step["id"] for step in plan]
    assert ran.out.splitlines()[0] == ",".join(HEADS)
    assert next(row for row in rows(ran) if row["id"] == "tick-upload")["instead_of"] == "1"


@pytest.mark.parametrize("name", ["entra", "Entra administrator", " ENTRA "])
def test_one_person_sees_the_own_steps_and_where_to_be_with_their_numbers(
    program: Program, report: Path, name: str
) -> None:
    ran = program("plan", str(report), "--csv", "--owner", name)
    found = rows(ran)
    assert {"attach", "renew-secret"} <= {row["id"] for row in found}
    assert all("Entra administrator" in (row["owner"], row["with"]) for row in found)
    plan = json.loads(report.read_text(encoding="utf-8"))["plan"]
    assert all(plan[int(row["step"]) - 1]["id"] == row["id"] for row in found)
    shown = program("plan", str(report), "--owner", name)
    assert "In the call" not in shown.out
    assert "  1.  " in shown.out


def test_names_of_other_people_stay_text(program: Program, report: Path, tmp_path: Path) -> None:
    """No formula in a spreadsheet, nothing that moves the cursor of a terminal."""
    document = json.loads(report.read_text(encoding="utf-8"))
    nasty = ["=cmd|' /C calc'!A1", "\u202egnp.exe", "\x1b[31mred\nline", "@SUM(A1)", "\t=1", "\uff1d1"]
    for step, text in zip(document["plan"], nasty, strict=False):
        step.update(targets=[text], step=text, where=text)
    file = rewritten(report, tmp_path / "nasty.json", plan=document["plan"])
    ran = program("plan", str(file), "--csv")
    cells = [row["what"] for row in rows(ran)][: len(nasty)]
    assert cells == [
        "'=cmd|' /C calc'!A1",
        "\\u202egnp.exe",
        "\\x1b[31mred\\nline",
        "'@SUM(A1)",
        "\\t=1",
        "'\uff1d1",
    ]
    shown = program("plan", str(file), "--no-color")
    assert not set("\x1b\u202e") & set(shown.out)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other.md", "name the JSON file of the same run"),
        ("other.html", "name the JSON file of the same run"),
        ("missing.json", "cannot be read"),
        ("changed.json", "changed after it was written"),
        ("newer.json", "newer version of readiness than this one"),
        ("evidence.json", "evidence, not a report"),
        ("foreign.json", "not a report of this tool"),
        ("broken.json", "not a report that this version can read"),
        ("list.json", "no object"),
        ("20261123T080000Z-00000000", "has the run id"),
    ],
)
def test_what_is_no_report_is_refused_by_name(program: Program, report: Path, name: str, words: str) -> None:
    folder = Path()
    text = report.read_text(encoding="utf-8")
    (folder / "other.md").write_text("# x", encoding="utf-8")
    (folder / "changed.json").write_text(text.replace("attach", "detach"), encoding="utf-8")
    rewritten(report, folder / "newer.json", schema="readiness/report/v2")
    rewritten(report, folder / "evidence.json", schema="readiness/evidence/v1")
    rewritten(report, folder / "foreign.json", schema=["x"])
    rewritten(report, folder / "broken.json", plan=[{"step": 7}])
    (folder / "list.json").write_text("[]", encoding="utf-8")
    ran = program("plan", name)
    assert ran.code == 2
    assert words in ran.err
    assert ran.out == ""


def test_an_empty_folder_says_what_to_do(program: Program) -> None:
    FOLDER.mkdir()
    ran = program("plan")
    assert (ran.code, "scan first" in ran.err) == (2, True)


@pytest.mark.parametrize("name", ["administrator", "nobody", ""])
def test_a_person_that_the_plan_does_not_know_is_refused(program: Program, report: Path, name: str) -> None:
    ran = program("plan", str(report), "--owner", name)
    assert (ran.code, "name one of: Configuration Manager administrator" in ran.err) == (2, True)


def test_only_one_form_at_a_time(program: Program) -> None:
    assert program("plan", "--csv", "--json").code == 2


def test_a_report_of_before_has_a_plan_without_what_it_did_not_know(
    program: Program, report: Path, tmp_path: Path
) -> None:
    """The keys of the first version of the contract are enough."""
    document = json.loads(report.read_text(encoding="utf-8"))
    keys = ("step", "owner", "role", "unblocks", "where", "command", "wait", "verify", "rollback", "change_window")
    document["plan"] = [{key: step[key] for key in keys} for step in document["plan"]]
    del document["plan_summary"]
    file = tmp_path / "old.json"
    file.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    ran = program("plan", str(file))
    assert ran.code == 0
    assert "  1.  " in ran.out
