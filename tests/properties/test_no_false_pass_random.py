"""No fault makes a pass, several at once, on the whole evidence of every simulated estate, either half, or both."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness.assessment.blocking import dependencies
from readiness.errors import EvidenceError
from readiness.evidence import merge
from readiness.model.facts import Fact
from readiness.model.injection import facts
from readiness.model.reading import Evidence, Reading
from readiness.plugin import FACTS, DecisionState, Half, Organization, Outcome, Reason, SiteProvider
from tests.properties.counting import tried
from tests.properties.estates import (
    CHECKS,
    SCENARIOS,
    Read,
    lost,
    may_pass,
    of_half,
    read,
    state,
    with_reading,
    without_proof,
)
from tests.properties.faults import faulty

EXAMPLES = 20 * int(os.environ.get("PROPERTY_TIMES", "1"))
"""On each estate, of each test. More by the environment, for whoever has the time."""


def many(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )


every_scenario = pytest.mark.parametrize("name", SCENARIOS)


def no_better(name: str, evidence: Evidence, passing: frozenset[str] | None = None) -> None:
    """No check passes that did not, none crashes, and the decision is not `ready` where it was not."""
    found, decision = read(name).weighed(evidence)
    allowed = may_pass(name) if passing is None else passing
    false = {id_ for id_, outcome in found.items() if outcome is Outcome.PASS} - allowed
    better = decision is DecisionState.READY and state(name) is not decision
    tried("false passes", len(false) + better)
    assert not false
    assert not better
    assert Outcome.ERROR not in found.values()


@every_scenario
def test_faults_of_any_kind_make_no_pass(name: str) -> None:
    @many(EXAMPLES)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        no_better(name, faulty(data, read(name).evidence))

    holds()


@every_scenario
def test_faults_together_with_the_proof_of_visibility_make_no_pass(name: str) -> None:
    """Architecture, property 1: rows that are gone, and with them what shows that rows are visible."""
    blind = without_proof(read(name).evidence)

    @many(EXAMPLES // 4)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        no_better(name, without_proof(faulty(data, blind)))

    holds()


@every_scenario
@pytest.mark.parametrize("half", Half)
def test_one_half_alone_is_no_better_for_a_fault_and_never_ready(name: str, half: Half) -> None:
    """Alone it may pass what both together contradict (catalogue, rule 4): so it is compared with itself."""
    alone = of_half(read(name).evidence, half)
    passing = Read(alone, read(name).settings).may_pass()
    assert read(name).weighed(alone)[1] is not DecisionState.READY

    @many(EXAMPLES // 5)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        no_better(name, faulty(data, alone), passing)

    holds()


@every_scenario
@pytest.mark.parametrize("half", Half)
@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NOT_CONFIGURED])
def test_a_half_that_is_configured_and_could_not_be_read_makes_no_pass(name: str, half: Half, reason: Reason) -> None:
    """It is never quietly taken for one that is not there (catalogue, rule 9)."""
    halves = {fact.__name__: fact.half for fact in FACTS}
    evidence = read(name).evidence
    readings = tuple(lost(one, reason) if halves[one.fact] is half else one for one in evidence.readings)
    no_better(name, replace(evidence, readings=readings))


@every_scenario
def test_halves_that_were_spoiled_make_no_pass_in_whatever_order_they_are_merged(name: str) -> None:
    """What two persons read, or one read twice: the order of the files changes nothing."""
    site, tenant = (of_half(read(name).evidence, half) for half in (Half.SITE, Half.TENANT))

    @many(EXAMPLES // 4)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        pieces = [faulty(data, site), faulty(data, tenant), data.draw(st.sampled_from([site, tenant, None]), "again")]
        there = [piece for piece in pieces if piece is not None]
        merged = [merged_or_refused(order) for order in (there, there[::-1], [*there[1:], there[0]])]
        outcomes = [None if one is None else read(name).weighed(one) for one in merged]
        assert outcomes[1:] == outcomes[:-1]
        if merged[0] is not None:
            no_better(name, merged[0])

    holds()


def merged_or_refused(pieces: Sequence[Evidence]) -> Evidence | None:
    try:
        return merge(pieces)
    except EvidenceError:
        return None


@many(EXAMPLES * 2)
@given(st.data())
def test_a_reading_of_another_estate_moves_only_the_checks_that_rest_on_it(data: st.DataObject) -> None:
    """The simulated estates have one tenant and one site, so nothing can show that a reading is of another of them:
    what it says counts, as it did there. It changes nothing else."""
    names = data.draw(st.lists(st.sampled_from(SCENARIOS), min_size=2, max_size=2, unique=True), "estates")
    own, other = (read(name) for name in names)
    evidence = own.evidence
    swapped = data.draw(some_readings(other.evidence), "swapped")
    for reading in swapped:
        evidence = with_reading(evidence, reading, reading.fact)
    found, _ = own.weighed(evidence)
    concerned = {check.id for check in CHECKS if {reading.fact for reading in swapped} & rests_on(check.id)}
    before = own.outcomes(own.evidence)
    assert {id_: outcome for id_, outcome in found.items() if id_ not in concerned} == {
        id_: outcome for id_, outcome in before.items() if id_ not in concerned
    }
    assert Outcome.ERROR not in found.values()


@cache
def rests_on(name: str) -> frozenset[str]:
    """The facts that a check takes, and those of all that it depends on."""
    known = {check.id: check for check in CHECKS}
    own = {fact.__name__ for fact in facts(known[name])}
    return frozenset(own.union(*(rests_on(one) for one in dependencies(known[name]))))


def some_readings(evidence: Evidence) -> st.SearchStrategy[list[Reading[Fact]]]:
    numbers = st.lists(st.integers(0, len(evidence.readings) - 1), min_size=1, max_size=4, unique=True)
    return numbers.map(lambda found: [evidence.readings[number] for number in found])


@many(EXAMPLES * 2)
@given(st.data())
def test_evidence_of_estates_that_provably_differ_is_not_merged(data: st.DataObject) -> None:
    """Of another tenant, or another site: refused, whatever faults are in it."""
    name = data.draw(st.sampled_from(SCENARIOS), "estate")
    evidence = read(name).evidence
    foreign = elsewhere(evidence, data.draw(st.sampled_from(["tenant", "site"]), "differs"))
    for pieces in ([evidence, foreign], [foreign, evidence]):
        with pytest.raises(EvidenceError, match="different estates"):
            merge(pieces)
    tried("examples")


def elsewhere(evidence: Evidence, what: str) -> Evidence:
    """The same of another tenant, or of another site."""
    if what == "tenant":
        found = evidence.reading(Organization)
        assert found is not None
        assert isinstance(found.value, Organization)
        value: Fact = replace(found.value, tenant_id="99999999-0000-4000-8000-000000000009")
    else:
        found = evidence.reading(SiteProvider)
        assert found is not None
        assert isinstance(found.value, SiteProvider)
        value = replace(found.value, site_code="Z99")
    return with_reading(evidence, replace(found, value=value), found.fact)
