"""Every place in a document, and what nobody writes there."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from readiness.evidence.files import document
from tests.properties.estates import read
from tests.properties.hostile import TEXTS

Way = tuple[str | int, ...]

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
SAMPLE = 100 * TIMES
"""Cases that are tried; from `PROPERTY_TIMES` of `ALL` on, every one of them."""
ALL = 100
SCENARIOS = ("almost-ready", "hierarchy")

MOMENTS = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-11-23T08:00:00", "2026-11-23T08:00:00+14:00",
    "2026-11-23T08:00:00-00:00", "2026-11-23T08:00:00+00:00", "2026-02-30T08:00:00Z", "2026-11-23T24:00:00Z",
    "2026-11-23T08:00:60Z", "2026-11-23", "1795420800", "2026-11-23T08:00:00.1234567Z", "10000-01-01T00:00:00Z",
)  # fmt: skip
NUMBERS = (
    -1, -(2**31), 2**31, 2**32, 2**53 + 1, 2**63, 2**64, -(2**64), 10**400, 0.5, -0.0, 1.0, 1e300, 5e-324, 0.0001,
)  # fmt: skip
NAMES = ("<script>alert(1)</script>", "=cmd|' /C calc'!A1", "{{7*7}}${7*7}", "\x1b]0;x\x07", "\x00", "\ufffd\uffff")
OTHERS: tuple[Any, ...] = (None, [], {}, [None], [[]], [{}], {"x": 1}, {"": ""}, ["x"] * 50)
VALUES: tuple[Any, ...] = (*TEXTS, *MOMENTS, *NUMBERS, *NAMES, *OTHERS, True, False)
TAKEN_OUT, ADDED = object(), object()


@cache
def untouched(name: str) -> dict[str, Any]:
    """The evidence of a simulated estate, as its file holds it."""
    return document(read(name).evidence)


def ways(value: Any, so_far: Way = ()) -> Iterator[Way]:
    """To every value in a document, the outer ones first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*so_far, key)
        yield from ways(item, (*so_far, key))


def cases(name: str) -> list[tuple[Way, Any]]:
    """Ways and what to put there: as many as this run tries, always the same ones."""
    every = [(way, value) for way in ways(untouched(name)) for value in (*VALUES, TAKEN_OUT, ADDED)]
    return every if TIMES >= ALL else Random(len(every)).sample(every, SAMPLE)  # noqa: S311 - no secret


def at(found: Any, way: Way) -> Any:
    """What is there."""
    for key in way:
        found = found[key]
    return found


def spoiled(name: str, way: Way, value: Any) -> dict[str, Any]:
    """The evidence with this there instead."""
    found: Any = dict(untouched(name))
    holder, last = found, way[-1]
    for key in way[:-1]:
        holder[key] = copy.copy(holder[key])
        holder = holder[key]
    if value is TAKEN_OUT:
        del holder[last]
    elif value is ADDED and isinstance(holder, dict):
        holder[f"{last} "] = copy.deepcopy(holder[last])
    elif value is ADDED:
        holder.append(copy.deepcopy(holder[last]))
    else:
        holder[last] = copy.deepcopy(value)
    return dict(found)


def is_a_claim(before: Any, value: Any) -> bool:
    """Whether it says something else that may be so, and not something that no truthful file says: a yes for a no."""
    return isinstance(before, bool) and isinstance(value, bool)
