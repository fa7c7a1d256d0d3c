"""The failure catalogue as estates: what is wrong with each, and what its report must say of the causes and the fixes.

An estate holds as many failures as do not get in each other's way, so that one scan shows all of them.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.checks.test_policy_author import ANOTHER, NO_PREMIUM, given


class Row(NamedTuple):
    """What the report of an estate says of one failure."""

    id: str
    check: str
    outcome: str
    cause: tuple[str, ...]
    """Words of the summary, of what was observed, or of a subject."""
    fix: tuple[str, ...]
    """Words of the steps of this check: what to do, where, by which command and by whom. None where the check shows
    what to do beside what it observed."""


class Estate(NamedTuple):
    """A scenario, and the failures that it shows."""

    toml: str
    rows: tuple[Row, ...]


_PACKAGES = """
[remove.wmi]
SMS_CM_UpdatePackages = ["1F7E3B90-5D28-4C6A-9B41-E2A80C7D3F16", "C2D94A66-8E03-4B7F-A5D0-16B93E7F2A48"]
SMS_CM_UpdatePackageSiteStatus = ["1F7E3B90-5D28-4C6A-9B41-E2A80C7D3F16;1", "C2D94A66-8E03-4B7F-A5D0-16B93E7F2A48;1"]
"""
_ENROLS = """
<DesiredConfigurationDigest><ConfigurationPolicy><Rules>
  <Rule id="Rule_1"><Annotation><DisplayName Text="AutoEnroll_Name"/></Annotation>
    <Expression><Operator>Equals</Operator><Operands>
      <SettingReference SettingLogicalName="CoManagementSettings_AutoEnroll"/>
      <ConstantValue DataType="Boolean" Value="true"/></Operands></Expression></Rule>
</Rules></ConfigurationPolicy></DesiredConfigurationDigest>"""
_OF_DEFENDER = """
[change.graph.{api}."deviceManagement/mobileThreatDefenseConnectors".fc780465-2017-40d4-a0c5-307022471b92]
partnerState = "{state}"
lastHeartbeatDateTime = "{heard}"
"""


def _connector(state: str, heard: str) -> str:
    return "".join(_OF_DEFENDER.format(api=api, state=state, heard=heard) for api in ("v1", "beta"))


def _build(build: int, release: int) -> str:
    return f"""
[change.wmi.SMS_Site.P01]
BuildNumber = {build}
Version = "5.00.{build}.1000"

[change.wmi.SMS_Identification.P01]
MonthlyReleaseVersion = {release}
SMSBuildNumber = {build}
SMSVersion = "5.00.{build}.1000"
"""


UPDATES = "Administration > Updates and Servicing"
ESTATES = {
    "2509 without its rollup": Estate(
        'base = "defect-2509"\ntitle = "F01"',
        (
            Row(
                "F01",
                "site-known-defects",
                "fail",
                ("not co-managed", "before KB36949461 or KB37864969"),
                (UPDATES, "KB37864969", "2603 or later", "5.00.9141.1030"),
            ),
            Row("F01", "collection-devices-eligible", "fail", ("client too old",), ("on 2509 to 5.00.9141.1030",)),
        ),
    ),
    "2503": Estate(
        f'base = "ready"\ntitle = "F01, F33"{_build(9135, 2503)}{_PACKAGES}',
        (
            Row("F01", "site-known-defects", "fail", ("2503", "not applied on devices"), (UPDATES, "2603 or later")),
            Row("F33", "site-known-defects", "fail", ("KB32851084", "Defender settings may vanish"), (UPDATES,)),
        ),
    ),
    "2107": Estate(
        f'base = "ready"\ntitle = "F36"{_build(9058, 2107)}{_PACKAGES}',
        (
            Row(
                "F36",
                "site-known-defects",
                "fail",
                ("build 9058", "Azure AD Graph and ADAL, retired since 2022-06-30"),
                (UPDATES, "release 2603 or later"),
            ),
        ),
    ),
    "boxes not ticked": Estate(
        """
base = "almost-ready"
title = "F02, F05: the box of the pilot is not ticked, nor that of the collection of the preconfigured policy"
[scope]
collections = ["P0100022", "SMSDM003"]
""",
        tuple(
            Row(
                id_,
                "collections-enabled",
                "fail",
                (f"{name}: it is not available", "the box is not ticked"),
                ("top-level site", "Cloud Sync", "Set-CMCollectionCloudSync"),
            )
            for id_, name in (
                ("F02", "Pilot - Workstations EDR (P0100022)"),
                ("F05", "All Desktop and Server Clients (SMSDM003)"),
            )
        ),
    ),
    "outside the upload": Estate(
        """
base = "ready"
title = "F02: the upload is limited to workstations"
[[method]]
class = "SMS_CoMgmtConfigs"
name = "GetTenantCollectionMapping"
result = { CollectionSiteID = "P0100014" }
[remove.graph.beta]
"deviceManagement/configManagerCollections" = ["0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c01"]
""",
        (
            Row(
                "F02",
                "collections-synchronised",
                "fail",
                ("All Windows Servers - EDR (P0100021): it is not uploaded", "P0100014"),
                ("Widen the upload", "Configure upload"),
            ),
        ),
    ),
    "not attached": Estate(
        """
base = "not-attached"
title = "F03, F17: nothing is attached, and who will attach it has no licence for Intune"
[change.graph.v1.users.2c7936bc-3517-40f3-8eda-4806637b6516]
licenseDetails = []
""",
        (
            Row("F03", "tenant-attached", "fail", ("Tenant attach is not configured",), ("Cloud Attach", "Upload to")),
            Row(
                "F17",
                "administrator-licensed",
                "fail",
                ("admin@contoso.com", "no Intune licence", "sign-in of the wizard may fail"),
                ("Assign a licence with Intune", "Microsoft 365 admin center"),
            ),
        ),
    ),
    "no role in Intune": Estate(
        f"{NO_PREMIUM}{given(member=ANOTHER)}",
        (
            Row(
                "F18",
                "policy-author",
                "fail",
                ("admin@contoso.com", "holds none of the roles"),
                ("Assign Intune's role Endpoint Security Manager", "Tenant administration > Roles"),
            ),
        ),
    ),
    "secret ended": Estate(
        'base = "secret-expired"\ntitle = "F08, F09"',
        (
            Row(
                "F08",
                "attach-app-healthy",
                "fail",
                ("secret of ConfigMgrSvc", "has ended"),
                ("Cloud Services > Microsoft Entra tenants", "Renew Secret Key", "imported", "new secret in Entra"),
            ),
            Row("F09", "attach-app-healthy", "fail", ("has ended",), ("Privileged Role Administrator",)),
        ),
    ),
    "no consent": Estate(
        """
base = "ready"
title = "F11: the application was created beforehand, and nobody consented"
[change.graph.v1.servicePrincipals.9d1f2e3c-0000-4000-8000-0000000000a1]
appRoleAssignedTo = []
""",
        (
            Row(
                "F11",
                "attach-app-healthy",
                "fail",
                ("no consent", "ConfigMgrSvc"),
                ("App ID URI", "Expose an API", "let the wizard create one"),
            ),
        ),
    ),
    "many at once": Estate(
        f"""
base = "ready"
title = "Everything that can be wrong beside each other"
[configuration.scope]
operating_model = "tenant-attach"
[change.wmi.SMS_ComponentSummarizer]
"P01;SMS_SERVICE_CONNECTOR;cm01.contoso.com;0001128000100008".Status = 2
[change.wmi.SMS_StatusMessage.72057594037930002]
MessageID = 11412
[change.wmi.SMS_ConfigurationPolicy.16777400]
SDMPackageXML = '''{_ENROLS}'''
[change.graph.v1.subscribedSkus.8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10_06ebc4ee-1bb5-47dd-8120-11324bc54e06]
servicePlans = []
[[graph.beta."deviceManagement/configManagerCollections/getPolicySummary"]]
policyId = "4f0e9d8c-7b6a-4594-8372-61504f3e2d1d"
targetedDeviceCount = 252
compliantDeviceCount = 240
nonCompliantDeviceCount = 12
failedDeviceCount = 0
pendingDeviceCount = 0
enforcedDeviceCount = 240
[many.atp]
count = 1
[many.atp.wmi.SMS_ConfigurationPolicy]
CI_ID = 16777410
LocalizedDisplayName = "Onboard servers"
IsAssigned = true
CategoryInstance_UniqueIDs = ["SettingsAndPolicy:SMS_AdvancedThreatProtectionSettings"]
[many.atp.wmi.SMS_DeploymentSummary]
DeploymentID = "{{{{6AA0B2C4-0000-4000-8000-000000000001}}}}"
CI_ID = 16777410
CollectionID = "P0100021"
CollectionName = "All Windows Servers - EDR"
SoftwareName = "Onboard servers"
[devices.pilot]
onboarding_state = 1
""",
        (
            Row(
                "F06",
                "attach-sync-working",
                "fail",
                ("Critical: SMS_SERVICE_CONNECTOR",),
                ("400 or 401 in GenericUploadWorker.log", "onboarded before", "offboard, wait two hours"),
            ),
            Row("F07", "attach-sync-working", "fail", ("Critical",), ("first onboarding", "geography of the tenant")),
            Row("F23", "attach-sync-working", "fail", ("Critical",), ("restart SMS_EXECUTIVE",)),
            Row("F24", "attach-sync-working", "fail", ("Critical",), ("role was moved", "renew the secret")),
            Row(
                "F19",
                "cloud-endpoints-reached",
                "fail",
                ("does not reach a critical endpoint", "message 11412"),
                ("Open these endpoints", "crl3.digicert.com", "WinHTTP proxy"),
            ),
            Row("F20", "cloud-endpoints-reached", "fail", ("11412",), ("idle timeout of 3 minutes", "time out")),
            Row("F21", "cloud-endpoints-reached", "fail", ("11412",), ("426 to TLS", "TLS 1.2", ".NET")),
            Row(
                "F28",
                "defender-licensed",
                "unknown",
                ("No subscription with Defender", "Defender for Servers is billed elsewhere"),
                ("security settings management is not offered by it alone", "a subscription for users"),
            ),
            Row(
                "F29",
                "single-onboarding-channel",
                "fail",
                ("Onboard servers", "P0100021"),
                ("Remove the deployment", "Microsoft Defender ATP Policies", "keep one"),
            ),
            Row(
                "F30",
                "single-onboarding-channel",
                "fail",
                ("Defender ATP polic",),
                ("security settings management of Defender", "Enforcement scope"),
            ),
            Row(
                "F29",
                "collection-devices-eligible",
                "fail",
                ("40 onboarded through another channel already",),
                ("offboard those that another channel onboarded",),
            ),
            Row(
                "F31",
                "collection-devices-eligible",
                "fail",
                ("onboarded through another channel already",),
                ("counts those onboarded by others as without sensor",),
            ),
            Row(
                "F32",
                "edr-policy-compliance",
                "fail",
                ("12 devices", "tells the admin center little", "do not trust the count"),
                ("Sense runs", "OnboardingState is 1", "Defender portal"),
            ),
            Row(
                "F37",
                "no-unwanted-enrolment",
                "fail",
                ("CoMgmtSettingsProd enrols clients automatically", "only tenant attach is wanted"),
                ("automatic enrollment in Intune to None",),
            ),
        ),
    ),
    "offline": Estate(
        """
base = "ready"
title = "F22: the service connection point is offline; F04: nobody may change everything; F44: a user collection"
[scope]
collections = ["P0100021", "SMS00002"]
[[wmi.SMS_SCI_SysResUse]]
ItemName = '["Display=\\\\cm01.contoso.com\\"]MSWNET:["SMS_SITE=P01"]\\\\cm01.contoso.com\\,SMS Dmp Connector'
NetworkOSPath = '\\\\cm01.contoso.com'
RoleName = "SMS Dmp Connector"
SiteCode = "P01"
Props = [{ PropertyName = "OfflineMode", Value = 1 }]
[remove.wmi]
SMS_Admin = ["16777217", "16777219"]
""",
        (
            Row(
                "F22",
                "service-connection-online",
                "fail",
                ("cm01.contoso.com is in offline mode",),
                ("Online, persistent connection", "SMS_DMP_DOWNLOADER", "SMS_EXECUTIVE"),
            ),
            Row(
                "F04",
                "site-administrator",
                "fail",
                ("None of the 2 administrative users is Full Administrator",),
                ("All Systems", "Administrative Users"),
            ),
            Row(
                "F44",
                "collections-exist",
                "fail",
                ("All Users (SMS00002)", "EDR policy goes to device collections only"),
                ("Create Device Collection", "a collection of users cannot be a target"),
            ),
        ),
    ),
    "no Defender": Estate(
        'base = "no-defender"\ntitle = "F27: never connected"',
        (
            Row(
                "F27",
                "defender-connected",
                "fail",
                ("not set up", "the connection was never finished"),
                ("Turn the Microsoft Intune connection on", "Advanced features", "15 minutes"),
            ),
        ),
    ),
    "silent Defender": Estate(
        'base = "ready"\ntitle = "F27: unresponsive"' + _connector("unresponsive", "now-9d"),
        (
            Row(
                "F27",
                "defender-connected",
                "fail",
                ("unresponsive: Defender has been silent",),
                ("off and on again", "Microsoft Intune connection"),
            ),
        ),
    ),
    "2609": Estate(
        f"""
base = "ready"
title = "F35: the site runs 2609, and servers run Windows Server 2012 R2; F27: Defender was silent for two days"
{_build(9160, 2609)}{_connector("enabled", "now-2d")}
[devices.servers]
os = "Microsoft Windows NT Server 6.3"
build = "6.3.9600.22000"
""",
        (
            Row(
                "F35",
                "collection-devices-eligible",
                "fail",
                ("212 operating system not allowed",),
                ("out of the collection", "or upgrade their system"),
            ),
            Row(
                "F34",
                "collection-devices-eligible",
                "fail",
                ("Windows Server 2012 R2 or 2016: 212", "client setting MDE Client", "the feature Defender Antivirus"),
                (),
            ),
            Row(
                "F27",
                "defender-heartbeat",
                "fail",
                ("exchanged data 2 days ago", "at least every 24 hours"),
                ("Microsoft Intune connection",),
            ),
        ),
    ),
    "secondary site behind": Estate(
        """
base = "hierarchy"
title = "F41: the secondary site has not the updates of its parent"
[change.wmi.SMS_Site]
S01.SecondarySiteCMUpdateStatus = 0
S01.BuildNumber = 9146
CAS.Mode = 0
CAS.ServerName = "cas00.contoso.com"
P01.Mode = 0
P02.BuildNumber = 9146
""",
        (
            Row(
                "F41",
                "hierarchy-consistent",
                "fail",
                ("Contoso Branch", "it has not the updates of its parent P01"),
                ("Recover Secondary Site",),
            ),
            Row(
                "F40",
                "hierarchy-consistent",
                "fail",
                ("is on cas01.contoso.com, not on cas00.contoso.com", "ConfigMgr_DViewAccess of each primary site"),
                (),
            ),
        ),
    ),
}
