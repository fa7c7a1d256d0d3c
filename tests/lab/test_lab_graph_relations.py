"""What hangs together in the simulated tenant: policies and what lies below them, roles, groups, reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness.lab import Lab, Scenario, load_scenario

from .clients import Cloud, session
from .conftest import changed

POLICIES = "beta/deviceManagement/configurationPolicies"
INTUNE_POLICY, CM_POLICY = "4f0e9d8c-7b6a-4594-8372-61504f3e2d1c", "4f0e9d8c-7b6a-4594-8372-61504f3e2d1d"
ROLES = "roleManagement/directory"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
ADA = "2c7936bc-3517-40f3-8eda-4806637b6516"
EVENTUAL = {"ConsistencyLevel": "eventual"}
MORE = ("GroupMember.Read.All",)

Reads = Callable[..., Cloud]


@pytest.fixture
def reading(start: Callable[..., Lab], tmp_path: Path) -> Reads:
    """A signed-in client of an estate, or of one with some sections changed."""

    def read(scenario: str | Scenario = "ready", **sections: Any) -> Cloud:
        lab = start(changed(scenario, **sections) if isinstance(scenario, str) else scenario)
        return Cloud(lab, session(lab, tmp_path)).signed_in()

    return read


@pytest.fixture
def cloud(reading: Reads) -> Cloud:
    return reading(tenant={"permissions": (*load_scenario("ready").tenant.permissions, *MORE)})


def member(url: str, **headers: str) -> dict[str, Any]:
    return {"id": "1", "method": "GET", "url": url, **({"headers": headers} if headers else {})}


def asked(cloud: Cloud, version: str, url: str, **headers: str) -> Any:
    """The answer to one member of a batch: status and body."""
    (answer,) = cloud.batch(member(url, **headers), version=version).json()["responses"]
    return answer["status"], answer["body"]


def rows(cloud: Cloud, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.get(path).json()["value"]
    return found


def with_graph(**lists: Any) -> Scenario:
    """The estate `ready`, with some lists of its tenant (v1.0) replaced."""
    ready = load_scenario("ready")
    v1 = {**ready.graph["v1"], **lists}
    return msgspec.structs.replace(ready, graph={**ready.graph, "v1": v1})


def test_a_policy_shows_what_lies_below_it_only_where_it_is_asked(cloud: Cloud) -> None:
    plain, expanded = rows(cloud, POLICIES), rows(cloud, f"{POLICIES}?$select=id,name&$expand=assignments")
    assert not any({"assignments", "settings"} & set(row) for row in plain)
    assert all("creationSource" in row for row in plain)
    assert [set(row) for row in expanded] == [{"id", "name", "assignments"}] * 3
    assert [len(row["assignments"]) for row in expanded] == [1, 2, 0]


@pytest.mark.parametrize("key", [f"('{CM_POLICY}')", f"/{CM_POLICY}"])
def test_settings_and_assignments_of_one_policy(key: str, cloud: Cloud) -> None:
    assert rows(cloud, f"{POLICIES}{key}/settings")[0]["settingInstance"]["choiceSettingValue"]["children"] == []
    targets = [row["target"]["collectionId"] for row in rows(cloud, f"{POLICIES}{key}/assignments")]
    listed = {row["id"] for row in rows(cloud, "beta/deviceManagement/configManagerCollections")}
    assert set(targets) == listed
    assert cloud.get(f"{POLICIES}{key}/nothing").status_code == 400
    assert cloud.get(f"{POLICIES}/nobody/settings").json()["error"]["code"] == "ResourceNotFound"


def test_a_policy_summary_is_a_function_of_the_policy(cloud: Cloud) -> None:
    path = "beta/deviceManagement/configManagerCollections/getPolicySummary(policyId='{}')"
    body = cloud.get(path.format(CM_POLICY)).json()
    assert (body["targetedDeviceCount"], "policyId" in body) == (252, False)
    assert cloud.get(path.format(INTUNE_POLICY)).status_code == 404


def report(cloud: Cloud, **parameters: Any) -> Any:
    return cloud.send("POST", "beta/deviceManagement/reports/getConfigurationPolicyDevicesReport", parameters)


def test_a_report_is_a_stream_of_rows_with_a_schema(cloud: Cloud) -> None:
    wanted = {"select": ["IntuneDeviceId", "PolicyStatus"], "filter": f"(PolicyId eq '{INTUNE_POLICY}')"}
    answer = report(cloud, **wanted)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.json()["TotalRowCount"] == 2
    assert answer.json()["Schema"] == [
        {"Column": "IntuneDeviceId", "PropertyType": "String"},
        {"Column": "PolicyStatus", "PropertyType": "Int32"},
    ]
    assert [len(row) for row in answer.json()["Values"]] == [2, 2]
    assert [len(report(cloud, **wanted, skip=skip, top=1).json()["Values"]) for skip in (0, 1, 2)] == [1, 1, 0]
    assert report(cloud, filter="(PolicyId eq 'another')").json()["Values"] == []
    assert "DeviceName" in json.dumps(report(cloud).json()["Schema"])


def test_a_report_takes_no_more_than_it_knows(cloud: Cloud, reading: Reads) -> None:
    assert report(cloud, filter="PolicyId ne 'x'").status_code == 400
    assert report(cloud, top="many").status_code == 400
    assert report(reading(tenant={"permissions": ()})).status_code == 403
    assert cloud.send("POST", "beta/deviceManagement/reports", {}).status_code == 405
    batch = cloud.batch({"id": "1", "method": "POST", "url": "/deviceManagement/reports/getX"}, version="beta")
    assert batch.json()["responses"][0]["status"] == 405


def test_the_index_is_asked_by_header_and_count(cloud: Cloud) -> None:
    url = f"/{ROLES}/transitiveRoleAssignments?$count=true&$filter=principalId eq '{ADA}'"
    status, body = asked(cloud, "beta", url, **EVENTUAL)
    assert (status, [row["principalId"] for row in body["value"]]) == (200, [ADA])
    assert asked(cloud, "beta", url)[0] == 404
    assert asked(cloud, "beta", url.replace("$count=true&", ""), **EVENTUAL)[0] == 404


def test_a_role_by_a_group_follows_from_its_members(reading: Reads) -> None:
    """Also by a group in the group, and where groups hold one another; the hit names the group."""
    user, group = "#microsoft.graph.user", "#microsoft.graph.group"
    groups = [
        {"id": "outer", "displayName": "Outer", "members": [{"@odata.type": group, "id": "inner"}]},
        {"id": "inner", "members": [{"@odata.type": user, "id": ADA}, {"@odata.type": group, "id": "outer"}]},
    ]
    held = {"id": "1", "principalId": "outer", "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}
    cloud = reading(with_graph(groups=groups, **{f"{ROLES}/roleAssignments": [held]}))
    url = f"/{ROLES}/transitiveRoleAssignments?$count=true&$filter=principalId eq '{ADA}'"
    _, body = asked(cloud, "beta", url, **EVENTUAL)
    assert {row["principalId"] for row in body["value"]} == {"outer"}
    (assigned,) = rows(cloud, f"v1.0/{ROLES}/roleAssignments?$expand=principal")
    assert assigned["principal"] == {"@odata.type": group, "id": "outer", "displayName": "Outer"}


def test_a_schedule_says_what_has_no_end(cloud: Cloud) -> None:
    (row,) = rows(cloud, f"v1.0/{ROLES}/roleAssignmentScheduleInstances?$expand=principal")
    assert (row["endDateTime"], row["principal"]["@odata.type"]) == (None, "#microsoft.graph.user")


def test_without_the_licence_there_is_no_schedule(reading: Reads) -> None:
    cloud = reading(tenant={"privileged_identity_management": False})
    for name in ("roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances"):
        answer = cloud.get(f"v1.0/{ROLES}/{name}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "AadPremiumLicenseRequired")
    assert len(rows(cloud, f"v1.0/{ROLES}/roleAssignments")) == 1


def test_members_of_a_group_by_their_type(cloud: Cloud) -> None:
    group = "/groups/3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"
    url = f"{group}/transitiveMembers/microsoft.graph.device?$count=true&$select=id&$top=1"
    status, body = asked(cloud, "v1.0", url, **EVENTUAL)
    assert (status, len(body["value"]), body["@odata.count"]) == (200, 1, 2)
    assert asked(cloud, "v1.0", url)[1]["error"]["code"] == "Request_UnsupportedQuery"
    assert asked(cloud, "v1.0", url.replace(".device", ".user"), **EVENTUAL)[1]["value"] == []
    assert len(rows(cloud, f"v1.0{group}/members")) == 2
    assert "members" not in cloud.get(f"v1.0{group}").json()


def test_groups_need_a_right_of_their_own(reading: Reads) -> None:
    cloud = reading()
    assert cloud.get("v1.0/groups").status_code == 403
    assert cloud.get("v1.0/groups/3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90/transitiveMembers").status_code == 403


def test_the_roles_of_an_application_from_either_side(cloud: Cloud) -> None:
    service = cloud.get("v1.0/servicePrincipals(appId='557c67cf-c916-4293-8373-d584996f60ae')").json()
    granted = rows(cloud, f"v1.0/servicePrincipals/{service['id']}/appRoleAssignedTo")
    (principal,) = {row["principalId"] for row in granted}
    assert "appRoleAssignedTo" not in service
    assert rows(cloud, f"v1.0/servicePrincipals/{principal}/appRoleAssignments") == granted
    assert rows(cloud, f"v1.0/servicePrincipals/{principal}/appRoleAssignedTo") == []


def test_the_basic_profile_alone_does_not_show_the_account(reading: Reads) -> None:
    path = "v1.0/users/admin@contoso.com?$select=displayName,accountEnabled"
    assert reading(tenant={"permissions": ("User.ReadBasic.All",)}).get(path).json()["accountEnabled"] is None
    assert reading(tenant={"permissions": ("User.Read.All",)}).get(path).json()["accountEnabled"] is True
