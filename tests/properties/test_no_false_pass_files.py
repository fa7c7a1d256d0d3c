"""An evidence file that was changed is refused, or makes no pass: tried by the program itself.

Changed without a thought, it is always refused: its digest does not match. Whoever computes the digest anew, too (a
tool of somebody else's, say), gets past that; then the loader refuses what this tool never writes, and what is left is
judged, and makes no pass that the untouched file does not make.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from readiness import documents
from readiness.evidence.files import document
from tests.checks.corruption import TEXTS
from tests.conftest import Program, Ran
from tests.properties.counting import tried
from tests.properties.estates import SCENARIOS, configuration, may_pass, read, state
from tests.properties.faults import NUMBERS
from tests.properties.test_no_false_pass_random import EXAMPLES, many

Draw = Callable[[st.SearchStrategy[Any]], Any]
Judge = Callable[[str, bytes], Ran]
CHOSEN = ("ready", "almost-ready", "hierarchy", "not-attached", "comanaged", "rights-limited", "secret-expired")
REFUSED, CODES = 2, (0, 2, 3, 5)


@pytest.fixture
def judge(program: Program, tmp_path: Path) -> Judge:
    """Has the program assess a file of this content, as of the moment at which the estate was read."""

    def call(name: str, content: bytes) -> Ran:
        file, config = tmp_path / "evidence.json", tmp_path / "configured.toml"
        file.write_bytes(content)
        config.write_text(configuration(name), encoding="utf-8")
        now = read(name).evidence.finished.isoformat()
        options = ("--config", str(config), "--now", now, "--json", "--format", "none", "--no-input")
        tried("examples")
        return program("assess", str(file), *options)

    return call


def content(name: str) -> bytes:
    """The file as the tool writes it."""
    return documents.readable(documents.sealed(document(read(name).evidence))).encode()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_file_that_nobody_touched_comes_to_what_the_scan_came_to(name: str, judge: Judge) -> None:
    ran = judge(name, content(name))
    assert ran.report["decision"]["state"] == state(name)
    outcomes = {check["id"]: check["outcome"] for check in ran.report["checks"]}
    assert outcomes == {id_: str(outcome) for id_, outcome in read(name).outcomes(read(name).evidence).items()}


@pytest.mark.parametrize("name", CHOSEN[:2])
def test_bytes_that_changed_are_refused(name: str, judge: Judge) -> None:
    """Cut off, bits turned, pieces missing, doubled or put in."""
    whole = content(name)

    @many(EXAMPLES // 2)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        at, end = sorted(data.draw(st.lists(st.integers(0, len(whole)), min_size=2, max_size=2), "from, to"))
        changed = data.draw(
            st.sampled_from(
                [
                    whole[:at],
                    whole[:at] + whole[end:],
                    whole[:end] + whole[at:],
                    whole[:at] + b"\xff" + whole[at:],
                    whole[:at] + bytes([whole[at % len(whole)] ^ 0x01]) + whole[at + 1 :],
                    whole[:at] + b"\x00" * (end - at) + whole[end:],
                    whole[:at] + b'"' + whole[at:],
                ]
            ).filter(lambda new: not _same(new, whole))
        )
        ran = judge(name, changed)
        assert (ran.code, ran.out) == (REFUSED, "")
        assert "Error: " in ran.err

    holds()


def _same(one: bytes, other: bytes) -> bool:
    """Whether both hold the same document: white space between its parts counts for nothing."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@pytest.mark.parametrize("name", CHOSEN)
def test_a_document_that_was_changed_and_sealed_anew_makes_no_pass(name: str, judge: Judge) -> None:
    untouched = document(read(name).evidence)

    @many(EXAMPLES // 2)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        changed = copy.deepcopy(untouched)
        for _ in range(data.draw(st.integers(1, 3), "faults")):
            _change(data.draw, changed)
        ran = judge(name, documents.readable(documents.sealed(changed)).encode())
        assert ran.code in CODES
        if ran.code != REFUSED:
            _no_better(name, ran)

    holds()


def _no_better(name: str, ran: Ran) -> None:
    tried("changed files that were judged")
    outcomes = {check["id"]: check["outcome"] for check in ran.report["checks"]}
    false = {id_ for id_, outcome in outcomes.items() if outcome == "pass"} - may_pass(name)
    tried("false passes", len(false))
    assert not false
    assert "error" not in outcomes.values()
    if state(name) != "ready":
        assert ran.report["decision"]["state"] != "ready"


def _change(draw: Draw, found: dict[str, Any]) -> None:
    """One fault somewhere in a reading, or around the readings; `rows` follows, so that it is not always that."""
    if not isinstance(found["readings"], list) or not found["readings"] or draw(st.integers(0, 9)) == 0:
        key = draw(st.sampled_from(sorted(set(found) - {"schema", "digest"})))
        found[key] = draw(_other(found[key]))
        return
    reading = found["readings"][draw(st.integers(0, len(found["readings"]) - 1))]
    if not isinstance(reading, dict):
        return
    before = _rows(reading)
    steps = list(_paths(reading))
    holder, key = steps[draw(st.integers(0, len(steps) - 1))]
    note(f"{key}: {holder[key]!r:.80}")
    if isinstance(holder, dict) and draw(st.integers(0, 19)) == 0:
        del holder[key]
    else:
        holder[key] = draw(_other(holder[key]))
    if isinstance(reading.get("rows"), int) and draw(st.integers(0, 3)):
        reading["rows"] += _rows(reading) - before


def _paths(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its key there."""
    keys: Iterable[Any] = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _paths(value[key])


def _rows(reading: dict[str, Any]) -> int:
    value = reading.get("value")
    return sum(len(one) for one in value.values() if isinstance(one, list)) if isinstance(value, dict) else 0


def _other(value: Any) -> st.SearchStrategy[Any]:
    """What no truthful source gives there, mostly of the same type, else the loader would refuse everything. A yes or
    no is not turned into the other."""
    junk: list[Any] = [None, [], {}, "", 0.5, [None], {"x": 1}, "0001-01-01T00:00:00Z"]
    like = _alike(value)
    return st.one_of(like, like, like, st.sampled_from(junk))


def _alike(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, list):
        middle = len(value) // 2
        return st.sampled_from([[], value * 2, value[::-1], value[1:], value[:middle], value[middle:]])
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return st.sampled_from([value, None])
    if isinstance(value, (int, float)):
        return st.sampled_from([*NUMBERS, float(NUMBERS[0])])
    return st.sampled_from([*TEXTS, "0001-01-01T00:00:00Z", f"{value} ", value[1:], value * 2]) | st.text(max_size=8)
