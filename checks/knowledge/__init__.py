"""Dated rule data: what is known of releases, updates, clouds, clients..., each row with its source and its date.

Every function answers by the tables in force: those of the assessment that is running, else those that ship.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from checks.knowledge.kinds import (
    CloudRule,
    Defect,
    Endpoint,
    LicencePlan,
    Place,
    Preview,
    Release,
    RequiredUpdate,
    StepRole,
)
from checks.knowledge.tables import SPECS, shipped
from readiness.plugin import Knowledge, knowledge_in_force

__all__ = [
    "MAX_BUILD",
    "SPECS",
    "CloudRule",
    "Defect",
    "Endpoint",
    "LicencePlan",
    "Place",
    "Preview",
    "Release",
    "RequiredUpdate",
    "StepRole",
    "shipped",
    "tables",
]

MAX_BUILD = 0xFFFF
"""The largest number that a part of a Windows file version holds; a build above it is no build."""
_KEPT = 8
"""Rule data that judged lately, for which what is made of it is kept."""


def tables() -> Knowledge:
    """The tables in force."""
    return knowledge_in_force() or shipped()


def rows(table: str, kind: str) -> tuple[Any, ...]:
    """The rows of one kind, in the order of the file."""
    return tables().rows(table, kind)


def releases() -> Mapping[int, Release]:
    """The releases, by build number, oldest first."""
    return _releases(tables())


@lru_cache(maxsize=_KEPT)
def _releases(known: Knowledge) -> Mapping[int, Release]:
    found: tuple[Release, ...] = known.rows("releases", "release")
    return {release.build: release for release in sorted(found, key=lambda release: release.build)}


def releases_as_of() -> date:
    """The date of the table of releases."""
    return tables().tables["releases"].as_of


def release_name(build: int) -> str:
    """What people call a build: its release, or that the table does not know it."""
    known = releases()
    if build in known:
        return known[build].name
    return f"newer than {known[max(known)].name}" if build > max(known) else "no release that is known"


def release_rules(builds: Iterable[int]) -> tuple[str, ...]:
    """The rows by which builds are judged, as verdicts name them, each once: that of the build; where it is below the
    oldest or above the newest that the table knows, of those; inside the table without a row, none."""
    known = releases()
    oldest, newest = min(known), max(known)
    asked = (min(max(build, oldest), newest) for build in builds)
    return tuple(dict.fromkeys(f"releases:{known[build].name}" for build in asked if build in known))


def state_rules(states: Iterable[int]) -> tuple[str, ...]:
    """The rows of states of updates, as verdicts name them, each once; none for a state that no table knows."""
    return tuple(f"update_states:{state}" for state in dict.fromkeys(states) if state in update_states())


def update_states() -> Mapping[int, str]:
    """What the states of an in-console update mean, by number. Not 0: that says that nobody knows."""
    return _update_states(tables())


@lru_cache(maxsize=_KEPT)
def _update_states(known: Knowledge) -> Mapping[int, str]:
    return {row.number: row.meaning for row in known.rows("update_states", "state") if row.number}


def installed_state() -> int:
    """The number that says that an update is installed."""
    return int(tables().tables["update_states"].head["installed"])


def hidden_state() -> int:
    """The number that says that the console does not show an update."""
    return int(tables().tables["update_states"].head["hidden"])


def required_update(kb: int) -> RequiredUpdate:
    """The rule row of a required update."""
    found: tuple[RequiredUpdate, ...] = rows("hotfixes", "required")
    return next(row for row in found if row.kb == kb)


def later_updates(build: int) -> Mapping[int, str]:
    """Names of later cumulative updates of a build, by KB number: they probably hold the required one."""
    return {row.kb: row.name for row in rows("hotfixes", "later") if row.build == build}


def places() -> tuple[Place, ...]:
    """The places of the console that were renamed, or whose name a check gives."""
    found: tuple[Place, ...] = rows("console", "place")
    return found


def console(build: int) -> Mapping[str, str]:
    """What the console of a site of this build says for the text of each place; nothing where no table knows it."""
    if build not in releases() and not max(releases()) < build <= MAX_BUILD:
        return {}
    said = {place.text: [says for since, says in place.eras.items() if since <= build] for place in places()}
    return {text: names[-1] for text, names in said.items() if names}


def clouds() -> tuple[CloudRule, ...]:
    """The clouds that are known."""
    found: tuple[CloudRule, ...] = rows("clouds", "cloud")
    return found


def licence_plans() -> Mapping[str, LicencePlan]:
    """The service plans that are known, by id."""
    return {row.id: row for row in rows("licences", "plan")}


def endpoints() -> tuple[Endpoint, ...]:
    """The hosts that must be reached."""
    found: tuple[Endpoint, ...] = rows("endpoints", "endpoint")
    return found


def step_roles() -> tuple[StepRole, ...]:
    """Who may do which step of the set-up."""
    found: tuple[StepRole, ...] = rows("roles", "role")
    return found


def defects() -> tuple[Defect, ...]:
    """The defects that stop EDR policy."""
    found: tuple[Defect, ...] = rows("defects", "defect")
    return found


def defect_of(build: int) -> Defect | None:
    """The defect of a build; None where none is known. A release before the first one counts with the oldest."""
    oldest = min(defects(), key=lambda defect: defect.first_build)
    if build < oldest.first_build:
        return oldest
    return next((defect for defect in defects() if defect.first_build <= build <= defect.last_build), None)


def defects_as_of() -> date:
    """The date of the table of defects."""
    return tables().tables["defects"].as_of


def previews() -> tuple[Preview, ...]:
    """The parts that were a preview once."""
    found: tuple[Preview, ...] = rows("previews", "part")
    return found


def as_of() -> date:
    """The date of the oldest table: how old the rules are."""
    return tables().as_of


def version() -> str:
    """The version of the rule data that ships."""
    return str(tables().tables["releases"].head["version"])
