"""Every reader of the cloud half: the calls that it makes, and the rights that each needs, the least first.

Source of the rights: permissions reference of Graph (2026-08-07).
"""

from __future__ import annotations

from typing import Any

from readiness.model.facts import (
    AdministratorLicences,
    CloudCollections,
    DirectoryRoleHoldings,
    EdrPolicies,
    EntraApplications,
    IntuneSubscription,
    Licences,
    Organization,
    PolicyRoles,
    PolicyStatuses,
    TargetGroups,
    TenantCloud,
    ThreatDefenseConnectors,
)
from readiness.sources.graph import tenant
from readiness.sources.graph.applications import applications
from readiness.sources.graph.authors import policy_roles
from readiness.sources.graph.cloud import tenant_cloud
from readiness.sources.graph.groups import target_groups
from readiness.sources.graph.licences import administrator_licences
from readiness.sources.graph.policies import edr_policies
from readiness.sources.graph.roles import holdings
from readiness.sources.graph.session import GraphSession
from readiness.sources.graph.statuses import statuses
from readiness.sources.reader import Call, Reader

_CONFIGURATION = "DeviceManagementConfiguration.Read.All"
_SERVICE = "DeviceManagementServiceConfig.Read.All"
_DIRECTORY = "Directory.Read.All"
_NAMED = "administrators are named"
_SOMEBODY = "administrators are named, or a person signs in"
_LICENCES_OF_PERSONS = ("LicenseAssignment.Read.All", "User.Read.All", _DIRECTORY)
"""Of the page of the call, which lists them for persons only; public code reads it as an application all the same."""
_ROLES = ("RoleManagement.Read.Directory", _DIRECTORY)
_ACTIVE_ROLES = ("RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All")
_ELIGIBLE_ROLES = ("RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All")
_POLICY_LISTS = (
    Call("Graph beta /deviceManagement/configurationPolicies"),
    Call("Graph beta /deviceManagement/intents"),
    Call("Graph beta /deviceManagement/templates"),
)

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
        Licences,
        "Graph v1.0 /subscribedSkus",
        ("LicenseAssignment.Read.All", "Organization.Read.All", _DIRECTORY),
        tenant.licences,
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
    Reader(
        EntraApplications,
        "Graph v1.0 /servicePrincipals",
        ("Application.Read.All", _DIRECTORY),
        applications,
        calls=(
            Call("Graph v1.0 /servicePrincipals"),
            Call("Graph v1.0 /servicePrincipals/{id}/appRoleAssignedTo", when="the microservice is there"),
            Call("Graph v1.0 /servicePrincipals/{id}", when="an application holds a role of the microservice"),
            Call("Graph v1.0 /applications", when="an application holds a role of the microservice"),
        ),
    ),
    Reader(
        DirectoryRoleHoldings,
        "Graph v1.0 /roleManagement/directory/roleAssignments",
        _ROLES,
        holdings,
        calls=(
            Call("Graph v1.0 /users/{id}", ("User.ReadBasic.All", "User.Read.All", _DIRECTORY), _NAMED),
            Call("Graph v1.0 /me", ("User.Read",), "a person signs in, and no administrator is named"),
            Call("Graph v1.0 /roleManagement/directory/roleAssignments", when=_SOMEBODY),
            Call(
                "Graph v1.0 /roleManagement/directory/roleAssignmentScheduleInstances",
                _ACTIVE_ROLES,
                _SOMEBODY,
            ),
            Call(
                "Graph v1.0 /roleManagement/directory/roleEligibilityScheduleInstances",
                _ELIGIBLE_ROLES,
                _SOMEBODY,
            ),
            Call("Graph beta /roleManagement/directory/transitiveRoleAssignments", when=_SOMEBODY),
        ),
    ),
    Reader(
        AdministratorLicences,
        "Graph v1.0 /users/{id}/licenseDetails",
        _LICENCES_OF_PERSONS,
        administrator_licences,
        calls=(
            Call("Graph v1.0 /users/{id}/licenseDetails", when=_NAMED),
            Call(
                "Graph v1.0 /me/licenseDetails",
                ("User.Read", *_LICENCES_OF_PERSONS),
                "a person signs in, and no administrator is named",
            ),
        ),
    ),
    Reader(
        PolicyRoles,
        "Graph beta /roleManagement/deviceManagement/roleAssignments",
        ("DeviceManagementRBAC.Read.All",),
        policy_roles,
        calls=(
            Call("Graph beta /roleManagement/deviceManagement/roleAssignments"),
            Call("Graph beta /roleManagement/deviceManagement/roleDefinitions"),
            Call("Graph v1.0 /roleManagement/directory/roleAssignments", _ROLES),
            Call("Graph v1.0 /roleManagement/directory/roleAssignmentScheduleInstances", _ACTIVE_ROLES),
            Call("Graph v1.0 /roleManagement/directory/roleEligibilityScheduleInstances", _ELIGIBLE_ROLES),
            Call(
                "Graph v1.0 /groups/{id}/transitiveMembers/microsoft.graph.user",
                ("GroupMember.Read.All", "Group.Read.All", _DIRECTORY),
                "a group holds a role of Intune, or a directory role",
            ),
        ),
    ),
    Reader(
        EdrPolicies,
        "Graph beta /deviceManagement/configurationPolicies",
        (_CONFIGURATION,),
        edr_policies,
        calls=(
            *_POLICY_LISTS,
            Call("Graph beta /deviceManagement/configurationPolicies('{id}')/settings", when="there are EDR policies"),
            Call(
                "Graph beta /deviceManagement/configurationPolicies('{id}')/assignments",
                when="a policy is listed without all of its assignments",
            ),
            Call("Graph beta /deviceManagement/intents/{id}/settings", when="there are policies of the retired shape"),
            Call(
                "Graph beta /deviceManagement/intents/{id}/assignments", when="there are policies of the retired shape"
            ),
        ),
    ),
    Reader(
        PolicyStatuses,
        "Graph beta /deviceManagement/configManagerCollections/getPolicySummary",
        (_CONFIGURATION,),
        statuses,
        calls=(
            *_POLICY_LISTS,
            Call(
                "Graph beta /deviceManagement/configurationPolicies('{id}')/settings",
                when="of a policy only its settings tell whether it is about EDR",
            ),
            Call(
                "Graph beta /deviceManagement/configManagerCollections/getPolicySummary(policyId='{id}')",
                when="an EDR policy is assigned to collections",
            ),
            Call(
                "Graph beta POST /deviceManagement/reports/getConfigurationPolicyDevicesReport",
                when="an EDR policy for Intune is assigned",
            ),
            Call(
                "Graph beta /deviceManagement/intents/{id}/deviceStateSummary",
                when="a policy of the retired shape is assigned",
            ),
        ),
    ),
    Reader(
        TargetGroups,
        "Graph v1.0 /groups",
        ("GroupMember.Read.All", "Group.Read.All", _DIRECTORY),
        target_groups,
        calls=(
            Call("Graph v1.0 /groups", when="groups are named"),
            Call("Graph v1.0 /groups/{id}", when="groups are named by their ids"),
            Call("Graph v1.0 /groups/{id}/transitiveMembers/microsoft.graph.device", when="groups are named"),
        ),
    ),
)
"""In the order in which reports list their readings."""
