"""Which collections the roll-out is about: names, ids and globs of the configuration, found in the evidence."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness.assessment.decision import reasons, state_of
from readiness.assessment.judging import Judged
from readiness.model.facts import Collection, Collections, CollectionType
from readiness.model.reading import Reading
from readiness.model.report import TargetDecision
from readiness.model.words import DecisionState


@dataclass(frozen=True, slots=True)
class Target:
    """One collection of the roll-out, or a name that could not be settled."""

    named: str
    collection: Collection | None
    problem: str | None = None


def resolve(names: Sequence[str], reading: Reading[Collections] | None) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection once."""
    if reading is None or reading.value is None:
        why = reading.error if reading is not None and reading.error else "the evidence holds no collections"
        return tuple(Target(name, None, f"not settled: {why}") for name in names)
    found = [target for name in names for target in _resolve(name, reading.value.collections)]
    return tuple({(target.collection.id if target.collection else target.named): target for target in found}.values())


def _resolve(name: str, collections: Sequence[Collection]) -> list[Target]:
    wanted = _folded(name)
    by_id = [c for c in collections if c.id.casefold() == wanted]
    by_name = [c for c in collections if _folded(c.name) == wanted]
    if len(by_id or by_name) > 1:
        ids = ", ".join(c.id for c in by_name)
        return [Target(name, None, f"several collections have this name ({ids}): name the id")]
    globbed = [c for c in collections if fnmatchcase(_folded(c.name), wanted)] if set(wanted) & set("*?[") else []
    matches = by_id or by_name or globbed
    if not matches:
        return [Target(name, None, "the account sees no such collection")]
    return [_checked(name, collection) for collection in matches]


def _checked(name: str, collection: Collection) -> Target:
    if collection.type is CollectionType.DEVICE:
        return Target(name, collection)
    return Target(name, collection, "it is no device collection, and EDR policy goes to device collections only")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def decide(target: Target, judged: Sequence[Judged]) -> TargetDecision:
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
    return TargetDecision(
        id=collection.id,
        name=collection.name,
        state=state_of(judged, collection.id),
        devices=collection.member_count,
        eligible=None,
        reasons=reasons(judged, collection.id),
    )
