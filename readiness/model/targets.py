"""Which collections the roll-out is about: names, ids and globs of the configuration, found among those of the site."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness.model.facts import Collection, CollectionType


@dataclass(frozen=True, slots=True)
class Target:
    """One collection of the roll-out, or a name that could not be settled."""

    named: str
    collection: Collection | None
    problem: str | None = None
    """Why it cannot be a target, or is not settled."""
    ambiguous: bool = False
    """Whether the problem is that the name stands for several collections."""


def resolve_targets(names: Sequence[str], collections: Sequence[Collection]) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection once."""
    index = _Index(collections)
    found = [target for name in names for target in index.resolve(name)]
    return tuple({(target.collection.id if target.collection else target.named): target for target in found}.values())


class _Index:
    """The collections by id and by name, folded once: a site has up to tens of thousands."""

    def __init__(self, collections: Sequence[Collection]) -> None:
        self._collections = collections
        self._by_id: dict[str, list[Collection]] = {}
        self._by_name: dict[str, list[Collection]] = {}
        for collection in collections:
            self._by_id.setdefault(collection.id.casefold(), []).append(collection)
            self._by_name.setdefault(_folded(collection.name), []).append(collection)

    def resolve(self, name: str) -> list[Target]:
        wanted = _folded(name)
        by_id, by_name = self._by_id.get(wanted, []), self._by_name.get(wanted, [])
        if len(by_id) > 1:
            words = "several collections are listed with this id, which cannot be"
            return [Target(name, None, words, ambiguous=True)]
        if not by_id and len(by_name) > 1:
            ids = ", ".join(c.id for c in by_name)
            return [Target(name, None, f"several collections have this name ({ids}): name the id", ambiguous=True)]
        matches = by_id or by_name or self._globbed(wanted)
        if not matches:
            return [Target(name, None, "the account sees no such collection")]
        return [_checked(name, collection) for collection in matches]

    def _globbed(self, wanted: str) -> list[Collection]:
        """What a glob matches: device collections, or if there are none, whatever else it matches."""
        if not set(wanted) & set("*?["):
            return []
        found = [c for c in self._collections if fnmatchcase(_folded(c.name), wanted)]
        return [c for c in found if c.type is CollectionType.DEVICE] or found


def _checked(name: str, collection: Collection) -> Target:
    if collection.type is CollectionType.DEVICE:
        return Target(name, collection)
    return Target(name, collection, "it is no device collection, and EDR policy goes to device collections only")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
