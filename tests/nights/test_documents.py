"""What `diff` and `history` write for programs is what their schemas say: over every pair of the simulated estates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness import composition, documents
from readiness.assessment import Question, assess
from readiness.assessment.differing import differ
from readiness.cli.looking_back import as_data, looked_back
from readiness.cli.runs import opened
from readiness.history.runs import Kind, new_run
from readiness.history.store import Store
from readiness.model.differences import Difference, RunDiff
from readiness.model.report import Report
from readiness.model.settings import Waiver
from readiness.schemas import shipped
from tests.conftest import Program
from tests.nights.calendar import BEGIN
from tests.nights.estates import as_read
from tests.properties.estates import SCENARIOS, read
from tests.reports.conftest import rich

CLAIMS = {Difference.BROKEN, Difference.DEGRADED}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What each simulated estate came to, an hour apart, and one made by hand that has a bit of everything."""
    found = {"rich": rich()}
    for number, name in enumerate(SCENARIOS):
        moment = BEGIN + timedelta(hours=number)
        settings = replace(read(name).settings, waivers=(waiver(moment),))
        asked: dict[str, Any] = {"scope": {"collections": list(settings.scope.collections)}}
        question = Question(
            composition.all_checks(), settings, composition.rules(None), asked, composition.guide,
            composition.rights_used, composition.plugins_used(),
        )  # fmt: skip
        found[name] = assess(as_read(name, moment, moment), question, moment)
    return found


def waiver(moment: Any) -> Waiver:
    return Waiver("policy-author", "Ann", "Bob", "why not", (moment + timedelta(days=3)).date())


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(shipped(name), format_checker=jsonschema.FormatChecker())


def written(diff: RunDiff) -> Any:
    """As `readiness diff --json` writes it."""
    return json.loads(
        documents.readable({"schema": "readiness/diff/v1", "worse": diff.worse, **documents.plain(diff)})
    )  # fmt: skip


def test_every_diff_is_what_its_schema_says(reports: dict[str, Report]) -> None:
    """All pairs, both ways; most of them can be compared, and differ."""
    schema, apart = validator("diff-v1"), 0
    for before, after in permutations(reports, 2):
        diff = differ(reports[before], reports[after], in_order=True)
        schema.validate(written(diff))
        apart += bool(diff.differences)
    assert apart > len(reports) * 5


def test_a_diff_with_another_key_is_refused(reports: dict[str, Report]) -> None:
    found = written(differ(reports["ready"], reports["almost-ready"], in_order=True))
    for changed in ({**found, "more": 1}, {**found, "differences": [{**found["differences"][0], "causes": ["moon"]}]}):
        assert not validator("diff-v1").is_valid(changed)


def test_of_no_estate_other_rules_or_rights_alone_say_that_it_broke(reports: dict[str, Report]) -> None:
    """The same report, as other rules judged it, or another account read it: whatever its outcomes are made to be."""
    for report in reports.values():
        turned = report.checks[::-1]
        checks = tuple(
            replace(one, outcome=other.outcome, reason=other.reason, level=other.level, subjects=())
            for one, other in zip(report.checks, turned, strict=True)
        )
        same = replace(report, checks=tuple(replace(one, subjects=()) for one in report.checks))
        rules = replace(same, checks=checks, run=replace(report.run, rules_version="another"))
        readings = tuple(replace(one, identity="another", reason=None, error=None) for one in report.readings)
        rights = replace(same, checks=checks, readings=readings)
        seen = replace(same, readings=tuple(replace(one, reason=None, error=None) for one in report.readings))
        based = {reading for one in report.checks for reading in one.evidence} <= {one.id for one in report.readings}
        diffs = [differ(same, rules), *([differ(seen, rights)] if based else [])]
        for diff in diffs:
            assert diff.differences
            assert not {one.difference for one in diff.differences if one.what.value == "check"} & CLAIMS


def test_the_history_is_what_its_schema_says(reports: dict[str, Report], tmp_path: Path) -> None:
    store = Store(tmp_path / "history.sqlite3")
    (tmp_path / "readiness.toml").write_text(f"[history]\npath = '{store.path}'\n", encoding="utf-8")
    configuration = opened(tmp_path / "readiness.toml", {})
    schema = validator("history-v1")
    found = json.loads(documents.readable(as_data(looked_back(store, configuration, ["*"], 0, BEGIN))))
    schema.validate(found)
    assert (found["runs"], found["overlays"]) == ([], {"ending": [], "expired": [], "unused": []})
    for report in reports.values():
        digest = documents.digest(documents.report_document(report))
        assert store.add(new_run(report, Kind.SCAN, 0, BEGIN, digest=digest))
    found = json.loads(documents.readable(as_data(looked_back(store, configuration, ["*"], 0, BEGIN))))
    schema.validate(found)
    assert len(found["runs"]) == len(reports)
    assert any(found["overlays"].values())
    assert found["trends"]
    assert not schema.is_valid({**found, "more": 1})
    assert all(one["sequence"] > other["sequence"] for one, other in pairwise(found["runs"]))


def test_the_command_writes_the_same(program: Program) -> None:
    ran = program("history", "--json")
    validator("history-v1").validate(ran.report)
