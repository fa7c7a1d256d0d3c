"""Every reader of the cloud half: the calls that it makes, and the rights that each needs, the least first.

Source of the rights: permissions reference of Graph (2026-08-07).
"""

from __future__ import annotations

from typing import Any

from readiness.model.facts import (
    CloudCollections,
    IntuneSubscription,
    Organization,
    TenantCloud,
    ThreatDefenseConnectors,
)
from readiness.sources.graph import tenant
from readiness.sources.graph.cloud import tenant_cloud
from readiness.sources.graph.session import GraphSession
from readiness.sources.reader import Reader

_CONFIGURATION = "DeviceManagementConfiguration.Read.All"
_SERVICE = "DeviceManagementServiceConfig.Read.All"
_DIRECTORY = "Directory.Read.All"

READERS: tuple[Reader[GraphSession, Any], ...] = (
    Reader(
        Organization,
        "Graph v1.0 /organization",
        ("Organization.Read.All", _SERVICE, _CONFIGURATION, _DIRECTORY),
        tenant.organization,
    ),
    Reader(TenantCloud, "Entra ID /{tenant}/v2.0/.well-known/openid-configuration", (), tenant_cloud),
    Reader(
        IntuneSubscription,
        "Graph v1.0 /deviceManagement",
        (_SERVICE, _CONFIGURATION, "DeviceManagementApps.Read.All"),
        tenant.subscription,
    ),
    Reader(
        ThreatDefenseConnectors,
        "Graph beta /deviceManagement/mobileThreatDefenseConnectors",
        (_SERVICE, _CONFIGURATION),
        tenant.connectors,
    ),
    Reader(
        CloudCollections,
        "Graph beta /deviceManagement/configManagerCollections",
        (_CONFIGURATION, "DeviceManagementApps.Read.All"),
        tenant.collections,
    ),
)
"""In the order in which reports list their readings."""
