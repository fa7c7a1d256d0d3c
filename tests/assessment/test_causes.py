"""From what a difference may come besides the estate: an estate that did not change is never said to be broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from readiness.assessment.differing import differ
from readiness.model.changes import Changed
from readiness.model.differences import NOT_THE_ESTATE, Cause, Difference, Different
from readiness.model.report import CheckResult, ReadingSummary, Report, Run, SubjectResult, TargetDecision
from readiness.model.words import DecisionState, Half, Level, Outcome, Reason
from tests.reports.conftest import RULE, WAIVER, rich

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
READY, NOT_READY, OPEN = DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED
STATES = {PASS: READY, FAIL: NOT_READY, UNKNOWN: OPEN, Outcome.BLOCKED: OPEN}
PLAIN = next(one for one in rich().checks if not one.subjects and not one.waiver and not one.attestation)
READING = rich().readings[0]


def check(outcome: Outcome, id_: str = "one", **changes: Any) -> CheckResult:
    changes.setdefault("reason", Reason.ACCESS_DENIED if outcome is UNKNOWN else None)
    made = replace(PLAIN, id=id_, outcome=outcome, level=Level.BLOCKER, declared_level=Level.BLOCKER, rules=(RULE,))
    return replace(made, **{"evidence": ("Read",), **changes})


def subject(outcome: Outcome, id_: str, name: str | None = None) -> SubjectResult:
    reason = Reason.NOT_VISIBLE if outcome is UNKNOWN else None
    return SubjectResult(id_, name or f"name of {id_}", "collection", outcome, Level.BLOCKER, reason, "so", None, None)


def target(state: DecisionState, id_: str | None, *reasons: str, name: str | None = None) -> TargetDecision:
    return TargetDecision(id_, name or f"name of {id_}", state, 1, 1, reasons)


def report(*checks: CheckResult, targets: tuple[TargetDecision, ...] = (), **run: Any) -> Report:
    """A report of these checks, whose decision follows from the worst of them."""
    state = min((STATES[one.outcome] for one in checks), key=(NOT_READY, OPEN, READY).index)
    base = rich()
    readings = (replace(READING, id="Read", fact="Read", identity="account", scope="everything", reason=None),)
    decision = replace(base.decision, state=state, deselected=(), halves=dict.fromkeys(Half, state))
    return replace(
        base, run=replace(base.run, **run), decision=decision, checks=checks, collections=targets, readings=readings
    )


def read_by(one: Report, **changes: Any) -> Report:
    readings: tuple[ReadingSummary, ...] = tuple(replace(reading, **changes) for reading in one.readings)
    return replace(one, readings=readings)


def asked(one: Report, **sections: Any) -> Report:
    run: Run = replace(one.run, configuration={**one.run.configuration, **sections})
    return replace(one, run=run)


def found(before: Report, after: Report) -> dict[str, Different]:
    diff = differ(before, after)
    assert diff.incomparable is None
    return {one.id: one for one in diff.differences if one.what in (Changed.CHECK, Changed.SUBJECT, Changed.DECISION,
                                                                   Changed.COLLECTION)}  # fmt: skip


def meant(before: Report, after: Report, id_: str = "one") -> tuple[Difference, tuple[Cause, ...], bool]:
    one = found(before, after)[id_]
    return one.difference, one.causes, one.worse


OTHER_RULES: dict[str, Any] = {"rules_version": "9"}


def test_without_anything_else_the_estate_is_what_changed() -> None:
    seen = {"observed": "something else"}
    told = found(report(check(PASS)), report(check(FAIL, **seen)))
    assert [(one.difference, one.causes) for one in told.values()] == [(Difference.BROKEN, ())] * 2


def test_the_same_sight_judged_by_other_rules_is_not_broken_but_worse() -> None:
    told = found(report(check(PASS)), report(check(FAIL), **OTHER_RULES))
    assert {(one.difference, one.causes, one.worse) for one in told.values()} == {
        (Difference.JUDGED, (Cause.RULES,), True)
    }
    assert set(told) == {"one", "decision"}


def test_nor_is_it_repaired_where_other_rules_judge_it() -> None:
    assert meant(report(check(FAIL)), report(check(PASS), **OTHER_RULES)) == (Difference.JUDGED, (Cause.RULES,), False)


def test_rules_that_changed_elsewhere_excuse_nothing() -> None:
    """The rows of this check say the same, and something else was seen: it broke."""
    after = report(check(FAIL, observed="partnerState disabled"), **OTHER_RULES)
    assert meant(report(check(PASS)), after) == (Difference.BROKEN, (), True)
    assert meant(report(check(PASS)), after, "decision")[0] is Difference.BROKEN


@pytest.mark.parametrize(
    "changes",
    [{"rules": (replace(RULE, values={**RULE.values, "build": 1}),)}, {"expected": "more"}, {"rules": ()}],
    ids=["another row", "more is expected", "a row is gone"],
)
def test_where_what_judged_is_another_it_may_come_from_that(changes: dict[str, Any]) -> None:
    after = report(check(FAIL, observed="something else", **changes), **OTHER_RULES)
    assert meant(report(check(PASS)), after)[:2] == (Difference.JUDGED, (Cause.RULES,))
    same_rules = report(check(FAIL, observed="something else", **changes))
    assert meant(report(check(PASS)), same_rules)[:2] == (Difference.BROKEN, ())


def test_another_version_of_the_program_or_another_policy_is_another_judge() -> None:
    after = report(check(FAIL, observed="said in other words"), tool_version="99.0")
    assert meant(report(check(PASS)), after)[:2] == (Difference.JUDGED, (Cause.RULES,))
    strict = asked(report(check(FAIL)), policy={"min_eligible": 1.0})
    assert meant(report(check(PASS)), strict)[:2] == (Difference.JUDGED, (Cause.RULES,))


def test_what_the_same_account_does_not_see_any_more_is_no_matter_of_rights() -> None:
    after = report(check(UNKNOWN, reason=Reason.NOT_VISIBLE))
    assert meant(report(check(PASS)), after)[:2] == (Difference.UNVERIFIABLE, ())
    fewer = read_by(after, scope="a part of it")
    assert meant(report(check(PASS)), fewer)[:2] == (Difference.UNVERIFIABLE, (Cause.RIGHTS,))
    assert meant(report(check(PASS)), read_by(after, scope=None))[:2] == (Difference.UNVERIFIABLE, (Cause.RIGHTS,))


@pytest.mark.parametrize("reason", [Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION])
def test_what_a_lost_right_hides_can_no_longer_be_verified_and_it_says_why(reason: Reason) -> None:
    for outcome in (PASS, FAIL):
        told = found(report(check(outcome)), report(check(UNKNOWN, reason=reason)))
        assert (told["one"].difference, told["one"].causes) == (Difference.UNVERIFIABLE, (Cause.RIGHTS,))
        assert (told["decision"].difference, told["decision"].causes) == (Difference.UNVERIFIABLE, (Cause.RIGHTS,))


def test_what_a_new_right_shows_to_fail_did_not_break_now() -> None:
    told = found(report(check(UNKNOWN)), report(check(FAIL)))
    assert {(one.difference, one.causes, one.worse) for one in told.values()} == {
        (Difference.JUDGED, (Cause.RIGHTS,), True)
    }


def test_what_a_new_right_shows_to_hold_is_seen_again() -> None:
    assert meant(report(check(UNKNOWN)), report(check(PASS))) == (Difference.REPAIRED, (Cause.RIGHTS,), False)


@pytest.mark.parametrize("changes", [{"identity": "somebody else"}, {"scope": "a part of it"}])
def test_another_account_or_scope_of_rights_may_see_something_else(changes: dict[str, str]) -> None:
    after = read_by(report(check(FAIL, observed="something else")), **changes)
    assert meant(report(check(PASS)), after)[:2] == (Difference.JUDGED, (Cause.RIGHTS,))
    elsewhere = report(check(FAIL, observed="something else", evidence=()))
    before = report(check(PASS, evidence=()))
    assert meant(before, read_by(elsewhere, **changes))[:2] == (Difference.BROKEN, ())


def test_what_waits_for_a_check_that_lost_its_rights_lost_them_too() -> None:
    before = report(check(PASS, "root"), check(PASS))
    blocked = check(Outcome.BLOCKED, blocked_by=("root",), evidence=())
    assert meant(before, report(check(UNKNOWN, "root"), blocked))[:2] == (Difference.UNVERIFIABLE, (Cause.RIGHTS,))


def test_a_decision_is_the_estates_where_one_of_its_parts_is() -> None:
    before = report(check(PASS), check(UNKNOWN, "two"))
    after = report(check(FAIL, observed="something else"), check(FAIL, "two"))
    told = found(before, after)
    assert [told[id_].difference for id_ in ("one", "two", "decision")] == [
        Difference.BROKEN, Difference.JUDGED, Difference.BROKEN,
    ]  # fmt: skip


def test_a_collection_that_was_added_to_the_scope_breaks_nothing() -> None:
    before = asked(report(check(PASS, subjects=(subject(PASS, "A"),))), scope={"collections": ["A"]})
    of = (subject(PASS, "A"), subject(FAIL, "B"))
    after = asked(report(check(FAIL, subjects=of, observed="more")), scope={"collections": ["A", "B"]})
    told = found(before, after)
    assert (told["one"].difference, told["one"].causes) == (Difference.JUDGED, (Cause.SCOPE,))
    assert (told["one/B"].difference, told["one/B"].causes) == (Difference.CAME, (Cause.SCOPE,))
    assert told["decision"].difference is Difference.JUDGED


def test_a_collection_that_stayed_and_broke_is_broken_whatever_was_added() -> None:
    before = asked(report(check(PASS, subjects=(subject(PASS, "A"),))), scope={"collections": ["A"]})
    of = (subject(FAIL, "A"), subject(FAIL, "B"))
    after = asked(report(check(FAIL, subjects=of, observed="more")), scope={"collections": ["A", "B"]})
    told = found(before, after)
    assert [(told[id_].difference, told[id_].causes) for id_ in ("one", "one/A")] == [(Difference.BROKEN, ())] * 2


def test_a_collection_that_the_site_has_anew_is_news_of_the_estate() -> None:
    before = report(check(PASS, subjects=(subject(PASS, "A"),)))
    after = report(check(FAIL, subjects=(subject(PASS, "A"), subject(FAIL, "B")), observed="more"))
    told = found(before, after)
    assert (told["one"].difference, told["one/B"].causes) == (Difference.BROKEN, ())


def test_a_half_that_was_not_asked_for_is_no_loss_of_rights() -> None:
    after = report(check(UNKNOWN, reason=Reason.NOT_CONFIGURED))
    after = read_by(after, reason=Reason.NOT_CONFIGURED)
    assert meant(report(check(PASS)), after)[:2] == (Difference.UNVERIFIABLE, (Cause.SCOPE,))


def test_a_check_that_another_selection_left_out_says_so() -> None:
    after = report(check(PASS))
    after = replace(after, decision=replace(after.decision, deselected=("two",)))
    assert meant(report(check(PASS), check(PASS, "two")), after, "two")[:2] == (
        Difference.REMOVED_CHECK, (Cause.SCOPE,),
    )  # fmt: skip
    newer = report(check(PASS), check(FAIL, "two"), tool_version="99.0")
    assert meant(report(check(PASS)), newer, "two")[:2] == (Difference.NEW_CHECK, (Cause.RULES,))
    assert meant(report(check(PASS)), newer, "decision")[:2] == (Difference.JUDGED, (Cause.RULES,))


def test_that_a_waiver_ended_is_told_beside_what_it_covered() -> None:
    waived = report(check(FAIL, waiver=WAIVER))
    waived = replace(waived, decision=replace(waived.decision, state=READY))
    told = found(waived, report(check(FAIL)))
    assert {(one.difference, one.causes) for one in told.values()} == {(Difference.BROKEN, (Cause.OVERLAY,))}


def test_a_collection_that_cannot_be_seen_any_more_did_not_go() -> None:
    """It is known by its name alone, where the account does not see it; by its id it is the same."""
    before = report(
        check(PASS, subjects=(subject(PASS, "A"),)), targets=(target(READY, "A"),)
    )  # fmt: skip
    unseen = (target(OPEN, None, "one: the account sees no such collection", name="NAME of A"),)
    after = report(check(UNKNOWN, subjects=(subject(UNKNOWN, "NAME of A", "NAME of A"),)), targets=unseen)
    told = found(before, after)
    assert {id_: one.difference for id_, one in told.items()} == dict.fromkeys(
        ("one", "one/A", "A", "decision"), Difference.UNVERIFIABLE
    )
    assert {one.causes for one in told.values()} == {(Cause.RIGHTS,)}
    back = found(after, before)
    assert {id_: one.difference for id_, one in back.items()} == dict.fromkeys(told, Difference.REPAIRED)


def test_a_collection_that_is_proven_to_be_gone_went() -> None:
    before = report(check(PASS), targets=(target(READY, "A"),))
    of = (subject(FAIL, "A", "A"),)
    gone = report(check(FAIL, subjects=of), targets=(target(NOT_READY, None, "one: no such collection", name="A"),))
    assert found(before, gone)["A"].difference is Difference.WENT
    assert found(gone, before)["A"].difference is Difference.CAME


def test_two_collections_of_one_name_are_two() -> None:
    before = report(check(PASS), targets=(target(READY, "A", name="Pilot"), target(READY, "C")))
    after = report(check(PASS), targets=(target(READY, "B", name="Pilot"), target(READY, "C")))
    told = found(before, after)
    assert {id_: one.difference for id_, one in told.items()} == {"A": Difference.WENT, "B": Difference.CAME}


def test_where_one_read_the_tenant_and_the_other_the_site_nothing_can_be_compared() -> None:
    halves = [replace(report(check(PASS)), decision=replace(report(check(PASS)).decision, halves=halves))
              for halves in ({Half.TENANT: READY, Half.SITE: DecisionState.NOT_CONFIGURED},
                             {Half.SITE: READY, Half.TENANT: DecisionState.NOT_CONFIGURED})]  # fmt: skip
    assert differ(*halves).incomparable == "one of them read the tenant alone, the other one the site alone"
    both = differ(report(check(PASS)), halves[0])
    assert both.incomparable is None
    assert "Only the earlier run read the site" in both.reservations


@pytest.mark.parametrize("before", [PASS, FAIL, UNKNOWN])
@pytest.mark.parametrize("after", [PASS, FAIL, UNKNOWN])
@pytest.mark.parametrize("how", ["rules", "rights", "scope"])
def test_an_estate_that_did_not_change_is_never_said_to_be_broken(before: Outcome, after: Outcome, how: str) -> None:
    """The same was observed. Whatever else came out of it: by other rules, rights, or in another scope."""
    old, new = report(check(before)), report(check(after))
    if how == "rules":
        new = replace(new, run=replace(new.run, **OTHER_RULES))
    elif how == "rights":
        new = read_by(new, scope="a part of it")
    else:
        new = asked(new, scope={"operating_model": "co-management"})
    claims = {Difference.BROKEN, Difference.DEGRADED}
    told = found(old, new).values()
    assert not {one.difference for one in told} & claims
    assert all(set(one.causes) & NOT_THE_ESTATE for one in told)
    assert bool(told) is (before is not after)


def outage(one: Report, *unsettled: str) -> Report:
    """The same in a night in which the site does not answer: collections are not settled."""
    targets = tuple(target(OPEN, None, "one: the site did not answer", name=name) for name in unsettled)
    return replace(one, collections=targets)


def test_collections_that_a_glob_named_did_not_go_in_a_night_in_which_nobody_could_ask() -> None:
    """Nor are they other collections altogether."""
    before = report(check(PASS, subjects=(subject(PASS, "A"),)), targets=(target(READY, "A"),))
    blocked = check(Outcome.BLOCKED, blocked_by=("root",), subjects=(subject(UNKNOWN, "EDR*", "EDR*"),))
    after = outage(report(blocked), "EDR*")
    told = found(before, after)
    assert {id_: one.difference for id_, one in told.items()} == dict.fromkeys(
        ("one", "A", "EDR*", "decision"), Difference.UNVERIFIABLE
    )
    broken = (target(NOT_READY, None, "two: something else failed", name="EDR*"),)
    worse = found(before, replace(after, collections=broken))  # a blocker that failed elsewhere proves nothing of these
    assert (worse["A"].difference, worse["EDR*"].difference) == (Difference.UNVERIFIABLE, Difference.UNVERIFIABLE)
    back = found(after, before)
    assert (back["A"].difference, back["EDR*"].difference) == (Difference.REPAIRED, Difference.CHANGED)
    assert "one/A" not in back


def test_what_a_check_judged_did_not_go_where_it_was_not_judged_at_all() -> None:
    """The check says that itself."""
    before = report(check(PASS, subjects=(subject(PASS, "A"),)))
    blocked = report(check(Outcome.BLOCKED, blocked_by=("root",)))
    for one, other in ((before, blocked), (blocked, before)):
        assert set(found(one, other)) == {"one", "decision"}
    moot = report(check(PASS))
    assert found(before, moot)["one/A"].difference is Difference.WENT


def test_who_did_not_come_to_read_in_an_outage_is_no_other_reader() -> None:
    both = read_by(report(check(PASS), identities=("account",)), reason=None)
    silent = report(check(UNKNOWN, reason=Reason.UNREACHABLE), identities=())
    silent = read_by(silent, identity=None, scope=None, reason=Reason.UNREACHABLE)
    for one, other in ((both, silent), (silent, both)):
        diff = differ(one, other)
        assert not [note for note in diff.reservations if "Read by" in note]
        assert not [one for one in diff.differences if one.what is Changed.READ_BY]
    stranger = read_by(report(check(PASS), identities=("stranger",)), identity="stranger")
    assert [one.what for one in differ(both, stranger).differences] == [Changed.READ_BY]


def test_what_an_outage_hides_is_not_put_down_to_rights_that_it_hides_too() -> None:
    """A reading for which nobody had to be asked is there all the same: only whose rights it has is not known."""
    before = report(check(PASS))
    after = read_by(report(check(UNKNOWN, reason=Reason.UNREACHABLE)), scope=None)
    silent = replace(after.readings[0], id="Silent", fact="Silent", reason=Reason.UNREACHABLE)
    during = replace(after, readings=(*after.readings, silent))
    assert meant(before, during) == (Difference.UNVERIFIABLE, (), True)
    assert meant(during, before)[1] == ()
    assert Cause.RIGHTS in meant(before, after)[1]  # nothing was silent: perhaps it may see less
