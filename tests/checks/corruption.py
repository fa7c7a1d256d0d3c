"""Spoil facts one place at a time: every scalar, every collection, every row, by its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from hypothesis import strategies as st

from readiness.plugin import Fact, OpenIntEnum, OpenStrEnum

V = TypeVar("V")
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One value inside a fact."""

    fact: str
    owner: str
    """Class that holds it."""
    field: str
    """Name of the field; for an item of a tuple, that of the tuple."""
    path: Path
    value: Any
    optional: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.owner, self.field


def places(fact: Fact) -> tuple[Place, ...]:
    """Every scalar in a fact that is there."""
    inner = (place for place in _walk(fact) if not isinstance(place.value, tuple) and not is_dataclass(place.value))
    return tuple(place for place in inner if place.value is not None)


def containers(fact: Fact) -> tuple[Place, ...]:
    """Every tuple in a fact that is not empty."""
    return tuple(place for place in _walk(fact) if isinstance(place.value, tuple) and place.value)


def _walk(fact: Fact) -> Iterator[Place]:
    yield from _of(type(fact).__name__, fact, ())


def _of(name: str, value: Any, path: Path) -> Iterator[Place]:
    for field in fields(value):
        inner = getattr(value, field.name)
        optional = str(field.type).endswith("| None")
        place = Place(name, type(value).__name__, field.name, (*path, field.name), inner, optional)
        yield place
        if isinstance(inner, tuple):
            for index, item in enumerate(inner):
                if is_dataclass(item):
                    yield from _of(name, item, (*place.path, index))
                else:
                    yield replace(place, path=(*place.path, index), value=item)


def spoiled(value: V, path: Path, new: Any) -> V:
    """The same with another value at this place."""
    if not path:
        return new  # type: ignore[no-any-return]
    step, rest = path[0], path[1:]
    if isinstance(value, tuple):
        items = [spoiled(item, rest, new) if index == step else item for index, item in enumerate(value)]
        return tuple(items)  # type: ignore[return-value]
    changed = {str(step): spoiled(getattr(value, str(step)), rest, new)}
    return replace(value, **changed)  # type: ignore[type-var]


TEXTS = ("", " ", "\x00", "\x1b[31m", "\u202e", "null", "0", "-1", "x" * 300, "Ω", "S99", "{}", "a.b")
NUMBERS = (-1, 0, 1, 3, 7, 77, 999, 9000, 2**16, 2**31, 2**32 - 1, 2**63, 10**30)
MOMENTS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(2038, 1, 19, tzinfo=UTC))


def spoilt_values(place: Place) -> st.SearchStrategy[Any]:
    """Other values of the same type; None where the field allows it."""
    return (_of_type(place.value) | st.none() if place.optional else _of_type(place.value)).filter(
        lambda new: new != place.value
    )


def _of_type(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, bool):
        return st.just(not value)
    if isinstance(value, OpenIntEnum):
        return st.sampled_from([*type(value), *map(type(value), NUMBERS)])
    if isinstance(value, OpenStrEnum):
        return st.sampled_from([*type(value), *map(type(value), TEXTS)])
    if isinstance(value, int):
        return st.sampled_from(NUMBERS) | st.integers() | st.integers(value - 2, value + 2)
    if isinstance(value, datetime):
        return st.sampled_from(MOMENTS)
    if isinstance(value, str) and not isinstance(value, Enum):
        near = (value.lower(), value.upper(), f" {value}", f"{value} ", value[:-1], value[1:], value * 2, f"{value}\n")
        return st.sampled_from((*TEXTS, *near)) | st.text(max_size=8)
    raise AssertionError(f"no way to spoil {value!r}")
