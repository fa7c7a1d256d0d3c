"""Who holds Global Administrator: every way of holding it, and no role that nobody holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    GLOBAL_ADMINISTRATOR,
    Administrator,
    DirectoryRoleHoldings,
    HoldingKind,
    RoleHolding,
)
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from readiness.sources.reader import Finding
from tests.servers.graph import Cloud, Given, error, rows
from tests.sources.graph.conftest import Reading

ADA, BOB, GROUP = "2c7936bc-3517-40f3-8eda-4806637b6516", "0b0b0b0b-0000-4000-8000-000000000002", "ae2fc327-4c71-48ed"
ROLES = "/roleManagement/directory"
OF_ROLE = f"$filter=roleDefinitionId%20eq%20'{GLOBAL_ADMINISTRATOR}'&$expand=principal"
ASSIGNED = f"/v1.0{ROLES}/roleAssignments?{OF_ROLE}"
ACTIVE = f"/v1.0{ROLES}/roleAssignmentScheduleInstances?{OF_ROLE}"
ELIGIBLE = f"/v1.0{ROLES}/roleEligibilityScheduleInstances?{OF_ROLE}"
NO_LICENCE = error(400, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2.")
DENIED = error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
NOBODY = error(404, "Request_ResourceNotFound", "Resource 'x' does not exist.")
ENDS = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
HOLDS = RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ASSIGNED, None, None)


def transitive(id_: str) -> str:
    wanted = f"principalId%20eq%20'{id_}'%20and%20roleDefinitionId%20eq%20'{GLOBAL_ADMINISTRATOR}'"
    return f"/beta{ROLES}/transitiveRoleAssignments?$count=true&$filter={wanted}"


def assignment(principal: str = ADA, kind: str | None = "user", **changed: Any) -> dict[str, Any]:
    """A row of roleAssignments; with what a schedule instance has besides, where it is given."""
    made = {"id": "x", "principalId": principal, "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}
    told = {"principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": principal}} if kind else {}
    return {**made, **told, **changed}


def instance(principal: str = ADA, kind: str | None = "user", **changed: Any) -> dict[str, Any]:
    schedule = {"assignmentType": "Assigned", "memberType": "Direct", "startDateTime": None, "endDateTime": None}
    return assignment(principal, kind, **{**schedule, **changed})


@pytest.fixture
def tenant(cloud: Cloud) -> Cloud:
    """Ada is there and enabled; nobody holds anything."""
    for name in ("admin%40contoso.test", ADA):
        cloud.give(f"/v1.0/users/{name}?$select=id,displayName", Given({"id": ADA, "displayName": "Ada Admin"}))
        cloud.give(f"/v1.0/users/{name}?$select=id,accountEnabled", Given({"id": ADA, "accountEnabled": True}))
    for path in (ASSIGNED, ACTIVE, ELIGIBLE, transitive(ADA)):
        cloud.give(path, rows())
    return cloud


def find(reading: Reading, *names: str, **options: Any) -> Finding[DirectoryRoleHoldings]:
    session = GraphSession(reading.client, "contoso.test", scope=Scope(administrators=names), **options)
    reader = next(reader for reader in READERS if reader.fact is DirectoryRoleHoldings)
    found: Finding[DirectoryRoleHoldings] = reader.read(session.of(reader))
    assert found.value.fits(found.rows)
    return found


def ada(reading: Reading) -> Administrator:
    (person,) = find(reading, "admin@contoso.test").value.administrators
    return person


def holdings(reading: Reading) -> tuple[RoleHolding, ...]:
    return ada(reading).holdings


def test_nobody_named_and_an_application_signed_in_asks_nothing(cloud: Cloud, reading: Reading) -> None:
    found = find(reading).value
    assert found == DirectoryRoleHoldings((), groups=(), groups_read=False, privileged_identity_management=None)
    assert not cloud.requests


@pytest.mark.usefixtures("tenant")
def test_a_person_without_the_role(reading: Reading) -> None:
    found = find(reading, "admin@contoso.test").value
    assert found.administrators == (Administrator("admin@contoso.test", True, ADA, "Ada Admin", enabled=True),)
    assert (found.groups, found.groups_read, found.privileged_identity_management) == ((), True, True)


def test_it_takes_two_rounds(tenant: Cloud, reading: Reading) -> None:
    find(reading, "admin@contoso.test")
    assert list(map(len, tenant.exchanges)) == [5, 1]
    assert tenant.requests[-1].headers["consistencylevel"] == "eventual"


def test_assigned_for_good(tenant: Cloud, reading: Reading) -> None:
    tenant.give(ASSIGNED, rows(assignment()))
    tenant.give(ACTIVE, rows(instance()))
    tenant.give(transitive(ADA), rows(assignment(kind=None)))
    assert holdings(reading) == (HOLDS,)


def test_activated_until_an_end(tenant: Cloud, reading: Reading) -> None:
    tenant.give(ACTIVE, rows(instance(assignmentType="Activated", endDateTime="2026-11-23T12:50:00Z")))
    tenant.give(transitive(ADA), rows(assignment(kind=None)))
    tenant.give(ASSIGNED, rows(assignment()))
    assert holdings(reading) == (RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ACTIVATED, None, ENDS),)


def test_eligible_until_an_end(tenant: Cloud, reading: Reading) -> None:
    row = instance(endDateTime="2026-11-23T12:50:00Z")
    del row["assignmentType"]
    tenant.give(ELIGIBLE, rows(row))
    assert holdings(reading) == (RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ELIGIBLE, None, ENDS),)


def test_by_a_group_that_the_directory_names(tenant: Cloud, reading: Reading) -> None:
    """The hit is the group's; so is the end."""
    tenant.give(ASSIGNED, rows(assignment(GROUP, "group")))
    tenant.give(ACTIVE, rows(instance(GROUP, "group", endDateTime="2026-11-23T12:50:00Z")))
    tenant.give(transitive(ADA), rows(assignment(GROUP, None)))
    found = find(reading, "admin@contoso.test").value
    expected = RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ASSIGNED, GROUP, ENDS)
    assert found.administrators[0].holdings == (expected,)
    assert found.groups == (GROUP,)


def test_by_a_group_as_the_schedule_tells_it(tenant: Cloud, reading: Reading) -> None:
    """The row is the person's and says that a group is behind it: the end is the one that counts."""
    tenant.give(ASSIGNED, rows(assignment(GROUP, "group")))
    tenant.give(ACTIVE, rows(instance(memberType="Group", endDateTime="2026-11-23T12:50:00Z")))
    tenant.give(transitive(ADA), rows(assignment(GROUP, None)))
    assert holdings(reading) == (RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ASSIGNED, GROUP, ENDS),)


def test_by_a_group_that_nobody_names(tenant: Cloud, reading: Reading) -> None:
    tenant.give(ACTIVE, rows(instance(memberType="Group")))
    tenant.give(ELIGIBLE, rows(instance(memberType="Group")))
    assert [(one.kind, one.group_id) for one in holdings(reading)] == [
        (HoldingKind.ASSIGNED, ""),
        (HoldingKind.ELIGIBLE, ""),
    ]


def test_without_the_schedule_no_end_is_known(tenant: Cloud, reading: Reading) -> None:
    for path in (ACTIVE, ELIGIBLE):
        tenant.give(path, NO_LICENCE)
    tenant.give(ASSIGNED, rows(assignment(), assignment(GROUP, "group")))
    tenant.give(transitive(ADA), rows(assignment(kind=None), assignment(GROUP, None)))
    found = find(reading, "admin@contoso.test").value
    by_group = RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ASSIGNED, GROUP, None)
    assert found.administrators[0].holdings == (HOLDS, by_group)
    assert found.privileged_identity_management is False


@pytest.mark.parametrize("path", [ACTIVE, ELIGIBLE])
@pytest.mark.parametrize("refusal", [DENIED, NO_LICENCE, error(404, "Request_ResourceNotFound")])
def test_a_schedule_that_cannot_be_read_leaves_it_open(
    path: str, refusal: Given, tenant: Cloud, reading: Reading
) -> None:
    """One list refused says nothing of the other one."""
    tenant.give(path, refusal)
    assert find(reading, "admin@contoso.test").value.privileged_identity_management is None


@pytest.mark.parametrize("refusal", [DENIED, error(404, "Request_ResourceNotFound"), error(400, "BadRequest", "x")])
def test_groups_that_cannot_be_read_leave_the_direct_assignments(
    refusal: Given, tenant: Cloud, reading: Reading
) -> None:
    tenant.give(ASSIGNED, rows(assignment(), assignment(GROUP, "group")))
    tenant.give(transitive(ADA), refusal)
    if refusal.status == 400:
        with pytest.raises(SourceError):
            find(reading, "admin@contoso.test")
        return
    found = find(reading, "admin@contoso.test").value
    assert (found.administrators[0].holdings, found.groups_read, found.groups) == ((HOLDS,), False, (GROUP,))


def test_a_scope_that_is_not_the_tenant_stays(tenant: Cloud, reading: Reading) -> None:
    scope = "/administrativeUnits/1"
    tenant.give(ACTIVE, rows(instance(directoryScopeId=scope)))
    tenant.give(transitive(ADA), rows(assignment(kind=None), assignment(kind=None, directoryScopeId=scope)))
    tenant.give(ASSIGNED, rows(assignment(), assignment(directoryScopeId=scope)))
    assert sorted(one.scope for one in holdings(reading)) == ["/", scope]


def test_a_kind_that_nobody_knows_keeps_its_word(tenant: Cloud, reading: Reading) -> None:
    tenant.give(ACTIVE, rows(instance(assignmentType="Borrowed")))
    (holding,) = holdings(reading)
    assert (holding.kind.value, holding.kind.known) == ("Borrowed", False)


def test_a_filter_that_is_not_minded_gives_nobody_a_role(tenant: Cloud, reading: Reading) -> None:
    """Rows of another role, and of other persons."""
    other = {"roleDefinitionId": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"}
    tenant.give(ASSIGNED, rows(assignment(**other), assignment(BOB)))
    tenant.give(ACTIVE, rows(instance(**other), instance(BOB)))
    tenant.give(ELIGIBLE, rows(instance(**other), instance(BOB)))
    tenant.give(transitive(ADA), rows(assignment(kind=None, **other)))
    found = find(reading, "admin@contoso.test").value
    assert (found.administrators[0].holdings, found.groups) == ((), ())


def test_somebody_elses_role_is_no_answer(tenant: Cloud, reading: Reading) -> None:
    """The index answers with Bob's assignment, and Bob is no group that Ada could be a member of."""
    tenant.give(ASSIGNED, rows(assignment(BOB)))
    tenant.give(transitive(ADA), rows(assignment(BOB, None)))
    with pytest.raises(SourceError, match="somebody else") as caught:
        find(reading, "admin@contoso.test")
    assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("principal", [{}, {"principal": None}, {"principal": {"id": BOB}}])
def test_a_holder_of_unknown_kind_may_be_a_group(principal: Any, tenant: Cloud, reading: Reading) -> None:
    tenant.give(ELIGIBLE, rows({**instance(BOB, None), **principal}))
    assert find(reading, "admin@contoso.test").value.groups == (BOB,)


def test_who_is_not_there_is_not_found(tenant: Cloud, reading: Reading) -> None:
    """By Graph's word, or because there can be nobody of this name; the others are read all the same."""
    for properties in ("id,displayName", "id,accountEnabled"):
        tenant.give(f"/v1.0/users/ghost%40contoso.test?$select={properties}", NOBODY)
    names = ("ghost@contoso.test", "../../me", "$count", "a\\b", "%2e%2e", "Admin@Contoso.test", "admin@contoso.test")
    found = find(reading, *names).value.administrators
    assert [person.found for person in found] == [False] * 5 + [True]
    asked = {path for exchange in tenant.exchanges for path in exchange}
    assert not any("%2F" in path or "$count?" in path or "\\" in path for path in asked)


def test_a_guest_is_asked_for_by_the_whole_name(tenant: Cloud, reading: Reading) -> None:
    name = "kim_fabrikam.test%23EXT%23%40contoso.test"
    for properties in ("id,displayName", "id,accountEnabled"):
        path = f"/v1.0/users/{name}?$select={properties}"
        tenant.give(path, Given({"id": ADA, "displayName": "Kim", "accountEnabled": True}))
    (person,) = find(reading, "kim_fabrikam.test#EXT#@contoso.test").value.administrators
    assert (person.found, person.name) == (True, "Kim")


def test_an_account_that_is_disabled(tenant: Cloud, reading: Reading) -> None:
    tenant.give(
        "/v1.0/users/admin%40contoso.test?$select=id,accountEnabled", Given({"id": ADA, "accountEnabled": False})
    )
    assert ada(reading).enabled is False


@pytest.mark.parametrize("given", [{}, {"id": "somebody-else", "accountEnabled": True}, {"error": {"code": "no"}}])
def test_the_account_of_somebody_else_is_not_taken_for_the_person_s(
    given: dict[str, Any], tenant: Cloud, reading: Reading
) -> None:
    tenant.give("/v1.0/users/admin%40contoso.test?$select=id,accountEnabled", Given(given))
    with pytest.raises(SourceError) as caught:
        ada(reading)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_an_id_that_is_longer_than_any_is_not_asked_for(tenant: Cloud, reading: Reading) -> None:
    for properties in ("id,displayName", "id,accountEnabled"):
        path = f"/v1.0/users/admin%40contoso.test?$select={properties}"
        tenant.give(path, Given({"id": "x" * 5000, "displayName": "Ada", "accountEnabled": True}))
    with pytest.raises(SourceError, match="principalId"):
        ada(reading)
    assert not any(len(path) > 1000 for exchange in tenant.exchanges for path in exchange)


@pytest.mark.parametrize("given", [Given({"id": ADA, "accountEnabled": None}), Given({"id": ADA}), DENIED])
def test_basic_rights_leave_open_whether_the_account_is_enabled(given: Given, tenant: Cloud, reading: Reading) -> None:
    tenant.give("/v1.0/users/admin%40contoso.test?$select=id,accountEnabled", given)
    assert (ada(reading).enabled, ada(reading).name) == (None, "Ada Admin")


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/v1.0/users/admin%40contoso.test?$select=id,displayName", "User.ReadBasic.All"),
        (ASSIGNED, "RoleManagement.Read.Directory"),
    ],
)
def test_what_the_reading_cannot_do_without_is_named(path: str, missing: str, tenant: Cloud, reading: Reading) -> None:
    tenant.give(path, DENIED)
    with pytest.raises(SourceError) as caught:
        find(reading, "admin@contoso.test")
    assert (caught.value.reason, caught.value.missing) == (Reason.MISSING_PERMISSION, (missing,))


@pytest.mark.parametrize("path", [ACTIVE, ELIGIBLE, transitive(ADA)])
def test_a_server_that_fails_is_not_a_right_that_is_missing(path: str, tenant: Cloud, reading: Reading) -> None:
    tenant.give(path, error(500, "InternalServerError", "x"))
    with pytest.raises(SourceError) as caught:
        find(reading, "admin@contoso.test")
    assert caught.value.reason is Reason.BAD_ANSWER


WRONG: dict[str, tuple[Any, ...]] = {
    "principalId": (..., None, 7),
    "roleDefinitionId": (..., None, 7),
    "directoryScopeId": (7, ["/"]),
    "assignmentType": (..., None, 1),
    "memberType": (..., None, False),
    "endDateTime": (..., "tomorrow", 0, "2026-11-23"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_kind_is_no_answer(name: str, tenant: Cloud, reading: Reading) -> None:
    """An end that is missing is not 'no end'."""
    for value in WRONG[name]:
        row = {key: said for key, said in {**instance(), name: value}.items() if said is not ...}
        tenant.give(ACTIVE, rows(row))
        with pytest.raises(SourceError, match=f"no usable value in {name}"):
            find(reading, "admin@contoso.test")


def test_the_person_who_signed_in_is_the_one_where_none_is_named(tenant: Cloud, reading: Reading) -> None:
    for properties in ("id,displayName", "id,accountEnabled"):
        answer = Given({"id": ADA, "displayName": "Ada Admin", "accountEnabled": True})
        tenant.give(f"/v1.0/me?$select={properties}", answer)
    found = find(reading, delegated=True, signed_in="ada@home.test").value
    assert [(person.asked, person.name) for person in found.administrators] == [("ada@home.test", "Ada Admin")]
    named = find(reading, "admin@contoso.test", delegated=True, signed_in="ada@home.test").value
    assert [person.asked for person in named.administrators] == ["admin@contoso.test"]


def test_pages_and_pauses_change_nothing(tenant: Cloud, reading: Reading) -> None:
    """A member of a batch is put off, another one has two pages."""
    busy = error(429, "TooManyRequests", headers={"Retry-After": "7"})
    tenant.give(ACTIVE, busy, rows(instance()))
    link = f"{tenant.origin}/v1.0{ROLES}/roleAssignments?$skiptoken=2"
    tenant.give(ASSIGNED, rows(assignment(BOB), link=link))
    tenant.give(f"/v1.0{ROLES}/roleAssignments?$skiptoken=2", rows(assignment(GROUP, "group")))
    found = find(reading, "admin@contoso.test").value
    assert (found.administrators[0].holdings, found.groups) == ((HOLDS,), (GROUP,))
    assert reading.deadline.waits == [7.0]
