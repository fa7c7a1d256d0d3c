"""The calls that a scan makes, as its readers declare them, and the least rights that are enough for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from readiness.assessment import needed_facts
from readiness.model.check import Check
from readiness.model.facts import Fact
from readiness.model.injection import facts
from readiness.model.settings import JudgingSettings
from readiness.model.words import Half
from readiness.sources.graph.permissions import permission
from readiness.sources.reader import Call, Reader

Readers = Mapping[type[Fact], Reader[Any, Any]]


class RightKind(StrEnum):
    """What has to be granted."""

    PERMISSION = "permission"
    """Of Microsoft Graph, to the application."""
    ROLE = "role"
    """Security role and scope of Configuration Manager, to the account."""
    GROUP = "group"
    """Local group on the provider machine, for the account."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a half is read, as far as rights depend on it.

    Attributes:
        person: whether a person signs in to the tenant, with delegated permissions; None: not known yet.
        winrm: whether the site is read over WinRM.
        managed: whether a managed identity signs in to the tenant, which no page of the admin center grants anything.
    """

    halves: tuple[Half, ...]
    person: bool | None = None
    winrm: bool = True
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that the scan makes, and for whom."""

    call: Call
    fact: type[Fact]
    checks: tuple[str, ...]
    """Ids of the checks that judge the fact; none: the targets of the roll-out are found in it."""


@dataclass(frozen=True, slots=True)
class Right:
    """One right that is needed."""

    name: str
    half: Half
    kind: RightKind
    asked: tuple[Asked, ...]
    """The calls that it is needed for."""
    remark: str = ""

    @property
    def checks(self) -> tuple[str, ...]:
        """Ids of the checks that need it."""
        return tuple(dict.fromkeys(check for one in self.asked for check in one.checks))


@dataclass(frozen=True, slots=True)
class Needs:
    """All that a scan asks, and the least rights for it."""

    asked: tuple[Asked, ...]
    rights: tuple[Right, ...]

    def of(self, half: Half) -> tuple[Right, ...]:
        return tuple(right for right in self.rights if right.half is half)


def needs(checks: Sequence[Check], settings: JudgingSettings, readers: Readers, access: Access) -> Needs:
    """What a scan for these checks asks, and the least rights for it.

    Args:
        checks: those that will be judged, dependencies included.
        readers: the reader of each fact.
    """
    wanted = needed_facts(checks, settings)
    asked = tuple(
        Asked(call, fact, tuple(check.id for check in checks if fact in facts(check)))
        for fact, reader in readers.items()
        if fact in wanted and fact.half in access.halves
        for call in reader.calls
        if access.person is not False or not persons_only(call)
    )
    return Needs(asked, least_rights(asked, access))


def least_rights(asked: Sequence[Asked], access: Access) -> tuple[Right, ...]:
    """The least rights that are enough for these calls."""
    return (*_permissions(asked), *_site_rights(asked, access))


def persons_only(call: Call) -> bool:
    """Whether no application can hold what the call needs: it is made where a person signs in."""
    found = [permission(name) for name in call.rights]
    return bool(found) and all(one.delegated and not one.application for one in found)


def _permissions(asked: Iterable[Asked]) -> Iterable[Right]:
    mine = tuple(one for one in asked if one.fact.half is Half.TENANT and one.call.rights)
    chosen = least([one.call.rights for one in mine])
    for name in chosen:
        calls = tuple(one for one in mine if giver(one.call.rights, chosen) == name)
        whens = dict.fromkeys(one.call.when for one in calls)
        remark = f"only where {', or '.join(whens)}" if all(whens) else ""
        yield Right(name, Half.TENANT, RightKind.PERMISSION, calls, remark)


def _site_rights(asked: Iterable[Asked], access: Access) -> Iterable[Right]:
    mine = tuple(one for one in asked if one.fact.half is Half.SITE)
    # What may be more than is needed comes last: a role with a remark, after a semicolon.
    for name in sorted(least([one.call.rights for one in mine]), key=lambda name: ";" in name):
        role, _, remark = name.partition("; ")
        advice = f"{remark}: begin with that one, and let --test tell" if remark else ""
        calls = tuple(one for one in mine if name in one.call.rights)
        yield Right(role, Half.SITE, RightKind.ROLE, calls, advice)
    if mine and access.winrm:
        remark = "WinRM lets nobody else in"
        yield Right("Remote Management Users or Administrators", Half.SITE, RightKind.GROUP, mine, remark)
    if mine:
        remark = "Configuration Manager puts its administrative users there by itself"
        yield Right("SMS Admins", Half.SITE, RightKind.GROUP, mine, remark)


def least(alternatives: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The fewest rights of which one is enough for every call, each the least that it can be.

    Args:
        alternatives: for each call the rights that are enough for it, the least first.
    """
    chosen: list[str] = []
    for rights in sorted(alternatives, key=len):  # where there is no choice first: what those bring, others may use
        if giver(rights, chosen) is None:
            chosen.append(rights[0])
    for name in tuple(chosen):
        others = [other for other in chosen if other != name]
        if all(giver(rights, others) for rights in alternatives):
            chosen = others
    return tuple(sorted(chosen))


def giver(rights: Iterable[str], chosen: Sequence[str]) -> str | None:
    """Which of the chosen rights is enough where any one of `rights` is; itself, or a wider one."""
    enough = [name for right in rights for name in (right, *permission(right).wider)]
    return next((name for name in enough if name in chosen), None)
