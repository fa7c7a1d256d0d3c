"""No fault makes a pass. Architecture, property 1.

Estates that are healthy, and estates that are not (`tests/checks/estates.py`), are spoiled in every way that a source
or the way to it can spoil them. What must hold of every check, whatever was done:

* it never becomes a pass where it was none;
* it does not stay a pass where a reading that it needs is not there, is too old, or is empty;
* it does not stay a pass where a value that it judges was replaced by one that no truthful source gives. What can by
  nature not be noticed is written down in `tests/checks/deception.py`, and nothing else is let through.

Files that were changed are tried in `tests/assessment/test_evidence_files.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from readiness.model.injection import facts
from readiness.plugin import (
    FACTS,
    Fact,
    Hierarchy,
    PartnerState,
    Reading,
    Reason,
    SiteAccess,
    SiteProvider,
    SiteUpdates,
    SiteUpdateStatuses,
    ThreatDefenseConnectors,
)
from tests.assessment.fakes import CORE, report
from tests.checks.builders import (
    HIDDEN,
    INSTALLED,
    NOW,
    READY_TO_INSTALL,
    RELEASE,
    RELEASE_1910,
    RELEASE_2002,
    WINDOWS_SECURITY_CENTER,
    evidence,
    other,
    reading,
    rows_of,
    unread,
)
from tests.checks.corruption import Place, containers, places, spoiled, spoilt_values
from tests.checks.deception import JUDGED, deceives, inconspicuous, judging
from tests.checks.estates import EVERY, HEALTHY, SICK, Facts, Named, changed, passes, passing

thoroughly = settings(
    deadline=None,
    derandomize=True,
    max_examples=300,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def _needing(fact: str) -> frozenset[str]:
    """The checks that need this fact: they take it, or depend on one that does."""
    takes = {check.id for check in CORE if fact in {one.__name__ for one in facts(check)}}
    if takes & {"site-reachable", "site-is-top-level"}:
        return frozenset(check.id for check in CORE if check.id.startswith("site-version")) | takes
    if "tenant-reachable" in takes:
        return frozenset(takes | {"defender-connected"})
    return frozenset(takes)


every_estate = pytest.mark.parametrize("named", EVERY, ids=repr)
every_healthy = pytest.mark.parametrize("named", HEALTHY, ids=repr)


@every_healthy
def test_a_healthy_estate_passes_so_that_there_is_something_to_lose(named: Named) -> None:
    rest = {check.id for check in CORE} - passing(named.facts)
    assert rest <= {"site-hotfix-kb4563473"}
    assert ("2002" in named.name) == (not rest)
    assert report(on=evidence(*named.facts)).decision.state == "ready"


@pytest.mark.parametrize("named", SICK, ids=repr)
def test_a_sick_estate_does_not(named: Named) -> None:
    assert report(on=evidence(*named.facts)).decision.state != "ready"


def test_every_core_check_is_tried() -> None:
    assert set(JUDGED) == {check.id for check in CORE}
    assert set().union(*map(passing, [named.facts for named in HEALTHY])) == set(JUDGED)


# Readings that are not there.


JUDGED_FACTS = tuple(fact for fact in FACTS if any(fact in facts(check) for check in CORE))


@every_estate
@pytest.mark.parametrize("fact", JUDGED_FACTS, ids=lambda fact: fact.__name__)
def test_a_reading_that_is_not_there_is_never_good_news(named: Named, fact: type[Fact]) -> None:
    """Whatever the reason, or with no word of it at all."""
    before = passing(named.facts)
    gone: list[Reading[Fact] | None] = [unread(fact, reason) for reason in Reason]
    for missing in [*gone, None]:
        after = passes(other(named.facts, **{fact.__name__: missing}))
        assert after <= before
        assert not after & _needing(fact.__name__)


@every_estate
@pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(days=400), -timedelta(hours=1), -timedelta(days=900)])
def test_a_stale_reading_or_one_of_the_future_is_never_good_news(named: Named, age: timedelta) -> None:
    before = passing(named.facts)
    for fact in named.facts:
        after = passes(other(named.facts, **{type(fact).__name__: reading(fact, NOW - age)}))
        assert after <= before
        assert not after & _needing(type(fact).__name__)


@every_estate
def test_evidence_that_grew_old_as_a_whole_proves_nothing(named: Named) -> None:
    assert passes(evidence(*named.facts), NOW + timedelta(days=2)) == frozenset()
    assert passes(evidence(*named.facts), NOW - timedelta(days=2)) == frozenset()


# Empty collections and missing rows, with and without the proof of visibility.


@every_estate
@pytest.mark.parametrize("proof", [True, False], ids=["proof", "no proof"])
def test_what_is_emptied_is_never_good_news(named: Named, proof: bool) -> None:
    for fact in _seen(named.facts, proof):
        for place in containers(fact):
            after = passes(evidence(*changed(_seen(named.facts, proof), spoiled(fact, place.path, ()))))
            assert after <= passing(named.facts), place
            assert not after & {check for check, fields in JUDGED.items() if place.key in fields}, place


@every_estate
@pytest.mark.parametrize("proof", [True, False], ids=["proof", "no proof"])
def test_a_row_that_is_missing_is_never_good_news(named: Named, proof: bool) -> None:
    for fact in _seen(named.facts, proof):
        for place in containers(fact):
            for index in range(len(place.value)):
                if inconspicuous(named.facts, place, index):
                    continue
                left = place.value[:index] + place.value[index + 1 :]
                after = passes(evidence(*changed(_seen(named.facts, proof), spoiled(fact, place.path, left))))
                assert after <= passing(named.facts), (place, index)


def _seen(facts_: Facts, proof: bool) -> Facts:
    """The estate with, or without, the proof that the account sees everything."""
    seen = next(fact for fact in facts_ if isinstance(fact, SiteAccess))
    return facts_ if proof else changed(facts_, replace(seen, listed=False, grants=()))


@every_estate
def test_rows_that_are_missing_while_the_number_of_rows_says_otherwise_are_refused(named: Named) -> None:
    """Those too that nothing else names: a failing site that is dropped from the sites, say."""
    for fact in named.facts:
        for field in (place.field for place in containers(fact) if len(place.path) == 1 and fact.held() is not None):
            if field in ("grants", "verified_domains"):
                continue  # of one row
            rows = getattr(fact, field)
            for left in [rows[:index] + rows[index + 1 :] for index in range(len(rows))] + [(), rows * 2]:
                with pytest.raises(ValueError, match="not what the value holds"):
                    replace(reading(fact), value=spoiled(fact, (field,), left))


@every_estate
@pytest.mark.parametrize("rows", [None, -1, 0, 77])
def test_a_number_of_rows_that_does_not_fit_is_refused(named: Named, rows: int | None) -> None:
    for fact in named.facts:
        if rows is None or not fact.fits(rows):
            with pytest.raises(ValueError, match="rows"):
                replace(reading(fact), rows=rows)
    assert {type(fact) for fact in named.facts if fact.fits(77)} == {SiteProvider}


CARRYING: Mapping[type[Fact], tuple[str, str, frozenset[str]]] = {
    Hierarchy: ("sites", "site-version-minimum", frozenset({"P02", "S01"})),
    SiteUpdates: ("packages", "site-hotfix-kb4563473", frozenset({RELEASE.guid})),
    SiteUpdateStatuses: ("statuses", "site-hotfix-kb4563473", frozenset()),
    ThreatDefenseConnectors: ("connectors", "defender-connected", frozenset({WINDOWS_SECURITY_CENTER})),
}
"""Where the rows are on which a check rests, and which of them it does not rest on."""


@every_healthy
def test_a_row_that_carries_a_pass_takes_it_along(named: Named) -> None:
    """The site itself, its parents, the package, its state at each site, the connector."""
    for fact in named.facts:
        field, check, others = CARRYING.get(type(fact), ("", "", frozenset()))
        rows = getattr(fact, field, ())
        for index, row in enumerate(rows):
            if not {getattr(row, key, None) for key in ("code", "guid", "id")} & others:
                left = rows[:index] + rows[index + 1 :]
                assert check not in passes(evidence(*changed(named.facts, spoiled(fact, (field,), left)))), row


@every_estate
def test_a_row_that_is_there_twice_changes_nothing_for_the_better(named: Named) -> None:
    before = passing(named.facts)
    for fact in named.facts:
        for place in containers(fact):
            after = passes(evidence(*changed(named.facts, spoiled(fact, place.path, place.value * 2))))
            assert after <= before


@thoroughly
@given(st.data())
def test_a_second_row_that_contradicts_the_first_is_never_good_news(data: st.DataObject) -> None:
    """Whichever comes first. A connector, a package or a state that is listed twice must agree with itself."""
    named = data.draw(st.sampled_from(EVERY))
    rows = [place for fact in named.facts for place in containers(fact) if place.field in _KEYED]
    place = data.draw(st.sampled_from([row for row in rows if row.fact != "Organization"]))
    index = data.draw(st.integers(0, len(place.value) - 1))
    second = replace(place.value[index], **data.draw(st.sampled_from(_KEYED[place.field])))
    both = list(place.value)
    both.insert(data.draw(st.integers(0, len(both))), second)
    fact = next(fact for fact in named.facts if type(fact).__name__ == place.fact)
    after = passes(evidence(*changed(named.facts, spoiled(fact, place.path, tuple(both)))))
    assert after <= passing(named.facts)


_KEYED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "connectors": [{"partner_state": state} for state in PartnerState],
    "packages": [{"state": state} for state in (INSTALLED, READY_TO_INSTALL, HIDDEN, 0, -1)],
    "statuses": [{"state": state} for state in (INSTALLED, READY_TO_INSTALL, HIDDEN, 0, -1)],
    "sites": [{"build": build} for build in (9146, RELEASE_1910, RELEASE_2002, 0)],
}


# Spoilt values.


@thoroughly
@given(st.data())
def test_a_spoilt_value_is_never_good_news(data: st.DataObject) -> None:
    named = data.draw(st.sampled_from(EVERY))
    place = data.draw(st.sampled_from([place for fact in named.facts for place in places(fact)]))
    new = data.draw(spoilt_values(place))
    assume(not deceives(named.facts, place, new))
    after = _passes(_spoilt(named.facts, place, new))
    assert after <= passing(named.facts)
    assert not after & judging(named.facts, place)


@thoroughly
@given(st.data())
def test_two_spoilt_values_do_not_make_up_for_each_other(data: st.DataObject) -> None:
    """What one fault takes away, another does not give back; unless both tell the same story."""
    named = data.draw(st.sampled_from(HEALTHY))
    every = [place for fact in named.facts for place in places(fact) if judging(named.facts, place)]
    first, second = data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=2, unique_by=lambda one: one.path))
    new = data.draw(spoilt_values(first))
    assume(not deceives(named.facts, first, new))
    other_new = data.draw(spoilt_values(second))
    assume(other_new != new and not deceives(named.facts, second, other_new))
    twice = _spoilt(_spoilt(named.facts, first, new), second, other_new)
    assert _passes(twice) <= passing(named.facts)
    assert not _passes(twice) & judging(named.facts, first)


def _passes(facts_: Facts) -> frozenset[str]:
    """What passes on these facts; nothing where no source can have given them (a number of rows below none)."""
    if any(rows_of(fact) != fact.held() for fact in facts_ if fact.held() is not None):
        with pytest.raises(ValueError, match="rows were read"):
            evidence(*facts_)
        return frozenset()
    return passes(evidence(*facts_))


def _spoilt(facts_: Facts, place: Place, new: Any) -> Facts:
    fact = next(fact for fact in facts_ if type(fact).__name__ == place.fact)
    return changed(facts_, spoiled(fact, place.path, new))
