"""Evidence that an older version wrote: what it does not hold is not known, and never taken for anything else.

Facts grow: docs/decisions/0016-older-files.md. A field that was not written yet is None where that is its default,
which says "not known"; where it has none, all of its reading is unavailable. Both lead away from a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from readiness.evidence.parts import fact_named, half_of
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Reason
from readiness.text import one_line
from readiness.versions import Document, Steps

STEPS: Steps = {}
"""From each older schema of evidence to the next. There is one schema so far."""


class _LackingError(Exception):
    """A field that must be known is not in the file; its text names it."""


def completed(found: Document) -> Document:
    """A document of the present schema with what its writer did not know yet; itself where it lacks nothing."""
    readings = found.get("readings")
    if not isinstance(readings, list):
        return found
    by = found.get("tool_version")
    full = {**_absent(Evidence, found), **found, "readings": [_reading(reading, by) for reading in readings]}
    if any(_lost(new, old, full) for new, old in zip(full["readings"], readings, strict=True)):
        full["partial"] = True
    return found if full == found else full


def _lost(new: Any, old: Any, document: Document) -> bool:
    """Whether a reading of a configured half became unavailable."""
    lost = isinstance(new, dict) and new.get("value") is None and old.get("value") is not None
    halves = document.get("halves")
    return lost and isinstance(halves, list) and half_of(new["fact"]).value in halves


def _reading(reading: Any, by: object) -> Any:
    fact = fact_named(str(reading.get("fact"))) if isinstance(reading, dict) else None
    if fact is None:
        return reading
    full = {**_absent(Reading, reading), **reading}
    try:
        return {**full, "value": _filled(fact, full["value"])}
    except _LackingError as lacking:
        words = f"it was read by readiness {one_line(str(by), 40)}, which did not read {lacking} yet: collect again"
        return {**full, "value": None, "rows": None, "reason": Reason.UNSUPPORTED_VERSION.value, "error": words}


def _absent(kind: type[Any], found: Mapping[str, Any]) -> dict[str, None]:
    """The fields that are not there, of those for which None says that nothing is known."""
    return {field.name: None for field in fields(kind) if field.default is None and field.name not in found}


def _filled(kind: Any, value: Any) -> Any:
    """A value of this type, with the fields that its writer did not know yet.

    Raises:
        _LackingError: one of them must be known.
    """
    if isinstance(value, list) and get_origin(kind) is tuple:
        return [_filled(get_args(kind)[0], item) for item in value]
    if isinstance(value, dict) and get_origin(kind) in (UnionType, Union):
        kind = next((one for one in get_args(kind) if is_dataclass(one)), kind)
    if not isinstance(value, dict) or not _is_record(kind):
        return value
    known = _hints(kind)
    written = {name: _filled(known[name][0], item) if name in known else item for name, item in value.items()}
    for name, (_, field) in known.items():
        if name not in written and field.default is not None:
            raise _LackingError(f"{kind.__name__}.{name}")
        written.setdefault(name, None)
    return written


def _is_record(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _hints(kind: Any) -> Mapping[str, tuple[Any, Field[Any]]]:
    """The fields of a dataclass with their types."""
    hints = get_type_hints(kind)
    return {field.name: (hints[field.name], field) for field in fields(kind)}
