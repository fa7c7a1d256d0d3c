"""The needed rights as plain data: for `readiness permissions` and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readiness.access.needs import Access, Asked, Needs, Right, RightKind
from readiness.access.proof import Proof
from readiness.model.check import Check
from readiness.sources.graph.permissions import Grant, permission, source

_CONSOLE = "Administration > Security > Administrative Users"
_MACHINE = "the provider machine: Computer Management > Local Users and Groups"
_APPLICATION = "Microsoft Entra admin center > App registrations > the application > API permissions > Microsoft Graph"
_MANAGED_IDENTITY = (
    "no page: Microsoft Graph PowerShell, New-MgServicePrincipalAppRoleAssignment, from the managed identity's service "
    "principal to that of Microsoft Graph, with the id of the permission as the app role"
)
_WHERE = {RightKind.PERMISSION: _APPLICATION, RightKind.ROLE: _CONSOLE, RightKind.GROUP: _MACHINE}
_WHO = {
    RightKind.PERMISSION: "Privileged Role Administrator, who also gives admin consent",
    RightKind.ROLE: "Full Administrator, scope All",
    RightKind.GROUP: "local administrator of the provider machine",
}
OF_A_PERSON = (
    "A person who signs in needs rights of their own besides: an Intune role with read rights, or a directory role "
    "such as Global Reader, which also reads directory roles."
)
"""Source: reference on Graph, section 0."""


def told(needs: Needs, checks: Sequence[Check], access: Access, proofs: Sequence[Proof] = ()) -> dict[str, Any]:
    """Everything as JSON values; with proofs, what became of each right."""
    order = [check.id for check in checks]
    rights = [_right(right, access, order) for right in needs.rights]
    for right, proof in zip(rights, proofs, strict=bool(proofs)):
        right["standing"] = proof.standing.value
        right["reason"] = proof.reason.value if proof.reason else None
        right["words"] = proof.words
    return {
        "halves": [half.value for half in access.halves],
        "signs_in": {True: "person", False: "application", None: None}[access.person],
        "rights": rights,
        "calls": [_call(one) for one in needs.asked],
        "checks": [_check(check, needs) for check in checks],
        "source": source(),
    }


def _right(right: Right, access: Access, order: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": right.name,
        "half": right.half.value,
        "kind": right.kind.value,
        "remark": right.remark,
        "where": _MANAGED_IDENTITY if access.managed and right.kind is RightKind.PERMISSION else _WHERE[right.kind],
        "who": _WHO[right.kind],
        "facts": list(dict.fromkeys(one.fact.__name__ for one in right.asked)),
        "checks": sorted(right.checks, key=order.index),
    }
    if right.kind is RightKind.PERMISSION:
        known = permission(right.name)
        found["application"] = _grant(None if access.person else known.application)
        found["delegated"] = _grant(None if access.person is False else known.delegated)
        found["wider"] = list(known.wider)
    return found


def _grant(grant: Grant | None) -> dict[str, Any] | None:
    return None if grant is None else {"id": grant.id, "admin_consent": grant.admin_consent}


def _call(one: Asked) -> dict[str, Any]:
    return {
        "name": one.call.name,
        "half": one.fact.half.value,
        "fact": one.fact.__name__,
        "rights": list(one.call.rights),
        "when": one.call.when,
        "checks": list(one.checks),
    }


def _check(check: Check, needs: Needs) -> dict[str, Any]:
    return {"id": check.id, "rights": [right.name for right in needs.rights if check.id in right.checks]}
