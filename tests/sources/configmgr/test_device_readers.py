"""Readers of the collections and of the devices in the targets."""

from __future__ import annotations

import pytest

from readiness.errors import SourceError
from readiness.model.facts import Collections, Device, TargetDevices
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import ProviderFault
from tests.sources.configmgr.estate import COLLECTION, DEVICE, SITE, Cells, Provider, old, read, refused, session

PILOT: Cells = {**COLLECTION, "CollectionID": "P0100022", "Name": "Pilot"}
USERS: Cells = {**COLLECTION, "CollectionID": "SMS00002", "Name": "All Users", "CollectionType": "1"}
CONTROLLER: Cells = {"ResourceID": "16777300", "PrimaryGroupID": "516"}
AT_2509 = [{**SITE, "BuildNumber": "9141"}]


def test_the_devices_of_a_target() -> None:
    found = read(TargetDevices, session(Provider()))
    assert found.value == TargetDevices(
        ("P0100021",),
        (
            Device(
                id=16777300,
                name="SRV-0001",
                collections=("P0100021",),
                client=True,
                active=True,
                obsolete=False,
                co_managed=False,
                operating_system="Microsoft Windows NT Server 10.0",
                operating_system_build="10.0.20348.2000",
                onboarding_state=0,
                client_version=None,
                domain_controller=False,
            ),
        ),
    )
    assert (found.rows, found.request_id) == (1, "uuid:1")


def test_all_targets_are_one_question_and_each_device_comes_once() -> None:
    both = [DEVICE, {**DEVICE, "CollectionID": "P0100022"}, {**DEVICE, "CollectionID": "P0100022", "ResourceID": "2"}]
    provider = Provider(SMS_Collection=[COLLECTION, PILOT], SMS_FullCollectionMembership=both)
    found = read(TargetDevices, session(provider, targets=("P0100021", "Pil*")))
    assert [(device.id, device.collections) for device in found.value.devices] == [
        (16777300, ("P0100021", "P0100022")),
        (2, ("P0100022",)),
    ]
    assert provider.asked.count("SMS_FullCollectionMembership") == 1
    assert ("CollectionID", ("P0100021", "P0100022")) in provider.wanted
    assert found.rows == 3


@pytest.mark.parametrize("targets", [(), ("nothing like it",), ("All Users",), ("Servers again",)])
def test_without_a_device_collection_among_the_targets_no_device_is_asked_for(targets: tuple[str, ...]) -> None:
    twice = [{**COLLECTION, "CollectionID": f"P010003{number}", "Name": "Servers again"} for number in (1, 2)]
    provider = Provider(SMS_Collection=[COLLECTION, USERS, *twice])
    assert read(TargetDevices, session(provider, targets=targets)).value == TargetDevices((), ())
    assert "SMS_FullCollectionMembership" not in provider.asked
    if not targets:
        assert provider.asked == []


@pytest.mark.parametrize(
    "rows",
    [[{**DEVICE, "CollectionID": "P0100099"}], [DEVICE, DEVICE], [DEVICE, {**DEVICE, "CollectionID": "P0100021"}]],
    ids=["another collection", "twice", "twice, in another case"],
)
def test_members_of_another_collection_or_twice_the_same_are_refused(rows: list[Cells]) -> None:
    assert refused(TargetDevices, session(Provider(SMS_FullCollectionMembership=rows))).reason is Reason.BAD_ANSWER


def test_what_the_site_does_not_say_of_a_device_is_not_made_up() -> None:
    silent: Cells = {"ResourceID": "2", "CollectionID": "P0100021", **dict.fromkeys(("IsClient", "CoManaged"))}
    (device,) = read(TargetDevices, session(Provider(SMS_FullCollectionMembership=[silent]))).value.devices
    assert (device.client, device.active, device.obsolete, device.co_managed) == (False, None, None, None)
    assert (device.name, device.operating_system, device.onboarding_state) == ("", "", None)


def test_an_empty_target_was_asked_for() -> None:
    provider = Provider(SMS_FullCollectionMembership=[])
    assert read(TargetDevices, session(provider)).value == TargetDevices(("P0100021",), ())
    assert "SMS_R_System" not in provider.asked


def test_collections_and_sites_are_shared_with_the_devices() -> None:
    provider = Provider(SMS_Site=AT_2509)
    given = session(provider)
    read(Collections, given)
    read(TargetDevices, given)
    assert (provider.asked.count("SMS_Collection"), provider.asked.count("SMS_Site")) == (1, 1)


def test_the_client_s_version_is_asked_for_at_2509_only() -> None:
    rows = [{**DEVICE, "ClientVersion": "5.00.9141.1011"}]
    provider = Provider(SMS_Site=AT_2509, SMS_FullCollectionMembership=rows)
    assert read(TargetDevices, session(provider)).value.devices[0].client_version == "5.00.9141.1011"
    assert "SMS_CombinedDeviceResources" not in provider.asked
    provider = Provider(SMS_FullCollectionMembership=rows)
    assert read(TargetDevices, session(provider)).value.devices[0].client_version is None


def test_a_membership_without_the_client_s_version_leaves_it_to_the_device() -> None:
    provider = old("ClientVersion", SMS_Site=AT_2509)
    provider.tables["SMS_CombinedDeviceResources"] = [{"ResourceID": "16777300", "ClientVersion": "5.00.9141.1030"}]
    assert read(TargetDevices, session(provider)).value.devices[0].client_version is None
    assert ("ResourceID", (16777300,)) in provider.wanted


def test_domain_controllers_are_those_of_the_primary_group() -> None:
    member = {**DEVICE, "ResourceID": "2"}
    provider = Provider(SMS_FullCollectionMembership=[DEVICE, member], SMS_R_System=[CONTROLLER])
    devices = read(TargetDevices, session(provider)).value.devices
    assert [device.domain_controller for device in devices] == [True, False]
    assert {"PrimaryGroupID": 516} in provider.wanted


@pytest.mark.parametrize("rows", [[], ProviderFault(Reason.UNSUPPORTED_VERSION, "no such column")])
def test_a_site_that_names_no_domain_controller_does_not_say_that_there_is_none(
    rows: list[Cells] | SourceError,
) -> None:
    (device,) = read(TargetDevices, session(Provider(SMS_R_System=rows))).value.devices
    assert device.domain_controller is None


def test_a_connection_that_breaks_is_no_answer_about_domain_controllers() -> None:
    provider = Provider(SMS_R_System=SourceError(Reason.UNREACHABLE, "gone"))
    assert refused(TargetDevices, session(provider)).reason is Reason.UNREACHABLE


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.TIMED_OUT])
def test_a_site_that_is_busy_says_nothing_of_domain_controllers_and_partners(reason: Reason) -> None:
    """What could be read at another time is not taken for what the site does not tell."""
    busy = ProviderFault(reason, "busy")
    assert refused(TargetDevices, session(Provider(SMS_R_System=busy))).reason is reason
    provider = old("ServicePartners")
    provider.methods["SMS_Collection.GetServicePartners"] = busy
    assert refused(Collections, session(provider)).reason is reason


def test_a_site_without_the_column_is_asked_for_the_partners_of_the_targets() -> None:
    provider = old("ServicePartners", SMS_Collection=[COLLECTION, PILOT, USERS])
    provider.methods["SMS_Collection.GetServicePartners"] = {"ReturnValue": "0", "ServicePartners": "4"}
    found = read(Collections, session(provider, targets=("Servers", "All Users"))).value
    assert [(one.id, one.service_partners) for one in found.collections] == [
        ("P0100021", 4),
        ("P0100022", None),
        ("SMS00002", None),
    ]
    assert provider.asked.count("SMS_Collection.GetServicePartners") == 1


def test_a_site_with_the_column_is_not_asked_for_more() -> None:
    provider = Provider(SMS_Collection=[{**COLLECTION, "ServicePartners": None}])
    assert read(Collections, session(provider)).value.collections[0].service_partners is None
    assert "SMS_Collection.GetServicePartners" not in provider.asked


@pytest.mark.parametrize(
    "result",
    [
        {"ReturnValue": "2147749890", "ServicePartners": "1"},
        {"ReturnValue": "0", "ServicePartners": None},
        ProviderFault(Reason.UNSUPPORTED_VERSION, "no such method"),
    ],
    ids=["it failed", "it says nothing", "there is no method"],
)
def test_partners_that_the_method_does_not_give_stay_unknown(result: Cells | SourceError) -> None:
    provider = old("ServicePartners")
    provider.methods["SMS_Collection.GetServicePartners"] = result
    assert read(Collections, session(provider)).value.collections[0].service_partners is None


@pytest.mark.parametrize("said", [None, "true"])
def test_a_collection_that_is_not_said_to_be_ordinary_counts_as_built_in(said: str | None) -> None:
    provider = Provider(SMS_Collection=[{**COLLECTION, "IsBuiltIn": said}])
    assert read(Collections, session(provider)).value.collections[0].built_in
