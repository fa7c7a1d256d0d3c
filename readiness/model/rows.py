"""From a parsed table of rule data to typed rows: every key known, every value of its type, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from readiness.model.knowledge import Entry, Knowledge, Row, RowKind, Table, TableSpec, cited

Path = tuple[str | int, ...]
MAX_NUMBER = 2**31 - 1
_WORDS: Mapping[Any, str] = {str: "text in quotes", int: "a whole number", bool: "true or false", date: "a date"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a table, and where."""

    at: Path
    words: str
    choices: tuple[str, ...] = ()
    """What would be valid in the place of the last part of `at`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row, and its place in the file."""

    entry: Entry
    at: Path


def typed(
    spec: TableSpec, raw: Mapping[str, Any], *, file: str | None = None
) -> tuple[Table, tuple[Placed, ...], list[Problem]]:
    """A parsed file as a table, its rows with their places, and everything that is wrong with it.

    Args:
        file: of a table from outside, its name: it holds rows only. None for one that ships.
    """
    problems: list[Problem] = []
    as_of, sources, head = _head(spec, raw, problems, outside=file is not None)
    placed: list[Placed] = []
    for name, kind in spec.rows.items():
        for at, table in _arrays(raw, name, problems):
            row = _record(kind.row, table, at, problems)
            if row is not None:
                problems += _misshapen(kind, row, at)
                key = str(getattr(row, kind.key))
                entry = Entry(spec.name, name, key, row, as_of, cited(row.source, sources), file)
                placed.append(Placed(entry, at))
    return Table(spec.name, head, tuple(one.entry for one in placed), as_of), tuple(placed), problems


def _head(
    spec: TableSpec, raw: Mapping[str, Any], problems: list[Problem], *, outside: bool
) -> tuple[date, Mapping[str, str], dict[str, Any]]:
    wanted: dict[str, Any] = {"as_of": date, **({} if outside else spec.head)}
    known = (*wanted, "sources", *spec.rows)
    problems += [Problem((name,), "unknown key", known) for name in raw if name not in known]
    found = {name: _needed(hint, raw, name, (), problems) for name, hint in wanted.items()}
    as_of = found.pop("as_of")
    sources = raw.get("sources", {})
    if not isinstance(sources, dict):
        problems.append(Problem(("sources",), "must be one section: write [sources], with one bracket"))
        sources = {}
    texts = {code: _value(str, words, ("sources", code), problems) for code, words in sources.items()}
    return as_of or date.min, {code: words for code, words in texts.items() if words}, found


def _misshapen(kind: RowKind, row: Row, at: Path) -> Iterator[Problem]:
    """Fields whose text does not have the form that those who read it rely on."""
    for name, form in kind.forms.items():
        value = getattr(row, name)
        if value is not None and not form.pattern.fullmatch(value):
            yield Problem((*at, name), f"expected {form.words}")


def _arrays(raw: Mapping[str, Any], name: str, problems: list[Problem]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    rows = raw.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append(Problem((name,), f"must be written [[{name}]], with two brackets, once for each row"))
        return
    yield from (((name, index), row) for index, row in enumerate(rows))


@cache
def _hints(record: Any) -> Mapping[str, Any]:
    return get_type_hints(record)


def _record(record: Any, table: Mapping[str, Any], at: Path, problems: list[Problem]) -> Any:
    """A row, or a part of one, as its own type; None where something is wrong with it."""
    before, hints = len(problems), _hints(record)
    problems += [Problem((*at, name), "unknown key", tuple(hints)) for name in table if name not in hints]
    values: dict[str, Any] = {}
    for one in fields(record):
        if one.name in table:
            values[one.name] = _value(hints[one.name], table[one.name], (*at, one.name), problems)
        elif _required(one):
            problems.append(Problem((*at, one.name), "missing; every row needs it"))
    return record(**values) if len(problems) == before else None


def _required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _needed(hint: Any, raw: Mapping[str, Any], name: str, at: Path, problems: list[Problem]) -> Any:
    if name not in raw:
        problems.append(Problem((*at, name), "missing; the file needs it"))
        return None
    return _value(hint, raw[name], (*at, name), problems)


def _value(hint: Any, value: object, at: Path, problems: list[Problem]) -> Any:
    """A value of the type that a field has; what is wrong with it goes to `problems`."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:  # X | None: what is not known is not written
        return _value(inner[0], value, at, problems)
    if origin is tuple:
        return _listed(inner[0], value, at, problems)
    if origin is Literal:
        return _word(inner, value, at, problems)
    if is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, dict):
            return _record(hint, value, at, problems)
        problems.append(Problem(at, "expected a table of keys"))
        return None
    words = _wrong(hint, value)
    if words is not None:
        problems.append(Problem(at, words))
    return value


def _listed(hint: Any, value: object, at: Path, problems: list[Problem]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        problems.append(Problem(at, "expected a list in brackets"))
        return ()
    found = tuple(_value(hint, one, (*at, index), problems) for index, one in enumerate(value))
    if any(one in found[:index] for index, one in enumerate(found) if one is not None):
        problems.append(Problem(at, "holds the same twice; keep one"))
    return found


def _word(words: Sequence[str], value: object, at: Path, problems: list[Problem]) -> Any:
    if value not in words:
        problems.append(Problem(at, "unknown value; valid are " + ", ".join(f'"{word}"' for word in words)))
    return value


def _wrong(hint: Any, value: object) -> str | None:
    """What is wrong with a plain value."""
    if type(value) is not hint:
        timed = " without a time" if isinstance(value, datetime) else ""
        return f"expected {_WORDS[hint]}{timed}" + (", without quotes" if isinstance(value, str) else "")
    if isinstance(value, str) and not (value and value == value.strip() and value.isprintable()):
        return "is empty, begins or ends with a space, or holds a control character"
    if hint is int and isinstance(value, int) and not 0 <= value <= MAX_NUMBER:
        return f"expected a whole number from 0 to {MAX_NUMBER}"
    return None


def between(spec: TableSpec, placed: Sequence[Placed]) -> Iterator[tuple[Placed, str]]:
    """What is wrong between rows, or between the fields of one: the row at which to say it, and words."""
    yield from _twice(placed)
    for name, kind in spec.rows.items():
        rows = [one for one in placed if one.entry.kind == name]
        for one in rows:
            for first, last in (*kind.order, *((kind.span,) if kind.span else ())):
                if _backwards(one.entry.row, first, last):
                    yield one, f"{last} comes before {first}"
        for unique in kind.unique:
            yield from _shared(rows, unique)
        if kind.span is not None:
            yield from _overlapping(rows, *kind.span)


def _backwards(row: Row, first: str, last: str) -> bool:
    low, high = getattr(row, first), getattr(row, last)
    return low is not None and high is not None and bool(high < low)


def _twice(placed: Sequence[Placed]) -> Iterator[tuple[Placed, str]]:
    seen: set[str] = set()
    for one in placed:
        if one.entry.key in seen:
            yield one, f"a second row for {one.entry.key}; keep one"
        seen.add(one.entry.key)


def _shared(rows: Sequence[Placed], unique: str) -> Iterator[tuple[Placed, str]]:
    seen: dict[object, str] = {}
    for one in rows:
        value = getattr(one.entry.row, unique)
        if seen.setdefault(value, one.entry.key) != one.entry.key:
            yield one, f"{unique} {value} is that of {seen[value]}, too"


def _overlapping(rows: Sequence[Placed], first: str, last: str) -> Iterator[tuple[Placed, str]]:
    """Two rows whose ranges share a number; said of the one that came later, from outside before what ships."""
    for index, one in enumerate(rows):
        for other in rows[:index]:
            low = max(getattr(one.entry.row, first), getattr(other.entry.row, first))
            high = min(getattr(one.entry.row, last), getattr(other.entry.row, last))
            if low <= high and one.entry.key != other.entry.key:
                late, early = (other, one) if other.entry.file and not one.entry.file else (one, other)
                yield late, f"its range {first} to {last} overlaps that of {early.entry.key}, from {low} to {high}"


def shipped(specs: Mapping[str, TableSpec], parsed: Mapping[str, Mapping[str, Any]]) -> Knowledge:
    """The tables that ship, from their parsed files.

    Raises:
        ValueError: one of them is wrong; where exactly, the loader of the program says.
    """
    tables: dict[str, Table] = {}
    for name, spec in specs.items():
        tables[name], placed, problems = typed(spec, parsed[name])
        said = [f"{'.'.join(map(str, one.at))}: {one.words}" for one in problems]
        said += [f"{'.'.join(map(str, one.at))}: {words}" for one, words in between(spec, placed)]
        if said:
            raise ValueError(f"{name}.toml: {said[0]}")
    return Knowledge(tables)
