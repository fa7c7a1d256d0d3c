"""Why JSON was refused, and where: in words, whatever it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness import documents
from readiness.json_faults import described, first_fault

often = settings(deadline=None, derandomize=True, max_examples=300)
signs = st.text(alphabet='[]{},:"\\u0aN9.eE+-Infinity \n\t\ud800é😀', max_size=60)
documents_ = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def refusal(data: bytes) -> str | None:
    """What is told of these bytes; None where they are read."""
    try:
        documents.parse(data)
    except ValueError as error:
        return described(data, error)
    return None


@often
@given(st.binary(max_size=80) | signs.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_is_refused_is_told_of_in_one_short_line(data: bytes) -> None:
    said = refusal(data)
    if said is not None:
        assert said.isprintable(), ascii(said)
        assert 0 < len(said) < 400
        assert said.startswith("line "), said


@often
@given(documents_, st.integers(0, 3))
def test_what_our_files_can_hold_has_no_fault(document: Any, indent: int) -> None:
    assert first_fault(json.dumps(document, indent=indent or None)) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a": NaN}', "line 1, column 7 (a): NaN"),
        ('{\n "a": [\n  1,\n  {"b": 1e999}\n ]\n}', "line 4, column 9 (a[1].b): a number as large as 1e999"),
        (
            '{"a": {"b": 1}, "c": [{}, {"d": 1, "d": 2}]}',
            "line 1, column 36 (c[1].d): an object has the same",
        ),
        ('{"odd key": {"": Infinity}}', 'line 1, column 18 (["odd key"][""]): Infinity'),
        ('{"\\"}{": -Infinity}', 'line 1, column 10 (["\\"}{"]): -Infinity'),
        ("[[], [[1, [" + "9" * 4301 + "]]]]", "line 1, column 12 ([1][0][1][0]): a number of 4,301 digits"),
        ('{"a": "NaN [ { \\" 1e999", "b": NaN}', "line 1, column 32 (b): NaN"),
        ('"x"', None),
        ('{"a": {"b": 1}, "b": {"a": 1}}', None),
        ('["a", "a"]', None),
        ("[" * 100 + "]" * 100, None),
        ("[" * 101 + "]" * 101, "line 1, column 101 ("),
    ],
)
def test_the_first_fault_is_told_with_its_place(text: str, where: str | None) -> None:
    found = first_fault(text)
    assert found is None if where is None else (found or "").startswith(where), found
