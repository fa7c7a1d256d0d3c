"""What is different between two runs, and what that means. A pure function of both reports.

`comparing` says what changed; here it is told whether that is broken, worse, lost to sight, repaired, or no matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from readiness.assessment.comparing import compare
from readiness.assessment.decision import UNVERIFIED, result_standing
from readiness.assessment.reserving import nothing_in_common, reservations
from readiness.assessment.wholeness import is_whole
from readiness.model.changes import Change, Changed, Direction
from readiness.model.differences import Difference, Different, RunDiff, Side
from readiness.model.report import CheckResult, Report, SubjectResult
from readiness.model.words import DecisionState, Level, Outcome

_FIRST = tuple(Difference)
_LOST = (DecisionState.UNDETERMINED, DecisionState.NOT_CONFIGURED)
_Standing = tuple[Outcome, Level]


def differ(before: Report, after: Report, *, in_order: bool = False) -> RunDiff:
    """What is different in `after`.

    Args:
        in_order: whether it is known that `after` was read later, whatever the clocks say.
    """
    compared = compare(before, after, in_order=in_order)
    why_not = compared.incomparable or nothing_in_common(before, after)
    told = [change for change in compared.changes if change.what is not Changed.PLAN]  # which follows from the checks
    found = [] if why_not else [_different(change, before, after) for change in told]
    found.sort(key=lambda one: _FIRST.index(one.difference))
    return RunDiff(
        before=_side(before),
        after=_side(after),
        sentence=f"cannot be compared: {why_not}" if why_not else sentence(found),
        incomparable=why_not,
        reservations=() if why_not else tuple(reservations(before, after, compared.changes)),
        differences=tuple(found),
    )


def _side(report: Report) -> Side:
    run, decision = report.run, report.decision
    return Side(
        run=run.id,
        finished=run.finished,
        state=decision.state,
        sentence=decision.sentence,
        whole=is_whole(report),
        demo=run.demo,
        redacted=run.redacted is not None,
        tenant=run.tenant,
        site=run.site,
    )


def sentence(found: Sequence[Different]) -> str:
    """How many differences of each kind there are, in words."""
    if not found:
        return "nothing changed"
    numbers = Counter(one.difference for one in found)
    told = ", ".join(f"{numbers[one]} {one.words}" for one in Difference if numbers[one])
    return f"{'worse' if any(one.worse for one in found) else 'nothing worse'}: {told}"


def _different(change: Change, before: Report, after: Report) -> Different:
    meant = _meant(change, before, after)
    # To lose sight of something is no improvement, even where it was known to be broken.
    worse = change.direction is Direction.WORSE or meant is Difference.UNVERIFIABLE
    because = next((one.blocked_by for one in after.checks if one.id == change.id), ())
    blocked = change.what is Changed.CHECK and meant is not Difference.REPAIRED
    return Different(
        difference=meant,
        what=change.what,
        id=change.id,
        name=change.name,
        before=change.before,
        after=change.after,
        worse=worse,
        because=because if blocked else (),
    )


def _meant(change: Change, before: Report, after: Report) -> Difference:
    match change.what:
        case Changed.DECISION:
            return _of_states(change.before, change.after, change.direction)
        case Changed.CHECK:
            if change.before is None or change.after is None:
                return Difference.NEW_CHECK if change.before is None else Difference.REMOVED_CHECK
            return _of_standings(*(result_standing(_check(one, change.id)) for one in (before, after)))
        case Changed.SUBJECT:
            return _of_subject(change, before, after)
        case Changed.COLLECTION:
            return _of_collection(change, before, after)
        case _:
            return Difference.CHANGED


def _of_subject(change: Change, before: Report, after: Report) -> Difference:
    if change.before is None or change.after is None:
        return Difference.CAME if change.before is None else Difference.WENT
    name, _, subject = change.id.partition("/")
    return _of_standings(*(_stands(_subject(_check(one, name), subject)) for one in (before, after)))


def _of_collection(change: Change, before: Report, after: Report) -> Difference:
    if change.before is None or change.after is None:
        return Difference.CAME if change.before is None else Difference.WENT
    was, is_ = (next(c.state for c in one.collections if change.id in (c.id, c.name)) for one in (before, after))
    return _of_states(was, is_, change.direction) if was is not is_ else Difference.CHANGED


def _of_states(before: str | None, after: str | None, direction: Direction) -> Difference:
    if after in _LOST and before not in _LOST:
        return Difference.UNVERIFIABLE
    if direction is Direction.OTHER:
        return Difference.CHANGED
    return Difference.BROKEN if direction is Direction.WORSE else Difference.REPAIRED


def _of_standings(before: _Standing, after: _Standing) -> Difference:
    """What it means that something stands otherwise, waivers and attestations taken out."""
    if after[0] in UNVERIFIED and before[0] not in UNVERIFIED:
        return Difference.UNVERIFIABLE
    was, is_ = _weight(*before), _weight(*after)
    if was == is_:
        return Difference.CHANGED
    if is_ < was:
        return Difference.REPAIRED
    return Difference.BROKEN if after == (Outcome.FAIL, Level.BLOCKER) else Difference.DEGRADED


def _weight(outcome: Outcome, level: Level) -> tuple[int, int]:
    """How bad something is: of what is bad its level counts first."""
    if outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        return (0, 0)
    return 3 - tuple(Level).index(level), 2 if outcome is Outcome.FAIL else 1


def _stands(subject: SubjectResult) -> _Standing:
    over = subject.waiver or subject.attestation
    return (Outcome.PASS if over else subject.outcome), subject.level


def _check(report: Report, name: str) -> CheckResult:
    return next(check for check in report.checks if check.id == name)


def _subject(check: CheckResult, name: str) -> SubjectResult:
    return next(subject for subject in check.subjects if subject.id == name)
