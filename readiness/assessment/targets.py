"""The decision for each collection that the roll-out is about."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.assessment.blocking import Judged
from readiness.assessment.decision import (
    Covered,
    Standing,
    by_worst,
    combined,
    contribution,
    covered,
    left,
    of_selection,
    standing,
)
from readiness.model.facts import Collections, Fact
from readiness.model.reading import Reading
from readiness.model.report import TargetDecision
from readiness.model.settings import Selection
from readiness.model.targets import Target, resolve_targets, unsettled_targets
from readiness.model.verdict import Subject
from readiness.model.words import DecisionState, Outcome


def resolve(names: Sequence[str], reading: Reading[Fact]) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection and each name once."""
    if not isinstance(reading.value, Collections):
        why = reading.error or "the evidence holds no collections"
        return unsettled_targets(names, f"not settled: {why}")
    return resolve_targets(names, reading.value.collections)


def decide(targets: Sequence[Target], judged: Sequence[Judged], selection: Selection) -> tuple[TargetDecision, ...]:
    """The decision for each target: the estate's own blockers, and what was judged of this collection.

    A name that stands for no collection is never ready; where a check proved that it cannot be a target, it is not
    ready, for that reason.
    """
    checks = [_PerTarget(one) for one in judged]
    return tuple(_decided(target, checks, selection) for target in targets)


class _PerTarget:
    """One judged check, taken apart by collection once: a glob may name thousands."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        subjects = covered(judged)
        self._whole = standing(judged)
        self._rest = [pair for pair in subjects if pair[0].kind != "collection"]
        self._own: dict[str, list[Covered]] = {}
        for pair in subjects:
            if pair[0].kind == "collection":
                self._own.setdefault(pair[0].id, []).append(pair)
        verdict = (judged.verdict.outcome, judged.level)
        self._apart = bool(self._own) and by_worst(verdict, judged.check.level, subjects)
        self._common = None if self._apart else contribution(judged, *self._whole)

    def standing(self, target: str) -> Standing:
        """What counts of the check for one target: of the collections, its own subject only."""
        if not self._apart:
            return self._whole
        if target not in self._own:
            return Outcome.UNKNOWN, self.judged.check.level
        return left([*self._rest, *self._own[target]], self.judged.check.level, self.judged.level)

    def contribution(self, target: str) -> DecisionState:
        return self._common or contribution(self.judged, *self.standing(target))

    def speaks_of(self, target: str) -> bool:
        return target in self._own

    def weight(self, target: str) -> tuple[int, bool]:
        """Sorts what a report with little room shows first: failures, what waits for them, the rest; its own before."""
        not_ready = self.contribution(target) is DecisionState.NOT_READY
        failed = self.standing(target)[0] is Outcome.FAIL
        return 2 - not_ready - (not_ready and failed), not self.speaks_of(target)

    def reason(self, target: str) -> str:
        """Its words against a target, whose name stands beside them in every report."""
        own = self._own.get(target)
        words = _without_name(own[0][0]) if own else self.judged.verdict.summary
        return f"{self.judged.check.id}: {words}"

    def counted(self, target: str) -> tuple[int | None, int | None] | None:
        """How many devices it found there, and how many of them can receive policy; None where it counts none."""
        own = (subject for subject, _ in self._own.get(target, ()))
        return next(((s.devices, s.eligible) for s in own if s.eligible is not None), None)


def _without_name(subject: Subject) -> str:
    words = subject.summary
    for named in (f"{subject.name} ({subject.id}): ", f"{subject.name}: ", f"{subject.id}: "):
        words = words.removeprefix(named)
    return words


def _decided(target: Target, checks: Sequence[_PerTarget], selection: Selection) -> TargetDecision:
    collection = target.collection
    made = [(check, check.contribution(target.id)) for check in checks]
    state = of_selection(combined(one for _, one in made), selection)
    against = [check for check, one in made if one is not DecisionState.READY]
    against.sort(key=lambda check: check.weight(target.id))
    reasons = tuple(check.reason(target.id) for check in against)
    if target.problem:
        state = combined((state, DecisionState.UNDETERMINED))
        said = any(check.speaks_of(target.id) for check in against)
        reasons = reasons if said else (target.problem, *reasons)
    counted = next((found for check in checks if (found := check.counted(target.id)) is not None), None)
    devices, eligible = counted or (None, None)
    return TargetDecision(
        id=collection.id if collection else None,
        name=target.name,
        state=state,
        devices=collection.member_count if devices is None and collection else devices,
        eligible=eligible,
        reasons=reasons,
    )
