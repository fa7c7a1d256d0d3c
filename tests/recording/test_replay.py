"""A recording is judged as the estate was that it is of, and holds nobody's name."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from readiness.lab import scenario_names
from readiness.lab.scenario import Scenario
from tests.conftest import Estate, Program, Ran
from tests.recording.conftest import Record, Recorded

Serve = Callable[..., Estate]
TRANSPORTS = ("winrm", "adminservice")
OURS = ("--json", "--format", "none")
MOST_NAMES = 400
COMMON = frozenset(
    {
        "localhost",
        "client-secret",
        "device-code",
        "configuration manager 2002",
        "direct",
        "all",
        "users",
        "security",
        "windows",
        "applications",
    }
)
"""Texts of the scenarios that are Microsoft's, or stand in every recording for another reason."""


def directly(program: Program, recorded: Recorded) -> Ran:
    """The evidence of the very same scan, judged with its own names and as of the same moment."""
    now = recorded.manifest["finished"]
    return program("assess", str(recorded.evidence), "--config", str(recorded.served.config), "--now", now, *OURS)


def replayed(program: Program, recorded: Recorded, *options: str) -> Ran:
    return program("assess", "--replay", str(recorded.folder), *OURS, *options)


def essence(ran: Ran) -> list[Any]:
    """Of each check everything that decides."""
    return [
        (
            *(check[name] for name in ("id", "outcome", "reason", "level", "blocked_by")),
            sorted((str(one["outcome"]), str(one["reason"]), one["level"]) for one in check["subjects"]),
        )
        for check in ran.report["checks"]
    ]


def without_names(text: str) -> str:
    """The shape of a sentence: words that may be names or aliases are left out."""
    return re.sub(r"[^\s]*[0-9@\\.-][^\s]*", "*", text)


@pytest.mark.parametrize(
    ("scenario", "transport"), [(name, TRANSPORTS[place % 2]) for place, name in enumerate(scenario_names())]
)
def test_a_replay_comes_to_what_the_scan_came_to_and_names_nobody(
    scenario: str, transport: str, program: Program, estate: Serve, record: Record
) -> None:
    served = estate(scenario, transport=transport)
    recorded = record(served)
    first, second = directly(program, recorded), replayed(program, recorded)
    assert essence(second) == essence(first)
    assert (second.code, second.report["decision"]["state"]) == (first.code, first.report["decision"]["state"])
    assert [(one["fact"], one["reason"], one["rows"]) for one in second.report["readings"]] == [
        (one["fact"], one["reason"], one["rows"]) for one in first.report["readings"]
    ]
    if scenario != "large":
        assert told(recorded, second) == told(recorded, first)
    assert second.report["run"]["demo"] is True
    assert second.report["run"]["host"].startswith("replay of a recording")
    assert leaked(served.lab.scenario, recorded) == []


def told(recorded: Recorded, ran: Ran) -> list[str]:
    """The sentence of each check, word for word but for names and their aliases."""
    words = sorted({one for pair in recorded.names.items() for one in pair if len(one) > 2}, key=len, reverse=True)
    named = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9])", re.IGNORECASE)
    return [named.sub("*", check["summary"]) for check in ran.report["checks"]]


def leaked(scenario: Scenario, recorded: Recorded) -> list[str]:
    """Names of the estate that stand in a file of the recording, in any case."""
    texts = set(_texts([scenario.wmi, scenario.graph, scenario.tenant, scenario.site, scenario.scope]))
    texts -= {one for rows in scenario.wmi.values() for row in rows for one in [row.get("PackageGuid")]}
    names = {one.casefold() for one in texts if is_name(one)} - COMMON
    names |= {part for name in names for part in re.split(r"[@\\]", name) if is_name(part)} - COMMON
    held = recorded.text.casefold()
    some = sorted(names)[:: max(1, len(names) // MOST_NAMES)]  # a large estate has thousands that are alike
    found = (name for name in some if name in held)
    return [name for name in found if re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", held)]


def is_name(text: str) -> bool:
    """Whether a text of a scenario is one that only this estate has: not a word of Microsoft's, a version, a moment."""
    microsofts = re.fullmatch(
        r"[\d.:TZ+-]*|windows10|mdm,microsoftSense|[0-9a-f-]{36}_1|now.*|[A-Za-z]+(?:[A-Z][a-z]+)*|SMS\w*|[A-Z]{2,}_[A-Z_]+|#?microsoft\..*|device_vendor\w+|.*\$.*"
        r"|SMS [A-Za-z ]+|(?:Microsoft|Configuration Manager) .*|https?://(?:go\.|schemas).*|<.*|/\w*|[\w, ]*\bRead\b.*"
        r"|SettingsAndPolicy:SMS_CoManagementSettings|Full Administrator|Read-only Analyst|.*/.*|System Resource Usage",
        text,
        re.DOTALL,
    )
    return len(text) > 3 and microsofts is None and text.lower() not in WELL_KNOWN


WELL_KNOWN = frozenset(
    {
        "fc780465-2017-40d4-a0c5-307022471b92",
        "557c67cf-c916-4293-8373-d584996f60ae",
        "1ce9e34f-35e8-4af8-b172-09e4dd00453d",
        "a7a0e953-7ed2-423c-849f-9d78b5e44612",
        "62e90394-69f5-4237-9190-012177145e10",
        "00000000-0000-0000-0000-000000000000",
        "e44c2ca3-2f9a-400a-a113-6cc88efd773d",
        "034ccd46-190c-4afc-adf1-ad7cc11262eb",
        # service plans and products, the same in every tenant
        "871d91ec-ec1a-452b-a83f-bd76c7d770ef",
        "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
        "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
        "eec0eb4f-6444-4f95-aba0-50c24d67f998",
        "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        "spe_e5",
        "aad_premium_p2",
    }
)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    else:
        for name in getattr(value, "__struct_fields__", getattr(value, "__dataclass_fields__", ())):
            yield from _texts(getattr(value, name))


def test_a_replay_speaks_to_nobody(
    program: Program, estate: Serve, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = record(estate("ready"))
    recorded.served.lab.stop()
    asked = len(recorded.served.lab.requests)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a replay opened a socket")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    ran = replayed(program, recorded)
    assert ran.code == 0
    assert len(recorded.served.lab.requests) == asked


def test_two_replays_give_the_same_bytes(program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("almost-ready"))
    assert replayed(program, recorded).out == replayed(program, recorded).out


def test_two_recordings_of_one_estate_have_the_same_aliases(estate: Serve, record: Record) -> None:
    """However many connections answer at once: numbers are given in the order of the questions."""
    served = estate("ready")
    one, other = record(served), record(served)
    there = {name: alias for alias, name in one.names.items() if not _of_a_message(name, one, other)}
    here = {name: alias for alias, name in other.names.items() if not _of_a_message(name, one, other)}
    assert here.keys() == there.keys()
    assert {name for name in there if _kind(there[name]) != "guid" and there[name] != here[name]} == set()


def _of_a_message(name: str, one: Recorded, other: Recorded) -> bool:
    """Ids of messages are new with every message."""
    return (name in one.names.values()) != (name in other.names.values())


def _kind(alias: str) -> str:
    return "guid" if re.fullmatch(r"a11a5000-.*", alias) else "name"


def test_a_replay_is_judged_as_of_its_own_time_or_another(program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("ready"))
    own = replayed(program, recorded).report
    assert datetime.fromisoformat(own["run"]["started"]) == datetime.fromisoformat(recorded.manifest["finished"])
    later = replayed(program, recorded, "--now", "2030-01-01T00:00:00Z")
    assert later.code == 5
    assert "stale" in {check["reason"] for check in later.report["checks"]}


def test_a_replay_says_that_it_is_one(program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("ready"))
    ran = program("assess", "--replay", str(recorded.folder), "--format", "none")
    assert "This is a replay" in ran.err
    assert "replay of a recording" in " ".join(ran.out.split())
    assert "DEMO DATA" in ran.out


def test_the_selection_of_the_scan_is_that_of_the_replay(program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("ready"), "--check", "collections-exist")
    ran = replayed(program, recorded)
    assert ran.report["decision"]["state"] == "selection-passed"


def test_a_question_that_the_recording_does_not_hold_is_unknown(
    program: Program, estate: Serve, record: Record
) -> None:
    """Of a scan of a few checks, all are judged."""
    recorded = record(estate("ready"), "--check", "site-reachable")
    config = recorded.folder / "readiness.toml"
    mine = recorded.folder.parent / "mine.toml"
    mine.write_text(config.read_text(encoding="utf-8").partition("[scan]")[0], encoding="utf-8")
    ran = replayed(program, recorded, "--config", str(mine))
    assert ran.code == 5
    found = ran.check("tenant-reachable")
    assert (found["outcome"], found["reason"]) == ("unknown", "bad-answer")
    assert "the recording does not hold" in found["summary"]
    assert {check["outcome"] for check in ran.report["checks"]} & {"error"} == set()


def test_globs_become_the_ids_that_they_stood_for(program: Program, estate: Serve, record: Record) -> None:
    served = estate("ready")
    served.rewrite('"Pilot - Workstations EDR"', '"Pilot*"')
    recorded = record(served)
    assert "Pilot" not in recorded.text
    assert len(replayed(program, recorded).report["collections"]) == 2


@pytest.mark.parametrize("half", ["graph", "site"])
def test_one_half_is_replayed_as_one_half(half: str, program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("ready"), "--only", half)
    ran = replayed(program, recorded)
    other = "site" if half == "graph" else "tenant"
    assert ran.report["decision"]["halves"][other] == "not-configured"
    assert {one["half"] for one in recorded.exchanges} == {"tenant" if half == "graph" else "site"}


def test_over_http_what_is_kept_is_what_was_encrypted(program: Program, estate: Serve, record: Record) -> None:
    recorded = record(estate("ready", site_scheme="http"))
    assert recorded.collected.code == 0
    first, second = directly(program, recorded), replayed(program, recorded)
    assert essence(second) == essence(first)
    assert recorded.manifest["access"]["site"]["scheme"] == "http"
    assert any("SMS_Site" in one["question"].get("wql", "") for one in recorded.exchanges if "xml" in one["answer"])
