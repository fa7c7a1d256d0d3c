"""From judged checks to a decision: for the estate, for each half, for each target collection; and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.assessment.judging import Judged
from readiness.assessment.overlays import SubjectLaid
from readiness.model.report import Report
from readiness.model.verdict import Subject, worst
from readiness.model.words import DecisionState, FailOn, Half, Level, Outcome, Reason

_WORST_FIRST = (
    DecisionState.NOT_READY,
    DecisionState.UNDETERMINED,
    DecisionState.READY,
    DecisionState.SELECTION_PASSED,
)
UNVERIFIED = (Outcome.UNKNOWN, Outcome.MANUAL, Outcome.ERROR, Outcome.BLOCKED)


def standing(judged: Judged, target: str | None = None) -> tuple[Outcome, Level]:
    """What counts of a check once waivers and attestations are taken out; for one target, its own subject only."""
    subjects = list(zip(judged.verdict.subjects, judged.laid.subjects, strict=bool(judged.laid.subjects)))
    if target is not None and any(subject.kind == "collection" for subject, _ in subjects):
        subjects = [(s, over) for s, over in subjects if s.kind != "collection" or s.id == target]
        if not subjects:
            return Outcome.UNKNOWN, judged.check.level
    if not subjects:
        answered = judged.laid.waiver or judged.laid.attestation
        return (Outcome.PASS if answered else judged.verdict.outcome), judged.level
    left = [subject for subject, over in subjects if not _answered(over)]
    if not left:
        return Outcome.PASS, judged.level
    return _speaks(judged, left)


def _speaks(judged: Judged, subjects: Sequence[Subject]) -> tuple[Outcome, Level]:
    first = worst(subjects, judged.check.level)
    return first.outcome, first.level or judged.check.level


def _answered(over: SubjectLaid) -> bool:
    return over.waiver is not None or over.attestation is not None


def state_of(judged: Iterable[Judged], target: str | None = None) -> DecisionState:
    """The state over these checks: a failed blocker is not ready; an unverified one leaves it undetermined."""
    states = [_contribution(one, *standing(one, target)) for one in judged]
    return min(states, key=_WORST_FIRST.index, default=DecisionState.UNDETERMINED)


def _contribution(judged: Judged, outcome: Outcome, level: Level) -> DecisionState:
    if level is not Level.BLOCKER or outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        return DecisionState.READY
    if outcome is Outcome.FAIL or (outcome is Outcome.BLOCKED and judged.blocked_by_failure):
        return DecisionState.NOT_READY
    return DecisionState.UNDETERMINED


def reasons(judged: Iterable[Judged], target: str) -> tuple[str, ...]:
    """What keeps this target from being ready: the summaries of the blockers that count against it."""
    against = [one for one in judged if _contribution(one, *standing(one, target)) is not DecisionState.READY]
    return tuple(_own_summary(one, target) for one in against)


def _own_summary(judged: Judged, target: str) -> str:
    own = [s for s in judged.verdict.subjects if s.kind == "collection" and s.id == target]
    return f"{judged.check.id}: {own[0].summary if own else judged.verdict.summary}"


def halves(judged: Sequence[Judged]) -> dict[Half, DecisionState]:
    """The state of each half, over the checks that need it."""
    return {half: _half([one for one in judged if half in one.check.needs.halves]) for half in Half}


def _half(judged: Sequence[Judged]) -> DecisionState:
    own = [one for one in judged if len(one.check.needs.halves) == 1]
    if own and all(one.verdict.reason is Reason.NOT_CONFIGURED for one in own):
        return DecisionState.NOT_CONFIGURED
    return state_of(judged)


def combined(states: Iterable[DecisionState]) -> DecisionState:
    """The worst of several states."""
    return min(states, key=_WORST_FIRST.index)


def sentence(
    state: DecisionState,
    judged: Sequence[Judged],
    *,
    overlays: tuple[int, int],
    article: bool,
    targets: Sequence[str],
    unjudged: Sequence[str],
) -> str:
    """The decision in one or two sentences, saying also what this version does not judge."""
    said = _said(state, judged, article=article) + _with(overlays)
    if targets:
        said += f"; not settled: {', '.join(targets)}"
    said += "."
    if unjudged and state is not DecisionState.NOT_READY:
        said += f" This version does not judge yet: {', '.join(unjudged)}."
    return said


def _said(state: DecisionState, judged: Sequence[Judged], *, article: bool) -> str:
    blockers = [(one, *standing(one)) for one in judged]
    failed = [one for one, outcome, level in blockers if level is Level.BLOCKER and outcome is Outcome.FAIL]
    open_ = [one for one, outcome, level in blockers if level is Level.BLOCKER and outcome in UNVERIFIED]
    match state:
        case DecisionState.NOT_READY:
            more = f", {_count(len(open_), 'more')} not verified" if open_ else ""
            return f"Not ready: {_count(len(failed), 'blocker')} failed{more}"
        case DecisionState.UNDETERMINED:
            return f"Not determined: no blocker failed, but {_count(len(open_), 'blocker')} could not be verified"
        case DecisionState.SELECTION_PASSED:
            what = "meets the 2020 article" if article else "the selection passed"
            return f"{what[0].upper()}{what[1:]}: a selection of {_count(len(judged), 'check')}, not the whole chain"
        case _:
            good = sum(1 for _, outcome, level in blockers if level is Level.BLOCKER)
            return f"Ready: {_count(good, 'blocker')} judged, and none stands in the way"


def _with(overlays: tuple[int, int]) -> str:
    waived, attested = overlays
    parts = [_count(waived, "waiver")] * bool(waived) + [_count(attested, "attestation")] * bool(attested)
    return f", with {', '.join(parts)}" if parts else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number != 1 and noun != "more" else "")


def exit_code(report: Report, fail_on: FailOn) -> tuple[int, str]:
    """The exit code of a command with a verdict, and why. Contract: interfaces, section 2."""
    state = report.decision.state
    counts = _unanswered(report)
    if state is DecisionState.NOT_READY:
        return 3, _plural(counts[Level.BLOCKER, Outcome.FAIL], "blocker", "failed") or "not every blocker is waived"
    if state is DecisionState.UNDETERMINED:
        open_ = sum(counts[Level.BLOCKER, outcome] for outcome in UNVERIFIED)
        return 5, _plural(open_, "blocker", "could not be verified") or "not everything could be verified"
    unsure = sum(counts[Level.ADVISORY, outcome] for outcome in UNVERIFIED)
    if fail_on is FailOn.UNKNOWN and unsure:
        return 5, _plural(unsure, "advisory", "could not be verified")
    if fail_on is not FailOn.BLOCKER and counts[Level.ADVISORY, Outcome.FAIL]:
        return 4, _plural(counts[Level.ADVISORY, Outcome.FAIL], "advisory", "failed")
    return 0, "ready" if state is DecisionState.READY else "the selection passed"


def _plural(number: int, noun: str, verb: str) -> str:
    nouns = {"blocker": "blockers", "advisory": "advisories"}
    return f"{number} {noun if number == 1 else nouns[noun]} {verb}" if number else ""


def _unanswered(report: Report) -> dict[tuple[Level, Outcome], int]:
    counts = {(level, outcome): 0 for level in Level for outcome in Outcome}
    for check in report.checks:
        if check.waiver is None and check.attestation is None:
            counts[check.level, check.outcome] += 1
    return counts
