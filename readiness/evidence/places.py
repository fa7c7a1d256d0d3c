"""Where in an evidence file something is not as it should be: `readings[3].value.sites[0].type`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from readiness.pieces import can_hold
from readiness.text import one_line

LONGEST_SENTENCE = 300
LONGEST_KEY = 60
_OURS = re.compile(r"[a-z_]+", re.ASCII)


def placed(place: str, sentence: str = "") -> str:
    """What is wrong, after the place where it is.

    Args:
        place: of the object that was read.
        sentence: of msgspec, which ends with the place within that object.
    """
    words, _, inner = sentence.partition(" - at `$")
    where = one_line(f"{place}{inner.rstrip('`')}".lstrip("."), LONGEST_SENTENCE)
    return f"{where}: {one_line(words, LONGEST_SENTENCE)}" if where else one_line(words, LONGEST_SENTENCE)


def said(value: Any) -> str:
    """A value of a file, as a message may repeat it: of texts their beginning, of all else what it is."""
    if isinstance(value, str):
        return f"'{one_line(value, LONGEST_KEY)}'"
    return {dict: "an object", list: "a list", type(None): "missing"}.get(type(value), "no text")


def difference(found: Any, expected: Any) -> str | None:
    """The first place at which a document is not the expected one; None where both are the same."""
    place = next(_differences(found, expected), None)
    return None if place is None else place.lstrip(".")


def _differences(found: Any, expected: Any, at: str = "") -> Iterator[str]:
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted(found.keys() | expected.keys()):
            inner = at + _step(key)
            if key in found and key in expected:
                yield from _differences(found[key], expected[key], inner)
            else:
                yield inner
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for index, both in enumerate(zip(found, expected, strict=True)):
            yield from _differences(*both, f"{at}[{index}]")
    elif type(found) is not type(expected) or repr(found) != repr(expected):
        yield at


def _step(key: str) -> str:
    """A key of ours as it is; another one so that it cannot be taken for anything else."""
    if _OURS.fullmatch(key) and len(key) <= LONGEST_KEY:
        return f".{key}"
    return f"[{json.dumps(one_line(key, LONGEST_KEY), ensure_ascii=False)}]"


def outside_utc(value: Any) -> str | None:
    """The first moment that does not say that it is in UTC: it cannot be compared with the clock."""
    place = next(_outside(value), None)
    return None if place is None else place.lstrip(".")


def _outside(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            yield at
    elif isinstance(value, tuple):
        if any(can_hold(kind, datetime) for kind in set(map(type, value))):
            for index, item in enumerate(value):
                yield from _outside(item, f"{at}[{index}]")
    else:
        for name, item in _moments(value).items():
            yield from _outside(item, f"{at}.{name}")


def _moments(value: Any) -> Mapping[str, Any]:
    """The fields of an object that may be moments, or hold some."""
    kind: Any = type(value)
    if not can_hold(kind, datetime):
        return {}
    return {field.name: getattr(value, field.name) for field in fields(value)}
