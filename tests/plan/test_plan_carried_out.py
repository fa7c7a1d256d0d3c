"""Every estate that can become ready does so by its own plan, step by step, and by no step that it did not list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from readiness.lab import Lab, scenario_names
from readiness.lab.scenario import Scenario, load_scenario
from tests.conftest import Estate, Program
from tests.plan.doing import DEEDS, LOOKS, after

CANNOT = {
    "government": "Microsoft does not say whether the feature is offered there: somebody outside must confirm it first",
}
"""Estates that no step of a plan makes ready, and why."""
READY_ALREADY = ("ready", "comanaged", "throttled", "large")
CAN = tuple(name for name in scenario_names() if name not in (*CANNOT, *READY_ALREADY))
MOST_STEPS = 25
ELIGIBLE = """
[graph.v1]
"roleManagement/directory/roleAssignments" = []
"roleManagement/directory/roleAssignmentScheduleInstances" = []

[[graph.v1."roleManagement/directory/roleEligibilityScheduleInstances"]]
id = "lAPpYvVpN0KRkAEhdxReEAWz5Gtet_xOv8wxvTtTpfg-1-e"
principalId = "2c7936bc-3517-40f3-8eda-4806637b6516"
roleDefinitionId = "62e90394-69f5-4237-9190-012177145e10"
directoryScopeId = "/"
startDateTime = "now-300d"
endDateTime = "now+65d"
memberType = "Direct"
roleEligibilityScheduleId = "e1"
"""
OFFLINE = """
[[wmi.SMS_SCI_SysResUse]]
ItemName = 'cm01,SMS Dmp Connector'
NetworkOSPath = '\\cm01.contoso.com'
RoleName = "SMS Dmp Connector"
SiteCode = "P01"
Props = [{ PropertyName = "OfflineMode", Value = 1 }]
"""
NEVER_CONNECTED = """
[change.graph.beta."deviceManagement/mobileThreatDefenseConnectors".fc780465-2017-40d4-a0c5-307022471b92]
lastHeartbeatDateTime = "0001-01-01T00:00:00Z"
partnerState = "notSetUp"
"""
OTHERS = {
    "role-to-activate": f'base = "not-attached"\ntitle = "x"\n{ELIGIBLE}',
    "outside-of-the-upload": """
base = "ready"
title = "x"
[[method]]
class = "SMS_CoMgmtConfigs"
name = "GetTenantCollectionMapping"
result = { CollectionSiteID = "P0100021" }
[remove.graph.beta]
"deviceManagement/configManagerCollections" = ["0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c02"]
[change.wmi.SMS_Collection.P0100022]
ServicePartners = 0
[change.graph.beta."deviceManagement/configurationPolicies".4f0e9d8c-7b6a-4594-8372-61504f3e2d1d]
assignments = []
""",
    "offline": f'base = "ready"\ntitle = "x"\n{OFFLINE}',
    "everything-at-once": f'base = "not-attached"\ntitle = "x"\n{ELIGIBLE}{OFFLINE}{NEVER_CONNECTED}',
    "application-without-rights": """
base = "ready"
title = "x"
[change.graph.v1.servicePrincipals.9d1f2e3c-0000-4000-8000-0000000000a1]
appRoleAssignedTo = []
""",
    "no-target": 'base = "ready"\ntitle = "x"\n[scope]\ncollections = []\n',
}
"""Estates that have other things wrong with them than those that come with the package."""


@dataclass
class Course:
    """An estate under its plan."""

    program: Program
    folder: Path
    scenario: Scenario
    scans: int = 0

    def scan(self) -> dict[str, Any]:
        """The report on the estate as it is now."""
        self.scans += 1
        folder = self.folder / str(self.scans)
        folder.mkdir()
        with Lab(self.scenario) as lab:
            lab.write(folder, "winrm")
            served = Estate(lab, folder)
            arguments = ("scan", "--config", str(served.config), "--json", "--format", "none")
            return self.program(*arguments, variables=served.secrets).report

    def do(self, step: str, report: dict[str, Any]) -> dict[str, Any]:
        """Carry out a step; the report afterwards. Where somebody only looked, it is the one of before."""
        self.scenario = after(self.scenario, step)
        return report if step in LOOKS else self.scan()


def certain(report: dict[str, Any]) -> list[str]:
    """Ids of the steps that are to be done, in order: of several ways the first."""
    return [step["id"] for step in report["plan"] if step["condition"] is None and step["instead_of"] is None]


def every(report: dict[str, Any]) -> set[str]:
    return {step["id"] for step in report["plan"]}


def levels(report: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["level"] for step in report["plan"]}


@pytest.mark.parametrize("name", CAN)
def test_the_plan_leads_to_ready_by_its_own_steps(name: str, program: Program, tmp_path: Path) -> None:
    _carried_out(Course(program, tmp_path, load_scenario(name)))


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("role-to-activate", ["activate-role", "attach", "cloud-sync"]),
        ("outside-of-the-upload", ["upload-scope"]),
        ("offline", ["go-online", "restart-components"]),
        ("everything-at-once", ["connect-defender", "wait-for-defender", "go-online", "activate-role", "attach"]),
        ("application-without-rights", ["consent-application"]),
        ("no-target", ["name-targets"]),
    ],
)
def test_the_plan_of_other_estates_does_so_too(name: str, steps: list[str], program: Program, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.toml"
    file.write_text(OTHERS[name], encoding="utf-8")
    first = _carried_out(Course(program, tmp_path, load_scenario(str(file))))
    order = [step for step in certain(first) if step in steps]
    assert order == steps


def _carried_out(course: Course) -> dict[str, Any]:
    """Carry out the plan, step by step; the report from before that."""
    first = report = course.scan()
    assert first["decision"]["state"] != "ready"
    done: list[str] = []
    while todo := [step for step in certain(report) if step not in done]:
        step = todo[0]
        assert step in DEEDS, f"tests/plan/doing.py does not know how to do {step!r}"
        report = course.do(step, report)
        done.append(step)
        assert step in LOOKS or step not in certain(report), f"{step} is still to be done after it was done"
        assert set(certain(report)) <= every(first), f"after {step} the plan asks for what it did not list"
        assert len(done) < MOST_STEPS
    assert report["decision"]["state"] == "ready", report["decision"]["sentence"]
    assert set(certain(report)) == set(), "a step that was done stays in the plan"
    return first


def test_estates_that_cannot_become_ready_are_named_with_the_reason(program: Program, tmp_path: Path) -> None:
    assert {*CAN, *CANNOT, *READY_ALREADY} == set(scenario_names())
    report = Course(program, tmp_path, load_scenario("government")).scan()
    assert {"confirm-cloud", "attest-cloud"} <= set(certain(report))


@pytest.mark.parametrize("name", ["ready", "comanaged"])
def test_an_estate_that_is_ready_needs_no_step_for_it(name: str, program: Program, tmp_path: Path) -> None:
    report = Course(program, tmp_path, load_scenario(name)).scan()
    assert report["decision"]["state"] == "ready"
    assert [step for step, level in levels(report).items() if step in certain(report) and level == "blocker"] == []
