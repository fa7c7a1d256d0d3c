"""The tables of the rule data: what each file may hold, and the files that ship."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from checks.knowledge import kinds
from readiness.plugin import Contradiction, DataSent, Failure, Form, Requirement, RowKind, TableSpec

if TYPE_CHECKING:
    from readiness.plugin import Knowledge

_NAMED = "name"
_VERSION = Form(re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){3}"), "a version as 5.00.9141.1030")
_SYSTEM = Form(re.compile(r"[0-9]{1,4}\.[0-9]{1,4}"), "major and minor number, as 10.0")
_GUID = Form(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a GUID in lower case")
_HOST = Form(re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+"), "the name of a host in lower case")
_FAILURE = Form(re.compile(r"[A-Z][0-9]{2,4}"), "a letter and two to four digits, as F01")
_RELEASE = Form(re.compile(r"[0-9]{4}"), "four digits, as 2603")

_RELEASES = RowKind(
    kinds.Release, _NAMED, unique=("build",), order=(("available", "end_of_support"),), forms={_NAMED: _RELEASE}
)
_UPCOMING = RowKind(kinds.UpcomingRelease, _NAMED, forms={_NAMED: _RELEASE})
_DEFECTS = RowKind(kinds.Defect, _NAMED, span=("first_build", "last_build"), forms={"client_floor": _VERSION})
_SYSTEMS = RowKind(kinds.System, _NAMED, forms={"version": _SYSTEM})
_CLOUDS = RowKind(kinds.CloudRule, "word", unique=("graph",), forms={"instance": _HOST, "graph": _HOST})
_PREVIEWS = RowKind(
    kinds.Preview,
    _NAMED,
    order=(("first_build", "preview_until"), ("preview_until", "general_from"), ("said_preview", "said_general")),
)
_ROLES = RowKind(kinds.StepRole, "step", order=(("from_build", "until_build"),))

SPECS: Mapping[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec("releases", {"release": _RELEASES, "upcoming": _UPCOMING}, head={"version": str}),
        TableSpec(
            "update_states",
            {"state": RowKind(kinds.UpdateState, "number", unique=(_NAMED,))},
            head={"installed": int, "hidden": int},
        ),
        TableSpec(
            "hotfixes",
            {"required": RowKind(kinds.RequiredUpdate, "kb"), "later": RowKind(kinds.LaterUpdate, "kb")},
        ),
        TableSpec("defects", {"defect": _DEFECTS}),
        TableSpec("clients", {"system": _SYSTEMS}),
        TableSpec("clouds", {"cloud": _CLOUDS}),
        TableSpec("console", {"place": RowKind(kinds.Place, _NAMED, unique=("text",))}),
        TableSpec("previews", {"part": _PREVIEWS}),
        TableSpec("endpoints", {"endpoint": RowKind(kinds.Endpoint, "host", forms={"host": _HOST})}),
        TableSpec("licences", {"plan": RowKind(kinds.LicencePlan, "plan", unique=("id",), forms={"id": _GUID})}),
        TableSpec("roles", {"role": _ROLES}),
        TableSpec("waits", {"wait": RowKind(kinds.Wait, _NAMED, order=(("least_minutes", "minutes"),))}),
        TableSpec("contradictions", {"contradiction": RowKind(Contradiction, _NAMED)}),
        TableSpec("failures", {"failure": RowKind(Failure, "id", forms={"id": _FAILURE})}),
        TableSpec("data_sent", {"data": RowKind(DataSent, _NAMED)}),
        TableSpec("requirements", {"requirement": RowKind(Requirement, "check")}),
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
