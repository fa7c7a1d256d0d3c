"""The same step that several checks ask for becomes one step that names all of them, and all that it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness.assessment.planning.wanting import Want
from readiness.model.words import Level

_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Merged:
    """A step of the plan under construction."""

    first: Want
    """Who gives it its words: the first check that is certain to need it, else the first."""
    position: int
    """In catalogue order."""
    checks: tuple[str, ...]
    unblocks: tuple[str, ...]
    targets: tuple[str, ...]
    titles: tuple[str, ...]
    """Of the checks that may need it, where none is certain to."""
    before: tuple[str, ...]
    """Ids of steps that come first."""
    level: Level

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
    """Each step once, in catalogue order. Where a step is certain, what might be done instead later on is left out."""
    found: dict[str, list[Want]] = {}
    for want in wants:
        found.setdefault(want.id, []).append(want)
    places = {id_: index for index, id_ in enumerate(found)}
    steps = [_one(group, places[id_]) for id_, group in found.items()]
    certain = {step.id for step in steps if step.certain}
    return [step for step in steps if step.certain or step.instead_of not in certain]


def _one(group: Sequence[Want], position: int) -> Merged:
    """One step. Where a check is certain to need it, those that may do not count."""
    counting = [want for want in group if want.certain] or list(group)
    return Merged(
        counting[0],
        position,
        checks=_each(want.check for want in counting),
        unblocks=_each(one for want in counting for one in want.unblocks),
        targets=_each(one for want in counting for one in want.targets),
        titles=_each(want.title for want in counting),
        before=_each(one for want in counting for one in (want.chained_to, *want.step.after) if one),
        level=min((want.level for want in counting), key=_LEVELS.index),
    )


def _each(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(words))
