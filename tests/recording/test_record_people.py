"""A person's sign-in stays a person's; new calls and columns are known to the recorder."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from readiness.composition import readers
from readiness.lab.classes import classes
from readiness.recording.fields import FIELDS
from readiness.recording.places import SEGMENTS
from tests.conftest import Estate, Program
from tests.recording.conftest import Record

Serve = Callable[..., Estate]


@pytest.mark.parametrize("auth", ["device-code", "certificate"])
def test_who_signed_in_stays_who_reads(
    auth: str, program: Program, estate: Serve, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = (
        f'base = "ready"\ntitle = "Mine."\n[tenant]\nauth = "{auth}"\n[tenant.person]\n[scope]\nadministrators = []\n'
    )
    served = estate(toml=toml)
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    recorded = record(served)
    direct: list[dict[str, Any]] = program(
        "assess", str(recorded.evidence), "--config", str(served.config), "--json", "--format", "none",
        "--now", recorded.manifest["finished"],
    ).report["checks"]  # fmt: skip
    ran = program("assess", "--replay", str(recorded.folder), "--json", "--format", "none")
    outcomes = [(one["id"], one["outcome"], one["reason"]) for one in ran.report["checks"]]
    assert outcomes == [(one["id"], one["outcome"], one["reason"]) for one in direct]
    assert "admin@contoso.com" not in recorded.text
    identity = next(one["identity"] for one in ran.report["readings"] if one["fact"] == "Organization")
    person = r"user user-\d+@domain-\d+\.example by application a11a5000-.*"
    assert re.fullmatch(person if auth == "device-code" else "application a11a5000-.*", identity)


def test_every_word_of_a_declared_call_is_known() -> None:
    """Otherwise the path of a new reader would be taken for somebody's name."""
    calls = [call.name for reader in readers().values() for call in reader.calls]
    words = {word for name in calls if name.startswith("Graph") for word in re.sub(r"\(.*?\)", "", name).split("/")[1:]}
    assert {word for word in words if "{" not in word} - SEGMENTS == set()


def test_numbers_of_the_columns_that_are_read_stay_over_ws_man() -> None:
    """There they travel as texts."""
    read = {"AdminID", "AssociatedAADWebApplications", "ATPOnboardingState", "BuildNumber", "CI_ID", "CategoryTypeID",
            "CollectionType", "Environment", "ID", "MemberCount", "Mode", "MonthlyReleaseVersion", "ResourceID",
            "SMSBuildNumber", "SecondarySiteCMUpdateStatus", "ServicePartners", "ServiceType", "State",
            "Value"}  # fmt: skip
    known = {name for cls in classes().values() for name in cls.columns}
    assert read <= known
    assert {name for name in read if name.lower() not in FIELDS} == set()
