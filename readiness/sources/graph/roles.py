"""Reader of who holds Global Administrator: directly, by a group, activated for a time, or eligible.

Source: reference on Graph, Global Administrator. Every list is asked with a filter, and held against it again: an
answer about somebody else must not become a role that nobody holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness.errors import SourceError
from readiness.model.facts import (
    GLOBAL_ADMINISTRATOR,
    Administrator,
    DirectoryRoleHoldings,
    HoldingKind,
    RoleHolding,
)
from readiness.model.words import Reason
from readiness.sources.graph.errors import GraphRefusal
from readiness.sources.graph.questions import Outcome, Pages, Question, got, visible
from readiness.sources.graph.rules import EVENTUAL
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import Object, equal, is_key, moment, optional, segment, text
from readiness.sources.reader import Finding
from readiness.text import one_line

_ROLES = "/roleManagement/directory"
_OF_THE_ROLE = f"{equal(roleDefinitionId=GLOBAL_ADMINISTRATOR)}&$expand=principal"
_ASSIGNED = Question("v1.0", f"{_ROLES}/roleAssignments?{_OF_THE_ROLE}")
_ACTIVE = Question("v1.0", f"{_ROLES}/roleAssignmentScheduleInstances?{_OF_THE_ROLE}")
_ELIGIBLE = Question("v1.0", f"{_ROLES}/roleEligibilityScheduleInstances?{_OF_THE_ROLE}")
_KINDS = {"assigned": HoldingKind.ASSIGNED, "activated": HoldingKind.ACTIVATED}
"""`assignmentType` of an assignment schedule instance."""


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who was asked for."""

    asked: str
    profile: Object | None
    """None: there is nobody of this name."""
    enabled: bool | None = None

    @property
    def id(self) -> str:
        return text(self.profile or {}, "id")


@dataclass(frozen=True, slots=True)
class _Tenant:
    """Who holds the role in the whole tenant, as far as it can be read."""

    proof: Pages
    """The assignments as they were read."""
    assigned: tuple[Object, ...]
    active: tuple[Object, ...]
    eligible: tuple[Object, ...]
    managed: bool | None
    """Whether Privileged Identity Management is in use; None: not readable."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups among the holders; and holders whose kind Graph does not tell, who may be groups."""
        rows = (*self.assigned, *self.active, *self.eligible)
        return tuple(dict.fromkeys(text(row, "principalId") for row in rows if _may_be_group(row)))


def holdings(session: GraphSession) -> Finding[DirectoryRoleHoldings]:
    names = named(session)
    if not names:
        nobody = DirectoryRoleHoldings((), groups=(), groups_read=False, privileged_identity_management=None)
        return Finding(nobody, 0)
    asked = [name for name in names if itself(session) or is_key(name)]
    profiles = [_profile(session, name, "id,displayName") for name in asked]
    accounts = [_profile(session, name, "id,accountEnabled") for name in asked]
    outcomes = session.ask(*profiles, *accounts, _ASSIGNED, _ACTIVE, _ELIGIBLE)
    tenant = _tenant(outcomes[-3:])
    found = map(_person, asked, outcomes[: len(asked)], outcomes[len(asked) : -3])
    known = {person.asked: person for person in found}
    people = [known.get(name, _Person(name, None)) for name in names]
    return _held(session, people, tenant)


def named(session: GraphSession) -> tuple[str, ...]:
    """The persons whom it is about, each once: those of [scope] administrators, else who signed in."""
    names = (session.signed_in or "me",) if itself(session) else session.scope.administrators
    return tuple({name.casefold(): name for name in names}.values())


def itself(session: GraphSession) -> bool:
    """Whether it is about the person who signed in: where none is named."""
    return session.delegated and not session.scope.administrators


def _profile(session: GraphSession, name: str, properties: str) -> Question:
    """The person: who signed in by that sign-in, because a guest has another name at home."""
    where = "/me" if itself(session) else f"/users/{segment(name)}"
    return Question("v1.0", f"{where}?$select={properties}", single=True)


def _person(asked: str, profile: Outcome, account: Outcome) -> _Person:
    if isinstance(profile, GraphRefusal) and profile.not_found:
        return _Person(asked, None)
    # Basic rights name a person, and leave open whether the account is enabled.
    found, seen = got(profile).object, visible(account)
    if seen is not None and text(seen.object, "id").lower() != text(found, "id").lower():
        raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered somebody else's account for {one_line(asked)}")
    return _Person(asked, found, optional(seen.object, "accountEnabled", bool) if seen else None)


def _tenant(outcomes: Sequence[Outcome]) -> _Tenant:
    assigned, *managed = outcomes
    active, eligible = (visible(outcome) for outcome in managed)
    unlicensed = all(isinstance(outcome, GraphRefusal) and outcome.no_licence for outcome in managed)
    return _Tenant(
        proof=got(assigned),
        assigned=_of_the_role(got(assigned).rows),
        active=_of_the_role(active.rows if active else ()),
        eligible=_of_the_role(eligible.rows if eligible else ()),
        managed=False if unlicensed else True if active and eligible else None,
    )


def _of_the_role(rows: Iterable[Object]) -> tuple[Object, ...]:
    return tuple(row for row in rows if text(row, "roleDefinitionId").lower() == GLOBAL_ADMINISTRATOR)


def _may_be_group(row: Object) -> bool:
    principal = optional(row, "principal", dict) or {}
    kind = optional(principal, "@odata.type", str)
    return kind is None or kind.lower().endswith(".group")


def _held(session: GraphSession, people: Sequence[_Person], tenant: _Tenant) -> Finding[DirectoryRoleHoldings]:
    """What each person holds. Membership in groups is known to the directory's index alone, and asked of it."""
    there = [person for person in people if person.profile is not None]
    answered = [visible(outcome) for outcome in session.ask(*(_transitive(person.id) for person in there))]
    hits = {person.asked: _of_the_role(one.rows) if one else None for person, one in zip(there, answered, strict=True)}
    held = DirectoryRoleHoldings(
        administrators=tuple(_administrator(person, hits.get(person.asked), tenant) for person in people),
        groups=tenant.groups,
        groups_read=bool(answered) and all(one is not None for one in answered),
        privileged_identity_management=tenant.managed,
    )
    return finding(held, tenant.proof, len(people))


def _transitive(id_: str) -> Question:
    wanted = equal(principalId=id_, roleDefinitionId=GLOBAL_ADMINISTRATOR)
    return Question("beta", f"{_ROLES}/transitiveRoleAssignments?$count=true&{wanted}", (EVENTUAL,))


def _administrator(person: _Person, hits: tuple[Object, ...] | None, tenant: _Tenant) -> Administrator:
    if person.profile is None:
        return Administrator(person.asked, found=False)
    return Administrator(
        asked=person.asked,
        found=True,
        id=person.id,
        name=optional(person.profile, "displayName", str) or "",
        enabled=person.enabled,
        holdings=(*_now(person.id, hits, tenant), *_eligible(person.id, tenant)),
    )


def _now(id_: str, hits: tuple[Object, ...] | None, tenant: _Tenant) -> list[RoleHolding]:
    """What is active. The schedule tells kinds and ends; what it does not list has no end that is known."""
    by_group = dict.fromkeys(text(row, "principalId") for row in hits or () if not _of(row, id_))
    if not {group.lower() for group in by_group} <= {group.lower() for group in tenant.groups}:
        raise SourceError(Reason.BAD_ANSWER, "Microsoft Graph answered whose role it is with somebody else's")
    only = next(iter(by_group)) if len(by_group) == 1 else ""
    held = [_scheduled(row, only) for row in tenant.active if _of(row, id_)]
    direct = hits if hits is not None else tenant.assigned
    listed = {(one.scope, one.group_id is not None) for one in held}
    held += [_plain(row, None) for row in direct if _of(row, id_) and (_scope(row), False) not in listed]
    for row in hits or ():
        if not _of(row, id_) and (_scope(row), True) not in listed:
            held += _through(row, tenant)
    return held


def _through(row: Object, tenant: _Tenant) -> list[RoleHolding]:
    """The role by way of a group, which may itself hold it for a time."""
    group = text(row, "principalId")
    own = [_scheduled(one, group) for one in tenant.active if _of(one, group) and _scope(one) == _scope(row)]
    return [RoleHolding(one.role_id, one.scope, one.kind, group, one.ends) for one in own] or [_plain(row, group)]


def _eligible(id_: str, tenant: _Tenant) -> list[RoleHolding]:
    return [
        RoleHolding(
            GLOBAL_ADMINISTRATOR, _scope(row), HoldingKind.ELIGIBLE, _member(row, ""), moment(row, "endDateTime")
        )
        for row in tenant.eligible
        if _of(row, id_)
    ]


def _scheduled(row: Object, group: str) -> RoleHolding:
    word = text(row, "assignmentType")
    kind = _KINDS.get(word.lower()) or HoldingKind(word)
    return RoleHolding(GLOBAL_ADMINISTRATOR, _scope(row), kind, _member(row, group), moment(row, "endDateTime"))


def _plain(row: Object, group: str | None) -> RoleHolding:
    return RoleHolding(GLOBAL_ADMINISTRATOR, _scope(row), HoldingKind.ASSIGNED, group, None)


def _member(row: Object, group: str) -> str | None:
    """The group by which a person holds what the row says; None where directly."""
    return group if text(row, "memberType").lower() == "group" else None


def _of(row: Object, id_: str) -> bool:
    return text(row, "principalId").lower() == id_.lower()


def _scope(row: Object) -> str:
    return optional(row, "directoryScopeId", str) or ""
