"""Evidence files that somebody or something changed, some of them sealed again: refused by name, or no better news."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness import documents
from readiness import evidence as bodies
from readiness.errors import EvidenceError
from readiness.plugin import FACTS, Evidence, Half, Organization, Reason, SiteAccess
from tests.checks.builders import evidence, organization, other, reading, unread
from tests.checks.estates import EVERY, HEALTHY, Facts, Named, passes, passing

thoroughly = settings(
    deadline=None,
    derandomize=True,
    max_examples=300,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

# Evidence files that somebody or something changed, and sealed again.

GARBAGE: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    77,
    2**31,
    10**30,
    0.5,
    1e300,
    "",
    "\x00",
    "x" * 500,
    "\ud800",
    [],
    {},
    [None],
    {"a": 1},
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "2026-11-23T08:00:00",
    "2026-11-23T08:00:00+02:00",
    "2026-11-23T07:57:00.123456Z",
)
ON_FILE = tuple(
    named
    for named in EVERY
    # those that one changed value heals by nature, so that a random one must not be tried on them:
    if named.name not in ("no administrator visible", "a primary on 1910", "read at a child site", "parent hidden")
)

HIERARCHY = next(named for named in HEALTHY if named.name == "a hierarchy")


@thoroughly
@given(st.data())
def test_a_changed_evidence_file_is_refused_by_name_or_proves_no_more_than_before(data: st.DataObject) -> None:
    named = data.draw(st.sampled_from(ON_FILE))
    document = _document(named.facts)
    for _ in range(data.draw(st.integers(1, 3))):
        _mutate(data, document)
    found = _loaded(documents.readable(documents.sealed(document)).encode())
    assert found is None or passes(found) <= passing(named.facts)


def _loaded(data: bytes) -> Evidence | None:
    """The evidence in a file; None where it was refused, and the file named."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.json"
        path.write_bytes(data)
        try:
            return bodies.load(path)
        except EvidenceError as error:
            if str(path) not in str(error):
                raise AssertionError(f"the file is not named: {error}") from error
            return None


def _document(facts_: Facts) -> dict[str, Any]:
    return copy.deepcopy({**bodies.document(evidence(*facts_))})


def _mutate(data: st.DataObject, document: dict[str, Any]) -> None:
    """Replace, delete or double one value somewhere."""
    holders = list(_holders(document))
    holder, key = data.draw(st.sampled_from(range(len(holders))).map(holders.__getitem__))
    act = data.draw(st.sampled_from(["replace", "delete", "double"]))
    if act == "replace":
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(GARBAGE)))
    elif act == "delete":
        del holder[key]
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[f"{key} "] = copy.deepcopy(holder[key])


def _holders(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON document: what holds it, and the key or index."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], (dict, list)):
            found += _holders(value[key])
    return found


@thoroughly
@given(st.sampled_from(ON_FILE), st.data())
def test_a_file_that_was_cut_or_damaged_is_refused_by_name_or_says_the_same(named: Named, data: st.DataObject) -> None:
    whole = documents.readable(documents.sealed(_document(named.facts))).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    found = _loaded(
        data.draw(st.sampled_from([whole[:at], whole[:at] + b"\xff" + whole[at:], whole[:at] + whole[at + 1 :]]))
    )
    assert found is None or passes(found) == passing(named.facts)


DEEP_OR_LARGE = (
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"a":' * 960 + "1" + "}" * 960,
    '{"digest": {"algorithm": "sha256"}, "a": ' + '{"a":' * 960 + "1" + "}" * 961,
    '{"digest": {"algorithm": "sha256"}, "a": 1e999}',
    '{"digest": {"algorithm": "sha256"}, "a": ' + "9" * 10_000 + "}",
)


@pytest.mark.parametrize("text", DEEP_OR_LARGE, ids=lambda text: text[:12])
def test_what_is_too_deep_or_too_large_is_refused_by_name(text: str) -> None:
    assert _loaded(text.encode()) is None


@pytest.mark.parametrize("moment", ["2026-11-23T07:57:00", "2026-11-23T07:57:00+01:00"])
@pytest.mark.parametrize("at", [(), ("readings", 0), ("readings", 1, "value", "connectors", 0)], ids=str)
def test_a_time_that_is_not_in_utc_is_refused_by_name(at: tuple[Any, ...], moment: str) -> None:
    """Anywhere: it cannot be compared with the clock."""
    document = _document(HEALTHY[0].facts)
    holder: Any = document
    for step in at:
        holder = holder[step]
    key = "last_heartbeat" if "value" in at else "started"
    assert key in holder
    holder[key] = moment
    assert _loaded(documents.readable(documents.sealed(document)).encode()) is None


def _refused(document: dict[str, Any], folder: Path) -> str:
    """Why a file of this, sealed again, is refused; the file is named."""
    path = folder / "evidence.json"
    path.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    with pytest.raises(EvidenceError) as refused:
        bodies.load(path)
    assert str(refused.value).startswith(f"{path}: ")
    return str(refused.value)


def _on_file(document: dict[str, Any], fact: str) -> dict[str, Any]:
    found: dict[str, Any] = next(reading for reading in document["readings"] if reading["fact"] == fact)
    return found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reason": "stale"}, "exactly one of value and reason"),
        ({"error": "not read"}, "says why it has none"),
        ({"missing": ["Organization.Read.All"]}, "says why it has none"),
        ({"rows": None}, "not of how many rows"),
        ({"rows": -1}, "below none"),
        ({"rows": 3}, "3 rows were read, which is not what the value holds"),
        ({"rows": 5}, "5 rows were read, which is not what the value holds"),
        ({"duration_seconds": -0.001}, "no length of time"),
    ],
    ids=str,
)
def test_a_reading_that_contradicts_itself_is_refused_by_name(
    changed: dict[str, Any], words: str, tmp_path: Path
) -> None:
    document = _document(HIERARCHY.facts)
    _on_file(document, "Hierarchy").update(changed)
    refused = _refused(document, tmp_path)
    assert words in refused
    assert "reading Hierarchy" in refused


@pytest.mark.parametrize("row", range(4))
def test_a_site_that_is_dropped_is_refused_by_name(row: int, tmp_path: Path) -> None:
    document = _document(HIERARCHY.facts)
    del _on_file(document, "Hierarchy")["value"]["sites"][row]
    assert "4 rows were read" in _refused(document, tmp_path)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_a_duration_that_is_none_is_refused_of_whatever_reading(seconds: float) -> None:
    for one in (reading(organization()), unread(Organization)):
        with pytest.raises(ValueError, match="no length of time"):
            replace(one, duration_seconds=seconds)


# Evidence that no collection can have written.


def _set(document: dict[str, Any], at: tuple[Any, ...], value: Any) -> None:
    holder: Any = document
    for step in at[:-1]:
        holder = holder[step]
    assert holder[at[-1]] != value
    holder[at[-1]] = value


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (("finished",), "2026-11-23T07:56:57Z", "finished: it lies before started"),
        (("partial",), True, "partial: it says true"),
        (("halves",), ["tenant"], "readings[2] (SiteProvider): it was read, but halves does not list the site half"),
        (("halves",), ["site"], "readings[0] (Organization): it was read, but halves does not list the tenant half"),
        (("halves",), [], "readings[0] (Organization): it was read"),
        (("readings", 3, "started"), "2026-11-23T07:51:57Z", "readings[3] (Hierarchy).started: it lies outside"),
        (("readings", 3, "started"), "2026-11-23T08:02:03Z", "readings[3] (Hierarchy).started: it lies outside"),
        (("started",), "2026-11-23T08:02:03Z", "finished: it lies before"),
    ],
    ids=str,
)
def test_evidence_that_no_collection_writes_is_refused_by_name_and_place(
    at: tuple[Any, ...], value: Any, words: str, tmp_path: Path
) -> None:
    document = _document(HIERARCHY.facts)
    _set(document, at, value)
    assert words in _refused(document, tmp_path)


def test_evidence_that_hides_that_a_reading_is_missing_is_refused(tmp_path: Path) -> None:
    found = other(HIERARCHY.facts, SiteAccess=unread(SiteAccess))
    assert "partial: it says false" in _refused({**bodies.document(found), "partial": False}, tmp_path)


@pytest.mark.parametrize("moment", ["2026-11-23T07:51:58Z", "2026-11-23T08:01:02Z"])
def test_a_clock_that_was_set_right_on_the_way_is_no_fault(moment: str) -> None:
    document = _document(HIERARCHY.facts)
    _set(document, ("readings", 3, "started"), moment)
    assert _loaded(documents.readable(documents.sealed(document)).encode()) is not None


def test_one_half_alone_is_not_partial(tmp_path: Path) -> None:
    gone = {fact.__name__: unread(fact, Reason.NOT_CONFIGURED) for fact in FACTS if fact.half is Half.TENANT}
    found = other(HIERARCHY.facts, **gone)
    assert (found.partial, found.halves) == (False, (Half.SITE,))
    bodies.save(found, tmp_path / "evidence.json")
    assert bodies.load(tmp_path / "evidence.json") == found


@pytest.mark.parametrize("named", EVERY, ids=repr)
def test_a_file_that_was_not_touched_says_what_was_read(named: Named, tmp_path: Path) -> None:
    bodies.save(evidence(*named.facts), tmp_path / "evidence.json")
    assert bodies.load(tmp_path / "evidence.json") == evidence(*named.facts)
