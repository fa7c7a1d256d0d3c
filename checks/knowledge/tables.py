"""The tables of the rule data: what each file may hold, and the files that ship."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from checks.knowledge import rows
from readiness.plugin import RowKind, TableSpec

if TYPE_CHECKING:
    from readiness.plugin import Knowledge

_NAMED = "name"

SPECS: Mapping[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec(
            "releases",
            {
                "release": RowKind(rows.Release, _NAMED, unique=("build",), order=(("available", "end_of_support"),)),
                "upcoming": RowKind(rows.UpcomingRelease, _NAMED),
            },
            head={"version": str},
        ),
        TableSpec(
            "update_states",
            {"state": RowKind(rows.UpdateState, "number", unique=(_NAMED,))},
            head={"installed": int, "hidden": int},
        ),
        TableSpec(
            "hotfixes",
            {"required": RowKind(rows.RequiredUpdate, "kb"), "later": RowKind(rows.LaterUpdate, "kb")},
        ),
        TableSpec("defects", {"defect": RowKind(rows.Defect, _NAMED, span=("first_build", "last_build"))}),
        TableSpec("clients", {"system": RowKind(rows.System, _NAMED)}),
        TableSpec("clouds", {"cloud": RowKind(rows.CloudRule, "word", unique=("graph",))}),
        TableSpec("console", {"place": RowKind(rows.Place, _NAMED, unique=("text",))}),
        TableSpec(
            "previews",
            {
                "part": RowKind(
                    rows.Preview,
                    _NAMED,
                    order=(
                        ("first_build", "preview_until"),
                        ("preview_until", "general_from"),
                        ("said_preview", "said_general"),
                    ),
                )
            },
        ),
        TableSpec("endpoints", {"endpoint": RowKind(rows.Endpoint, "host")}),
        TableSpec("licences", {"plan": RowKind(rows.LicencePlan, "plan", unique=("id",))}),
        TableSpec("roles", {"role": RowKind(rows.StepRole, "step", order=(("from_build", "until_build"),))}),
        TableSpec("waits", {"wait": RowKind(rows.Wait, _NAMED, order=(("least_minutes", "minutes"),))}),
        TableSpec("contradictions", {"contradiction": RowKind(rows.Contradiction, _NAMED)}),
        TableSpec("requirements", {"requirement": RowKind(rows.Requirement, "check")}),
    )
}
"""Every table, by the name of its file."""


def texts() -> Mapping[str, str]:
    """The files that ship, as text, by the name of the table."""
    from importlib.resources import files

    folder = files("checks.knowledge")
    return {name: folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in SPECS}


@cache
def shipped() -> Knowledge:
    """The tables that ship.

    Raises:
        ValueError: one of them is wrong.
    """
    import tomllib  # not before a check is judged: listing the checks needs no tables

    from readiness.plugin import shipped_knowledge

    return shipped_knowledge(SPECS, {name: tomllib.loads(text) for name, text in texts().items()})
