"""`readiness scan` against a simulated estate over real sockets: decisions, exit codes, files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from readiness.documents import digest
from readiness.schemas import shipped
from reports.seal import parse
from tests.conftest import Estate, Program, Ran
from tests.kept import said_in

Serve = Callable[..., Estate]


def scan(program: Program, estate: Estate, *options: str) -> Ran:
    return program("scan", "--config", str(estate.config), *options, variables=estate.secrets)


def test_json_is_pure_and_valid_by_the_shipped_schema(program: Program, estate: Serve) -> None:
    """Standard output holds one JSON document and nothing else; its digest is that of its canonical form."""
    ran = scan(program, estate("hotfix-missing"), "--json")
    jsonschema.Draft202012Validator(shipped("report-v1")).validate(ran.report)
    assert ran.report["digest"]["value"] == digest(ran.report)


def test_three_files_are_written_that_carry_one_digest(program: Program, estate: Serve, tmp_path: Path) -> None:
    """HTML, Markdown and JSON are in ./readiness-reports/, named by tenant and time, and speak of one report."""
    ran = scan(program, estate("ready"))
    files = sorted((tmp_path / "readiness-reports").iterdir())
    assert [file.suffix for file in files] == [".html", ".json", ".md"]
    assert len({file.stem for file in files}) == 1
    assert files[0].name.startswith("readiness-contoso.onmicrosoft.com-20")
    assert [f"wrote {Path('readiness-reports') / file.name}" in ran.out for file in files] == [True] * 3
    stated = json.loads(files[1].read_text(encoding="utf-8"))["digest"]["value"]
    for file in (files[0], files[2]):
        sealed = parse(file.read_text(encoding="utf-8"))
        assert sealed is not None
        assert sealed.intact
        assert sealed.report_digest == stated


def test_a_lab_that_is_scanned_without_demo_is_demo_data_all_the_same(program: Program, estate: Serve) -> None:
    """What the simulated estate says never looks like an estate's own truth."""
    ran = scan(program, estate("ready"), "--json", "--format", "none")
    assert ran.report["run"]["demo"] is True
    assert "DEMO DATA" in scan(program, estate("ready"), "--format", "none").out


def test_quiet_prints_the_decision_and_nothing_else(program: Program, estate: Serve) -> None:
    ran = scan(program, estate("hotfix-missing"), "--quiet", "--format", "none")
    assert ran.out == "DEMO DATA: Not ready: 2 blockers failed.\n"
    assert ran.err == "exit 3: 2 blockers failed\n"


def test_collect_then_assess_gives_the_checks_of_a_scan(program: Program, estate: Serve) -> None:
    """A scan is one and then the other."""
    served = estate("hotfix-missing")
    collected = program("collect", "--config", str(served.config), "-o", "e.json", variables=served.secrets)
    assert collected.code == 0
    jsonschema.Draft202012Validator(shipped("evidence-v1")).validate(json.loads(Path("e.json").read_text("utf-8")))
    assessed = program("assess", "e.json", "--config", str(served.config), "--json", "--format", "none")
    scanned = scan(program, served, "--json", "--format", "none")
    assert assessed.report["checks"] == scanned.report["checks"]
    assert assessed.report["collections"] == scanned.report["collections"]
    assert assessed.code == scanned.code == 3


def test_the_saved_evidence_of_a_scan_gives_the_same_checks(program: Program, estate: Serve) -> None:
    served = estate("ready")
    scanned = scan(program, served, "--json", "--format", "none", "--save-evidence", "kept.json")
    assessed = program("assess", "kept.json", "--config", str(served.config), "--json", "--format", "none")
    assert assessed.report["checks"] == scanned.report["checks"]


def test_assess_gives_the_same_bytes_in_every_format(program: Program, estate: Serve, tmp_path: Path) -> None:
    """Same evidence, configuration, rules and --now: the same files, to the byte, and the same names."""
    served = estate("rights-limited")
    scan(program, served, "--format", "none", "--save-evidence", "kept.json")
    for folder in ("one", "two"):
        options = ("--now", "2100-01-01T00:00:00Z", "--output", folder, "--config", str(served.config))
        assert program("assess", "kept.json", *options).code == 5
    first, second = sorted((tmp_path / "one").iterdir()), sorted((tmp_path / "two").iterdir())
    assert [file.name for file in first] == [file.name for file in second]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_halves_that_two_people_collected_are_judged_together(program: Program, estate: Serve) -> None:
    """Each collects what they may; one half alone is never ready; together they are."""
    served = estate("ready")
    for only in ("site", "graph"):
        options = ("--only", only, "-o", f"{only}.json", "--config", str(served.config))
        assert program("collect", *options, variables=served.secrets).code == 0
    alone = program("assess", "site.json", "--config", str(served.config), "--json", "--format", "none")
    assert alone.code == 5
    assert alone.report["decision"]["halves"] == {"site": "undetermined", "tenant": "not-configured"}
    assert alone.check("tenant-matches")["reason"] == "not-configured"
    assert alone.check("defender-connected")["reason"] == "not-configured"
    both = program("assess", "site.json", "graph.json", "--config", str(served.config), "--json", "--format", "none")
    assert both.code == 0
    assert both.report["decision"]["halves"] == {"site": "ready", "tenant": "ready"}


def test_hostile_names_stay_text_in_every_format(program: Program, estate: Serve, tmp_path: Path) -> None:
    """Names are other people's text: nothing of them is markup, anywhere."""
    served = estate(
        toml="""
base = "ready"
[[graph.v1.organization]]
id = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
displayName = "<img src=x onerror=alert(1)> | `code` \\u202e # @all"
verifiedDomains = [{ name = "contoso.onmicrosoft.com", isDefault = true }]
"""
    )
    ran = scan(program, served)
    files = {file.suffix: file.read_text(encoding="utf-8") for file in (tmp_path / "readiness-reports").iterdir()}
    assert "<img" not in files[".html"]
    assert "&lt;img" in files[".html"]
    assert "\u202e" not in ran.out + files[".html"] + files[".md"]
    assert not re.search(r"(?<!\\)<img", files[".md"])


def test_a_target_that_is_proven_missing_makes_it_not_ready(program: Program, estate: Serve) -> None:
    """The account of this estate sees every collection."""
    ran = scan(program, estate("ready"), "--collection", "No such", "--json", "--format", "none")
    assert ran.code == 3
    (target,) = ran.report["collections"]
    assert (target["id"], target["name"], target["state"]) == (None, "No such", "not-ready")
    assert "collections-exist: there is no such collection; the account sees every one" in target["reasons"]
    assert ran.check("collections-exist")["outcome"] == "fail"


def test_a_target_that_may_be_hidden_leaves_it_undetermined(program: Program, estate: Serve) -> None:
    ran = scan(program, estate("rights-limited"), "--collection", "No such", "--json", "--format", "none")
    assert ran.code == 5
    assert ran.report["collections"][0]["state"] == "undetermined"
    assert ran.check("collections-exist")["reason"] == "not-visible"


def test_a_selection_is_never_ready(program: Program, estate: Serve) -> None:
    ran = scan(program, estate("ready"), "--check", "site-version-min*", "--json", "--format", "none")
    assert (ran.code, ran.report["decision"]["state"]) == (0, "selection-passed")
    assert "defender-connected" in ran.report["decision"]["deselected"]
    assert [check["id"] for check in ran.report["checks"]] == [
        "site-reachable",
        "site-is-top-level",
        "site-version-minimum",
    ]


def test_nothing_secret_is_in_anything_that_leaves(program: Program, estate: Serve, tmp_path: Path) -> None:
    """Secrets and tokens are in no output, no report, no evidence, no log, whatever is asked for."""
    served = estate("ready")
    ran = scan(program, served, "--debug", "--log-file", "scan.log", "--save-evidence", "kept.json")
    places = (tmp_path, Path(os.environ["XDG_DATA_HOME"]))
    every = [file for place in places for file in place.rglob("*") if file.is_file()]
    left = [file for file in every if served.folder not in file.parents]
    texts = [ran.out, ran.err, *(said_in(file).decode("utf-8", "replace") for file in left)]
    assert len(left) >= 6
    assert "history.sqlite3" in {file.name for file in left}
    for secret in (*served.secrets.values(), "Bearer ", "eyJ"):
        assert not [text for text in texts if secret in text]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "contoso.onmicrosoft.com"', 'id = "fabrikam.com"', "fabrikam.com"),
        ('server = "localhost"', 'server = "localhost"\nsite_code = "X99"', "X99"),
    ],
)
def test_evidence_of_another_estate_than_the_configuration_is_refused(
    program: Program, estate: Serve, old: str, new: str, words: str
) -> None:
    """Nobody's waivers and targets are laid over somebody else's estate."""
    served = estate("ready")
    scan(program, served, "--format", "none", "--save-evidence", "kept.json")
    served.rewrite(old, new)
    ran = program("assess", "kept.json", "--config", str(served.config))
    assert ran.code == 2
    assert words in ran.err
