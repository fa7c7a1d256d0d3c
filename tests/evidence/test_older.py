"""Evidence whose writer did not know a field yet: it is read, and proves no more than with that field."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.plugin import Evidence
from tests.checks.builders import evidence
from tests.checks.estates import EVERY, Named, passes, passing

STRIDE = 14
"""One field of so many is taken from each estate, another one from the next: all of them together are 1,118 files."""


def _known(value: Any) -> Iterator[tuple[str, str]]:
    """The fields of all that a fact holds, by the name of their class."""
    if is_dataclass(value):
        for field in fields(value):
            yield type(value).__name__, field.name
            yield from _known(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _known(item)


def _without(value: Any, written: Any, field: tuple[str, str]) -> None:
    """Take a field out of a value as it is written, wherever it occurs."""
    if is_dataclass(value):
        for one in fields(value):
            _without(getattr(value, one.name), written[one.name], field)
        if type(value).__name__ == field[0]:
            del written[field[1]]
    elif isinstance(value, tuple):
        for item, text in zip(value, written, strict=True):
            _without(item, text, field)


def _older(found: Evidence, field: tuple[str, str], path: Path) -> Evidence:
    document = copy.deepcopy(bodies.document(found))
    for reading, written in zip(found.readings, document["readings"], strict=True):
        if reading.value is not None:
            _without(reading.value, written["value"], field)
    documents.write(path, documents.readable(documents.sealed(document)))
    return bodies.load(path)


@pytest.mark.parametrize(("number", "named"), list(enumerate(EVERY)), ids=[named.name for named in EVERY])
def test_a_field_that_was_not_written_yet_makes_nothing_pass(number: int, named: Named, tmp_path: Path) -> None:
    """Also of an estate in which something fails: what would say so may be what is not there."""
    found, before = evidence(*named.facts), passing(named.facts)
    known = sorted({field for reading in found.readings for field in _known(reading.value)})
    for field in known[number % STRIDE :: STRIDE]:
        assert passes(_older(found, field, tmp_path / "evidence.json")) <= before, field
