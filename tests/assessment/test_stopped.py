"""A run that was stopped says so, is never ready, and is no measure: whatever it had read by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from readiness import evidence as bodies
from readiness.assessment import Question, assess
from readiness.assessment.wholeness import is_whole
from readiness.errors import EvidenceError
from readiness.model.report import Report
from readiness.model.settings import Selection
from readiness.plugin import FACTS, DecisionState, Evidence, Fact, Half, Outcome, Reason
from tests.assessment.fakes import RULES
from tests.properties.estates import CHECKS, of_half, read

BY_SIGNAL = "stopped by SIGTERM"
BY_DEADLINE = "stopped by the deadline of the job"


def judged(evidence: Evidence, selection: Selection | None = None) -> Report:
    settings = replace(read("ready").settings, selection=selection or Selection())
    return assess(evidence, Question(CHECKS, settings, RULES), evidence.finished + timedelta(seconds=1))


def cut(*facts: type[Fact]) -> Evidence:
    """A healthy estate, of which these were not read any more."""
    names = {fact.__name__ for fact in facts}
    found = read("ready").evidence
    readings = tuple(
        replace(one, value=None, rows=None, reason=Reason.TIMED_OUT, error="the run ended before this was read")
        if one.fact in names
        else one
        for one in found.readings
    )
    return replace(found, readings=readings, partial=bool(names), stopped=BY_SIGNAL)


def passed(report: Report) -> set[str]:
    return {check.id for check in report.checks if check.outcome is Outcome.PASS}


@pytest.mark.parametrize("fact", [None, *FACTS])
def test_whatever_was_read_it_is_not_ready_and_nothing_more_passes(fact: type[Fact] | None) -> None:
    report = judged(cut(*[fact] if fact is not None else []))
    assert report.decision.state is DecisionState.UNDETERMINED
    assert report.decision.sentence.endswith(f" Partial: {BY_SIGNAL}.")
    assert report.run.stopped == BY_SIGNAL
    assert not is_whole(report)
    assert passed(report) <= passed(judged(read("ready").evidence))


def test_a_selection_does_not_pass_either() -> None:
    whole = judged(read("ready").evidence, Selection(check=("site-*",)))
    assert whole.decision.state is DecisionState.SELECTION_PASSED
    assert judged(cut(), Selection(check=("site-*",))).decision.state is DecisionState.UNDETERMINED


def test_what_fails_fails() -> None:
    stopped = replace(read("not-attached").evidence, stopped=BY_SIGNAL)
    assert judged(stopped).decision.state is DecisionState.NOT_READY


def test_a_file_keeps_it_and_a_merge_too(tmp_path: Path) -> None:
    first = replace(of_half(cut(), Half.SITE), stopped=BY_DEADLINE)
    second = of_half(cut(), Half.TENANT)
    for one, name in ((first, "site.json"), (second, "tenant.json")):
        bodies.save(one, tmp_path / name)
    loaded = [bodies.load(tmp_path / name) for name in ("site.json", "tenant.json")]
    assert loaded == [first, second]
    merged = bodies.merge(loaded)
    assert merged.stopped == f"{BY_SIGNAL}, {BY_DEADLINE}"
    assert merged == bodies.merge([*loaded[::-1], merged])
    bodies.save(merged, tmp_path / "merged.json")
    assert bodies.load(tmp_path / "merged.json") == merged


@pytest.mark.parametrize("words", ["", "stopped by CHG0031337", "stopped by SIGTERM and contoso.com", "SIGTERM"])
def test_other_words_are_refused(words: str, tmp_path: Path) -> None:
    bodies.save(replace(cut(), stopped=words), tmp_path / "evidence.json")
    with pytest.raises(EvidenceError, match="stopped: it says nothing that ends a reading"):
        bodies.load(tmp_path / "evidence.json")
