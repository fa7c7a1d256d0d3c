"""--knowledge through the whole program, the age of the rules, and what reports and explain say of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Program, Ran

OURS = """as_of = 2026-11-20

[sources]
LAB = "our own lab (2026-11-19)"

[[defect]]
name = "ours-2603"
kind = "attach"
first_build = 9146
last_build = 9146
words = "the upload stops here, says <our> lab"
source = "LAB"
date = 2026-11-19
confidence = "seen once"
"""
Judge = Callable[..., Ran]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence of the simulated estate, read once."""
    from readiness.cli import run

    file = tmp_path_factory.mktemp("read") / "evidence.json"
    assert run(["scan", "--demo", "ready", "--format", "none", "--quiet", "--save-evidence", str(file)]) == 0
    return file


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "defects.toml").write_text(OURS, encoding="utf-8")
    return folder


@pytest.fixture
def judge(program: Program, evidence: Path) -> Judge:
    def call(*options: str) -> Ran:
        return program("assess", str(evidence), "--json", "--format", "none", "--collection", "P0100021", *options)

    return call


def test_a_row_from_outside_judges_and_the_report_says_where_it_came_from(judge: Judge, ours: Path) -> None:
    without, ran = judge(), judge("--knowledge", str(ours))
    assert without.check("site-known-defects")["outcome"] == "pass"
    assert without.report["run"]["rules"]["outside"] == []
    check = ran.check("site-known-defects")
    assert check["outcome"] == "fail"
    assert "the upload stops here, says <our> lab" in check["summary"]
    (row,) = (row for row in check["rules"] if row["table"] == "defects")
    assert (row["key"], row["file"], row["source"], row["confidence"]) == (
        "ours-2603",
        "ours/defects.toml",
        "LAB",
        "seen once",
    )
    assert ran.report["run"]["rules"]["outside"] == [
        {
            "table": "defects",
            "key": "ours-2603",
            "file": "ours/defects.toml",
            "replaces": False,
            "source": "LAB",
            "date": "2026-11-19",
        }
    ]


def test_rows_from_outside_make_another_version_of_the_rules(judge: Judge, ours: Path) -> None:
    runs = [judge().report["run"], judge("--knowledge", str(ours)).report["run"]]
    assert runs[1]["rules_version"].startswith(f"{runs[0]['rules_version']}+")
    assert runs[0]["rules"]["digest"] != runs[1]["rules"]["digest"]
    assert runs[0]["id"] != runs[1]["id"]


def test_the_same_rules_and_clock_give_the_same_bytes_whatever_judged_in_between(judge: Judge, ours: Path) -> None:
    now = ("--now", "2027-01-01T00:00:00Z")
    first = judge(*now)
    assert judge(*now, "--knowledge", str(ours)).out != first.out
    assert judge(*now).out == first.out
    assert judge(*now, "--knowledge", str(ours)).out == judge(*now, "--knowledge", str(ours)).out


def test_the_configuration_may_name_the_folder_too(judge: Judge, ours: Path, tmp_path: Path) -> None:
    file = tmp_path / "readiness.toml"
    file.write_text(f'[scan]\nknowledge = "{ours.name}"\n', encoding="utf-8")
    assert judge("--config", str(file)).check("site-known-defects")["outcome"] == "fail"


def test_every_format_names_the_row_and_the_file(program: Program, evidence: Path, ours: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = program("assess", str(evidence), "--knowledge", str(ours), "--output", str(out), "--no-color")
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in out.iterdir()}
    assert texts.keys() == {".html", ".md", ".json"}
    shown = " ".join(ran.out.split())
    assert "defects:ours-2603 from ours/defects.toml, added (source LAB, 2026-11-19)" in shown
    assert "defects:ours-2603 from ours/defects.toml, added (source LAB, 2026-11-19)" in texts[".html"]
    assert "defects:ours-2603 from `ours/defects.toml`, added (source LAB, 2026-11-19)" in texts[".md"]
    assert "<our>" not in texts[".html"]
    assert "&lt;our&gt; lab" in texts[".html"]


@pytest.mark.parametrize(
    ("now", "old", "warned"),
    [
        ("2026-05-01T00:00:00Z", 0, False),
        ("2026-11-24T00:00:00Z", 1, False),
        ("2027-05-23T23:59:59Z", 181, False),
        ("2027-05-24T00:00:00Z", 182, True),
        ("2036-11-23T00:00:00Z", 3653, True),
    ],
)
def test_rules_are_warned_about_when_they_are_older_than_six_months(
    judge: Judge, now: str, old: int, warned: bool
) -> None:
    run = judge("--now", now).report["run"]
    assert run["rules_date"] == "2026-11-23"
    assert run["rules"]["age_days"] == old
    assert (run["rules"]["warning"] is not None) is warned


def test_the_warning_is_in_every_format(program: Program, evidence: Path, tmp_path: Path) -> None:
    out, words = tmp_path / "out", "The rules that judged are of 2026-11-23, more than 6 months old"
    ran = program("assess", str(evidence), "--now", "2027-06-01T00:00:00Z", "--output", str(out), "--no-color")
    assert words in " ".join(ran.out.split())
    for path in out.iterdir():
        assert words in path.read_text(encoding="utf-8").replace("\\-", "-")


def test_the_state_of_the_article_and_of_today_stand_side_by_side(judge: Judge, ours: Path) -> None:
    """The row from outside is of a check that the article does not ask for."""
    assert judge("--knowledge", str(ours)).report["decision"]["origins"] == {"article": "ready", "today": "not-ready"}
    check = judge().check("site-version-minimum")
    assert check["origin"] == "article"
    assert check["requirement"]["article"] == "Your site must run Configuration Manager 2002 or later."
    assert "supported version" in check["requirement"]["today"]
    assert judge().check("site-version-supported")["origin"] == "today"


def test_pages_that_disagree_are_named_with_their_dates(judge: Judge) -> None:
    (found,) = judge().check("cloud-supported")["contradictions"]
    assert found["name"] == "government-cloud"
    assert [(page["title"], page["dated"]) for page in found["page"]] == [
        ("Prerequisites for tenant attach", "2022-07-11"),
        ("Tenant attach in Intune", "2024-10-10"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--demo", "ready", "--format", "none"),
        ("assess", "EVIDENCE", "--format", "none"),
        ("explain", "site-known-defects"),
        ("checks",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_wrong_rule_data_ends_every_command_with_file_and_line(
    program: Program, evidence: Path, ours: Path, arguments: tuple[str, ...]
) -> None:
    (ours / "defects.toml").write_text(OURS.replace("words =", "wrods ="), encoding="utf-8")
    given = [str(evidence) if one == "EVIDENCE" else one for one in arguments]
    ran = program(*given, "--knowledge", str(ours))
    assert ran.code == 2
    assert f"{ours}/defects.toml, line 11: [[defect]] wrods: unknown key; did you mean words?" in ran.err
    assert ran.out == ""


def test_explain_shows_the_rows_that_can_decide(program: Program, ours: Path) -> None:
    told = json.loads(program("explain", "site-known-defects", "--json", "--knowledge", str(ours)).out)
    tables = {table["table"]: table for table in told["rules"]}
    assert tables["defects"]["as_of"] == "2026-11-20"
    rows = {row["key"]: row for row in tables["defects"]["rows"]}
    assert (rows["ours-2603"]["file"], rows["ours-2603"]["date"]) == ("ours/defects.toml", "2026-11-19")
    assert rows["policy-not-applied-2503"]["values"]["first_build"] == 9135
    assert "roles" in tables
    assert "waits" in tables
    shown = program("explain", "site-known-defects", "--knowledge", str(ours)).out
    assert "ours-2603: kind attach; first build 9146" in " ".join(shown.split())


def test_explain_shows_what_the_console_calls_the_places_of_the_steps(program: Program) -> None:
    told = json.loads(program("explain", "collections-enabled", "--json").out)
    (places,) = (table["rows"] for table in told["rules"] if table["table"] == "console")
    assert [place["key"] for place in places] == ["CLOUD_SYNC"]
    assert places[0]["values"]["era"][0]["build"] == 8968


def test_explain_sets_the_article_beside_today_and_names_pages_that_disagree(program: Program) -> None:
    shown = " ".join(program("explain", "cloud-supported").out.split())
    assert "article (2020-05-22): On the Tenant onboarding page, select AzurePublicCloud" in shown
    assert (
        "Prerequisites for tenant attach (memdocs intune/configmgr/tenant-attach/prerequisites.md, 2022-07-11)" in shown
    )
