"""Files that earlier versions wrote, in tests/data/published: they stay readable, and prove no more than they say.

Each folder holds what one landed state of this tool wrote of the simulated estate: `first` judged six checks, `article`
all that the article states, `trust` came with its security. Nothing in there is ever written anew.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from readiness import __version__, documents, report_files
from readiness.assessment import Question, assess
from readiness.composition import all_checks, rules
from readiness.errors import EvidenceError
from readiness.evidence import load, merge, save
from readiness.model.reading import Evidence
from readiness.model.report import Report
from readiness.model.settings import JudgingSettings, Scope
from readiness.model.words import Outcome, Reason
from readiness.schemas import shipped
from readiness.versions import newer, of_schema

PUBLISHED = Path(__file__).with_name("data") / "published"
EVIDENCE = sorted(PUBLISHED.glob("*/*.evidence.json"))
REPORTS = sorted(PUBLISHED.glob("*/*.report.json"))
HALVES = ("site", "graph")


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.json')}"


def _report(evidence: Evidence, of: dict[str, Any]) -> Report:
    """What these checks say today of evidence, asked as a published report was."""
    scope = of["run"]["configuration"].get("scope", {})
    settings = JudgingSettings(
        scope=Scope(tuple(scope.get("collections", ())), administrators=tuple(scope.get("administrators", ())))
    )
    return assess(evidence, Question(all_checks(), settings, rules(), of["run"]["configuration"]), evidence.finished)


def _evidence_for(report: Path) -> Evidence:
    whole = report.with_name(report.name.replace(".report.", ".evidence."))
    halves = [report.with_name(report.name.replace(".report.", f".{half}.evidence.")) for half in HALVES]
    return load(whole) if whole.exists() else merge([load(half) for half in halves])


def test_every_published_state_has_both_halves_and_a_report() -> None:
    for state in PUBLISHED.iterdir():
        names = {path.name for path in state.iterdir()}
        assert {f"almost-ready.{kind}.json" for kind in ("site.evidence", "graph.evidence", "report")} <= names


@pytest.mark.parametrize("path", EVIDENCE, ids=_id)
def test_published_evidence_is_read_and_what_it_lacks_is_not_known(path: Path) -> None:
    """What was read is there; of what its writer did not read yet, nothing is."""
    written = {reading["fact"]: reading for reading in documents.read(path)["readings"]}
    evidence = load(path)
    assert {reading.fact for reading in evidence.readings} == set(written)
    for reading in evidence.readings:
        assert reading.started == datetime.fromisoformat(written[reading.fact]["started"])
        if reading.available:
            assert _grew_by_nothing(documents.plain(reading.value), written[reading.fact]["value"])
        else:
            assert written[reading.fact]["value"] is None or "which did not read" in str(reading.error)


def _grew_by_nothing(now: Any, then: Any) -> bool:
    """Whether all that a value holds more than it did says that it is not known."""
    if isinstance(then, dict):
        return all(_grew_by_nothing(now[key], then[key]) if key in then else now[key] is None for key in now)
    if isinstance(then, list):
        return len(now) == len(then) and all(map(_grew_by_nothing, now, then))
    return bool(now == then)


@pytest.mark.parametrize("path", REPORTS, ids=_id)
def test_a_published_report_is_accepted(path: Path) -> None:
    """For its plan and for what compares with it: with the decision and the checks that it had."""
    found, then = report_files.load(path), documents.read(path)
    assert found.decision.state.value == then["decision"]["state"]
    assert [check.outcome.value for check in found.checks] == [check["outcome"] for check in then["checks"]]


@pytest.mark.parametrize("path", REPORTS, ids=_id)
def test_published_evidence_is_judged_as_it_was_or_less_sure(path: Path) -> None:
    """A check that was there then says the same, or that the evidence is older than it is now."""
    then = documents.read(path)
    report = _report(_evidence_for(path), then)
    now = {check.id: check for check in report.checks}
    for check in then["checks"]:
        found = now[check["id"]]
        told = "older" in found.summary or "did not read" in found.summary
        assert found.outcome.value == check["outcome"] or told or found.outcome.value == "blocked", check["id"]
        assert found.outcome.value != "pass" or check["outcome"] == "pass", check["id"]


@pytest.mark.parametrize("scenario", ["ready", "almost-ready"])
def test_what_older_evidence_does_not_hold_makes_nothing_pass(scenario: str) -> None:
    """Of the same estate, evidence that holds less proves less."""
    older, newer = (_passing(PUBLISHED / state / f"{scenario}.report.json") for state in ("first", "article"))
    assert older < newer


def _passing(path: Path) -> set[str]:
    report = _report(_evidence_for(path), documents.read(path))
    return {check.id for check in report.checks if check.outcome is Outcome.PASS}


# What a change of the model may be while the schema keeps its number.


SCHEMAS = sorted(PUBLISHED.glob("*/*.schema.json"))


@pytest.mark.parametrize("path", SCHEMAS, ids=_id)
def test_facts_only_grow_and_only_by_what_is_not_known_of_older_evidence(path: Path) -> None:
    """A field that comes later is None where it was not written. What is removed or means something else breaks
    readers: that takes the next schema, and a step to it (docs/decisions/0016-older-files.md)."""
    then, now = json.loads(path.read_text(encoding="utf-8")), shipped("evidence-v1")
    assert list(_breaks(then, now)) == []


def _breaks(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    definitions = {"Evidence": (then, now)}
    for name, body in then["$defs"].items():
        if name not in now["$defs"]:
            yield f"{name}: removed"
        else:
            definitions[name] = (body, now["$defs"][name])
    for name, (old, new) in definitions.items():
        yield from (f"{name}: {words}" for words in _changes(old, new))


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    yield from (f"{word!r} is no value any more" for word in old.get("enum", ()) if word not in new.get("enum", [word]))
    before, after = old.get("properties", {}), new.get("properties", {})
    for field in before.keys() - {"digest", "readings"}:
        if field not in after or _bare(before[field]) != _bare(after[field]):
            yield f"{field}: removed, or of another type"
    for field in after.keys() - before.keys() - {"schema", "digest"} if before else ():
        if after[field].get("default", "none") is not None:
            yield f"{field}: came later, and its default is not None"


def _bare(schema: Any) -> Any:
    """A schema without what explains it."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in ("description", "title", "default")}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda of: of["Site"]["properties"].pop("type"), "Site: type: removed, or of another type"),
        (
            lambda of: of["Site"]["properties"].update(type={"type": "string"}),
            "Site: type: removed, or of another type",
        ),
        (lambda of: of["Site"]["properties"].update(more={"type": "integer"}), "Site: more: came later"),
        (lambda of: of["Site"]["properties"].update(more={"type": "integer", "default": 0}), "Site: more: came later"),
        (lambda of: of.pop("Site"), "Site: removed"),
        (lambda of: of["Reason"]["enum"].remove("stale"), "Reason: 'stale' is no value any more"),
    ],
)
def test_a_change_that_breaks_readers_is_found(change: Callable[[dict[str, Any]], object], words: str) -> None:
    now = copy.deepcopy(shipped("evidence-v1"))
    change(now["$defs"])
    assert [found for found in _breaks(shipped("evidence-v1"), now) if found.startswith(words)]


def test_a_field_that_is_not_known_of_older_evidence_breaks_nobody() -> None:
    now = copy.deepcopy(shipped("evidence-v1"))
    now["$defs"]["Site"]["properties"]["more"] = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    assert list(_breaks(shipped("evidence-v1"), now)) == []


# Older and newer files.


def test_a_file_of_an_older_schema_goes_through_every_step_to_the_present_one() -> None:
    steps = {
        "readiness/notes/v1": lambda old: {"schema": "readiness/notes/v2", "lines": old["text"].split("|")},
        "readiness/notes/v2": lambda old: {**old, "schema": "readiness/notes/v3", "count": len(old["lines"])},
    }
    found = of_schema(Path("n"), {"schema": "readiness/notes/v1", "text": "a|b"}, "readiness/notes/v3", steps)
    assert found == {"schema": "readiness/notes/v3", "lines": ["a", "b"], "count": 2}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("readiness/notes/v4", "newer version of readiness than this one"),
        ("readiness/notes/v1", "older than anything that this version"),
        ("readiness/letters/v3", "this version reads readiness/notes/v3"),
        (None, "this version reads readiness/notes/v3"),
        ({"a": 1}, "this version reads readiness/notes/v3"),
    ],
)
def test_a_schema_to_which_no_step_leads_is_refused_by_name(schema: Any, words: str) -> None:
    with pytest.raises(EvidenceError, match=words) as caught:
        of_schema(Path("file.json"), {"schema": schema}, "readiness/notes/v3", {})
    assert str(caught.value).startswith("file.json: ")


def test_steps_that_lead_in_a_circle_end() -> None:
    steps = {"readiness/notes/v1": lambda old: old}
    with pytest.raises(EvidenceError):
        of_schema(Path("file.json"), {"schema": "readiness/notes/v1"}, "readiness/notes/v2", steps)


@pytest.mark.parametrize(
    ("version", "is_newer"),
    [
        (__version__, False),
        ("0.0.9", False),
        ("0.1.0.0", False),
        ("99.0", True),
        ("0.1.10.dev3", True),
        ("0.0.1, 99.1", True),
        ("", False),
        ("banana", False),
        (7, False),
        (None, False),
    ],
)
def test_a_newer_version_is_known_by_its_number(version: object, is_newer: bool) -> None:
    assert (newer({"tool_version": version}) is not None) is is_newer
    assert (newer({"run": {"tool_version": version}}) is not None) is is_newer


def _changed(path: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    document = documents.read(path)
    change(document)
    changed = folder / "evidence.json"
    documents.write(changed, documents.readable(documents.sealed(document)))
    return changed


NEWER = (
    lambda document: document.update(more=1),
    lambda document: document["readings"][0].update(more=1),
    lambda document: document["readings"][0]["value"].update(more=1),
    lambda document: document["readings"][0].update(fact="Weather"),
    lambda document: document.update(schema="readiness/evidence/v2"),
    lambda document: document["readings"][0].update(value=None, rows=None, reason="raining"),
    lambda document: document["readings"][0]["value"].pop("tenant_id"),
)


@pytest.mark.parametrize("change", NEWER)
def test_what_a_newer_version_wrote_and_this_one_does_not_know_is_refused_as_that(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    def both(document: dict[str, Any]) -> None:
        change(document)
        document["tool_version"] = "99.0.1"

    path = _changed(PUBLISHED / "trust" / "almost-ready.graph.evidence.json", tmp_path, both)
    with pytest.raises(
        EvidenceError, match=r"written by readiness 99\.0\.1, .*\(0\.1\.0\): upgrade readiness"
    ) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("change", NEWER[:-1])
def test_what_no_version_wrote_is_refused_without_sending_anybody_for_a_newer_one(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    path = _changed(PUBLISHED / "trust" / "almost-ready.graph.evidence.json", tmp_path, change)
    with pytest.raises(EvidenceError) as caught:
        load(path)
    assert "written by readiness" not in str(caught.value)


def test_a_file_of_a_newer_version_that_holds_nothing_new_is_read(tmp_path: Path) -> None:
    """As this version writes it: the published files lack what was added since."""
    path = tmp_path / "present.json"
    save(load(PUBLISHED / "trust" / "almost-ready.graph.evidence.json"), path)
    changed = _changed(path, tmp_path, lambda document: document.update(tool_version="99.0.1"))
    assert load(changed).readings == load(path).readings


def test_a_field_that_was_taken_out_is_not_known_or_takes_its_reading_with_it(tmp_path: Path) -> None:
    """One by one: none of them proves more than when it was there."""
    path = PUBLISHED / "article" / "ready.report.json"
    whole = path.with_name("ready.evidence.json")
    then = documents.read(path)
    passing = _passing(path)
    for fact, field in [("Hierarchy", "sites"), ("CloudServices", "services"), ("TargetDevices", "asked")]:
        lacking = _changed(whole, tmp_path, lambda document: _value(document, fact).pop(field))  # noqa: B023
        found = next(reading for reading in load(lacking).readings if reading.fact == fact)
        assert found.reason is Reason.UNSUPPORTED_VERSION
        report = _report(load(lacking), then)
        assert {check.id for check in report.checks if check.outcome is Outcome.PASS} < passing


def _value(document: dict[str, Any], fact: str) -> dict[str, Any]:
    value: dict[str, Any] = next(reading["value"] for reading in document["readings"] if reading["fact"] == fact)
    return value
