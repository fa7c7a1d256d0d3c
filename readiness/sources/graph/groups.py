"""Reader of the Entra groups of the roll-out."""

from __future__ import annotations

import re

from readiness.model.facts import TargetGroup, TargetGroups
from readiness.sources.graph.errors import GraphRefusal
from readiness.sources.graph.questions import Outcome, Question, got, visible
from readiness.sources.graph.rules import EVENTUAL
from readiness.sources.graph.session import GraphSession, first_of
from readiness.sources.graph.values import Object, equal, optional, segment, text
from readiness.sources.reader import Finding

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def target_groups(session: GraphSession) -> Finding[TargetGroups]:
    """The groups that the configuration names, by id or by name; nothing is asked where it names none.

    A name that several groups have stands once for each of them.
    """
    named = tuple({name.casefold(): name for name in session.scope.groups}.values())
    asked = [_group(name) for name in named]
    outcomes = session.ask(*asked)
    found = [(name, row) for name, outcome in zip(named, outcomes, strict=True) for row in _rows(name, outcome)]
    members = session.ask(*(_devices(text(row, "id")) for _, row in found))
    held = {text(row, "id"): _any(outcome) for (_, row), outcome in zip(found, members, strict=True)}
    groups = tuple(group for name in named for group in _named(name, found, held))
    return first_of(TargetGroups(groups), asked, outcomes, len(groups))


def _group(name: str) -> Question:
    if _GUID.fullmatch(name):
        return Question("v1.0", f"/groups/{segment(name)}?$select=id,displayName", single=True)
    return Question("v1.0", f"/groups?{equal(displayName=name)}&$select=id,displayName")


def _rows(name: str, outcome: Outcome) -> tuple[Object, ...]:
    """The groups of this id or name; a list is held against the name, in case the filter was not minded."""
    if isinstance(outcome, GraphRefusal) and outcome.not_found:
        return ()
    rows = got(outcome).rows
    field = "id" if _GUID.fullmatch(name) else "displayName"
    return tuple(row for row in rows if text(row, field).casefold() == name.casefold())


def _devices(id_: str) -> Question:
    """One device is enough. Members of one type are told by the directory's index only."""
    path = f"/groups/{segment(id_)}/transitiveMembers/microsoft.graph.device?$count=true&$select=id&$top=1"
    return Question("v1.0", path, (EVENTUAL,), most=1)


def _any(outcome: Outcome) -> bool | None:
    found = visible(outcome)
    return None if found is None else bool(found.rows)


def _named(name: str, found: list[tuple[str, Object]], held: dict[str, bool | None]) -> list[TargetGroup]:
    rows = [row for asked, row in found if asked == name]
    made = [
        TargetGroup(
            name,
            found=True,
            id=text(row, "id"),
            name=optional(row, "displayName", str) or "",
            holds_devices=held[text(row, "id")],
        )
        for row in rows
    ]
    return made or [TargetGroup(name, found=False)]
