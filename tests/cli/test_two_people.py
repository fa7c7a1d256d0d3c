"""Two people, one truth: each collects the half that they may see, and a third machine, without network, judges both.

What it finds is what one scan with all rights finds. Both halves are collected over the real sockets of the simulated
estate, each with a configuration of its own section and its own secret only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from readiness.cli.finish import judge
from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.documents import report_document
from readiness.evidence import utc_now
from readiness.lab import scenario_names
from tests.conftest import Estate, Program

Serve = Callable[..., Estate]
SECRETS = {"site": "READINESS_SITE_PASSWORD", "graph": "READINESS_CLIENT_SECRET"}
SECTIONS = {"site": "site", "graph": "tenant"}
FABRIKAM = """
base = "ready"
title = "Somebody else's."
[tenant]
id = "11111111-6a4e-4b3f-9f0e-2d1c5a7b9e10"
domains = ["fabrikam.com"]
[change.wmi.SMS_Site.P01]
ServerName = "cm77.fabrikam.com"
[[graph.v1.organization]]
id = "11111111-6a4e-4b3f-9f0e-2d1c5a7b9e10"
displayName = "Fabrikam"
verifiedDomains = [{ name = "fabrikam.com" }]
"""
OFFLINE = """
import socket, sys

def refuse(*_arguments, **_options):
    raise AssertionError("the network was used")

socket.socket.__init__ = socket.create_connection = socket.getaddrinfo = refuse
from readiness.cli import run
code = run(sys.argv[1:])
loaded = sorted({"msal", "requests", "urllib3", "winrm", "pypsrp", "spnego"} & sys.modules.keys())
assert not loaded, f"loaded for nothing: {loaded}"
sys.exit(code)
"""
"""The program as it is started, where nothing can be sent, and what would send is not even loaded."""


@dataclass(frozen=True)
class Assessed:
    """How the third machine judged."""

    code: int
    report: dict[str, Any]


def section_of(text: str, name: str) -> str:
    """One section of a configuration, head included; empty where it is not there."""
    found = re.search(rf"^\[{name}\]\n(?:(?!\[).*\n?)*", text, re.MULTILINE)
    return found[0] if found else ""


def only(served: Estate, half: str) -> Path:
    """The configuration of somebody who has nothing to do with the other half."""
    other = SECTIONS["graph" if half == "site" else "site"]
    text = served.config.read_text(encoding="utf-8")
    path = served.folder / f"{half}.toml"
    path.write_text(text.replace(section_of(text, other), ""), encoding="utf-8")
    assert f"[{other}]" not in path.read_text(encoding="utf-8")
    return path


Collect = Callable[..., Path]


@pytest.fixture
def collect(program: Program, monkeypatch: pytest.MonkeyPatch) -> Collect:
    """The evidence of one person, who knows no other secret than their own: `collect(served, "site")`."""

    def run(served: Estate, half: str, config: Path | None = None) -> Path:
        out = served.folder / f"{half}.json"
        with monkeypatch.context() as mine:
            for name in SECRETS.values():
                mine.delenv(name, raising=False)
            mine.setenv(SECRETS[half], served.secrets[SECRETS[half]])
            mine.chdir(served.folder)
            ran = program("collect", "--only", half, "--config", str(config or only(served, half)), "-o", out.name)
        assert ran.code in (0, 5), ran.err
        return out

    return run


def assessed(files: Sequence[Path], config: Path, now: datetime) -> Assessed:
    """Judged by another process, on files alone."""
    arguments = ["assess", *map(str, files), "--config", str(config), "--now", now.isoformat(), "--json"]
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS.values()}
    ran = subprocess.run(
        [sys.executable, "-c", OFFLINE, *arguments, "--format", "none"],
        capture_output=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert ran.stdout, ran.stderr.decode()
    return Assessed(ran.returncode, json.loads(ran.stdout))


def scanned(served: Estate) -> tuple[dict[str, Any], datetime]:
    """The report of one scan with all rights, and the moment as of which it judged."""
    configuration = configured({"config": served.config}, {}, connecting=True)
    evidence = read_estate(configuration, served.secrets)
    now = utc_now()
    return report_document(judge(configuration, evidence, now)), now


def found(report: dict[str, Any]) -> dict[str, Any]:
    """What a report comes to, less the moments of its readings."""
    decision = {key: value for key, value in report["decision"].items() if key != "valid_until"}
    return {**{key: report[key] for key in ("checks", "collections", "plan", "overlays")}, "decision": decision}


def is_the_same(ran: Assessed, report: dict[str, Any]) -> bool:
    """Whether both found the same, word for word."""
    assert found(ran.report) == found(report)
    return all(ran.report["run"][key] == report["run"][key] for key in ("tenant", "site", "demo"))


@pytest.mark.parametrize("scenario", scenario_names())
def test_two_halves_give_what_one_scan_gives(scenario: str, collect: Collect, estate: Serve) -> None:
    served = estate(scenario)
    files = [collect(served, half) for half in SECRETS]
    report, now = scanned(served)
    assert is_the_same(assessed(files, served.config, now), report)


@pytest.mark.parametrize("scenario", ["ready", "rights-limited", "hierarchy"])
def test_so_they_do_over_the_administration_service(scenario: str, collect: Collect, estate: Serve) -> None:
    served = estate(scenario, transport="adminservice")
    files = [collect(served, half) for half in SECRETS]
    report, now = scanned(served)
    assert is_the_same(assessed(files, served.config, now), report)


def test_one_names_the_tenant_by_a_domain_the_other_by_its_id(collect: Collect, estate: Serve) -> None:
    """The one with rights on the site may have named it too; the third machine names it by either, or another one."""
    served = estate("almost-ready")
    tenant = served.lab.scenario.tenant
    by_id, by_domain, whole = only(served, "graph"), served.folder / "domain.toml", served.config.read_text("utf-8")
    by_id.write_text(by_id.read_text("utf-8").replace(tenant.domains[0], tenant.id), encoding="utf-8")
    by_domain.write_text(whole.replace(tenant.domains[0], tenant.domains[1]), encoding="utf-8")
    files = [collect(served, "site", served.config), collect(served, "graph", by_id)]
    report, now = scanned(served)
    for config in (served.config, by_domain):
        ran = assessed(files, config, now)
        assert (ran.code, ran.report["checks"]) == (3, report["checks"])


def test_what_each_collected_says_nothing_of_the_other_half(collect: Collect, estate: Serve) -> None:
    served = estate("ready")
    files = {half: collect(served, half) for half in SECRETS}
    now = utc_now()
    for half, file in files.items():
        read = json.loads(file.read_text(encoding="utf-8"))
        assert read["halves"] == [SECTIONS[half]]
        assert read["partial"] is False
        assert (read["site"] is None, read["tenant"] is None) == (half != "site", half != "graph")
        ran = assessed([file], served.config, now)
        halves = ran.report["decision"]["halves"]
        assert (ran.code, ran.report["decision"]["state"]) == (5, "undetermined")
        assert [name for name, state in halves.items() if state == "not-configured"] == [
            name for name in SECTIONS.values() if name != SECTIONS[half]
        ]


def test_halves_of_different_estates_are_refused_with_their_names(
    collect: Collect, program: Program, estate: Serve
) -> None:
    """Of the tenant by its id, of the site by its code and server."""
    ours, theirs = estate("ready"), estate(toml=FABRIKAM)
    mixed = [collect(ours, "site"), collect(theirs, "graph")]
    ran = program("assess", *map(str, mixed), "--config", str(ours.config), "--format", "none")
    assert (ran.code, ran.out) == (2, "")
    assert "different estates: tenant 8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10 (of the site) and Fabrikam (1111" in ran.err
    for half, named in (("graph", "Contoso (8d3c0f52-6a4e"), ("site", "P01 of cm01.contoso.com")):
        files = [collect(one, half) for one in (ours, theirs)]
        for order in (files, files[::-1]):
            ran = program("assess", *map(str, order), "--config", str(ours.config), "--format", "none")
            assert (ran.code, ran.out) == (2, "")
            assert "the evidence files speak of different estates: " in ran.err
            assert named in ran.err


def test_nobody_needs_what_belongs_to_the_other_half(program: Program, estate: Serve, tmp_path: Path) -> None:
    """One configuration for both: the certificate of the application is with whoever reads the tenant."""
    served = estate(toml='base = "ready"\ntitle = "Signed in by certificate."\n[tenant]\nauth = "certificate"\n')
    (served.folder / "readiness.pfx").unlink()
    out = str(tmp_path / "site.json")
    secret = {SECRETS["site"]: served.secrets[SECRETS["site"]]}
    assert program("collect", "--config", str(served.config), "-o", out, variables=secret).code == 2
    ran = program("collect", "--only", "site", "--config", str(served.config), "-o", out, variables=secret)
    assert ran.code == 0
    ran = program("collect", "--only", "graph", "--config", str(served.config), "-o", out)
    assert (ran.code, "[tenant] certificate" in ran.err) == (2, True)


@pytest.mark.parametrize(("half", "section"), [("site", "site"), ("graph", "tenant")])
def test_a_half_that_is_not_configured_cannot_be_collected(
    half: str, section: str, program: Program, estate: Serve
) -> None:
    served = estate("ready")
    config = only(served, "graph" if half == "site" else "site")
    ran = program("collect", "--only", half, "--config", str(config), "-o", "out.json", variables=served.secrets)
    assert (ran.code, Path("out.json").exists()) == (2, False)
    assert f"--only {half}: the configuration has no [{section}] section" in ran.err


def test_what_was_merged_can_be_kept_and_judged_again(
    collect: Collect, program: Program, estate: Serve, tmp_path: Path
) -> None:
    """In one file, which comes to the same, alone or beside those it is made of; those are never written over."""
    served = estate("almost-ready")
    files = [str(collect(served, half)) for half in SECRETS]
    judging = ("--config", str(served.config), "--now", utc_now().isoformat(), "--json", "--format", "none")
    kept = tmp_path / "kept.json"
    ran = program("assess", *files, *judging, "--save-evidence", str(kept))
    assert ran.code == 3
    for given in ([str(kept)], [str(kept), *files], [*files, str(kept), *files]):
        assert program("assess", *given, *judging).out == ran.out
    before = kept.read_bytes()
    again = program("assess", *files, str(kept), *judging, "--save-evidence", str(kept))
    assert (again.code, kept.read_bytes()) == (2, before)
    assert "is one of the files that are judged" in again.err
