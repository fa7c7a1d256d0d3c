"""What is different between two runs, and what that means. A pure function of both reports.

`comparing` says what changed; here it is told whether that is broken, worse, lost to sight, repaired, or no matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from readiness.assessment.causes import Looked, is_open, shared
from readiness.assessment.comparing import compare
from readiness.assessment.decision import UNVERIFIED, result_standing
from readiness.assessment.reserving import nothing_in_common, reservations
from readiness.assessment.wholeness import is_whole
from readiness.model.changes import Change, Changed, Direction
from readiness.model.differences import NOT_THE_ESTATE, Cause, Difference, Different, RunDiff, Side
from readiness.model.report import CheckResult, Report, SubjectResult, TargetDecision
from readiness.model.words import DecisionState, Level, Outcome

_FIRST = tuple(Difference)
_LOST = (DecisionState.UNDETERMINED, DecisionState.NOT_CONFIGURED)
_WHOLE = (Changed.DECISION, Changed.COLLECTION)
_PARTS = (Changed.CHECK, Changed.SUBJECT)
_Standing = tuple[Outcome, Level]


def differ(before: Report, after: Report, *, in_order: bool = False) -> RunDiff:
    """What is different in `after`.

    Args:
        in_order: whether it is known that `after` was read later, whatever the clocks say.
    """
    compared = compare(before, after, in_order=in_order)
    why_not = compared.incomparable or nothing_in_common(before, after)
    found = [] if why_not else _found(compared.changes, before, after)
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


def _found(changes: Iterable[Change], before: Report, after: Report) -> list[Different]:
    """The parts first, then the whole: what a decision comes from is known by them."""
    looked = Looked(before, after)
    told = [change for change in changes if not _follows(change, before, after)]
    parts = {id(one): _different(one, before, after, _of_part(one, looked)) for one in told if one.what not in _WHOLE}
    known = list(parts.values())
    return [
        parts[id(one)] if id(one) in parts else _different(one, before, after, _of_whole(one, known, looked))
        for one in told
    ]


def _follows(change: Change, before: Report, after: Report) -> bool:
    """Whether it says only what something else says: the plan what the checks say; and where the collections are not
    settled, that none of them is judged by itself."""
    if change.what is not Changed.SUBJECT or (change.before is not None and change.after is not None):
        return change.what is Changed.PLAN
    known = {word for one in (before, after) for target in one.collections for word in (target.id, target.name)}
    return change.id.partition("/")[2] in known and (_any_unsettled(before) or _any_unsettled(after))


def _any_unsettled(report: Report) -> bool:
    return any(_is_unsettled(target, report) for target in report.collections)


def _is_unsettled(target: TargetDecision, report: Report) -> bool:
    """Whether it is a name that nobody could settle: no check proved that there is none."""
    if target.id is not None:
        return False
    of_it = (one for check in report.checks for one in check.subjects if one.id == target.name)
    return not any(one.outcome is Outcome.FAIL for one in of_it)


def _different(change: Change, before: Report, after: Report, causes: frozenset[Cause]) -> Different:
    meant = _meant(change, before, after)
    if causes & NOT_THE_ESTATE and _claims_a_change(meant, change, before):
        meant = Difference.JUDGED
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
        causes=tuple(one for one in Cause if one in causes),
    )


def _claims_a_change(meant: Difference, change: Change, before: Report) -> bool:
    """Whether that would say of the estate that it is not as it was. To see again what was not seen is no such claim:
    the sight of it is repaired."""
    if meant is Difference.REPAIRED:
        return not _was_lost(change, before)
    return meant in (Difference.BROKEN, Difference.DEGRADED)


def _was_lost(change: Change, before: Report) -> bool:
    match change.what:
        case Changed.CHECK:
            return result_standing(_check(before, change.id))[0] in UNVERIFIED
        case Changed.SUBJECT:
            name, _, subject = change.id.partition("/")
            return _stands(_subject(_check(before, name), subject, change.name))[0] in UNVERIFIED
        case Changed.COLLECTION:
            return change.before is None or _target(before, change).state in _LOST
        case _:
            return before.decision.state in _LOST


def _of_part(change: Change, looked: Looked) -> frozenset[Cause]:
    """From what it may come besides the estate."""
    if change.what is Changed.CHECK:
        return looked.at_check(change.id)
    name, _, subject = change.id.partition("/")
    if change.what is Changed.OBSERVED:
        return looked.at_check(name)
    if change.what is not Changed.SUBJECT:
        return frozenset()
    there = (change.before is not None, change.after is not None)
    old, new = (
        _subject(_check(report, name), subject, change.name) if is_there else None
        for report, is_there in zip((looked.before, looked.after), there, strict=True)
    )
    return looked.at_subject(name, old, new)


def _of_whole(change: Change, parts: Sequence[Different], looked: Looked) -> frozenset[Cause]:
    """The same of the decision, or of a collection: of what changed in it."""
    if change.what is Changed.COLLECTION and (change.before is None or change.after is None):
        return looked.at_targets()
    report = looked.after if change.direction is Direction.WORSE else looked.before
    by_id = {one.id: one for one in parts if one.what in _PARTS and one.difference is not Difference.CHANGED}
    return shared(frozenset(by_id[id_].causes) for id_ in _holding(change, report) if id_ in by_id)


def _holding(change: Change, report: Report) -> Iterator[str]:
    """What holds it back: the checks; of a collection, where they judge each by itself, what they say of it."""
    if change.what is Changed.DECISION:
        yield from (check.id for check in report.checks if check.level is Level.BLOCKER and is_open(check))
        return
    target = _target(report, change)
    names = {reason.partition(":")[0] for reason in target.reasons}
    for check in report.checks:
        if check.id in names:
            own = any(one.id == (target.id or target.name) for one in check.subjects)
            yield f"{check.id}/{change.id}" if own else check.id


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
    return _of_standings(*(_stands(_subject(_check(one, name), subject, change.name)) for one in (before, after)))


def _of_collection(change: Change, before: Report, after: Report) -> Difference:
    if change.after is None:
        if _is_unsettled(_target(before, change), before):
            return Difference.CHANGED
        return Difference.UNVERIFIABLE if _any_unsettled(after) else Difference.WENT
    if change.before is None:
        if _is_unsettled(_target(after, change), after):
            return Difference.UNVERIFIABLE
        return Difference.REPAIRED if _any_unsettled(before) else Difference.CAME
    was, is_ = (_target(one, change) for one in (before, after))
    if (was.id is None) != (is_.id is None):
        lost, report = (was, before) if was.id is None else (is_, after)
        if not _is_unsettled(lost, report):  # it was proven that there is none
            return Difference.CAME if lost is was else Difference.WENT
        return Difference.REPAIRED if lost is was else Difference.UNVERIFIABLE
    return _of_states(was.state, is_.state, change.direction) if was.state is not is_.state else Difference.CHANGED


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
    if after[0] is Outcome.BLOCKED:  # by its level alone, which is its own again: nobody saw the estate get worse
        return Difference.UNVERIFIABLE
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


def _subject(check: CheckResult, id_: str, name: str) -> SubjectResult:
    """By its id; where that run could not settle it, by the name it was given."""
    found = next((one for one in check.subjects if one.id == id_), None)
    return found or next(one for one in check.subjects if {one.id.casefold(), one.name.casefold()} & _folded(id_, name))


def _target(report: Report, change: Change) -> TargetDecision:
    """The same of a collection."""
    found = next((one for one in report.collections if change.id == (one.id or one.name)), None)
    named = _folded(change.id, change.name)
    return found or next(one for one in report.collections if {one.name.casefold(), (one.id or "").casefold()} & named)


def _folded(*words: str) -> set[str]:
    return {word.casefold() for word in words}
