"""No fault makes a pass, tried on the whole product: every check, on the evidence that every simulated estate gives.

`test_no_false_pass.py` tries the checks that all others rest on value by value. Here every check is tried with what a
source, or the way to it, can take away: readings, rows, whole lists, the proof that rows are visible, freshness; and
with values that no table knows. Whatever is taken away, no check may pass that did not pass before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.model.facts import Fact
from readiness.model.injection import facts
from readiness.plugin import OpenIntEnum, OpenStrEnum, Reason
from tests.checks.corruption import Place, containers, places, spoiled
from tests.properties.estates import CHECKS, SCENARIOS, holding, lost, read, with_reading, without_proof

MOST_ALIKE = 3
MOST_ROWS = 12
"""Of a longer list only so many rows are taken away, one at a time: they are alike."""
LOST = (Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.BAD_ANSWER)

TELLING = ("ready", "comanaged", "hierarchy", "hotfix-missing", "not-attached", "rights-limited")
"""Scenarios that differ in what can be taken away; the others differ in values."""

every_scenario = pytest.mark.parametrize("name", SCENARIOS)
telling_scenario = pytest.mark.parametrize("name", TELLING)


def lists(value: Fact) -> Iterator[Place]:
    """Every list in a fact; of those that many rows have, the first few: they are alike."""
    seen: Counter[tuple[str, str]] = Counter()
    for place in containers(value):
        seen[place.key] += 1
        if seen[place.key] <= MOST_ALIKE:
            yield place


def test_every_check_passes_somewhere_or_is_known_not_to() -> None:
    """Else there would be nothing to lose here."""
    passed = frozenset().union(*(read(name).passes() for name in SCENARIOS))
    never: Mapping[str, str] = {
        "attach-sync-working": "green alone proves little: it is manual at best",
        "no-unwanted-enrolment": "the reading accounts are Read-only Analysts: tests/checks tries a Full Administrator",
        "single-onboarding-channel": "the same",
        "site-hotfix-kb4563473": "no estate runs 2002 with the update: test_no_false_pass.py tries it",
    }
    assert {check.id for check in CHECKS} - passed == set(never)


@every_scenario
def test_a_reading_that_is_not_there_makes_no_pass(name: str) -> None:
    estate = read(name)
    before = estate.may_pass()
    for reading in estate.evidence.readings:
        for gone in [*(lost(reading, reason) for reason in LOST), None]:
            after = estate.passes(with_reading(estate.evidence, gone, reading.fact))
            assert after <= before, (reading.fact, gone)


@every_scenario
def test_a_check_does_not_pass_without_a_fact_that_it_takes(name: str) -> None:
    """Not where the fact is needed as such; one that is only weighed may be missing, and that is said elsewhere."""
    from readiness.model.injection import parameters

    estate = read(name)
    for reading in estate.evidence.readings:
        after = estate.passes(with_reading(estate.evidence, lost(reading, Reason.UNREACHABLE), reading.fact))
        needing = {
            check.id
            for check in CHECKS
            for taken in parameters(check)
            if taken.fact is not None and taken.fact.__name__ == reading.fact and not taken.whole
        }
        assert not after & needing, reading.fact


@every_scenario
def test_a_reading_that_grew_old_makes_no_pass(name: str) -> None:
    estate = read(name)
    before = estate.may_pass()
    for reading in estate.evidence.readings:
        for age in (timedelta(days=3), timedelta(days=-3)):
            old = replace(reading, started=reading.started - age)
            assert estate.passes(with_reading(estate.evidence, old, reading.fact)) <= before, reading.fact
    assert estate.passes(days=3) == frozenset()


@telling_scenario
@pytest.mark.parametrize("proof", [True, False], ids=["proof", "no proof"])
def test_a_list_that_is_emptied_makes_no_pass(name: str, proof: bool) -> None:
    estate = read(name)
    before = estate.may_pass()
    base = estate.evidence if proof else without_proof(estate.evidence)
    for reading in base.readings:
        if reading.value is None:
            continue
        for place in lists(reading.value):
            emptied = holding(reading, spoiled(reading.value, place.path, ()))
            assert estate.passes(with_reading(base, emptied, reading.fact)) <= before, place.path


@telling_scenario
def test_a_row_that_goes_with_the_proof_that_rows_are_visible_makes_no_pass(name: str) -> None:
    """Architecture, property 1. A site that no other row names is the exception: the other sites are proof that sites
    are visible (catalogue, rule 3), so nothing shows that one is missing."""
    estate = read(name)
    before = estate.may_pass()
    base = without_proof(estate.evidence)
    for reading in base.readings:
        if reading.value is None or reading.fact == "SiteAccess":
            continue
        for place in (place for place in lists(reading.value) if place.key != ("Hierarchy", "sites")):
            for index in range(min(len(place.value), MOST_ROWS)):
                left = place.value[:index] + place.value[index + 1 :]
                fewer = holding(reading, spoiled(reading.value, place.path, left))
                assert estate.passes(with_reading(base, fewer, reading.fact)) <= before, (place.path, index)


@telling_scenario
def test_rows_that_are_there_twice_make_no_pass(name: str) -> None:
    estate = read(name)
    before = estate.may_pass()
    for reading in estate.evidence.readings:
        if reading.value is None:
            continue
        for place in lists(reading.value):
            twice = holding(reading, spoiled(reading.value, place.path, place.value * 2))
            assert estate.passes(with_reading(estate.evidence, twice, reading.fact)) <= before, place.path


def strange(place: Place) -> Iterator[object]:
    """Values that no table knows, and none where the field allows it."""
    if isinstance(place.value, OpenIntEnum):
        yield type(place.value)(987_654)
    elif isinstance(place.value, OpenStrEnum):
        yield type(place.value)("somethingNew")
    elif isinstance(place.value, str):
        yield ""
    if place.optional:
        yield None


@telling_scenario
def test_a_word_that_no_table_knows_or_a_value_that_is_gone_makes_no_pass(name: str) -> None:
    estate = read(name)
    before = estate.may_pass()
    for reading in estate.evidence.readings:
        seen: Counter[tuple[str, str]] = Counter()
        if reading.value is None:
            continue
        for place in places(reading.value):
            seen[place.key] += 1
            for new in strange(place) if seen[place.key] <= MOST_ALIKE else ():
                changed = holding(reading, spoiled(reading.value, place.path, new))
                assert estate.passes(with_reading(estate.evidence, changed, reading.fact)) <= before, (place, new)


def test_the_facts_of_every_check_are_read_somewhere() -> None:
    """A fact that no simulated estate gives would never be tried."""
    seen = {reading.fact for name in SCENARIOS for reading in read(name).evidence.readings if reading.available}
    taken = {fact.__name__ for check in CHECKS for fact in facts(check)}
    assert taken <= seen | {"TargetGroups"}
