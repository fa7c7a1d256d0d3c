"""How long a scan that waits does not read, and what it gives up on: plain data, from a report that was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from readiness.assessment.waiting import in_vain, is_reached, open_checks, pause, step_for
from readiness.model.report import CheckResult, Report
from readiness.model.words import Level, Outcome, Phase, Reason
from readiness.report_files import load

PUBLISHED = Path(__file__).parents[1] / "data" / "published" / "trust" / "almost-ready.report.json"
TARGETS = ("P0100021",)


@pytest.fixture(scope="module")
def report() -> Report:
    return load(PUBLISHED)


def with_wait(report: Report, least: int | None) -> Report:
    return replace(report, plan=tuple(replace(step, wait_least_minutes=least) for step in report.plan))


def busy(report: Report) -> Report:
    first, *others = report.readings
    return replace(report, readings=(replace(first, reason=Reason.THROTTLED), *others))


def only_open(report: Report, **changes: object) -> Report:
    """The report with its one open blocker changed."""
    (one,) = open_checks(report)
    blank: dict[str, object] = {"subjects": (), "reason": None}
    changed: CheckResult = replace(one, **{**blank, **changes})  # type: ignore[arg-type]
    return replace(report, checks=tuple(changed if check.id == one.id else check for check in report.checks))


@pytest.mark.parametrize(("least", "minutes"), [(None, 1), (0, 1), (1, 1), (5, 5), (10, 10), (15, 10), (1440, 10)])
def test_the_pause_is_the_least_time_in_which_a_step_can_show(least: int | None, minutes: int, report: Report) -> None:
    assert pause(with_wait(report, least)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("least", "minutes"), [(None, 5), (5, 5), (10, 10)])
def test_a_busy_service_is_left_alone_for_longer(least: int | None, minutes: int, report: Report) -> None:
    assert pause(busy(with_wait(report, least))) == timedelta(minutes=minutes)


def test_what_is_open_has_its_step(report: Report) -> None:
    (one,) = open_checks(report)
    assert one.id == "collections-enabled"
    step = step_for(report, one.id)
    assert step is not None
    assert one.id in step.unblocks
    assert not is_reached(report)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": Outcome.UNKNOWN, "reason": Reason.NOT_CONFIGURED}, "not configured"),
        ({"outcome": Outcome.UNKNOWN, "reason": Reason.WRONG_TARGET}, "another estate"),
        ({"outcome": Outcome.UNKNOWN, "reason": Reason.UNSUPPORTED_VERSION}, "does not know what it is asked for"),
        (
            {"outcome": Outcome.UNKNOWN, "reason": Reason.ACCESS_DENIED, "phase": Phase.CONNECTION},
            "the account is not let in",
        ),
        ({"outcome": Outcome.ERROR, "level": Level.INFO}, "a bug of the tool"),
        ({"outcome": Outcome.MANUAL}, "no reading shows (collections-enabled)"),
    ],
)
def test_what_waiting_cannot_change_is_given_up(changes: dict[str, object], words: str, report: Report) -> None:
    found = in_vain(only_open(report, **changes), targets=TARGETS)
    assert found is not None
    assert words in found


@pytest.mark.parametrize(
    "reason",
    [
        Reason.UNREACHABLE, Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.NOT_VISIBLE, Reason.THROTTLED,
        Reason.TIMED_OUT, Reason.BAD_ANSWER, Reason.UNKNOWN_VALUE, Reason.CONTRADICTING, Reason.STALE, Reason.NO_TARGET,
    ],
)  # fmt: skip
def test_what_somebody_may_still_mend_is_waited_for(reason: Reason, report: Report) -> None:
    assert in_vain(only_open(report, outcome=Outcome.UNKNOWN, reason=reason), targets=TARGETS) is None
    assert in_vain(report, targets=TARGETS) is None


def test_no_target_in_the_configuration_is_given_up(report: Report) -> None:
    found = in_vain(only_open(report, outcome=Outcome.UNKNOWN, reason=Reason.NO_TARGET), targets=())
    assert found is not None
    assert "no target collection is named" in found


def test_a_failed_sign_in_of_any_reading_is_given_up(report: Report) -> None:
    first, *others = report.readings
    found = in_vain(replace(report, readings=(replace(first, reason=Reason.SIGN_IN_FAILED), *others)), targets=TARGETS)
    assert found is not None
    assert "accounts lock" in found
