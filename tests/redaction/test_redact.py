"""`--redact` and `readiness redact`, as they are called."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness import evidence as bodies
from readiness.evidence.parts import value_of
from readiness.model.facts import SiteProvider
from reports import seal
from tests.conftest import Estate, Program, Ran
from tests.redaction.conftest import case

NAMES = ("contoso", "all windows", "pilot", "p0100021", "8d3c0f52", "ada admin", "svc-readiness", "cm01", "3f1b7c52")
TARGETS = ("All Windows Servers - EDR", "Pilot - Workstations EDR")
CONFIG = """
[tenant]
id = "contoso.onmicrosoft.com"
client_id = "3f1b7c52-9d40-4e86-a1f7-5c2e8b6d9a04"
[site]
server = "localhost"
[scope]
collections = ["P0100021", "Pilot*"]
administrators = ["admin@contoso.com"]
[change]
ticket = "CHG0031337"
approver = "Ada Admin"
"""
Tell = Callable[..., Ran]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    bodies.save(case("almost-ready").evidence, tmp_path / "evidence.json")
    (tmp_path / "mine.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def now() -> str:
    return (case("almost-ready").evidence.finished + timedelta(minutes=5)).isoformat()


@pytest.fixture
def assess(program: Program, files: Path, now: str) -> Tell:
    """Judges `evidence.json` by `mine.toml`, unless other files are named."""

    def tell(*options: str, evidence: str = "evidence.json", config: str = "mine.toml") -> Ran:
        return program("assess", str(files / evidence), "--config", str(files / config), "--now", now, *options)

    return tell


def outcomes(ran: Ran) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in ran.report["checks"]}


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_no_name_is_in_anything_that_is_said_or_written(assess: Tell, tmp_path: Path) -> None:
    ran = assess("--redact", "--output", "reports")
    found = written(tmp_path / "reports")
    assert {Path(name).suffix for name in found} == {".html", ".md", ".json"}
    everything = "\n".join([ran.out, ran.err, *found, *found.values()]).casefold()
    assert [name for name in (*NAMES, "chg0031337") if name in everything] == []
    assert all("REDACTED" in text or '"redacted"' in text for text in found.values())
    assert "REDACTED" in ran.out


def test_a_redacted_report_comes_to_the_same_and_is_sealed(assess: Tell, tmp_path: Path) -> None:
    plain, redacted = assess("--json", "--format", "none"), assess("--json", "--redact", "--output", "reports")
    assert (redacted.code, outcomes(redacted)) == (plain.code, outcomes(plain))
    assert redacted.report["decision"]["counts"] == plain.report["decision"]["counts"]
    assert redacted.report["run"]["id"] != plain.report["run"]["id"]
    assert redacted.report["run"]["configuration_digest"] != plain.report["run"]["configuration_digest"]
    page = next(text for name, text in written(tmp_path / "reports").items() if name.endswith(".html"))
    sealed = seal.parse(page)
    assert sealed is not None
    assert sealed.intact
    assert sealed.report_digest == redacted.report["digest"]["value"]


def test_the_same_map_gives_the_same_aliases_in_later_runs(assess: Tell, files: Path) -> None:
    first = assess("--json", "--redact", "--map", "map.json", "--output", "one")
    kept = json.loads((files / "map.json").read_text(encoding="utf-8"))
    later = assess("--json", "--redact", "--map", "map.json", "--output", "two", "--collection", "All Servers*")
    names = {line["name"]: line["alias"] for line in kept["aliases"]}
    tenant = next(alias for name, alias in names.items() if name.casefold() == "contoso")
    now_known = {line["name"]: line["alias"] for line in json.loads((files / "map.json").read_bytes())["aliases"]}
    assert now_known.items() >= names.items()
    assert later.report["run"]["redacted"] == first.report["run"]["redacted"] == kept["mark"]
    assert later.report["run"]["tenant"] == first.report["run"]["tenant"] == tenant
    again = assess("--json", "--redact", "--map", "map.json", "--output", "three")
    assert again.out == first.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_map_is_for_its_owner_alone(assess: Tell, files: Path) -> None:
    assess("--redact", "--map", "map.json", "--format", "none")
    assert stat.S_IMODE((files / "map.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "digest"),
        ("no JSON", "not a JSON"),
        (CONFIG, "not a JSON"),
    ],
)
def test_a_file_that_is_no_map_is_refused_and_stays(assess: Tell, files: Path, text: str, why: str) -> None:
    (files / "map.json").write_text(text, encoding="utf-8")
    ran = assess("--redact", "--map", "map.json", "--output", "reports")
    assert ran.code == 2
    assert "map.json" in ran.err
    assert why in ran.err
    assert (files / "map.json").read_text(encoding="utf-8") == text
    assert not list((files / "reports").glob("*")) if (files / "reports").exists() else True


def test_evidence_is_no_map(assess: Tell, files: Path) -> None:
    before = (files / "evidence.json").read_bytes()
    ran = assess("--redact", "--map", "evidence.json")
    assert (ran.code, (files / "evidence.json").read_bytes()) == (2, before)
    assert "no map of aliases" in ran.err


@pytest.mark.parametrize("option", [("--map", "map.json"), ("--keep-targets",)])
def test_options_of_redaction_need_it(assess: Tell, option: tuple[str, ...]) -> None:
    ran = assess(*option)
    assert ran.code == 2
    assert "--redact" in ran.err


def test_names_of_targets_can_stay(assess: Tell) -> None:
    ran = assess("--json", "--redact", "--keep-targets", "--format", "none")
    assert [one["name"] for one in ran.report["collections"]] == [
        "All Windows Servers - EDR",
        "Pilot - Workstations EDR",
    ]
    assert [one["id"][:3] for one in ran.report["collections"]] == ["Z01", "Z01"]
    assert "contoso" not in ran.out.casefold()


def redact(program: Program, *options: str) -> Ran:
    return program("redact", "evidence.json", "-o", "redacted.json", "--config", "mine.toml", *options)


def test_who_gets_redacted_evidence_and_configuration_judges_the_same(
    assess: Tell, program: Program, files: Path
) -> None:
    plain = assess("--json", "--format", "none")
    ran = redact(program, "--write-config", "redacted.toml")
    assert ran.code == 0, ran.err
    assert "No map was kept" in ran.out
    sent = (files / "redacted.json").read_text(encoding="utf-8") + (files / "redacted.toml").read_text(encoding="utf-8")
    assert [name for name in (*NAMES, "chg0031337") if name in sent.casefold()] == []
    judged = assess("--json", "--output", "reports", evidence="redacted.json", config="redacted.toml")
    assert (judged.code, outcomes(judged)) == (plain.code, outcomes(plain))
    assert judged.report["run"]["redacted"] == json.loads((files / "redacted.json").read_bytes())["redacted"]


def test_who_has_the_map_judges_redacted_evidence_by_the_configuration_with_names(
    assess: Tell, program: Program, files: Path
) -> None:
    redact(program, "--map", "map.json")
    plain = assess("--json", "--format", "none", "--collection", "P0100021")
    with_map = assess(
        "--json", "--redact", "--map", "map.json", "--format", "none", "--collection", "P0100021",
        evidence="redacted.json",
    )  # fmt: skip
    assert (with_map.code, outcomes(with_map)) == (plain.code, outcomes(plain))
    glob = assess("--redact", "--map", "map.json", evidence="redacted.json")
    assert (glob.code, "glob" in glob.err) == (2, True)
    (files / "map.json").unlink()
    other = assess("--redact", "--map", "map.json", "--collection", "P0100021", evidence="redacted.json")
    assert (other.code, "other aliases" in other.err) == (2, True)


def test_redacting_twice_is_harmless(assess: Tell, program: Program, files: Path) -> None:
    redact(program, "--write-config", "redacted.toml")
    once = (files / "redacted.json").read_bytes()
    ran = program("redact", "redacted.json", "-o", "twice.json", "--config", "redacted.toml")
    assert (ran.code, (files / "twice.json").read_bytes()) == (0, once)
    first = assess("--json", "--format", "none", evidence="redacted.json", config="redacted.toml")
    second = assess("--json", "--redact", "--format", "none", evidence="redacted.json", config="redacted.toml")
    assert second.out == first.out
    named = assess("--redact", evidence="redacted.json")
    assert (named.code, "--map" in named.err) == (2, True)


@pytest.mark.usefixtures("files")
def test_evidence_of_other_aliases_is_not_merged(program: Program, now: str) -> None:
    redact(program)
    ran = program("assess", "evidence.json", "redacted.json", "--now", now)
    assert ran.code == 2
    assert "different aliases" in ran.err


def test_a_mark_that_is_none_is_refused(program: Program, files: Path) -> None:
    from readiness import documents

    document: dict[str, Any] = json.loads((files / "evidence.json").read_bytes())
    document["redacted"] = "<b>not redacted</b>"
    (files / "forged.json").write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    ran = program("assess", "forged.json")
    assert ran.code == 2
    assert "redacted" in ran.err


def test_a_scan_saves_and_says_nothing_with_names(
    program: Program, estate: Callable[..., Estate], tmp_path: Path
) -> None:
    served = estate("almost-ready")
    served.rewrite("[scope]", "[scan]\nredact = true\nredact_map = '../map.json'\n\n[scope]")
    ran = program(
        "scan", "--config", str(served.config), "--output", "reports", "--save-evidence", "reports/evidence.json",
        variables=served.secrets,
    )  # fmt: skip
    found = written(tmp_path / "reports")
    assert len(found) == 4
    everything = "\n".join([ran.out, ran.err, *found, *found.values()]).casefold()
    assert ran.code == 3
    assert [name for name in NAMES if name in everything] == []
    assert "P0100021" in (tmp_path / "map.json").read_text(encoding="utf-8")


def test_a_redacted_report_is_held_against_one_of_the_same_map_only(assess: Tell, files: Path) -> None:
    assess("--format", "json", "--output", "plain")
    assess("--redact", "--map", "map.json", "--format", "json", "--output", "redacted")
    plain, redacted = (str(next((files / name).glob("*.json"))) for name in ("plain", "redacted"))
    ran = assess("--redact", "--map", "map.json", "--against", plain)
    assert (ran.code, "same map" in ran.err) == (2, True)
    ran = assess("--redact", "--against", redacted)
    assert (ran.code, "same map" in ran.err) == (2, True)
    ran = assess("--redact", "--map", "map.json", "--against", redacted, "--format", "none")
    assert "nothing changed" in ran.out
    assert [name for name in NAMES if name in ran.out.casefold()] == []
    ran = assess("--against", redacted, "--format", "none")
    assert (ran.code, "redacted" in ran.err) == (2, True)


def test_a_verdict_that_names_change_is_not_written(assess: Tell, files: Path) -> None:
    """The site is not reached where the machine that answered is not listed as it writes itself; an alias has no
    such difference."""
    evidence = case("almost-ready").evidence
    found = value_of(evidence, SiteProvider)
    assert found is not None
    other = replace(found, machine=found.machine.upper())
    readings = (replace(one, value=other) if one.fact == "SiteProvider" else one for one in evidence.readings)
    bodies.save(replace(evidence, readings=tuple(readings)), files / "evidence.json")
    plain = assess("--json", "--format", "none")
    assert outcomes(plain)["site-reachable"] != "pass"
    ran = assess("--redact", "--map", "map.json", "--output", "reports", "--save-evidence", "kept.json")
    assert ran.code == 1
    assert "site-reachable" in ran.err
    assert "nothing was written" in ran.err
    assert ran.out == ""
    assert [name for name in ("reports", ".") for path in (files / name).glob("readiness-*")] == []
    assert not (files / "kept.json").exists()
    assert not (files / "map.json").exists()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("-o", "evidence.json"), "--out: evidence.json is one of the files that are redacted"),
        (("-o", "mine.toml"), "--out: mine.toml is the configuration"),
        (("-o", "a.json", "--write-config", "mine.toml"), "--write-config: mine.toml is the configuration"),
        (("-o", "a.json", "--write-config", "a.json"), "--write-config: a.json is what --out names, too"),
        (("-o", "a.json", "--map", "a.json"), "--out: a.json is what --map names, too"),
        (("-o", "a.json", "--map", "b", "--write-config", "./b"), "--write-config: b is what --map names, too"),
    ],
)
def test_no_file_is_written_over_one_that_is_read_or_written_with_it(
    program: Program, files: Path, options: tuple[str, ...], names: str
) -> None:
    before = {path.name: path.read_bytes() for path in files.iterdir() if path.is_file()}
    ran = program("redact", "evidence.json", "--config", "mine.toml", *options)
    assert (ran.code, names in ran.err) == (2, True), ran.err
    assert {path.name: path.read_bytes() for path in files.iterdir() if path.is_file()} == before


def test_saved_evidence_is_not_written_over_the_map(assess: Tell, files: Path) -> None:
    ran = assess("--redact", "--map", "map.json", "--save-evidence", "map.json", "--format", "none")
    assert (ran.code, "what --map names" in ran.err) == (2, True)
    assert not (files / "map.json").exists()
