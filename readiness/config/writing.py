"""A commented `readiness.toml`: every key of the schema, with what it is for, its choices and its default."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

from readiness.config.schema import SECTIONS, Section

WIDEST = 120
"""Columns of a line."""
COMMENT_AT = 44
"""Column of the comments, where the key and its value leave room."""
_HEAD = """\
# What readiness reads and judges. `readiness init` wrote this file.
#
# A key behind a # is not set: the value is its default or, where there is none, an example. No secret is ever written
# here: a key that ends in _env names the environment variable that holds it. Relative paths are relative to this file.
# READINESS_<SECTION>_<KEY> in the environment overrides a key of the file.
"""
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))

Given = Mapping[str, Mapping[str, Any]]
"""Values by section and key."""


def template(given: Given) -> str:
    """The file, with the given values set and every other key commented out."""
    return _HEAD + "".join(_section(name, section, given.get(name, {})) for name, section in SECTIONS.items())


def choices(section: str, key: str) -> tuple[str, ...]:
    """The words that a key may have; none where it is free."""
    hint = get_type_hints(SECTIONS[section].becomes)[key]
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(str(word) for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum) for word in kind)


def default(section: str, key: str) -> Any:
    """The value of a key that is not written; None where there is none."""
    field = next(field for field in fields(SECTIONS[section].becomes) if field.name == key)
    return None if field.default is MISSING else field.default


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, timedelta):
        return json.dumps(_duration(value))
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return f"'{value}'"
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit, length = next((unit, length) for unit, length in _UNITS if seconds % length == 0)
    return "24h" if seconds == 86400 else f"{seconds // length}{unit}"


def _section(name: str, section: Section, given: Mapping[str, Any]) -> str:
    header = f"[[{name}]]" if section.many else f"[{name}]"
    # A section without required keys may stand there empty: then it is enough to take the # from a key.
    live = bool(given) or not (section.required or section.many)
    keys = (_key(name, key, given) for key in section.kinds)
    return f"\n# {words(name, '')}\n{_line(header, '', live=live)}{''.join(keys)}"


def _key(section: str, key: str, given: Mapping[str, Any]) -> str:
    value = given.get(key, default(section, key))
    if value is None or value == ():
        value = like(section, key)
    comment = "; ".join(_remarks(section, key))
    return _line(f"{key} = {toml(value)}", comment, live=key in given)


def _remarks(section: str, key: str) -> Iterator[str]:
    known = choices(section, key)
    if known:
        yield " | ".join(known)
    if key in SECTIONS[section].required:
        yield "required"
    if words(section, key):
        yield words(section, key)


def _line(statement: str, comment: str, *, live: bool) -> str:
    written = statement if live else f"# {statement}"
    if not comment:
        return f"{written}\n"
    at = max(COMMENT_AT, len(written))
    room = WIDEST - at - len("  # ")
    first, *more = textwrap.wrap(comment, room, break_long_words=False, break_on_hyphens=False)
    return "".join((f"{written.ljust(at)}  # {first}\n", *(f"{'':{at}}  # {line}\n" for line in more)))


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    import tomllib

    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def words(section: str, key: str) -> str:
    """What a key, or with the key `""` a section, is for."""
    found = _words().get(section, {}).get(key, "")
    return str(found if isinstance(found, str) else found.get("is", ""))


def like(section: str, key: str) -> Any:
    """An example of a value."""
    known = choices(section, key)
    return _words().get(section, {}).get(key, {}).get("like", known[0] if known else "...")
