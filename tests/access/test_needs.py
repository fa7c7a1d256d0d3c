"""The least rights for what a scan asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from readiness.access import Access, Needs, RightKind, needs
from readiness.access.needs import giver, least
from readiness.composition import all_checks, readers
from readiness.model.facts import Hierarchy, Organization, SiteAccess
from readiness.model.settings import JudgingSettings, Scope
from readiness.model.words import Half
from readiness.sources.graph.permissions import permission, permissions, source
from readiness.sources.reader import Call, Reader

BOTH = (Half.TENANT, Half.SITE)
DECLARED = [call for reader in readers().values() for call in reader.calls]


def of_all(access: Access) -> Needs:
    return needs(all_checks(), JudgingSettings(Scope(collections=("P0100021",))), readers(), access)


@pytest.mark.parametrize(
    ("alternatives", "expected"),
    [
        ([], ()),
        ([("A.Read.All",)], ("A.Read.All",)),
        ([("A.Read.All", "B.Read.All"), ("B.Read.All",)], ("B.Read.All",)),
        ([("A.Read.All", "B.Read.All"), ("C.Read.All", "B.Read.All")], ("A.Read.All", "C.Read.All")),
        ([("A.Read.All", "B.Read.All"), ("B.Read.All", "C.Read.All")], ("B.Read.All",)),
        ([("Application.Read.All",), ("Directory.Read.All",)], ("Directory.Read.All",)),
    ],
)
def test_one_right_serves_all_calls_that_it_is_enough_for(
    alternatives: list[tuple[str, ...]], expected: tuple[str, ...]
) -> None:
    assert least(alternatives) == expected


@pytest.mark.parametrize("person", [None, True, False])
def test_every_call_has_one_of_the_listed_rights(person: bool | None) -> None:
    found = of_all(Access(BOTH, person))
    for one in found.asked:
        if one.fact.half is Half.TENANT and one.call.rights:
            names = [right.name for right in found.of(Half.TENANT)]
            assert giver(one.call.rights, names)
            assert sum(one in right.asked for right in found.of(Half.TENANT)) == 1
        elif one.call.rights:
            assert any(one in right.asked for right in found.of(Half.SITE) if right.kind is RightKind.ROLE)


def test_no_listed_permission_can_be_left_out() -> None:
    """Least: without any one of them some call would be refused."""
    for person in (True, False):
        found = of_all(Access(BOTH, person))
        names = [right.name for right in found.of(Half.TENANT)]
        for name in names:
            others = [other for other in names if other != name]
            assert not all(
                giver(one.call.rights, others)
                for one in found.asked
                if one.fact.half is Half.TENANT and one.call.rights
            )


def test_every_permission_that_a_reader_declares_is_in_the_table() -> None:
    declared = {right for call in DECLARED if call.name.startswith("Graph ") for right in call.rights}
    assert declared <= permissions().keys()
    assert "2026" in source()


def test_a_wider_permission_is_known_as_such() -> None:
    assert "DeviceManagementConfiguration.ReadWrite.All" in permission("DeviceManagementConfiguration.Read.All").wider
    assert "Directory.Read.All" in permission("Application.Read.All").wider
    assert permission("Organization.Read.All").application is not None
    assert permission("User.Read").application is None
    assert permission("Nobody.Knows.This").wider == ()


def test_no_permission_but_reading_is_ever_declared() -> None:
    for call in DECLARED:
        if call.name.startswith("Graph "):
            assert call.rights
            assert all("Write" not in right for right in call.rights)


def test_winrm_needs_a_group_that_the_administration_service_does_not() -> None:
    over = {winrm: [right.name for right in of_all(Access(BOTH, winrm=winrm)).of(Half.SITE)] for winrm in (True, False)}
    assert "Remote Management Users or Administrators" in over[True]
    assert "Remote Management Users or Administrators" not in over[False]
    assert "SMS Admins" in over[False]


def test_what_only_a_person_can_be_asked_is_not_asked_of_an_application() -> None:
    me = Call("Graph v1.0 /me", ("User.Read",))
    reader: Reader[Any, Any] = replace(readers()[Organization], calls=(me,))
    check = next(check for check in all_checks() if check.id == "tenant-reachable")
    for person, expected in ((True, ["User.Read"]), (None, ["User.Read"]), (False, [])):
        found = needs([check], JudgingSettings(), {Organization: reader}, Access(BOTH, person))
        assert [right.name for right in found.rights] == expected


def test_only_the_halves_that_are_read_need_anything() -> None:
    assert {right.half for right in of_all(Access((Half.SITE,))).rights} == {Half.SITE}
    assert {one.fact.half for one in of_all(Access((Half.TENANT,))).asked} == {Half.TENANT}


def test_a_role_that_may_be_more_than_is_needed_comes_last_and_says_so() -> None:
    roles = [right for right in of_all(Access(BOTH)).of(Half.SITE) if right.kind is RightKind.ROLE]
    assert roles[0].name == "Read-only Analyst, scope All"
    assert {Hierarchy, SiteAccess} <= {one.fact for one in roles[0].asked}
    assert all("--test" in role.remark for role in roles[1:])
