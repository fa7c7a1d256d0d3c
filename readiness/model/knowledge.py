"""Rule data: tables of dated rows that checks judge by, those that ship and those that somebody laid over them.

A table is one TOML file: `as_of`, `[sources]`, and rows as arrays of tables, each with `source` and `date`. What it
may hold is declared by a `TableSpec`; `typed` turns the parsed file into rows and says what is wrong with it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

SHOWN_APART = ("source", "date", "confidence")
"""Fields that every row has."""
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: what it says stands in the fields of its own kind."""

    source: str
    """Codes of the file's `[sources]`, with words."""
    date: datetime.date
    """Of the newest of its sources; where that carries none, when it was read."""
    confidence: str = ""
    """As the reference has it: high, medium, low, inferred, reported. Empty: nothing was said."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the text of a field must look like."""

    pattern: re.Pattern[str]
    words: str


@dataclass(frozen=True, slots=True)
class RowKind:
    """One kind of row in a table."""

    row: type[Row]
    key: str
    """The field by which a row is known, and overridden."""
    unique: tuple[str, ...] = ()
    """Fields that no two rows share, besides the key."""
    span: tuple[str, str] | None = None
    """First and last number of a range; ranges of two rows may not overlap."""
    order: tuple[tuple[str, str], ...] = ()
    """Pairs of fields of which the second may not come before the first."""
    forms: Mapping[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What the file of a table may hold."""

    name: str
    rows: Mapping[str, RowKind]
    """Kinds of rows by how they are written: `release` for `[[release]]`. Their keys share one space."""
    head: Mapping[str, type[Any]] = field(default_factory=dict)
    """Further keys of the file that ships; one from outside adds and overrides rows only."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A row, and where it came from."""

    table: str
    kind: str
    key: str
    row: Row
    as_of: datetime.date
    """Of its file."""
    cited: tuple[str, ...]
    """The sources that its codes stand for, in words."""
    file: str | None = None
    """The file from outside; None for what ships."""

    @property
    def ref(self) -> str:
        """What names it in verdicts and reports: `releases:2503`."""
        return f"{self.table}:{self.key}"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row of the rule data, as reports and `explain` show it."""

    table: str
    key: str
    values: Mapping[str, Any]
    source: str
    cited: tuple[str, ...]
    """The sources in words."""
    date: datetime.date
    """Of the newest source."""
    as_of: datetime.date
    """Of the file that holds the row."""
    confidence: str
    file: str | None
    """The file from outside that holds it; None for what ships."""


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """A row that somebody laid over the rule data that ships."""

    table: str
    key: str
    file: str
    replaces: bool
    """Whether it took the place of a row that ships."""
    source: str
    date: datetime.date


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table."""

    name: str
    head: Mapping[str, Any]
    entries: tuple[Entry, ...]
    first_as_of: datetime.date
    """Of the file that ships."""

    @property
    def as_of(self) -> datetime.date:
        """The date of the oldest file that still gives a row."""
        return min((entry.as_of for entry in self.entries), default=self.first_as_of)

    def laid_over(self, other: Table) -> Table:
        """This table with the rows of another: those of the same key replaced, the others added."""
        new = {entry.key: entry for entry in other.entries}
        kept = tuple(new.pop(entry.key, entry) for entry in self.entries)
        return replace(self, entries=(*kept, *new.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """All tables that judge."""

    tables: Mapping[str, Table]
    outside: tuple[OutsideRow, ...] = ()

    @property
    def as_of(self) -> datetime.date:
        """The date of the oldest table: how old the rules are."""
        return min(table.as_of for table in self.tables.values())

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over what the tables say."""
        return _digest(self)

    def rows(self, table: str, kind: str) -> tuple[Any, ...]:
        """The rows of one kind, in the order of the file."""
        return tuple(entry.row for entry in self.tables[table].entries if entry.kind == kind)

    def find(self, consulted: str) -> tuple[RuleRow, ...]:
        """The rows that a reference names: `releases:2503` is one row, `releases` the whole table; unknown: none."""
        name, colon, key = consulted.partition(":")
        table = self.tables.get(name)
        entries = table.entries if table is not None else ()
        return tuple(_shown(entry) for entry in entries if not colon or entry.key == key)


@lru_cache(maxsize=8)
def _digest(known: Knowledge) -> str:
    """Kept, because one set of tables judges many times where a scan goes on until all is ready."""
    said = {
        table.name: [dict(table.head), [[e.kind, e.as_of, _plain(e.row)] for e in table.entries]]
        for table in known.tables.values()
    }
    text = json.dumps(_plain(said), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(entry: Entry) -> RuleRow:
    said = {name: value for name, value in _plain(entry.row).items() if name not in SHOWN_APART}
    row = entry.row
    return RuleRow(
        entry.table, entry.key, said, row.source, entry.cited, row.date, entry.as_of, row.confidence, entry.file
    )


def _plain(value: Any) -> Any:
    """A row as JSON values."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def in_words(values: Mapping[str, Any], key: str) -> str:
    """What a row says besides its key: `build 9135; available 2025-03-31`. What is empty, zero or no is left out."""
    told = {name: value for name, value in values.items() if name != "checks" and value and str(value) != key}
    return "; ".join(f"{name.replace('_', ' ')} {_in_words(value)}" for name, value in told.items())


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_in_words, value))
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_in_words(inner)}" for name, inner in value.items() if inner is not None)
    return "yes" if value is True else str(value)


def laid_over(shipped: Knowledge, given: Sequence[Table]) -> Knowledge:
    """The tables that ship with those from outside over them."""
    tables, outside = dict(shipped.tables), list(shipped.outside)
    for table in given:
        known = {entry.key for entry in tables[table.name].entries}
        outside += [
            OutsideRow(e.table, e.key, e.file or "", e.key in known, e.row.source, e.row.date) for e in table.entries
        ]
        tables[table.name] = tables[table.name].laid_over(table)
    return Knowledge(tables, tuple(outside))


def cited(source: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """The sources that the codes in a text stand for, each once."""
    codes = dict.fromkeys(_CODE.findall(source))
    return tuple(f"{code}: {sources[code]}" for code in codes if code in sources)


_JUDGING: ContextVar[Knowledge | None] = ContextVar("knowledge", default=None)
"""What judges while an assessment runs. Nothing else sets it, so that equal questions get equal answers."""


def in_force() -> Knowledge | None:
    """The rule data of the assessment that is running; None where none runs, or it judges by what ships."""
    return _JUDGING.get()


@contextmanager
def judging_by(knowledge: Knowledge | None) -> Iterator[None]:
    """Judge by this rule data until the end of the block, whatever was in force before."""
    token = _JUDGING.set(knowledge)
    try:
        yield
    finally:
        _JUDGING.reset(token)
