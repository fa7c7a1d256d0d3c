"""What depends on what failed: blocked, with the root causes, subject by subject where both have subjects."""

import pytest

from readiness.assessment import Question, assess
from readiness.model.settings import JudgingSettings, Waiver
from readiness.plugin import (
    DecisionState,
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Phase,
    Reason,
    SiteProvider,
    SiteType,
    Verdict,
)
from tests.assessment.fakes import (
    RULES,
    among_real,
    fake,
    outcomes,
    report,
    result,
    says,
    says_each,
    says_of_tenant,
    subject,
    subjects,
    verdict,
)
from tests.checks.builders import (
    NOW,
    RELEASE_1910,
    RELEASE_2002,
    access,
    estate,
    estate_2002,
    hierarchy,
    other,
    package,
    site,
    status,
    unread,
    whole_hierarchy,
    with_site,
)

F, P, U, B, N, M = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.BLOCKED, Outcome.NOT_APPLICABLE, Outcome.MANUAL


def after(*names: str) -> dict[str, tuple[str, ...]]:
    return {"depends_on": names}


@pytest.mark.parametrize(("outcome", "blocks"), [(F, True), (U, False), (M, False), (N, False), (P, False)])
def test_only_a_failed_blocker_blocks(outcome: Outcome, blocks: bool) -> None:
    found = report(fake("one", says(outcome)), fake("two", says(P), **after("one")))
    assert outcomes(found)["two"] is (B if blocks else P)


def test_a_lowered_failure_blocks_nothing() -> None:
    found = report(fake("one", says(F, level=Level.ADVISORY)), fake("two", says(P), **after("one")))
    assert outcomes(found) == {"one": F, "two": P}
    assert (result(found, "one").level, result(found, "one").declared_level) == (Level.ADVISORY, Level.BLOCKER)


def test_a_raised_failure_blocks() -> None:
    one = fake("one", says(F, level=Level.BLOCKER), level=Level.ADVISORY)
    assert outcomes(report(one, fake("two", says(P), **after("one"))))["two"] is B


def test_root_causes_are_named_through_the_chain() -> None:
    found = report(
        fake("one", says(F)),
        fake("two", says(F)),
        fake("three", says(P), **after("one", "two")),
        fake("four", says(P), **after("three")),
    )
    assert outcomes(found) == {"one": F, "two": F, "three": B, "four": B}
    assert result(found, "three").blocked_by == ("one", "two")
    assert result(found, "four").blocked_by == ("one", "two")
    assert "one, two" in result(found, "four").summary


def test_the_order_of_registration_does_not_matter() -> None:
    found = report(fake("two", says(P), **after("one")), fake("one", says(F)))
    assert outcomes(found) == {"two": B, "one": F}
    assert [check.id for check in found.checks] == ["two", "one"]


def test_blocked_comes_before_not_applicable() -> None:
    assert outcomes(report(fake("one", says(F)), fake("two", says(N), **after("one"))))["two"] is B


def test_checks_that_depend_on_each_other_in_a_circle_are_still_judged() -> None:
    found = report(
        fake("one", says(P), **after("three")),
        fake("two", says(P), **after("one")),
        fake("three", says(F), **after("two", "three")),
    )
    assert set(outcomes(found).values()) <= {P, F, B}
    assert outcomes(found)["three"] is F


def test_a_dependency_that_does_not_exist_yet_blocks_nothing() -> None:
    assert outcomes(report(fake("one", says(P), **after("never-written")))) == {"one": P}


# Subject by subject.


def test_only_the_subjects_that_failed_are_blocked() -> None:
    found = report(
        fake("one", says_each(subject("A", F), subject("B", P))),
        fake("two", says_each(subject("A", P), subject("B", P)), **after("one")),
    )
    assert subjects(found, "two") == {"A": B, "B": P}
    assert outcomes(found)["two"] is B
    assert result(found, "two").blocked_by == ("one",)
    assert "one" in result(found, "two").subjects[0].summary


def test_a_failure_of_its_own_is_worse_than_a_blocked_subject() -> None:
    found = report(
        fake("one", says_each(subject("A", F), subject("B", P))),
        fake("two", says_each(subject("A", F), subject("B", F)), **after("one")),
    )
    two = result(found, "two")
    assert subjects(found, "two") == {"A": B, "B": F}
    assert (two.outcome, two.summary) == (F, "B is fail")


def test_a_blocked_subject_blocks_only_itself_further_on_with_its_own_root() -> None:
    found = report(
        fake("one", says_each(subject("A", F), subject("B", P), subject("C", P))),
        fake("two", says_each(subject("A", P), subject("B", F), subject("C", P)), **after("one")),
        fake("three", says_each(subject("A", P), subject("B", P), subject("C", P)), **after("two")),
        fake("four", says_each(subject("C", P)), **after("three")),
    )
    assert subjects(found, "three") == {"A": B, "B": B, "C": P}
    assert set(result(found, "three").blocked_by) == {"one", "two"}
    roots = {one.id: one.summary for one in result(found, "three").subjects}
    assert "one" in roots["A"]
    assert "two" not in roots["A"]
    assert "two" in roots["B"]
    assert subjects(found, "four") == {"C": P}


def test_a_subject_that_failed_as_advisory_blocks_nothing() -> None:
    found = report(
        fake("one", says_each(subject("A", F, Level.ADVISORY), subject("B", P))),
        fake("two", says_each(subject("A", P), subject("B", P)), **after("one")),
    )
    assert subjects(found, "two") == {"A": P, "B": P}


def test_where_one_of_both_has_no_such_subjects_the_whole_check_is_blocked() -> None:
    one = fake("one", says_each(subject("A", F), subject("B", P)))
    whole = report(one, fake("two", says(P), **after("one")))
    assert outcomes(whole)["two"] is B
    sites = report(one, fake("two", says_each(subject("P01", P, kind="site")), **after("one")))
    assert outcomes(sites)["two"] is B
    assert not result(sites, "two").subjects


def test_a_waived_subject_blocks_nothing() -> None:
    waiver = Waiver("one", "a", "b", "c", NOW.date(), collection="A")
    found = report(
        fake("one", says_each(subject("A", F), subject("B", F))),
        fake("two", says_each(subject("A", P), subject("B", P)), **after("one")),
        settings=JudgingSettings(waivers=(waiver,)),
    )
    assert subjects(found, "two") == {"A": P, "B": B}


def test_a_check_that_any_subject_can_pass_blocks_nothing_when_it_passes() -> None:
    def any_of(sites: Hierarchy) -> Verdict:
        del sites
        admins = (subject("a", F, kind="administrator"), subject("b", P, kind="administrator"))
        return Verdict(P, "b can", expected="one", observed="two", subjects=admins)

    found = report(fake("one", any_of), fake("two", says(P), **after("one")))
    assert outcomes(found) == {"one": P, "two": P}
    assert found.decision.state is DecisionState.READY


# The connection, and the real checks.


def test_an_unreachable_site_blocks_its_half_and_leaves_the_other() -> None:
    found = report(on=other(estate(), SiteProvider=unread(SiteProvider, Reason.UNREACHABLE)))
    assert outcomes(found) == {
        "tenant-reachable": P,
        "site-reachable": U,
        "site-is-top-level": B,
        "defender-connected": P,
        "site-version-minimum": B,
        "site-hotfix-kb4563473": B,
    }
    assert result(found, "site-hotfix-kb4563473").blocked_by == ("site-reachable",)
    assert found.decision.state is DecisionState.UNDETERMINED


def test_a_child_site_blocks_what_would_judge_a_part_of_the_truth() -> None:
    child = hierarchy(*whole_hierarchy().sites, provider="P01")
    found = report(on=other(estate(child)))
    assert result(found, "site-is-top-level").reason is Reason.WRONG_TARGET
    assert result(found, "site-version-minimum").blocked_by == ("site-is-top-level",)


def test_a_connection_that_crashes_blocks() -> None:
    def crashes(organization: Organization) -> Verdict:
        raise RuntimeError(organization)

    found = report(
        fake("tenant-reachable", crashes, phase=Phase.CONNECTION, needs=Needs.TENANT),
        fake("two", says_of_tenant(P), needs=Needs.TENANT),
    )
    assert outcomes(found) == {"tenant-reachable": Outcome.ERROR, "two": B}
    assert found.decision.state is DecisionState.UNDETERMINED


def test_a_reading_missing_from_a_half_that_was_read_blocks_like_any_other() -> None:
    """Not being configured excuses a half only where nothing of it was read."""
    found = report(on=other(estate(), Organization=None))
    assert result(found, "tenant-reachable").reason is Reason.UNSUPPORTED_VERSION
    assert outcomes(found)["defender-connected"] is B


def test_a_primary_on_1910_blocks_the_hotfix_there_and_nowhere_else() -> None:
    mixed = with_site(whole_hierarchy(RELEASE_2002), "P02", build=RELEASE_1910)
    found = report(on=other(estate_2002(mixed)))
    assert subjects(found, "site-version-minimum") == {"C01": P, "P01": P, "P02": F, "S01": P}
    assert subjects(found, "site-hotfix-kb4563473") == {"C01": P, "P01": P, "P02": B}
    hotfix = result(found, "site-hotfix-kb4563473")
    assert (hotfix.outcome, hotfix.blocked_by) == (B, ("site-version-minimum",))
    words = {subject.id: subject.summary for subject in hotfix.subjects}["P02"]
    assert "(P02): not judged, because site-version-minimum does not hold there" in words
    assert found.decision.state is DecisionState.NOT_READY


def test_a_standalone_site_on_1910_blocks_the_hotfix() -> None:
    found = report(on=other(estate(hierarchy(site(build=RELEASE_1910)))))
    assert outcomes(found)["site-version-minimum"] is F
    assert outcomes(found)["site-hotfix-kb4563473"] is B


def test_a_waived_1910_leaves_the_hotfix_to_be_judged_where_it_applies() -> None:
    mixed = with_site(whole_hierarchy(RELEASE_2002), "P02", build=RELEASE_1910)
    waiver = Waiver("site-version-minimum", "a", "b", "c", NOW.date(), site="P02")
    found = report(on=other(estate_2002(mixed)), settings=JudgingSettings(waivers=(waiver,)))
    assert subjects(found, "site-hotfix-kb4563473") == {"C01": P, "P01": P, "P02": N}
    assert found.decision.state is DecisionState.READY


def test_the_hotfix_fails_where_it_is_missing_while_another_site_is_blocked() -> None:
    mixed = with_site(whole_hierarchy(RELEASE_2002), "P02", build=RELEASE_1910)
    rows = [status("C01"), status("P01", 262146), status("P02")]
    found = report(on=other(estate(mixed, (package(),), rows)))
    assert subjects(found, "site-hotfix-kb4563473") == {"C01": P, "P01": F, "P02": B}
    assert result(found, "site-hotfix-kb4563473").outcome is F


def test_an_old_secondary_site_blocks_nothing_and_is_advisory() -> None:
    found = report(on=other(estate_2002(with_site(whole_hierarchy(RELEASE_2002), "S01", build=RELEASE_1910))))
    one = result(found, "site-version-minimum")
    assert (one.outcome, one.level, one.declared_level) == (F, Level.ADVISORY, Level.BLOCKER)
    assert outcomes(found)["site-hotfix-kb4563473"] is P
    assert found.decision.state is DecisionState.READY


def test_an_unknown_version_does_not_block_the_hotfix() -> None:
    odd = with_site(whole_hierarchy(RELEASE_2002), "P02", type=SiteType(9))
    found = report(on=other(estate_2002(odd)))
    assert outcomes(found)["site-version-minimum"] is U
    assert subjects(found, "site-hotfix-kb4563473")["P01"] is P


def test_an_account_that_sees_no_update_leaves_the_hotfix_unknown() -> None:
    facts = estate(hierarchy(site(build=RELEASE_2002)), (), ())
    found = report(on=other(facts, SiteAccess=access(listed=False)))
    assert outcomes(found)["site-reachable"] is P
    assert result(found, "site-hotfix-kb4563473").reason is Reason.NOT_VISIBLE


def test_a_plugin_check_is_judged_beside_the_real_ones() -> None:
    def judge(organization: Organization, sites: Hierarchy) -> Verdict:
        del organization, sites
        return verdict(P)

    both = fake("both", judge, needs=Needs.BOTH)
    question = Question(among_real(both), JudgingSettings(), RULES)
    cut = other(estate(), Organization=unread(Organization, Reason.SIGN_IN_FAILED))
    found = assess(cut, question, NOW)
    assert result(found, "both").blocked_by == ("tenant-reachable",)
