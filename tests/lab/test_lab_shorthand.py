"""What makes a scenario short: single rows changed, devices by the group, rows by the pattern."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.config import load
from readiness.errors import ConfigurationError
from readiness.lab import Lab, Scenario, load_scenario
from readiness.lab.shorthand import FIRST_RESOURCE

CONNECTOR = "fc780465-2017-40d4-a0c5-307022471b92"


def scenario(tmp_path: Path, toml: str, name: str = "mine.toml") -> Scenario:
    path = tmp_path / name
    path.write_text(f'base = "ready"\ntitle = "Mine."\n{toml}', encoding="utf-8")
    return load_scenario(str(path))


def rows(given: Scenario, cls: str, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in given.wmi[cls] if all(row.get(name) == value for name, value in wanted.items())]


def test_one_row_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    before = load_scenario("ready")
    after = scenario(tmp_path, "[change.wmi.SMS_Collection.P0100022]\nServicePartners = 0\n")
    (row,) = rows(after, "SMS_Collection", CollectionID="P0100022")
    (old,) = rows(before, "SMS_Collection", CollectionID="P0100022")
    assert row == {**old, "ServicePartners": 0} != old
    others = [row["CollectionID"] for row in before.wmi["SMS_Collection"]]
    assert [row["CollectionID"] for row in after.wmi["SMS_Collection"]] == others


def test_a_resource_of_graph_is_changed_in_its_version(tmp_path: Path) -> None:
    path = "deviceManagement/mobileThreatDefenseConnectors"
    after = scenario(tmp_path, f'[change.graph.beta."{path}".{CONNECTOR}]\npartnerState = "unresponsive"\n')
    assert [row["partnerState"] for row in after.graph["beta"][path]] == ["unresponsive"]
    assert [row["partnerState"] for row in after.graph["v1"][path]] == ["enabled"]


def test_rows_and_resources_are_removed(tmp_path: Path) -> None:
    path = "deviceManagement/configManagerCollections"
    gone = load_scenario("ready").graph["beta"][path][0]["id"]
    order = f'[remove.wmi]\nSMS_Collection = ["P0100023", "SMS000US"]\n[remove.graph.beta]\n"{path}" = ["{gone}"]\n'
    after = scenario(tmp_path, order)
    assert not rows(after, "SMS_Collection", CollectionID="P0100023")
    assert gone not in [row["id"] for row in after.graph["beta"][path]]


def test_a_change_builds_on_the_changes_of_its_base(tmp_path: Path) -> None:
    scenario(tmp_path, "[change.wmi.SMS_Site.P01]\nBuildNumber = 9141\n", "first.toml")
    second = tmp_path / "second.toml"
    second.write_text('base = "first.toml"\ntitle = "x"\n[change.wmi.SMS_Site.P01]\nMode = 2\n', encoding="utf-8")
    (site,) = load_scenario(str(second)).wmi["SMS_Site"]
    assert (site["BuildNumber"], site["Mode"]) == (9141, 2)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[change.wmi.SMS_Collections.P0100022]\nName = 'x'", "did you mean 'SMS_Collection'"),
        ("[change.wmi.SMS_Collection.P0100020]\nName = 'x'", "no row 'P0100020'; did you mean 'P010002"),
        ("[remove.wmi]\nSMS_Collection = ['P0100099']", "no row 'P0100099'"),
        ("[change.grph.beta.x.y]\na = 1", "[change.grph]"),
        ("[change.graph.beta.organization.x]\na = 1", "there is no such list"),
        ("[devices.one]\ncount = 1", "[devices.one]"),
        ("[devices.servers]\nclient_versoin = '1'", "client_versoin"),
        ("[many.one]\nfirst = 1", "[many.one]"),
        ("[many.one]\ncount = 1\nwmi.SMS_Collection = { CollectionID = '{n:04Q}' }", "[many.one]"),
    ],
)
def test_what_cannot_be_is_refused_with_the_file_and_the_place(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        scenario(tmp_path, toml + "\n")
    assert words in str(caught.value)
    assert "mine.toml" in str(caught.value)


DEVICES = """
[devices.servers]
collections = ["P0100021", "P0100023"]
count = 3
name = "S-{n:02}"
co_managed = true

[devices.domain-controllers]
count = 2
active = false
"""


def test_a_group_of_devices_becomes_rows_of_all_classes_that_tell_of_them(tmp_path: Path) -> None:
    given = scenario(tmp_path, DEVICES)
    members = rows(given, "SMS_FullCollectionMembership", CollectionID="P0100023")
    assert [row["Name"] for row in members] == ["S-01", "S-02", "S-03", "DC01", "DC02"]
    assert [row["CoManaged"] for row in members] == [True, True, True, False, False]
    assert [row["IsActive"] for row in members] == [True, True, True, False, False]
    ids = [row["ResourceID"] for row in given.wmi["SMS_CombinedDeviceResources"]]
    assert ids == list(range(FIRST_RESOURCE, FIRST_RESOURCE + 3 + 40 + 2))
    controllers = rows(given, "SMS_R_System", PrimaryGroupID=516)
    assert [row["Name"] for row in controllers] == ["DC01", "DC02"]


def test_collections_count_the_members_of_their_groups_unless_they_state_a_number(tmp_path: Path) -> None:
    given = scenario(tmp_path, DEVICES + "[change.wmi.SMS_Collection.P0100021]\nMemberCount = 77\n")
    counts = {row["CollectionID"]: (row["MemberCount"], row["LocalMemberCount"]) for row in given.wmi["SMS_Collection"]}
    assert (counts["P0100023"], counts["P0100021"]) == ((5, 5), (77, 3))


PATTERN = """
[many.rings]
count = 2
first = 30
wmi.SMS_Collection = { CollectionID = "L01{n:05X}", Name = "Ring {n}", Comment = "{other} {n:03}" }
graph.beta."deviceManagement/configManagerCollections" = { id = "id-{n}", tags = ["{n}"] }
devices = { count = 2, name = "W{n:03}", os = "Windows", build = "10" }
"""


def test_a_pattern_becomes_rows_with_numbers_and_devices_numbered_through(tmp_path: Path) -> None:
    given = scenario(tmp_path, PATTERN)
    rings = given.wmi["SMS_Collection"][-2:]
    assert [row["CollectionID"] for row in rings] == ["L010001E", "L010001F"]
    assert [(row["Name"], row["Comment"]) for row in rings] == [("Ring 30", "{other} 030"), ("Ring 31", "{other} 031")]
    assert [row["MemberCount"] for row in rings] == [2, 2]
    assert given.graph["beta"]["deviceManagement/configManagerCollections"][-1] == {"id": "id-31", "tags": ["31"]}
    members = [row for row in given.wmi["SMS_FullCollectionMembership"] if row["CollectionID"].startswith("L01")]
    assert [(row["CollectionID"][-2:], row["Name"]) for row in members] == [
        ("1E", "W001"),
        ("1E", "W002"),
        ("1F", "W003"),
        ("1F", "W004"),
    ]


def test_the_configuration_of_the_lab_holds_what_the_scenario_adds(tmp_path: Path) -> None:
    given = scenario(
        tmp_path,
        """
[configuration.site]
edr_flag_mask = 4
[configuration.scope]
operating_model = "co-management"
[configuration.policy]
min_eligible = 0.9
[[configuration.waiver]]
check = "defender-connected"
reason = "Change \\"x\\""
requested_by = "a"
approved_by = "b"
ticket = "CHG1"
expires = 2026-12-31
""",
    )
    with Lab(given) as lab:
        lab.write(tmp_path)
    judging = load(tmp_path / "readiness.toml", {}, connecting=False).judging
    assert judging.calibration.edr_flag_mask == 4
    assert (str(judging.scope.operating_model), judging.policy.min_eligible) == ("co-management", 0.9)
    assert judging.scope.collections == ("P0100021", "Pilot - Workstations EDR")
    assert [waiver.reason for waiver in judging.waivers] == ['Change "x"']
