"""What a check judges by, it does not take for good where it says nothing that anybody knows. Architecture, property 1.

The other properties compare: nothing that was taken away makes a pass where there was none. Here a pass must go. A
check judges a field where some value of it (another word of the same table, another number or flag) makes it no pass;
then a word or number that no table knows, and no value at all, must make it none as well. What a check may do without
is written down in `OPEN`, and nothing else is let through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.plugin import OpenIntEnum, OpenStrEnum, Outcome
from tests.checks.corruption import Place, places, spoiled
from tests.properties.estates import Read, holding, read, with_reading

SCENARIOS = ("ready", "comanaged", "hierarchy")
"""What passes there differs; the other scenarios pass less."""

UNKNOWN_NUMBER, UNKNOWN_WORD = 987_654, "somethingNew"
NUMBERED = {("Device", "onboarding_state"), ("SiteSystemRole", "offline_mode")}
"""Numbers that stand for words; of any other one, a great number is only a great number."""
MOST_ROWS = 2
"""Rows of which each is changed alone; and all of them at once."""

_DOUBTED = "site-version-minimum and hierarchy-consistent doubt a site of no known status or type; here it is there"
_JOINED = "the other collections of the hierarchy tell which one it is (catalogue, rule 7)"
OPEN: Mapping[tuple[str, str, str], str] = {
    **{
        (check, "Site", "status"): _DOUBTED
        for check in (
            "attach-app-healthy",
            "cloud-endpoints-reached",
            "cloud-supported",
            "preview-features-known",
            "service-connection-online",
            "site-is-top-level",
            "tenant-attached",
        )
    },
    **{
        (check, "Site", "type"): _DOUBTED
        for check in ("cloud-endpoints-reached", "preview-features-known", "service-connection-online")
    },
    **{
        (check, "CloudCollection", "hierarchy_id"): _JOINED
        for check in ("collections-synchronised", "policy-kind-matches-devices", "tenant-attached")
    },
    ("collection-devices-eligible", "Device", "onboarding_state"): "none at all: Defender never told of the device",
    ("collection-devices-eligible", "Device", "operating_system_build"): "its system's name tells as much",
    ("collections-enabled", "Collection", "service_partners"): "bits, of which -1 has all; without, the list proves it",
    ("collections-synchronised", "UploadMapping", "collection_id"): "no collection means all devices",
    ("edr-policy-compliance", "PolicyTarget", "kind"): "devices report, whatever the policy goes to",
}
"""What a check may do without, and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field, in one row or in all that have it."""

    reading: Reading[Fact]
    places: Sequence[Place]

    @property
    def first(self) -> Place:
        return self.places[0]

    def saying(self, evidence: Evidence, new: object) -> Evidence | None:
        """The evidence where this is what it says; None where evidence refuses that."""
        value = self.reading.value
        assert value is not None
        for place in self.places:
            value = spoiled(value, place.path, new)
        try:
            changed = holding(self.reading, value)
        except ValueError:
            return None
        return None if changed is None else with_reading(evidence, changed, self.reading.fact)


def fields_of(evidence: Evidence) -> Iterator[Field]:
    for reading in evidence.readings:
        found: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in places(reading.value) if reading.value is not None else ():
            found[place.key].append(place)
        for alike in found.values():
            yield Field(reading, alike)
            yield from (Field(reading, [place]) for place in alike[:MOST_ROWS] if len(alike) > 1)


def other_values(value: object) -> Sequence[object]:
    """What a truthful source could say there as well, in another estate."""
    if isinstance(value, (OpenIntEnum, OpenStrEnum)):
        return [one for one in type(value) if one != value]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [number for number in (0, 1, 2, 5, 100, 1_000_000) if number != value]
    if isinstance(value, datetime):
        return [value.replace(year=1990)]
    return ["zzz"] if isinstance(value, str) else []


def says_nothing(place: Place) -> Iterator[object]:
    """What nobody knows the meaning of, and nothing at all."""
    value = place.value
    if isinstance(value, OpenIntEnum):
        yield type(value)(UNKNOWN_NUMBER)
    elif isinstance(value, OpenStrEnum):
        yield type(value)(UNKNOWN_WORD)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from (-1, UNKNOWN_NUMBER) if place.key in NUMBERED else (-1,)
    elif isinstance(value, str) and value:
        yield ""
    if place.optional:
        yield None


def judging(estate: Read, passing: frozenset[str], field: Field) -> frozenset[str]:
    """The checks that judge by this field: another value of it, and nothing but it, makes them no pass."""
    found: set[str] = set()
    for new in other_values(field.first.value):
        changed = field.saying(estate.evidence, new)
        outcomes = {} if changed is None else estate.outcomes(changed)
        found |= {id_ for id_ in passing if id_ in outcomes and outcomes[id_] not in (Outcome.PASS, Outcome.BLOCKED)}
    return frozenset(found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_check_judges_by_is_not_good_where_it_says_nothing_that_is_known(name: str) -> None:
    estate = read(name)
    passing = estate.passes()
    believed: dict[tuple[str, str, str], list[object]] = defaultdict(list)
    for field in fields_of(estate.evidence):
        judged = judging(estate, passing, field)
        for new in says_nothing(field.first) if judged else ():
            changed = field.saying(estate.evidence, new)
            for check in judged & estate.passes(changed) if changed is not None else ():
                believed[check, *field.first.key].append(new)
    assert {key: new for key, new in believed.items() if key not in OPEN} == {}
