"""Merge what several people read of one estate.

Merging takes the same pieces to the same evidence, in whatever order and grouping, and however often each is given.
Each piece may itself be merged: what a file of several pieces says of who read is the list of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from readiness.errors import EvidenceError
from readiness.evidence.clocks import by_server
from readiness.evidence.estates import must_be_one, one_tenant
from readiness.evidence.parts import is_partial, joined, ordered
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason


def merge(pieces: Sequence[Evidence]) -> Evidence:
    """One body of evidence from several: of every fact the newest reading, by the clock of the server that answered.

    The newest attempt counts, also one that failed: what could be read an hour ago, and cannot be read now, is not
    known now. An attempt beats none (`not-configured`), whichever is newer. Two of the same moment that say different
    things are `contradicting`.

    Raises:
        EvidenceError: where they speak of different estates.
    """
    if len({piece.redacted for piece in pieces}) > 1:
        raise EvidenceError(
            "the evidence files were redacted by different aliases, or only some of them: redact them together, or "
            "with one map"
        )
    must_be_one(pieces)
    readings: dict[str, Reading[Fact]] = {}
    for reading in (reading for piece in pieces for reading in piece.readings):
        known = readings.get(reading.fact)
        readings[reading.fact] = reading if known is None else _newer(known, reading)
    halves = tuple(half for half in Half if any(half in piece.halves for piece in pieces))
    return Evidence(
        tool_version=joined(piece.tool_version for piece in pieces),
        host=joined(piece.host for piece in pieces),
        started=min(piece.started for piece in pieces),
        finished=max(piece.finished for piece in pieces),
        demo=any(piece.demo for piece in pieces),
        partial=is_partial(readings.values(), halves),
        halves=halves,
        tenant=one_tenant(pieces),
        site=joined(piece.site for piece in pieces) or None,
        readings=ordered(readings.values()),
        redacted=pieces[0].redacted,
        stopped=joined(piece.stopped for piece in pieces) or None,
    )


def renewed(before: Evidence, again: Evidence) -> Evidence:
    """Evidence of which a part was read again by the same reader: what was read now counts, whatever the clocks say,
    also where it could not be read any more.

    Raises:
        EvidenceError: what answers now is another estate than before.
    """
    must_be_one((before, again))
    readings = {reading.fact: reading for piece in (before, again) for reading in piece.readings}
    return replace(
        before,
        started=min(before.started, again.started),
        finished=max(before.finished, again.finished),
        demo=before.demo or again.demo,
        partial=is_partial(readings.values(), before.halves),
        readings=ordered(readings.values()),
    )


def _newer(one: Reading[Fact], other: Reading[Fact]) -> Reading[Fact]:
    """The one that counts of two readings of a fact. A semilattice: order, grouping and repetition do not matter."""
    first, second = ((_attempted(reading), by_server(reading)) for reading in (one, other))
    if first != second:
        return one if first > second else other
    least = min(one, other, key=_mark)
    contradicted = Reason.CONTRADICTING in (one.reason, other.reason)
    return _contradicting(least) if contradicted or one.value != other.value else least


def _attempted(reading: Reading[Fact]) -> bool:
    return reading.reason is not Reason.NOT_CONFIGURED


def _contradicting(reading: Reading[Fact]) -> Reading[Fact]:
    """The reading without what it says. What is left of it is the beginning of `_mark`."""
    words = "two readings of the same moment say different things"
    return replace(reading, value=None, reason=Reason.CONTRADICTING, error=words, missing=(), rows=None)


def _mark(reading: Reading[Fact]) -> tuple[str, str]:
    """By which one of two readings is taken that say the same. Of what a contradiction keeps, it comes first: whatever
    else they say, it is taken from the same one."""
    kept = (
        reading.started,
        reading.clock_skew_seconds,
        reading.duration_seconds,
        reading.source,
        reading.query,
        reading.identity,
        reading.scope,
        reading.request_id,
    )
    return repr(kept), repr((reading.rows, reading.reason, reading.error, reading.missing))
