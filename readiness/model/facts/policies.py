"""Facts of the endpoint detection and response policies themselves, as Microsoft Graph tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenStrEnum
from readiness.model.words import Half

EDR_FAMILY = "endpointSecurityEndpointDetectionAndResponse"
"""`templateReference.templateFamily` of the Intune profile. Source: Graph beta, public code."""
EDR_CREATION_SOURCE = "SccmEDR"
"""`creationSource` of the Configuration Manager profile (inferred: one public provider, and the pattern of SccmAV)."""
LEGACY_TEMPLATE = "e44c2ca3-2f9a-400a-a113-6cc88efd773d"
"""Template of the profiles of 2020 to 2022 (`/deviceManagement/intents`). Source: public code that exports policies."""


class PolicyKind(OpenStrEnum):
    """The two kinds of the article, and the first one's older shape."""

    INTUNE = "intune"
    CONFIGMGR = "configmgr"
    LEGACY = "legacy"
    """An Intune policy of the retired shape: still delivered, no longer created."""


class TargetKind(OpenStrEnum):
    """What an assignment points to: `@odata.type` of its target, without the namespace."""

    GROUP = "groupAssignmentTarget"
    EXCLUDED_GROUP = "exclusionGroupAssignmentTarget"
    ALL_DEVICES = "allDevicesAssignmentTarget"
    ALL_USERS = "allLicensedUsersAssignmentTarget"
    COLLECTION = "configurationManagerCollectionAssignmentTarget"


@dataclass(frozen=True, slots=True)
class PolicyTarget:
    """One assignment of a policy."""

    kind: TargetKind
    id: str
    """Group id or collection id; empty for all devices and all users."""


@dataclass(frozen=True, slots=True)
class PolicySetting:
    """One setting of a policy. Values of onboarding packages are secrets and are never kept: `***` stands for them."""

    definition: str
    """`settingDefinitionId`; of the retired shape `definitionId`."""
    value: str


@dataclass(frozen=True, slots=True)
class EdrPolicy:
    """One EDR policy."""

    id: str
    name: str
    kind: PolicyKind
    platforms: str
    technologies: tuple[str, ...]
    scope_tags: tuple[str, ...]
    """`roleScopeTagIds`."""
    targets: tuple[PolicyTarget, ...]
    settings: tuple[PolicySetting, ...] | None
    """None where they were not readable."""

    @property
    def assigned(self) -> bool:
        """Whether it goes to anything (an exclusion alone is no assignment)."""
        return any(target.kind is not TargetKind.EXCLUDED_GROUP for target in self.targets)


@dataclass(frozen=True, slots=True)
class EdrPolicies(Fact):
    """Every EDR policy of the tenant, in all three shapes.

    Source: Graph beta `/deviceManagement/configurationPolicies`, `/deviceManagement/intents`."""

    half: ClassVar[Half] = Half.TENANT

    policies: tuple[EdrPolicy, ...]
    seen: int
    """Policies of every kind that were listed."""
    complete: bool = False
    """Whether nothing can be hidden from who read: an application is not limited by scope tags, a person may be."""

    def held(self) -> int:
        return self.seen


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """How many devices stand how with one policy; None where the source does not count that."""

    policy_id: str
    targeted: int | None
    compliant: int | None
    non_compliant: int | None
    failed: int | None
    pending: int | None


@dataclass(frozen=True, slots=True)
class PolicyStatuses(Fact):
    """Compliance with each EDR policy that is assigned: an overview for collection policies, the device report for
    Intune policies.

    Source: Graph beta `configManagerCollections/getPolicySummary`, `reports/getConfigurationPolicyDevicesReport`."""

    half: ClassVar[Half] = Half.TENANT

    statuses: tuple[PolicyStatus, ...]

    def held(self) -> int:
        return len(self.statuses)


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """An Entra group of `[scope] groups`. A name that several groups have stands once for each of them."""

    asked: str
    found: bool
    id: str = ""
    name: str = ""
    holds_devices: bool | None = None
    """Whether at least one device is a member, directly or through a group; None where it was not readable."""


@dataclass(frozen=True, slots=True)
class TargetGroups(Fact):
    """The Entra groups of the roll-out. Source: Graph v1.0 `/groups`, `transitiveMembers`."""

    half: ClassVar[Half] = Half.TENANT

    groups: tuple[TargetGroup, ...]

    def held(self) -> int:
        return len(self.groups)
