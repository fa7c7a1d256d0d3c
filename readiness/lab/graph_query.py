"""The OData query options the lab understands: $select, $filter, $expand of whole properties, $top, $count, and
$skiptoken of its own links."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from readiness.lab.graph_answers import GraphError

Row = Mapping[str, Any]

_OPTIONS = ("$select", "$filter", "$expand", "$top", "$count", "$skiptoken")
_CONDITION = re.compile(
    r"(?P<name>\w+) eq (?P<value>'(?:[^']|'')*'|\w+)|startswith\((?P<start>\w+), ?'(?P<with>[^']*)'\)"
)
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Options:
    """Query options of one request."""

    text: Mapping[str, str]

    @property
    def select(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.text.get("$select", "").split(",") if name.strip())

    @property
    def expand(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.text.get("$expand", "").split(",") if name.strip())

    @property
    def counted(self) -> bool:
        return self.text.get("$count", "").lower() == "true"

    @property
    def top(self) -> int | None:
        value = self.text.get("$top")
        if value is None:
            return None
        if not value.isdecimal() or int(value) < 1:
            raise GraphError(400, "BadRequest", f"Invalid value for $top: {value}")
        return int(value)

    @property
    def skip(self) -> int:
        """How many rows the link that led here has passed."""
        token = self.text.get("$skiptoken")
        if token is None:
            return 0
        try:
            return int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("after:"))
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise GraphError(400, "BadRequest", "Skip token is not valid.") from error

    def matches(self) -> Callable[[Row], bool]:
        """The $filter as a predicate: `eq` and `startswith`, joined by `and`."""
        text = self.text.get("$filter")
        if text is None:
            return lambda _row: True
        conditions = [_condition(part.strip()) for part in re.split(r"\s+and\s+", text)]
        return lambda row: all(condition(row) for condition in conditions)

    def link(self, path: str, skip: int) -> str:
        """Address of the page that begins after `skip` rows, all other options kept."""
        token = base64.urlsafe_b64encode(f"after:{skip}".encode()).decode()
        pairs = {**self.text, "$skiptoken": token}
        return f"{path}?{'&'.join(f'{name}={quote(value)}' for name, value in pairs.items())}"


def options(query: str) -> Options:
    """The options of a query string. One the lab does not know is an error: a wrong answer would be worse."""
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    for name in pairs:
        if name not in _OPTIONS:
            raise GraphError(400, "BadRequest", f"The lab does not know the query option '{name}'.")
    return Options(pairs)


def selected(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    """The row with these properties only; annotations stay."""
    if not names:
        return dict(row)
    return {name: value for name, value in row.items() if name in names or name.startswith("@")}


def _condition(text: str) -> Callable[[Row], bool]:
    found = _CONDITION.fullmatch(text)
    if not found:
        raise GraphError(400, "BadRequest", f"Invalid filter clause: {text}")
    if found["start"]:
        start, beginning = found["start"], found["with"].casefold()
        return lambda row: str(row.get(start) or "").casefold().startswith(beginning)
    name, value = found["name"], _literal(found["value"])
    return lambda row: _folded(row.get(name)) == _folded(value)


def _literal(text: str) -> object:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return int(text) if text.isdecimal() else _WORDS.get(text.lower(), text)


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
