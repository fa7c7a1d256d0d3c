"""Facts of tenant attach, as the SMS Provider tells them.

No published property says that tenant attach is on: what these classes mean is inferred from public code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.model.facts.base import Fact
from readiness.model.words import Half

UPLOAD_SERVICE = 5
"""`SMS_Azure_CloudService.ServiceType` of the upload to the admin center. Source: one long-used public documenter."""
CO_MANAGEMENT_CATEGORY = "SettingsAndPolicy:SMS_CoManagementSettings"
"""`CategoryInstance_UniqueIDs` of the co-management policies. Source: as above."""

ONBOARDING_CATEGORY = "SettingsAndPolicy:SMS_AdvancedThreatProtectionSettings"
"""`CategoryInstance_UniqueIDs` of the Defender ATP policies. Source: public code that lists these policies."""


@dataclass(frozen=True, slots=True)
class CloudService:
    """A cloud service that the hierarchy is connected to. Source: `SMS_Azure_CloudService`."""

    id: int
    name: str
    type: int
    """`ServiceType`; `UPLOAD_SERVICE` is tenant attach (inferred). Others are not documented."""
    application_ids: tuple[int, ...]
    """`AssociatedAADWebApplications`: ids of rows of `SMS_AAD_Application_Ex`. Empty: the upload is off (inferred)."""
    site_code: str


@dataclass(frozen=True, slots=True)
class CloudServices(Fact):
    """The cloud services that the account can see. Source: `SMS_Azure_CloudService`."""

    half: ClassVar[Half] = Half.SITE

    services: tuple[CloudService, ...]

    def held(self) -> int:
        return len(self.services)


@dataclass(frozen=True, slots=True)
class CloudApplication:
    """An Entra application that the hierarchy uses. Source: `SMS_AAD_Application_Ex`, `SecretKey` never read."""

    id: int
    name: str
    client_id: str
    tenant_ref: int
    """`TenantID`: the id of a row of `SMS_AAD_Tenant_Ex`, not a GUID."""
    secret_expires: datetime | None
    """`SecretKeyExpiry`."""


@dataclass(frozen=True, slots=True)
class CloudApplications(Fact):
    """The Entra applications that the account can see. Source: `SMS_AAD_Application_Ex`."""

    half: ClassVar[Half] = Half.SITE

    applications: tuple[CloudApplication, ...]

    def held(self) -> int:
        return len(self.applications)


@dataclass(frozen=True, slots=True)
class CloudTenant:
    """An Entra tenant that the hierarchy is connected to. Source: `SMS_AAD_Tenant_Ex`."""

    id: int
    name: str
    tenant_id: str
    """GUID."""
    environment: int | None
    """`Environment`: 0 is seen with the public cloud; other numbers are not documented."""


@dataclass(frozen=True, slots=True)
class CloudTenants(Fact):
    """The Entra tenants that the account can see. Source: `SMS_AAD_Tenant_Ex`."""

    half: ClassVar[Half] = Half.SITE

    tenants: tuple[CloudTenant, ...]

    def held(self) -> int:
        return len(self.tenants)


@dataclass(frozen=True, slots=True)
class UploadMapping:
    """Which devices are uploaded to one tenant. Source: `SMS_CoMgmtConfigs.GetTenantCollectionMapping`."""

    tenant_id: str
    """GUID of the tenant that was asked for."""
    return_value: int
    """0 is success; anything else says nothing of the scope."""
    collection_id: str | None
    """Empty or None: all devices, where the return value is 0 (inferred)."""


@dataclass(frozen=True, slots=True)
class UploadScope(Fact):
    """The upload scope for each tenant that the hierarchy is connected to."""

    half: ClassVar[Half] = Half.SITE

    mappings: tuple[UploadMapping, ...]

    def held(self) -> int:
        return len(self.mappings)


@dataclass(frozen=True, slots=True)
class CoManagementPolicy:
    """A co-management policy. Source: `SMS_ConfigurationPolicy`, category `CO_MANAGEMENT_CATEGORY`."""

    id: int
    """`CI_ID`."""
    name: str
    """`LocalizedDisplayName`, as CoMgmtSettingsProd."""
    assigned: bool
    automatic_enrolment: bool | None
    """The enrolment rule in the lazy `SDMPackageXML` (inferred); None where that could not be read or says nothing."""
    workloads: int | None
    """Bits of the workloads that Intune has (32 endpoint protection), from the same text (inferred)."""


@dataclass(frozen=True, slots=True)
class CoManagementPolicies(Fact):
    """The co-management policies that the account can see. Source: `SMS_ConfigurationPolicy`."""

    half: ClassVar[Half] = Half.SITE

    policies: tuple[CoManagementPolicy, ...]
    visible: int
    """Configuration policies of every kind that the account sees."""

    def held(self) -> int:
        return self.visible


@dataclass(frozen=True, slots=True)
class OnboardingPolicy:
    """A Defender ATP policy: Configuration Manager's own way to onboard. Source: `SMS_ConfigurationPolicy`, category
    `ONBOARDING_CATEGORY`."""

    id: int
    """`CI_ID`."""
    name: str
    """`LocalizedDisplayName`."""
    assigned: bool
    collections: tuple[str, ...]
    """Ids of the collections that it is deployed to, as far as visible. Source: `SMS_DeploymentSummary` (inferred)."""


@dataclass(frozen=True, slots=True)
class OnboardingPolicies(Fact):
    """The Defender ATP policies that the account can see. Source: `SMS_ConfigurationPolicy`."""

    half: ClassVar[Half] = Half.SITE

    policies: tuple[OnboardingPolicy, ...]
    visible: int
    """Configuration policies of every kind that the account sees."""

    def held(self) -> int:
        return self.visible
