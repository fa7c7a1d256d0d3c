"""The collections of the roll-out: how names are settled, and what is decided for each."""

import time
from dataclasses import replace
from typing import Any

import pytest

import checks
from readiness.assessment import needed_facts
from readiness.assessment.decision import exit_code
from readiness.model.settings import JudgingSettings, Scope, Selection, Waiver
from readiness.model.words import FailOn
from readiness.plugin import (
    Check,
    Collection,
    Collections,
    CollectionType,
    DecisionState,
    Hierarchy,
    Outcome,
    Phase,
    Reason,
    Report,
    TargetDecision,
)
from tests.assessment.fakes import CORE, fake, report, says, says_each, subject, subjects
from tests.checks.builders import NOW, access, collections, estate, other, unread

F, P, U = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN
READY, NOT_READY, OPEN = DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED
SERVERS, PILOT = "P0100021", "P0100022"


def naming(*names: str, **more: Any) -> JudgingSettings:
    return JudgingSettings(scope=Scope(collections=names), **more)


def targets(*names: str, on: Any = None) -> dict[str, TargetDecision]:
    found = report(on=other(estate(), Collections=on or collections()), settings=naming(*names))
    return {target.id or target.name: target for target in found.collections}


@pytest.mark.parametrize(
    "name",
    [
        SERVERS,
        SERVERS.lower(),
        "All Windows Servers - EDR",
        "all windows servers - edr",
        "*servers*",
        "All W*",
        "p01*21",
    ],
)
def test_a_collection_is_found_by_id_name_and_glob(name: str) -> None:
    found = targets(name)
    assert list(found) == [SERVERS]
    target = found[SERVERS]
    assert (target.name, target.devices, target.state) == ("All Windows Servers - EDR", 37, READY)


def test_names_are_compared_in_their_composed_form() -> None:
    one = Collections((Collection("P0100031", "Büro - EDR", CollectionType.DEVICE, 3),))
    assert list(targets("Bu\u0308ro - EDR", on=one)) == ["P0100031"]


def test_a_name_that_reads_like_a_glob_is_a_name_first() -> None:
    one = Collections((Collection("P0100031", "EDR [pilot]", CollectionType.DEVICE, 3),))
    assert list(targets("EDR [pilot]", on=one)) == ["P0100031"]


def test_a_glob_finds_all_that_it_matches_and_each_collection_once() -> None:
    assert list(targets("*EDR", SERVERS, "Pilot*")) == [SERVERS, PILOT]


def test_a_glob_means_device_collections() -> None:
    assert list(targets("All *")) == ["SMS00001", SERVERS]


@pytest.mark.parametrize("name", ["All Users", "SMS00002", "*Users"])
def test_a_user_collection_cannot_be_a_target(name: str) -> None:
    target = targets(name)["SMS00002"]
    assert target.state is OPEN
    assert "no device collection" in target.reasons[0]


def test_a_name_that_several_have_is_not_settled_and_the_ids_are_named() -> None:
    twice = Collections(tuple(Collection(id_, "Twin", CollectionType.DEVICE, 1) for id_ in ("P0100041", "P0100042")))
    target = targets("Twin", on=twice)["Twin"]
    assert (target.id, target.state) == (None, OPEN)
    assert "P0100041, P0100042" in target.reasons[0]
    assert list(targets("P0100042", on=twice)) == ["P0100042"]


def test_an_id_that_is_listed_twice_is_not_settled() -> None:
    twice = Collections(tuple(Collection("P0100041", name, CollectionType.DEVICE, 1) for name in ("One", "Two")))
    assert targets("P0100041", on=twice)["P0100041"].state is OPEN


def test_what_is_not_there_is_not_settled_and_says_so() -> None:
    target = targets("No such")["No such"]
    assert (target.id, target.devices, target.state) == (None, None, OPEN)
    assert target.reasons == ("the account sees no such collection",)


def test_collections_that_were_not_read_leave_every_target_open() -> None:
    found = targets(SERVERS, "Pilot*", on=unread(Collections, Reason.ACCESS_DENIED))
    assert [target.state for target in found.values()] == [OPEN, OPEN]
    assert "access-denied" in found[SERVERS].reasons[0]


def test_the_estate_is_as_ready_as_its_worst_target() -> None:
    found = report(settings=naming(SERVERS, "No such"))
    assert found.decision.state is OPEN
    assert "not settled: No such" in found.decision.sentence
    assert exit_code(found, FailOn.BLOCKER)[0] == 5


def test_a_selection_that_does_not_look_at_targets_is_not_held_up_by_them() -> None:
    found = report(settings=naming("No such", selection=Selection(check=("defender-connected",))))
    assert found.decision.state is DecisionState.SELECTION_PASSED
    assert found.collections[0].state is OPEN


def test_a_selection_makes_no_target_ready() -> None:
    found = report(settings=naming(SERVERS, selection=Selection(check=("defender-connected",))))
    assert found.collections[0].state is DecisionState.SELECTION_PASSED


def test_collections_are_read_where_targets_are_named() -> None:
    assert Collections not in needed_facts(CORE, JudgingSettings())
    assert needed_facts(CORE, naming(SERVERS)) >= {Collections, Hierarchy}


def test_a_name_that_stands_for_nothing_counts_once() -> None:
    assert list(targets("No such", "no SUCH", "No such")) == ["No such"]
    assert list(targets(SERVERS, SERVERS, on=unread(Collections))) == [SERVERS]


def test_of_many_names_that_are_not_settled_the_sentence_says_the_first() -> None:
    names = [f"No such {number}" for number in range(9)]
    assert "No such 4 and 4 more" in report(settings=naming(*names)).decision.sentence


def test_a_name_that_a_thousand_have_names_some_of_the_ids() -> None:
    twins = Collections(tuple(Collection(f"P01{n:05}", "Twin", CollectionType.DEVICE, 1) for n in range(1_000)))
    assert "and 990 more" in targets("Twin", on=twins)["Twin"].reasons[0]


# What collections-exist proves.


EXIST = next(check for check in checks.registered() if check.id == "collections-exist")


def proven(*names: str, on: Any = None, **more: Any) -> tuple[Report, dict[str, TargetDecision]]:
    found = report(*CORE, EXIST, on=other(estate(), Collections=on or collections()), settings=naming(*names, **more))
    return found, {target.id or target.name: target for target in found.collections}


def test_a_user_collection_is_not_ready_for_that_reason() -> None:
    found, by_id = proven(SERVERS, "All Users")
    assert (by_id["SMS00002"].state, by_id[SERVERS].state) == (NOT_READY, READY)
    assert by_id["SMS00002"].reasons == (
        "collections-exist: it is no device collection, and EDR policy goes to device collections only",
    )
    assert found.decision.state is NOT_READY
    assert exit_code(found, FailOn.BLOCKER) == (3, "1 blocker failed")


def test_a_collection_that_is_proven_missing_is_not_ready_for_that_reason() -> None:
    found, by_id = proven("No such")
    assert (by_id["No such"].id, by_id["No such"].state) == (None, NOT_READY)
    assert by_id["No such"].reasons == ("collections-exist: there is no such collection; the account sees every one",)
    assert found.decision.state is NOT_READY


def test_a_collection_that_may_be_hidden_and_one_that_is_ambiguous_stay_open() -> None:
    twice = Collections(tuple(Collection(id_, "Twin", CollectionType.DEVICE, 1) for id_ in ("P0100041", "P0100042")))
    _, by_id = proven("Twin", on=twice)
    assert by_id["Twin"].state is OPEN
    assert "name the id" in by_id["Twin"].reasons[0]
    hidden = other(estate(), SiteAccess=access(listed=False))
    found = report(*CORE, EXIST, on=hidden, settings=naming("No such"))
    assert found.collections[0].state is OPEN
    assert found.decision.state is OPEN


def test_an_empty_collection_is_ready_and_says_that_it_has_no_devices() -> None:
    empty = Collections((Collection(SERVERS, "Servers", CollectionType.DEVICE, 0),))
    found, by_id = proven(SERVERS, on=empty)
    assert (by_id[SERVERS].state, by_id[SERVERS].devices, by_id[SERVERS].reasons) == (READY, 0, ())
    assert exit_code(found, FailOn.ADVISORY)[0] == 4


def test_a_waiver_makes_no_target_of_a_user_collection() -> None:
    waiver = Waiver("collections-exist", "x", "y", "z", NOW.date(), collection="SMS00002")
    found, by_id = proven("SMS00002", waivers=(waiver,))
    assert by_id["SMS00002"].state is OPEN
    assert "no device collection" in by_id["SMS00002"].reasons[0]
    assert found.decision.state is OPEN


def test_no_target_named_is_never_ready() -> None:
    found, by_id = proven()
    assert by_id == {}
    assert (found.decision.state, exit_code(found, FailOn.BLOCKER)[0]) == (OPEN, 5)


def test_what_depends_on_a_target_that_does_not_exist_is_blocked_for_that_target_only() -> None:
    each = fake(
        "each",
        says_each(subject(SERVERS, P), subject("SMS00002", P)),
        phase=Phase.COLLECTIONS,
        depends_on=("collections-exist",),
    )
    found = report(*CORE, EXIST, each, settings=naming(SERVERS, "SMS00002"))
    assert subjects(found, "each") == {SERVERS: P, "SMS00002": Outcome.BLOCKED}
    by_id = {target.id: target for target in found.collections}
    assert (by_id[SERVERS].state, by_id["SMS00002"].state) == (READY, NOT_READY)
    assert any("not judged" in reason for reason in by_id["SMS00002"].reasons)


def test_ten_thousand_targets_take_a_moment() -> None:
    many = Collections(tuple(Collection(f"P01{n:05}", f"C{n}", CollectionType.DEVICE, 1) for n in range(10_000)))
    began = time.process_time()
    found, _ = proven("*", on=many)
    assert len(found.collections) == 10_000
    assert time.process_time() - began < 5


# What is decided for each.


def per_target(servers: Outcome, pilot: Outcome) -> Check:
    judge = says_each(subject(SERVERS, servers), subject(PILOT, pilot))
    return fake("each", judge, phase=Phase.COLLECTIONS)


def decided(*checks: Check, **more: Any) -> tuple[Report, dict[str | None, TargetDecision]]:
    found = report(*checks, settings=naming(SERVERS, PILOT, **more))
    return found, {target.id: target for target in found.collections}


def test_each_target_is_decided_by_its_own_subject() -> None:
    found, by_id = decided(per_target(P, F))
    assert (by_id[SERVERS].state, by_id[PILOT].state) == (READY, NOT_READY)
    assert by_id[PILOT].reasons == (f"each: {PILOT} is fail",)
    assert by_id[SERVERS].reasons == ()
    assert found.decision.state is NOT_READY


def test_the_estates_own_blockers_count_for_every_target() -> None:
    _, by_id = decided(per_target(P, U), fake("all", says(F)))
    assert (by_id[SERVERS].state, by_id[PILOT].state) == (NOT_READY, NOT_READY)
    assert by_id[SERVERS].reasons == ("all: it is fail",)


def test_what_makes_a_target_not_ready_comes_first_and_its_own_before_the_estates() -> None:
    """Reports show a few reasons: a failure that comes late in the catalogue is not to be the one left out."""
    each = per_target(F, U)
    _, by_id = decided(fake("open", says(U)), fake("all", says(F)), each)
    assert [reason.split(":")[0] for reason in by_id[SERVERS].reasons] == ["each", "all", "open"]
    assert [reason.split(":")[0] for reason in by_id[PILOT].reasons] == ["all", "each", "open"]


def test_a_waiver_on_one_target_makes_that_one_ready() -> None:
    waiver = Waiver("each", "x", "y", "z", NOW.date(), collection=PILOT)
    found, by_id = decided(per_target(P, F), waivers=(waiver,))
    assert by_id[PILOT].state is READY
    assert found.decision.state is READY


def test_the_devices_that_a_check_counted_are_those_of_the_target() -> None:
    counted = replace(subject(SERVERS, P), devices=40, eligible=38)
    _, by_id = decided(fake("each", says_each(counted, subject(PILOT, P)), phase=Phase.COLLECTIONS))
    assert (by_id[SERVERS].devices, by_id[SERVERS].eligible) == (40, 38)
    assert (by_id[PILOT].devices, by_id[PILOT].eligible) == (20, None)


def test_a_reason_does_not_say_the_name_again() -> None:
    said = replace(subject(PILOT, F), name="Pilot", summary=f"Pilot ({PILOT}): not enabled")
    _, by_id = decided(fake("each", says_each(subject(SERVERS, P), said), phase=Phase.COLLECTIONS))
    assert by_id[PILOT].reasons == ("each: not enabled",)


def test_a_target_that_a_check_does_not_speak_of_is_open() -> None:
    _, by_id = decided(fake("each", says_each(subject(SERVERS, P)), phase=Phase.COLLECTIONS))
    assert (by_id[SERVERS].state, by_id[PILOT].state) == (READY, OPEN)


def test_sites_count_for_every_target() -> None:
    _, by_id = decided(fake("sites", says_each(subject("P01", F, kind="site"), subject("P02", P, kind="site"))))
    assert {target.state for target in by_id.values()} == {NOT_READY}
