"""What the rule data in force tells a plan: how long services take, and which role a step needs."""

from __future__ import annotations

from checks import knowledge
from checks.knowledge.kinds import StepRole, Wait
from readiness.plugin import Guide, Owner, RolePlace, WaitingTime

_OWNERS = {
    "entra": Owner.ENTRA_ADMIN,
    "intune": Owner.INTUNE_ADMIN,
    "configmgr": Owner.CONFIGMGR_ADMIN,
    "defender": Owner.DEFENDER_ADMIN,
    "network": Owner.NETWORK_ADMIN,
    "active-directory": Owner.CONFIGMGR_ADMIN,
}
"""Who administers what a role is a role of. Of the directory on premises the plan knows nobody of its own."""


def guide() -> Guide:
    """Waiting times by name, roles by step."""
    waits: tuple[Wait, ...] = knowledge.rows("waits", "wait")
    roles: tuple[StepRole, ...] = knowledge.rows("roles", "role")
    return Guide(
        waits={row.name: WaitingTime(row.words, row.least_minutes, row.minutes, row.confidence) for row in waits},
        roles={row.step: (_place(row),) for row in roles},
    )


def _place(row: StepRole) -> RolePlace:
    return RolePlace(row.role, _OWNERS[row.system], row.least or "", row.where, row.from_build, row.until_build)
