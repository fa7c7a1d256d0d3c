"""collection-devices-eligible: what is in the way of each device, and what the numbers of a collection come to."""

from typing import Any

import pytest

from checks.collections.collection_devices_eligible import judge
from checks.eligibility import Obstacle, Rules, candidates
from checks.knowledge.clients import client_floors, numbers, release_number, systems
from readiness.plugin import (
    Basis,
    Collections,
    Device,
    Hierarchy,
    Level,
    Outcome,
    Reason,
    SiteIdentification,
    Stage,
    TargetDevices,
    Verdict,
)
from tests.checks.attach_facts import absent, as_read
from tests.checks.builders import central, hierarchy, reading, secondary, site, unread
from tests.checks.collection_facts import (
    KIOSKS,
    PILOT,
    SERVERS,
    USERS,
    collection,
    device,
    members,
    naming,
    site_collections,
)

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE
WORKSTATION, SERVER = "Microsoft Windows NT Workstation", "Microsoft Windows NT Server"
ABOVE_THE_TABLE = 9155


def identified(monthly: int | None) -> SiteIdentification:
    return SiteIdentification("P01", monthly, None)


def judged(
    *devices: Device,
    build: int = 9146,
    monthly: int | None = 2603,
    stage: Stage = Stage.PLANNED,
    names: tuple[str, ...] = (SERVERS,),
    count: int | None = None,
    **given: Any,
) -> Verdict:
    """The targets hold these devices, and say so."""
    sizes = {id_: sum(id_ in one.collections for one in devices) for id_ in (SERVERS, PILOT, KIOSKS)}
    sizes[SERVERS] = sizes[SERVERS] if count is None else count
    facts: dict[str, Any] = {
        "collections": site_collections(*(collection(id_, members=size) for id_, size in sizes.items())),
        "devices": members(*devices),
        "identification": identified(monthly),
        **given,
    }
    context = facts.pop("context", naming(*names, stage=stage))
    found = facts.pop("hierarchy", hierarchy(site(build=build)))
    read: dict[str, Any] = {name: as_read(fact) for name, fact in facts.items()}
    return judge(**read, hierarchy=found, context=context)


def obstacle(one: Device, *, build: int = 9146, monthly: int | None = None, stage: Stage = Stage.PLANNED) -> Any:
    return Rules.of(hierarchy(site(build=build)), monthly, stage).obstacle(one)


def fleet(number: int, *others: Device) -> tuple[Device, ...]:
    """So many devices that nothing is in the way of, and these."""
    return (*(device(id_) for id_ in range(1, number + 1)), *others)


# What is in the way of one device.


def test_nothing_is_in_the_way_of_a_healthy_server() -> None:
    assert obstacle(device(1)) is None


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (device(1, client=False), Obstacle.NO_CLIENT),
        (device(1, active=False), Obstacle.INACTIVE),
        (device(1, obsolete=True), Obstacle.OBSOLETE),
        (device(1, active=None), Obstacle.UNTOLD),
        (device(1, obsolete=None), Obstacle.UNTOLD),
        (device(1, client=False, active=None, obsolete=None, system=""), Obstacle.NO_CLIENT),
        (device(1, active=None, onboarded=1), Obstacle.OTHER_CHANNEL),
        (device(1, co_managed=True), None),
        (device(1, co_managed=None), None),
    ],
)
def test_what_is_certain_comes_before_what_is_open(one: Device, found: Obstacle | None) -> None:
    assert obstacle(one) is found


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("5.00.9141.1030", None),
        ("5.0.9141.1030", None),
        ("5.00.9141.1032", None),
        ("5.00.9146.1006", None),
        ("5.00.9141.1029", Obstacle.OLD_CLIENT),
        ("5.00.9141.1011", Obstacle.OLD_CLIENT),
        ("5.00.9141.200", Obstacle.OLD_CLIENT),
        ("5.00.913.99999", Obstacle.OLD_CLIENT),
        ("4.00.9999.9999", Obstacle.OLD_CLIENT),
        (None, Obstacle.CLIENT_UNREAD),
        ("", Obstacle.CLIENT_UNREAD),
        ("unknown", Obstacle.CLIENT_UNREAD),
        ("9.0", Obstacle.CLIENT_UNREAD),
        ("5.00.9141.1030.1", Obstacle.CLIENT_UNREAD),
        ("5.00.9141.1030-beta", Obstacle.CLIENT_UNREAD),
        ("5.00.9141.-1", Obstacle.CLIENT_UNREAD),
        ("٥.٠٠.٩١٤١.١٠٣٠", Obstacle.CLIENT_UNREAD),
    ],
)
def test_at_2509_the_clients_version_counts_as_numbers(version: str | None, found: Obstacle | None) -> None:
    assert obstacle(device(1, version=version), build=9141) is found
    assert obstacle(device(1, version=version), build=9146) is None


def test_the_defect_of_2509_does_not_concern_co_managed_devices() -> None:
    assert obstacle(device(1, version="5.00.9141.1011", co_managed=True), build=9141) is None
    assert obstacle(device(1, version="5.00.9141.1011", co_managed=None), build=9141) is Obstacle.OLD_CLIENT


def test_one_primary_at_2509_is_enough_and_a_secondary_is_not() -> None:
    mixed = hierarchy(central(), site("P01", build=9141, parent="C01"))
    old = device(1, version="5.00.9141.1011")
    assert Rules.of(mixed, None, Stage.PLANNED).obstacle(old) is Obstacle.OLD_CLIENT
    below = hierarchy(site("P01"), secondary(build=9141))
    assert Rules.of(below, None, Stage.PLANNED).obstacle(old) is None


ALLOWED, NOT_ALLOWED, OPEN = None, Obstacle.SYSTEM, Obstacle.SYSTEM_UNREAD


@pytest.mark.parametrize(
    ("system", "build", "at_2002", "at_2010", "at_2603", "at_2609"),
    [
        (f"{WORKSTATION} 10.0", "10.0.19045.4046", ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        (f"{WORKSTATION} 10.0 (Tablet Edition)", "10.0.22631.1", ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        (f"{WORKSTATION} 10.0", "", ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        (f"{WORKSTATION} 6.3", "6.3.9600.1", NOT_ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        (f"{WORKSTATION} 6.1", "6.1.7601.1", NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED),
        (f"{SERVER} 10.0", "10.0.14393.1", ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        (f"{SERVER} 10.0", "10.0.26100.1", NOT_ALLOWED, NOT_ALLOWED, ALLOWED, ALLOWED),
        (f"{SERVER} 10.0", "", OPEN, OPEN, ALLOWED, ALLOWED),
        (f"{SERVER} 6.3", "6.3.9600.1", NOT_ALLOWED, ALLOWED, ALLOWED, NOT_ALLOWED),
        ("Microsoft Windows NT Advanced Server 6.3", "6.3.9600", NOT_ALLOWED, ALLOWED, ALLOWED, NOT_ALLOWED),
        (f"{SERVER} 6.2", "6.2.9200.1", NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED),
        ("Apple Mac OS X", "", NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED),
        ("", "", OPEN, OPEN, OPEN, OPEN),
        ("Windows", "10.0.20348.1", OPEN, OPEN, OPEN, OPEN),
        (f"{SERVER} 12.0", "12.0.1.1", OPEN, OPEN, OPEN, OPEN),
        (f"{SERVER} 10.0", "6.3.9600.1", OPEN, OPEN, OPEN, OPEN),
        (f"{SERVER} 10.0", "10.0.9200.1", OPEN, OPEN, OPEN, OPEN),
        (f"{SERVER} 10.0", "garbage", OPEN, OPEN, OPEN, OPEN),
    ],
)
def test_which_operating_systems_each_release_allows(
    system: str, build: str, at_2002: Any, at_2010: Any, at_2603: Any, at_2609: Any
) -> None:
    one = device(1, system=system, build=build)
    found = [
        obstacle(one, build=8968),
        obstacle(one, build=9040),
        obstacle(one, build=9146, monthly=2603),
        obstacle(one, build=ABOVE_THE_TABLE, monthly=2609),
    ]
    assert found == [at_2002, at_2010, at_2603, at_2609]


@pytest.mark.parametrize("monthly", [None, 0, 2603, 2509, -2609, 99999])
def test_above_the_table_a_release_that_is_not_told_leaves_2012_r2_open(monthly: int | None) -> None:
    one = device(1, system=f"{SERVER} 6.3", build="6.3.9600.1")
    assert obstacle(one, build=ABOVE_THE_TABLE, monthly=monthly) is OPEN
    assert obstacle(device(1), build=ABOVE_THE_TABLE, monthly=monthly) is None


def test_a_release_that_does_not_fit_the_build_is_not_known() -> None:
    assert release_number(9146, 2609) is None
    assert [release_number(9146, monthly) for monthly in (None, 0, 2603)] == [2603] * 3
    assert release_number(9000, 2006) is None
    assert release_number(ABOVE_THE_TABLE, 2703) == 2703


def test_onboarded_already_is_another_channel_only_while_the_roll_out_is_planned() -> None:
    assert obstacle(device(1, onboarded=1)) is Obstacle.OTHER_CHANNEL
    for stage in (Stage.RUNNING, Stage.DONE):
        assert obstacle(device(1, onboarded=1), stage=stage) is None
    assert obstacle(device(1, onboarded=0)) is None
    assert obstacle(device(1, onboarded=None)) is None
    for number in (-1, 2, 987_654):
        assert obstacle(device(1, onboarded=number)) is Obstacle.STATE_UNREAD


def test_the_rule_data_names_systems_that_can_be_told_apart() -> None:
    assert {row.server for row in systems()} == {True, False}
    assert all(row.version for row in systems())
    assert client_floors() == {9141: (5, 0, 9141, 1030)}
    (found,) = candidates(device(1, system=f"{WORKSTATION} 10.0", build="10.0.22000.1"))
    assert found.name == "Windows 11"
    assert numbers("10.0") == (10, 0)


# What the numbers come to.


def test_all_eligible_passes_and_counts() -> None:
    verdict = judged(*fleet(20))
    assert (verdict.outcome, verdict.basis) == (PASS, Basis.DOCUMENTED)
    assert verdict.summary == "20 of 20 devices can receive EDR policy"
    (one,) = verdict.subjects
    assert (one.devices, one.eligible) == (20, 20)


@pytest.mark.parametrize(("bad", "outcome"), [(1, PASS), (2, FAIL)])
def test_under_min_eligible_fails_at_advisory(bad: int, outcome: Outcome) -> None:
    verdict = judged(*fleet(20 - bad, *(device(100 + n, client=False) for n in range(bad))))
    assert (verdict.outcome, verdict.level) == (outcome, None)
    assert f"{20 - bad} of 20 devices" in verdict.subjects[0].summary
    assert f"{bad} no client" in verdict.subjects[0].summary
    assert (verdict.subjects[0].devices, verdict.subjects[0].eligible) == (20, 20 - bad)


def test_min_eligible_is_the_configured_one() -> None:
    half = fleet(5, *(device(100 + n, client=False) for n in range(5)))
    assert judged(*half, context=naming(SERVERS, min_eligible=0.5)).outcome is PASS
    assert judged(*half, context=naming(SERVERS, min_eligible=0.51)).outcome is FAIL


@pytest.mark.parametrize("wanted", [0.0, 0.95, 1.0])
def test_devices_but_none_eligible_is_a_blocker(wanted: float) -> None:
    devices = [device(n, client=False) for n in range(3)]
    verdict = judged(*devices, context=naming(SERVERS, min_eligible=wanted))
    assert (verdict.outcome, verdict.level) == (FAIL, Level.BLOCKER)
    assert (verdict.subjects[0].devices, verdict.subjects[0].eligible) == (3, 0)


def test_the_steps_are_those_for_what_is_in_the_way() -> None:
    def steps(*others: Device, build: int = 9146) -> list[str]:
        remediation = judged(*others, build=build, monthly=None).remediation
        assert remediation is not None
        return [step.text.split(" ", 1)[0] for step in remediation.steps]

    assert steps(device(1, version="5.00.9141.1000"), build=9141) == ["Upgrade"]
    assert steps(device(1, client=False), device(2, onboarded=1)) == ["Install", "Take"]
    assert judged(*fleet(3)).remediation is None


def test_a_raised_target_speaks_for_the_check() -> None:
    devices = (device(1, SERVERS, client=False), *(device(n, PILOT) for n in range(2, 5)))
    verdict = judged(*devices, names=(PILOT, SERVERS))
    assert (verdict.outcome, verdict.level) == (FAIL, Level.BLOCKER)
    assert [(one.id, one.outcome) for one in verdict.subjects] == [(PILOT, PASS), (SERVERS, FAIL)]


def test_an_empty_collection_is_not_applicable() -> None:
    verdict = judged()
    assert verdict.outcome is NOT_APPLICABLE
    assert (verdict.subjects[0].devices, verdict.subjects[0].eligible) == (0, 0)


def test_devices_that_are_not_visible_are_neither_good_nor_bad() -> None:
    none = judged(count=10)
    assert (none.outcome, none.reason) == (UNKNOWN, Reason.NOT_VISIBLE)
    some = judged(*fleet(9), count=10)
    assert (some.outcome, some.reason) == (UNKNOWN, Reason.NOT_VISIBLE)
    assert "1 not visible" in some.summary
    assert judged(*fleet(19), count=20).outcome is PASS
    assert judged(*fleet(1, *(device(100 + n, client=False) for n in range(9))), count=11).outcome is FAIL


def test_what_cannot_be_read_is_unknown_and_not_fine() -> None:
    for old in ("", "unknown", None):
        devices = [device(n, version=old) for n in range(10)]
        verdict = judged(*devices, build=9141, monthly=2509)
        assert (verdict.outcome, verdict.reason) == (UNKNOWN, Reason.UNKNOWN_VALUE)
        assert "10 client version not readable" in verdict.summary
        assert verdict.subjects[0].eligible == 0
    assert judged(*(device(n, system="") for n in range(3)), context=naming(SERVERS, min_eligible=0)).outcome is UNKNOWN


def test_members_that_were_not_asked_for_are_unknown() -> None:
    verdict = judged(*fleet(3), devices=members(*fleet(3), asked=(PILOT,)))
    assert (verdict.outcome, verdict.reason) == (UNKNOWN, Reason.BAD_ANSWER)


def test_a_device_that_is_listed_twice_is_open() -> None:
    twice = (device(1), device(1, client=False), *(device(n) for n in range(2, 11)))
    verdict = judged(*twice, count=10)
    assert verdict.outcome is UNKNOWN
    assert "listed more than once" in verdict.summary


def test_each_device_counts_once_over_overlapping_targets() -> None:
    both = [
        device(1, SERVERS, PILOT, controller=True),
        device(2, SERVERS.lower(), PILOT, co_managed=True, controller=False),
        device(3, PILOT, system=f"{WORKSTATION} 10.0", build="10.0.22631.1", controller=False),
        device(4, PILOT, client=False, system=""),
    ]
    verdict = judged(*both, names=(SERVERS, PILOT), count=2)
    assert "4 distinct devices in 2 collections; servers: 2; workstations: 1; domain controllers: 1" in verdict.observed
    assert "co-managed: 1; eligible: 3; not, or not known: 1 no client" in verdict.observed
    assert [(one.devices, one.eligible) for one in verdict.subjects] == [(2, 2), (4, 3)]
    assert "1 co-managed" in verdict.subjects[0].summary
    assert "domain controllers: not known" in judged(device(1)).observed


def test_reasons_count_and_an_inferred_one_makes_the_verdict_inferred() -> None:
    devices = fleet(
        4,
        device(11, client=False),
        device(12, active=False),
        device(13, obsolete=True),
        device(14, system=f"{SERVER} 6.1", build=""),
        device(15, onboarded=1),
    )
    verdict = judged(*devices)
    counted = "1 no client, 1 inactive, 1 obsolete, 1 operating system not allowed, 1 onboarded through another channel"
    assert counted in verdict.summary
    assert verdict.basis is Basis.INFERRED


# Readings and targets.


@pytest.mark.parametrize("reason", [Reason.ACCESS_DENIED, Reason.STALE, Reason.NOT_CONFIGURED])
@pytest.mark.parametrize("fact", [Collections, TargetDevices])
def test_what_was_not_read_is_unknown_with_its_reason(fact: Any, reason: Reason) -> None:
    name = {Collections: "collections", TargetDevices: "devices"}[fact]
    given: dict[str, Any] = {name: unread(fact, reason)}
    assert (judged(*fleet(3), **given).outcome, judged(*fleet(3), **given).reason) == (UNKNOWN, reason)


def test_the_release_that_was_not_read_matters_above_the_table_only() -> None:
    lost: Any = unread(SiteIdentification)
    assert judged(*fleet(3), identification=lost).outcome is PASS
    old = device(1, system=f"{SERVER} 6.3", build="6.3.9600.1")
    assert judged(old, identification=lost).outcome is PASS
    assert judged(old, identification=lost, build=ABOVE_THE_TABLE).outcome is UNKNOWN


def test_no_target_is_unknown() -> None:
    assert judged(*fleet(3), names=()).reason is Reason.NO_TARGET
    assert judged(names=(), collections=absent(Collections)).reason is Reason.NOT_CONFIGURED


def test_targets_that_are_not_settled_are_no_good_news() -> None:
    verdict = judged(*fleet(3), names=("No such", USERS, SERVERS))
    assert [(one.id, one.outcome) for one in verdict.subjects] == [("No such", UNKNOWN), (USERS, FAIL), (SERVERS, PASS)]
    assert verdict.level is None


def test_a_hierarchy_without_its_own_site_knows_no_release() -> None:
    lost = Hierarchy("P09", (site(),))
    old = device(1, system=f"{SERVER} 6.3", build="6.3.9600.1")
    assert judged(old, hierarchy=lost).outcome is UNKNOWN
    assert reading(lost).available


@pytest.mark.parametrize("build", [987_654_321, 0, -1, 9_140])
def test_a_build_that_no_table_knows_is_unknown(build: int) -> None:
    """No rule is about it, so nothing would be in the way of any client."""
    verdict = judged(*fleet(3), hierarchy=hierarchy(site(build=build)))
    assert (verdict.outcome, verdict.reason) == (UNKNOWN, Reason.UNKNOWN_VALUE)
