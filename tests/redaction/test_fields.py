"""Somebody has thought of every text that evidence and configuration can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, get_args, get_type_hints

import pytest

from readiness.config import SiteSettings
from readiness.config.settings import ScanSettings, TenantSettings
from readiness.model.facts import FACTS, Fact
from readiness.model.reading import Evidence, Reading
from readiness.model.settings import JudgingSettings
from readiness.redaction.declared import FIELDS, NAMES_KEPT_FOR_A_BOARD, TEXT
from readiness.redaction.treatments import Treat
from readiness.redaction.walking import walked

ROOTS: tuple[type[Any], ...] = (
    *FACTS, Evidence, Reading, TenantSettings, SiteSettings, ScanSettings, JudgingSettings,
)  # fmt: skip
SAFE = (bool, int, float, date, datetime, timedelta, Enum, type(None))
ADVICE = """
{missing}
can hold a text, and nobody has said what becomes of it when names are redacted (`--redact`). Add a line to FIELDS in
readiness/redaction/declared.py: `of(Category...)` or `server`, `site_code`, `tenant` for a name or an id of somebody's,
`words(...)` or `form(...)` for words of Microsoft's (they stay only in that form), `told` for a sentence.
Until then it becomes TEXT-1, which is safe, and may change a verdict that looks at it."""


def _parts(hint: Any) -> Iterator[Any]:
    """The plain types in a hint: `tuple[str, ...] | None` holds `str`."""
    inner = [part for part in get_args(hint) if part is not Ellipsis]
    if not inner:
        yield hint
    for part in inner:
        yield from _parts(part)


def _classes() -> set[type[Any]]:
    found: set[type[Any]] = set()
    open_ = list(ROOTS)
    while open_:
        kind = open_.pop()
        if kind in found:
            continue
        found.add(kind)
        hints = get_type_hints(kind)
        parts = [part for field in fields(kind) for part in _parts(hints[field.name])]
        open_ += [part for part in parts if isinstance(part, type) and is_dataclass(part)]
    return found


def _texts() -> set[str]:
    """Every field that can hold a text, as `class.field`."""
    return {
        f"{kind.__name__}.{field.name}"
        for kind in _classes()
        for field in fields(kind)
        if any(part in (str, *PurePath.__subclasses__()) or _is_path(part) for part in _hinted(kind, field.name))
    }


def _is_path(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, PurePath)


def _hinted(kind: type[Any], name: str) -> tuple[Any, ...]:
    return tuple(_parts(get_type_hints(kind)[name]))


def test_it_is_said_of_every_text_what_becomes_of_it() -> None:
    missing = sorted(_texts() - FIELDS.keys())
    assert not missing, ADVICE.format(missing=", ".join(missing))


def test_no_line_is_for_a_field_that_is_not_there() -> None:
    assert sorted(FIELDS.keys() - _texts()) == []
    assert FIELDS.keys() >= NAMES_KEPT_FOR_A_BOARD


def test_the_walk_knows_every_type_that_a_field_can_have() -> None:
    """Anything else, as a mapping, would stop every redaction: teach readiness/redaction/walking.py."""
    strange = {
        f"{kind.__name__}.{field.name}: {part}"
        for kind in _classes()
        for field in fields(kind)
        for part in _hinted(kind, field.name)
        if not (part is str or _is_path(part) or is_dataclass(part) or part is Fact or str(part) == "+F")
        and not (isinstance(part, type) and issubclass(part, SAFE))
    }
    assert strange == set()


@dataclass(frozen=True, slots=True)
class New:
    """As a fact that somebody adds."""

    name: str
    rows: tuple[str, ...] = ()


def marked(_treat: object, _target: object, text: str) -> str:
    return f"<{text}>"


def test_a_field_that_nobody_thought_of_is_walked_too() -> None:
    assert walked(New("Contoso", ("a", "b")), marked) == New("<Contoso>", ("<a>", "<b>"))
    assert dict(_treatments(New)) == {"name": TEXT, "rows": TEXT}


def _treatments(kind: type[Any]) -> Iterator[tuple[str, Treat]]:
    """What becomes of the texts in each field, as the walk has it."""
    found: list[Treat] = []

    def note(treat: Treat, _target: object, text: str) -> str:
        found.append(treat)
        return text

    for field in fields(kind):
        walked(New("a") if field.name == "name" else New("", ("a",)), note)
        yield field.name, found[-1]


@dataclass(frozen=True, slots=True)
class Strange:
    """As a fact with a type that no fact has yet."""

    by_name: dict[str, str]


def test_what_the_walk_does_not_know_stops_it() -> None:
    with pytest.raises(TypeError, match="dict"):
        walked(Strange({"a": "b"}), marked)
