"""The same step that several checks ask for becomes one step that names all of them, and all that it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from readiness.assessment.planning.wanting import Want
from readiness.model.words import Level

_LEVELS = tuple(Level)


@dataclass(slots=True)
class Merged:
    """A step of the plan under construction."""

    first: Want
    """Who gives it its words: the first check that is certain to need it, else the first."""
    position: int
    """In catalogue order."""
    checks: list[str] = field(default_factory=list)
    unblocks: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    """Of the checks that may need it, where none is certain to."""
    before: list[str] = field(default_factory=list)
    """Ids of steps that come first."""
    level: Level = Level.INFO

    @property
    def id(self) -> str:
        return self.first.id

    @property
    def instead_of(self) -> str | None:
        return self.first.step.instead_of or None

    @property
    def certain(self) -> bool:
        return self.first.certain


def merged(wants: Sequence[Want]) -> list[Merged]:
    """Each step once, in catalogue order."""
    found: dict[str, list[Want]] = {}
    for want in wants:
        found.setdefault(want.id, []).append(want)
    places = {id_: index for index, id_ in enumerate(found)}
    return [_one(group, places[id_]) for id_, group in found.items()]


def _one(group: Sequence[Want], position: int) -> Merged:
    """One step. Where a check is certain to need it, those that may do not count."""
    counting = [want for want in group if want.certain] or list(group)
    step = Merged(counting[0], position)
    step.level = min((want.level for want in counting), key=_LEVELS.index)
    for want in counting:
        _add(step.checks, [want.check])
        _add(step.unblocks, want.unblocks)
        _add(step.targets, want.targets)
        _add(step.titles, [want.title])
        _add(step.before, [*([want.chained_to] if want.chained_to else []), *want.step.after])
    return step


def _add(known: list[str], more: Iterable[str]) -> None:
    there = set(known)  # a glob may name thousands of targets
    known.extend(one for one in dict.fromkeys(more) if one not in there)
