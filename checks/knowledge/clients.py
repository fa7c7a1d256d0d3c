"""Which devices EDR policy is for: operating systems by release of the site, and the oldest client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from checks.knowledge import defects, releases, tables
from readiness.plugin import Knowledge

Version = tuple[int, ...]
_NUMBERS = re.compile(r"\d{1,9}(\.\d{1,9})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """One system of the table."""

    name: str
    server: bool
    version: Version
    """Major and minor number, as 10 and 0."""
    first_build: int
    """Its own lowest build number."""
    never: bool
    from_build: int
    """The first build of the site that allows it."""
    dropped_by: int | None
    """The release that no longer allows it, as 2609."""


def systems() -> tuple[OperatingSystem, ...]:
    """The systems, those with the highest build numbers first."""
    return _systems(tables())


@lru_cache(maxsize=8)
def _systems(known: Knowledge) -> tuple[OperatingSystem, ...]:
    rows = [
        OperatingSystem(
            name=row.name,
            server=row.kind == "server",
            version=numbers(row.version) or (),
            first_build=row.first_build,
            never=row.never,
            from_build=row.from_build,
            dropped_by=row.dropped_by,
        )
        for row in known.rows("clients", "system")
    ]
    return tuple(sorted(rows, key=lambda row: row.first_build, reverse=True))


def numbers(text: str) -> Version | None:
    """A version as numbers, so that 5.0 and 5.00 are the same and 1030 is above 200; None where it is none."""
    return tuple(map(int, text.strip().split("."))) if _NUMBERS.fullmatch(text.strip()) else None


def client_floors() -> Mapping[int, Version]:
    """The oldest client that applies EDR policy, by build of the site; builds without a rule are left out."""
    rows = [(defect, numbers(defect.client_floor or "")) for defect in defects()]
    return {
        build: floor
        for defect, floor in rows
        if floor is not None
        for build in range(defect.first_build, defect.last_build + 1)
    }


def release_number(build: int, monthly: int | None) -> int | None:
    """Which release a site runs, as 2603; None where that is not known, or what the site says does not fit.

    Args:
        monthly: what the site says itself: it decides only above the newest build of the table.
    """
    known = releases()
    if build in known:
        own = int(known[build].name)
        return own if monthly in (None, 0, own) else None
    newest = int(known[max(known)].name)
    above = build > max(known) and monthly is not None and newest < monthly < 10000
    return monthly if above else None
