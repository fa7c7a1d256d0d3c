"""Who may write policy: roles of Intune and of the directory, and who is in the groups that hold them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    ENDPOINT_SECURITY_MANAGER,
    GLOBAL_ADMINISTRATOR,
    INTUNE_ADMINISTRATOR,
    HoldingKind,
    PolicyRoleGroup,
    PolicyRoles,
    PrincipalKind,
)
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import Cloud, error, rows
from tests.sources.graph.conftest import Reading

ADA, GROUP = "2c7936bc-3517-40f3-8eda-4806637b6516", "a0a0a0a0-0000-4000-8000-000000000001"
INTUNE = "/beta/roleManagement/deviceManagement"
ASSIGNMENTS, DEFINITIONS = f"{INTUNE}/roleAssignments", f"{INTUNE}/roleDefinitions?$select=id,displayName,isBuiltIn"
MEMBERS = f"/v1.0/groups/{GROUP}/transitiveMembers/microsoft.graph.user?$count=true&$select=id"
LISTS = ("roleAssignments", "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances")
DENIED = error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
NO_LICENCE = error(400, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2.")
ENDS = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
MANAGER = {"id": ENDPOINT_SECURITY_MANAGER, "displayName": "Endpoint Security Manager", "isBuiltIn": True}
ASSIGNED = {"id": "1", "roleDefinitionId": ENDPOINT_SECURITY_MANAGER.upper(), "principalIds": [GROUP]}


def listed(role: str, name: str) -> str:
    return f"/v1.0/roleManagement/directory/{name}?$filter=roleDefinitionId%20eq%20'{role}'&$expand=principal"


def row(kind: str = "user", role: str = INTUNE_ADMINISTRATOR, **changed: Any) -> dict[str, Any]:
    principal = {"@odata.type": f"#microsoft.graph.{kind}", "id": ADA, "displayName": "Ada", "accountEnabled": True}
    made = {"id": "x", "principalId": ADA, "roleDefinitionId": role, "directoryScopeId": "/", "principal": principal}
    return {**made, **changed}


@pytest.fixture
def session(reading: Reading) -> GraphSession:
    return GraphSession(reading.client, "contoso.test")


@pytest.fixture
def tenant(cloud: Cloud) -> Cloud:
    """Nobody holds anything; a group is assigned Intune's role, and Ada is in it."""
    for role in (GLOBAL_ADMINISTRATOR, INTUNE_ADMINISTRATOR):
        for name in LISTS:
            cloud.give(listed(role, name), rows())
    cloud.give(ASSIGNMENTS, rows(ASSIGNED))
    cloud.give(DEFINITIONS, rows(MANAGER))
    cloud.give(MEMBERS, rows({"id": ADA}))
    return cloud


def read(session: GraphSession) -> PolicyRoles:
    reader = next(reader for reader in READERS if reader.fact is PolicyRoles)
    found = reader.read(session.of(reader))
    value: PolicyRoles = found.value
    assert found.rows == len(value.grants)
    return value


@pytest.mark.usefixtures("tenant")
def test_a_group_with_a_role_of_intune_is_read_with_its_members(session: GraphSession) -> None:
    found = read(session)
    (grant,) = found.grants
    assert (grant.role_id, grant.role_name, grant.custom) == (
        ENDPOINT_SECURITY_MANAGER,
        "Endpoint Security Manager",
        False,
    )
    assert (grant.principal_id, grant.principal, grant.scope) == (GROUP, PrincipalKind.GROUP, "")
    assert found.groups == (PolicyRoleGroup(GROUP, (ADA,)),)
    assert found.privileged_identity_management is True


def test_without_definitions_nothing_is_said_of_a_role(tenant: Cloud, session: GraphSession) -> None:
    tenant.give(DEFINITIONS, DENIED)
    (grant,) = read(session).grants
    assert (grant.role_name, grant.custom) == ("", None)


def test_members_that_may_not_be_read_are_not_none(tenant: Cloud, session: GraphSession) -> None:
    tenant.give(MEMBERS, DENIED)
    found = read(session)
    assert found.groups == (PolicyRoleGroup(GROUP, None),)
    assert found.grants[0].principal is PrincipalKind.UNTOLD


def test_what_is_no_group_stays_untold(tenant: Cloud, session: GraphSession) -> None:
    tenant.give(MEMBERS, error(404, "Request_ResourceNotFound", "Resource does not exist."))
    found = read(session)
    assert (found.groups, found.grants[0].principal) == ((), PrincipalKind.UNTOLD)


def test_the_schedule_tells_kind_and_end_once_for_each_holder(tenant: Cloud, session: GraphSession) -> None:
    tenant.give(ASSIGNMENTS, rows())
    tenant.give(listed(INTUNE_ADMINISTRATOR, LISTS[0]), rows(row(), row(role=GLOBAL_ADMINISTRATOR)))
    active = row(assignmentType="Activated", endDateTime="2026-11-23T12:50:00Z")
    tenant.give(listed(INTUNE_ADMINISTRATOR, LISTS[1]), rows(active))
    tenant.give(listed(GLOBAL_ADMINISTRATOR, LISTS[2]), rows(row(role=GLOBAL_ADMINISTRATOR, endDateTime=None)))
    eligible, activated = read(session).grants
    assert (activated.role_id, activated.kind, activated.ends) == (INTUNE_ADMINISTRATOR, HoldingKind.ACTIVATED, ENDS)
    assert (activated.principal, activated.principal_name, activated.enabled) == (PrincipalKind.USER, "Ada", True)
    assert (eligible.role_id, eligible.kind, eligible.ends) == (GLOBAL_ADMINISTRATOR, HoldingKind.ELIGIBLE, None)


@pytest.mark.parametrize(("answer", "managed"), [(NO_LICENCE, False), (DENIED, None)])
def test_whether_roles_are_activated_at_all_is_told(
    answer: Any, managed: bool | None, tenant: Cloud, session: GraphSession
) -> None:
    for role in (GLOBAL_ADMINISTRATOR, INTUNE_ADMINISTRATOR):
        for name in LISTS[1:]:
            tenant.give(listed(role, name), answer)
    tenant.give(listed(INTUNE_ADMINISTRATOR, LISTS[0]), rows(row("servicePrincipal")))
    found = read(session)
    assert found.privileged_identity_management is managed
    assert (found.grants[-1].kind, found.grants[-1].principal) == (HoldingKind.ASSIGNED, PrincipalKind.APPLICATION)


def test_the_permission_that_is_missing_is_named(tenant: Cloud, session: GraphSession) -> None:
    tenant.give(ASSIGNMENTS, DENIED)
    with pytest.raises(SourceError) as caught:
        read(session)
    assert (caught.value.reason, caught.value.missing) == (
        Reason.MISSING_PERMISSION,
        ("DeviceManagementRBAC.Read.All",),
    )


def test_an_assignment_without_its_principals_is_no_answer(tenant: Cloud, session: GraphSession) -> None:
    """The example of the page writes `principalIds[]`: where an answer did, it must not read as nobody."""
    tenant.give(ASSIGNMENTS, rows({"id": "1", "roleDefinitionId": "x", "principalIds[]": [GROUP]}))
    with pytest.raises(SourceError) as caught:
        read(session)
    assert caught.value.reason is Reason.BAD_ANSWER
