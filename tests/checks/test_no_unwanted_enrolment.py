"""no-unwanted-enrolment: the enrolment rule of the policies, by the operating model that is stated."""

from __future__ import annotations

import pytest

from checks.attach.no_unwanted_enrolment import CHECK, judge
from readiness.model.settings import JudgingSettings, OperatingModel, Scope
from readiness.plugin import (
    Basis,
    CoManagementPolicies,
    CoManagementPolicy,
    Context,
    Level,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import analyst, full_administrator
from tests.checks.builders import NOW, hierarchy, reading, site, unread

ATTACH, CO_MANAGEMENT = OperatingModel.TENANT_ATTACH, OperatingModel.CO_MANAGEMENT


def policy(enrols: bool | None, *, assigned: bool = True, name: str = "CoMgmtSettingsProd") -> CoManagementPolicy:
    return CoManagementPolicy(16777400, name, assigned, enrols, 0)


def judged(
    *rows: CoManagementPolicy,
    model: OperatingModel | None = ATTACH,
    seen: Reading[SiteAccess] | None = None,
    build: int = 9146,
) -> Verdict:
    context = Context(NOW, JudgingSettings(scope=Scope(operating_model=model)))
    policies = CoManagementPolicies(rows, len(rows) + 3)
    return judge(policies, seen or full_administrator(), reading(hierarchy(site(build=build))), context)


def test_enrolment_that_is_on_fails_at_advisory_level_where_only_tenant_attach_is_wanted() -> None:
    verdict = judged(policy(True))
    assert (verdict.outcome, verdict.level, verdict.basis) == (Outcome.FAIL, None, Basis.INFERRED)
    assert CHECK.level is Level.ADVISORY
    assert "CoMgmtSettingsProd" in verdict.summary


def test_enrolment_that_is_on_is_info_where_no_model_is_stated() -> None:
    verdict = judged(policy(True), model=None)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.INFO)


@pytest.mark.parametrize("enrols", [True, False, None])
def test_it_does_not_apply_to_co_management(enrols: bool | None) -> None:
    verdict = judged(policy(enrols), model=CO_MANAGEMENT, seen=analyst())
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert "Co-management" in verdict.summary


@pytest.mark.parametrize(("model", "level"), [(ATTACH, None), (None, Level.INFO)])
def test_enrolment_that_is_off_passes_where_nothing_is_hidden(
    model: OperatingModel | None, level: Level | None
) -> None:
    verdict = judged(policy(False), policy(False, name="CoMgmtSettingsPilot"), model=model)
    assert (verdict.outcome, verdict.level) == (Outcome.PASS, level)


def test_no_policy_passes_only_where_nothing_is_hidden() -> None:
    assert judged().outcome is Outcome.PASS
    verdict = judged(seen=analyst())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "no co-management policy among 3" in verdict.observed


@pytest.mark.parametrize("seen", [analyst(), unread(SiteAccess)], ids=["analyst", "not looked up"])
def test_a_visible_policy_proves_nothing_of_others(seen: Reading[SiteAccess]) -> None:
    verdict = judged(policy(False), seen=seen)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.remediation is not None
    assert "Full Administrator" in verdict.remediation.role


def test_enrolment_that_is_on_fails_whatever_else_may_be_hidden_or_unread() -> None:
    assert judged(policy(None), policy(True), seen=analyst()).outcome is Outcome.FAIL


def test_a_rule_that_cannot_be_read_is_for_a_person_to_look_at() -> None:
    for seen in (full_administrator(), analyst()):
        verdict = judged(policy(None), policy(False), seen=seen)
        assert verdict.outcome is Outcome.MANUAL
        assert verdict.remediation is not None
        assert "Enablement" in str(verdict.remediation.steps[0].where)


def test_a_policy_that_is_not_assigned_enrols_nobody_and_is_shown() -> None:
    verdict = judged(policy(True, assigned=False))
    assert verdict.outcome is Outcome.PASS
    assert "not assigned, automatic enrolment on" in verdict.observed
    assert judged(policy(None, assigned=False)).outcome is Outcome.PASS


@pytest.mark.parametrize(("build", "node"), [(8968, "Co-management >"), (9058, "Cloud Attach >")])
def test_the_steps_say_what_the_console_of_this_site_says(build: int, node: str) -> None:
    for verdict in (judged(policy(True), build=build), judged(policy(None), build=build)):
        assert verdict.remediation is not None
        assert f"Cloud Services > {node}" in str(verdict.remediation.steps[0].where)
