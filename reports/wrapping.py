"""Text in columns of a terminal, without a library: how wide it is, and where it breaks."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for wide characters, none for combining ones."""
    return sum(_columns(character) for character in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces; longer words are cut. At least one line."""
    lines, line = [], ""
    for word in text.split():
        if line and columns(line) + 1 + columns(word) > width:
            lines.append(line)
            line = ""
        *full, rest = _pieces(word, width)
        lines.extend(full)
        line = f"{line} {rest}" if line else rest
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    """`word` cut so that each piece fits."""
    pieces, piece, used = [], "", 0
    for character in word:
        taken = _columns(character)
        if piece and used + taken > width:
            pieces.append(piece)
            piece, used = "", 0
        piece += character
        used += taken
    return [*pieces, piece]


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
