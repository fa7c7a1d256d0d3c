"""What a report in text is made of, before a flavour writes it down: headings, paragraphs, tables, lists.

Words are ours, or somebody else's; a flavour keeps the others' from being anything but words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Whose words they are."""

    OURS = "ours"
    THEIRS = "theirs"
    CODE = "code"
    """A command, to be copied as it is."""
    ADDRESS = "address"
    """Where a rule comes from: a path, an article, an address of the documentation."""


@dataclass(frozen=True, slots=True)
class Words:
    """Some words on one line. Hostile characters are visible in them; nothing is escaped for a flavour yet."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Strong:
    """What catches the eye."""

    words: tuple[Words, ...]


Line = tuple[Words | Strong, ...]
Part = str | Words | Strong | Line
"""A string is ours."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 1 is that of the report."""

    level: int
    words: Line
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line for itself."""

    words: Line
    quoted: bool = False
    """Set off, because it is about the report as a whole."""
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels and values, as a table without head."""

    rows: tuple[tuple[Line, Line], ...]
    kept: int = 0
    """Rows, from the first on, that no limit cuts. The same with all other blocks, of which some are one row."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads."""

    heads: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    kept: int = 0
    numbers: tuple[int, ...] = ()
    """Columns that hold numbers, from 0 on."""


@dataclass(frozen=True, slots=True)
class Item:
    """One of a list, with what is to be known of it."""

    words: Line
    number: int | None = None
    """None: the order means nothing."""
    details: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    rows: tuple[Item, ...]
    kept: int = 0


Block = Heading | Paragraph | Pairs | Table | Items


def theirs(text: str) -> Words:
    """Somebody else's words."""
    return Words(text, Kind.THEIRS)


def code(text: str) -> Words:
    """A command."""
    return Words(text, Kind.CODE)


def address(text: str) -> Words:
    """Where to read more."""
    return Words(text, Kind.ADDRESS)


def line(*parts: Part) -> Line:
    """Parts, one after the other."""
    found: list[Words | Strong] = []
    for part in parts:
        if isinstance(part, str):
            found.append(Words(part, Kind.OURS))
        elif isinstance(part, tuple):
            found.extend(part)
        else:
            found.append(part)
    return tuple(found)


def strong(*parts: str | Words) -> Strong:
    return Strong(tuple(Words(part, Kind.OURS) if isinstance(part, str) else part for part in parts))


def joined(between: str, parts: Iterable[Part], otherwise: str = "none") -> Line:
    """Parts with `between` them; `otherwise` where there are none."""
    found: list[Part] = []
    for part in parts:
        found += [between, part] if found else [part]
    return line(*found) if found else line(otherwise)


def lines(cells: Sequence[Part]) -> tuple[Line, ...]:
    """Cells of a row, each as a line."""
    return tuple(line(cell) for cell in cells)


def table(heads: Sequence[str], rows: Iterable[Sequence[Part]], *, kept: int = 0, numbers: Sequence[int] = ()) -> Table:
    return Table(lines(heads), tuple(lines(row) for row in rows), kept, tuple(numbers))


def pairs(rows: Iterable[tuple[str, Part]], *, kept: int = 0) -> Pairs:
    return Pairs(tuple((line(label), line(value)) for label, value in rows), kept)
