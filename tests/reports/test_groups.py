"""Subjects of which a check says the same stand together, and those that differ in anything do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from readiness.plugin import Level, Outcome, Phase, Reason, SubjectResult
from reports.groups import NAMES_SHOWN, grouped, told
from tests.reports.conftest import WAIVER, check, subject

SAME = subject("P1", "One", Outcome.FAIL, summary="One (P1): it is not enabled")
OTHER = subject("P2", "Two", Outcome.FAIL, summary="Two (P2): it is not enabled")


def names(*subjects: SubjectResult) -> list[list[str]]:
    of = check("collections-enabled", "A", Phase.COLLECTIONS, Outcome.FAIL, subjects=subjects)
    return [[one.name for one in group.subjects] for group in grouped(of)]


def test_what_is_said_of_several_in_the_same_words_is_said_once() -> None:
    """The name in front does not make the words different."""
    assert names(SAME, OTHER) == [["One", "Two"]]
    assert told(SAME) == told(OTHER) == "it is not enabled"


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": Outcome.UNKNOWN},
        {"level": Level.ADVISORY},
        {"reason": Reason.NOT_VISIBLE},
        {"summary": "Two (P2): something else"},
        {"kind": "site"},
        {"waiver": WAIVER},
    ],
)
def test_what_differs_in_anything_stands_apart(change: dict[str, object]) -> None:
    assert names(SAME, replace(OTHER, **change)) == [["One"], ["Two"]]  # type: ignore[arg-type]


def test_the_worst_stands_first() -> None:
    fine = subject("P3", "Three", Outcome.PASS, summary="enabled")
    assert names(fine, SAME, fine) == [["One"], ["Three", "Three"]]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    many = tuple(replace(SAME, id=f"P{number}", name=f"N{number}", summary="no") for number in range(NAMES_SHOWN + 3))
    (group,) = grouped(check("collections-enabled", "A", Phase.COLLECTIONS, Outcome.FAIL, subjects=many))
    assert (len(group.shown), group.hidden, group.number) == (NAMES_SHOWN, 3, NAMES_SHOWN + 3)


def test_a_name_that_only_begins_the_sentence_stays_in_it() -> None:
    assert told(replace(SAME, summary="One of them is there")) == "One of them is there"
