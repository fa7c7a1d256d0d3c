"""The example of examples/, installed into an environment of its own, beside a package that is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.schemas import shipped
from tests.plugins.packing import EXAMPLE, put, wheel

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SCENARIO = str(EXAMPLE / "scenarios" / "onboarding-error.toml")
IDS = ["example-pilot-first", "example-onboarding-errors"]
BROKEN = {
    "readiness.checks": {"gone": "acme_broken:CHECKS"},
    "readiness.sources": {"gone": "acme_broken:READERS"},
    "readiness.reports": {"acme": "acme_broken:FORMAT"},
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that has this checkout, the packages that it needs, and the example."""
    home = tmp_path_factory.mktemp("outside")
    venv.create(home / "env", with_pip=False, symlinks=True)
    found = next(
        path for path in (home / "env" / "bin" / "python", home / "env" / "Scripts" / "python.exe") if path.exists()
    )
    site = Path(_said(found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    shared = [sysconfig.get_path("purelib"), str(Path(__file__).parents[2])]
    (site / "shared.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in shared), "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(found), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel(EXAMPLE, home))], check=True, timeout=120)
    return found


def _said(python: Path, *arguments: str) -> str:
    done = subprocess.run([python, *arguments], capture_output=True, encoding="utf-8", check=True, timeout=60)
    return done.stdout


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Run:
    """Runs readiness in that environment, in a folder of its own."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-m", "readiness", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120)

    return call


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package beside it of which nothing can be imported: it ends the program."""
    folder = put(tmp_path / "beside", "acme-broken", BROKEN, {"acme_broken": "print('hello')\nraise SystemExit(7)\n"})
    monkeypatch.setenv("PYTHONPATH", str(folder))


def _checks(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {check["id"]: check for check in json.loads(done.stdout)["checks"]}


def test_its_checks_are_listed_after_ours_with_whose_they_are(run: Run) -> None:
    rows = json.loads(run("checks", "--json").stdout)
    assert [row["id"] for row in rows if row["plugin"]] == IDS
    assert [row["id"] for row in rows][-2:] == IDS
    assert {row["plugin"] for row in rows} == {None, "readiness-example 1.0.0"}
    assert "(plugin readiness-example 1.0.0)" in " ".join(run("checks").stdout.split())
    assert "readiness-example 1.0.0: not a check of readiness itself" in run("explain", IDS[1]).stdout


def test_a_scan_reads_its_fact_judges_its_checks_and_writes_its_format(run: Run, tmp_path: Path) -> None:
    done = run("scan", "--demo", SCENARIO, "--json", "--format", "json,tap,html,markdown", "--fail-on", "advisory")
    assert done.returncode == 4, done.stderr
    checks = _checks(done)
    assert [checks[name]["outcome"] for name in IDS] == ["pass", "fail"]
    assert checks[IDS[1]]["observed"] == "180 onboarded, 1 with an error, 0 with a conflict"
    assert checks[IDS[1]]["plugin"] == "readiness-example 1.0.0"
    report = json.loads(done.stdout)
    (reading,) = [one for one in report["readings"] if one["plugin"]]
    assert (reading["id"], reading["rows"]) == ("OnboardingSummary", 1)
    assert [(one["group"], one["adds"], one["skipped"]) for one in report["run"]["plugins"]] == [
        ("readiness.checks", IDS, None),
        ("readiness.sources", ["OnboardingSummary"], None),
    ]
    for kind in ("html", "md"):
        (page,) = (tmp_path / "readiness-reports").glob(f"*.{kind}")
        assert page.read_text(encoding="utf-8").count("readiness-example 1.0.0") >= 3  # the run, and both checks
    (tap,) = (tmp_path / "readiness-reports").glob("*.tap")
    lines = tap.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["TAP version 14", f"1..{len(checks)}"]
    assert f"not ok {len(checks)} - {IDS[1]}: No device reports an error from onboarding" in lines
    _valid(report, "report-v1")


def _valid(document: object, schema: str) -> None:
    from jsonschema import Draft202012Validator

    assert [error.message for error in Draft202012Validator(shipped(schema)).iter_errors(document)] == []


def test_what_was_collected_is_judged_elsewhere_and_by_who_does_not_have_it(run: Run, tmp_path: Path) -> None:
    """Evidence with its fact is judged offline; without the plugin that reading is left out, and nothing else is."""
    scanned = run("scan", "--demo", SCENARIO, "--json", "--format", "none", "--save-evidence", "evidence.json")
    document = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))
    _valid(document, "evidence-v1")
    judged = run("assess", "evidence.json", "--json", "--format", "none")
    assert _checks(judged)[IDS[1]] == _checks(scanned)[IDS[1]]
    printed = " ".join(run("assess", "evidence.json", "--format", "none").stdout.split())
    assert "Plugins readiness-example 1.0.0: checks example-pilot-first, example-onboarding-errors" in printed
    assert "advisory, plugin readiness-example 1.0.0" in printed
    alone = subprocess.run(
        [sys.executable, "-m", "readiness", "assess", "evidence.json", "--json", "--format", "none"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert alone.returncode == judged.returncode == 5  # nobody says which collections it is about
    assert "the reading OnboardingSummary is left out" in alone.stderr
    assert "readiness-example 1.0.0" in alone.stderr
    ours = {name: check for name, check in _checks(judged).items() if name not in IDS}
    assert _checks(alone) == ours
    verified = subprocess.run([sys.executable, "-m", "readiness", "verify", "evidence.json"], cwd=tmp_path, timeout=60)
    assert verified.returncode == 0


def test_its_rights_are_among_those_that_a_scan_needs(run: Run) -> None:
    told = json.loads(run("permissions", "--json", "--check", IDS[1]).stdout)
    (call,) = [call for call in told["calls"] if call["fact"] == "OnboardingSummary"]
    assert call["rights"] == ["DeviceManagementConfiguration.Read.All"]
    assert call["checks"] == [IDS[1]]


def test_its_own_tests_pass_where_it_is_installed(python: Path, tmp_path: Path) -> None:
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_who_writes_a_plugin_has_types_for_what_readiness_plugin_offers(tmp_path: Path) -> None:
    """Strictly; an editable installation is found by a path, because it tells mypy nothing."""
    pytest.importorskip("mypy", reason="the extra dev is not installed")
    quiet = ("--follow-imports", "silent", "--cache-dir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *quiet, str(EXAMPLE / "src")],
        env={**os.environ, "MYPYPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("broken")
def test_a_broken_package_beside_it_is_named_and_changes_nothing(run: Run) -> None:
    done = run("scan", "--demo", SCENARIO, "--json", "--format", "none")
    assert done.returncode == 0, done.stderr
    assert "plugin gone (acme-broken 1.0) could not be loaded and is skipped: SystemExit: 7" in done.stderr
    skipped = [one for one in json.loads(done.stdout)["run"]["plugins"] if one["skipped"]]
    assert [(one["package"], one["group"]) for one in skipped] == [
        ("acme-broken", "readiness.checks"), ("acme-broken", "readiness.sources"),
    ]  # fmt: skip
    assert _checks(done)[IDS[1]]["outcome"] == "fail"


@pytest.mark.usefixtures("broken")
def test_who_asks_for_what_a_broken_package_has_is_told_that_it_is_broken(run: Run) -> None:
    """A check by its name, and a format by its name: exit code 2, nothing is read."""
    for option, name in (("--check", "acme-check"), ("--format", "acme")):
        done = run("scan", "--demo", "ready", option, name)
        assert done.returncode == 2
        assert "acme-broken 1.0" in done.stderr
        assert "SystemExit: 7" in done.stderr
        assert done.stdout == ""


@pytest.mark.usefixtures("broken")
def test_who_looks_after_the_machine_sees_all_of_them(run: Run) -> None:
    listed = json.loads(run("plugins", "--json").stdout)
    assert {(one["package"], one["group"].partition(".")[2], bool(one["skipped"])) for one in listed} == {
        ("acme-broken", "checks", True), ("acme-broken", "sources", True), ("acme-broken", "reports", True),
        ("readiness-example", "checks", False), ("readiness-example", "sources", False),
        ("readiness-example", "reports", False),
    }  # fmt: skip
    assert "SystemExit: 7" in run("plugins").stdout
