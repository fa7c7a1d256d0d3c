"""Faults of whole evidence, for Hypothesis: what is missing, old, doubled, shuffled or strange in it.

No fault here tells a better story that a truthful source could tell, too: a connector that says "enabled" is not a
fault but another estate. Numbers and words are such as no table knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.plugin import OpenIntEnum, OpenStrEnum, Reason
from tests.checks.corruption import TEXTS, Place, containers, places, spoiled
from tests.properties.estates import holding, lost, with_reading

Draw = Callable[[st.SearchStrategy[Any]], Any]

NUMBERS = (-(2**63), -(2**31), -7, -1, 987_654_321, 2**31, 2**32 - 1, 2**63, 10**30)
"""Numbers that no source gives. None of them is below ten and not below zero: those are words in disguise."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
AGES = (timedelta(days=2), timedelta(days=4000), -timedelta(hours=1), -timedelta(days=4000))


def faulty(data: st.DataObject, evidence: Evidence, most: int = 4) -> Evidence:
    """The evidence with one fault or several."""
    for _ in range(data.draw(st.integers(1, most), "faults")):
        evidence = _with_fault(data.draw, evidence)
    return evidence


def _with_fault(draw: Draw, evidence: Evidence) -> Evidence:
    """Readings and places are drawn by number: whole evidence is too much to print."""
    if not evidence.readings:
        return evidence
    reading = evidence.readings[draw(st.integers(0, len(evidence.readings) - 1))]
    fault = draw(st.sampled_from(FAULTS))
    note(f"{fault.__name__} {reading.fact}")
    return with_reading(evidence, fault(draw, reading), reading.fact)


def _gone(_draw: Draw, _reading: Reading[Fact]) -> None:
    return None


def _failed(draw: Draw, reading: Reading[Fact]) -> Reading[Fact]:
    return lost(reading, draw(st.sampled_from(Reason)))


def _of_another_time(draw: Draw, reading: Reading[Fact]) -> Reading[Fact]:
    return replace(reading, started=reading.started - draw(st.sampled_from(AGES)))


def _other_rows(draw: Draw, reading: Reading[Fact]) -> Reading[Fact] | None:
    """A list emptied, shortened, doubled, shuffled, or with single rows twice."""
    lists = containers(reading.value) if reading.value is not None else ()
    if reading.value is None or not lists:
        return reading
    place = lists[draw(st.integers(0, len(lists) - 1))]
    numbers = draw(_orders(len(place.value)))
    if place.key == ("Hierarchy", "sites") and numbers:
        # A site that nothing else names may be missing unseen (catalogue, rule 3): the others show that sites are
        # visible. Which ones are missed all the same, test_no_false_pass.py tries.
        numbers += [number for number in range(len(place.value)) if number not in numbers]
    note(f"{place.path}: rows {numbers[:20]} of {len(place.value)}")
    return holding(reading, spoiled(reading.value, place.path, tuple(place.value[number] for number in numbers)))


def _orders(rows: int) -> st.SearchStrategy[list[int]]:
    """Which rows are left, and in which order."""
    every = list(range(rows))
    return st.one_of(
        st.just([]),
        st.just(every * 2),
        st.permutations(every) if rows < 50 else st.just(every[::-1]),
        st.sampled_from(every).map(lambda gone: [one for one in every if one != gone]),
        st.sampled_from(every).map(lambda twice: [*every, twice]),
        st.lists(st.sampled_from(every), max_size=rows),
    )


def _another_value(draw: Draw, reading: Reading[Fact]) -> Reading[Fact] | None:
    found = places(reading.value) if reading.value is not None else ()
    if reading.value is None or not found:
        return reading
    place = found[draw(st.integers(0, len(found) - 1))]
    new = draw(strange(place))
    note(f"{place.path}: {new!r:.80}")
    return holding(reading, spoiled(reading.value, place.path, new))


def strange(place: Place) -> st.SearchStrategy[Any]:
    """Values that no table knows; none where the field allows it. A yes or no can only be missing."""
    nothing = (st.none(),) if place.optional else ()
    return st.one_of(*nothing, _strange(place.value))


def _strange(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, bool):
        return st.just(value)
    if isinstance(value, OpenIntEnum):
        return st.sampled_from(NUMBERS).map(type(value))
    if isinstance(value, OpenStrEnum):
        words = st.sampled_from(TEXTS) | st.text(max_size=8)
        return words.map(type(value)).filter(lambda word: not word.known)
    if isinstance(value, int):
        return st.sampled_from(NUMBERS)
    if isinstance(value, datetime):
        return st.just(LONG_AGO)
    near = (f" {value}", f"{value} ", f"{value}\n", f"\x00{value}", f"{value}\u200b", value * 2, "\u202e" + value)
    return st.sampled_from((*TEXTS, *near)) | st.text(max_size=8)


FAULTS = (_gone, _failed, _of_another_time, _other_rows, _other_rows, _another_value, _another_value, _another_value)
