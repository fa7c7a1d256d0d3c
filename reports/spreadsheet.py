"""Cells that stay text in a spreadsheet."""

from __future__ import annotations

from reports.text import visible

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters, half and full width, that make spreadsheets compute a cell."""


def cell(value: object) -> str:
    """Text that stays text: hostile characters made visible, and an apostrophe before what would be computed."""
    text = "" if value is None else visible(str(value))
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
