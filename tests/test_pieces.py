"""Canonical JSON in pieces: joined, they are what the standard library writes of the plain document."""

from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness import documents
from readiness import evidence as bodies
from readiness.pieces import OPENED, ROWS, can_hold, pieces, plain
from readiness.plugin import Collection, Collections, CollectionType, Evidence, Hierarchy, Organization
from tests.checks.builders import evidence
from tests.checks.estates import EVERY, HEALTHY, Named

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=30,
)


def expected(document: Any, indent: int | None = None) -> bytes:
    """As the contract has it, by the standard library."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        document, sort_keys=True, separators=separators, indent=indent, ensure_ascii=False, allow_nan=False
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()


def same(document: Any, value: Any) -> None:
    assert b"".join(pieces(value)) == expected(document)
    assert b"".join(pieces(value, indented=True)) == expected(document, 1)


@given(trees)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_the_pieces_of_a_document_are_its_canonical_form(document: Any) -> None:
    same(document, document)


def nested(depth: int, inner: Any) -> Any:
    """So many lists and objects by turns around it."""
    for level in range(depth):
        inner = [inner] if level % 2 else {"a": inner}
    return inner


@pytest.mark.parametrize("depth", range(OPENED + 3))
@pytest.mark.parametrize("length", [0, 1, ROWS, ROWS + 1, 2 * ROWS, 2 * ROWS + 1])
def test_long_lists_are_cut_at_every_depth_and_come_out_whole(length: int, depth: int) -> None:
    rows = [{"name": f"é \ud83d {number}\n", "of": [], "at": {}} for number in range(length)]
    same(nested(depth, rows), nested(depth, rows))


@pytest.mark.parametrize("document", [1e300, 1e16, 1e-7, -0.0, 10**40, '\x7f\u2028\x01"\\/', "\ud800", {"\udfff": 1}])
def test_numbers_and_texts_have_the_form_that_they_always_had(document: Any) -> None:
    same(document, document)
    same([document], [document])


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(pieces({"a": [number]}))


@pytest.mark.parametrize("named", EVERY, ids=repr)
def test_evidence_comes_out_as_its_plain_values_do(named: Named) -> None:
    found = evidence(*named.facts)
    same(plain(found), found)
    assert bodies.digest(found) == documents.digest(bodies.document(found))


@pytest.mark.parametrize("name", ["lone \ud83d surrogate", "\ud83d\ude00", "😀 Büro", "\x00\x1f\x7f"])
def test_names_of_rows_come_out_as_plain_values_do(name: str) -> None:
    found = large(ROWS + 1, name)
    document = expected(msgspec.to_builtins(found.readings[0].value))
    assert b"".join(pieces(found.readings[0].value)) == document


@dataclass(frozen=True, slots=True)
class Measured:
    """Something with seconds in it, as rows of facts have none so far."""

    seconds: float
    at: datetime


def test_seconds_are_rounded_wherever_they_stand() -> None:
    row = Measured(0.12345, datetime(2026, 11, 23, tzinfo=UTC))
    document = {"seconds": 0.123, "at": "2026-11-23T00:00:00Z"}
    same(document, row)
    same([document] * (ROWS + 1), (row,) * (ROWS + 1))
    same({"a": {"b": {"c": {"d": {"e": document}}}}}, {"a": {"b": {"c": {"d": {"e": row}}}}})


def test_a_type_tells_what_its_values_can_hold() -> None:
    assert can_hold(Measured, float)
    assert can_hold(tuple[Measured, ...], datetime)
    assert not can_hold(Collections, float)
    assert not can_hold(Collection, datetime)
    assert not can_hold(Hierarchy, float)
    assert can_hold(Any, float)
    assert can_hold(Evidence, float)


# A large estate.


def large(number: int, name: str = "Servers of the branch office") -> Evidence:
    """Evidence of so many collections."""
    rows = tuple(Collection(f"P01{row:05X}", f"{name} {row}", CollectionType.DEVICE, row) for row in range(number))
    return evidence(Collections(rows))


def peak(act: Any) -> int:
    """The most memory, in bytes, that was held at once while it ran."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_estate_is_saved_and_hashed_piece_by_piece(tmp_path: Path) -> None:
    """Saving holds a small part of the file at a time, however large the file is."""
    file, found = tmp_path / "evidence.json", large(20_000)
    bodies.save(found, file)  # imports and caches are not what is measured
    size = file.stat().st_size
    assert size > 3_000_000
    assert peak(lambda: bodies.save(found, file)) < size / 4
    assert peak(lambda: bodies.digest(found)) < size / 4
    assert bodies.load(file) == found


def test_a_file_written_piece_by_piece_is_the_one_written_at_once(tmp_path: Path) -> None:
    for number, named in enumerate(HEALTHY):
        file, found = tmp_path / f"{number}.json", evidence(*named.facts)
        bodies.save(found, file)
        assert file.read_text(encoding="utf-8") == documents.readable(documents.sealed(bodies.document(found)))


def test_a_file_is_not_there_where_a_piece_of_it_cannot_be_made(tmp_path: Path) -> None:
    broken = replace(evidence(Organization("t", "Contoso", ())), tool_version=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        bodies.save(broken, tmp_path / "evidence.json")
    assert list(tmp_path.iterdir()) == []
