"""Readers of the on-premises half: rows of the SMS Provider -> facts. One module for each subject."""

from __future__ import annotations

from typing import Any

from readiness.model.facts import (
    CloudApplications,
    CloudServices,
    CloudTenants,
    Collections,
    CoManagementPolicies,
    ComponentStatuses,
    ConnectivityMessages,
    Hierarchy,
    OnboardingPolicies,
    SiteAccess,
    SiteAdministrators,
    SiteIdentification,
    SiteProvider,
    SiteSystemRoles,
    SiteUpdates,
    SiteUpdateStatuses,
    TargetDevices,
    UploadScope,
)
from readiness.sources.configmgr.readers import access, attach, comanagement, devices, onboarding, sites, updates
from readiness.sources.configmgr.readers.session import READ_ONLY_ANALYST, SiteSession
from readiness.sources.reader import Call, Reader

__all__ = ["READERS", "SiteSession"]

_ANALYST = (READ_ONLY_ANALYST,)
_AZURE = ("Full Administrator, scope All; whether Read-only Analyst is enough is not known",)

_PROVIDER_CALLS = (
    Call(r"root\sms SMS_ProviderLocation", when="the site is read over WinRM"),
    Call("SMS_Identification", when="the site is read over the administration service"),
)
_ADMIN_CALLS = (Call("SMS_Admin"), Call("SMS_Admin(AdminID)", when="the reading account has a record of its own"))
_ADMINISTRATOR_CALLS = (Call("SMS_Admin"), Call("SMS_Admin(AdminID)", when="there are administrative users"))
_SCOPE_CALLS = (
    Call("SMS_AAD_Tenant_Ex"),
    Call("SMS_CoMgmtConfigs.GetTenantCollectionMapping", when="the hierarchy is connected to a tenant"),
)
_POLICY_CALLS = (
    Call("SMS_ConfigurationPolicy"),
    Call("SMS_ConfigurationPolicy(CI_ID)", when="there are co-management policies"),
)
_ONBOARDING_CALLS = (
    Call("SMS_ConfigurationPolicy"),
    Call("SMS_DeploymentSummary", when="there are Defender ATP policies"),
)
_COLLECTION_CALLS = (
    Call("SMS_Collection"),
    Call("SMS_Collection.GetServicePartners", when="collections are named, and the site is one without the column"),
)
_DEVICE_CALLS = (
    Call("SMS_Collection"),
    Call("SMS_Site"),
    Call("SMS_FullCollectionMembership", when="collections are named"),
    Call("SMS_CombinedDeviceResources", when="collections are named, and a site runs build 9141"),
    Call("SMS_R_System", when="collections are named, and hold devices"),
)

READERS: tuple[Reader[SiteSession, Any], ...] = (
    Reader(SiteProvider, r"root\sms SMS_ProviderLocation", _ANALYST, SiteSession.location, _PROVIDER_CALLS),
    Reader(TargetDevices, "SMS_FullCollectionMembership", _ANALYST, devices.target_devices, _DEVICE_CALLS),
    Reader(SiteAdministrators, "SMS_Admin", _ANALYST, access.administrators, _ADMINISTRATOR_CALLS),
    Reader(UploadScope, "SMS_CoMgmtConfigs.GetTenantCollectionMapping", _AZURE, attach.upload_scope, _SCOPE_CALLS),
    Reader(Hierarchy, "SMS_Site", _ANALYST, sites.hierarchy),
    Reader(SiteUpdates, "SMS_CM_UpdatePackages", _ANALYST, updates.packages),
    Reader(SiteUpdateStatuses, "SMS_CM_UpdatePackageSiteStatus", _ANALYST, updates.statuses),
    Reader(CoManagementPolicies, "SMS_ConfigurationPolicy", _AZURE, comanagement.policies, _POLICY_CALLS),
    Reader(OnboardingPolicies, "SMS_ConfigurationPolicy", _AZURE, onboarding.policies, _ONBOARDING_CALLS),
    Reader(CloudServices, "SMS_Azure_CloudService", _AZURE, attach.services),
    Reader(CloudApplications, "SMS_AAD_Application_Ex", _AZURE, attach.applications),
    Reader(SiteIdentification, "SMS_Identification", _ANALYST, sites.identification),
    Reader(SiteSystemRoles, "SMS_SCI_SysResUse", _ANALYST, sites.roles),
    Reader(ComponentStatuses, "SMS_ComponentSummarizer", _ANALYST, sites.components),
    Reader(ConnectivityMessages, "SMS_StatusMessage", _ANALYST, sites.connectivity),
    Reader(SiteAccess, "SMS_Admin", _ANALYST, access.own_access, _ADMIN_CALLS),
    Reader(Collections, "SMS_Collection", _ANALYST, devices.collections, _COLLECTION_CALLS),
    Reader(CloudTenants, "SMS_AAD_Tenant_Ex", _AZURE, attach.tenants),
)
"""Every reader of the on-premises half, in the order in which they are begun: first those that ask one question after
the other, each on a connection that signs in for it meanwhile; last those whose answer others have asked for by then.
Who waits for another's answer holds no signed-in connection, and would sign in only after it."""
