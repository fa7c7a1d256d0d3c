"""An SMS Provider without a network: tables of rows, in the form in which WS-Man sends them, and a session on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import Fact
from readiness.sources.configmgr.provider import Answer, Row
from readiness.sources.configmgr.readers import READERS, SiteSession
from readiness.sources.reader import Finding

Cells = dict[str, object]
ACCOUNT = "CONTOSO\\svc-readiness"
TENANT = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
LOCATION: Cells = {
    "Machine": "cm01.contoso.com",
    "SiteCode": "p01",
    "NamespacePath": r"\\cm01.contoso.com\root\sms\site_P01",
    "ProviderForLocalSite": "true",
}
SITE: Cells = {
    "SiteCode": "p01",
    "SiteName": "Contoso Primary",
    "ServerName": "cm01.contoso.com",
    "Type": "2",
    "Status": "1",
    "Mode": "0",
    "BuildNumber": "9146",
    "Version": "5.00.9146.1000",
    "ReportingSiteCode": "",
    "SecondarySiteCMUpdateStatus": "2",
}
IDENTIFICATION: Cells = {"ThisSiteCode": "p01", "MonthlyReleaseVersion": "2603", "SMSBuildNumber": "9146"}
ADMIN: Cells = {
    "AdminID": "16777218",
    "LogonName": "contoso\\SVC-readiness",
    "IsDeleted": "false",
    "IsGroup": "false",
    "RoleNames": "Read-only Analyst",
}
PERMISSION: Cells = {
    "RoleID": "SMS0002R",
    "RoleName": "Read-only Analyst",
    "CategoryID": "SMS00ALL",
    "CategoryName": "All",
    "CategoryTypeID": "29",
}
PACKAGE: Cells = {
    "PackageGuid": "00000000-0000-4000-8000-000000000002",
    "Name": "Configuration Manager 2002 Hotfix (KB4563473)",
    "Description": None,
    "MoreInfoLink": "https://support.microsoft.com/help/4563473",
    "State": "196612",
    "SupersedesNameList": None,
    "FullVersion": "5.00.8968.1000",
    "ClientVersion": None,
    "LastUpdateTime": "2026-11-20T08:00:00Z",
}
STATUS: Cells = {
    "PackageGuid": "00000000-0000-4000-8000-000000000002",
    "SiteCode": "p01",
    "State": "196612",
    "LastUpdateTime": None,
}
COLLECTION: Cells = {
    "CollectionID": "P0100021",
    "Name": "Servers",
    "CollectionType": "2",
    "MemberCount": "212",
    "LimitToCollectionID": "SMS00001",
    "IsBuiltIn": "false",
    "ServicePartners": "1",
}
ROLE: Cells = {
    "ItemName": "[]MSWNET:[]\\\\cm01.contoso.com\\,SMS Dmp Connector",
    "NetworkOSPath": "\\\\cm01.contoso.com",
    "RoleName": "SMS Dmp Connector",
    "SiteCode": "p01",
    "Props": Row("SMS_EmbeddedProperty", {"PropertyName": "OfflineMode", "Value": "0"}.items()),
}
COMPONENT: Cells = {
    "ComponentName": "SMS_SERVICE_CONNECTOR",
    "MachineName": "cm01.contoso.com",
    "SiteCode": "p01",
    "Status": "0",
    "TallyInterval": "0001128000100008",
}
MESSAGE: Cells = {
    "Component": "SMS_SERVICE_CONNECTOR",
    "MessageID": "11410",
    "SiteCode": "p01",
    "Time": "2026-11-23T03:00:00Z",
}
SERVICE: Cells = {
    "ID": "16777218",
    "Name": "Contoso tenant attach",
    "ServiceType": "5",
    "AssociatedAADWebApplications": "16777219",
    "SiteCode": "p01",
}
APPLICATION: Cells = {
    "ID": "16777219",
    "Name": "ConfigMgrSvc",
    "ClientID": "b7d1f0a2-6c3e-4f58-8a9b-0c1d2e3f4a5b",
    "TenantID": "16777217",
    "SecretKeyExpiry": "2027-07-01T08:00:00Z",
}
CLOUD_TENANT: Cells = {"ID": "16777217", "Name": "Contoso", "TenantID": TENANT, "Environment": "0"}
POLICY: Cells = {
    "CI_ID": "16777400",
    "LocalizedDisplayName": "CoMgmtSettingsProd",
    "IsAssigned": "true",
    "CategoryInstance_UniqueIDs": "SettingsAndPolicy:SMS_CoManagementSettings",
}
DEVICE: Cells = {
    "ResourceID": "16777300",
    "CollectionID": "p0100021",
    "Name": "SRV-0001",
    "IsClient": "true",
    "IsActive": "true",
    "IsObsolete": "false",
    "CoManaged": "false",
    "DeviceOS": "Microsoft Windows NT Server 10.0",
    "DeviceOSBuild": "10.0.20348.2000",
    "ATPOnboardingState": "0",
}

TABLES: dict[str, list[Cells]] = {
    "SMS_ProviderLocation": [LOCATION],
    "SMS_Site": [SITE],
    "SMS_Identification": [IDENTIFICATION],
    "SMS_Admin": [ADMIN],
    "SMS_CM_UpdatePackages": [PACKAGE],
    "SMS_CM_UpdatePackageSiteStatus": [STATUS],
    "SMS_Collection": [COLLECTION],
    "SMS_SCI_SysResUse": [ROLE],
    "SMS_ComponentSummarizer": [COMPONENT],
    "SMS_StatusMessage": [MESSAGE],
    "SMS_Azure_CloudService": [SERVICE],
    "SMS_AAD_Application_Ex": [APPLICATION],
    "SMS_AAD_Tenant_Ex": [CLOUD_TENANT],
    "SMS_ConfigurationPolicy": [POLICY],
    "SMS_DeploymentSummary": [],
    "SMS_FullCollectionMembership": [DEVICE],
    "SMS_CombinedDeviceResources": [{"ResourceID": "16777300", "ClientVersion": "5.00.9146.1006"}],
    "SMS_R_System": [{"ResourceID": "16777999", "PrimaryGroupID": "516"}],
}
METHODS: dict[str, Cells] = {
    "SMS_CoMgmtConfigs.GetTenantCollectionMapping": {"ReturnValue": "0", "CollectionSiteID": None},
    "SMS_Collection.GetServicePartners": {"ReturnValue": "0", "ServicePartners": "1"},
}

SELECTED = ("SMS_SCI_SysResUse", "SMS_R_System")
"""Only these select: a server that gives more than it was asked for must not mislead the readers of the others."""


class Provider:
    """Answers from tables, with the columns that were asked for, and remembers what that was. A table may be an error,
    and so may a method and a lazy record."""

    def __init__(self, **tables: list[Cells] | SourceError) -> None:
        self.tables: dict[str, list[Cells] | SourceError] = {**TABLES, **tables}
        self.methods: dict[str, Cells | SourceError] = {**METHODS}
        self.lazy: dict[str, Cells | SourceError] = {
            "SMS_Admin": {"Permissions": Row("SMS_APermission", PERMISSION.items())},
            "SMS_ConfigurationPolicy": {"SDMPackageXML": None},
        }
        self.missing: frozenset[str] = frozenset()
        """Columns that no class of this site has."""
        self.asked: list[str] = []
        """Every question, in the form in which readers declare their calls."""
        self.columns: set[str] = set()
        self.wanted: list[object] = []
        """What `where`, `any_of` and arguments said."""

    def rows(
        self,
        namespace: str,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, str | int | bool] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        self._ask(namespace, cls)
        self.columns |= {*columns, *optional}
        self.wanted += [condition for condition in (where, any_of) if condition]
        table = self.tables[cls]
        if isinstance(table, SourceError):
            raise table
        names = [name for name in (*columns, *optional) if name not in self.missing]
        kept = [cells for cells in table if cls not in SELECTED or _fits(cells, where or {})]
        found = [Row(cls, {name: cells[name] for name in names if name in cells}.items()) for cells in kept]
        return Answer(found, f"SELECT from {cls}", "uuid:1", 0.5, self.missing & set(optional))

    def instance(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Answer:
        self._ask(namespace, f"{cls}({','.join(keys)})")
        self.wanted.append(dict(keys))
        cells = self.lazy[cls]
        if isinstance(cells, SourceError):
            raise cells
        return Answer([Row(cls, cells.items())], "SELECT one", "uuid:2", 0.5)

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        self._ask(namespace, f"{cls}.{method}")
        self.wanted.append(dict(arguments))
        result = self.methods[f"{cls}.{method}"]
        if isinstance(result, SourceError):
            raise result
        return Answer([Row(cls, result.items())], f"{cls}.{method}", "uuid:3", 0.5)

    def _ask(self, namespace: str, question: str) -> None:
        assert namespace in (r"root\sms", r"root\sms\site_P01", r"root\sms\site_P02")
        self.asked.append(question if "site_" in namespace else f"{namespace} {question}")


def old(*columns: str, **tables: list[Cells] | SourceError) -> Provider:
    """A site whose classes lack these columns."""
    provider = Provider(**tables)
    provider.missing = frozenset(columns)
    return provider


def _fits(cells: Cells, where: Mapping[str, str | int | bool]) -> bool:
    return all(str(cells.get(name)).casefold() == str(value).casefold() for name, value in where.items())


def session(
    provider: Provider,
    *,
    site_code: str | None = None,
    account: str | None = ACCOUNT,
    targets: Sequence[str] = ("Servers",),
) -> SiteSession:
    return SiteSession(provider, "cm01", site_code, account, targets)


def read(fact: type[Fact], given: SiteSession) -> Finding[Any]:
    reader = next(reader for reader in READERS if reader.fact is fact)
    found: Finding[Any] = reader.read(given)
    assert found.value.fits(found.rows), "a finding that evidence would refuse"
    return found


def refused(fact: type[Fact], given: SiteSession) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(fact, given)
    return caught.value
