"""Readers of plugins: what they may ask, what becomes of what they give, and of evidence that holds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.lab.estate import Transport
from readiness.plugins.sources import guests
from tests.conftest import Estate, Program
from tests.plugins.conftest import Install

HEAD = """
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar
from readiness.plugin import (
    Call, Check, Fact, Finding, Graph, Half, Level, Named, Needs, Outcome, Owner, Phase, Provider, Reader, Reading,
    Remediation, SourceError, Step, Verdict, Words,
)
"""
ADMIN = "SMS_Site"
SITE = """
@dataclass(frozen=True, slots=True)
class Clock:
    zone: Annotated[str, Words("000000 0000000B0000FFFFFFC4")]

@dataclass(frozen=True, slots=True)
class InstallPlaces(Fact):
    half: ClassVar[Half] = Half.SITE
    code: Annotated[str, Named.SITE_CODE]
    servers: tuple[Annotated[str, Named.SERVER], ...]
    folder: str
    clock: Clock | None

def read(provider: Provider) -> Finding[InstallPlaces]:
    answer = provider.rows("SMS_Site", ("SiteCode", "ServerName", "InstallDir", "TimeZoneInfo"))
    row = answer.one
    return answer.finding(InstallPlaces(
        row.text("SiteCode"), (row.text("ServerName"),), row.text("InstallDir"), Clock(row.text("TimeZoneInfo"))))

READERS = Reader(InstallPlaces, "SMS_Site", ("Read-only Analyst, scope All",), read)
CHECK = Check(
    id="acme-folder", title="It is installed", phase=Phase.SITE, level=Level.ADVISORY, needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN, why="Because.", judged="By looking.",
    remediation=Remediation(steps=(Step("Mend it"),), role="none"), sources=())

@CHECK.judge
def judge(places: InstallPlaces) -> Verdict:
    zone = places.clock.zone if places.clock else ""
    return Verdict(Outcome.PASS, "It is", "a folder", f"{places.code} {places.servers[0]} {places.folder} {zone}")
"""
GROUPS = {"readiness.checks": {"acme": "acme_site:CHECK"}, "readiness.sources": {"acme": "acme_site:READERS"}}
Serve = Callable[..., Estate]


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_class_of_the_site_is_read_over_either_transport(
    transport: Transport, install: Install, estate: Serve, program: Program
) -> None:
    install("acme-pack", GROUPS, {"acme_site": HEAD + SITE})
    served = estate("ready", transport=transport)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    assert ran.code == 0
    said = ran.check("acme-folder")
    assert said["outcome"] == "pass"
    assert "Microsoft Configuration Manager 000000" in said["observed"]
    (reading,) = [one for one in ran.report["readings"] if one["plugin"]]
    assert (reading["id"], reading["rows"], reading["identity"]) == (
        "InstallPlaces", 1, next(one["identity"] for one in ran.report["readings"] if one["id"] == "Hierarchy"),
    )  # fmt: skip


def test_a_redacted_report_holds_no_text_of_its_fact_but_words_that_are_declared(
    install: Install, estate: Serve, program: Program
) -> None:
    install("acme-pack", GROUPS, {"acme_site": HEAD + SITE})
    served = estate("ready")
    ran = program(
        "scan", "--config", str(served.config), "--json", "--format", "none", "--redact", "--save-evidence", "e.json",
        variables=served.secrets,
    )  # fmt: skip
    code, server, *folder, _first, _second = ran.check("acme-folder")["observed"].split(" ")
    evidence = json.loads(Path("e.json").read_text(encoding="utf-8"))
    values = {one["fact"]: one["value"] for one in evidence["readings"]}
    site = values["Hierarchy"]["sites"][0]
    assert (code, server) == (site["code"], site["server"])  # the same aliases as elsewhere
    assert "Microsoft Configuration Manager" not in json.dumps(values["InstallPlaces"])
    assert folder == [values["InstallPlaces"]["folder"]]
    assert values["InstallPlaces"]["clock"] == {"zone": "000000 0000000B0000FFFFFFC4"}


def test_evidence_of_another_version_whose_fact_has_another_form_is_unavailable_and_no_crash(
    install: Install, estate: Serve, program: Program
) -> None:
    install("acme-pack", GROUPS, {"acme_site": HEAD + SITE})
    served = estate("ready")
    config = ("--config", str(served.config))
    assert program("collect", *config, "-o", "e.json", variables=served.secrets).code == 0
    text = SITE.replace("    folder: str\n", "    folder: int\n").replace('row.text("InstallDir")', "1")
    install("acme-pack", _of("acme_other"), {"acme_other": HEAD + text})
    ran = program("assess", "e.json", *config, "--json", "--format", "none")
    said = ran.check("acme-folder")
    assert (said["outcome"], said["reason"]) == ("unknown", "unsupported-version")
    assert "whose InstallPlaces has another form" in said["summary"]


def _of(module: str) -> dict[str, dict[str, str]]:
    return {"readiness.checks": {"acme": f"{module}:CHECK"}, "readiness.sources": {"acme": f"{module}:READERS"}}


FACT = """
@dataclass(frozen=True, slots=True)
class {name}(Fact):
    half: ClassVar[Half] = Half.TENANT
    count: int = 0
    at: datetime | None = None
    names: tuple[str, ...] = ()

def {name}_read(graph: Graph) -> Finding[{name}]:
    {body}
"""
READS = {
    "Undeclared": ("return graph.rows('v1.0', '/users').finding(Undeclared())", "which it does not declare"),
    "Posted": ("return graph._session.ask(__import__('readiness.sources.graph.questions', fromlist=['Question'])."
               "Question('v1.0', '/organization', body='{}'))", "broke on the answer: LookupError"),
    "Ended": ("raise SystemExit(0)", "broke on the answer: SystemExit"),
    "Nothing": ("return None", "gave no finding of Nothing"),
    "Other": ("return Finding(Ended(), 1)", "gave no finding of Other"),
    "Mistyped": ("return Finding(Mistyped(count='many'), 1)", "not as Mistyped declares it"),
    "Naive": ("return Finding(Naive(at=datetime(2026, 1, 1)), 1)", "a point in time is not in UTC"),
    "Refused": ("return graph.object('v1.0', '/organization').finding(Refused(count=graph.rows("
                "'v1.0', '/organization').one.count('displayName')))", "no usable value in displayName"),
}  # fmt: skip


def test_a_reader_that_breaks_is_a_reading_without_a_value_and_stops_nothing(
    install: Install, estate: Serve, program: Program
) -> None:
    facts = "".join(FACT.format(name=name, body=body) for name, (body, _) in READS.items())
    call = '(Call("Graph v1.0 /organization", ("Organization.Read.All",)),)'
    readers = ", ".join(f'Reader({name}, "Graph v1.0 /organization", (), {name}_read, {call})' for name in READS)
    taken = ", ".join(f"{name.lower()}: Reading[{name}]" for name in READS)
    text = f"{HEAD}{facts}{SITE}\nREADERS = ({readers},)\n"
    text = text.replace("places: InstallPlaces", taken).replace("needs=Needs.SITE", "needs=Needs.TENANT")
    text = text.replace('zone = places.clock.zone if places.clock else ""', "")
    text = text.replace('f"{places.code} {places.servers[0]} {places.folder} {zone}"', '"seen"')
    install("acme-pack", _of("acme_reads"), {"acme_reads": text})
    served = estate("ready")
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    readings: dict[str, Any] = {one["id"]: one for one in ran.report["readings"]}
    for name, (_, words) in READS.items():
        assert words in readings[name]["error"]
        assert readings[name]["reason"] == "bad-answer"
    assert [one["id"] for one in ran.report["readings"] if one["error"] and not one["plugin"]] == []
    assert ran.code == 0


UNFIT = {
    "name: Any": "can hold what evidence cannot",
    "names: list[str]": "can hold what evidence cannot",
    "names: dict[str, str]": "can hold what evidence cannot",
    "pair: tuple[str, int]": "can hold what evidence cannot",
    "either: str | int": "of several types only one and None can be kept",
    "late: int = field(init=False, default=1)": "a field that is not given to it",
    "unknown: 'Nowhere'": "cannot be told: NameError",
}


@pytest.mark.parametrize(("line", "why"), UNFIT.items())
def test_a_fact_that_evidence_cannot_keep_is_refused_when_it_is_loaded(line: str, why: str, install: Install) -> None:
    _load(
        install,
        f"@dataclass(frozen=True, slots=True)\nclass Mine(Fact):\n    half: ClassVar[Half] = Half.SITE\n    {line}\n",
    )
    (skipped,) = guests().skipped
    assert why in skipped.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@dataclass\nclass Mine(Fact):\n    half: ClassVar[Half] = Half.SITE\n", "no frozen dataclass"),
        ("class Mine(Fact):\n    half = Half.SITE\n", "no frozen dataclass"),
        ("@dataclass(frozen=True)\nclass Mine(Fact): ...\n", "does not say which half"),
        ("from readiness.plugin import Hierarchy as Mine\n", "has the name of one of ours"),
        ("class Mine: ...\n", "gives no Fact"),
    ],
)
def test_what_is_no_fact_is_refused_when_it_is_loaded(text: str, why: str, install: Install) -> None:
    _load(install, text)
    (skipped,) = guests().skipped
    assert why in skipped.why
    assert guests().known == {}


def _load(install: Install, text: str) -> None:
    reader = 'READERS = Reader(Mine, "SMS_Site", (), lambda provider: None)'
    install(
        "acme-pack", {"readiness.sources": {"acme": "acme_fact:READERS"}}, {"acme_fact": f"{HEAD}\n{text}\n{reader}"}
    )
