"""Save and load evidence files, strictly."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import EvidenceError
from readiness.evidence.foreign import of_another_kind, what_it_is
from readiness.evidence.guests import settled
from readiness.evidence.parts import fact_named, half_of, is_partial
from readiness.evidence.places import difference, outside_utc, placed, said
from readiness.evidence.upgrading import STEPS, completed
from readiness.integrity.signatures import Signer
from readiness.model.facts import Fact
from readiness.model.reading import EVIDENCE_SCHEMA, STOPPED, Evidence, Reading
from readiness.plugins.sources import owner
from readiness.versions import newer, of_schema

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a reading may lie outside the collection that it belongs to."""


def save(evidence: Evidence, path: Path, signer: Signer | None = None) -> None:
    """Write an evidence file, signed where there is somebody to sign.

    Piece by piece: of a large estate there is never a second copy.
    """
    documents.write_pieces(path, documents.readable_pieces(sealed(evidence, signer)))


def sealed(evidence: Evidence, signer: Signer | None = None) -> dict[str, Any]:
    """What its file holds: what was read stays as it is."""
    return documents.sealed(_opened(evidence), signer)


def document(evidence: Evidence) -> dict[str, Any]:
    """Evidence as a JSON document, without its digest."""
    return {**documents.plain(_opened(evidence))}


def digest(evidence: Evidence) -> str:
    """The digest of its document."""
    return documents.digest(_opened(evidence))


def _opened(evidence: Evidence) -> dict[str, Any]:
    """Its document, in which what was read stays as it is: as plain values it would be several times as large."""
    return {"schema": EVIDENCE_SCHEMA, **{field.name: getattr(evidence, field.name) for field in fields(evidence)}}


def load(path: Path) -> Evidence:
    """Read an evidence file, strictly: what is not exactly what a version of this tool writes is refused.

    Raises:
        EvidenceError: naming the file and the place.
    """
    found = settled(path, of_schema(path, _document(path), EVIDENCE_SCHEMA, STEPS))
    try:
        return _exactly(path, found)
    except EvidenceError as error:
        upgrade = newer(found)
        if upgrade is not None:
            raise EvidenceError(f"{path}: {upgrade}") from error
        older = completed(found)
        if older is found:
            raise
    return _exactly(path, older)


def _document(path: Path) -> dict[str, Any]:
    """The document in a file; where that is no evidence, what it is instead."""
    try:
        found = documents.read(path)
    except EvidenceError as error:
        instead = what_it_is(path)
        if instead is None:
            raise
        raise EvidenceError(f"{error}; {instead}") from error
    instead = of_another_kind(found)
    if instead is not None:
        raise EvidenceError(f"{path}: {instead}")
    return found


def _exactly(path: Path, found: dict[str, Any]) -> Evidence:
    """The evidence in a document that this version could have written."""
    evidence = _evidence(path, found)
    doubt = _foreign(evidence, found) or _implausible(evidence)
    if doubt is not None:
        raise EvidenceError(f"{path}: {doubt}")
    return evidence


def _evidence(path: Path, found: dict[str, Any]) -> Evidence:
    import msgspec

    place, kept = "", found.get("readings")
    if not isinstance(kept, list):
        raise EvidenceError(f"{path}: readings: it is no list")
    try:
        evidence = msgspec.convert({**found, "readings": []}, Evidence, strict=True)
        readings = []
        for index, item in enumerate(kept):
            place = f"readings[{index}]"
            readings.append(_reading(item))
        return replace(evidence, readings=tuple(readings))
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise EvidenceError(f"{path}: {placed(place, str(error))}") from error


def _foreign(evidence: Evidence, found: dict[str, Any]) -> str | None:
    """What of it this version does not write so, and where."""
    if digest(evidence) != found["digest"]["value"]:  # the digest of the file, which is proven
        where = difference(found, {**document(evidence), "digest": found["digest"]})
        if where is not None:
            return f"{where}: a key or a form that this version does not write"
    where = outside_utc(evidence)
    if where is not None:
        return f"{where}: a time that is not in UTC, which this tool does not write"
    names = [reading.fact for reading in evidence.readings]
    twice = next((index for index, name in enumerate(names) if name in names[:index]), None)
    return None if twice is None else f"readings[{twice}]: the same fact is read twice"


def _implausible(evidence: Evidence) -> str | None:
    """What of it no collection can have written, and where."""
    if evidence.redacted is not None and not re.fullmatch("[0-9a-f]{16}", evidence.redacted):
        return "redacted: it is no mark of aliases"
    if evidence.stopped is not None and not STOPPED.fullmatch(evidence.stopped):
        return "stopped: it says nothing that ends a reading"
    if evidence.finished < evidence.started:
        return "finished: it lies before started"
    if evidence.partial != is_partial(evidence.readings, evidence.halves):
        return f"partial: it says {str(evidence.partial).lower()}, and the readings say otherwise"
    for index, reading in enumerate(evidence.readings):
        where = f"readings[{index}] ({reading.fact})"
        if reading.available and half_of(reading.fact) not in evidence.halves:
            return f"{where}: it was read, but halves does not list the {half_of(reading.fact)} half"
        if not _near(reading.started, evidence):
            return f"{where}.started: it lies outside the time from started to finished"
    return None


def _near(moment: datetime, evidence: Evidence) -> bool:
    """Whether a reading can have begun then, were the clock set right on the way."""
    early, late = (evidence.started - moment), (moment - evidence.finished)
    return max(early, late) <= CLOCK_TOLERANCE


def _reading(item: Any) -> Reading[Fact]:
    import msgspec

    if not isinstance(item, dict):
        raise TypeError("it is no object")
    name = item.get("fact")
    fact = fact_named(name) if isinstance(name, str) else None
    if fact is None:
        raise ValueError(f"no such fact: {said(name)}")
    reading: Reading[Fact] = msgspec.convert(item, Reading[fact], strict=True)  # type: ignore[valid-type]
    if (reading.plugin is None) != (owner(fact) is None):
        raise ValueError(f"plugin: {fact.__name__} is {'no' if owner(fact) is None else 'a'} fact of a plugin")
    return reading
