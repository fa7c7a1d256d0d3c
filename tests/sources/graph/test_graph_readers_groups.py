"""The groups of the roll-out: there or not, and holding devices or not."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import TargetGroup, TargetGroups
from readiness.model.settings import Scope
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import Cloud, Given, error, rows
from tests.sources.graph.conftest import Reading

ID = "3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"
GROUP = {"id": ID, "displayName": "Servers"}
DENIED = error(403, "Authorization_RequestDenied", "Insufficient privileges.")


def named(name: str) -> str:
    return f"/v1.0/groups?$filter=displayName%20eq%20'{name}'&$select=id,displayName"


def members(id_: str = ID) -> str:
    return f"/v1.0/groups/{id_}/transitiveMembers/microsoft.graph.device?$count=true&$select=id&$top=1"


def find(reading: Reading, *names: str) -> tuple[TargetGroup, ...]:
    reader = next(reader for reader in READERS if reader.fact is TargetGroups)
    session = GraphSession(reading.client, "contoso.test", scope=Scope(groups=names))
    found = reader.read(session.of(reader))
    assert found.value.fits(found.rows)
    groups: tuple[TargetGroup, ...] = found.value.groups
    return groups


def test_no_group_named_asks_nothing(cloud: Cloud, reading: Reading) -> None:
    assert find(reading) == ()
    assert not cloud.requests


def test_groups_by_name_and_by_id(cloud: Cloud, reading: Reading) -> None:
    """Two rounds, however many groups; the members are those of the directory's index, and one is enough."""
    cloud.give(named("Servers"), rows(GROUP))
    cloud.give(f"/v1.0/groups/{ID}?$select=id,displayName", Given(GROUP))
    link = f"{cloud.origin}{members()}&$skiptoken=2"
    cloud.give(members(), rows({"id": "1"}, link=link))
    assert find(reading, "Servers", ID) == (
        TargetGroup("Servers", found=True, id=ID, name="Servers", holds_devices=True),
        TargetGroup(ID, found=True, id=ID, name="Servers", holds_devices=True),
    )
    assert list(map(len, cloud.exchanges)) == [2, 1]
    assert cloud.requests[-1].headers["consistencylevel"] == "eventual"


def test_a_group_without_devices(cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows(GROUP))
    cloud.give(members(), rows())
    assert [group.holds_devices for group in find(reading, "Servers")] == [False]


def test_members_that_cannot_be_read_leave_it_open(cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows(GROUP))
    cloud.give(members(), DENIED)
    assert [group.holds_devices for group in find(reading, "Servers")] == [None]
    cloud.give(members(), error(500, "InternalServerError"))
    with pytest.raises(SourceError):
        find(reading, "Servers")


@pytest.mark.parametrize("name", ["Servers", ID])
def test_a_group_that_is_not_there(name: str, cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows())
    cloud.give(f"/v1.0/groups/{ID}?$select=id,displayName", error(404, "Request_ResourceNotFound", "no"))
    assert find(reading, name) == (TargetGroup(name, found=False),)


def test_a_name_that_several_groups_have_stands_for_each(cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows(GROUP, {"id": "2", "displayName": "servers"}))
    cloud.give(members(), rows({"id": "1"}))
    cloud.give(members("2"), rows())
    assert [(group.asked, group.id, group.holds_devices) for group in find(reading, "Servers")] == [
        ("Servers", ID, True),
        ("Servers", "2", False),
    ]


def test_a_filter_that_is_not_minded_finds_no_other_group(cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows({"id": "2", "displayName": "Everything else"}))
    assert find(reading, "Servers") == (TargetGroup("Servers", found=False),)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Bob's & co", "Bob''s%20%26%20co"),
        ("x' or displayName ne '", "x''%20or%20displayName%20ne%20''"),
        ("a/../b?#", "a%2F..%2Fb%3F%23"),
        ("Köln", "K%C3%B6ln"),
    ],
)
def test_a_name_stays_a_name(name: str, written: str, cloud: Cloud, reading: Reading) -> None:
    cloud.give(named(written), rows({**GROUP, "displayName": name}))
    cloud.give(members(), rows())
    assert [group.name for group in find(reading, name)] == [name]


def test_a_right_that_is_missing(cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), DENIED)
    with pytest.raises(SourceError) as caught:
        find(reading, "Servers")
    assert (caught.value.reason, caught.value.missing) == (Reason.MISSING_PERMISSION, ("GroupMember.Read.All",))


@pytest.mark.parametrize("row", [{}, {"id": None, "displayName": "Servers"}, {"id": "a/b", "displayName": "Servers"}])
def test_what_is_no_group_is_no_answer(row: Any, cloud: Cloud, reading: Reading) -> None:
    cloud.give(named("Servers"), rows(row))
    with pytest.raises(SourceError) as caught:
        find(reading, "Servers")
    assert caught.value.reason is Reason.BAD_ANSWER
