"""A measured figure and what it may be at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the output."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    skipped: str = ""
    """Why it was not measured on this machine."""

    @property
    def within(self) -> bool:
        return self.limit is None or self.value <= self.limit
