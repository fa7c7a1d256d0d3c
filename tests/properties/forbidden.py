"""What must never leave: requests that would change something, or could be taken for one that does, by transport.

The methods of the provider's classes are those that the reference and the SDK name, and near ones: writers, starters,
getters of other classes, and the listed getters in another spelling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from readiness.sources.configmgr import wsman
from readiness.sources.configmgr.envelopes import Heading
from readiness.sources.configmgr.getters import GETTERS
from readiness.sources.graph.rules import REPORT_ACTIONS

VERBS = ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "MERGE", "COPY", "MOVE", "LINK", "PROPFIND")
ODD = ("pUt", "Patch", "dElEtE", "merge")
METHOD_CHANGERS = ("X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "x_http_method_override", "_method")
PLACE_CHANGERS = ("Host", "X-Original-URL", "X-Rewrite-URL", "Transfer-Encoding", "Content-Encoding", "Upgrade")

ACTIONS: dict[str, tuple[str, ...]] = {
    "SMS_Collection": (
        "ModifyServicePartners", "AddMembershipRule", "AddMembershipRules", "DeleteMembershipRule",
        "DeleteMembershipRules", "DeleteAllMembers", "RequestRefresh", "CreateCCRs", "ClearLastNBSPXEAdvertisement",
        "ClearMachinesInMaintenanceMode", "ChangeOwner", "VerifyNoCircularDependencies", "GetNumResults",
        "GetCollectionVariables", "getServicePartners", "GetServicePartner", "GetServicePartnersEx",
        "AddCloudSync", "ExportCollections", "ImportCollections",
    ),
    "SMS_CoMgmtConfigs": (
        "AddTenantCollectionMapping", "RemoveTenantCollectionMapping", "SetTenantCollectionMapping",
        "GetTenantCollectionMappings", "gettenantcollectionmapping", "UpdateCoMgmtConfigs",
    ),
    "SMS_Identification": (
        "GetFileBinary", "GetFileSignature", "GetSiteId", "GetLicense", "SetLicense", "GetCurrentUsers", "ValidateUser",
        "GetServerTimeZone", "isCurrentBranch", "GetSMSProviderServer", "ConnectSQL",
    ),
    "SMS_CM_UpdatePackages": (
        "UpdatePrereqAndStateFlags", "RetryContentReplication", "ResetUpdate", "AddUpdateNotification",
        "SetPackageToBeInstalled", "CheckPrerequisites", "DeleteUpdatePackage",
    ),
    "SMS_Site": ("ImportMachineEntry", "UpgradeSecondarySite", "RecoverSecondarySite", "GetSiteCredentials"),
    "SMS_SiteControlFile": ("RefreshSCF", "CommitSCF", "GetSessionHandle", "ReleaseSessionHandle"),
    "SMS_Admin": ("AddAdmin", "GetCategoryPermissions", "GetRolePermissions", "RemoveAdmin"),
    "SMS_Azure_CloudService": ("CreateCloudService", "DeleteCloudService", "RenewSecretKey"),
    "SMS_AAD_Application": ("RenewSecretKey", "GetSecretKey", "ImportApplication"),
    "SMS_AAD_Application_Ex": ("RenewSecretKey", "GetSecretKey"),
    "SMS_ConfigurationPolicy": ("SetIsAssigned", "CreateInstance", "LoadLazyProperties"),
    "SMS_ClientOperation": ("InitiateClientOperation", "InitiateClientOperationEx", "CancelClientOperation"),
    "SMS_Scripts": ("CreateScripts", "UpdateApprovalState", "RunScripts", "GetScripts"),
    "SMS_Device": ("ClearPXE", "DeleteDevice", "ResetClientKey"),
    "SMS_SCI_SysResUse": ("PutSysResUse",),
    "SMS_StatusMessage": ("RaiseStatusMsg", "RaiseRawStatusMsg"),
    "AdminService": ("RunCMPivot", "RunScript", "InitiateOperation"),
}  # fmt: skip
"""Class -> methods that may not be called. `GetCategoryPermissions` and the like read, and nobody needs them."""

SIBLINGS = {"ModifyServicePartners", "AddTenantCollectionMapping", "RemoveTenantCollectionMapping", "GetFileBinary"}
"""Methods that the reference names beside the getters (configmgr.md Q3 to Q5): the table must have them."""

SITE = f"{wsman.WMI}/root/sms/site_P01"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CONFIGURATION = "http://schemas.microsoft.com/wbem/wsman/1/config"
EVENTING = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
WRITING = (
    f"{wsman.TRANSFER}/Put", f"{wsman.TRANSFER}/Create", f"{wsman.TRANSFER}/Delete",
    f"{EVENTING}/Subscribe", f"{EVENTING}/Unsubscribe", f"{EVENTING}/Renew", f"{EVENTING}/GetStatus",
    f"{SHELL}/Command", f"{SHELL}/Send", f"{SHELL}/Receive", f"{SHELL}/Signal", f"{SHELL}/Connect",
    f"{SHELL}/Disconnect", f"{SHELL}/Reconnect", f"{wsman.ENUMERATION}/GetStatus", f"{wsman.ENUMERATION}/Renew",
    f"{wsman.WSMAN.rpartition('/')[0]}/Ack", "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd/Identify",
)  # fmt: skip
RESOURCES = (
    SHELL, f"{SHELL}/cmd", "http://schemas.microsoft.com/powershell/Microsoft.PowerShell", CONFIGURATION,
    f"{CONFIGURATION}/Listener", f"{wsman.WMI}/root/cimv2/*", f"{wsman.WMI}/root/cimv2/Win32_Process",
    f"{wsman.WMI}/root/*", f"{wsman.WMI}/root/sms/../cimv2/*", f"{wsman.WMI}/root/sms/site_P01/../../cimv2/*",
    f"{wsman.WMI}/root/sms/site_P01x/*", f"{wsman.WMI}/root/default/StdRegProv", f"{wsman.WMI}/root/sms/site_P01/**",
    f"{wsman.WMI}/root/subscription/*", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/*", "*", "", " ",
)  # fmt: skip
QUESTIONS = (
    "SELECT * FROM SMS_AAD_Application_Ex", "SELECT * FROM SMS_Site", "SELECT SecretKey FROM SMS_AAD_Application_Ex",
    "SELECT Name, secretkey FROM SMS_AAD_Application", "SELECT ID FROM SMS_X WHERE SecretKey LIKE 'a%'",
    "select Name from SMS_Site", "ASSOCIATORS OF {SMS_Site.SiteCode='P01'}", "DELETE FROM SMS_Site", "",
    "SELECT Name FROM SMS_Site WHERE Name = 'x' OR SecretKey = 'y'", "SELECT Name FROM SMS_Site; SELECT 1 FROM SMS_X",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A request that must not leave."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def by_hand_only(self) -> bool:
        """Whether `requests` would make another, harmless request of it."""
        return "/." in self.path or "Content-Length" in self.headers

    def __str__(self) -> str:
        return f"{self.method} {self.path[:80]} {self.headers or ''} {(self.body or b'')[:80]!r}"


# Graph


def graph() -> Iterator[Sent]:
    """Everything but GET, batches of GETs, and the named report actions."""
    for verb in (*VERBS, *ODD):
        for path in ("/v1.0/users/1", "/beta/deviceManagement/configurationPolicies/1", "/beta/$batch"):
            yield Sent(verb, path)
            yield Sent(verb, path, b"{}")
    for path in GRAPH_POSTS:
        yield Sent("POST", path, b"{}")
    for name in METHOD_CHANGERS:
        yield Sent("GET", "/v1.0/users/1", headers={name: "DELETE"})
        yield Sent("GET", f"/v1.0/users/1?{name}=DELETE")
        yield Sent("POST", "/beta/$batch", _batch(_member()), {name: "PATCH"})
    for name in PLACE_CHANGERS:
        yield Sent("GET", "/v1.0/users/1", headers={name: "evil.test"})
    for path in GRAPH_PATHS:
        yield Sent("GET", path)
        yield Sent("POST", path, b"{}")
    for bad in (*_members(), *_bodies()):
        yield Sent("POST", "/v1.0/$batch", bad)
        yield Sent("POST", "/beta/$batch", bad)
    yield Sent("POST", "/beta/$batch", _batch(_member()), {"Content-Type": "multipart/mixed;boundary=x"})
    yield Sent("POST", "/beta/$batch", _batch(_member()), {"Content-Type": "application/json;charset=utf-16"})
    yield Sent("POST", "/beta/$batch", _batch(_member()), {"Content-Length": "5"})
    yield Sent("GET", "/v1.0/users", b'{"accountEnabled":false}')


GRAPH_POSTS = (
    "/v1.0/users", "/v1.0/applications/1/addPassword", "/v1.0/servicePrincipals", "/v1.0/groups/1/members/$ref",
    "/beta/deviceManagement/configurationPolicies", "/beta/deviceManagement/configurationPolicies/1/assign",
    "/beta/deviceManagement/managedDevices/1/wipe", "/beta/deviceManagement/managedDevices/1/syncDevice",
    "/beta/deviceManagement/reports/exportJobs", "/beta/deviceManagement/reports/getReportFilters",
    "/beta/deviceManagement/reports", "/beta/deviceManagement/reports/", "/beta/deviceManagement/intents/1/assign",
    "/beta/deviceManagement/mobileThreatDefenseConnectors", "/v1.0/roleManagement/directory/roleAssignments",
    "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests", "/beta/deviceManagement/tenantAttachRBAC/enable",
    "/beta/deviceManagement/configManagerCollections", "/v1.0/me/sendMail", "/v1.0/directoryObjects/getByIds",
    *(f"/beta/deviceManagement/reports/{name.lower()}" for name in sorted(REPORT_ACTIONS)),
    *(f"/beta/deviceManagement/reports/{name}?x=y" for name in sorted(REPORT_ACTIONS)),
    *(f"/beta/deviceManagement/reports/{name}/x" for name in sorted(REPORT_ACTIONS)),
    *(f"/beta/deviceManagement/reports/x/../{name}" for name in sorted(REPORT_ACTIONS)),
    *(f"/beta/deviceManagement/reports/{name}%2fx" for name in sorted(REPORT_ACTIONS)),
    *(f"/v2.0/deviceManagement/reports/{name}" for name in sorted(REPORT_ACTIONS)),
)  # fmt: skip
GRAPH_PATHS = (
    "/", "/v1.0", "/v1.0/", "/v2.0/users", "/V1.0/users", "/users", "//v1.0/users", "/v1.0/../beta/users",
    "/v1.0/%2e%2e/beta/users", "/v1.0/%252e%252e/beta", "/v1.0/a/..", "/v1.0/..;/users", "/v1.0/./users",
    "/v1.0\\users", "/v1.0/a%5c..%5cb", "/v1.0/%00users", "/v1.0/$batch", "/beta/%24batch", "/v1.0/%2524batch",
    "/v1.0/x/$BATCH", "/oauth2/v2.0/token", "/contoso/oauth2/v2.0/token", "/v1.0/a/%2e%2e%2f%2e%2e/users",
)  # fmt: skip


def _member(**changed: Any) -> dict[str, Any]:
    return {"id": "0", "method": "GET", "url": "/users?$select=id", **changed}


def _batch(*members: Any, **more: Any) -> bytes:
    return json.dumps({"requests": list(members), **more}).encode()


def _members() -> Iterator[bytes]:
    """Batches in which one member does more, or another thing, than GET."""
    for verb in (*VERBS, *ODD, "POST", "get", "Get", " GET", "GET ", "", None, ["GET"], {"GET": 1}):
        yield _batch(_member(), _member(id="1", method=verb))
    for url in MEMBER_URLS:
        yield _batch(_member(), _member(id="1", url=url))
    extra: tuple[dict[str, Any], ...] = ({"body": {}}, {"dependsOn": ["0"]}, {"atomicityGroup": "a"})
    for more in extra:
        yield _batch(_member(), _member(id="1", **more))
    for name in (*METHOD_CHANGERS, *PLACE_CHANGERS, "Authorization", "Content-Type"):
        yield _batch(_member(headers={name: "DELETE"}))
    yield _batch(*(_member(id=str(number)) for number in range(21)))
    yield _batch(_member(url="/$batch", method="POST", body={"requests": [_member(method="DELETE")]}))


MEMBER_URLS = (
    "https://graph.test/v1.0/users", "https://evil.test/v1.0/users", "//evil.test/users", "/\\evil.test", "users", "",
    "/../beta/users", "/%2e%2e/beta/users", "/%252e%252e/beta", "/a/../b", "/a\\..\\b", "/a/%5c../b", "/$batch",
    "/%24batch", "/x/$Batch?x=y", "/a\r\nDELETE /users", "/a\x00", "/users#/../x", None, 5, ["/users"],
)  # fmt: skip


def _bodies() -> Iterator[bytes]:
    good = _batch(_member())
    yield from (
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'{"requests":[]}',
        b'{"requests":{}}',
        b'{"requests":"GET"}',
        b"\xff",
    )
    yield b'{"requests":[{"id":"0","method":"DELETE","method":"GET","url":"/u"}]}'
    yield b'{"requests":[{"id":"0","method":"DELETE","url":"/u"}],"requests":[{"id":"0","method":"GET","url":"/u"}]}'
    yield b'{"requests":[{"id":"0","method":"GET","url":"/u","url":"//evil.test"}]}'
    yield b"\xef\xbb\xbf" + good
    yield good.decode().encode("utf-16")
    yield good + good
    yield b"[" * 100_000
    yield _batch(_member(), other="x")


# WS-Man

HEADING = Heading("https://cm01.test:5986/wsman", 60)
ROWS = HEADING.enumerate_wql(r"root\sms\site_P01", "SELECT SiteCode FROM SMS_Site").body
INSTANCE = HEADING.get(r"root\sms\site_P01", "SMS_Admin", {"AdminID": 1}).body
PAGE = HEADING.pull(r"root\sms\site_P01", "uuid:1").body
END = HEADING.release(r"root\sms\site_P01", "uuid:1").body
GETTER = HEADING.invoke(r"root\sms\site_P01", "SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021"}).body
READS = (ROWS, INSTANCE, PAGE, END, GETTER)


def wsman_messages() -> Iterator[bytes]:
    """Envelopes that do not only read, or that can be read in two ways."""
    for good in READS:
        action = _between(good, b'<a:Action s:mustUnderstand="true">', b"</a:Action>")
        resource = _between(good, b'<w:ResourceURI s:mustUnderstand="true">', b"</w:ResourceURI>")
        for name in WRITING:
            yield good.replace(action, name.encode())
        for name in RESOURCES:
            yield good.replace(resource, name.encode())
        yield from _twofold(good, action)
    for cls, methods in ACTIONS.items():
        for method in methods:
            yield from _calls(cls, method)
    for question in QUESTIONS:
        yield ROWS.replace(b"SELECT SiteCode FROM SMS_Site", question.encode())
    yield INSTANCE.replace(b"SMS_Admin", b"SMS_AAD_Application_Ex")
    yield INSTANCE.replace(b"SMS_Admin", b"sms_aad_application")
    yield from (b"", b"<", b"<x/>", b"MZ\x90", b"{}", b"--Encrypted Boundary\r\n")


def _between(text: bytes, before: bytes, after: bytes) -> bytes:
    return text.split(before, 1)[1].split(after, 1)[0]


def _twofold(good: bytes, action: bytes) -> Iterator[bytes]:
    """The same with a second action, body, header, envelope, resource; and with action and body of different kinds."""
    put = f"{wsman.TRANSFER}/Put".encode()
    other = b'<b:Action xmlns:b="http://www.w3.org/2005/08/addressing">' + put + b"</b:Action>"
    soap11 = b"http://schemas.xmlsoap.org/soap/envelope/"
    body = good[good.index(b"<s:Body>") : good.index(b"</s:Envelope>")]
    yield good.replace(b"<a:Action ", b"<a:Action>" + put + b"</a:Action><a:Action ")
    yield good.replace(b"<a:Action ", other + b"<a:Action ")
    yield good.replace(b"</a:Action>", b"<x/>" + put + b"</a:Action>")
    yield good.replace(action, action + b"<!-- -->" + put)
    yield good.replace(b"<s:Body>", b"<s:Body/><s:Body>", 1)
    yield good.replace(b"</s:Body>", b'<p:Put xmlns:p="' + wsman.TRANSFER.encode() + b'"/></s:Body>')
    yield good.replace(body, b'<s:Body><p:Shell xmlns:p="' + SHELL.encode() + b'"/></s:Body>')
    yield good.replace(b"<s:Header>", b"<s:Header><a:Action>" + put + b"</a:Action></s:Header><s:Header>")
    yield good.replace(b"<w:ResourceURI ", b"<w:ResourceURI>" + SHELL.encode() + b"</w:ResourceURI><w:ResourceURI ")
    second = b'<o:Header xmlns:o="' + soap11 + b'"><a:Action>' + put + b"</a:Action></o:Header>"
    yield good.replace(b"</s:Envelope>", second + b"</s:Envelope>")
    yield good.replace(wsman.SOAP.encode(), soap11)
    yield b'<o:Envelope xmlns:o="' + soap11 + b'">' + good + b"</o:Envelope>"
    yield b'<!DOCTYPE x [<!ENTITY a "b">]>' + good
    yield b'<?xml version="1.0" encoding="utf-16"?>' + good
    yield good.decode().encode("utf-16")
    yield good + good


def _calls(cls: str, method: str) -> Iterator[bytes]:
    """A call of this method, whole; and one that names the listed getter in one of its three places."""
    resource = f"{SITE}/{cls}"
    yield (
        GETTER.replace(f"{SITE}/SMS_Collection".encode(), resource.encode())
        .replace(b"/GetServicePartners", f"/{method}".encode())
        .replace(b"GetServicePartners_INPUT", f"{method}_INPUT".encode())
    )
    yield GETTER.replace(b"GetServicePartners_INPUT", f"{method}_INPUT".encode())
    yield GETTER.replace(b"/GetServicePartners<", f"/{method}<".encode())


# AdminService

ROUTE = "/AdminService/wmi/"


def adminservice() -> Iterator[Sent]:
    """Everything but GET of rows and instances, and POST to the listed getters."""
    for verb in (*VERBS, *ODD):
        for path in ("SMS_Collection", "SMS_Collection('P0100021')", "SMS_Collection.GetServicePartners"):
            yield Sent(verb, ROUTE + path)
            yield Sent(verb, ROUTE + path, b'{"CollectionID":"P0100021"}')
    for cls, methods in (*ACTIONS.items(), *GETTERS.items()):
        for method in methods:
            yield Sent("GET", f"{ROUTE}{cls}.{method}")
            yield Sent("GET", f"{ROUTE}{cls}/AdminService.{method}")
            yield Sent("GET", f"{ROUTE}{cls}('P0100021')/AdminService.{method}")
            if method not in GETTERS.get(cls, {}):
                yield Sent("POST", f"{ROUTE}{cls}.{method}", b"{}")
                yield Sent("POST", f"{ROUTE}{cls}.{method}", b'{"CollectionID":"P0100021"}')
            yield Sent("POST", f"{ROUTE}{cls}('P0100021')/AdminService.{method}", b"{}")
    for path in (*ADMINSERVICE_PATHS, *SECRET_PATHS):
        yield Sent("GET", path)
        yield Sent("POST", path, b"{}")
    for name in METHOD_CHANGERS:
        yield Sent("GET", f"{ROUTE}SMS_Site", headers={name: "DELETE"})
        yield Sent("GET", f"{ROUTE}SMS_Site?{name}=DELETE")
    for name in PLACE_CHANGERS:
        yield Sent("GET", f"{ROUTE}SMS_Site", headers={name: "evil.test"})
    for body in (b"", b"[]", b"{}", b'{"CollectionID":1}', b'{"CollectionID":"a","CollectionID":"b"}', b"\xff", b"{"):
        yield Sent("POST", f"{ROUTE}SMS_Collection.GetServicePartners", body)
    yield Sent("POST", f"{ROUTE}SMS_Collection.GetServicePartners?x=y", b'{"CollectionID":"P0100021"}')
    yield Sent("GET", f"{ROUTE}SMS_Site", b"{}")


ADMINSERVICE_PATHS = (
    "/", "/AdminService", "/AdminService/", ROUTE, f"{ROUTE}$metadata", f"{ROUTE}$batch", "/AdminService/$batch",
    "/AdminService/v1.0/Device", "/AdminService/v1.0/Device(1)/AdminService.RunCMPivot", f"{ROUTE}../v1.0/Device",
    f"{ROUTE}%2e%2e/v1.0/Device", f"{ROUTE}%252e%252e/v1.0", "//AdminService/wmi/SMS_Site", f"{ROUTE}/SMS_Site",
    f"{ROUTE}SMS_Site/", f"{ROUTE}SMS_Site/$count", f"{ROUTE}SMS_Site?$expand=x", f"{ROUTE}SMS_Site?$apply=x",
    f"{ROUTE}SMS_Site?$select=A&$select=B", f"{ROUTE}SMS_Site\\..", f"{ROUTE}SMS_Site%00", f"{ROUTE}SMS_Site('a",
    f"{ROUTE}SMS_Site('%2e%2e/%2e%2e/x')", "/adminservice/wmi/SMS_Site", "/CCM_Proxy_ServerAuth/1/AdminService/wmi/X",
)  # fmt: skip
SECRET_PATHS = (
    f"{ROUTE}SMS_AAD_Application_Ex", f"{ROUTE}SMS_AAD_Application_Ex(5)", f"{ROUTE}sms_aad_application_ex?$top=1",
    f"{ROUTE}SMS_AAD_Application_Ex?$select=*", f"{ROUTE}SMS_AAD_Application_Ex?$select=Name,SecretKey",
    f"{ROUTE}SMS_AAD_Application_Ex?$select=Name,secret%4Bey", f"{ROUTE}SMS_AAD_Application_Ex?$select=",
    f"{ROUTE}SMS_AAD_Application_Ex?$select=Name&$filter=startswith(SecretKey,'a')", f"{ROUTE}SMS_X?$select=SecretKey",
    f"{ROUTE}SMS_AAD_Application?$filter=ID%20eq%201", f"{ROUTE}SMS_X?$filter=SecretKey%20eq%20'x'",
)  # fmt: skip
