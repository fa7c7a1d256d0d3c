"""What is foreseen, in which order, by whom, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from readiness.assessment import Question, assess
from readiness.assessment.planning.summing import span
from readiness.model.report import PlanStep, Report
from readiness.model.settings import Attestation, Change, JudgingSettings
from readiness.plugin import (
    GLOBAL_ADMINISTRATOR,
    Administrator,
    Ahead,
    Context,
    DirectoryRoleHoldings,
    Guide,
    Hierarchy,
    HoldingKind,
    Level,
    Outcome,
    Owner,
    Reading,
    Reason,
    Remediation,
    RoleHolding,
    RolePlace,
    SiteProvider,
    Step,
    Verdict,
    WaitingTime,
)
from tests.assessment.fakes import RULES, fake, report, says, says_each, subject, verdict
from tests.checks.builders import NOW, estate, evidence, other, reading, unread

F, P, U, M = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.MANUAL
GUIDE = Guide(
    waits={"upload": WaitingTime("the upload runs every 15 minutes", 5, 30, "high")},
    roles={
        "attach": (RolePlace("Global Administrator", Owner.ENTRA_ADMIN, "with a licence", "My roles"),),
        "console": (RolePlace("Full Administrator", Owner.CONFIGMGR_ADMIN),),
        "old": (RolePlace("Cloud Administrator", Owner.ENTRA_ADMIN, until_build=9131),),
    },
)


def planned(*checks: Any, on: Any = None, now: datetime = NOW, **settings: Any) -> Report:
    question = Question(checks, JudgingSettings(**settings), RULES, guide=lambda: GUIDE)
    return assess(on or evidence(*estate()), question, now)


def mend(*steps: Step, **more: Any) -> Remediation:
    return Remediation(steps, role=more.pop("role", "someone"), verify="look", **more)


def step(id_: str, **more: Any) -> Step:
    return Step(f"do {id_}", id=id_, **more)


def ids(found: Report) -> list[str]:
    return [one.id for one in found.plan]


def one(found: Report, id_: str) -> PlanStep:
    return next(each for each in found.plan if each.id == id_)


def foreseen(ahead: Callable[..., Ahead], **more: Any) -> Any:
    check = fake("later", says(P), depends_on=("first",), **more)
    check.ahead = ahead
    return check


def sure() -> Ahead:
    return Ahead(certain=mend(step("sure")), possible=mend(step("perhaps")), targets=("Pilot (P1)",))


def crashing() -> Ahead:
    raise RuntimeError


def by_stage(context: Context, sites: Reading[Hierarchy]) -> Ahead:
    return Ahead(certain=mend(step(f"for-{context.settings.rollout.stage}-{sites.available}")))


FIRST = fake("first", says(F))


def test_what_a_blocked_check_may_ask_for_is_listed_under_a_condition() -> None:
    found = planned(FIRST, fake("later", says(P), depends_on=("first",), remediation=mend(step("fix"))))
    assert (one(found, "fix").condition or "").endswith("the steps before it are done: 'later holds'")
    assert one(found, "fix").after == ("mend-first",)


def test_what_a_blocked_check_foretells_is_certain() -> None:
    found = planned(FIRST, foreseen(sure))
    assert (one(found, "sure").condition, one(found, "sure").targets) == (None, ("Pilot (P1)",))
    assert one(found, "perhaps").condition is not None
    assert ids(found) == ["mend-first", "sure", "perhaps"]


def test_what_foretells_takes_readings_and_the_settings() -> None:
    assert "for-planned-True" in ids(planned(FIRST, foreseen(by_stage)))


def test_a_check_that_crashes_while_it_foretells_is_taken_for_one_that_does_not() -> None:
    found = planned(FIRST, foreseen(crashing, remediation=mend(step("usual"))))
    assert one(found, "usual").condition is not None


def test_what_passed_foretells_nothing() -> None:
    check = fake("passes", says(P))
    check.ahead = sure
    assert planned(check).plan == ()


def test_an_open_check_lists_what_it_may_ask_for_afterwards() -> None:
    def judge(sites: Hierarchy) -> Verdict:
        return replace(verdict(F), remediation=mend(step("now")), observed=str(len(sites.sites)))

    found = planned(fake("one", judge, remediation=mend(step("now"), step("next"))))
    assert [(each.id, each.condition is None) for each in found.plan] == [("now", True), ("next", False)]


def test_an_answered_check_lists_nothing() -> None:
    attestation = Attestation("one", "seen", "Ann", NOW.date(), NOW.date())
    check = fake("one", says(M))
    check.ahead = sure
    assert planned(check, attestations=(attestation,)).plan == ()


def test_advisories_list_nothing_that_only_may_be_needed() -> None:
    check = fake("one", says(U, Reason.BAD_ANSWER), level=Level.ADVISORY, remediation=mend(step("fix")))
    assert ids(planned(check)) == ["scan-again"]


def test_what_was_not_reached_cannot_be_foreseen_and_the_plan_says_so() -> None:
    from tests.assessment.fakes import CORE

    found = report(*CORE, on=other(estate(), SiteProvider=unread(SiteProvider, Reason.TIMED_OUT)))
    assert [each.condition for each in found.plan] == [None]
    assert "cannot be foreseen" in found.plan_summary.notes[0]


def test_a_step_for_several_subjects_names_all_of_them_that_are_open() -> None:
    check = fake("one", says_each(subject("a", F), subject("b", P), subject("c", F)), remediation=mend(step("fix")))
    assert one(planned(check), "fix").targets == ("name of a (a)", "name of c (c)")


def test_each_subject_has_its_own_steps() -> None:
    a, b = (replace(subject(name, F), remediation=mend(step(f"fix-{name}"))) for name in "ab")
    found = planned(fake("one", says_each(a, b)))
    assert [(each.id, each.targets) for each in found.plan if each.condition is None] == [
        ("fix-a", ("name of a (a)",)),
        ("fix-b", ("name of b (b)",)),
    ]


def test_a_step_that_one_check_needs_and_another_may_need_is_certain_and_stands_once() -> None:
    same = mend(step("same"))
    found = planned(
        fake("first", says(F), remediation=same), fake("later", says(P), depends_on=("first",), remediation=same)
    )
    assert [(each.id, each.condition) for each in found.plan] == [("same", None)]


def test_a_declared_prerequisite_comes_first_and_is_on_the_way_to_ready() -> None:
    role = fake("role", says(F, level=Level.ADVISORY), remediation=mend(step("activate")))
    found = planned(fake("attached", says(F), remediation=mend(step("attach", after=("activate",)))), role)
    assert [(each.id, each.level) for each in found.plan] == [("activate", Level.BLOCKER), ("attach", Level.BLOCKER)]
    assert one(found, "attach").after == ("activate",)


def test_a_prerequisite_that_is_not_in_the_plan_does_not_count() -> None:
    found = planned(fake("one", says(F), remediation=mend(step("attach", after=("activate",)))))
    assert one(found, "attach").after == ()


def test_steps_that_wait_for_each_other_are_still_listed_once() -> None:
    steps = mend(step("a", after=("b",)), step("b", after=("a",)))
    assert ids(planned(fake("one", says(F), remediation=steps))) == ["a", "b"]


def test_what_stands_for_another_step_comes_after_it_and_holds_up_nothing() -> None:
    first = fake("first", says(F), remediation=mend(step("main"), step("or", instead_of="main")))
    later = fake("later", says(P), depends_on=("first",), remediation=mend(step("fix")))
    found = planned(first, later)
    assert ids(found) == ["main", "or", "fix"]
    assert (one(found, "or").instead_of, one(found, "fix").after) == ("main", ("main",))


def test_a_step_that_stands_for_none_in_the_plan_is_an_ordinary_one() -> None:
    found = planned(fake("one", says(F), remediation=mend(step("or", instead_of="main"))))
    assert one(found, "or").instead_of is None


def test_a_step_without_an_id_has_one_from_its_words() -> None:
    found = planned(fake("one", says(F), remediation=mend(Step("Look at \u202e the <script> log!"))))
    assert ids(found) == ["look-at-the-script-log"]


ATTACH = step("attach", wait_id="upload", role_steps=("console", "attach"), directory_role=GLOBAL_ADMINISTRATOR)
ATTACHED = fake("attached", says(F), remediation=mend(ATTACH, change_window=True))


def test_waiting_times_and_roles_come_from_the_rule_data() -> None:
    found = one(planned(ATTACHED), "attach")
    assert (found.wait, found.wait_least_minutes, found.wait_minutes) == ("the upload runs every 15 minutes", 5, 30)
    assert found.role == "Full Administrator; Global Administrator (with a licence)"
    assert [(role.owner, role.where) for role in found.roles] == [
        (Owner.CONFIGMGR_ADMIN, ""),
        (Owner.ENTRA_ADMIN, "My roles"),
    ]
    assert found.present == (Owner.ENTRA_ADMIN,)


def test_a_role_that_the_release_does_not_need_is_not_named() -> None:
    found = planned(fake("one", says(F), remediation=mend(step("renew", role_steps=("old",)))))
    assert (one(found, "renew").role, one(found, "renew").roles) == ("someone", ())


def holders(*held: RoleHolding, window_end: datetime | None = None) -> str:
    person = Administrator("ada@contoso.com", found=True, holdings=held)
    known = reading(DirectoryRoleHoldings((person,), groups=(), groups_read=True, privileged_identity_management=True))
    found = planned(ATTACHED, on=other(estate(), DirectoryRoleHoldings=known), change=Change(window_end=window_end))
    (said,) = one(found, "attach").holders
    return said


def holding(kind: HoldingKind, hours: int | None) -> RoleHolding:
    ends = NOW + timedelta(hours=hours) if hours is not None else None
    return RoleHolding(GLOBAL_ADMINISTRATOR, "/", kind, None, ends)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (holding(HoldingKind.ELIGIBLE, None), "is eligible for Global Administrator without an end that is known, and"),
        (holding(HoldingKind.ACTIVATED, 2), "before the change window ends"),
        (holding(HoldingKind.ACTIVATED, 9), "past the end of the change window"),
        (holding(HoldingKind.ACTIVATED, -1), "is not seen to hold Global Administrator"),
        (holding(HoldingKind.ASSIGNED, None), "holds Global Administrator without an end"),
    ],
)
def test_who_holds_the_role_and_until_when_stands_at_the_step(held: RoleHolding, words: str) -> None:
    assert words in holders(held, window_end=NOW + timedelta(hours=4))


def test_who_must_be_in_the_call_stands_at_the_top() -> None:
    summary = planned(ATTACHED).plan_summary
    assert summary.call == (
        "In the call: Configuration Manager administrator (Full Administrator), "
        "Entra administrator (Global Administrator)"
    )
    assert [(who.owner, who.steps, who.present) for who in summary.people] == [
        (Owner.CONFIGMGR_ADMIN, (1,), ()),
        (Owner.ENTRA_ADMIN, (), (1,)),
    ]


def test_people_hand_over_where_the_next_step_is_of_another() -> None:
    later = fake("later", says(F), owner=Owner.INTUNE_ADMIN, remediation=mend(step("fix", after=("mend-first",))))
    first, second = planned(FIRST, later).plan_summary.people
    assert first.hands_over == ("after step 1 to the Intune administrator (step 2)",)
    assert second.hands_over == ()


def test_a_call_is_not_asked_for_where_no_step_leads_to_ready() -> None:
    aside = fake("aside", says(F), level=Level.ADVISORY, remediation=mend(step("fix")))
    call = planned(aside).plan_summary.call
    assert call.startswith("No call is needed, because no step is on the way to ready; the rest is for: ")


def test_what_might_be_done_instead_of_a_certain_step_is_left_out_until_it_is_asked_for() -> None:
    first = fake("first", says(F), remediation=mend(step("main")))
    later = fake("later", says(P), depends_on=("first",), remediation=mend(step("or", instead_of="main")))
    assert [step.id for step in planned(first, later).plan] == ["main"]


def test_nothing_to_do_asks_for_nobody() -> None:
    assert planned(fake("one", says(P))).plan_summary == type(planned(fake("one", says(P))).plan_summary)()


def chain(window: Change | None = None, **more: Any) -> Report:
    """Two waits after one another, and a third beside them."""
    steps = mend(step("a", wait_id="upload"), step("b", wait_id="upload", **more), change_window=True)
    beside = fake("beside", says(F), remediation=mend(step("c", wait_id="upload"), change_window=True))
    return planned(fake("one", says(F), remediation=steps), beside, change=window or Change())


def test_waiting_is_summed_along_the_longest_chain_only() -> None:
    summary = chain().plan_summary
    assert (summary.waiting_least_minutes, summary.waiting_minutes) == (10, 60)
    assert summary.waiting.startswith("Waiting alone takes between 10 min and about 1 h")


def test_a_wait_without_a_number_is_named_and_not_counted() -> None:
    found = planned(fake("one", says(F), remediation=mend(step("a"), wait="hours to days")))
    assert found.plan_summary.waiting == "Not counted, because no number is known: step 1 (hours to days)"


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "too short: 30 min, and the steps inside it wait about 1 h"), (3, "(3 h) holds"), (-1, "is over")],
)
def test_waiting_is_held_against_the_change_window(hours: float, words: str) -> None:
    window = Change(window_start=NOW - timedelta(hours=2), window_end=NOW + timedelta(hours=hours))
    assert words in chain(window).plan_summary.window


def test_without_a_window_nothing_is_said_of_one() -> None:
    assert chain().plan_summary.window == ""


def test_the_same_facts_give_the_same_plan() -> None:
    assert chain() == chain()


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (30, "30 min"), (150, "2 h 30 min"), (1455, "1 day 15 min"), (2880, "2 days")]
)
def test_times_are_told_in_words(minutes: int, words: str) -> None:
    assert span(minutes) == words
