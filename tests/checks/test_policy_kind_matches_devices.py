"""Each target gets the policy kind that its devices need."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from checks.policy.policy_kind_matches_devices import judge
from readiness.model.settings import Calibration, JudgingSettings, Rollout, Scope, Stage
from readiness.plugin import (
    CloudCollections,
    Collections,
    CoManagementPolicies,
    CoManagementPolicy,
    Context,
    Device,
    EdrPolicies,
    Level,
    Outcome,
    PolicyKind,
    Reading,
    Reason,
    TargetDevices,
    TargetKind,
    Verdict,
)
from tests.checks.builders import NOW, collections, reading, unread
from tests.checks.policy_facts import (
    CLOUD_IDS,
    HIERARCHY,
    PILOT,
    SERVERS,
    cloud,
    policies,
    policy,
    to_collection,
    to_group,
)

BEFORE_DONE = pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.RUNNING])
ALL_STAGES = pytest.mark.parametrize("stage", list(Stage))
NOTHING = policies()
FOR_COLLECTIONS = policies(policy(PolicyKind.CONFIGMGR, to_collection(CLOUD_IDS[SERVERS])))
FOR_GROUPS = policies(policy(PolicyKind.INTUNE, to_group()))
BOTH = policies(*FOR_COLLECTIONS.policies, *FOR_GROUPS.policies)


def device(number: int, *, co_managed: bool | None = False, of: tuple[str, ...] = (SERVERS,)) -> Device:
    return Device(
        id=16777216 + number,
        name=f"SRV-{number}",
        collections=of,
        client=True,
        active=True,
        obsolete=False,
        co_managed=co_managed,
        operating_system="Microsoft Windows NT Server 10.0",
        operating_system_build="10.0.20348.2000",
        onboarding_state=0,
    )


def devices(configmgr: int = 0, co_managed: int = 0) -> TargetDevices:
    """So many devices in the servers."""
    found = [device(number, co_managed=number < co_managed) for number in range(configmgr + co_managed)]
    return TargetDevices((SERVERS,), tuple(found))


def management(*workloads: int | None) -> Reading[CoManagementPolicies]:
    """Assigned co-management policies with these workload bits."""
    rows = tuple(CoManagementPolicy(n, f"CoMgmtSettings{n}", True, True, bits) for n, bits in enumerate(workloads))
    return reading(CoManagementPolicies(rows, len(rows)))


IN_INTUNE, IN_CONFIGMGR = management(32 | 2), management(2)


def verdict(
    held: TargetDevices,
    found: EdrPolicies,
    stage: Stage = Stage.PLANNED,
    *,
    of: Reading[CoManagementPolicies] = IN_CONFIGMGR,
    on: CloudCollections | None = None,
    names: tuple[str, ...] = (SERVERS,),
    hierarchy: str | None = None,
    hidden: int = 0,
) -> Verdict:
    """Of a site whose collections hold the devices that are visible, and so many hidden ones."""
    settings = JudgingSettings(
        scope=Scope(collections=names), rollout=Rollout(stage), calibration=Calibration(hierarchy_id=hierarchy)
    )
    counts = Counter(id_.casefold() for device in held.devices for id_ in device.collections)
    every = tuple(replace(one, member_count=counts[one.id.casefold()] + hidden) for one in collections().collections)
    return judge(held, Collections(every), found, on or cloud(), of, Context(NOW, settings))


@ALL_STAGES
def test_devices_of_configmgr_alone_need_the_policy_for_collections(stage: Stage) -> None:
    assert verdict(devices(5), FOR_COLLECTIONS, stage).outcome is Outcome.PASS


@BEFORE_DONE
def test_nothing_assigned_does_not_apply_before_the_roll_out_is_done(stage: Stage) -> None:
    assert verdict(devices(5), NOTHING, stage).outcome is Outcome.NOT_APPLICABLE
    assert verdict(devices(0, 5), NOTHING, stage, of=IN_INTUNE).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("held", "found", "of"),
    [
        (devices(5), NOTHING, IN_CONFIGMGR),
        (devices(5), FOR_GROUPS, IN_CONFIGMGR),
        (devices(0, 5), NOTHING, IN_INTUNE),
        (devices(0, 5), FOR_COLLECTIONS, IN_INTUNE),
        (devices(3, 5), FOR_COLLECTIONS, IN_INTUNE),
        (devices(3, 5), FOR_GROUPS, IN_INTUNE),
    ],
)
def test_a_kind_that_devices_need_and_lack_is_a_blocker_once_done(
    held: TargetDevices, found: EdrPolicies, of: Reading[CoManagementPolicies]
) -> None:
    got = verdict(held, found, Stage.DONE, of=of)
    assert (got.outcome, got.level) == (Outcome.FAIL, Level.BLOCKER)


@BEFORE_DONE
@pytest.mark.parametrize("found", [FOR_COLLECTIONS, BOTH])
def test_the_wrong_kind_assigned_is_advisory_at_every_stage(stage: Stage, found: EdrPolicies) -> None:
    got = verdict(devices(0, 5), found, stage, of=IN_INTUNE)
    assert (got.outcome, got.level) == (Outcome.FAIL, Level.ADVISORY)
    assert "ignore" in got.summary


def test_the_wrong_kind_beside_the_right_one_is_advisory_even_once_done() -> None:
    got = verdict(devices(0, 5), BOTH, Stage.DONE, of=IN_INTUNE)
    assert (got.outcome, got.level) == (Outcome.FAIL, Level.ADVISORY)


@ALL_STAGES
def test_a_mixed_target_with_both_kinds_passes(stage: Stage) -> None:
    assert verdict(devices(3, 5), BOTH, stage, of=IN_INTUNE).outcome is Outcome.PASS


@ALL_STAGES
def test_co_managed_devices_whose_workload_stays_need_the_policy_for_collections(stage: Stage) -> None:
    assert verdict(devices(0, 5), FOR_COLLECTIONS, stage, of=IN_CONFIGMGR).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (unread(CoManagementPolicies, Reason.ACCESS_DENIED), Reason.ACCESS_DENIED),
        (management(), Reason.NOT_VISIBLE),
        (management(None), Reason.NOT_VISIBLE),
        (management(32, 2), Reason.CONTRADICTING),
    ],
)
def test_who_manages_endpoint_protection_must_be_told(of: Reading[CoManagementPolicies], reason: Reason) -> None:
    got = verdict(devices(0, 5), BOTH, Stage.DONE, of=of)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, reason)


def test_devices_that_do_not_say_whether_they_are_co_managed_are_unknown() -> None:
    held = TargetDevices((SERVERS,), (device(0, co_managed=None), device(1)))
    assert verdict(held, FOR_COLLECTIONS).reason is Reason.NOT_VISIBLE


def test_no_target_is_unknown() -> None:
    assert verdict(devices(5), FOR_COLLECTIONS, names=()).reason is Reason.NO_TARGET


def test_a_target_whose_devices_were_not_asked_for_is_unknown() -> None:
    got = verdict(devices(5), FOR_COLLECTIONS, names=(PILOT,))
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_a_target_that_cannot_be_settled_is_unknown() -> None:
    assert verdict(devices(5), FOR_COLLECTIONS, names=("Nowhere",)).outcome is Outcome.UNKNOWN
    assert verdict(devices(5), FOR_COLLECTIONS, names=("All Users",)).outcome is Outcome.UNKNOWN


def test_an_empty_target_does_not_apply() -> None:
    assert verdict(devices(), FOR_COLLECTIONS).outcome is Outcome.NOT_APPLICABLE


@ALL_STAGES
def test_a_target_of_which_no_device_is_visible_is_unknown_rather_than_moot(stage: Stage) -> None:
    got = verdict(devices(), BOTH, stage, hidden=37)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


@ALL_STAGES
def test_hidden_devices_may_need_the_other_kind(stage: Stage) -> None:
    got = verdict(devices(5), FOR_COLLECTIONS, stage, hidden=3)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "3 others" in got.summary
    assert verdict(devices(5), BOTH, stage, hidden=3).outcome is Outcome.PASS
    wrong = verdict(devices(0, 5), BOTH, stage, of=IN_INTUNE, hidden=3)
    assert (wrong.outcome, wrong.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_what_visible_devices_lack_is_a_blocker_whatever_is_hidden_of_the_devices() -> None:
    got = verdict(devices(5), NOTHING, Stage.DONE, hidden=3)
    assert (got.outcome, got.level) == (Outcome.FAIL, Level.BLOCKER)


def test_a_policy_that_scope_tags_may_hide_is_not_proven_missing() -> None:
    """A missing right is never a fail."""
    for held, found in ((devices(5), NOTHING), (devices(3, 5), FOR_COLLECTIONS)):
        got = verdict(held, replace(found, complete=False), Stage.DONE, of=IN_INTUNE)
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    planned = verdict(devices(3, 5), replace(FOR_COLLECTIONS, complete=False), of=IN_INTUNE)
    assert (planned.outcome, planned.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


@ALL_STAGES
def test_devices_without_a_client_need_neither_kind(stage: Stage) -> None:
    bare = replace(device(0, co_managed=None), client=False)
    assert verdict(TargetDevices((SERVERS,), (bare,)), NOTHING, stage).outcome is Outcome.NOT_APPLICABLE
    beside = TargetDevices((SERVERS,), (bare, device(1)))
    assert verdict(beside, FOR_COLLECTIONS, stage).outcome is Outcome.PASS


def test_ids_in_another_case_are_the_same_collection() -> None:
    held = TargetDevices((SERVERS.lower(),), (device(0, of=(SERVERS.lower(),)),))
    assert verdict(held, FOR_COLLECTIONS, names=(SERVERS.lower(),)).outcome is Outcome.PASS


def test_a_name_that_several_collections_have_is_contradicting() -> None:
    twice = collections().collections
    doubled = Collections((*twice, replace(twice[2], id="P0100099")))
    settings = JudgingSettings(scope=Scope(collections=("All Windows Servers - EDR",)))
    got = judge(devices(5), doubled, FOR_COLLECTIONS, cloud(), IN_CONFIGMGR, Context(NOW, settings))
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_an_assignment_by_the_sites_own_id_counts() -> None:
    assert verdict(devices(5), policies(policy(PolicyKind.CONFIGMGR, to_collection(SERVERS)))).outcome is Outcome.PASS


def test_the_collection_of_another_hierarchy_with_the_same_id_does_not_count() -> None:
    other = "99999999-0000-4000-8000-000000000001"
    got = verdict(devices(5), FOR_COLLECTIONS, Stage.DONE, on=cloud(hierarchy=other), hierarchy=HIERARCHY)
    assert got.outcome is Outcome.FAIL


@ALL_STAGES
def test_an_assignment_that_the_tenants_list_lacks_may_be_this_target(stage: Stage) -> None:
    """The tenant may list no collection at all, and the policy names one by the tenant's own id."""
    for listed in (CloudCollections(()), cloud(PILOT)):
        got = verdict(devices(5), FOR_COLLECTIONS, stage, on=listed)
        assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
        assert "1 collections that the tenant's list lacks" in got.summary


def test_an_assignment_to_another_collection_that_is_known_is_none_to_this_one() -> None:
    for id_ in (PILOT, CLOUD_IDS[PILOT]):
        got = verdict(devices(5), policies(policy(PolicyKind.CONFIGMGR, to_collection(id_))), Stage.DONE)
        assert (got.outcome, got.level) == (Outcome.FAIL, Level.BLOCKER)


def test_several_hierarchies_that_fit_are_contradicting() -> None:
    twice = CloudCollections(
        (*cloud().collections, *(replace(one, hierarchy_id="other") for one in cloud().collections))
    )
    got = verdict(devices(5), FOR_COLLECTIONS, on=twice)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_an_exclusion_or_a_group_is_no_assignment_to_the_collection() -> None:
    excluded = policies(policy(PolicyKind.INTUNE, to_group(kind=TargetKind.EXCLUDED_GROUP)))
    assert verdict(devices(0, 5), excluded, Stage.DONE, of=IN_INTUNE).outcome is Outcome.FAIL
    on_group = policies(policy(PolicyKind.CONFIGMGR, to_group(SERVERS)))
    assert verdict(devices(5), on_group, Stage.DONE).outcome is Outcome.FAIL


def test_an_assignment_that_no_table_knows_is_unknown() -> None:
    strange = policies(policy(PolicyKind.CONFIGMGR, to_group(kind=TargetKind("somethingNew"))))
    assert verdict(devices(5), strange).reason is Reason.UNKNOWN_VALUE


def test_the_worst_target_speaks_for_the_check() -> None:
    held = TargetDevices((SERVERS, PILOT), (device(0), device(1, of=(PILOT,))))
    got = verdict(held, FOR_COLLECTIONS, Stage.DONE, names=(SERVERS, PILOT))
    assert got.outcome is Outcome.FAIL
    assert {one.id: one.outcome for one in got.subjects} == {SERVERS: Outcome.PASS, PILOT: Outcome.FAIL}
