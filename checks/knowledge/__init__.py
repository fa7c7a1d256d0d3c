"""Dated rule data: what is known of releases, updates and their states, each row with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

MAX_BUILD = 0xFFFF
"""The largest number that a part of a Windows file version holds; a build above it is no build."""


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
    end_computed: bool = False
    """Whether the end of support is computed, as no published table gives it."""


@cache
def releases() -> Mapping[int, Release]:
    """The releases, by build number, oldest first."""
    rows = [
        Release(row["name"], row["build"], row["available"], row["end_of_support"], row.get("end_computed", False))
        for row in _table("releases")["release"]
    ]
    return {release.build: release for release in sorted(rows, key=lambda release: release.build)}


def releases_as_of() -> date:
    """The date of the table of releases."""
    found: date = _table("releases")["as_of"]
    return found


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


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the console, and what it was called over the years."""

    name: str
    text: str
    """What names it where the build of the site is not known."""
    eras: Mapping[int, str]
    """What it is called from a build on, oldest first."""


@cache
def places() -> tuple[Place, ...]:
    """The places of the console that were renamed, or whose name a check gives."""
    rows = _table("console")["place"]
    return tuple(Place(row["name"], row["text"], _eras(row.get("era", ()))) for row in rows)


def _eras(rows: Iterable[Mapping[str, Any]]) -> Mapping[int, str]:
    return dict(sorted((row["build"], row["says"]) for row in rows))


def console(build: int) -> Mapping[str, str]:
    """What the console of a site of this build says for the text of each place; nothing where no table knows it."""
    if build not in releases() and not max(releases()) < build <= MAX_BUILD:
        return {}
    said = {place.text: [says for since, says in place.eras.items() if since <= build] for place in places()}
    return {text: names[-1] for text, names in said.items() if names}


@dataclass(frozen=True, slots=True)
class CloudRule:
    """A cloud that a tenant can live in."""

    word: str
    """As the configuration names it."""
    name: str
    instance: str
    """`cloud_instance_name` of the discovery document."""
    graph: str
    """`msgraph_host` of the discovery document."""
    sub_scopes: tuple[str, ...]
    """`tenant_region_sub_scope`; empty text where there is none."""
    policy: str
    """Whether EDR policy reaches collections there: `supported`, `not-documented` or `unsupported`."""
    since_build: int
    """The first build that attaches to this cloud; 0: every one."""


@cache
def clouds() -> tuple[CloudRule, ...]:
    """The clouds that are known."""
    return tuple(
        CloudRule(
            row["word"],
            row["name"],
            row["instance"],
            row["graph"],
            tuple(row["sub_scopes"]),
            row["policy"],
            row.get("since_build", 0),
        )
        for row in _table("clouds")["cloud"]
    )


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect of some builds."""

    name: str
    kind: str
    """`policy`: devices that are not co-managed get none. `attach`: the site's connection to the cloud may fail."""
    first_build: int
    last_build: int
    words: str
    fixed_by: Mapping[int, str]
    """KB numbers of the updates that mend it, and why each does."""
    client_floor: str | None
    """Clients below this version have the defect even where the site is mended."""


@cache
def defects() -> tuple[Defect, ...]:
    """The defects that stop EDR policy."""
    return tuple(_defect(row) for row in _table("defects")["defect"])


def _defect(row: Mapping[str, Any]) -> Defect:
    return Defect(
        name=row["name"],
        kind=row["kind"],
        first_build=row["first_build"],
        last_build=row["last_build"],
        words=row["words"],
        fixed_by={fix["kb"]: fix["why"] for fix in row.get("fixed_by", ())},
        client_floor=row.get("client_floor"),
    )


def defect_of(build: int) -> Defect | None:
    """The defect of a build; None where none is known. A release before the first one counts with the oldest."""
    oldest = min(defects(), key=lambda defect: defect.first_build)
    if build < oldest.first_build:
        return oldest
    return next((defect for defect in defects() if defect.first_build <= build <= defect.last_build), None)


def defects_as_of() -> date:
    """The date of the table of defects."""
    found: date = _table("defects")["as_of"]
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """A part that Microsoft published as a preview, and until when."""

    name: str
    first_build: int
    preview_until: int
    """The newest build when a document still called it a preview."""
    general_from: int
    """The newest build when a document no longer did."""
    said_preview: date
    said_general: date


@cache
def previews() -> tuple[Preview, ...]:
    """The parts that were a preview once."""
    return tuple(
        Preview(
            name=row["name"],
            first_build=row["first_build"],
            preview_until=row["preview_until"],
            general_from=row["general_from"],
            said_preview=row["said_preview"],
            said_general=row["said_general"],
        )
        for row in _table("previews")["part"]
    )


def as_of() -> date:
    """The date of the oldest table: how old the rules are."""
    from importlib.resources import files

    tables = (entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml"))
    dates: list[date] = [_table(name)["as_of"] for name in tables]
    return min(dates)


def version() -> str:
    """The version of the rule data."""
    return str(_table("releases")["version"])
