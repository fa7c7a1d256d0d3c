"""Markdown, as the pages of the reference write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by `python -m readiness.reference`: change it there. -->\n\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, and an empty line."""
    return lines(f"| {' | '.join(map(_cell, row))} |" for row in (heads, ["---"] * len(heads), *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or " "


def code(text: object) -> str:
    """Text as code; nothing where there is none."""
    return f"`{text}`" if text not in ("", None) else ""


def codes(texts: Iterable[object]) -> str:
    return ", ".join(map(code, texts))


def plain(text: str) -> str:
    """A sentence of the program, as text: what Markdown would take for markup stays what it is."""
    parts = text.split("`")  # every second one is code, where each is closed
    return "`".join(
        _escaped(part) if len(parts) % 2 == 0 or place % 2 == 0 else part for place, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    for sign in ("\\", "<", "*", "_", "[", "]"):
        text = text.replace(sign, "&lt;" if sign == "<" else f"\\{sign}")
    return text


def bullets(of: Iterable[str]) -> str:
    """A list, and an empty line; nothing where there are no lines."""
    return lines(f"* {line}" for line in of)


def lines(of: Iterable[str]) -> str:
    """Lines, and an empty one; nothing where there are none."""
    listed = "".join(f"{line}\n" for line in of)
    return f"{listed}\n" if listed else ""


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = (sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return "".join(kept).replace(" ", "-")
