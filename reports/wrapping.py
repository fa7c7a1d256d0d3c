"""Text in columns of a terminal, without a library: how wide it is, and where it breaks."""

from __future__ import annotations

import unicodedata

JOINTS = "/_-.,;:=&|"
"""Signs behind which a long word, such as a path or an address, is cut."""


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for wide characters, none for combining ones."""
    return sum(_columns(character) for character in text)


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """Lines of at most `width` columns, those after the first `hang` columns shorter. At least one line.

    Broken at spaces; a word that is longer than a line is cut, behind a sign that joins its parts where there is one.
    """
    lines, line, room = [], "", width
    for word in text.split():
        if line and columns(line) + 1 + columns(word) > room:
            lines.append(line)
            line, room = "", width - hang
        *full, rest = _pieces(word, room, width - hang)
        lines.extend(full)
        room = width - hang if full else room
        line = f"{line} {rest}" if line else rest
    return [*lines, line]


def _pieces(word: str, first: int, others: int) -> list[str]:
    """`word` cut so that the first piece fits into `first` columns and each other into `others`."""
    pieces, room = [], first
    while (cut := _fitting(word, room)) < len(word):
        pieces.append(word[:cut])
        word, room = word[cut:], others
    return [*pieces, word]


def _fitting(word: str, room: int) -> int:
    """How many characters of `word` fit, at least one; of a longer one those up to the last joint, where that leaves
    the line at least half full."""
    used = joint = 0
    for place, character in enumerate(word):
        used += _columns(character)
        if used > room and place:
            return joint or place
        if character in JOINTS and 2 * used >= room:
            joint = place + 1
    return len(word)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
