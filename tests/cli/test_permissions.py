"""`readiness permissions`: what a scan asks, and the least rights that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.assessment import needed_facts
from readiness.composition import all_checks
from readiness.model.settings import JudgingSettings, Scope
from readiness.sources.configmgr.readers import READERS as SITE_READERS
from readiness.sources.graph.readers import READERS as GRAPH_READERS
from readiness.sources.reader import Call, Reader
from tests import calls
from tests.conftest import Estate, Program

Serve = Callable[..., Estate]

READERS: list[Reader[Any, Any]] = [*SITE_READERS, *GRAPH_READERS]
DECLARED = [call for reader in READERS for call in reader.calls]
NEEDED = needed_facts(all_checks(), JudgingSettings(Scope(collections=("P0100021",))))
"""A scan reads what checks ask for, and nothing else."""


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_full_scan_makes_the_calls_that_are_declared_and_no_others(
    transport: str, program: Program, estate: Serve
) -> None:
    served = estate("ready", transport=transport)
    program("scan", "--config", str(served.config), "--format", "none", variables=served.secrets)
    asked = calls.made(served.lab.requests)
    assert calls.undeclared(asked, DECLARED) == set()
    needed = [call for reader in READERS if reader.fact in NEEDED for call in reader.calls]
    assert calls.unasked(asked, needed) == set()


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Graph v1.0 /organization", "Graph v1.0 /organization"),
        ("Graph beta /deviceManagement/intents/{id}/settings", "Graph beta /deviceManagement/intents/5-a/settings"),
        ("Graph v1.0 /a/find(name={name})", "Graph v1.0 /a/find(name='x')"),
        ("SMS_Admin(AdminID)", "SMS_Admin(AdminID)"),
    ],
)
def test_a_template_stands_for_the_calls_of_its_form(name: str, asked: str) -> None:
    assert Call(name).matches(asked)
    assert not Call(name).matches(f"{asked}/more")
    assert not Call(name).matches(asked[:-1] + "/")
