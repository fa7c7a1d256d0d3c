"""The entry points of other packages: found, and loaded behind a fence."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from itertools import islice
from typing import Any

from readiness.text import one_line

MOST = 1000
"""Checks or readers that one entry point may give: whoever gives more gives them without end."""
LONGEST = 120
"""Signs of a name or version of somebody's package."""


class Group(StrEnum):
    """What a plugin adds. Contract: interfaces, section 6."""

    CHECKS = "readiness.checks"
    REPORTS = "readiness.reports"
    SOURCES = "readiness.sources"
    TARGETS = "readiness.targets"
    NOTIFIERS = "readiness.notifiers"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry point of one package, not loaded."""

    group: Group
    name: str
    package: str
    version: str
    point: EntryPoint = field(repr=False)

    @property
    def label(self) -> str:
        return label(self.package, self.version)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry point of which nothing, or not all, is used."""

    entry: Entry
    why: str
    names: tuple[str, ...] = ()
    """Ids or names of what is not used, where it got so far as to have some; empty: all of it."""

    @property
    def words(self) -> str:
        """`plugin acme (acme-pack 1.2) could not be loaded and is skipped: ...`"""
        said = f"plugin {self.entry.name} ({self.entry.label})"
        if self.names:
            return f"{said}: {', '.join(self.names)} is skipped: {self.why}"
        return f"{said} could not be loaded and is skipped: {self.why}"


@dataclass(frozen=True, slots=True)
class Given:
    """What an entry point gave of which everything was found to be good."""

    entry: Entry
    items: tuple[Any, ...]


class UnfitError(Exception):
    """What a plugin gave cannot be used; the text says why."""


def label(package: str, version: str) -> str:
    """How a package is told: `acme-pack 1.2`."""
    return f"{package} {version}".strip()


@cache
def entries(group: Group) -> tuple[Entry, ...]:
    """The entry points of a group, in the order of their packages' names, not loaded."""
    found = [_entry(group, point) for point in _points(group)]
    return tuple(sorted(found, key=lambda entry: (entry.package.casefold(), entry.name, entry.point.value)))


def _points(group: Group) -> Iterable[EntryPoint]:
    try:
        return entry_points(group=group.value)
    except Exception:  # one package's entry_points.txt is damaged: the others count
        return [point for one in _each_once() for point in _of(one, group)]


def _each_once() -> Iterator[Distribution]:
    seen = set()
    for one in distributions():
        name = str(one.metadata["Name"]).casefold().replace("_", "-")
        if name not in seen:
            seen.add(name)
            yield one


def _of(distribution: Distribution, group: Group) -> Iterable[EntryPoint]:
    try:
        return distribution.entry_points.select(group=group.value)
    except Exception as error:
        name = one_line(str(distribution.metadata["Name"]), LONGEST)
        logging.getLogger("readiness").warning("the entry points of %s cannot be read: %s", name, told(error))
        return ()


def _entry(group: Group, point: EntryPoint) -> Entry:
    name, version = "a package without a name", ""
    with contextlib.suppress(Exception):  # metadata that is not there, or damaged
        if point.dist is not None:
            name, version = str(point.dist.metadata["Name"]), str(point.dist.version)
    return Entry(group, one_line(point.name, LONGEST), one_line(name, LONGEST), one_line(version, LONGEST), point)


def loaded(entry: Entry, accept: Callable[[Any], tuple[Any, ...]]) -> Given | Skipped:
    """What an entry point gives, found to be good by `accept`; whatever happens on the way is why it is skipped.

    What it prints while it is imported goes to standard error: standard output may be a document.

    Raises:
        KeyboardInterrupt: that is the user's.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return Given(entry, accept(entry.point.load()))
    except KeyboardInterrupt:
        raise
    except UnfitError as error:
        return Skipped(entry, one_line(str(error), 400))
    except BaseException as error:  # a module may do anything, and end the program with it
        return Skipped(entry, told(error))


def tell(skipped: Iterable[Skipped]) -> None:
    """Warn of what is not used."""
    for one in skipped:
        logging.getLogger("readiness").warning(one.words)


def told(error: BaseException) -> str:
    """What a third party's code raised, in one line."""
    try:
        words = one_line(str(error), 300)
    except Exception:
        words = ""
    kind = one_line(type(error).__name__, 60)
    return f"{kind}: {words}" if words else kind


def several(given: Any, kind: type[Any]) -> tuple[Any, ...]:
    """What an entry point gives: one of these, several, or a function that returns them.

    Raises:
        UnfitError: it is something else, or has no end.
    """
    if callable(given) and not isinstance(given, kind):
        given = given()
    if isinstance(given, kind):
        return (given,)
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UnfitError(f"it gives {_a(given)}, which is neither {kind.__name__} nor several of them")
    items = tuple(islice(given, MOST + 1))
    if len(items) > MOST:
        raise UnfitError(f"it gives more than {MOST} of {kind.__name__}")
    for item in items:
        if not isinstance(item, kind):
            raise UnfitError(f"it gives {_a(item)}, which is no {kind.__name__}")
    return items


def _a(value: Any) -> str:
    return f"a value of type {one_line(type(value).__name__, 60)}"
