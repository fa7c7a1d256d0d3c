"""The decision for each collection that the roll-out is about."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.assessment.blocking import Judged
from readiness.assessment.decision import of_selection, reasons, state_of
from readiness.model.facts import Collections, Fact
from readiness.model.reading import Reading
from readiness.model.report import TargetDecision
from readiness.model.settings import Selection
from readiness.model.targets import Target, resolve_targets
from readiness.model.words import DecisionState


def resolve(names: Sequence[str], reading: Reading[Fact]) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection once."""
    if not isinstance(reading.value, Collections):
        why = reading.error or "the evidence holds no collections"
        return tuple(Target(name, None, f"not settled: {why}") for name in names)
    return resolve_targets(names, reading.value.collections)


def decide(target: Target, judged: Sequence[Judged], selection: Selection) -> TargetDecision:
    """The decision for one target: the estate's own blockers, and what was judged of this collection."""
    collection = target.collection
    if collection is None or target.problem:
        return TargetDecision(
            id=collection.id if collection else None,
            name=collection.name if collection else target.named,
            state=DecisionState.UNDETERMINED,
            devices=collection.member_count if collection else None,
            eligible=None,
            reasons=(target.problem or "not settled",),
        )
    devices, eligible = _counted(collection.id, judged)
    return TargetDecision(
        id=collection.id,
        name=collection.name,
        state=of_selection(state_of(judged, collection.id), selection),
        devices=collection.member_count if devices is None else devices,
        eligible=eligible,
        reasons=reasons(judged, collection.id),
    )


def _counted(collection_id: str, judged: Sequence[Judged]) -> tuple[int | None, int | None]:
    """How many devices a check found in this collection, and how many of them can receive policy."""
    subjects = (subject for one in judged for subject in one.verdict.subjects)
    own = (s for s in subjects if s.kind == "collection" and s.id == collection_id and s.eligible is not None)
    found = next(own, None)
    return (found.devices, found.eligible) if found is not None else (None, None)
