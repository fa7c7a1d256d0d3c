"""No fault makes a pass, tried on the whole product: every check, on the evidence that every simulated estate gives.

`test_no_false_pass.py` tries the checks that all others rest on value by value. Here every check is tried with what a
source, or the way to it, can take away: readings, rows, whole lists, the proof that rows are visible, freshness; and
with values that no table knows. Whatever is taken away, no check may pass that did not pass before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import checks
from readiness.assessment.judging import judge_all
from readiness.assessment.readings import current
from readiness.cli.reading import read_estate
from readiness.config import load
from readiness.lab import Lab, load_scenario, scenario_names
from readiness.model.facts import Fact
from readiness.model.injection import facts
from readiness.model.reading import Evidence, Reading
from readiness.model.settings import JudgingSettings
from readiness.plugin import FACTS, Context, OpenIntEnum, OpenStrEnum, Outcome, Reason, SiteAccess
from tests.checks.corruption import Place, containers, places, spoiled

CHECKS = tuple(checks.registered())
SCENARIOS = tuple(name for name in scenario_names() if name != "large")
MOOT = Outcome.NOT_APPLICABLE
MOST_ALIKE = 3
MOST_ROWS = 12
"""Of a longer list only so many rows are taken away, one at a time: they are alike."""
LOST = (Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.BAD_ANSWER)

TELLING = ("ready", "comanaged", "hierarchy", "hotfix-missing", "not-attached", "rights-limited")
"""Scenarios that differ in what can be taken away; the others differ in values."""

every_scenario = pytest.mark.parametrize("name", SCENARIOS)
telling_scenario = pytest.mark.parametrize("name", TELLING)


@dataclass(frozen=True, slots=True)
class Read:
    """A simulated estate as it was read, and how it is to be judged."""

    evidence: Evidence
    settings: JudgingSettings

    def passes(self, evidence: Evidence | None = None, days: float = 0) -> frozenset[str]:
        """The checks that pass on this evidence, so many days later."""
        outcomes = self._outcomes(evidence or self.evidence, days)
        return frozenset(id_ for id_, outcome in outcomes.items() if outcome is Outcome.PASS)

    def may_pass(self) -> frozenset[str]:
        """What passes, and who holds a role that is not needed: where it can no longer be told that it is not, the
        holder is judged, and truly holds it."""
        moot = {"global-administrator"} if self._outcomes(self.evidence, 0)["global-administrator"] is MOOT else set()
        return self.passes() | moot

    def _outcomes(self, evidence: Evidence, days: float) -> dict[str, Outcome]:
        """What `assess` comes to, without the report: its digests are most of the work."""
        now = evidence.finished + timedelta(days=days)
        readings = current(evidence, FACTS, self.settings.policy.max_evidence_age, now)
        judged = judge_all(CHECKS, readings, Context(now, self.settings))
        return {id_: one.verdict.outcome for id_, one in judged.items()}


@cache
def read(name: str) -> Read:
    with TemporaryDirectory() as folder, Lab(load_scenario(name)) as lab:
        lab.write(Path(folder))
        lines = (Path(folder) / "lab.env").read_text(encoding="utf-8").splitlines()
        secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        configuration = load(Path(folder) / "readiness.toml", {})
        return Read(read_estate(configuration, secrets), configuration.judging)


def with_reading(evidence: Evidence, changed: Reading[Fact] | None, fact: str) -> Evidence:
    kept = (one for one in evidence.readings if one.fact != fact)
    return replace(evidence, readings=(*kept, *([changed] if changed else [])))


def lost(reading: Reading[Fact], reason: Reason) -> Reading[Fact]:
    return Reading(
        reading.fact, reading.started, reading.duration_seconds, reason=reason, error=f"lost: {reason}", source="here"
    )


def holding(reading: Reading[Fact], value: Fact) -> Reading[Fact] | None:
    """The reading with another value, of as many rows as that one holds; None where evidence refuses it."""
    rows = reading.rows if value.held() is None else value.held()
    return replace(reading, value=value, rows=rows) if rows is not None and value.fits(rows) else None


def lists(value: Fact) -> Iterator[Place]:
    """Every list in a fact; of those that many rows have, the first few: they are alike."""
    seen: Counter[tuple[str, str]] = Counter()
    for place in containers(value):
        seen[place.key] += 1
        if seen[place.key] <= MOST_ALIKE:
            yield place


def without_proof(evidence: Evidence) -> Evidence:
    """The evidence without the proof that the account sees everything of the site."""
    found = evidence.reading(SiteAccess)
    if found is None or not isinstance(found.value, SiteAccess):
        return evidence
    return with_reading(evidence, replace(found, value=replace(found.value, listed=False, grants=())), found.fact)


def test_every_check_passes_somewhere_or_is_known_not_to() -> None:
    """Else there would be nothing to lose here."""
    passed = frozenset().union(*(read(name).passes() for name in SCENARIOS))
    never: Mapping[str, str] = {
        "attach-sync-working": "green alone proves little: it is manual at best",
        "no-unwanted-enrolment": "the reading accounts are Read-only Analysts: tests/checks tries a Full Administrator",
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
