"""The line on which each key of a TOML file stands, for messages.

No parser of ours: the file is cut into statements, each the shortest run of lines that `tomllib` accepts on its own,
and what a statement parses to tells the keys that it sets. Used only when there is something to complain about.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from readiness.config.wording import KeyPath

_CLOSERS = ("]", "}", '"""', "'''")
_MOST_CHARACTERS_PARSED = 5_000_000
"""Bounds the work on a statement of very many lines; keys behind it are then reported without their line."""


@lru_cache(maxsize=1)
def key_lines(text: str) -> dict[KeyPath, int]:
    """Every key path that `text` (valid TOML, lines ending in LF) sets, with its line, counted from 1."""
    lines: dict[KeyPath, int] = {}
    tables: Counter[KeyPath] = Counter()
    inside: KeyPath = ()
    for number, statement, parsed in statements(text):
        if statement.lstrip().startswith("["):
            inside = _header(parsed, tables)
            for size in range(len(inside), 0, -1):
                lines.setdefault(inside[:size], number)
        else:
            for path in _paths(parsed, inside):
                lines.setdefault(path, number)
    return lines


def line_of(text: str, key: KeyPath) -> int | None:
    """The line of a key, else of the innermost table around it."""
    lines = key_lines(text)
    return next((lines[key[:size]] for size in range(len(key), 0, -1) if key[:size] in lines), None)


def statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """First line, source and value of each statement, in the order of `text` (valid TOML, lines ending in LF)."""
    pending: list[str] = []
    start = budget = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not pending:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        pending.append(line)
        if len(pending) > 1 and not any(closer in line for closer in _CLOSERS):
            continue  # the last line of a value over several lines closes something
        statement = "\n".join(pending)
        budget += len(statement)
        if budget > _MOST_CHARACTERS_PARSED:
            return
        parsed = _parsed(statement)
        if parsed is not None:
            yield start, statement, parsed
            pending = []


def _parsed(statement: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(statement)
    except (ValueError, RecursionError):
        return None


def _header(parsed: dict[str, Any], tables: Counter[KeyPath]) -> KeyPath:
    """The path of `[a.b]` or `[[a]]`; the latter with its index, counted in `tables`, as `a` in `[[a.b]]` has one."""
    path: KeyPath = ()
    value: Any = parsed
    while isinstance(value, dict) and value:
        name, value = next(iter(value.items()))
        path = (*path, name)
        if isinstance(value, dict) and path in tables:
            path = (*path, tables[path] - 1)
    if isinstance(value, list):
        tables[path] += 1
        return (*path, tables[path] - 1)
    return path


def _paths(value: object, at: KeyPath) -> Iterator[KeyPath]:
    """Every path inside a value."""
    items: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for name, inner in items:
        yield (*at, name)
        yield from _paths(inner, (*at, name))
