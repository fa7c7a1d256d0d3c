"""The line of every key, in every way that TOML can write it."""

from __future__ import annotations

import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.config.lines import key_lines, line_of


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[a]\nb = 1\n", ("a", "b"), 2),
        ("\n# c\n[a]\n\nb = 1", ("a", "b"), 5),
        ("[a]\nb = [\n  1,\n  2,\n]\nc = 1\n", ("a", "c"), 6),
        ('[a]\nb = """\n[x]\nc = 1\n"""\nc = 1\n', ("a", "c"), 6),
        ("[a]\nb = '''\n]\n'''\nc = 1\n", ("a", "c"), 5),
        ("a.b = 1\n", ("a", "b"), 1),
        ("a = {b = 1}\n", ("a", "b"), 1),
        ("a = [{b = 1}, {c = 1}]\n", ("a", 1, "c"), 1),
        ("[[a]]\nb = 1\n[[a]]\nb = 1\n", ("a", 1, "b"), 4),
        ("[[a]]\nb = 1\n[[a]]\nb = 1\n", ("a", 1), 3),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n", ("a", 1, "b", 1, "c"), 7),
        ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 1\n", ("a", 1, "b", "c"), 6),
        ('["a b".c] # [\nd = "]"\n', ("a b", "c", "d"), 2),
        ("[a]\nb = 1\n", ("a", "missing"), 1),
        ("[a]\nb = 1\n", ("z",), None),
    ],
)
def test_line_of_a_key(text: str, key: tuple[str | int, ...], line: int | None) -> None:
    """Tables, arrays of tables, inline tables, dotted keys, values over several lines, and keys that are missing."""
    assert line_of(text, key) == line


@given(st.lists(st.sampled_from(["", "# c", "v = [\n1,\n]", 'v = """\n[x]\n"""', "v = 1"]), max_size=12))
def test_key_is_found_where_it_stands(statements: list[str]) -> None:
    """Whatever stands before it."""
    lines = [text.replace("v", f"v{number}") for number, text in enumerate(statements)]
    text = "\n".join(["[a]", *lines, "wanted = 1"])
    assert "wanted" in tomllib.loads(text)["a"]
    assert line_of(text, ("a", "wanted")) == len(text.split("\n"))


def test_hostile_value_costs_bounded_time() -> None:
    """Very many lines that each look like the end of a list: the rest goes without lines."""
    text = "[a]\nb = [\n" + "[]\n,".join([""] * 40_000) + "]\nc = 1\n"
    started = time.monotonic()
    assert line_of(text, ("a", "c")) == 1
    assert ("a", "b") not in key_lines(text)
    assert time.monotonic() - started < 60
