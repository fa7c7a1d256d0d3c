"""Facts of the roles by which endpoint security policy can be written: of Intune, and of Entra ID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenStrEnum
from readiness.model.facts.directory import HoldingKind
from readiness.model.words import Half

INTUNE_ADMINISTRATOR = "3a2c62db-5318-420d-8d74-23affee5d9d5"
"""Role definition id of the directory role (inferred). Source: public lists of the roles of Entra ID."""
ENDPOINT_SECURITY_MANAGER = "c56d53a2-73d0-4502-b6bd-4a9d3dba28d5"
"""Role definition id of the built-in role of Intune (inferred). Source: three public programs that agree, one of them
with a recorded answer; Microsoft publishes the name."""


class PrincipalKind(OpenStrEnum):
    """What holds a role. Source: `@odata.type` of a directory object; of Intune, what was found of its id."""

    USER = "user"
    GROUP = "group"
    APPLICATION = "servicePrincipal"
    UNTOLD = ""
    """The source does not tell."""


@dataclass(frozen=True, slots=True)
class PolicyRoleGrant:
    """One role, given to one principal."""

    role_id: str
    role_name: str
    """As the tenant names it; empty where it could not be read."""
    custom: bool | None
    """Whether the tenant made the role itself; None where its definition could not be read."""
    principal_id: str
    principal: PrincipalKind
    principal_name: str
    """Empty where the source does not name it: Intune names no principals."""
    enabled: bool | None
    """`accountEnabled` of a person; None where it was not told."""
    scope: str
    """`directoryScopeId` of a directory role; empty for a role of Intune, whose scopes are not judged."""
    kind: HoldingKind
    ends: datetime | None
    """None: no end, or no end is known."""


@dataclass(frozen=True, slots=True)
class PolicyRoleGroup:
    """A group that holds such a role."""

    id: str
    members: tuple[str, ...] | None
    """Ids of the persons in it, also by groups in it; None where they could not be read."""


@dataclass(frozen=True, slots=True)
class PolicyRoles(Fact):
    """Who holds a role by which endpoint security policy can be written, in the whole tenant.

    Source: Graph beta `/roleManagement/deviceManagement/roleAssignments`, `roleDefinitions`; v1.0
    `/roleManagement/directory/roleAssignments`, `roleAssignmentScheduleInstances`,
    `roleEligibilityScheduleInstances`, `/groups/{id}/transitiveMembers`."""

    half: ClassVar[Half] = Half.TENANT

    grants: tuple[PolicyRoleGrant, ...]
    """Of the directory roles Global Administrator and Intune Administrator, and of every role of Intune."""
    groups: tuple[PolicyRoleGroup, ...]
    """Those among the holders."""
    privileged_identity_management: bool | None
    """False where the tenant has no licence for it (`AadPremiumLicenseRequired`); None where it was not readable."""

    def held(self) -> int:
        return len(self.grants)
