"""What changed between two reports of one estate. A pure function of both.

Moments and spans of time that move with every run are no change: see `lasting`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from readiness.assessment.decision import result_standing
from readiness.assessment.lasting import lasts
from readiness.assessment.wholeness import PASSING
from readiness.model.changes import Change, Changed, Comparison, Direction
from readiness.model.report import CheckResult, PlanStep, Report, Run, SubjectResult, TargetDecision
from readiness.model.settings import Overlay
from readiness.model.words import DecisionState, Level, Outcome

T = TypeVar("T")
KnownAs = tuple[str, str | None, str]

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
_GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_A_DEMO = frozenset({"site.port", "tenant.authority", "tenant.graph"})
"""Addresses of the simulated estate, which has new ones in each run."""


def compare(before: Report, after: Report, *, in_order: bool = False) -> Comparison:
    """What of `after` is not as it was in `before`, in words, and whether that is worse.

    Two reports of different estates are not compared: what would be said of them says nothing.

    Args:
        in_order: whether it is known that `after` was read later, whatever the clocks say.
    """
    why_not = _incomparable(before, after, in_order=in_order)
    changes = () if why_not else tuple(sorted(_changes(before, after), key=lambda one: _FIRST.index(one.direction)))
    return Comparison(
        run=before.run.id,
        finished=before.run.finished,
        sentence=f"cannot be compared: {why_not}" if why_not else _sentence(changes),
        incomparable=why_not,
        changes=changes,
    )


def _incomparable(before: Report, after: Report, *, in_order: bool) -> str | None:
    old, new = before.run, after.run
    if old.demo != new.demo:
        return "one of them is about the simulated estate, the other is not"
    if old.redacted != new.redacted:
        return "names are not held against aliases, nor aliases of one map against those of another"
    if new.finished < old.finished and not in_order:
        return f"this was read {new.finished:%Y-%m-%d %H:%M} UTC, before what it is held against: name the older first"
    for what, key, one, other in (("tenant", "id", old.tenant, new.tenant), ("site", "server", old.site, new.site)):
        if one and other and one.casefold() != other.casefold() and not _unread(old, new, what, key):
            return f"the {what} was {one}, and is {other}"
    return _other_tenant(old, new)


def _unread(old: Run, new: Run, what: str, key: str) -> bool:
    """Whether the same is configured in both, and one of them could not read what it is called."""
    one, other = _configured(old, what, key), _configured(new, what, key)
    return bool(one) and one == other and one in (getattr(old, what).casefold(), getattr(new, what).casefold())


def _other_tenant(old: Run, new: Run) -> str | None:
    """Two tenants may be called the same: ids tell them apart."""
    one, other = (_configured(run, "tenant", "id") for run in (old, new))
    if one != other and _GUID.fullmatch(one) and _GUID.fullmatch(other):
        return f"the tenant was {one}, and is {other}"
    return None


def _configured(run: Run, section: str, key: str) -> str:
    found = run.configuration.get(section)
    return str(found.get(key) or "").casefold() if isinstance(found, Mapping) else ""


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
    yield from compare_configurations(before.run.configuration, after.run.configuration, demo=after.run.demo)
    yield from _plan(before, after)
    yield from _readers(before, after)
    yield from _rules(before.run, after.run)
    yield from _differs(Changed.TOOL, "readiness", before.run.tool_version, after.run.tool_version)


def _differs(what: Changed, name: str, before: str | None, after: str | None) -> Iterator[Change]:
    if before != after:
        yield Change(what, name, name, before, after, Direction.OTHER)


def _plan(before: Report, after: Report) -> Iterator[Change]:
    """Steps that are new, gone, or for other things."""
    named = all(step.id for step in (*before.plan, *after.plan))
    old, new = ({step.id if named else step.step: step for step in report.plan} for report in (before, after))
    for key in dict.fromkeys((*new, *old)):
        was, is_ = _step(old.get(key)), _step(new.get(key))
        if was is None or is_ is None or not lasts(was, before.run.finished, is_, after.run.finished):
            yield Change(Changed.PLAN, key, key, was, is_, Direction.OTHER)


def _step(step: PlanStep | None) -> str | None:
    if step is None:
        return None
    only = f"; only {step.condition}" if step.condition else ""
    targets = f"; for {_joined(step.targets)}" if step.targets else ""
    return f"{step.step} ({step.owner}, {step.level}){only}{targets}"


def _readers(before: Report, after: Report) -> Iterator[Change]:
    """Who read, and what each of them is known to see."""
    old, new = (_joined(sorted(_readers_of(one, other))) for one, other in ((before, after), (after, before)))
    yield from _differs(Changed.READ_BY, "identities", old, new)
    were, are = (_scopes(report) for report in (before, after))
    for identity in were.keys() & are.keys():
        yield from _differs(Changed.READ_BY, identity, were[identity], are[identity])


def _readers_of(report: Report, other: Report) -> Iterator[str]:
    """Who read, without those who in the other run did not come to it, because what they read did not answer."""
    silent = {reading.id for reading in other.readings if reading.reason in PASSING}
    for identity in report.run.identities:
        read = [reading.id for reading in report.readings if reading.identity == identity]
        if identity in other.run.identities or not read or not silent.issuperset(read):
            yield identity


def _scopes(report: Report) -> dict[str, str]:
    """By who read: what those are known to see, where it is known."""
    found: dict[str, set[str]] = {}
    for reading in report.readings:
        if reading.identity and reading.scope:
            found.setdefault(reading.identity, set()).add(reading.scope)
    return {identity: "; ".join(sorted(found[identity])) for identity in sorted(found)}


def _rules(before: Run, after: Run) -> Iterator[Change]:
    """The rules, by their version; by what they say where that is called the same."""
    yield from _differs(Changed.RULES, "rules", before.rules_version, after.rules_version)
    old, new = before.rules.digest, after.rules.digest
    if before.rules_version == after.rules_version and old is not None and new is not None:
        yield from _differs(Changed.RULES, "rules", old, new)


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
        yield from _said(old, new, before.run, after.run)
    if old and new:
        yield from _subjects(old, new, before.run, after.run)


def _said(old: CheckResult, new: CheckResult, before: Run, after: Run) -> Iterator[Change]:
    """What differs of a check that came to the same: the first of what was observed, said, expected, and rested on."""
    of_subjects = ("summary",) if not (old.subjects or new.subjects) else ()  # else theirs says it
    for name in ("observed", *of_subjects, "expected", "basis"):
        was, is_ = str(getattr(old, name)), str(getattr(new, name))
        if not lasts(was, before.finished, is_, after.finished):
            yield Change(Changed.OBSERVED, new.id, new.title, was, is_, Direction.OTHER)
            return


def _subjects(old: CheckResult, new: CheckResult, before: Run, after: Run) -> Iterator[Change]:
    if old.outcome is not new.outcome and not (old.subjects and new.subjects):
        return  # it was not judged by each at all, and says why itself
    for was, is_ in paired_subjects(old, new):
        yield from _subject(new.id, was, is_, before, after)


def paired_subjects(old: CheckResult, new: CheckResult) -> Iterator[tuple[SubjectResult | None, SubjectResult | None]]:
    """What a check judged, before and after: those of the later run first."""
    return paired(old.subjects, new.subjects, lambda one: (one.kind, None if one.id == one.name else one.id, one.name))


def _subject(
    check: str, old: SubjectResult | None, new: SubjectResult | None, before: Run, after: Run
) -> Iterator[Change]:
    known = old if old and new and new.id == new.name else new or old  # by its id, where one of them knows it
    assert known is not None  # noqa: S101 - a subject comes from one of the two
    id_, was, is_ = f"{check}/{known.id}", _told(old), _told(new)
    if was != is_:
        # That one came or went is told with the collections and the configuration.
        way = _way(_weight(old), _weight(new)) if old and new else Direction.OTHER
        yield Change(Changed.SUBJECT, id_, known.name, was, is_, way)
    elif old and new and not lasts(old.summary, before.finished, new.summary, after.finished):
        yield Change(Changed.OBSERVED, id_, known.name, old.summary, new.summary, Direction.OTHER)


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
    for old, new in paired_targets(before, after):
        was, is_ = _target(old), _target(new)
        known = new if new and (new.id or not old) else old
        if was == is_ or known is None:
            continue
        way = _way(_STATES[old.state], _STATES[new.state]) if old and new else Direction.OTHER
        yield Change(Changed.COLLECTION, known.id or known.name, known.name, was, is_, way)


def paired_targets(
    before: Iterable[TargetDecision], after: Iterable[TargetDecision]
) -> Iterator[tuple[TargetDecision | None, TargetDecision | None]]:
    """The collections, before and after: those of the later run first."""
    return paired(before, after, lambda one: ("collection", one.id, one.name))


def paired(
    before: Iterable[T], after: Iterable[T], known_as: Callable[[T], KnownAs]
) -> Iterator[tuple[T | None, T | None]]:
    """The same things of two runs, by their ids. What one of them could not settle is known by the name it was given,
    which is the id or the name that the other one knows.

    Args:
        known_as: kind, id and name; the id is None where it was not settled.
    """
    old, new = ({_key(known_as(one)): one for one in those} for those in (before, after))
    alone = {key: one for key, one in old.items() if key not in new}
    called = {word: key for key, one in alone.items() for word in _words(known_as(one))}
    for key, one in new.items():
        same = key if key in old else next((called[word] for word in _sought(known_as(one)) if word in called), None)
        if same is not None:
            alone.pop(same, None)
        yield None if same is None else old[same], one
    yield from ((one, None) for one in alone.values())


def _key(known: KnownAs) -> tuple[str, str]:
    kind, id_, name = known
    return kind, name if id_ is None else id_


def _words(known: KnownAs) -> Iterator[tuple[str, bool, str]]:
    """Under which it can be found, each with whether it is settled."""
    kind, id_, name = known
    yield from ((kind, id_ is not None, word.casefold()) for word in (id_, name) if word is not None)


def _sought(known: KnownAs) -> Iterator[tuple[str, bool, str]]:
    """Under which its other half is found: of what is settled one that is not, and the other way round. Two that are
    settled are two, whatever they are called."""
    return ((kind, not settled, word) for kind, settled, word in _words(known))


def _target(target: TargetDecision | None) -> str | None:
    if target is None:
        return None
    devices, eligible = ("not known" if n is None else str(n) for n in (target.devices, target.eligible))
    return f"{target.state}, devices {devices}, eligible {eligible}"


def _overlays(before: Iterable[Overlay], after: Iterable[Overlay]) -> Iterator[Change]:
    old, new = list(before), list(after)
    short, whole = ((_by_place(old, tell), _by_place(new, tell)) for tell in (_shortly, _whole))
    for key in dict.fromkeys((*short[1], *short[0])):
        was, is_ = short[0].get(key), short[1].get(key)
        if was == is_:
            was, is_ = whole[0].get(key), whole[1].get(key)
        if was != is_:
            kind, check, subject = key
            yield Change(Changed.OVERLAY, check, f"{kind} of {check}{subject}", was, is_, Direction.OTHER)


def _by_place(overlays: Iterable[Overlay], tell: Callable[[Overlay], str]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for one in overlays:
        key = (one.kind, one.check, f" for {one.subject}" if one.subject else "")
        found[key] = "; ".join(filter(None, [found.get(key), tell(one)]))
    return found


def _shortly(overlay: Overlay) -> str:
    who = ""
    if overlay.waiver:
        who = f", approved by {overlay.waiver.approved_by}"
    elif overlay.attestation:
        who = f", seen by {overlay.attestation.by}"
    return f"{overlay.state} until {overlay.expires}{who}"


def _whole(overlay: Overlay) -> str:
    waiver, attestation, said = overlay.waiver, overlay.attestation, ""
    if waiver:
        ticket = f" ({waiver.ticket})" if waiver.ticket else ""
        said = f", requested by {waiver.requested_by}{ticket}: {waiver.reason}"
    elif attestation:
        said = f" on {attestation.on}: {attestation.statement}"
    return f"{_shortly(overlay)}{said}"


def compare_configurations(before: Mapping[str, Any], after: Mapping[str, Any], *, demo: bool) -> Iterator[Change]:
    """Of what was asked, each key that is another; without what is compared by itself."""
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
