"""One half alone, and checks that either half can judge."""

from dataclasses import replace
from typing import Any

import pytest

from readiness.assessment import Question, assess
from readiness.model.settings import JudgingSettings
from readiness.plugin import (
    FACTS,
    Basis,
    Check,
    DecisionState,
    Evidence,
    Half,
    Hierarchy,
    Needs,
    Organization,
    Outcome,
    Phase,
    Reading,
    Reason,
    Report,
    SiteProvider,
    SiteUpdates,
    Verdict,
)
from tests.assessment.fakes import RULES, among_real, fake, outcomes, report, result
from tests.checks.builders import NOW, estate, estate_2002, hierarchy, other, site, unread, whole_hierarchy


def only(half: Half, *, said: bool = True) -> Evidence:
    """Evidence of one half; of the other it says that it was not configured, or nothing at all."""
    gone: dict[str, Any] = {
        fact.__name__: unread(fact, Reason.NOT_CONFIGURED) if said else None for fact in FACTS if fact.half is not half
    }
    return other(estate(), **gone)


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("half", Half)
def test_the_other_halfs_checks_are_unknown_and_not_blocked(half: Half, said: bool) -> None:
    found = report(on=only(half, said=said))
    mine = {Half.SITE: "site", Half.TENANT: "tenant"}[half]
    for check in found.checks:
        theirs = check.id.startswith("site") if half is Half.TENANT else not check.id.startswith("site")
        if theirs:
            assert (check.outcome, check.reason, check.blocked_by) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED, ())
        else:
            assert check.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    assert found.decision.state is DecisionState.UNDETERMINED
    assert found.decision.halves[Half(mine)] is DecisionState.READY
    assert set(found.decision.halves.values()) == {DecisionState.READY, DecisionState.NOT_CONFIGURED}


@pytest.mark.parametrize("half", Half)
def test_the_plan_for_the_other_half_is_to_add_or_collect_it(half: Half) -> None:
    steps = report(on=only(half)).plan
    section = {Half.SITE: "[tenant]", Half.TENANT: "[site]"}[half]
    assert len(steps) == 1
    assert section in steps[0].step
    assert len(steps[0].unblocks) > 1


# A check that either half can judge.


def weighs(organization: Reading[Organization], sites: Reading[Hierarchy]) -> Verdict:
    """Judges as the catalogue has it: both must be read where they are configured."""
    there = [one for one in (organization, sites) if one.available]
    failed = [one for one in (organization, sites) if one.reason not in (None, Reason.NOT_CONFIGURED)]
    said = f"{len(there)} read; {'; '.join(one.error or '' for one in failed)}"
    if failed or not there:
        reason = failed[0].reason if failed else Reason.NOT_CONFIGURED
        return Verdict(Outcome.UNKNOWN, said, expected="", observed=said, reason=reason)
    basis = Basis.DOCUMENTED if len(there) == len(Half) else Basis.INFERRED
    return Verdict(Outcome.PASS, said, expected="", observed=said, basis=basis)


EITHER = fake("either", weighs, phase=Phase.ATTACH, needs=Needs.EITHER)


def judged(on: Evidence, check: Check = EITHER) -> Report:
    return assess(on, Question(among_real(check), JudgingSettings(), RULES), NOW)


def test_both_halves_corroborate() -> None:
    assert result(judged(other(estate())), "either").basis is Basis.DOCUMENTED


@pytest.mark.parametrize("half", Half)
def test_one_half_alone_passes_as_inferred(half: Half) -> None:
    either = result(judged(only(half)), "either")
    assert (either.outcome, either.basis) == (Outcome.PASS, Basis.INFERRED)


def test_without_either_half_it_is_unknown() -> None:
    nothing: dict[str, Any] = {fact.__name__: unread(fact, Reason.NOT_CONFIGURED) for fact in FACTS}
    either = result(judged(other(estate(), **nothing)), "either")
    assert (either.outcome, either.reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)


def test_a_half_that_is_configured_but_cut_off_leaves_it_unknown_and_not_blocked() -> None:
    either = result(judged(other(estate(), SiteProvider=unread(SiteProvider, Reason.UNREACHABLE))), "either")
    assert (either.outcome, either.reason) == (Outcome.UNKNOWN, Reason.UNREACHABLE)


def test_what_was_read_of_a_half_whose_connection_did_not_pass_is_not_relied_on() -> None:
    """A child site's rows are readable, and a part of the truth."""
    child = hierarchy(*whole_hierarchy().sites, provider="P01")
    either = result(judged(other(estate(child))), "either")
    assert (either.outcome, either.reason) == (Outcome.UNKNOWN, Reason.WRONG_TARGET)
    assert "The scan reads the top-level site" in either.summary


def test_cut_off_from_both_it_is_blocked_by_both() -> None:
    on = other(
        estate(),
        SiteProvider=unread(SiteProvider, Reason.UNREACHABLE),
        Organization=unread(Organization, Reason.SIGN_IN_FAILED),
    )
    either = result(judged(on), "either")
    assert either.outcome is Outcome.BLOCKED
    assert either.blocked_by == ("site-reachable", "tenant-reachable")


def test_cut_off_from_one_and_without_the_other_it_is_blocked() -> None:
    gone: dict[str, Any] = {fact.__name__: None for fact in FACTS if fact.half is Half.TENANT}
    on = other(estate(), SiteProvider=unread(SiteProvider, Reason.UNREACHABLE), **gone)
    either = result(judged(on), "either")
    assert (either.outcome, either.blocked_by) == (Outcome.BLOCKED, ("site-reachable",))


def test_the_other_dependencies_of_such_a_check_still_block() -> None:
    check = fake("either", weighs, phase=Phase.ATTACH, needs=Needs.EITHER, depends_on=("site-version-minimum",))
    found = judged(other(estate(hierarchy(site(build=8913)))), check)
    assert outcomes(found)["either"] is Outcome.BLOCKED


def test_a_check_that_needs_both_waits_for_both() -> None:
    def judge(organization: Organization, sites: Hierarchy) -> Verdict:
        raise AssertionError(organization, sites)

    both = fake("both", judge, needs=Needs.BOTH)
    found = judged(only(Half.SITE), both)
    assert (result(found, "both").outcome, result(found, "both").reason) == (Outcome.UNKNOWN, Reason.NOT_CONFIGURED)
    assert "[tenant]" in result(found, "both").remediation.steps[0].text


# A reading that is not there, though its half was read.


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (None, Reason.UNSUPPORTED_VERSION),
        (unread(SiteUpdates, Reason.NOT_CONFIGURED), Reason.BAD_ANSWER),
    ],
    ids=["lacking", "denied"],
)
def test_a_reading_that_is_lacking_of_a_half_that_was_read_is_never_taken_for_a_half_that_was_not(
    gone: Reading[SiteUpdates] | None, reason: Reason
) -> None:
    found = report(on=other(estate_2002(), SiteUpdates=gone))
    one = result(found, "site-hotfix-kb4563473")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, reason)
    assert "the evidence lacks the reading SiteUpdates, though that half was read" in one.summary
    assert "Scan again" in one.remediation.steps[0].text
    assert found.decision.state is DecisionState.UNDETERMINED
    assert found.decision.halves[Half.SITE] is DecisionState.UNDETERMINED


@pytest.mark.parametrize("said", [True, False])
def test_a_corroborator_that_was_taken_out_of_a_half_that_was_read_leaves_it_unknown(said: bool) -> None:
    """Catalogue, rule 9: it must not read as one that is not configured."""
    gone = unread(Hierarchy, Reason.NOT_CONFIGURED) if said else None
    either = result(judged(other(estate(), Hierarchy=gone)), "either")
    assert (either.outcome, either.reason) == (
        Outcome.UNKNOWN,
        Reason.BAD_ANSWER if said else Reason.UNSUPPORTED_VERSION,
    )


@pytest.mark.parametrize("half", Half)
def test_a_half_that_was_read_without_any_reading_of_it_blocks_what_rests_on_it(half: Half) -> None:
    found = report(on=replace(only(half, said=False), halves=tuple(Half)))
    reachable, resting = {
        Half.SITE: ("tenant-reachable", "defender-connected"),
        Half.TENANT: ("site-reachable", "site-version-minimum"),
    }[half]
    assert result(found, reachable).reason is Reason.UNSUPPORTED_VERSION
    assert result(found, resting).blocked_by == (reachable,)
    assert DecisionState.NOT_CONFIGURED not in found.decision.halves.values()
