"""`readiness explain CHECK --run RUN`: why it came out so, reading by reading, from the report of that run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from readiness.cli import run as run_program
from readiness.composition import all_checks
from readiness.lab import Lab, load_scenario
from tests.conftest import Program, Ran

PUBLISHED = Path(__file__).parents[1] / "data" / "published"
Change = Callable[[dict[str, Any]], object]


def scanned(name: str, folder: Path, *options: str, configured: str = "") -> Path:
    """The JSON report on a simulated estate."""
    with Lab(load_scenario(name)) as lab, pytest.MonkeyPatch.context() as patch:
        lab.write(folder)
        for line in (folder / "lab.env").read_text(encoding="utf-8").splitlines():
            if "=" in line and not line.startswith("#"):
                patch.setenv(*line.split("=", 1))
        config = folder / "readiness.toml"
        config.write_text(config.read_text(encoding="utf-8") + configured, encoding="utf-8")
        arguments = ("--config", str(config), "--format", "json", "--output", str(folder), "--quiet")
        run_program(["scan", *arguments, *options])
    return next(folder.glob("readiness-*.json"))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A failed collection under an attestation and a waiver; an estate where much is blocked; a selection."""
    over = (
        '\n[[waiver]]\ncheck = "collections-enabled"\nrequested_by = "A"\napproved_by = "Bea"\nreason = "later"\n'
        'ticket = "CHG1"\nexpires = 2999-12-31\n[[attestation]]\ncheck = "attach-sync-working"\n'
        'statement = "It says Healthy"\nby = "Cy"\non = 2026-01-02\nexpires = 2999-12-31\n'
    )
    return {
        "waived": scanned("almost-ready", tmp_path_factory.mktemp("waived"), configured=over),
        "blocked": scanned("not-attached", tmp_path_factory.mktemp("blocked")),
        "selected": scanned("almost-ready", tmp_path_factory.mktemp("selected"), "--check", "site-version-minimum"),
    }


def told(program: Program, check: str, report: Path) -> dict[str, Any]:
    ran = program("explain", check, "--run", str(report), "--json")
    assert ran.code == 0, ran.err
    return ran.report


def rewritten(report: Path, to: Path, change: Change) -> Path:
    document = json.loads(report.read_text(encoding="utf-8"))
    change(document)
    to.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    return to


def check_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["checks"] if one["id"] == name)
    return found


def words(ran: Ran) -> str:
    return " ".join(ran.out.split())


@pytest.mark.parametrize("which", ["waived", "selected"])
def test_every_check_of_a_run_is_accounted_for_as_its_report_has_it(
    which: str, program: Program, reports: dict[str, Path]
) -> None:
    document = json.loads(reports[which].read_text(encoding="utf-8"))
    read = {one["fact"]: one for one in document["readings"]}
    for check in document["checks"]:
        account = told(program, check["id"], reports[which])
        for key in ("outcome", "reason", "summary", "level", "expected", "observed", "basis"):
            assert account[key] == check[key]
        assert [one["fact"] for one in account["readings"]] == check["evidence"]
        assert all(one["reading"] == read.get(one["fact"]) for one in account["readings"])
        assert [row["key"] for row in account["rules"]] == [row["key"] for row in check["rules"]]
        assert [one["id"] for one in account["blocked_by"]] == check["blocked_by"]
        assert len(account["subjects"]) == len(check["subjects"])
        numbered = {step["number"]: step["id"] for step in account["to_pass"]["steps"]}
        assert all(document["plan"][number - 1]["id"] == id_ for number, id_ in numbered.items())


def test_a_reading_is_told_with_all_that_proves_it(program: Program, reports: dict[str, Path]) -> None:
    shown = words(program("explain", "site-version-minimum", "--run", str(reports["waived"])))
    reading = next(
        one
        for one in told(program, "site-version-minimum", reports["waived"])["readings"]
        if one["fact"] == "Hierarchy"
    )
    assert 0 <= reading["age_seconds"] < 60
    for part in ("Hierarchy: 1 row", "source: SMS_Site", "svc-readiness", "sees: Read-only Analyst on All"):
        assert part in shown
    assert f"request: {reading['reading']['request_id']}" in shown
    assert "old when it was judged" in shown
    assert "agree to the second" in shown
    assert "Get-CimInstance -Query" in shown
    assert "CMUpdate.log on the site server" in shown


def test_a_waiver_and_an_attestation_say_what_they_did_to_the_decision(
    program: Program, reports: dict[str, Path]
) -> None:
    waived = told(program, "collections-enabled", reports["waived"])
    assert waived["outcome"] == "fail"
    assert (
        waived["effect"]
        == "it does not stand in the way, because of the waiver; without that, it makes the estate not "
        "ready"
    )
    assert waived["subjects"][0]["outcome"] == "fail"
    shown = words(program("explain", "collections-enabled", "--run", str(reports["waived"])))
    assert "waiver: applied, until 2999-12-31; requested by A, approved by Bea, CHG1: later" in shown
    attested = told(program, "attach-sync-working", reports["waived"])
    assert attested["effect"].endswith("the attestation over it does not change that")
    assert attested["level_why"].startswith("lowered from blocker by what came out")


def test_what_is_blocked_names_its_root_causes_and_their_steps(program: Program, reports: dict[str, Path]) -> None:
    account = told(program, "collections-enabled", reports["blocked"])
    assert (account["outcome"], account["effect"]) == ("blocked", "it makes the estate not ready")
    assert [(one["id"], one["outcome"]) for one in account["blocked_by"]] == [("tenant-attached", "fail")]
    assert account["to_pass"]["words"] == "first tenant-attached must pass: then it is judged itself"
    assert "attach" in [step["id"] for step in account["to_pass"]["steps"]]
    shown = words(program("explain", "collections-enabled", "--run", str(reports["blocked"])))
    assert "tenant-attached: fail, blocker:" in shown
    assert "this is a root cause" in shown


def test_rows_are_those_of_then_and_where_today_differs_it_is_said(
    program: Program, reports: dict[str, Path], tmp_path: Path
) -> None:
    same = told(program, "site-version-minimum", reports["waived"])
    assert same["rules_today"] is None
    assert {row["today"] for row in same["rules"]} == {"the same"}

    def older(document: dict[str, Any]) -> None:
        document["run"].update(rules_version="2026.01.01", rules_date="2026-01-01")
        document["run"]["rules"]["digest"] = "0" * 64
        check_of(document, "site-version-minimum")["rules"][0]["values"]["end_of_support"] = "2026-02-02"

    report = rewritten(reports["waived"], tmp_path / "older.json", older)
    then = told(program, "site-version-minimum", report)
    assert then["rules"][0]["values"]["end_of_support"] == "2026-02-02"
    assert (then["rules"][0]["today"], then["rules"][0]["today_row"]["values"]["end_of_support"]) == (
        "another",
        same["rules"][0]["values"]["end_of_support"],
    )
    assert "then 2026.01.01 of 2026-01-01" in then["rules_today"]
    assert "end of support 2026-02-02" in words(program("explain", "site-version-minimum", "--run", str(report)))


@pytest.mark.parametrize("named", ["id", "beginning", "latest"])
def test_a_run_is_named_by_its_id_or_the_newest_is_taken(
    named: str, program: Program, reports: dict[str, Path]
) -> None:
    run = json.loads(reports["blocked"].read_text(encoding="utf-8"))["run"]["id"]
    given = {"id": run, "beginning": run[:15], "latest": "latest"}[named]
    ran = program("explain", "tenant-attached", "--run", given, "--output", str(reports["blocked"].parent))
    assert (ran.code, f"Run {run} of" in ran.out) == (0, True)


@pytest.mark.parametrize(
    ("which", "check", "said"),
    [
        ("selected", "collections-enabled", "it was left out of its selection (--check, --skip, --tag)"),
        ("waived", "site-version-minimun", "did you mean 'site-version-minimum'?"),
        ("waived", "x\x1b[2J", "is no check of run"),
    ],
)
def test_a_check_that_was_not_judged_is_exit_2_with_the_reason_or_the_nearest(
    which: str, check: str, said: str, program: Program, reports: dict[str, Path]
) -> None:
    ran = program("explain", check, "--run", str(reports[which]))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "\x1b" not in ran.err


def test_a_check_that_came_later_is_told_from_one_that_was_left_out(program: Program) -> None:
    ran = program("explain", "collections-enabled", "--run", str(PUBLISHED / "first" / "ready.report.json"))
    assert (ran.code, "did not have this check" in ran.err) == (2, True)


@pytest.mark.parametrize("report", sorted(PUBLISHED.glob("*/*.report.json")), ids=lambda path: path.parent.name)
def test_reports_of_before_are_explained_without_what_they_did_not_know(report: Path, program: Program) -> None:
    for check in json.loads(report.read_text(encoding="utf-8"))["checks"][::4]:
        ran = program("explain", check["id"], "--run", str(report))
        assert ran.code == 0
        assert check["title"].split()[0] in ran.out


def test_a_check_that_this_version_does_not_know_is_explained_from_the_report_alone(
    program: Program, reports: dict[str, Path], tmp_path: Path
) -> None:
    report = rewritten(
        reports["waived"], tmp_path / "r.json", lambda document: document["checks"][0].update(id="of-a-plugin")
    )
    assert "of-a-plugin" not in [check.id for check in all_checks()]
    account = told(program, "of-a-plugin", report)
    assert account["depends_on"] == []
    assert account["readings"][0]["reading"]["source"]


def test_texts_of_a_report_cannot_steer_the_terminal_and_long_ones_are_cut(
    program: Program, reports: dict[str, Path], tmp_path: Path
) -> None:
    nasty = "\x1b[2J\u202egnp\nfake: pass" + "x" * 5000

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: inner if name == "halves" else spoil(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [spoil(inner, key) for inner in value]
        free = ("summary", "observed", "expected", "name", "title", "error", "query", "identity", "scope", "source",
                "request_id", "tenant", "site", "sentence", "step", "where", "verify", "statement", "text",
                "rules_version", "tool_version", "table")  # fmt: skip
        return nasty if isinstance(value, str) and key in free else value

    def all_of_it(document: dict[str, Any]) -> None:
        document.update(spoil(document))
        row = {**check_of(document, "site-version-minimum")["rules"][0], "key": nasty, "values": {nasty: nasty}}
        check_of(document, "collections-enabled")["rules"] = [row]

    report = rewritten(reports["waived"], tmp_path / "nasty.json", all_of_it)
    ran = program("explain", "collections-enabled", "--run", str(report))
    assert ran.code == 0
    assert all(line.isprintable() for line in ran.out.split("\n"))
    assert "more characters)" in ran.out
    assert not [line for line in ran.out.splitlines() if line.startswith("fake: pass")]


def test_many_subjects_are_cut_with_the_worst_first(program: Program, reports: dict[str, Path], tmp_path: Path) -> None:
    def many(document: dict[str, Any]) -> None:
        check = check_of(document, "collections-enabled")
        fine = next(one for one in check["subjects"] if one["outcome"] == "pass")
        check["subjects"] = [{**fine, "id": f"P01{n:05}"} for n in range(50)] + check["subjects"]

    report = rewritten(reports["waived"], tmp_path / "many.json", many)
    assert told(program, "collections-enabled", report)["subjects"][0]["outcome"] == "fail"
    shown = words(program("explain", "collections-enabled", "--run", str(report)))
    assert shown.index("collection Pilot") < shown.index("collection All Windows")
    assert "32 more: --json shows all" in shown


def test_a_page_for_people_and_evidence_are_refused_by_name(program: Program) -> None:
    evidence = PUBLISHED / "first" / "ready.evidence.json"
    assert "it is evidence" in program("explain", "tenant-matches", "--run", str(evidence)).err
    assert "name the JSON file" in program("explain", "tenant-matches", "--run", "report.html").err
