"""policy-author: somebody holds a role of Intune, or of the directory, by which EDR policy can be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from checks.rights.policy_author import judge
from readiness.model.settings import Change
from readiness.plugin import (
    ENDPOINT_SECURITY_MANAGER,
    GLOBAL_ADMINISTRATOR,
    INTUNE_ADMINISTRATOR,
    Administrator,
    Basis,
    Context,
    DirectoryRoleHoldings,
    HoldingKind,
    JudgingSettings,
    Outcome,
    PolicyRoleGrant,
    PolicyRoleGroup,
    PolicyRoles,
    PrincipalKind,
    Reason,
    RoleHolding,
    Scope,
    Verdict,
)
from tests.checks.builders import NOW, reading, unread
from tests.conftest import Estate, Program

Serve = Callable[..., Estate]
ADA, BOB = "ada@contoso.com", "bob@contoso.com"
GROUP = "a0a0a0a0-0000-4000-8000-000000000001"
CUSTOM, READER = "11111111-2222-4333-8444-555555555555", "fa1d7878-e8cb-41a1-8254-0142355c9f84"
WINDOW_END = NOW + timedelta(days=8)


def grant(role: str = ENDPOINT_SECURITY_MANAGER, holder: str = GROUP, **changed: Any) -> PolicyRoleGrant:
    directory = role in (GLOBAL_ADMINISTRATOR, INTUNE_ADMINISTRATOR)
    made = PolicyRoleGrant(
        role_id=role,
        role_name="",
        custom=False,
        principal_id=holder,
        principal=PrincipalKind.USER if directory else PrincipalKind.GROUP,
        principal_name="",
        enabled=None,
        scope="/" if directory else "",
        kind=HoldingKind.ASSIGNED,
        ends=None,
    )
    return replace(made, **changed)


def group(*members: str, id_: str = GROUP) -> PolicyRoleGroup:
    return PolicyRoleGroup(id_, members)


def person(*holdings: RoleHolding, asked: str = ADA, enabled: bool | None = True, found: bool = True) -> Administrator:
    return Administrator(asked, found, f"id of {asked}", asked.partition("@")[0], enabled, holdings)


OTHERS = (grant(GLOBAL_ADMINISTRATOR, "somebody else"), grant(READER, "another group", role_name="Read Only Operator"))
"""What proves that both kinds of assignments are visible."""


def judged(
    *grants: PolicyRoleGrant,
    groups: tuple[PolicyRoleGroup, ...] = (),
    people: tuple[Administrator, ...] = (person(),),
    named: tuple[str, ...] = (ADA,),
    managed: bool | None = False,
    window_end: datetime | None = None,
    **changed: Any,
) -> Verdict:
    readings: dict[str, Any] = {
        "roles": reading(PolicyRoles(grants, groups, managed)),
        "holdings": reading(DirectoryRoleHoldings(people, (), groups_read=True, privileged_identity_management=None)),
        **changed,
    }
    settings = JudgingSettings(Scope(administrators=named), change=Change(window_end=window_end))
    return judge(**readings, context=Context(NOW, settings))


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize("member", [f"id of {ADA}", f"ID OF {ADA.upper()}"])
def test_a_person_in_a_group_with_the_role_of_intune_passes(member: str) -> None:
    verdict = judged(grant(), groups=(group("x", member),))
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert verdict.summary == f"{ADA}: holds Endpoint Security Manager (assigned, by group {GROUP})"


@pytest.mark.parametrize("role", [INTUNE_ADMINISTRATOR, GLOBAL_ADMINISTRATOR])
def test_a_directory_role_for_the_whole_tenant_passes(role: str) -> None:
    assert judged(grant(role, f"id of {ADA}")).outcome is Outcome.PASS
    part = judged(*OTHERS, grant(role, f"id of {ADA}", scope="/administrativeUnits/1"))
    assert part.outcome is Outcome.FAIL


def test_global_administrator_as_it_is_read_of_the_person_passes_until_it_ends() -> None:
    held = RoleHolding(GLOBAL_ADMINISTRATOR, "/", HoldingKind.ACTIVATED, None, NOW + timedelta(hours=8))
    verdict = judged(people=(person(held),))
    assert (verdict.outcome, verdict.until) == (Outcome.PASS, held.ends)
    assert "activated, until 2026-11-23 16:00 UTC" in verdict.summary
    lost = judged(people=(person(held),), roles=unread(PolicyRoles, Reason.MISSING_PERMISSION))
    assert why(lost) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)


@pytest.mark.parametrize("named", [(ADA,), ()])
def test_what_could_not_be_read_is_unknown(named: tuple[str, ...]) -> None:
    lost = judged(
        named=named, people=(person(),) if named else (), roles=unread(PolicyRoles, Reason.MISSING_PERMISSION)
    )
    assert why(lost) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)


@pytest.mark.parametrize("named", [(ADA,), ()])
def test_persons_who_could_not_be_read_are_unknown(named: tuple[str, ...]) -> None:
    verdict = judged(
        grant(), groups=(group("x"),), named=named, holdings=unread(DirectoryRoleHoldings, Reason.TIMED_OUT)
    )
    assert why(verdict) == (Outcome.UNKNOWN, Reason.TIMED_OUT)


def test_a_role_that_must_be_activated_is_advisory_and_says_so() -> None:
    verdict = judged(grant(INTUNE_ADMINISTRATOR, f"id of {ADA}", kind=HoldingKind.ELIGIBLE), managed=True)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert "is eligible for Intune Administrator, and has not activated it" in verdict.summary
    assert verdict.remediation is not None
    assert [step.id for step in verdict.remediation.steps] == ["activate-policy-author"]


@pytest.mark.parametrize(("custom", "name"), [(True, "EDR writers"), (None, "")])
def test_a_role_whose_rights_are_not_told_is_for_a_person(custom: bool | None, name: str) -> None:
    held = grant(CUSTOM, role_name=name, custom=custom)
    verdict = judged(held, groups=(group(f"id of {ADA}"),))
    assert verdict.outcome is Outcome.MANUAL
    assert (name or CUSTOM) in verdict.summary
    assert "Endpoint detection and response" in verdict.summary


def test_another_built_in_role_is_none() -> None:
    reader = grant(READER, role_name="Read Only Operator")
    verdict = judged(*OTHERS, reader, groups=(group(f"id of {ADA}"),))
    assert verdict.outcome is Outcome.FAIL
    assert "(assigned: Global Administrator, Read Only Operator)" in verdict.summary


def test_nobody_fails_only_where_assignments_are_visible() -> None:
    assert judged(*OTHERS).outcome is Outcome.FAIL
    for grants in ((), OTHERS[:1], OTHERS[1:]):
        assert why(judged(*grants)) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_a_group_whose_members_could_not_be_read_is_for_a_person() -> None:
    hidden = PolicyRoleGroup(GROUP, None)
    assert judged(*OTHERS, grant(), groups=(hidden,)).outcome is Outcome.MANUAL
    assert judged(*OTHERS, grant(READER), groups=(hidden,)).outcome is Outcome.FAIL


def test_what_privileged_identity_management_hides_is_for_a_person() -> None:
    assert judged(*OTHERS, managed=None).outcome is Outcome.MANUAL
    assert judged(*OTHERS, grant(), groups=(group("x"),), managed=True).outcome is Outcome.MANUAL
    assert judged(*OTHERS, managed=True).outcome is Outcome.FAIL
    assert judged(*OTHERS, grant(), groups=(group("x"),), managed=False).outcome is Outcome.FAIL


def test_a_role_that_ends_before_the_change_window_does_fails() -> None:
    held = grant(INTUNE_ADMINISTRATOR, f"id of {ADA}", ends=NOW + timedelta(days=1))
    verdict = judged(held, window_end=WINDOW_END)
    assert verdict.outcome is Outcome.FAIL
    assert "until 2026-11-24 08:00 UTC, before the change window ends" in verdict.summary
    assert judged(held).outcome is Outcome.PASS
    over = replace(held, ends=NOW - timedelta(minutes=1))
    assert judged(*OTHERS, over).outcome is Outcome.FAIL


def test_a_way_of_holding_that_no_table_knows_is_unknown() -> None:
    held = grant(INTUNE_ADMINISTRATOR, f"id of {ADA}", kind=HoldingKind("Lent"))
    verdict = judged(held)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert "'Lent'" in verdict.summary


@pytest.mark.parametrize(
    ("who", "outcome", "reason"),
    [
        (person(enabled=False), Outcome.FAIL, None),
        (person(enabled=None), Outcome.UNKNOWN, Reason.NOT_VISIBLE),
        (person(found=False), Outcome.UNKNOWN, Reason.NOT_VISIBLE),
        (person(asked=BOB), Outcome.UNKNOWN, Reason.NOT_VISIBLE),
    ],
)
def test_an_account_that_cannot_sign_in_or_is_not_known_does_not_pass(
    who: Administrator, outcome: Outcome, reason: Reason | None
) -> None:
    assert why(judged(grant(), groups=(group(f"id of {ADA}"),), people=(who,))) == (outcome, reason)


def test_one_of_several_is_enough() -> None:
    both = judged(
        *OTHERS, grant(), groups=(group(f"id of {BOB}"),), people=(person(), person(asked=BOB)), named=(ADA, BOB)
    )
    assert (both.outcome, both.any_of) == (Outcome.PASS, True)
    assert [subject.outcome for subject in both.subjects] == [Outcome.FAIL, Outcome.PASS]
    neither = judged(*OTHERS, people=(person(), person(asked=BOB)), named=(ADA, BOB, ADA.upper()))
    assert "(the other 1 named no nearer)" in neither.summary
    assert len(neither.subjects) == 2


class TestNobodyNamed:
    """Anybody in the tenant will do."""

    def test_a_person_or_a_group_with_somebody_in_it_passes(self) -> None:
        ada = grant(INTUNE_ADMINISTRATOR, "1", principal_name="Ada")
        assert judged(ada, people=(), named=()).summary == "Ada holds Intune Administrator (assigned)"
        by_group = judged(grant(), groups=(group("x"),), people=(), named=())
        assert by_group.outcome is Outcome.PASS
        assert GROUP in by_group.summary

    def test_who_signed_in_is_the_person(self) -> None:
        assert judged(grant(), groups=(group(f"id of {ADA}"),), named=()).summary.startswith(f"{ADA}: holds")

    @pytest.mark.parametrize(
        "held",
        [
            grant(INTUNE_ADMINISTRATOR, "1", enabled=False),
            grant(INTUNE_ADMINISTRATOR, "1", principal=PrincipalKind.APPLICATION),
            grant(),
        ],
    )
    def test_a_disabled_account_an_application_and_an_empty_group_are_nobody(self, held: PolicyRoleGrant) -> None:
        seen = (grant(GLOBAL_ADMINISTRATOR, "gone", enabled=False), grant(READER, "none"))
        verdict = judged(*seen, held, groups=(group(), group(id_="none")), people=(), named=())
        assert verdict.outcome is Outcome.FAIL

    def test_an_eligible_person_is_advisory_and_a_hidden_holder_for_a_person(self) -> None:
        eligible = grant(INTUNE_ADMINISTRATOR, "1", kind=HoldingKind.ELIGIBLE)
        assert "is eligible for" in judged(eligible, people=(), named=()).summary
        untold = grant(principal=PrincipalKind.UNTOLD)
        assert judged(untold, people=(), named=()).outcome is Outcome.MANUAL
        assert judged(grant(), groups=(PolicyRoleGroup(GROUP, None),), people=(), named=()).outcome is Outcome.MANUAL

    def test_nothing_visible_is_unknown(self) -> None:
        assert why(judged(people=(), named=())) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


NOBODY = """
base = "ready"
title = "The administrator holds no directory role; somebody else does."
[tenant]
permissions = [
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementServiceConfig.Read.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementRBAC.Read.All",
    "Application.Read.All",
    "RoleManagement.Read.Directory",
    "LicenseAssignment.Read.All",
    "User.ReadBasic.All",
    "GroupMember.Read.All",
]
[change.graph.v1."roleManagement/directory/roleAssignments"."lAPpYvVpN0KRkAEhdxReEAWz5Gtet_xOv8wxvTtTpfg-1"]
principalId = "0b0b0b0b-0000-4000-8000-000000000002"
[change.graph.v1."roleManagement/directory/roleAssignmentScheduleInstances"."lAPpYvVpN0KRkAEhdxReEAWz5Gtet_xOv8wxvTtTpfg-1"]
principalId = "0b0b0b0b-0000-4000-8000-000000000002"
"""
GIVEN = """
[[graph.beta."roleManagement/deviceManagement/roleDefinitions"]]
id = "11111111-2222-4333-8444-555555555555"
displayName = "EDR writers"
isBuiltIn = false
[[graph.beta."roleManagement/deviceManagement/roleAssignments"]]
id = "1257e69a-b38e-4b89-864f-0b1662fc8202"
displayName = "Endpoint security"
roleDefinitionId = "{role}"
principalIds = ["3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"]
[change.graph.v1.groups.3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90]
members = [{{ "@odata.type" = "#microsoft.graph.user", id = "{member}" }}]
"""
OURS, ANOTHER = "2c7936bc-3517-40f3-8eda-4806637b6516", "0b0b0b0b-0000-4000-8000-000000000002"
NO_PREMIUM = NOBODY.replace("[tenant]\n", "[tenant]\nprivileged_identity_management = false\n")
NO_MEMBERS = NOBODY.replace('    "GroupMember.Read.All",\n', "")
NO_RBAC = NOBODY.replace('    "DeviceManagementRBAC.Read.All",\n', "")
UNNAMED = NO_RBAC.replace("[tenant]\n", "[scope]\nadministrators = []\n[tenant]\n")
ELIGIBLE = """
[[graph.v1."roleManagement/directory/roleEligibilityScheduleInstances"]]
id = "e1"
principalId = "2c7936bc-3517-40f3-8eda-4806637b6516"
roleDefinitionId = "3a2c62db-5318-420d-8d74-23affee5d9d5"
directoryScopeId = "/"
startDateTime = "now-300d"
endDateTime = "now+65d"
memberType = "Direct"
"""


def given(role: str = ENDPOINT_SECURITY_MANAGER, member: str = OURS) -> str:
    return GIVEN.format(role=role, member=member)


@pytest.mark.parametrize(
    ("toml", "outcome", "says"),
    [
        ('base = "ready"\n', "pass", "holds Global Administrator (assigned)"),
        (NOBODY + given(), "pass", "holds Endpoint Security Manager (assigned, by group 3c2a1b0f"),
        (NOBODY + given(CUSTOM), "manual", "holds EDR writers in Intune"),
        (NOBODY + given(member=ANOTHER), "manual", "Privileged Identity Management for groups"),
        (NO_PREMIUM + given(member=ANOTHER), "fail", "holds none of the roles"),
        (NO_MEMBERS + given(), "manual", "who is in 3c2a1b0f"),
        (NOBODY + ELIGIBLE, "fail", "is eligible for Intune Administrator"),
        (NOBODY, "unknown", "is visible at all"),
        (NO_RBAC, "unknown", "DeviceManagementRBAC.Read.All"),
        (UNNAMED, "unknown", "DeviceManagementRBAC.Read.All"),
        ('base = "ready"\n[scope]\nadministrators = []\n', "pass", "Ada Admin holds Global Administrator (assigned)"),
    ],
)
def test_a_scan_tells_who_can_write_policy(toml: str, outcome: str, says: str, program: Program, estate: Serve) -> None:
    served = estate(toml=toml if "title" in toml else f'title = "A tenant."\n{toml}')
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "policy-author")
    assert (found["outcome"], found["level"]) == (outcome, "advisory")
    assert says in found["summary"]
