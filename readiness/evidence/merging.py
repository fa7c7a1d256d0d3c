"""Merge what several people read of one estate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from readiness import __version__
from readiness.evidence.estates import must_be_one
from readiness.evidence.parts import is_partial, ordered
from readiness.model.facts import Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason


def merge(pieces: Sequence[Evidence]) -> Evidence:
    """One body of evidence from several: by fact, the newest reading; one that was made beats one that was not.

    Raises:
        EvidenceError: where they speak of different estates.
    """
    if len(pieces) == 1:
        return pieces[0]
    must_be_one(pieces)
    names = dict.fromkeys(reading.fact for piece in pieces for reading in piece.readings)
    readings = [_newest([r for piece in pieces for r in piece.readings if r.fact == name]) for name in names]
    halves = tuple(half for half in Half if any(half in piece.halves for piece in pieces))
    return Evidence(
        tool_version=__version__,
        host=", ".join(sorted({piece.host for piece in pieces})),
        started=min(piece.started for piece in pieces),
        finished=max(piece.finished for piece in pieces),
        demo=any(piece.demo for piece in pieces),
        partial=is_partial(readings, halves),
        halves=halves,
        tenant=next((piece.tenant for piece in pieces if piece.tenant), None),
        site=next((piece.site for piece in pieces if piece.site), None),
        readings=ordered(readings),
    )


def _newest(readings: Sequence[Reading[Fact]]) -> Reading[Fact]:
    made = [r for r in readings if r.reason is not Reason.NOT_CONFIGURED] or list(readings)
    newest = max(reading.started for reading in made)
    latest = [reading for reading in made if reading.started == newest]
    if all(reading.value == latest[0].value for reading in latest):
        return latest[0]
    words = "two readings of the same moment say different things"
    return replace(latest[0], value=None, reason=Reason.CONTRADICTING, error=words, rows=None)
