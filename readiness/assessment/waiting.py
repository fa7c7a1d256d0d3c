"""Waiting for ready: what of a report is open, what of it is worth reading again and when, and whether waiting helps.

Pure functions of a report: the same report, the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from readiness.assessment import along
from readiness.assessment.decision import result_standing
from readiness.model.check import Check
from readiness.model.facts import Fact
from readiness.model.injection import facts
from readiness.model.report import CheckResult, PlanStep, Report
from readiness.model.words import DecisionState, Level, Outcome, Phase, Reason

SHORTEST_MINUTES = 1
"""Between two readings, also where nobody knows how long a step takes to show."""
LONGEST_MINUTES = 10
"""Between two readings, however long the services take: whoever did a step before the last one waits no longer."""
PUT_OFF_MINUTES = 5
"""Between two readings, at the least, where a service was busy."""

_GREEN = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_IN_VAIN = {
    Reason.NOT_CONFIGURED: "one half of the estate is not configured, and the other one alone is never ready",
    Reason.WRONG_TARGET: "the configuration leads to another estate",
    Reason.UNSUPPORTED_VERSION: "what is asked does not know what it is asked for",
}
"""Why an unknown blocker stays unknown, however long one waits."""


def is_reached(report: Report) -> bool:
    """Whether there is nothing left to wait for: ready, or all that was selected passed."""
    return report.decision.state in (DecisionState.READY, DecisionState.SELECTION_PASSED)


def open_checks(report: Report) -> tuple[CheckResult, ...]:
    """The checks that stand between the estate and ready, in catalogue order; waived and attested ones do not."""
    return tuple(result for result in report.checks if _is_open(result))


def _is_open(result: CheckResult) -> bool:
    outcome, level = result_standing(result)
    return outcome is Outcome.ERROR or (level is Level.BLOCKER and outcome not in _GREEN)


def facts_again(report: Report, checks: Sequence[Check]) -> frozenset[type[Fact]]:
    """What is read again: what judges the checks that are not green, and the ones that those depend on.

    Args:
        checks: every check there is.
    """
    wanted = frozenset(result.id for result in report.checks if result.outcome not in _GREEN)
    return frozenset(fact for check in along(checks, wanted) for fact in facts(check))


def step_for(report: Report, check: str) -> PlanStep | None:
    """The first step that is certain to be needed for a check."""
    return next((step for step in report.plan if step.condition is None and check in step.unblocks), None)


def pause(report: Report) -> timedelta:
    """How long not to read: the shortest time in which any open step could show, if somebody did it this very moment.

    By the waiting times of the rule data (`least_minutes`): no sooner can a reading be different. At least 1 minute,
    which also holds where no time is known; at most 10, because the step may have been done before; at least 5 where a
    service was busy. What a person must look at changes no reading, and does not count.
    """
    found = [step_for(report, result.id) for result in open_checks(report) if result.outcome is not Outcome.MANUAL]
    known = [SHORTEST_MINUTES if step.wait_least_minutes is None else step.wait_least_minutes for step in found if step]
    minutes = min(max(min(known, default=SHORTEST_MINUTES), SHORTEST_MINUTES), LONGEST_MINUTES)
    busy = any(reading.reason is Reason.THROTTLED for reading in report.readings)
    return timedelta(minutes=max(minutes, PUT_OFF_MINUTES) if busy else minutes)


def in_vain(report: Report, *, targets: Sequence[str]) -> str | None:
    """Why waiting cannot make this estate ready, in words without names; None where it may.

    Args:
        targets: the collections of the roll-out as configured.
    """
    if any(reading.reason is Reason.SIGN_IN_FAILED for reading in report.readings):
        return "a sign-in failed, which is not tried again by itself: accounts lock"
    left = open_checks(report)
    for result in left:
        why = _stays(result, targets)
        if why is not None:
            return f"{why} ({result.id})"
    if all(result.outcome is Outcome.MANUAL for result in left if result.outcome is not Outcome.BLOCKED):
        named = ", ".join(result.id for result in left)
        hint = "; look, and write down what you saw: 'readiness attest'"
        return f"what is left no reading shows ({named}){hint}" if left else "nothing that is read holds it back"
    return None


def _stays(result: CheckResult, targets: Sequence[str]) -> str | None:
    if result.outcome is Outcome.ERROR:
        return "a check crashed, which is a bug of the tool"
    if result.outcome is not Outcome.UNKNOWN or result.reason is None:
        return None
    if result.reason is Reason.NO_TARGET and not targets:
        return "no target collection is named in the configuration"
    if result.reason is Reason.ACCESS_DENIED and result.phase is Phase.CONNECTION:
        return "the account is not let in, which is not tried again by itself"
    return _IN_VAIN.get(result.reason)
