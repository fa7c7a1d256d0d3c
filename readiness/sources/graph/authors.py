"""Reader of who may write endpoint security policy: by a role of Intune, or by a directory role.

Source: reference on Graph, Global Administrator, for directory roles; the page "List unifiedRoleAssignmentMultiple" of
Graph beta for those of Intune: v1.0 lists assignments of Intune without the role that they give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from readiness.model.facts import (
    GLOBAL_ADMINISTRATOR,
    INTUNE_ADMINISTRATOR,
    HoldingKind,
    PolicyRoleGrant,
    PolicyRoleGroup,
    PolicyRoles,
    PrincipalKind,
)
from readiness.sources.graph.errors import GraphRefusal
from readiness.sources.graph.questions import Outcome, Pages, Question, got, visible
from readiness.sources.graph.rules import EVENTUAL
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import Object, equal, moment, optional, refuse, segment, text, texts
from readiness.sources.reader import Finding

_INTUNE = "/roleManagement/deviceManagement"
_ASSIGNMENTS = Question("beta", f"{_INTUNE}/roleAssignments")
_DEFINITIONS = Question("beta", f"{_INTUNE}/roleDefinitions?$select=id,displayName,isBuiltIn")
_LISTS = ("roleAssignments", "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances")
_DIRECTORY = {GLOBAL_ADMINISTRATOR: "Global Administrator", INTUNE_ADMINISTRATOR: "Intune Administrator"}
_KINDS = {"assigned": HoldingKind.ASSIGNED, "activated": HoldingKind.ACTIVATED}
"""`assignmentType` of an assignment schedule instance."""


def policy_roles(session: GraphSession) -> Finding[PolicyRoles]:
    """Everybody who holds such a role. Of custom roles of Intune only who holds one: what a role may do is not told by
    the names of its actions, which are not published for endpoint detection and response."""
    asked = [_directory(role, list_) for role in _DIRECTORY for list_ in _LISTS]
    assigned, defined, *listed = session.ask(_ASSIGNMENTS, _DEFINITIONS, *asked)
    grants = list(_intune(got(assigned), visible(defined)))
    for number, role in enumerate(_DIRECTORY):
        grants += _directory_grants(role, listed[3 * number : 3 * number + 3])
    groups = _groups(session, grants)
    scheduled = [one for number, one in enumerate(listed) if number % 3]
    held = PolicyRoles(
        tuple(_settled(grants, groups)),
        tuple(group for group in groups.values() if group is not None),
        _managed(scheduled),
    )
    return finding(held, got(assigned), len(held.grants))


def _directory(role: str, list_: str) -> Question:
    return Question("v1.0", f"/roleManagement/directory/{list_}?{equal(roleDefinitionId=role)}&$expand=principal")


def _managed(scheduled: Sequence[Outcome]) -> bool | None:
    if all(isinstance(outcome, GraphRefusal) and outcome.no_licence for outcome in scheduled):
        return False
    return True if all(visible(outcome) is not None for outcome in scheduled) else None


def _intune(assigned: Pages, defined: Pages | None) -> Iterator[PolicyRoleGrant]:
    known = {text(row, "id").lower(): row for row in (defined.rows if defined is not None else ())}
    for row in assigned.rows:
        role = text(row, "roleDefinitionId").lower()
        definition = known.get(role, {})
        built_in = optional(definition, "isBuiltIn", bool)
        if "principalIds" not in row:
            refuse("principalIds", None)
        for principal in texts(row, "principalIds"):
            yield PolicyRoleGrant(
                role_id=role,
                role_name=optional(definition, "displayName", str) or "",
                custom=None if built_in is None else not built_in,
                principal_id=principal,
                principal=PrincipalKind.UNTOLD,
                principal_name="",
                enabled=None,
                scope="",
                kind=HoldingKind.ASSIGNED,
                ends=None,
            )


def _directory_grants(role: str, outcomes: Sequence[Outcome]) -> Iterator[PolicyRoleGrant]:
    """The schedule tells kinds and ends; what it does not list has no end that is known."""
    assigned = got(outcomes[0])
    active, eligible = (visible(outcome) for outcome in outcomes[1:])
    scheduled = _of_role(role, active.rows if active else ())
    told = {_place(row) for row in scheduled}
    for row in scheduled:
        word = text(row, "assignmentType")
        yield _grant(role, row, _KINDS.get(word.lower()) or HoldingKind(word), scheduled=True)
    for row in _of_role(role, assigned.rows):
        if _place(row) not in told:
            yield _grant(role, row, HoldingKind.ASSIGNED)
    for row in _of_role(role, eligible.rows if eligible else ()):
        yield _grant(role, row, HoldingKind.ELIGIBLE, scheduled=True)


def _of_role(role: str, rows: Iterable[Object]) -> list[Object]:
    """Held against the filter: an answer about another role must not become one that nobody holds."""
    return [row for row in rows if text(row, "roleDefinitionId").lower() == role]


def _place(row: Object) -> tuple[str, str]:
    return text(row, "principalId").lower(), _scope(row)


def _scope(row: Object) -> str:
    return optional(row, "directoryScopeId", str) or ""


def _grant(role: str, row: Object, kind: HoldingKind, *, scheduled: bool = False) -> PolicyRoleGrant:
    principal = optional(row, "principal", dict) or {}
    return PolicyRoleGrant(
        role_id=role,
        role_name=_DIRECTORY[role],
        custom=False,
        principal_id=text(row, "principalId"),
        principal=_kind(optional(principal, "@odata.type", str) or ""),
        principal_name=optional(principal, "displayName", str) or "",
        enabled=optional(principal, "accountEnabled", bool),
        scope=_scope(row),
        kind=kind,
        ends=moment(row, "endDateTime") if scheduled else None,
    )


def _kind(type_: str) -> PrincipalKind:
    word = type_.rpartition(".")[2]
    return next((kind for kind in PrincipalKind if kind.value.lower() == word.lower()), PrincipalKind(word))


def _groups(session: GraphSession, grants: Sequence[PolicyRoleGrant]) -> dict[str, PolicyRoleGroup | None]:
    """Of holders that are or may be groups: who is in them; None where there is no such group."""
    asked = {
        one.principal_id.lower(): one.principal_id
        for one in grants
        if one.principal in (PrincipalKind.GROUP, PrincipalKind.UNTOLD)
    }
    outcomes = session.ask(*(_members(id_) for id_ in asked.values())) if asked else []
    return {low: _group(id_, outcome) for (low, id_), outcome in zip(asked.items(), outcomes, strict=True)}


def _members(id_: str) -> Question:
    """Members of one type are told by the directory's index only."""
    path = f"/groups/{segment(id_)}/transitiveMembers/microsoft.graph.user?$count=true&$select=id"
    return Question("v1.0", path, (EVENTUAL,))


def _group(id_: str, outcome: Outcome) -> PolicyRoleGroup | None:
    if isinstance(outcome, GraphRefusal) and outcome.not_found:
        return None
    found = visible(outcome)
    return PolicyRoleGroup(id_, None if found is None else tuple(text(row, "id") for row in found.rows))


def _settled(
    grants: Iterable[PolicyRoleGrant], groups: Mapping[str, PolicyRoleGroup | None]
) -> Iterator[PolicyRoleGrant]:
    """Each grant, with what was found of its principal's id."""
    for one in grants:
        group = groups.get(one.principal_id.lower())
        readable = group is not None and group.members is not None
        if one.principal is PrincipalKind.UNTOLD and readable:
            yield replace(one, principal=PrincipalKind.GROUP)
        else:
            yield one
