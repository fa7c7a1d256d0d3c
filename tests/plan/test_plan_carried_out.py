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

    def do(self, step: str) -> dict[str, Any]:
        """Carry out a step; the report afterwards."""
        self.scenario = after(self.scenario, step)
        return self.scan()


def certain(report: dict[str, Any]) -> list[str]:
    """Ids of the steps that are to be done, in order: of several ways the first."""
    return [step["id"] for step in report["plan"] if step["condition"] is None and step["instead_of"] is None]


def every(report: dict[str, Any]) -> set[str]:
    return {step["id"] for step in report["plan"]}


def levels(report: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["level"] for step in report["plan"]}


@pytest.mark.parametrize("name", CAN)
def test_the_plan_leads_to_ready_by_its_own_steps(name: str, program: Program, tmp_path: Path) -> None:
    course = Course(program, tmp_path, load_scenario(name))
    first = report = course.scan()
    assert first["decision"]["state"] != "ready"
    done: list[str] = []
    while todo := [step for step in certain(report) if step not in done]:
        step = todo[0]
        assert step in DEEDS, f"tests/plan/doing.py does not know how to do {step!r}"
        report = course.do(step)
        done.append(step)
        assert step in LOOKS or step not in certain(report), f"{step} is still to be done after it was done"
        assert set(certain(report)) <= every(first), f"after {step} the plan asks for what it did not list"
        assert len(done) < MOST_STEPS
    assert report["decision"]["state"] == "ready", report["decision"]["sentence"]
    assert set(certain(report)) == set(), "a step that was done stays in the plan"


def test_estates_that_cannot_become_ready_are_named_with_the_reason(program: Program, tmp_path: Path) -> None:
    assert {*CAN, *CANNOT, *READY_ALREADY} == set(scenario_names())
    report = Course(program, tmp_path, load_scenario("government")).scan()
    assert {"confirm-cloud", "attest-cloud"} <= set(certain(report))


@pytest.mark.parametrize("name", ["ready", "comanaged"])
def test_an_estate_that_is_ready_needs_no_step_for_it(name: str, program: Program, tmp_path: Path) -> None:
    report = Course(program, tmp_path, load_scenario(name)).scan()
    assert report["decision"]["state"] == "ready"
    assert [step for step, level in levels(report).items() if step in certain(report) and level == "blocker"] == []
