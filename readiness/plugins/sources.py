"""The readers that plugins add, and the facts that they give: what evidence may hold besides ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from readiness.model.facts import FACTS, Fact
from readiness.plugins.entries import Given, Group, Skipped, UnfitError, entries, loaded, several, tell

if TYPE_CHECKING:
    from readiness.sources.reader import Reader

_SEGMENT = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Guest:
    """A reader of a plugin."""

    reader: Reader[Any, Any]
    plugin: str
    """Package and version, as readings of it say."""


@dataclass(frozen=True, slots=True)
class Guests:
    """The readers of all plugins."""

    known: Mapping[type[Fact], Guest]
    """By the fact that each gives, in the order of the packages."""
    given: tuple[Given, ...]
    skipped: tuple[Skipped, ...]


@cache
def guests() -> Guests:
    """The readers of every plugin (entry point group `readiness.sources`). Loads them."""
    known: dict[type[Fact], Guest] = {}
    given: list[Given] = []
    skipped: list[Skipped] = []
    for entry in entries(Group.SOURCES):
        found = loaded(entry, _readers)
        if isinstance(found, Skipped):
            skipped.append(found)
            continue
        taken = _names(known)
        clash = [one.fact.__name__ for one in found.items if one.fact.__name__ in taken]
        if clash:
            skipped.append(Skipped(entry, f"another plugin gives {', '.join(clash)} already"))
            continue
        given.append(found)
        known |= {reader.fact: Guest(reader, entry.label) for reader in found.items}
    tell(skipped)
    return Guests(known, tuple(given), tuple(skipped))


def _names(known: Mapping[type[Fact], Guest]) -> frozenset[str]:
    return frozenset(fact.__name__ for fact in known)


def _readers(given: Any) -> tuple[Reader[Any, Any], ...]:
    """The readers that an entry point gives, each of a fact that evidence can hold.

    Raises:
        UnfitError: why one of them cannot be used.
    """
    from readiness.plugins.fitness import must_be_fit
    from readiness.sources.reader import Reader

    readers: tuple[Reader[Any, Any], ...] = several(given, Reader)
    for reader in readers:
        fact: Any = reader.fact  # an author's types are checked by nobody before
        if not (isinstance(fact, type) and issubclass(fact, Fact)):
            raise UnfitError("one of its readers gives no Fact")
        must_be_fit(fact)
        if not callable(reader.read):
            raise UnfitError(f"the reader of {fact.__name__} cannot be called")
        said: tuple[Any, ...] = (reader.source, *(text for call in reader.calls for text in (call.name, *call.rights)))
        if not all(isinstance(text, str) and text for text in said):
            raise UnfitError(f"the reader of {fact.__name__} does not say what it reads, and by which rights")
    names = [reader.fact.__name__ for reader in readers]
    if len(set(names)) != len(names):
        raise UnfitError("two of its readers give the same fact")
    return readers


def readers_of_guests(half: str) -> tuple[Reader[Any, Any], ...]:
    """The readers of plugins that read one half, `tenant` or `site`."""
    return tuple(guest.reader for fact, guest in guests().known.items() if fact.half == half)


@cache
def declared_segments() -> frozenset[str]:
    """The words of the paths that the readers of plugins declare: their authors', and of no estate."""
    calls = (call.name for guest in guests().known.values() for call in guest.reader.calls)
    parts = (part for name in calls for part in name.partition("/")[2].split("/"))
    return frozenset(part for part in parts if _SEGMENT.fullmatch(part))


def known_facts() -> tuple[type[Fact], ...]:
    """Every fact that evidence may hold here: ours, then those of plugins, in the order in which reports list them."""
    return (*FACTS, *guests().known) if entries(Group.SOURCES) else FACTS


def owner(fact: type[Fact]) -> str | None:
    """The plugin that gives a fact; None for one of ours."""
    guest = guests().known.get(fact) if entries(Group.SOURCES) else None
    return None if guest is None else guest.plugin
