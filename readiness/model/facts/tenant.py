"""Facts of the cloud half, as Microsoft Graph tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenStrEnum
from readiness.model.words import Half

DEFENDER_CONNECTOR_ID = "fc780465-2017-40d4-a0c5-307022471b92"
"""Id of the connector row of Microsoft Defender for Endpoint. Microsoft leaves `id` undocumented; the value is
attested by several public tools, and is the application id of WindowsDefenderATP."""


class PartnerState(OpenStrEnum):
    """`mobileThreatPartnerTenantState`, beta. Source: Graph beta SDK 1.66.0; meanings: Intune connector status."""

    UNAVAILABLE = "unavailable"
    AVAILABLE = "available"
    ENABLED = "enabled"
    UNRESPONSIVE = "unresponsive"
    NOT_SET_UP = "notSetUp"
    ERROR = "error"
    NEVER_CONFIGURED = "neverConfigured"


@dataclass(frozen=True, slots=True)
class Organization(Fact):
    """The tenant that the token belongs to. Source: Graph v1.0 `/organization`."""

    half: ClassVar[Half] = Half.TENANT

    tenant_id: str
    display_name: str
    verified_domains: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.display_name} ({self.tenant_id})" if self.display_name else self.tenant_id

    @property
    def names(self) -> frozenset[str]:
        """Every name by which the tenant can be configured, case folded: its id and its verified domains."""
        return frozenset(name.casefold() for name in (self.tenant_id, *self.verified_domains))

    def held(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class TenantCloud(Fact):
    """Which cloud the tenant lives in. Source: Entra ID, OpenID Connect discovery document; read without sign-in.

    What the document leaves out is None: a sign-in host of one's own (`[tenant] authority`) may say none of it.
    """

    half: ClassVar[Half] = Half.TENANT

    configured: str
    """`[tenant] cloud`: public, usgov, usdod or china."""
    tenant_id: str | None
    """The GUID in `issuer`."""
    region_scope: str | None
    """`tenant_region_scope`: EU, NA, AS, USGov..."""
    region_sub_scope: str | None
    """`tenant_region_sub_scope`: GCC (in the public cloud), DODCON (GCC High), DOD. Commercial tenants have none."""
    cloud_instance_name: str | None
    """microsoftonline.com, microsoftonline.us or partner.microsoftonline.cn."""
    graph_host: str | None
    """`msgraph_host`: tells GCC High from DoD, too."""

    def held(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class ThreatDefenseConnector:
    """One row of the connectors between Intune and a threat defence partner."""

    id: str
    partner_state: PartnerState
    last_heartbeat: datetime | None
    """None where the two never spoke (the source writes the year 0001)."""
    unresponsive_after_days: int | None
    windows_enabled: bool | None


@dataclass(frozen=True, slots=True)
class ThreatDefenseConnectors(Fact):
    """The connectors of the tenant. Source: Graph beta `/deviceManagement/mobileThreatDefenseConnectors`."""

    half: ClassVar[Half] = Half.TENANT

    connectors: tuple[ThreatDefenseConnector, ...]

    def held(self) -> int:
        return len(self.connectors)

    @property
    def defender(self) -> tuple[ThreatDefenseConnector, ...]:
        """The rows of Defender for Endpoint; another vendor's row never counts."""
        return tuple(row for row in self.connectors if row.id.lower() == DEFENDER_CONNECTOR_ID)


class SubscriptionState(OpenStrEnum):
    """`deviceManagementSubscriptionState`, v1.0. Source: Graph metadata."""

    PENDING = "pending"
    ACTIVE = "active"
    WARNING = "warning"
    DISABLED = "disabled"
    DELETED = "deleted"
    BLOCKED = "blocked"
    LOCKED_OUT = "lockedOut"


@dataclass(frozen=True, slots=True)
class IntuneSubscription(Fact):
    """The Intune subscription of the tenant. Source: Graph v1.0 `/deviceManagement`."""

    half: ClassVar[Half] = Half.TENANT

    state: SubscriptionState | None
    """None where Intune does not apply to the tenant ("Request not applicable to target tenant")."""

    def held(self) -> int:
        return 1


class CapabilityStatus(OpenStrEnum):
    """`capabilityStatus` of a subscription. Source: Graph reference, subscribedSku."""

    ENABLED = "Enabled"
    WARNING = "Warning"
    """In the grace period after its end."""
    SUSPENDED = "Suspended"
    DELETED = "Deleted"
    LOCKED_OUT = "LockedOut"


class ProvisioningStatus(OpenStrEnum):
    """`provisioningStatus` of a service plan. Source: Graph reference, servicePlanInfo."""

    SUCCESS = "Success"
    DISABLED = "Disabled"
    ERROR = "Error"
    PENDING_INPUT = "PendingInput"
    PENDING_ACTIVATION = "PendingActivation"
    PENDING_PROVISIONING = "PendingProvisioning"


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service that a subscription, or a licence of a person, brings. Source: Graph v1.0 `servicePlanInfo`."""

    id: str
    """`servicePlanId`: the same in every tenant, and published; the name beside it is not judged."""
    status: ProvisioningStatus


@dataclass(frozen=True, slots=True)
class Subscription:
    """A commercial subscription of the tenant. Source: Graph v1.0 `subscribedSku`."""

    name: str
    """`skuPartNumber`, as SPE_E5."""
    status: CapabilityStatus
    plans: tuple[ServicePlan, ...]


@dataclass(frozen=True, slots=True)
class Licences(Fact):
    """What the tenant has subscribed to. An owned licence is no integration. Source: Graph v1.0 `/subscribedSkus`."""

    half: ClassVar[Half] = Half.TENANT

    subscriptions: tuple[Subscription, ...]

    def held(self) -> int:
        return len(self.subscriptions)


@dataclass(frozen=True, slots=True)
class CloudCollection:
    """A Configuration Manager collection that the tenant knows."""

    id: str
    """GUID, of the tenant."""
    name: str
    collection_id: str
    """`collectionIdentifier`: the id that the site gives it."""
    hierarchy_id: str
    """`hierarchyIdentifier`: which on-premises value this is, is not documented."""
    hierarchy_name: str


@dataclass(frozen=True, slots=True)
class CloudCollections(Fact):
    """The collections that were uploaded or enabled. Which of the two is not documented.

    Source: Graph beta `/deviceManagement/configManagerCollections`."""

    half: ClassVar[Half] = Half.TENANT

    collections: tuple[CloudCollection, ...]

    def held(self) -> int:
        return len(self.collections)
