"""What becomes of each text of evidence and configuration: one line for every field that can hold one.

A field that is not here is a name: its texts become `TEXT-1`. A test asks for a line all the same, so that somebody has
thought of it. Numbers, flags, moments and the words of closed enumerations always stay; a word that an open
enumeration does not know becomes an alias.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness.aliases import Category, shaped
from readiness.aliases.shapes import GUID
from readiness.model.facts import ENDPOINT_SECURITY_MANAGER, GLOBAL_ADMINISTRATOR, INTUNE_ADMINISTRATOR
from readiness.model.reading import STOPPED
from readiness.redaction.treatments import (
    Treat,
    address,
    asked,
    below,
    form,
    kept,
    of,
    server,
    servers,
    site_code,
    tenant,
    title,
    told,
    words,
)

COLLECTION = of(Category.COLLECTION)
USER = of(Category.USER)
GROUP = of(Category.GROUP)
POLICY = of(Category.POLICY)
SITE = of(Category.SITE)
TENANT = of(Category.TENANT)
APPLICATION = of(Category.APPLICATION)
ROLE = of(Category.ROLE)
TEXT = of(Category.TEXT)

VERSION = form(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,4}")
NUMBER = form(r"[0-9]{1,9}")
DEFINITION = form(
    r"(?:device|user)?_?vendor_msft_windowsadvancedthreatprotection_[a-z0-9_]{1,200}"
    r"|deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_[A-Za-z]{1,80}"
)
"""Of EDR. No `~`, which stands in the ids of settings that somebody brought along, and nothing of other families."""
PUBLISHED = form(rf"(?i:{GUID.pattern})", TEXT)
"""The id of an update or a service of Microsoft's, which is the same everywhere."""
BUILT_IN_ROLE = words("Full Administrator", "Read-only Analyst", otherwise=ROLE)

FIELDS: Mapping[str, Treat] = {
    # Evidence
    "Evidence.tool_version": form(r"[0-9][0-9a-z.+-]{0,40}(?:, [0-9][0-9a-z.+-]{0,40})*"),
    "Evidence.host": servers,
    "Evidence.tenant": tenant,
    "Evidence.site": servers,
    "Evidence.redacted": kept,
    "Evidence.stopped": form(STOPPED.pattern),
    "Reading.fact": kept,
    "Reading.error": told,
    "Reading.missing": told,
    "Reading.source": asked,
    "Reading.query": asked,
    "Reading.identity": told,
    "Reading.scope": told,
    "Reading.request_id": TEXT,
    "Reading.plugin": kept,  # what its author calls the package, as its checks
    # The tenant
    "Organization.tenant_id": TENANT,
    "Organization.display_name": TENANT,
    "Organization.verified_domains": tenant,
    "TenantCloud.configured": words("public", "usgov", "usdod", "china"),
    "TenantCloud.tenant_id": TENANT,
    "TenantCloud.region_scope": form(r"[A-Z]{2}|USGov"),
    "TenantCloud.region_sub_scope": words("GCC", "DODCON", "DOD"),
    "TenantCloud.cloud_instance_name": server,
    "TenantCloud.graph_host": server,
    "ThreatDefenseConnector.id": APPLICATION,
    "ServicePlan.id": PUBLISHED,
    "Subscription.name": form(r"[A-Z][A-Z0-9_]{1,60}"),
    "CloudCollection.id": COLLECTION,
    "CloudCollection.name": COLLECTION,
    "CloudCollection.collection_id": COLLECTION,
    "CloudCollection.hierarchy_id": SITE,
    "CloudCollection.hierarchy_name": SITE,
    "EntraApplication.client_id": APPLICATION,
    "EntraApplication.name": APPLICATION,
    "EntraApplication.principal_id": APPLICATION,
    "EntraApplication.roles": ROLE,
    "ApplicationSecret.key_id": APPLICATION,
    "Administrator.asked": USER,
    "Administrator.id": USER,
    "Administrator.name": USER,
    "AdministratorLicence.asked": USER,
    "RoleHolding.role_id": ROLE,
    "RoleHolding.scope": below,
    "RoleHolding.group_id": GROUP,
    "DirectoryRoleHoldings.groups": GROUP,
    "PolicyRoleGrant.role_id": words(
        GLOBAL_ADMINISTRATOR, INTUNE_ADMINISTRATOR, ENDPOINT_SECURITY_MANAGER, otherwise=ROLE
    ),
    "PolicyRoleGrant.role_name": words(
        "Global Administrator", "Intune Administrator", "Endpoint Security Manager", otherwise=ROLE
    ),
    "PolicyRoleGrant.principal_id": USER,
    "PolicyRoleGrant.principal_name": USER,
    "PolicyRoleGrant.scope": below,
    "PolicyRoleGroup.id": USER,
    "PolicyRoleGroup.members": USER,
    "EdrPolicy.id": POLICY,
    "EdrPolicy.name": POLICY,
    "EdrPolicy.platforms": words("windows10", "windows10X", "linux", "macOS", "iOS", "android", "none", ""),
    "EdrPolicy.technologies": words("mdm", "microsoftSense", "configManager", "windows10XManagement", "linuxMdm"),
    "EdrPolicy.scope_tags": form("0"),
    "PolicyTarget.id": GROUP,
    "PolicySetting.definition": DEFINITION,
    "PolicySetting.value": form(r"\*{3}|[0-9]{1,9}|(?i:true|false)|notConfigured|(?:on|off)boardingBlob", DEFINITION),
    "PolicyStatus.policy_id": POLICY,
    "TargetGroup.asked": GROUP,
    "TargetGroup.id": GROUP,
    "TargetGroup.name": GROUP,
    # The site
    "Site.code": site_code,
    "Site.name": SITE,
    "Site.server": server,
    "Site.version": VERSION,
    "Site.reporting_site_code": site_code,
    "SiteProvider.site_code": site_code,
    "SiteProvider.machine": server,
    "SiteProvider.namespace": shaped,
    "SiteProvider.machines": server,
    "Hierarchy.provider_site_code": site_code,
    "RoleGrant.role_id": ROLE,
    "RoleGrant.role_name": BUILT_IN_ROLE,
    "RoleGrant.category_id": COLLECTION,
    "RoleGrant.category_name": words("All", "Default", otherwise=COLLECTION),
    "SiteAccess.account": USER,
    "SiteAdministrator.logon_name": USER,
    "SiteIdentification.site_code": site_code,
    "UpdatePackage.guid": PUBLISHED,
    "UpdatePackage.name": title,
    "UpdatePackage.description": title,
    "UpdatePackage.more_info_link": address,
    "UpdatePackage.supersedes": title,
    "UpdatePackage.full_version": VERSION,
    "UpdatePackage.client_version": VERSION,
    "UpdateSiteStatus.package_guid": PUBLISHED,
    "UpdateSiteStatus.site_code": site_code,
    "SiteSystemRole.name": form(r"SMS(?: [A-Z][A-Za-z]{1,30}){1,4}"),
    "SiteSystemRole.site_code": site_code,
    "SiteSystemRole.server": server,
    "Component.name": words("SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER"),
    "Component.site_code": site_code,
    "Component.machine": server,
    "Component.interval": form(r"[0-9A-F]{16}"),
    "ConnectivityMessage.site_code": site_code,
    "CloudService.name": APPLICATION,
    "CloudService.site_code": site_code,
    "CloudApplication.name": APPLICATION,
    "CloudApplication.client_id": APPLICATION,
    "CloudTenant.name": TENANT,
    "CloudTenant.tenant_id": TENANT,
    "UploadMapping.tenant_id": TENANT,
    "UploadMapping.collection_id": COLLECTION,
    "CoManagementPolicy.name": words("CoMgmtSettingsProd", "CoMgmtSettingsPilot", otherwise=POLICY),
    "OnboardingPolicy.name": POLICY,
    "OnboardingPolicy.collections": COLLECTION,
    "Collection.id": COLLECTION,
    "Collection.name": COLLECTION,
    "Collection.limiting_id": COLLECTION,
    "Device.name": server,
    "Device.collections": COLLECTION,
    "Device.operating_system": title,
    "Device.operating_system_build": VERSION,
    "Device.client_version": VERSION,
    "TargetDevices.asked": COLLECTION,
    # The configuration
    "TenantSettings.id": tenant,
    "TenantSettings.client_id": APPLICATION,
    "TenantSettings.client_secret_env": words("READINESS_CLIENT_SECRET"),
    "TenantSettings.certificate": TEXT,
    "TenantSettings.certificate_password_env": words("READINESS_PFX_PASSWORD"),
    "TenantSettings.federated_token_file": TEXT,
    "TenantSettings.authority": shaped,
    "TenantSettings.graph": shaped,
    "TenantSettings.ca_bundle": TEXT,
    "SiteSettings.server": server,
    "SiteSettings.site_code": site_code,
    "SiteSettings.username": USER,
    "SiteSettings.password_env": words("READINESS_SITE_PASSWORD"),
    "SiteSettings.keytab": TEXT,
    "SiteSettings.certificate": TEXT,
    "SiteSettings.certificate_password_env": words("READINESS_SITE_PFX_PASSWORD"),
    "SiteSettings.ca_bundle": TEXT,
    "SiteSettings.hierarchy_id": SITE,
    "Calibration.hierarchy_id": SITE,
    "Scope.collections": COLLECTION,
    "Scope.groups": GROUP,
    "Scope.administrators": USER,
    "Change.ticket": TEXT,
    "Change.approver": USER,
    "Waiver.check": kept,  # an id of ours, or the configuration is refused
    "Waiver.requested_by": USER,
    "Waiver.approved_by": USER,
    "Waiver.reason": TEXT,
    "Waiver.ticket": TEXT,
    "Waiver.collection": COLLECTION,
    "Waiver.site": site_code,
    "Waiver.administrator": USER,
    "Attestation.check": kept,
    "Attestation.statement": TEXT,
    "Attestation.by": USER,
    "Attestation.collection": COLLECTION,
    "Attestation.site": site_code,
    "Attestation.administrator": USER,
    "Selection.check": kept,  # globs over ids of ours: each matches one
    "Selection.skip": kept,
    "Selection.tag": kept,
    "ScanSettings.check": kept,
    "ScanSettings.skip": kept,
    "ScanSettings.tag": kept,
    "ScanSettings.collection": COLLECTION,
    "ScanSettings.format": kept,
    "ScanSettings.output": kept,  # where the files of this run go; no report shows it
    "ScanSettings.save_evidence": kept,
    "ScanSettings.signing_key": kept,  # nor which key signs
    "ScanSettings.signing_key_env": kept,
    "ScanSettings.signing_key_password_env": kept,
    "ScanSettings.log_file": kept,
    "ScanSettings.against": kept,
    "ScanSettings.knowledge": TEXT,
    "ScanSettings.redact_map": kept,
}
"""By `class.field`."""

NAMES_KEPT_FOR_A_BOARD = frozenset(
    {
        "Collection.name", "CloudCollection.name", "RoleGrant.category_name", "Scope.collections",
        "ScanSettings.collection", "Waiver.collection", "Attestation.collection",
    }
)  # fmt: skip
"""Where the name of a target stands, which `--keep-targets` keeps."""
