"""The facts of the estate: frozen, typed, in the field's own words."""

from __future__ import annotations

from readiness.model.facts.base import Fact, OpenIntEnum, OpenStrEnum
from readiness.model.facts.site import (
    Collection,
    Collections,
    CollectionType,
    Hierarchy,
    RoleGrant,
    Site,
    SiteAccess,
    SiteProvider,
    SiteStatus,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    UpdatePackage,
    UpdateSiteStatus,
)
from readiness.model.facts.tenant import (
    DEFENDER_CONNECTOR_ID,
    Organization,
    PartnerState,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
)

FACTS: tuple[type[Fact], ...] = (
    Organization,
    ThreatDefenseConnectors,
    SiteProvider,
    Hierarchy,
    SiteAccess,
    SiteUpdates,
    SiteUpdateStatuses,
    Collections,
)
"""Every fact that evidence may hold, in the order in which reports list their readings."""

__all__ = [
    "DEFENDER_CONNECTOR_ID",
    "FACTS",
    "Collection",
    "CollectionType",
    "Collections",
    "Fact",
    "Hierarchy",
    "OpenIntEnum",
    "OpenStrEnum",
    "Organization",
    "PartnerState",
    "RoleGrant",
    "Site",
    "SiteAccess",
    "SiteProvider",
    "SiteStatus",
    "SiteType",
    "SiteUpdateStatuses",
    "SiteUpdates",
    "ThreatDefenseConnector",
    "ThreatDefenseConnectors",
    "UpdatePackage",
    "UpdateSiteStatus",
]
