"""Save and load evidence files, strictly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import EvidenceError
from readiness.evidence.parts import HALVES, is_partial
from readiness.model.facts import FACTS, Fact
from readiness.model.reading import EVIDENCE_SCHEMA, Evidence, Reading

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a reading may lie outside the collection that it belongs to."""


def save(evidence: Evidence, path: Path) -> None:
    """Write an evidence file."""
    documents.write(path, documents.readable(documents.sealed(document(evidence))))


def document(evidence: Evidence) -> dict[str, Any]:
    """Evidence as a JSON document, without its digest."""
    return {"schema": EVIDENCE_SCHEMA, **documents.plain(evidence)}


def load(path: Path) -> Evidence:
    """Read an evidence file, strictly: what is not exactly what this tool writes is refused.

    Raises:
        EvidenceError: naming the file and the place.
    """
    found = documents.read(path)
    if found.get("schema") != EVIDENCE_SCHEMA:
        raise EvidenceError(f"{path}: its schema is {found.get('schema')!r:.60}, this version reads {EVIDENCE_SCHEMA}")
    body = {key: value for key, value in found.items() if key not in ("schema", "digest")}
    return _evidence(path, body)


def _evidence(path: Path, body: dict[str, Any]) -> Evidence:
    import msgspec

    try:
        readings = tuple(_reading(item) for item in body["readings"])
        evidence = msgspec.convert({**body, "readings": []}, Evidence, strict=True)
        evidence = replace(evidence, readings=readings)
    except KeyError as error:
        raise EvidenceError(f"{path}: unknown fact or missing key {error}") from error
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise EvidenceError(f"{path}: {error}") from error
    if documents.canonical(documents.plain(evidence)) != documents.canonical(body):
        raise EvidenceError(f"{path}: it holds keys or forms that this version does not write")
    if not _in_utc(evidence):
        raise EvidenceError(f"{path}: it holds a time that is not in UTC, which this tool does not write")
    if len({reading.fact for reading in readings}) != len(readings):
        raise EvidenceError(f"{path}: the same fact is read twice")
    doubt = _implausible(evidence)
    if doubt is not None:
        raise EvidenceError(f"{path}: {doubt}")
    return evidence


def _implausible(evidence: Evidence) -> str | None:
    """What of it no collection can have written, and where."""
    if evidence.finished < evidence.started:
        return "finished: it lies before started"
    if evidence.partial != is_partial(evidence.readings, evidence.halves):
        return f"partial: it says {str(evidence.partial).lower()}, and the readings say otherwise"
    for index, reading in enumerate(evidence.readings):
        where = f"readings[{index}] ({reading.fact})"
        if reading.available and HALVES[reading.fact] not in evidence.halves:
            return f"{where}: it was read, but halves does not list the {HALVES[reading.fact]} half"
        if not _near(reading.started, evidence):
            return f"{where}.started: it lies outside the time from started to finished"
    return None


def _near(moment: datetime, evidence: Evidence) -> bool:
    """Whether a reading can have begun then, were the clock set right on the way."""
    early, late = (evidence.started - moment), (moment - evidence.finished)
    return max(early, late) <= CLOCK_TOLERANCE


def _reading(item: Any) -> Reading[Fact]:
    import msgspec

    fact = next((fact for fact in FACTS if fact.__name__ == item["fact"]), None)
    if fact is None:
        raise ValueError(f"no such fact: {item['fact']!r:.60}")
    reading: Reading[Fact] = msgspec.convert(item, Reading[fact], strict=True)  # type: ignore[valid-type]
    return reading


def _in_utc(value: Any) -> bool:
    """Whether every moment in it says that it is in UTC: others cannot be compared with the clock."""
    if isinstance(value, datetime):
        return value.utcoffset() == timedelta(0)
    if isinstance(value, tuple):
        return all(map(_in_utc, value))
    return all(_in_utc(getattr(value, name)) for name in getattr(value, "__dataclass_fields__", ()))
