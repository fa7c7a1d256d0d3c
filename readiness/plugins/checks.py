"""The checks that plugins add, each found to be one that the engine can judge."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from readiness.model.check import Check
from readiness.model.facts import Fact
from readiness.model.injection import facts, foreseen_from, parameters
from readiness.model.words import Origin, Phase
from readiness.plugins.entries import Given, Group, Skipped, UnfitError, entries, loaded, several, tell
from readiness.plugins.sources import guests, known_facts
from readiness.text import one_line

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
LONGEST_ID = 80
_NOT_DECLARED = ("function", "ahead", "plugin")
_IN_WORDS = ("title", "why", "judged")


@dataclass(frozen=True, slots=True)
class GuestChecks:
    """The checks of all plugins."""

    given: tuple[Given, ...]
    skipped: tuple[Skipped, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """In the order of the packages."""
        return tuple(check for given in self.given for check in given.items)


def guest_checks(ours: Sequence[Check]) -> GuestChecks:
    """The checks of every plugin (entry point group `readiness.checks`). Loads them, and the readers that they need.

    A check that clashes with one of ours, or of a plugin before, is skipped; so is one whose facts nobody reads, and
    one that depends on a check that is not there.
    """
    found = [loaded(entry, _checks) for entry in entries(Group.CHECKS)]
    skipped = [one for one in found if isinstance(one, Skipped)]
    given = [one for one in found if isinstance(one, Given)]
    given = _without(given, _clashing(given, {check.id for check in ours}), skipped)
    while hanging := _hanging(given, ours):
        given = _without(given, hanging, skipped)
    for one in given:
        for check in one.items:
            check.plugin = one.entry.label
    tell(skipped)
    return GuestChecks(tuple(given), tuple(skipped))


def _without(given: Iterable[Given], why: Mapping[Check, str], skipped: list[Skipped]) -> list[Given]:
    """What is given but for these checks, which are noted as skipped."""
    left = []
    for one in given:
        skipped += [Skipped(one.entry, why[check], (check.id,)) for check in one.items if check in why]
        left.append(replace(one, items=tuple(check for check in one.items if check not in why)))
    return left


def _clashing(given: Iterable[Given], ours: Collection[str]) -> dict[Check, str]:
    """The checks whose id is taken already, with by whom."""
    taken, why = dict.fromkeys(ours, "readiness itself"), {}
    for one in given:
        for check in one.items:
            if check.id in taken:
                why[check] = f"a check with this id exists already, in {taken[check.id]}"
            taken.setdefault(check.id, one.entry.label)
    return why


def _hanging(given: Iterable[Given], ours: Iterable[Check]) -> dict[Check, str]:
    """The checks that depend on what is not there, or on themselves, with why."""
    theirs = [check for one in given for check in one.items]
    known = {check.id: check for check in (*ours, *theirs)}
    why = {}
    for check in theirs:
        lacking = [name for name in check.depends_on if name not in known]
        if lacking:
            why[check] = f"it depends on {', '.join(one_line(name, LONGEST_ID) for name in lacking)}: no such check"
        elif check.id in _above(check, known):
            why[check] = "it depends on itself, by way of others"
    return why


def _above(check: Check, known: Mapping[str, Check]) -> set[str]:
    """Ids of all that a check depends on, at whatever distance."""
    found: set[str] = set()
    open_ = list(check.depends_on)
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += known[name].depends_on if name in known else ()
    return found


def _checks(given: Any) -> tuple[Check, ...]:
    """The checks that an entry point gives.

    Raises:
        UnfitError: why one of them cannot be judged.
    """
    checks: tuple[Check, ...] = several(given, Check)
    ids: list[Any] = [check.id for check in checks]
    for check, id_ in zip(checks, ids, strict=True):
        if not isinstance(id_, str) or len(check.id) > LONGEST_ID or not _ID.fullmatch(check.id):
            raise UnfitError(f"the id of a check is none: {one_line(repr(check.id), LONGEST_ID)}")
        if ids.count(check.id) > 1:
            raise UnfitError(f"it gives two checks with the id {check.id}")
        _settle(check)
        for problem in _problems(check):
            raise UnfitError(f"check {check.id}: {problem}")
    return checks


def _settle(check: Check) -> None:
    """Have what a check declares be of the types that it declares it with; a list where a tuple belongs becomes one.

    Raises:
        UnfitError: something is of another type.
    """
    import msgspec

    for name, hint in get_type_hints(Check).items():
        if name in _NOT_DECLARED:
            continue
        try:
            value = msgspec.convert(msgspec.to_builtins(getattr(check, name)), hint, strict=True)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise UnfitError(f"check {check.id}: {name}: {one_line(str(error), 200)}") from error
        setattr(check, name, value)


def _problems(check: Check) -> Iterator[str]:
    for name in _IN_WORDS:
        if not str(getattr(check, name)).strip():
            yield f"{name} is empty"
    if not check.remediation.steps:
        yield "its remediation has no step"
    if check.phase is Phase.CONNECTION:
        yield "the phase connection is about the scan itself: no plugin adds to it"
    if Origin.ARTICLE.value in check.tags:
        yield f"the tag {Origin.ARTICLE} is for what Microsoft's article asks"
    yield from _unread(check)


def _unread(check: Check) -> Iterator[str]:
    """What is wrong with the facts that a check takes."""
    try:
        taken = parameters(check)
        foreseen_from(check)
    except TypeError as error:
        yield one_line(str(error), 300)
        return
    known = known_facts()
    if not facts(check):
        yield "it judges no fact"
    for fact in facts(check):
        if fact not in known:
            yield f"nothing reads the fact {_told(fact)}{_readers_skipped()}"
    for one in taken:
        if one.fact is not None and not one.whole and one.fact in known and one.fact.half not in check.needs.halves:
            yield f"it needs {check.needs}, and takes {one.fact.__name__}, which is of the other half"


def _told(fact: type[Fact]) -> str:
    return one_line(fact.__name__, LONGEST_ID)


def _readers_skipped() -> str:
    """That a plugin with readers is broken, where one is: that may be why."""
    broken = [f"{one.entry.name} ({one.entry.label}): {one.why}" for one in guests().skipped]
    return f"; readers that are skipped: {'; '.join(broken)}" if broken else ""
