"""What each step of a plan changes in the simulated estate. A step that is not in the table fails the test."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

from readiness.lab import load_scenario
from readiness.lab.scenario import Scenario
from readiness.model.facts import ENDPOINT_SECURITY_MANAGER

Deed = Callable[[Scenario], None]
Row = dict[str, Any]

READY = load_scenario("ready")
TENANT_COLLECTIONS = "deviceManagement/configManagerCollections"
INTUNE_ROLES = "roleManagement/deviceManagement/roleAssignments"
AUTHORS = "a0a0a0a0-0000-4000-8000-000000000001"
CONNECTORS = "deviceManagement/mobileThreatDefenseConnectors"
TRIES_ENDPOINTS = 9040
RELEASE, BUILD, VERSION, CLIENT = 2603, 9146, "5.00.9146.1000", "5.00.9146.1006"


def after(scenario: Scenario, step: str) -> Scenario:
    """The estate once the step is done."""
    done = copy.deepcopy(scenario)
    DEEDS[step](done)
    return done


def _nothing(_estate: Scenario) -> None:
    """Somebody looks, or waits for what another step did: the estate stays as it is."""


def _row(rows: list[Row], **keys: object) -> Row:
    return next(row for row in rows if all(row.get(name) == value for name, value in keys.items()))


def _as_in_ready(estate: Scenario, *classes: str) -> None:
    for name in classes:
        estate.wmi[name] = copy.deepcopy(READY.wmi[name])


def _targets(estate: Scenario) -> list[Row]:
    names = estate.scope["collections"]
    return [row for row in estate.wmi["SMS_Collection"] if row["CollectionID"] in names or row["Name"] in names]


def attach(estate: Scenario) -> None:
    """The wizard makes the service and the application, gives consent, and uploads all devices."""
    known = {row["ID"] for row in estate.wmi["SMS_Azure_CloudService"]}
    new = [row for row in READY.wmi["SMS_Azure_CloudService"] if row["ID"] not in known]
    estate.wmi["SMS_Azure_CloudService"] += copy.deepcopy(new)
    _as_in_ready(estate, "SMS_ConfigurationPolicy")
    tick_upload(estate)


def tick_upload(estate: Scenario) -> None:
    upload = _row(estate.wmi["SMS_Azure_CloudService"], ServiceType=5)
    upload["AssociatedAADWebApplications"] = [16777219]
    service = _row(READY.graph["v1"]["servicePrincipals"], displayName="Configuration Manager Microservice")
    ours = _row(estate.graph["v1"]["servicePrincipals"], displayName="Configuration Manager Microservice")
    ours["appRoleAssignedTo"] = copy.deepcopy(service["appRoleAssignedTo"])
    estate.method[:] = copy.deepcopy(READY.method)


def cloud_sync(estate: Scenario) -> None:
    """The boxes are ticked; with the next upload the tenant lists the collections."""
    listed = estate.graph["beta"].setdefault(TENANT_COLLECTIONS, [])
    known = {row["collectionIdentifier"] for row in listed}
    for target in _targets(estate):
        target["ServicePartners"] = 1
        if target["CollectionID"] not in known:
            there = _row(READY.graph["beta"][TENANT_COLLECTIONS], collectionIdentifier=target["CollectionID"])
            listed.append(copy.deepcopy(there))


def renew_secret(estate: Scenario) -> None:
    _as_in_ready(estate, "SMS_AAD_Application_Ex")
    estate.graph["v1"]["applications"] = copy.deepcopy(READY.graph["v1"]["applications"])


def connect_defender(estate: Scenario) -> None:
    """The connection is set up; nothing was exchanged yet."""
    for version in ("v1", "beta"):
        (row,) = estate.graph[version][CONNECTORS]
        row.update(partnerState="available", windowsEnabled=True, microsoftDefenderForEndpointAttachEnabled=True)


def exchange_data(estate: Scenario) -> None:
    for version in ("v1", "beta"):
        (row,) = estate.graph[version][CONNECTORS]
        row.update(partnerState="enabled", lastHeartbeatDateTime="now-20m")


def install_kb4563473(estate: Scenario) -> None:
    for name in ("SMS_CM_UpdatePackages", "SMS_CM_UpdatePackageSiteStatus"):
        for row in estate.wmi[name]:
            if "KB4563473" in str(row["Name"]):
                row["State"] = 196612


def install_kb37864969(estate: Scenario) -> None:
    """The site stays at release 2509; it lists the update, which is installed everywhere."""
    for name in ("SMS_CM_UpdatePackages", "SMS_CM_UpdatePackageSiteStatus"):
        others = [row for row in estate.wmi[name] if "KB37864969" not in str(row["Name"])]
        ours = [row for row in READY.wmi[name] if "KB37864969" in str(row["Name"])]
        estate.wmi[name] = [*others, *({**copy.deepcopy(row), "State": 196612} for row in ours)]


def update_release(estate: Scenario) -> None:
    """Every central and primary site is updated; clients and secondary sites follow by steps of their own.

    A release from 2010 on tries its cloud endpoints, and tells what came of it."""
    if estate.build < TRIES_ENDPOINTS:
        _as_in_ready(estate, "SMS_StatusMessage")
    for row in estate.wmi["SMS_Site"]:
        if row.get("Type", 2) in (2, 4):
            row.update(BuildNumber=BUILD, Version=VERSION, Mode=7 if row.get("Mode") == 7 else 0)
    for row in estate.wmi["SMS_Identification"]:
        row.update(MonthlyReleaseVersion=RELEASE, SMSBuildNumber=BUILD, SMSVersion=VERSION)
    _as_in_ready(estate, "SMS_CM_UpdatePackages", "SMS_CM_UpdatePackageSiteStatus")


def update_secondaries(estate: Scenario) -> None:
    for row in estate.wmi["SMS_Site"]:
        row.update(BuildNumber=BUILD, Version=VERSION, Mode=0, SecondarySiteCMUpdateStatus=1)


def upgrade_clients(estate: Scenario) -> None:
    for name in ("SMS_FullCollectionMembership", "SMS_CombinedDeviceResources", "SMS_R_System"):
        for row in estate.wmi[name]:
            row["ClientVersion"] = CLIENT


def _account(estate: Scenario, role: str, role_id: str) -> None:
    """The account that reads the site has this role, with the scope All."""
    model = _row(READY.wmi["SMS_Admin"], RoleNames=["Read-only Analyst"])
    row = _row(estate.wmi["SMS_Admin"], LogonName=model["LogonName"])
    row.update(copy.deepcopy(model))
    row.update(RoleNames=[role], Roles=[role_id])
    for permission in row["Permissions"]:
        permission.update(RoleID=role_id, RoleName=role)


def grant_read_only(estate: Scenario) -> None:
    """Everything but what a Read-only Analyst is not known to see."""
    _account(estate, "Read-only Analyst", "SMS0002R")
    for name in [name for name in estate.visible if "AAD" not in name and "Azure" not in name]:
        del estate.visible[name]


def collect_site_half(estate: Scenario) -> None:
    """Somebody who sees everything reads the site."""
    _account(estate, "Full Administrator", "SMS0001R")
    estate.visible.clear()


def activate_role(estate: Scenario) -> None:
    """The person activates Global Administrator for eight hours."""
    graph = estate.graph["v1"]
    for path in ("roleAssignments", "roleAssignmentScheduleInstances"):
        graph[f"roleManagement/directory/{path}"] = copy.deepcopy(READY.graph["v1"][f"roleManagement/directory/{path}"])
    (held,) = graph["roleManagement/directory/roleAssignmentScheduleInstances"]
    held.update(assignmentType="Activated", endDateTime="now+8h")


def upload_scope(estate: Scenario) -> None:
    estate.method[:] = copy.deepcopy(READY.method)


def go_online(estate: Scenario) -> None:
    for row in estate.wmi["SMS_SCI_SysResUse"]:
        if row["RoleName"] == "SMS Dmp Connector":
            row["Props"] = [{"PropertyName": "OfflineMode", "Value": 0}]


def consent(estate: Scenario) -> None:
    service = _row(estate.graph["v1"]["servicePrincipals"], displayName="Configuration Manager Microservice")
    there = _row(READY.graph["v1"]["servicePrincipals"], displayName="Configuration Manager Microservice")
    service["appRoleAssignedTo"] = copy.deepcopy(there["appRoleAssignedTo"])


def enable_application(estate: Scenario) -> None:
    for row in estate.graph["v1"]["servicePrincipals"]:
        row["accountEnabled"] = True


def name_collections(estate: Scenario) -> None:
    estate.scope["collections"] = list(READY.scope["collections"])


def _attest(check: str, **subject: str) -> Deed:
    def deed(estate: Scenario) -> None:
        said = {"statement": "as it should be", "by": "Ada Admin", "on": date(2026, 11, 23), "expires": date.max}
        estate.configuration.setdefault("attestation", []).append({"check": check, **said, **subject})

    return deed


def grant_policy_author(estate: Scenario) -> None:
    """The person is put into a group that is assigned Endpoint Security Manager."""
    (ada,) = estate.graph["v1"]["users"]
    member = {"@odata.type": "#microsoft.graph.user", "id": ada["id"]}
    estate.graph["v1"]["groups"].append({"id": AUTHORS, "displayName": "Policy authors", "members": [member]})
    given = {"id": "authors", "roleDefinitionId": ENDPOINT_SECURITY_MANAGER, "principalIds": [AUTHORS]}
    estate.graph["beta"].setdefault(INTUNE_ROLES, []).append(given)


DEEDS: dict[str, Deed] = {
    "attach": attach,
    "tick-upload": tick_upload,
    "cloud-sync": cloud_sync,
    "renew-secret": renew_secret,
    "activate-role": activate_role,
    "grant-policy-author": grant_policy_author,
    "activate-policy-author": activate_role,
    "upload-scope": upload_scope,
    "go-online": go_online,
    "consent-application": consent,
    "enable-application": enable_application,
    "name-targets": name_collections,
    "correct-name": name_collections,
    "connect-defender": connect_defender,
    "wait-for-defender": exchange_data,
    "install-kb4563473": install_kb4563473,
    "install-kb37864969": install_kb37864969,
    "update-sites": update_release,
    "finish-update": update_release,
    "update-secondaries": update_secondaries,
    "upgrade-clients": upgrade_clients,
    "grant-read-only": grant_read_only,
    "collect-site-half": collect_site_half,
    "look-at-cloud-sync": _attest("collections-enabled"),
    "attest-sync": _attest("attach-sync-working"),
    "attest-policy-kind": _attest("policy-kind-matches-devices"),
    "attest-single-channel": _attest("single-onboarding-channel"),
    "look-at-atp-policies": _nothing,
    "look-at-assignments": _nothing,
    "look-at-connector": _nothing,
    "look-at-upload-log": _nothing,
    "mend-sites": _nothing,
    "correct-mask": _nothing,
    "restart-components": _nothing,
}
"""By the id of the step."""
LOOKS = frozenset(step for step, deed in DEEDS.items() if deed is _nothing)
"""Steps that change nothing by themselves: they stay until what was seen is attested, or mended by the next step."""
