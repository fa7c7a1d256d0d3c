"""What a value of an answer must be; what is not is `bad-answer`, never a default."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.text import one_line

T = TypeVar("T")
Object = Mapping[str, Any]

NEVER_YEAR = 1
"""The year in which Graph puts what never happened: 0001-01-01T00:00:00Z."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""Edm.DateTimeOffset in JSON."""
_NO_KEY = re.compile(r"[/\\%]|^\.{1,2}$|^\$")
"""What no name of a person or group has, and what would make another path of it."""
LONGEST_KEY = 256
"""No id or name is longer by which something is asked for: `displayName` of a group is the longest."""


def text(row: Object, name: str) -> str:
    value = optional(row, name, str)
    return refuse(name, value) if value is None else value


def optional(row: Object, name: str, kind: type[T]) -> T | None:
    """A value of exactly this type; None where it is null or not there."""
    value = row.get(name)
    return value if value is None or type(value) is kind else refuse(name, value)


def optional_count(row: Object, name: str) -> int | None:
    """A number that is not negative (Edm.Int32)."""
    value = optional(row, name, int)
    return value if value is None or 0 <= value < 2**31 else refuse(name, value)


def objects(row: Object, name: str) -> list[Object]:
    value = row.get(name)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return refuse(name, value)


def moment(row: Object, name: str) -> datetime | None:
    """A point in time, in UTC; None for null and for the year 0001, but not where it is missing.

    Fractions may have 7 digits, of which 6 are kept.
    """
    value = row.get(name, False)
    if value is None:
        return None
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return refuse(name, value)
    try:
        found = datetime.fromisoformat(value)
        return None if found.year == NEVER_YEAR else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return refuse(name, value)


def refuse(name: str, value: object) -> NoReturn:
    said = one_line(reprlib.repr(value), 80)
    raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered no usable value in {name}: {said}")


def texts(row: Object, name: str) -> tuple[str, ...]:
    """A list of texts; none for null and where it is not there."""
    value = optional(row, name, list) or []
    if all(isinstance(item, str) for item in value):
        return tuple(value)
    return refuse(name, value)


# Names of other people on their way into a path or a filter.


def segment(name: str) -> str:
    """A name as one segment of a path, percent-encoded.

    Raises:
        SourceError: it holds what no id and no name of a person has.
    """
    if not is_key(name):
        refuse("id", name)
    return quote(name, safe="")


def is_key(name: str) -> bool:
    """Whether there can be an object of this id or name."""
    return 0 < len(name) <= LONGEST_KEY and name.isprintable() and _NO_KEY.search(name) is None


def key(name: str) -> str:
    """A name between the quotes of a key or of a function's parameter, percent-encoded."""
    return f"'{segment(literal(name)[1:-1])}'"


def equal(**values: str) -> str:
    """`$filter=` for rows with these values, all of them, percent-encoded.

    Raises:
        SourceError: one is longer than any id or name.
    """
    for name, value in values.items():
        if len(value) > LONGEST_KEY:
            refuse(name, value)
    conditions = (f"{name} eq {literal(value)}" for name, value in values.items())
    return "$filter=" + quote(" and ".join(conditions), safe="'")


def literal(value: str) -> str:
    """A text of OData: quotes in it are doubled."""
    return "'" + value.replace("'", "''") + "'"
