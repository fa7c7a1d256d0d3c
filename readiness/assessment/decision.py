"""From judged checks to a decision: for the estate, for each half, for each target collection; and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.assessment.blocking import Judged
from readiness.model.check import Check
from readiness.model.exit_codes import ExitCode
from readiness.model.report import CheckResult, Report
from readiness.model.settings import Selection
from readiness.model.verdict import Subject, worst
from readiness.model.words import DecisionState, FailOn, Half, Level, Origin, Outcome, Reason

_WORST_FIRST = (
    DecisionState.NOT_READY,
    DecisionState.UNDETERMINED,
    DecisionState.READY,
    DecisionState.SELECTION_PASSED,
)
UNVERIFIED = (Outcome.UNKNOWN, Outcome.MANUAL, Outcome.ERROR, Outcome.BLOCKED)
ARTICLE = Selection(tag=("article",))
MOST_NAMED = 5

Standing = tuple[Outcome, Level]
Covered = tuple[Subject, bool]
"""A subject, and whether a waiver or an attestation lies over it."""


def standing(judged: Judged) -> Standing:
    """What counts of a check once waivers and attestations are taken out."""
    answered = bool(judged.laid.waiver or judged.laid.attestation)
    return _stands((judged.verdict.outcome, judged.level), judged.check.level, covered(judged), answered)


def covered(judged: Judged) -> list[Covered]:
    """The subjects of a check, and what lies over each."""
    over = [bool(one.waiver or one.attestation) for one in judged.laid.subjects]
    return list(zip(judged.verdict.subjects, over, strict=True))


def result_standing(result: CheckResult) -> Standing:
    """The same, of a check in a report."""
    subjects = [(_subject(result, index), bool(s.waiver or s.attestation)) for index, s in enumerate(result.subjects)]
    answered = bool(result.waiver or result.attestation)
    return _stands((result.outcome, result.level), result.declared_level, subjects, answered)


def _subject(result: CheckResult, index: int) -> Subject:
    found = result.subjects[index]
    return Subject(found.kind, found.id, found.name, found.outcome, found.summary, found.level, found.reason)


def _stands(own: Standing, declared: Level, subjects: Sequence[Covered], answered: bool) -> Standing:
    if not by_worst(own, declared, subjects) or (answered and _any_was_enough(own, subjects)):
        return (Outcome.PASS, own[1]) if answered else own  # no subjects, or any of them is enough
    return left(subjects, declared, own[1])


def _any_was_enough(own: Standing, subjects: Sequence[Covered]) -> bool:
    """Whether a check is answered though a subject with its own outcome is not: then one of them was enough."""
    return any(subject.outcome is own[0] and not over for subject, over in subjects)


def by_worst(own: Standing, declared: Level, subjects: Sequence[Covered]) -> bool:
    """Whether a check has subjects, and is what the worst of them is: not so where any of them is enough."""
    return bool(subjects) and own == _worst([subject for subject, _ in subjects], declared)


def left(subjects: Sequence[Covered], declared: Level, level: Level) -> Standing:
    """The worst of the subjects that nothing lies over; a pass where there is none."""
    open_ = [subject for subject, over in subjects if not over]
    return _worst(open_, declared) if open_ else (Outcome.PASS, level)


def _worst(subjects: Sequence[Subject], declared: Level) -> Standing:
    first = worst(subjects, declared)
    return first.outcome, first.level or declared


def state_of(judged: Iterable[Judged]) -> DecisionState:
    """The state over these checks: a failed blocker is not ready; an unverified one leaves it undetermined."""
    return combined(contribution(one, *standing(one)) for one in judged)


def contribution(judged: Judged, outcome: Outcome, level: Level) -> DecisionState:
    """What one check, as it stands, makes of the whole."""
    if outcome is Outcome.ERROR:  # whatever the level: the check might have raised it
        return DecisionState.UNDETERMINED
    if level is not Level.BLOCKER or outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        return DecisionState.READY
    if outcome is Outcome.FAIL or (outcome is Outcome.BLOCKED and judged.blocked_by_failure):
        return DecisionState.NOT_READY
    return DecisionState.UNDETERMINED


def of_selection(state: DecisionState, selection: Selection) -> DecisionState:
    """A selection never reads as ready: it passed."""
    return DecisionState.SELECTION_PASSED if state is DecisionState.READY and not selection.everything else state


def of_partial(state: DecisionState, stopped: str | None) -> DecisionState:
    """What was stopped on the way shows no estate ready, whatever was read by then."""
    good = state in (DecisionState.READY, DecisionState.SELECTION_PASSED)
    return DecisionState.UNDETERMINED if good and stopped else state


def halves(judged: Sequence[Judged], selection: Selection) -> dict[Half, DecisionState]:
    """The state of each half, over the checks that need it."""
    return {half: of_selection(_half(half, judged), selection) for half in Half}


def origin_of(check: Check) -> Origin:
    """Who asks for a prerequisite: its tag says it."""
    return Origin.ARTICLE if Origin.ARTICLE.value in check.tags else Origin.TODAY


def origins(judged: Sequence[Judged], selection: Selection) -> dict[Origin, DecisionState]:
    """The state over what the article asks, and over what is needed today besides; of no check nothing is said."""
    apart = {origin: [one for one in judged if origin_of(one.check) is origin] for origin in Origin}
    return {origin: of_selection(state_of(those), selection) for origin, those in apart.items() if those}


def _half(half: Half, judged: Sequence[Judged]) -> DecisionState:
    needing = [one for one in judged if half in one.check.needs.halves]
    alone = [one for one in needing if len(one.check.needs.halves) == 1]
    own = [one for one in alone if one.verdict.outcome is not Outcome.NOT_APPLICABLE]  # some are so without a reading
    if own and all(one.verdict.reason is Reason.NOT_CONFIGURED for one in own):
        return DecisionState.NOT_CONFIGURED
    return state_of(needing)


def combined(states: Iterable[DecisionState]) -> DecisionState:
    """The worst of several states. Of none nothing is known."""
    return min(states, key=_WORST_FIRST.index, default=DecisionState.UNDETERMINED)


def sentence(
    state: DecisionState,
    judged: Sequence[Judged],
    *,
    selection: Selection,
    overlays: tuple[int, int],
    targets: Sequence[str],
    unjudged: Sequence[str],
    stopped: str | None = None,
) -> str:
    """The decision in one or two sentences, saying also what this version does not judge.

    Args:
        overlays: how many waivers and how many attestations were applied.
        targets: the names of the roll-out that stand for no one collection.
        unjudged: the phases of which this version has no check.
        stopped: what ended the reading before it was through.
    """
    said = _said(state, judged, with_=_with(overlays), article=selection == ARTICLE)
    if targets:
        more = f" and {len(targets) - MOST_NAMED} more" if len(targets) > MOST_NAMED else ""
        said += f"; not settled: {', '.join(targets[:MOST_NAMED])}{more}"
    said += "."
    if unjudged and state is not DecisionState.NOT_READY:
        said += f" This version does not judge yet: {', '.join(unjudged)}."
    return f"{said} Partial: {stopped}." if stopped else said


def _said(state: DecisionState, judged: Sequence[Judged], *, with_: str, article: bool) -> str:
    failed, open_, crashed = _counted([standing(one) for one in judged])
    match state:
        case DecisionState.NOT_READY:
            more = f", {open_} more not verified" if open_ else ""
            return f"Not ready{with_}: {_count(failed, 'blocker')} failed{more}"
        case DecisionState.UNDETERMINED:
            what = [f"{_count(open_, 'blocker')} could not be verified"] * bool(open_)
            what += [f"{_count(crashed, 'check')} crashed"] * bool(crashed)
            return f"Not determined{with_}: no blocker failed" + (f", but {' and '.join(what)}" if what else "")
        case DecisionState.SELECTION_PASSED:
            what_passed = "The selection meets the 2020 article" if article else "The selection passed"
            return f"{what_passed}{with_}: {_count(len(judged), 'check')} judged, not the whole chain"
        case _:
            good = sum(1 for one in judged if standing(one)[1] is Level.BLOCKER)
            return f"Ready{with_}: {_count(good, 'blocker')} judged, and none stands in the way"


def _counted(standings: Sequence[Standing]) -> tuple[int, int, int]:
    """How many blockers failed, how many could not be verified, and how many other checks crashed."""
    blockers = [outcome for outcome, level in standings if level is Level.BLOCKER]
    crashed = sum(1 for outcome, level in standings if outcome is Outcome.ERROR and level is not Level.BLOCKER)
    return blockers.count(Outcome.FAIL), sum(blockers.count(outcome) for outcome in UNVERIFIED), crashed


def _with(overlays: tuple[int, int]) -> str:
    waived, attested = overlays
    parts = [_count(waived, "waiver")] * bool(waived) + [_count(attested, "attestation")] * bool(attested)
    return f" with {', '.join(parts)}" if parts else ""


def _count(number: int, noun: str) -> str:
    plural = {"advisory": "advisories"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def exit_code(report: Report, fail_on: FailOn) -> tuple[int, str]:
    """The exit code of a command with a verdict, and why. Contract: interfaces, section 2."""
    state = report.decision.state
    standings = [result_standing(check) for check in report.checks]
    failed, open_, crashed = _counted(standings)
    advisories = [outcome for outcome, level in standings if level is Level.ADVISORY]
    unsure = sum(advisories.count(outcome) for outcome in UNVERIFIED)
    if state is DecisionState.NOT_READY:
        why = f"{_count(failed, 'blocker')} failed" if failed else "a target of the roll-out is not ready"
        return ExitCode.NOT_READY, why
    if state is DecisionState.UNDETERMINED:
        return ExitCode.UNDETERMINED, _why_undetermined(open_, crashed)
    if fail_on is FailOn.UNKNOWN and unsure:
        return ExitCode.UNDETERMINED, f"{_count(unsure, 'advisory')} could not be verified"
    if fail_on is not FailOn.BLOCKER and Outcome.FAIL in advisories:
        return ExitCode.ADVISORIES, f"{_count(advisories.count(Outcome.FAIL), 'advisory')} failed"
    return ExitCode.OK, "ready" if state is DecisionState.READY else "the selection passed"


def _why_undetermined(open_: int, crashed: int) -> str:
    if open_:
        return f"{_count(open_, 'blocker')} could not be verified"
    return f"{_count(crashed, 'check')} crashed" if crashed else "not everything could be verified"
