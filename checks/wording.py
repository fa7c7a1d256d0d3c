"""Words that several checks share."""

from __future__ import annotations


def counted(number: int, one: str) -> str:
    """`1 site`, `2 sites`, `1,000 sites`: a number with its noun."""
    return f"{number:,} {one if number == 1 else one + 's'}"
