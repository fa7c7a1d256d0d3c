"""collections-enabled: what can be read of a box that no published property shows, and what the pieces come to."""

import time
from typing import Any

import pytest

from checks.collections.collections_enabled import CHECK, judge
from readiness.assessment import Question, Rules, assess
from readiness.model.settings import Attestation, JudgingSettings, Scope
from readiness.plugin import (
    Basis,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    CollectionType,
    EdrPolicies,
    Organization,
    Outcome,
    PolicyKind,
    Reason,
    UploadScope,
    Verdict,
)
from tests.assessment.fakes import RULES, result
from tests.checks.attach_facts import (
    HIERARCHY,
    OTHER_HIERARCHY,
    absent,
    analyst,
    applications,
    as_read,
    full_administrator,
    services,
)
from tests.checks.builders import NOW, estate, evidence, hierarchy, organization, site, unread
from tests.checks.collection_facts import (
    ALL_SYSTEMS,
    KIOSKS,
    NO_SITE,
    PILOT,
    SERVERS,
    collection,
    naming,
    site_collections,
    tenant_lists,
    uploaded,
)
from tests.checks.policy_facts import policies, policy, to_collection

PASS, FAIL, UNKNOWN, MANUAL = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL
CONTRADICTING = (UNKNOWN, Reason.CONTRADICTING)
HOLDS = tenant_lists(SERVERS)
"""Selective where all devices are uploaded, because it leaves out the others; it holds the target."""
LEAVES_OUT = tenant_lists(PILOT)
"""Selective, and without the target."""
EVERYTHING = tenant_lists(ALL_SYSTEMS, SERVERS, PILOT, KIOSKS)
"""Leaves nothing out: it may list whatever is uploaded."""
NOTHING = CloudCollections(())
ASSIGNED = policies(policy(PolicyKind.CONFIGMGR, to_collection(SERVERS)))
NO_TENANT: dict[str, Any] = {
    "cloud": absent(CloudCollections),
    "organization": absent(Organization),
    "policies": absent(EdrPolicies),
}


def judged(
    number: int | None = None, cloud: CloudCollections = NOTHING, *, mask: int = 0, context: Any = None, **given: Any
) -> Verdict:
    """One target with this number in ServicePartners; all devices are uploaded, and that is proven."""
    facts: dict[str, Any] = {
        "collections": site_collections(partners=number),
        "scope": uploaded(),
        "services": services(),
        "applications": applications(),
        "cloud": cloud,
        "policies": policies(),
        "organization": organization(),
        "access": full_administrator(),
        "hierarchy": hierarchy(site()),
        **given,
    }
    read: dict[str, Any] = {name: as_read(fact) for name, fact in facts.items()}
    return judge(**read, context=context or naming(SERVERS, mask=mask))


def stands(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


# Every combination of the pieces: number, list, assignment. What each comes to is said by the catalogue.

TABLE: list[tuple[int, int | None, CloudCollections, bool, Any]] = [
    # mask, number, list, assigned, what comes of it
    (0, None, NOTHING, False, MANUAL),
    (0, None, NOTHING, True, MANUAL),
    (0, None, HOLDS, False, PASS),
    (0, None, HOLDS, True, PASS),
    (0, None, EVERYTHING, False, MANUAL),
    (0, None, LEAVES_OUT, False, MANUAL),
    (0, None, LEAVES_OUT, True, CONTRADICTING),
    (0, 0, NOTHING, False, MANUAL),
    (0, 0, NOTHING, True, CONTRADICTING),
    (0, 0, HOLDS, False, CONTRADICTING),
    (0, 0, EVERYTHING, False, MANUAL),
    (0, 0, LEAVES_OUT, False, FAIL),
    (0, 0, LEAVES_OUT, True, CONTRADICTING),
    (0, 5, NOTHING, False, MANUAL),
    (0, 5, NOTHING, True, MANUAL),
    (0, 5, HOLDS, False, PASS),
    (0, 5, EVERYTHING, False, MANUAL),
    (0, 5, EVERYTHING, True, MANUAL),
    (0, 5, LEAVES_OUT, False, CONTRADICTING),
    (4, 5, NOTHING, False, PASS),
    (4, 5, NOTHING, True, PASS),
    (4, 5, HOLDS, False, PASS),
    (4, 5, EVERYTHING, False, PASS),
    (4, 5, LEAVES_OUT, False, CONTRADICTING),
    (4, 3, NOTHING, False, FAIL),
    (4, 3, NOTHING, True, CONTRADICTING),
    (4, 3, HOLDS, False, CONTRADICTING),
    (4, 3, EVERYTHING, False, FAIL),
    (4, 3, LEAVES_OUT, False, FAIL),
    (4, 0, NOTHING, False, FAIL),
    (4, None, NOTHING, False, MANUAL),
    (4, None, HOLDS, False, PASS),
    (4, None, LEAVES_OUT, False, MANUAL),
    (6, 4, NOTHING, False, FAIL),
    (0x80000000, -2147483648, NOTHING, False, PASS),
]


@pytest.mark.parametrize(("mask", "number", "cloud", "assigned", "expected"), TABLE)
def test_every_piece_speaks(
    mask: int, number: int | None, cloud: CloudCollections, assigned: bool, expected: Any
) -> None:
    verdict = judged(number, cloud, mask=mask, policies=ASSIGNED if assigned else policies())
    assert stands(verdict) == (expected if isinstance(expected, tuple) else (expected, None))
    assert verdict.basis is Basis.INFERRED
    shown = "not shown" if number is None else str(number)
    assert f"ServicePartners {shown};" in verdict.subjects[0].summary
    assert f"All Windows Servers - EDR (P0100021) {shown}" in verdict.observed


def test_a_list_is_only_selective_by_what_is_inside_the_upload_scope() -> None:
    """The others are missing because they are not uploaded: the list may hold all that is."""
    assert judged(5, HOLDS, scope=uploaded(SERVERS)).outcome is MANUAL
    nested = site_collections(collection(SERVERS, partners=5), collection(PILOT, limited=SERVERS, partners=0))
    verdict = judged(cloud=HOLDS, collections=nested, scope=uploaded(SERVERS))
    assert verdict.outcome is PASS
    assert "leaves out others that are uploaded (Pilot - Workstations EDR (P0100022))" in verdict.subjects[0].summary


def test_an_empty_collection_and_one_of_users_make_no_list_selective() -> None:
    quiet = site_collections(
        collection(SERVERS, partners=5),
        collection(PILOT, limited=SERVERS, members=0, partners=0),
        collection(KIOSKS, limited=SERVERS, type_=CollectionType.USER, partners=0),
    )
    assert judged(cloud=HOLDS, collections=quiet, scope=uploaded(SERVERS)).outcome is MANUAL


def test_placeholders_of_unknown_computers_make_no_list_selective() -> None:
    """They have no client, and are never uploaded."""
    unknown = site_collections(
        collection(SERVERS, partners=5), collection("SMS000US", limited=SERVERS, members=2, partners=0)
    )
    assert judged(cloud=HOLDS, collections=unknown, scope=uploaded(SERVERS)).outcome is MANUAL


def test_an_upload_scope_that_is_not_proven_makes_no_list_selective() -> None:
    assert judged(5, HOLDS, access=analyst()).outcome is MANUAL
    assert judged(5, HOLDS, scope=uploaded(value=1)).outcome is MANUAL
    assert judged(0, LEAVES_OUT, access=analyst()).outcome is MANUAL


def test_being_left_out_by_a_list_whose_scope_is_not_known_takes_a_proof_away() -> None:
    """With the scope it would be contradicting: losing it must not make a pass."""
    assert stands(judged(5, LEAVES_OUT, mask=4)) == CONTRADICTING
    for lost in ({"access": analyst()}, {"scope": UploadScope(())}):
        assert stands(judged(5, LEAVES_OUT, mask=4, **lost)) == (UNKNOWN, Reason.NOT_VISIBLE)
    assert stands(judged(5, LEAVES_OUT, mask=4, scope=uploaded(value=1))) == (UNKNOWN, Reason.BAD_ANSWER)


def test_a_number_that_is_missing_where_others_have_one_is_a_bad_answer() -> None:
    """With the number it would be contradicting: losing it must not make a pass."""
    one_lost = site_collections(collection(SERVERS), collection(PILOT, partners=0))
    assert stands(judged(cloud=HOLDS, collections=one_lost)) == (UNKNOWN, Reason.BAD_ANSWER)


def test_an_empty_list_neither_corroborates_nor_contradicts() -> None:
    verdict = judged(4, NOTHING, mask=4)
    assert verdict.outcome is PASS
    assert "uncorroborated" in verdict.subjects[0].summary
    assert "which says nothing" in verdict.subjects[0].summary


def test_a_list_of_another_hierarchy_says_nothing() -> None:
    theirs = tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY, name="Theirs")
    assert judged(5, theirs).outcome is MANUAL
    assert judged(5, theirs, context=naming(SERVERS, hierarchy_id=OTHER_HIERARCHY)).outcome is PASS


def test_several_hierarchies_that_fit_are_contradicting() -> None:
    both = CloudCollections(HOLDS.collections + tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY).collections)
    verdict = judged(4, both, mask=4)
    assert stands(verdict) == CONTRADICTING
    assert verdict.remediation is not None
    assert "hierarchy_id" in verdict.remediation.steps[0].text


# Assignments.


def test_an_assignment_is_matched_by_either_id() -> None:
    by_guid = policies(policy(PolicyKind.CONFIGMGR, to_collection(f"GUID-{SERVERS}-{HIERARCHY}")))
    assert "a policy is assigned to it" in judged(5, HOLDS, policies=by_guid).subjects[0].summary
    assert "a policy is assigned to it" in judged(5, HOLDS, policies=ASSIGNED).subjects[0].summary
    other = policies(policy(PolicyKind.CONFIGMGR, to_collection(PILOT)))
    assert "assigned to it" not in judged(5, HOLDS, policies=other).subjects[0].summary


def test_an_assignment_by_an_id_that_several_hierarchies_have_says_nothing() -> None:
    context = naming(SERVERS, hierarchy_id=HIERARCHY)
    both = CloudCollections(LEAVES_OUT.collections + tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY).collections)
    ours = tenant_lists(SERVERS, PILOT)
    theirs = tenant_lists(SERVERS, hierarchy=OTHER_HIERARCHY)
    ambiguous = CloudCollections(ours.collections + theirs.collections)
    assert "assigned to it" not in judged(5, ambiguous, context=context, policies=ASSIGNED).subjects[0].summary
    assert stands(judged(0, both, context=context, policies=ASSIGNED)) == CONTRADICTING


# Halves.


@pytest.mark.parametrize("fact", [UploadScope, Collections, CloudCollections, EdrPolicies])
@pytest.mark.parametrize("reason", [Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.STALE, Reason.TIMED_OUT])
@pytest.mark.parametrize(("mask", "number"), [(4, 4), (4, 0), (0, 5)])
def test_a_piece_that_is_configured_and_was_not_read_leaves_it_unknown(
    fact: Any, reason: Reason, mask: int, number: int
) -> None:
    names = {UploadScope: "scope", Collections: "collections", CloudCollections: "cloud", EdrPolicies: "policies"}
    facts: dict[str, Any] = {"cloud": HOLDS, names[fact]: unread(fact, reason)}
    verdict = judged(number, mask=mask, **facts)
    assert stands(verdict) == (UNKNOWN, reason)
    if fact is not Collections:
        assert f"ServicePartners {number};" in verdict.subjects[0].summary


def test_the_site_alone_is_named_as_uncorroborated() -> None:
    verdict = judged(4, mask=4, **NO_TENANT)
    assert verdict.outcome is PASS
    assert "uncorroborated" in verdict.subjects[0].summary
    assert "not-configured" in verdict.subjects[0].summary
    assert judged(0, mask=4, **NO_TENANT).outcome is FAIL
    assert judged(5, **NO_TENANT).outcome is MANUAL
    assert judged(0, **NO_TENANT).outcome is MANUAL


def test_the_tenant_alone_cannot_tell_whether_its_list_is_selective() -> None:
    context = naming(SERVERS, hierarchy_id=HIERARCHY)
    assert judged(cloud=HOLDS, context=context, **NO_SITE).outcome is MANUAL
    assert judged(cloud=HOLDS, **NO_SITE).reason is Reason.NOT_CONFIGURED


def test_a_box_proves_nothing_where_tenant_attach_does_not_pass() -> None:
    """It may be left from earlier; and losing what shows that nothing is attached must not make a pass."""
    lost: Any = unread(CloudServices)
    for given in ({"number": 4, "mask": 4}, {"number": 4, "mask": 4, "cloud": HOLDS}):
        found: dict[str, Any] = {"services": lost, **given}
        verdict = judged(**found)
        assert stands(verdict) == (UNKNOWN, Reason.ACCESS_DENIED)
    assert judged(cloud=HOLDS, services=lost).outcome is MANUAL
    assert judged(0, mask=4, services=lost).outcome is FAIL


def test_a_mask_that_no_visible_collection_shows_is_named_wherever_it_speaks() -> None:
    """A wrong mask says no of every collection: that is never left to look like a box that is not ticked."""
    alone = judged(3, mask=4)
    assert alone.outcome is FAIL
    assert "no visible collection has the bits of [site] edr_flag_mask 4" in alone.subjects[0].summary
    assert "mask 4, which no visible collection shows" in alone.observed
    assert alone.remediation is not None
    assert "edr_flag_mask" in alone.remediation.steps[0].text
    assert "tick" in alone.remediation.steps[1].text
    against = judged(3, HOLDS, mask=4)
    assert stands(against) == CONTRADICTING
    assert "edr_flag_mask 4" in against.subjects[0].summary
    assert against.remediation is not None
    assert "edr_flag_mask" in against.remediation.steps[0].text


def test_a_mask_that_another_collection_shows_is_not_doubted() -> None:
    some = site_collections(collection(partners=3), collection(PILOT, partners=4))
    verdict = judged(collections=some, context=naming(SERVERS, mask=4))
    assert verdict.outcome is FAIL
    assert "edr_flag_mask" not in verdict.subjects[0].summary
    assert "edr_flag_mask" not in judged(None, mask=4).subjects[0].summary


# What to do.


def test_a_person_is_told_where_to_look_and_how_to_calibrate_or_attest() -> None:
    verdict = judged(5)
    assert verdict.remediation is not None
    first, second = verdict.remediation.steps
    assert first.where == "Assets and Compliance > Device Collections > the collection > Properties > Cloud Sync"
    assert "attestation" in first.text
    assert "edr_flag_mask" in second.text


def test_the_box_is_named_as_the_console_of_the_site_names_it() -> None:
    some = site_collections(collection(partners=3), collection(PILOT, partners=4))
    old = judged(collections=some, context=naming(SERVERS, mask=4), hierarchy=hierarchy(site(build=8968)))
    new = judged(collections=some, context=naming(SERVERS, mask=4), hierarchy=hierarchy(site(build=9146)))
    assert old.remediation is not None
    assert new.remediation is not None
    assert "Defender ATP" in old.remediation.steps[0].text
    assert "Defender ATP" not in new.remediation.steps[0].text


def test_an_attestation_answers_what_nothing_proves() -> None:
    said = Attestation("collections-enabled", "box ticked", "Ann", NOW.date(), NOW.date(), collection=SERVERS)
    settings = JudgingSettings(scope=Scope(collections=(SERVERS,)), attestations=(said,))
    facts = [fact for fact in estate() if not isinstance(fact, Collections)]
    read = evidence(*facts, site_collections(), uploaded(), services(), applications(), NOTHING, policies())
    found = assess(read, Question((CHECK,), settings, Rules(RULES.version, RULES.dated)), NOW)
    assert result(found, "collections-enabled").outcome is MANUAL
    assert found.collections[0].state == "ready"
    assert found.decision.counts["attested"] == 1


# Targets.


def test_no_target_names_what_the_tenant_lists() -> None:
    verdict = judged(5, HOLDS, context=naming())
    assert stands(verdict) == (UNKNOWN, Reason.NO_TARGET)
    assert "All Windows Servers - EDR (P0100021) in the tenant's list" in verdict.summary
    assert "could be chosen:" in verdict.summary


def test_each_target_has_its_own_outcome() -> None:
    some = site_collections(collection(partners=4), collection(PILOT, partners=0), collection(KIOSKS, partners=8))
    context = naming(SERVERS, PILOT, "No such", mask=4)
    verdict = judged(collections=some, context=context)
    assert [(one.id, one.outcome) for one in verdict.subjects] == [(SERVERS, PASS), (PILOT, FAIL), ("No such", UNKNOWN)]


def test_ten_thousand_collections_and_fifty_targets_take_a_moment() -> None:
    """Were it not linear, it would take minutes."""
    assert _seconds(10_000) < 2.0


def _seconds(number: int) -> float:
    rows = [
        Collection(f"P{n:07}", f"C{n}", CollectionType.DEVICE, 1, f"P{n // 2:07}", False, 1) for n in range(1, number)
    ]
    many = Collections((Collection("P0000000", "C0", CollectionType.DEVICE, 1, ALL_SYSTEMS, False, 1), *rows))
    names = [one.id for one in rows[: number : number // 50]]
    began = time.process_time()
    verdict = judged(collections=many, cloud=tenant_lists(*names), context=naming(*names), scope=uploaded("P0000000"))
    assert len(verdict.subjects) >= 50
    return time.process_time() - began
