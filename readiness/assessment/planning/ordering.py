"""The order of the steps: what holds others up comes first; among the rest, what leads to ready, and the catalogue.

What comes before what: the steps of a check before those of the checks that depend on it, the steps of one remediation
in their order, and what a step declares. The same steps always come in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness.assessment.blocking import Judged, dependencies
from readiness.assessment.planning.merging import Merged
from readiness.model.words import Level

_LEVELS = tuple(Level)
Before = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """A step in its place."""

    merged: Merged
    level: Level
    """What it leads to: its own level, or that of a step that waits for it."""
    after: tuple[str, ...]
    """Ids of the steps that come first, in the order of the plan; those only that no other one of them follows from."""
    instead_of: str | None
    """Id of the step that it can stand for, where that is in the plan."""


def ordered(steps: Sequence[Merged], judged: Mapping[str, Judged]) -> list[Placed]:
    """The steps in order."""
    before = _before(steps, judged)
    levels = _levels(steps, before)
    order = _sorted(steps, before, levels)
    places = {step.id: index for index, step in enumerate(order)}
    return [
        Placed(
            step,
            levels[step.id],
            _nearest(step.id, before, places),
            step.instead_of if step.instead_of in places else None,
        )
        for step in order
    ]


def _before(steps: Sequence[Merged], judged: Mapping[str, Judged]) -> Before:
    """For every step the ids of those that come first.

    A certain step waits for no possible one; nothing waits for a step that only stands for another; such a one comes
    after the one that it stands for.
    """
    above = _ancestors(judged)
    by_id = {step.id: step for step in steps}
    found: Before = {}
    for step in steps:
        if step.instead_of in by_id:
            found[step.id] = {str(step.instead_of)}
            continue
        declared = {id_ for id_ in step.before if id_ in by_id}
        causes = {other.id for other in steps if _holds_up(other, step, above)}
        found[step.id] = {id_ for id_ in declared | causes if _can_come_first(by_id[id_], step, by_id)}
    return found


def _can_come_first(one: Merged, step: Merged, by_id: Mapping[str, Merged]) -> bool:
    stands_for_another = one.instead_of in by_id
    return one.id != step.id and not stands_for_another and (one.certain or not step.certain)


def _holds_up(cause: Merged, step: Merged, above: Mapping[str, frozenset[str]]) -> bool:
    """Whether a step mends what a check of the other one depends on. Not so where each would wait for the other."""
    forward = any(one in above.get(check, ()) for one in cause.checks for check in step.checks)
    back = any(one in above.get(check, ()) for one in step.checks for check in cause.checks)
    return forward and not back


def _ancestors(judged: Mapping[str, Judged]) -> dict[str, frozenset[str]]:
    """For every check all that it depends on, near or far."""
    found: dict[str, frozenset[str]] = {}

    def of(name: str, below: frozenset[str]) -> frozenset[str]:
        if name in found or name in below or name not in judged:
            return found.get(name, frozenset())
        direct = [one for one in dependencies(judged[name].check) if one in judged]
        every = frozenset(direct).union(*(of(one, below | {name}) for one in direct))
        found[name] = every
        return every

    for name in judged:
        of(name, frozenset())
    return found


def _levels(steps: Sequence[Merged], before: Before) -> dict[str, Level]:
    """What each step leads to. A step that a blocker waits for is on the way to ready, whatever asked for it."""
    levels = {step.id: step.level for step in steps}
    changed = True
    while changed:
        changed = False
        for step in steps:
            for id_ in before[step.id]:
                if step.certain and _LEVELS.index(levels[step.id]) < _LEVELS.index(levels[id_]):
                    levels[id_] = levels[step.id]
                    changed = True
    return levels


def _sorted(steps: Sequence[Merged], before: Before, levels: Mapping[str, Level]) -> list[Merged]:
    """Always the first in rank whose predecessors are done; in a circle, the first in rank."""
    rest = sorted(steps, key=lambda step: (not step.certain, _LEVELS.index(levels[step.id]), step.position))
    done: set[str] = set()
    order: list[Merged] = []
    while rest:
        free = next((step for step in rest if before[step.id] <= done), rest[0])
        rest.remove(free)
        done.add(free.id)
        order.append(free)
    return order


def _nearest(id_: str, before: Before, places: Mapping[str, int]) -> tuple[str, ...]:
    """The direct predecessors that no other predecessor waits for, in the order of the plan."""
    direct = {one for one in before[id_] if places[one] < places[id_]}
    implied = {far for one in direct for far in _all_before(one, before)}
    return tuple(sorted(direct - implied, key=places.__getitem__))


def _all_before(id_: str, before: Before) -> set[str]:
    found: set[str] = set()
    open_ = list(before[id_])
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ += before[one]
    return found
