"""The words that every format has for a step of the plan."""

from dataclasses import replace

import pytest

from reports.steps import views, wait
from tests.reports.conftest import PLAN


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (30, 30, "30 minutes"),
        (5, 30, "5 to 30 minutes"),
        (0, 1440, "up to 24 hours"),
        (15, 1440, "15 minutes to 24 hours"),
        (60, 120, "1 to 2 hours"),
        (None, 60, "1 hour"),
    ],
)
def test_waiting_is_told_in_the_unit_that_fits(least: int | None, most: int, words: str) -> None:
    step = replace(PLAN[0], wait="why", wait_least_minutes=least, wait_minutes=most, wait_confidence="")
    assert wait(step) == f"{words} (why)"


@pytest.mark.parametrize(
    ("unblocks", "words"),
    [(("a", "b"), "step 1: one of the two is enough"), (("a",), "step 1: enough for a, but not for b")],
)
def test_a_step_that_stands_for_another_says_what_it_is_not_enough_for(unblocks: tuple[str, ...], words: str) -> None:
    main = replace(PLAN[0], id="main", unblocks=("a", "b"), instead_of=None, after=())
    other = replace(PLAN[0], id="other", unblocks=unblocks, instead_of="main", after=())
    assert dict(views([main, other])[1].before)["Instead of"] == words
