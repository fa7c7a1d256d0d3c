"""Which check speaks for a phase on the way."""

from __future__ import annotations

from readiness.plugin import Level, Outcome, Phase
from reports.view import PhaseView
from tests.reports.conftest import check


def speaker(*outcomes: tuple[Outcome, Level]) -> Outcome:
    """The outcome that a phase with these checks shows."""
    checks = tuple(
        check(f"c{index}", "holds", Phase.RIGHTS, outcome, level=level)
        for index, (outcome, level) in enumerate(outcomes)
    )
    found = PhaseView(Phase.RIGHTS, checks, "").speaker
    assert found is not None
    return found.outcome


def test_a_phase_in_which_something_passed_is_not_moot() -> None:
    moot, passed = (Outcome.NOT_APPLICABLE, Level.BLOCKER), (Outcome.PASS, Level.ADVISORY)
    assert speaker(moot, passed) is speaker(passed, moot) is Outcome.PASS
    assert speaker(moot, moot) is Outcome.NOT_APPLICABLE


def test_what_is_not_fine_speaks_before_what_passed_whatever_it_weighs() -> None:
    assert speaker((Outcome.PASS, Level.BLOCKER), (Outcome.MANUAL, Level.INFO)) is Outcome.MANUAL
    assert speaker((Outcome.FAIL, Level.ADVISORY), (Outcome.UNKNOWN, Level.BLOCKER)) is Outcome.UNKNOWN
