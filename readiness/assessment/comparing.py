"""What changed between two reports of one estate. A pure function of both.

Moments and spans of time that move with every run are no change: see `_lasting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from readiness.assessment.decision import result_standing
from readiness.model.changes import Change, Changed, Comparison, Direction
from readiness.model.report import CheckResult, Report, SubjectResult, TargetDecision
from readiness.model.settings import Overlay
from readiness.model.words import DecisionState, Level, Outcome

LATELY = timedelta(days=3)
"""A moment that lies this near to the end of its own run moves along with every run: the last heartbeat, say."""

_BAD = {
    Outcome.PASS: 0,
    Outcome.NOT_APPLICABLE: 0,
    Outcome.FAIL: 2,
}
"""How bad an outcome is; every other one could not be verified."""
_UNVERIFIED = 1
_HEAVY = {Level.BLOCKER: 3, Level.ADVISORY: 2, Level.INFO: 1}
_STATES = {
    DecisionState.READY: 0,
    DecisionState.SELECTION_PASSED: 0,
    DecisionState.NOT_CONFIGURED: 1,
    DecisionState.UNDETERMINED: 1,
    DecisionState.NOT_READY: 2,
}
_FIRST = tuple(Direction)
_TOLD_ELSEWHERE = frozenset({"scan", "change", "waivers", "attestations", "file", "digest"})
"""Of the configuration: how a run goes, what its report is headed, and what is compared by itself."""
_OF_A_DEMO = frozenset({"site.port", "tenant.authority", "tenant.graph"})
"""Addresses of the simulated estate, which has new ones in each run."""

_DAY = r"\d{4}-\d\d-\d\d"
_MOMENT = re.compile(rf"({_DAY})(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)?(?: ?(?:UTC|Z))?", re.ASCII)
_SPAN = re.compile(
    r"(?<![\w.])\d[\d,.]*\s?(?:ms|s|seconds?|min|minutes?|h|hours?|d|days?|weeks?|months?)(?![\w])", re.ASCII
)


def compare(before: Report, after: Report) -> Comparison:
    """What of `after` is not as it was in `before`, in words, and whether that is worse.

    Two reports of different estates are not compared: what would be said of them says nothing.
    """
    why_not = _incomparable(before, after)
    changes = () if why_not else tuple(sorted(_changes(before, after), key=lambda one: _FIRST.index(one.direction)))
    return Comparison(
        run=before.run.id,
        finished=before.run.finished,
        sentence=f"cannot be compared: {why_not}" if why_not else _sentence(changes),
        incomparable=why_not,
        changes=changes,
    )


def _incomparable(before: Report, after: Report) -> str | None:
    if before.run.demo != after.run.demo:
        return "one of them is about the simulated estate, the other is not"
    for what, one, other in (
        ("tenant", before.run.tenant, after.run.tenant),
        ("site", before.run.site, after.run.site),
    ):
        if one and other and one.casefold() != other.casefold():
            return f"the {what} was {one}, and is {other}"
    return None


def _sentence(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "nothing changed since approval"
    numbers = [(sum(change.direction is way for change in changes), way) for way in Direction]
    told = ", ".join(f"{number} {way}" for number, way in numbers if number)
    return f"{len(changes)} {'thing' if len(changes) == 1 else 'things'} changed since approval: {told}"


def _changes(before: Report, after: Report) -> Iterator[Change]:
    yield from _decision(before, after)
    yield from _checks(before, after)
    yield from _targets(before.collections, after.collections)
    yield from _overlays(before.overlays, after.overlays)
    yield from _configuration(before.run.configuration, after.run.configuration, demo=after.run.demo)
    yield from _differs(Changed.READ_BY, "identities", _joined(before.run.identities), _joined(after.run.identities))
    yield from _differs(Changed.RULES, "rules", before.run.rules_version, after.run.rules_version)
    yield from _differs(Changed.TOOL, "readiness", before.run.tool_version, after.run.tool_version)


def _differs(what: Changed, name: str, before: str | None, after: str | None) -> Iterator[Change]:
    if before != after:
        yield Change(what, name, name, before, after, Direction.OTHER)


def _decision(before: Report, after: Report) -> Iterator[Change]:
    old, new = before.decision.state, after.decision.state
    if old is not new:
        yield Change(Changed.DECISION, "decision", "decision", old, new, _way(_STATES[old], _STATES[new]))


def _checks(before: Report, after: Report) -> Iterator[Change]:
    old, new = ({check.id: check for check in report.checks} for report in (before, after))
    for id_ in dict.fromkeys((*new, *old)):
        yield from _check(id_, old.get(id_), new.get(id_), before, after)


def _check(
    id_: str, old: CheckResult | None, new: CheckResult | None, before: Report, after: Report
) -> Iterator[Change]:
    known = new or old
    assert known is not None  # noqa: S101 - an id comes from one of the two
    was, is_ = _told(old), _told(new)
    if was != is_:
        yield Change(Changed.CHECK, id_, known.title, was, is_, _check_way(old, new))
    elif old and new:
        told = _lasting(old.observed, before.run.finished), _lasting(new.observed, after.run.finished)
        if told[0] != told[1]:
            yield Change(Changed.OBSERVED, id_, known.title, old.observed, new.observed, Direction.OTHER)
    if old and new:
        yield from _subjects(old, new)


def _subjects(old: CheckResult, new: CheckResult) -> Iterator[Change]:
    were, are = ({(one.kind, one.id): one for one in check.subjects} for check in (old, new))
    for key in dict.fromkeys((*are, *were)):
        was, is_ = _told(were.get(key)), _told(are.get(key))
        if was != is_:
            known = are.get(key) or were[key]
            way = _way(_weight(were.get(key)), _weight(are.get(key)))
            if key not in are or key not in were:
                way = Direction.OTHER  # that it came or went is told with the collections and the configuration
            yield Change(Changed.SUBJECT, f"{new.id}/{known.id}", known.name, was, is_, way)


def _told(judged: CheckResult | SubjectResult | None) -> str | None:
    if judged is None:
        return None
    laid = [word for word, over in (("waived", judged.waiver), ("attested", judged.attestation)) if over]
    reason = f": {judged.reason}" if judged.reason else ""
    notes = [*([] if judged.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) else [str(judged.level)]), *laid]
    said = f" ({', '.join(notes)})" if notes else ""
    return f"{judged.outcome}{reason}{said}"


def _check_way(old: CheckResult | None, new: CheckResult | None) -> Direction:
    was, is_ = (_weigh(*result_standing(one)) if one else None for one in (old, new))
    if was is None or is_ is None:
        # To leave out what was fine loses what was known; to leave out what was not makes nothing better.
        return Direction.WORSE if (is_ if was is None else not was) else Direction.OTHER
    return _way(was, is_)


def _weight(subject: SubjectResult | None) -> int:
    if subject is None or subject.waiver or subject.attestation:
        return 0
    return _weigh(subject.outcome, subject.level)


def _weigh(outcome: Outcome, level: Level) -> int:
    """Levels count before outcomes within what is bad: a blocker that nobody could verify stops more than an advisory
    that failed."""
    bad = _BAD.get(outcome, _UNVERIFIED)
    return _HEAVY[level] * 10 + bad if bad else 0


def _way(before: int, after: int) -> Direction:
    if before == after:
        return Direction.OTHER
    return Direction.WORSE if after > before else Direction.BETTER


def _targets(before: Iterable[TargetDecision], after: Iterable[TargetDecision]) -> Iterator[Change]:
    old, new = ({target.id or target.name: target for target in targets} for targets in (before, after))
    for key in dict.fromkeys((*new, *old)):
        was, is_ = _target(old.get(key)), _target(new.get(key))
        if was == is_:
            continue
        way = _way(_STATES[old[key].state], _STATES[new[key].state]) if key in old and key in new else Direction.OTHER
        yield Change(Changed.COLLECTION, key, (new.get(key) or old[key]).name, was, is_, way)


def _target(target: TargetDecision | None) -> str | None:
    if target is None:
        return None
    devices, eligible = ("not known" if n is None else str(n) for n in (target.devices, target.eligible))
    return f"{target.state}, devices {devices}, eligible {eligible}"


def _overlays(before: Iterable[Overlay], after: Iterable[Overlay]) -> Iterator[Change]:
    old, new = (_by_place(overlays) for overlays in (before, after))
    for key in dict.fromkeys((*new, *old)):
        was, is_ = old.get(key), new.get(key)
        if was != is_:
            kind, check, subject = key
            yield Change(Changed.OVERLAY, check, f"{kind} of {check}{subject}", was, is_, Direction.OTHER)


def _by_place(overlays: Iterable[Overlay]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for one in overlays:
        key = (one.kind, one.check, f" for {one.subject}" if one.subject else "")
        found[key] = "; ".join(filter(None, [found.get(key), f"{one.state} until {one.expires}{_who(one)}"]))
    return found


def _who(overlay: Overlay) -> str:
    if overlay.waiver:
        return f", approved by {overlay.waiver.approved_by}"
    return f", seen by {overlay.attestation.by}" if overlay.attestation else ""


def _configuration(before: Mapping[str, Any], after: Mapping[str, Any], *, demo: bool) -> Iterator[Change]:
    old, new = (dict(_keys(configuration)) for configuration in (before, after))
    moving = _OF_A_DEMO if demo else ()
    for key in (one for one in dict.fromkeys((*new, *old)) if one not in moving):
        yield from _differs(Changed.CONFIGURATION, key, old.get(key), new.get(key))


def _keys(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if path or key not in _TOLD_ELSEWHERE:
                yield from _keys(item, f"{path}.{key}" if path else str(key))
    elif value not in (None, "", [], ()):
        yield path, _joined(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _joined(words: Iterable[str]) -> str:
    return ", ".join(words)


def _lasting(text: str, finished: datetime) -> str:
    """What of a text does not move by itself with time: no spans of time, and no moments about the end of the run."""
    return _SPAN.sub("(a time)", _MOMENT.sub(lambda found: _moment(found, finished), text))


def _moment(found: re.Match[str], finished: datetime) -> str:
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2] or '12:00'}").replace(tzinfo=UTC)
    except ValueError:
        return found[0]
    return "(lately)" if abs(moment - finished) <= LATELY else found[0]
