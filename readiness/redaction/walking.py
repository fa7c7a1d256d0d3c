"""The walk over facts, readings and settings: every text is shown to somebody, and the answer takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, TypeVar

from readiness.model.facts import OpenStrEnum
from readiness.redaction.declared import FIELDS, NAMES_KEPT_FOR_A_BOARD, TEXT
from readiness.redaction.guests import declared_by
from readiness.redaction.treatments import Treat

V = TypeVar("V")
Say = Callable[[Treat, bool, str], str]
"""Of the treatment of a text, whether it may be the name of a target, and the text: what takes its place."""
_UNTOUCHED = (bool, int, float, date, timedelta, type(None))
_USUAL = frozenset({*_UNTOUCHED, datetime})


@cache
def _plan(kind: type[Any]) -> tuple[tuple[str, Treat, bool], ...]:
    """The fields of a class, what becomes of their texts, and whether these may be the names of targets."""
    if kind.__module__.partition(".")[0] != "readiness":
        return tuple((name, treat, False) for name, treat in declared_by(kind))
    named = ((field.name, f"{kind.__name__}.{field.name}") for field in fields(kind))
    return tuple((name, FIELDS.get(key, TEXT), key in NAMES_KEPT_FOR_A_BOARD) for name, key in named)


def walked(value: V, say: Say) -> V:
    """A dataclass like this one, with other texts.

    Raises:
        TypeError: it holds something that the walk does not know, and so might leave names in.
    """
    kind: Any = type(value)
    made = {}
    for name, treat, target in _plan(kind):  # a large estate has hundreds of thousands of values: no call for most
        inner = getattr(value, name)
        usual = type(inner) in _USUAL
        made[name] = inner if usual else _said(inner, treat, target, say)
    whole: V = kind(**made)
    return whole


def _said(value: Any, treat: Treat, target: bool, say: Say) -> Any:
    if type(value) is str:
        return say(treat, target, value)
    if isinstance(value, tuple):
        return tuple([_said(item, treat, target, say) for item in value])
    if isinstance(value, OpenStrEnum):
        return value if value.known else type(value)(say(TEXT, False, value.value))
    if isinstance(value, (Enum, *_UNTOUCHED)):
        return value
    if is_dataclass(value):
        return walked(value, say)
    if isinstance(value, PurePath):
        return type(value)(say(treat, target, str(value)))
    raise TypeError(f"redaction does not know what becomes of a {type(value).__name__}")
