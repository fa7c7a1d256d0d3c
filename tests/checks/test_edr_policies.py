"""The two kinds of EDR policy, and what devices report of them: phase policy of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.policy import edr_policy_compliance, edr_policy_configmgr, edr_policy_intune
from readiness.model.settings import JudgingSettings, Rollout, Scope, Stage
from readiness.plugin import (
    CloudCollections,
    Context,
    EdrPolicies,
    EdrPolicy,
    Outcome,
    PolicyKind,
    PolicyStatus,
    PolicyStatuses,
    Reason,
    TargetGroups,
    TargetKind,
    Verdict,
)
from tests.checks.builders import NOW, reading, unread
from tests.checks.policy_facts import (
    CLOUD_IDS,
    PILOT,
    SERVERS,
    both_kinds,
    cloud,
    group,
    groups,
    policies,
    policy,
    status,
    statuses,
    to_collection,
    to_group,
)

ALL_STAGES = pytest.mark.parametrize("stage", list(Stage))
BEGUN = pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.DONE])


def context(stage: Stage, *, groups_: tuple[str, ...] = ()) -> Context:
    return Context(NOW, JudgingSettings(scope=Scope(groups=groups_), rollout=Rollout(stage)))


def intune(found: EdrPolicies, stage: Stage = Stage.PLANNED, named: TargetGroups | None = None) -> Verdict:
    asked = tuple(one.asked for one in named.groups) if named else ()
    return edr_policy_intune.judge(found, reading(named or groups()), context(stage, groups_=asked))


def configmgr(found: EdrPolicies, stage: Stage = Stage.PLANNED, on: CloudCollections | None = None) -> Verdict:
    return edr_policy_configmgr.judge(found, reading(on or cloud()), context(stage))


def compliance(found: EdrPolicies, rows: PolicyStatuses, stage: Stage = Stage.RUNNING) -> Verdict:
    return edr_policy_compliance.judge(found, reading(rows), context(stage))


class TestPresence:
    """Both kinds are asked for as the stage of the roll-out asks for them."""

    def test_no_policy_is_no_fault_while_the_roll_out_is_planned(self) -> None:
        assert intune(policies()).outcome is Outcome.NOT_APPLICABLE
        assert configmgr(policies()).outcome is Outcome.NOT_APPLICABLE

    def test_what_exists_passes_while_the_roll_out_is_planned_assigned_or_not(self) -> None:
        assert intune(policies(policy(PolicyKind.INTUNE))).outcome is Outcome.PASS
        assert configmgr(policies(policy(PolicyKind.CONFIGMGR))).outcome is Outcome.PASS
        assert "assigned to nothing" in configmgr(policies(policy())).observed

    @BEGUN
    def test_a_missing_policy_fails_from_running_on_where_nothing_can_be_hidden(self, stage: Stage) -> None:
        assert intune(policies(), stage).outcome is Outcome.FAIL
        assert configmgr(policies(), stage).outcome is Outcome.FAIL

    @BEGUN
    def test_a_missing_policy_is_unknown_where_scope_tags_may_hide_it(self, stage: Stage) -> None:
        for verdict in (intune(policies(complete=False), stage), configmgr(policies(complete=False), stage)):
            assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)

    @BEGUN
    def test_an_unassigned_policy_is_unknown_where_scope_tags_may_hide_an_assigned_one(self, stage: Stage) -> None:
        on_group = policies(policy(PolicyKind.CONFIGMGR, to_group()), complete=False)
        for verdict in (
            intune(policies(policy(PolicyKind.INTUNE), complete=False), stage),
            configmgr(policies(policy(), complete=False), stage),
            configmgr(on_group, stage),
        ):
            assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)

    @BEGUN
    def test_an_unassigned_policy_fails_from_running_on(self, stage: Stage) -> None:
        assert intune(policies(policy(PolicyKind.INTUNE)), stage).outcome is Outcome.FAIL
        assert configmgr(policies(policy()), stage).outcome is Outcome.FAIL

    @BEGUN
    def test_an_exclusion_alone_is_no_assignment(self, stage: Stage) -> None:
        excluded = policy(PolicyKind.INTUNE, to_group(kind=TargetKind.EXCLUDED_GROUP))
        assert intune(policies(excluded), stage).outcome is Outcome.FAIL

    @ALL_STAGES
    def test_assigned_policies_pass_at_every_stage(self, stage: Stage) -> None:
        assert intune(both_kinds(), stage).outcome is Outcome.PASS
        assert configmgr(both_kinds(), stage).outcome is Outcome.PASS

    @ALL_STAGES
    def test_one_kind_does_not_stand_for_the_other(self, stage: Stage) -> None:
        only = policies(policy(PolicyKind.CONFIGMGR, to_collection(CLOUD_IDS[SERVERS])))
        assert intune(only, stage).outcome is not Outcome.PASS
        other = policies(policy(PolicyKind.INTUNE, to_group()))
        assert configmgr(other, stage).outcome is not Outcome.PASS

    def test_a_profile_of_the_retired_shape_counts_and_is_named_so(self) -> None:
        verdict = intune(policies(policy(PolicyKind.LEGACY, to_group())), Stage.RUNNING)
        assert verdict.outcome is Outcome.PASS
        assert "retired shape" in verdict.observed

    @ALL_STAGES
    def test_an_assignment_of_a_kind_that_no_table_knows_is_unknown(self, stage: Stage) -> None:
        strange = to_group(kind=TargetKind("wholePlanetAssignmentTarget"))
        for verdict in (
            intune(policies(policy(PolicyKind.INTUNE, strange)), stage),
            configmgr(policies(policy(PolicyKind.CONFIGMGR, strange)), stage),
        ):
            assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
            assert "wholePlanetAssignmentTarget" in verdict.summary

    def test_settings_scope_tags_and_assignments_are_shown(self) -> None:
        said = intune(both_kinds()).observed
        assert "scope tags 0" in said
        assert "samplesharing=1" in said
        assert "group 3c2a1b0f" in said
        assert "settings not readable" in intune(policies(policy(PolicyKind.INTUNE, settings=None))).observed


class TestGroups:
    """`[scope] groups`, where given, exist and hold devices."""

    def test_groups_that_hold_devices_pass(self) -> None:
        assert intune(both_kinds(), named=groups(group())).outcome is Outcome.PASS

    def test_a_group_that_does_not_exist_fails(self) -> None:
        verdict = intune(both_kinds(), named=groups(group(), group("Ghosts", found=False)))
        assert verdict.outcome is Outcome.FAIL
        assert "Ghosts does not exist" in verdict.summary

    def test_a_group_without_a_device_fails(self) -> None:
        assert "holds no device" in intune(both_kinds(), named=groups(group(devices=False))).summary

    def test_members_that_could_not_be_read_are_unknown(self) -> None:
        verdict = intune(both_kinds(), named=groups(group(devices=None)))
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)

    def test_a_name_that_several_groups_have_is_unknown(self) -> None:
        """Even where both hold devices: which one the roll-out is about is not told."""
        verdict = intune(both_kinds(), named=groups(group(), group()))
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
        assert "name the id" in verdict.summary

    def test_groups_that_were_not_read_or_not_asked_for_are_unknown(self) -> None:
        asked = context(Stage.PLANNED, groups_=("EDR devices",))
        lost = edr_policy_intune.judge(both_kinds(), unread(TargetGroups, Reason.ACCESS_DENIED), asked)
        assert (lost.outcome, lost.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
        never = edr_policy_intune.judge(both_kinds(), reading(groups()), asked)
        assert (never.outcome, never.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)

    def test_a_missing_policy_is_not_made_up_for_by_good_groups(self) -> None:
        assert intune(policies(), Stage.RUNNING, groups(group())).outcome is Outcome.FAIL


class TestCollections:
    """Collections of an assignment, matched by either id."""

    @pytest.mark.parametrize("id_", [CLOUD_IDS[SERVERS], SERVERS, SERVERS.lower()])
    def test_either_id_of_a_collection_is_known_again(self, id_: str) -> None:
        verdict = configmgr(policies(policy(PolicyKind.CONFIGMGR, to_collection(id_))), Stage.RUNNING)
        assert verdict.outcome is Outcome.PASS
        assert "assigned collections: All Windows Servers - EDR" in verdict.observed
        assert "unknown to the tenant" not in verdict.observed

    def test_an_id_that_the_tenant_does_not_list_is_shown_so(self) -> None:
        verdict = configmgr(policies(policy(PolicyKind.CONFIGMGR, to_collection("XYZ00001"))), Stage.RUNNING)
        assert "unknown to the tenant: XYZ00001" in verdict.observed

    @BEGUN
    def test_a_collection_policy_on_groups_only_fails(self, stage: Stage) -> None:
        verdict = configmgr(policies(policy(PolicyKind.CONFIGMGR, to_group())), stage)
        assert verdict.outcome is Outcome.FAIL
        assert "no collection" in verdict.summary

    def test_without_the_list_of_the_tenant_it_cannot_be_told(self) -> None:
        lost = unread(CloudCollections, Reason.MISSING_PERMISSION)
        verdict = edr_policy_configmgr.judge(both_kinds(), lost, context(Stage.RUNNING))
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.MISSING_PERMISSION)


def _rows(**counts: int | None) -> PolicyStatuses:
    return statuses(*(status(one, **counts) for one in both_kinds().policies))


class TestCompliance:
    """What the reports of the policies say."""

    def test_compliant_devices_pass(self) -> None:
        verdict = compliance(both_kinds(), _rows())
        assert verdict.outcome is Outcome.PASS
        assert "240 devices comply" in verdict.summary
        assert "(overview)" in verdict.observed
        assert "(device report)" in verdict.observed

    @pytest.mark.parametrize("count", ["failed", "non_compliant"])
    def test_devices_that_fail_or_do_not_comply_fail(self, count: str) -> None:
        verdict = compliance(both_kinds(), _rows(**{count: 2}))
        assert verdict.outcome is Outcome.FAIL
        assert verdict.summary.startswith("4 devices")

    def test_no_assigned_policy_does_not_apply(self) -> None:
        assert compliance(policies(policy()), statuses()).outcome is Outcome.NOT_APPLICABLE
        assert compliance(policies(), statuses()).outcome is Outcome.NOT_APPLICABLE

    def test_nothing_reported_fails_only_once_the_roll_out_is_done(self) -> None:
        quiet = _rows(compliant=0, pending=120)
        assert compliance(both_kinds(), quiet, Stage.RUNNING).outcome is Outcome.NOT_APPLICABLE
        assert compliance(both_kinds(), quiet, Stage.DONE).outcome is Outcome.FAIL

    def test_once_done_the_devices_of_one_policy_do_not_speak_for_those_of_another(self) -> None:
        first, second = _rows().statuses
        rows = statuses(first, replace(second, compliant=0, pending=120))
        assert compliance(both_kinds(), rows, Stage.DONE).outcome is Outcome.FAIL
        running = compliance(both_kinds(), rows, Stage.RUNNING)
        assert running.outcome is Outcome.PASS
        assert "120 have not reported yet" in running.summary
        nobody = statuses(first, replace(second, targeted=0, compliant=0))
        assert compliance(both_kinds(), nobody, Stage.DONE).outcome is Outcome.PASS

    @BEGUN
    def test_no_assigned_policy_is_unknown_where_scope_tags_may_hide_one(self, stage: Stage) -> None:
        verdict = compliance(policies(policy(), complete=False), statuses(), stage)
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
        planned = compliance(policies(complete=False), statuses(), Stage.PLANNED)
        assert planned.outcome is Outcome.NOT_APPLICABLE

    @pytest.mark.parametrize("rows", [statuses(), statuses(*_rows().statuses[:1]), statuses(*_rows().statuses * 2)])
    def test_a_report_that_is_missing_or_there_twice_is_unknown(self, rows: PolicyStatuses) -> None:
        verdict = compliance(both_kinds(), rows)
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)

    @pytest.mark.parametrize("count", ["compliant", "failed", "non_compliant"])
    def test_a_count_that_is_not_there_is_not_zero(self, count: str) -> None:
        verdict = compliance(both_kinds(), _rows(**{count: None}))
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)

    def test_reports_that_were_not_read_are_unknown(self) -> None:
        lost = unread(PolicyStatuses, Reason.THROTTLED)
        verdict = edr_policy_compliance.judge(both_kinds(), lost, context(Stage.DONE))
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.THROTTLED)

    def test_a_report_of_another_policy_does_not_count(self) -> None:
        found: EdrPolicy = policy(PolicyKind.INTUNE, to_group())
        row: PolicyStatus = replace(status(found), policy_id="another")
        assert compliance(policies(found), statuses(row)).outcome is Outcome.UNKNOWN


def test_the_pilot_is_not_the_servers() -> None:
    """Two collections of the tenant keep their own names."""
    said = configmgr(policies(policy(PolicyKind.CONFIGMGR, to_collection(PILOT))), Stage.RUNNING).observed
    assert "Pilot - Workstations EDR" in said
    assert "Servers" not in said
