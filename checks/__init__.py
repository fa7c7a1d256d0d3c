"""The checks: one file per prerequisite, in folders by phase, registered here in catalogue order.

A new check is one new file and one line in `MODULES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from readiness.plugin import Check

MODULES = (
    "connection.tenant_reachable",
    "connection.site_reachable",
    "connection.site_is_top_level",
    "defender.intune_active",
    "defender.defender_connected",
    "defender.defender_heartbeat",
    "defender.defender_licensed",
    "site.site_version_minimum",
    "site.site_hotfix_kb4563473",
    "site.site_version_supported",
    "site.site_known_defects",
    "site.hierarchy_consistent",
    "site.service_connection_online",
    "site.cloud_endpoints_reached",
    "attach.tenant_attached",
    "attach.attach_sync_working",
    "attach.tenant_matches",
    "attach.cloud_supported",
    "attach.attach_app_healthy",
    "attach.no_unwanted_enrolment",
    "collections.collections_exist",
    "collections.collections_synchronised",
    "collections.collections_enabled",
    "collections.collection_devices_eligible",
    "rights.global_administrator",
    "rights.administrator_licensed",
    "rights.site_administrator",
    "rights.policy_author",
    "policy.edr_policy_intune",
    "policy.edr_policy_configmgr",
    "policy.policy_kind_matches_devices",
    "policy.edr_policy_onboards",
    "policy.edr_policy_compliance",
    "policy.single_onboarding_channel",
    "policy.preview_features_known",
)


def registered() -> Sequence[Check]:
    """Every check of the product, in catalogue order."""
    return tuple(cast("Check", import_module(f"{__name__}.{module}").CHECK) for module in MODULES)
