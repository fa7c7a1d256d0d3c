"""Facts of Entra ID: the applications of tenant attach, and who holds which directory role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenStrEnum
from readiness.model.facts.tenant import ServicePlan
from readiness.model.words import Half

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""Role definition id. Source: Graph documentation, directory role templates."""
MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
"""Application id of the Configuration Manager Microservice, whose roles an attach application holds. Source: a public
dump of its manifest."""
COLLECTION_DATA_ROLES = {
    "1ce9e34f-35e8-4af8-b172-09e4dd00453d": "CmCollectionData.read",
    "a7a0e953-7ed2-423c-849f-9d78b5e44612": "CmCollectionData.write",
}
"""Application roles of the microservice that tenant attach needs. Source: as above, names from the documentation."""


@dataclass(frozen=True, slots=True)
class ApplicationSecret:
    """A client secret of an application; never its value. Source: Graph v1.0 `application.passwordCredentials`."""

    key_id: str
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class EntraApplication:
    """An application that holds a role of the Configuration Manager Microservice."""

    client_id: str
    """`appId` of its service principal."""
    name: str
    principal_id: str
    enabled: bool | None
    """`accountEnabled` of the service principal."""
    roles: tuple[str, ...]
    """Ids of the application roles that it holds of the microservice: `COLLECTION_DATA_ROLES`."""
    secrets: tuple[ApplicationSecret, ...] | None
    """None where the tenant has no registration of it (an application of another tenant)."""


@dataclass(frozen=True, slots=True)
class EntraApplications(Fact):
    """The applications that hold a role of the Configuration Manager Microservice.

    Source: Graph v1.0 `/servicePrincipals` (`appRoleAssignedTo`), `/applications`."""

    half: ClassVar[Half] = Half.TENANT

    microservice: bool
    """Whether the tenant has a service principal of the microservice."""
    applications: tuple[EntraApplication, ...]

    def held(self) -> int:
        return len(self.applications)


class HoldingKind(OpenStrEnum):
    """How a role is held."""

    ASSIGNED = "assigned"
    """Active for good or until an end, without being activated."""
    ACTIVATED = "activated"
    """Active by Privileged Identity Management, until its end."""
    ELIGIBLE = "eligible"
    """May be activated; not active now."""


@dataclass(frozen=True, slots=True)
class RoleHolding:
    """One way in which a person holds a directory role."""

    role_id: str
    """Role definition id."""
    scope: str
    """`directoryScopeId`; `/` is the whole tenant."""
    kind: HoldingKind
    group_id: str | None
    """The group by which it is held, empty where the source does not tell which; None where directly."""
    ends: datetime | None
    """None: no end, or no end is known."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """A person who is to carry out the set-up."""

    asked: str
    """As the configuration names the person, or as the person signed in."""
    found: bool
    id: str = ""
    name: str = ""
    enabled: bool | None = None
    holdings: tuple[RoleHolding, ...] = ()
    """Of Global Administrator."""


@dataclass(frozen=True, slots=True)
class DirectoryRoleHoldings(Fact):
    """Who of the named administrators holds Global Administrator, and how.

    Source: Graph v1.0 `/users`, `/roleManagement/directory/roleAssignments`, `roleAssignmentScheduleInstances`,
    `roleEligibilityScheduleInstances`; beta `transitiveRoleAssignments`."""

    half: ClassVar[Half] = Half.TENANT

    administrators: tuple[Administrator, ...]
    """The persons who were asked for, each once; empty where nobody was named and an application signed in."""
    groups: tuple[str, ...]
    """Ids of groups that are assigned the role, or are eligible for it; and of holders that may be groups, because the
    source does not tell what they are."""
    groups_read: bool
    """Whether membership through groups could be read (`transitiveRoleAssignments`)."""
    privileged_identity_management: bool | None
    """False where the tenant has no licence for it (`AadPremiumLicenseRequired`); None where it was not readable."""

    def held(self) -> int:
        return len(self.administrators)


@dataclass(frozen=True, slots=True)
class AdministratorLicence:
    """What the licences of a person who is to carry out the set-up bring."""

    asked: str
    """As the configuration names the person, or as the person signed in."""
    found: bool
    plans: tuple[ServicePlan, ...] = ()
    """Of all licences of the person."""


@dataclass(frozen=True, slots=True)
class AdministratorLicences(Fact):
    """The licences of the named administrators. Source: Graph v1.0 `/users/{id}/licenseDetails`."""

    half: ClassVar[Half] = Half.TENANT

    administrators: tuple[AdministratorLicence, ...]
    """The persons who were asked for, each once; empty where nobody was named and an application signed in."""

    def held(self) -> int:
        return len(self.administrators)
