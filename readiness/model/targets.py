"""Which collections the roll-out is about: names, ids and globs of the configuration, found among those of the site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from readiness.model.facts import Collection, CollectionType

_TWICE = "several collections are listed with this id, which cannot be"
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Target:
    """One collection of the roll-out, or a name that could not be settled."""

    named: str
    collection: Collection | None
    problem: str | None = None
    """Why it cannot be a target, or is not settled."""
    ambiguous: bool = False
    """Whether the problem is that the name stands for several collections."""

    @property
    def id(self) -> str:
        """By which verdicts and decisions know it: the collection's id, or the name given where it is not settled."""
        return self.collection.id if self.collection is not None else self.named

    @property
    def name(self) -> str:
        return self.collection.name if self.collection is not None else self.named


def resolve_targets(names: Sequence[str], collections: Sequence[Collection]) -> tuple[Target, ...]:
    """The targets in the order in which they are named, each collection and each name once."""
    return _resolved(tuple(names), _Same(collections))


def unsettled_targets(names: Sequence[str], problem: str) -> tuple[Target, ...]:
    """The targets where no collection was read: each name once."""
    found: dict[str, Target] = {}
    for name in names:
        found.setdefault(_folded(name), Target(name, None, problem))
    return tuple(found.values())


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """Collections that are the same only where they are the same object: that is known without looking at each."""

    collections: Sequence[Collection]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.collections is other.collections

    def __hash__(self) -> int:
        return id(self.collections)


@lru_cache(maxsize=4)
def _resolved(names: tuple[str, ...], same: _Same) -> tuple[Target, ...]:
    """Kept, because every check of the collections asks for the same."""
    index = _Index(same.collections)
    found: dict[tuple[bool, str], Target] = {}
    for target in (target for name in names for target in index.resolve(name)):
        settled = target.collection is not None
        found.setdefault((settled, target.id if settled else _folded(target.named)), target)
    return tuple(found.values())


class _Index:
    """The collections by id and by name, folded once: a site has up to tens of thousands."""

    def __init__(self, collections: Sequence[Collection]) -> None:
        self._by_id: dict[str, list[Collection]] = {}
        self._by_name: dict[str, list[Collection]] = {}
        for collection in collections:
            self._by_id.setdefault(collection.id.casefold(), []).append(collection)
            self._by_name.setdefault(_folded(collection.name), []).append(collection)

    def resolve(self, name: str) -> list[Target]:
        wanted = _folded(name)
        by_id, by_name = self._by_id.get(wanted, []), self._by_name.get(wanted, [])
        if len(by_id) > 1:
            return [Target(name, None, _TWICE, ambiguous=True)]
        if not by_id and len(by_name) > 1:
            return [Target(name, None, _several(by_name), ambiguous=True)]
        matches = by_id or by_name or self._globbed(wanted)
        if not matches:
            return [Target(name, None, "the account sees no such collection")]
        return [self._checked(name, collection) for collection in matches]

    def _checked(self, name: str, collection: Collection) -> Target:
        if len(self._by_id[collection.id.casefold()]) > 1:
            return Target(name, None, _TWICE, ambiguous=True)
        if collection.type is CollectionType.DEVICE:
            return Target(name, collection)
        return Target(name, collection, "it is no device collection, and EDR policy goes to device collections only")

    def _globbed(self, wanted: str) -> list[Collection]:
        """What a glob matches by name or id: device collections, or if there are none, whatever else it matches."""
        if not set(wanted) & set("*?["):
            return []
        fits = re.compile(translate(wanted)).match
        found = [c for name, named in self._by_name.items() for c in named if fits(name) or fits(c.id.casefold())]
        return [c for c in found if c.type is CollectionType.DEVICE] or found


def _several(collections: Sequence[Collection]) -> str:
    ids = [collection.id for collection in collections[:_MOST_NAMED]]
    more = f" and {len(collections) - len(ids)} more" if len(collections) > len(ids) else ""
    return f"several collections have this name ({', '.join(ids)}{more}): name the id"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
