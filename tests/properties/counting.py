"""Counts what the properties were tried on, for the line at the end of the run."""

from __future__ import annotations

from collections import Counter

TRIED: Counter[str] = Counter()
"""What was tried in this run, by what it is; what must not happen is counted too, so that a 0 is one that was seen."""


def tried(what: str, number: int = 1) -> None:
    """Note that so many were tried."""
    TRIED[what] += number


def summary() -> str:
    """`12,345 examples, 0 false passes, ...`; empty where nothing was tried."""
    return ", ".join(f"{number:,} {what}" for what, number in sorted(TRIED.items()))
