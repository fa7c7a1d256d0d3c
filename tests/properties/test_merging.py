"""Merging evidence is commutative, associative and idempotent, also where it is saved and loaded on the way."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness import evidence as bodies
from readiness.evidence import merge
from readiness.evidence.parts import half_of, is_partial
from readiness.plugin import FACTS, Evidence, Fact, Half, Reading, Reason
from tests.properties.counting import tried
from tests.properties.estates import lost, read

EXAMPLES = 30 * int(os.environ.get("PROPERTY_TIMES", "1"))
thoroughly = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == 60, suppress_health_check=list(HealthCheck)
)
VARIED = ("Collections", "ThreatDefenseConnectors", "CloudServices", "EdrPolicies")
"""Facts by which nobody tells which estate it is."""
ESTATES = ("ready", "no-defender", "not-attached")
"""What their varied facts say differs."""
TENANTS = (None, "contoso.onmicrosoft.com", "CONTOSO.com", "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10")
SITES = (None, "localhost", "LOCALHOST")


def said(fact: str) -> list[Reading[Fact]]:
    """What may be said of a fact: what several estates hold, or why it was not read."""
    found = [one for name in ESTATES for one in read(name).evidence.readings if one.fact == fact]
    failed = [lost(found[0], why) for why in (Reason.UNREACHABLE, Reason.ACCESS_DENIED, Reason.NOT_CONFIGURED)]
    return [replace(one, started=found[0].started) for one in [*found, *failed]]


@st.composite
def varied(draw: st.DrawFn, fact: str) -> Reading[Fact]:
    """A reading of it, of a few moments by a few clocks, so that many are of the same moment and some are not."""
    reading = draw(st.sampled_from(said(fact)))
    minutes = draw(st.integers(0, 2))
    skew = draw(st.sampled_from([None, None, -0.4, 4.0, 60.0, -60.0, 3600.0]))
    return replace(
        reading,
        started=reading.started + timedelta(minutes=minutes),
        clock_skew_seconds=skew,
        duration_seconds=draw(st.sampled_from([0.1, 2.0])),
        identity=draw(st.sampled_from([None, "one", "two"])),
        request_id=draw(st.sampled_from([None, "a", "b"])),
    )


@st.composite
def pieces(draw: st.DrawFn) -> Evidence:
    """What somebody may have collected of one estate: the same one, by whatever name."""
    base = read("ready").evidence
    kept = {one.fact: one for one in base.readings}
    for fact in draw(st.sets(st.sampled_from(VARIED))):
        kept[fact] = draw(varied(fact))
    for fact in draw(st.sets(st.sampled_from(VARIED))):
        kept.pop(fact, None)
    readings = tuple(kept[fact.__name__] for fact in FACTS if fact.__name__ in kept)
    return replace(
        base,
        tool_version=draw(st.sampled_from(["1.0", "1.1"])),
        host=draw(st.sampled_from(["alpha", "BETA", "alpha, gamma"])),
        started=base.started - timedelta(minutes=draw(st.integers(0, 2))),
        finished=base.finished + timedelta(minutes=draw(st.integers(0, 2))),
        demo=draw(st.booleans()),
        tenant=draw(st.sampled_from(TENANTS)),
        site=draw(st.sampled_from(SITES)),
        readings=readings,
        partial=is_partial(readings, base.halves),
    )


def through_a_file(evidence: Evidence) -> Evidence:
    """Saved and loaded: by the strict way, which refuses what it would not write."""
    with TemporaryDirectory() as folder:
        bodies.save(evidence, Path(folder) / "evidence.json")
        return bodies.load(Path(folder) / "evidence.json")


@thoroughly
@given(st.lists(pieces(), min_size=2, max_size=4))
def test_the_order_of_the_pieces_does_not_matter(found: list[Evidence]) -> None:
    whole = merge(found)
    for order in permutations(found):
        assert merge(order) == whole
    tried("orders merged")


@thoroughly
@given(pieces(), pieces(), pieces())
def test_the_grouping_of_the_pieces_does_not_matter(one: Evidence, two: Evidence, three: Evidence) -> None:
    whole = merge([one, two, three])
    for first, second, third in permutations((one, two, three)):
        assert merge([merge([first, second]), third]) == whole
        assert merge([merge([first, second]), merge([second, third]), merge([first, third])]) == whole


@thoroughly
@given(pieces(), pieces())
def test_a_piece_that_is_given_again_changes_nothing(one: Evidence, two: Evidence) -> None:
    whole = merge([one, two])
    assert merge([one, two, one]) == whole
    assert merge([whole, two]) == whole
    assert merge([whole]) == whole
    assert merge([one, one]) == merge([one])


@thoroughly
@given(pieces(), pieces(), pieces())
def test_what_is_merged_can_be_saved_loaded_and_merged_again(one: Evidence, two: Evidence, three: Evidence) -> None:
    merged = merge([one, two])
    assert through_a_file(merged) == merged
    assert merge([through_a_file(merged), through_a_file(three)]) == merge([one, two, three])


@thoroughly
@given(pieces(), pieces())
def test_every_reading_of_the_whole_is_one_of_a_piece_or_a_contradiction(one: Evidence, two: Evidence) -> None:
    known = [reading for piece in (one, two) for reading in piece.readings]
    for reading in merge([one, two]).readings:
        assert reading in known or reading.reason is Reason.CONTRADICTING


def test_both_halves_are_named_in_one_order_whoever_comes_first() -> None:
    base = read("ready").evidence
    site, tenant = (
        replace(
            base,
            halves=(half,),
            readings=tuple(one for one in base.readings if half_of(one.fact) is half),
            tenant=base.tenant if half is Half.TENANT else None,
            site=base.site if half is Half.SITE else None,
        )
        for half in (Half.SITE, Half.TENANT)
    )
    assert merge([site, tenant]) == merge([tenant, site]) == base
