"""The way to ready: causes first, each step once, who does it, and what it unblocks."""

from typing import Any

import pytest

from readiness.model.settings import JudgingSettings, Waiver
from readiness.plugin import (
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    PlanStep,
    Reason,
    Remediation,
    SiteProvider,
    SiteUpdates,
    Step,
    ThreatDefenseConnectors,
    Verdict,
)
from tests.assessment.fakes import CORE, fake, report, result, says, says_of_tenant, verdict
from tests.checks.builders import NOW, RELEASE_1910, estate, estate_2002, hierarchy, other, site, unread

F, P, U, M = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.MANUAL


def steps(*checks: Any, **more: Any) -> dict[str, PlanStep]:
    """The steps that are certain to be needed, by their text."""
    return {step.step: step for step in report(*checks, **more).plan if step.condition is None}


def test_a_ready_estate_needs_no_steps() -> None:
    assert report().plan == ()


def test_blockers_come_before_advisories_and_advisories_before_the_rest() -> None:
    found = steps(
        fake("info", says(F), level=Level.INFO),
        fake("advisory", says(F), level=Level.ADVISORY),
        fake("lowered", says(F, level=Level.ADVISORY)),
        fake("blocker", says(F)),
    )
    assert list(found) == ["mend blocker", "mend advisory", "mend lowered", "mend info"]


def test_what_is_blocked_waits_for_its_cause_and_adds_no_step() -> None:
    found = steps(
        fake("one", says(F)),
        fake("two", says(P), depends_on=("one",)),
        fake("three", says(P), depends_on=("two",)),
    )
    assert list(found) == ["mend one"]
    assert found["mend one"].unblocks == ("one", "two", "three")


def test_a_step_that_several_checks_ask_for_stands_once() -> None:
    same = Remediation((Step("grant the right", where="there"),), role="someone", wait="5 minutes", verify="look")
    found = steps(*(fake(name, says(F), remediation=same) for name in ("one", "two")))
    assert list(found) == ["grant the right"]
    step = found["grant the right"]
    assert (step.unblocks, step.where, step.wait, step.verify) == (("one", "two"), "there", "5 minutes", "look")


def test_what_passed_crashed_or_is_waived_adds_no_step() -> None:
    def crashes(sites: Hierarchy) -> Verdict:
        raise RuntimeError(sites)

    waiver = Waiver("waived", "x", "y", "z", NOW.date())
    checks = (fake("passed", says(P)), fake("crashed", crashes), fake("waived", says(F)))
    assert steps(*checks, settings=JudgingSettings(waivers=(waiver,))) == {}


def test_the_owner_and_the_role_of_each_step_are_named() -> None:
    found = steps(on=other(estate(hierarchy(site(build=RELEASE_1910)))))
    step = next(iter(found.values()))
    assert (step.owner, step.role) == (Owner.CONFIGMGR_ADMIN, "Full Administrator, scope All")
    assert step.where
    assert step.change_window
    assert step.unblocks == ("site-version-minimum", "site-hotfix-kb4563473")


def test_the_verdicts_own_steps_come_before_the_checks() -> None:
    mine = Remediation((Step("look"),), role="someone", owner=Owner.NETWORK_ADMIN)

    def judge(sites: Hierarchy) -> Verdict:
        del sites
        return Verdict(M, "look", expected="", observed="", remediation=mine)

    assert steps(fake("one", judge))["look"].owner is Owner.NETWORK_ADMIN


@pytest.mark.parametrize(
    ("reason", "words", "owner"),
    [
        (Reason.NOT_VISIBLE, "Read-only Analyst", Owner.CONFIGMGR_ADMIN),
        (Reason.ACCESS_DENIED, "Read-only Analyst", Owner.CONFIGMGR_ADMIN),
        (Reason.UNREACHABLE, "reaches the server", Owner.NETWORK_ADMIN),
        (Reason.SIGN_IN_FAILED, "secret", Owner.CONFIGMGR_ADMIN),
        (Reason.THROTTLED, "longer deadline", Owner.CONFIGMGR_ADMIN),
        (Reason.TIMED_OUT, "longer deadline", Owner.CONFIGMGR_ADMIN),
        (Reason.STALE, "Collect the evidence again", Owner.CONFIGMGR_ADMIN),
        (Reason.BAD_ANSWER, "Scan again", Owner.CONFIGMGR_ADMIN),
        (Reason.UNSUPPORTED_VERSION, "Scan again", Owner.CONFIGMGR_ADMIN),
        (Reason.UNKNOWN_VALUE, "Microsoft's documentation", Owner.CONFIGMGR_ADMIN),
        (Reason.CONTRADICTING, "after 30 minutes", Owner.CONFIGMGR_ADMIN),
        (Reason.NO_TARGET, "[scope] collections", Owner.CONFIGMGR_ADMIN),
        (Reason.WRONG_TARGET, "[site]", Owner.CONFIGMGR_ADMIN),
        (Reason.NOT_CONFIGURED, "[site]", Owner.CONFIGMGR_ADMIN),
    ],
)
def test_each_reason_has_steps_of_its_own(reason: Reason, words: str, owner: Owner) -> None:
    one = result(report(fake("one", says(U, reason))), "one")
    assert words in one.remediation.steps[0].text
    assert one.owner is owner
    assert one.remediation.verify


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_leads_to_the_steps_for_a_failure(reason: Reason) -> None:
    """What could not be verified is not mended by mending what may be whole."""
    site_half = result(report(fake("one", says(U, reason))), "one")
    assert site_half.remediation.steps[0].text != "mend one"
    tenant = fake("two", says_of_tenant(P), needs=Needs.TENANT)
    lost = other(estate(), Organization=unread(Organization, reason))
    assert result(report(tenant, on=lost), "two").remediation.steps[0].text != "mend two"


def test_a_missing_permission_is_named_and_belongs_to_entra() -> None:
    lost = unread(ThreatDefenseConnectors, Reason.MISSING_PERMISSION, ("DeviceManagementServiceConfig.Read.All",))
    found = report(on=other(estate(), ThreatDefenseConnectors=lost))
    one = result(found, "defender-connected")
    assert one.owner is Owner.ENTRA_ADMIN
    assert "DeviceManagementServiceConfig.Read.All" in one.remediation.steps[0].text
    reachable = result(found, "tenant-reachable")
    assert reachable.outcome is P
    assert "DeviceManagementServiceConfig.Read.All (disables defender-connected)" in reachable.summary


def test_a_check_of_both_halves_is_mended_in_the_half_that_was_not_read() -> None:
    def judge(organization: Organization, sites: Hierarchy) -> Verdict:
        del organization, sites
        return verdict(P)

    both = fake("both", judge, needs=Needs.BOTH)
    for fact, owner in ((Organization, Owner.ENTRA_ADMIN), (Hierarchy, Owner.CONFIGMGR_ADMIN)):
        lost = other(estate(), **{fact.__name__: unread(fact, Reason.THROTTLED)})
        assert result(report(both, on=lost), "both").owner is owner


def test_the_steps_of_a_connection_are_its_own() -> None:
    found = report(on=other(estate(), SiteProvider=unread(SiteProvider, Reason.UNREACHABLE)))
    assert "WinRM" in result(found, "site-reachable").remediation.steps[0].text
    assert found.plan[0].unblocks[0] == "site-reachable"
    assert "site-hotfix-kb4563473" in found.plan[0].unblocks


def test_a_sign_in_that_the_site_refused_is_about_the_account_and_nothing_else() -> None:
    found = report(on=other(estate(), SiteProvider=unread(SiteProvider, Reason.SIGN_IN_FAILED)))
    one = result(found, "site-reachable")
    (step,) = one.remediation.steps
    assert "[site] username and the variable that password_env names" in step.text
    assert "tried once per scan, so it will not be locked" in step.text
    assert one.owner is Owner.CONFIGMGR_ADMIN
    assert [other_.step for other_ in found.plan] == [step.text]


def test_a_sign_in_that_the_tenant_refused_has_the_steps_of_its_check() -> None:
    found = report(on=other(estate(), Organization=unread(Organization, Reason.SIGN_IN_FAILED)))
    one = result(found, "tenant-reachable")
    assert one.remediation == next(check for check in CORE if check.id == "tenant-reachable").remediation


def test_updates_that_were_not_read_do_not_ask_for_the_hotfix() -> None:
    found = steps(on=other(estate_2002(), SiteUpdates=unread(SiteUpdates, Reason.TIMED_OUT)))
    assert [name for name in found if "KB4563473" in name] == []
