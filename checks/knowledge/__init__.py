"""Dated rule data: what is known of releases, updates and their states, each row with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any


@cache
def _table(name: str) -> Mapping[str, Any]:
    import tomllib  # not before a check is judged: listing the checks needs no tables
    from importlib.resources import files

    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Release:
    """One release of Configuration Manager, current branch."""

    name: str
    build: int
    available: date
    end_of_support: date


@cache
def releases() -> Mapping[int, Release]:
    """The releases, by build number, oldest first."""
    rows = [
        Release(row["name"], row["build"], row["available"], row["end_of_support"])
        for row in _table("releases")["release"]
    ]
    return {release.build: release for release in sorted(rows, key=lambda release: release.build)}


def release_name(build: int) -> str:
    """What people call a build: its release, or that the table does not know it."""
    known = releases()
    if build in known:
        return known[build].name
    return f"newer than {known[max(known)].name}" if build > max(known) else "no release that is known"


@cache
def update_states() -> Mapping[int, str]:
    """What the states of an in-console update mean, by number. Not 0: that says that nobody knows."""
    return {row["number"]: row["meaning"] for row in _table("update_states")["state"] if row["number"]}


def installed_state() -> int:
    """The number that says that an update is installed."""
    return int(_table("update_states")["installed"])


def hidden_state() -> int:
    """The number that says that the console does not show an update."""
    return int(_table("update_states")["hidden"])


@dataclass(frozen=True, slots=True)
class RequiredUpdate:
    """An update that one build needs, and later ones that probably hold it."""

    kb: int
    build: int
    name: str
    later: Mapping[int, str]
    """Names of later cumulative updates of the same build, by KB number."""


@cache
def required_update(kb: int) -> RequiredUpdate:
    """The rule row of a required update."""
    table = _table("hotfixes")
    row = next(row for row in table["required"] if row["kb"] == kb)
    later = {other["kb"]: other["name"] for other in table["later"] if other["build"] == row["build"]}
    return RequiredUpdate(row["kb"], row["build"], row["name"], later)


def as_of() -> date:
    """The date of the oldest table: how old the rules are."""
    dates: list[date] = [_table(name)["as_of"] for name in ("releases", "update_states", "hotfixes")]
    return min(dates)


def version() -> str:
    """The version of the rule data."""
    return str(_table("releases")["version"])
