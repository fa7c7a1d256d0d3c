"""Which collections the roll-out is about: names, ids and globs of the configuration, found in the evidence."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness.assessment.blocking import Judged
from readiness.assessment.decision import of_selection, reasons, state_of
from readiness.model.facts import Collection, Collections, CollectionType, Fact
from readiness.model.reading import Reading
from readiness.model.report import TargetDecision
from readiness.model.settings import Selection
from readiness.model.words import DecisionState


@dataclass(frozen=True, slots=True)
class Target:
    """One collection of the roll-out, or a name that could not be settled."""

    named: str
    collection: Collection | None
    problem: str | None = None


def resolve(names: Sequence[str], reading: Reading[Fact]) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection once."""
    if not isinstance(reading.value, Collections):
        why = reading.error or "the evidence holds no collections"
        return tuple(Target(name, None, f"not settled: {why}") for name in names)
    collections = reading.value.collections
    found = [target for name in names for target in _resolve(name, collections)]
    return tuple({(target.collection.id if target.collection else target.named): target for target in found}.values())


def _resolve(name: str, collections: Sequence[Collection]) -> list[Target]:
    wanted = _folded(name)
    by_id = [c for c in collections if c.id.casefold() == wanted]
    by_name = [c for c in collections if _folded(c.name) == wanted]
    if len(by_id) > 1:
        return [Target(name, None, "several collections are listed with this id, which cannot be")]
    if not by_id and len(by_name) > 1:
        ids = ", ".join(c.id for c in by_name)
        return [Target(name, None, f"several collections have this name ({ids}): name the id")]
    matches = by_id or by_name or _globbed(wanted, collections)
    if not matches:
        return [Target(name, None, "the account sees no such collection")]
    return [_checked(name, collection) for collection in matches]


def _globbed(wanted: str, collections: Sequence[Collection]) -> list[Collection]:
    """What a glob matches: device collections, or if there are none, whatever else it matches."""
    if not set(wanted) & set("*?["):
        return []
    found = [c for c in collections if fnmatchcase(_folded(c.name), wanted)]
    return [c for c in found if c.type is CollectionType.DEVICE] or found


def _checked(name: str, collection: Collection) -> Target:
    if collection.type is CollectionType.DEVICE:
        return Target(name, collection)
    return Target(name, collection, "it is no device collection, and EDR policy goes to device collections only")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


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
    return TargetDecision(
        id=collection.id,
        name=collection.name,
        state=of_selection(state_of(judged, collection.id), selection),
        devices=collection.member_count,
        eligible=None,
        reasons=reasons(judged, collection.id),
    )
