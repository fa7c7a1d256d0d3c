"""Collections against checks: every cell says what that check came to for that collection, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from readiness.plugin import DecisionState, Outcome, Phase, Report, TargetDecision
from reports import matrix
from tests.reports.conftest import check, subject

ONE = TargetDecision("P1", "One", DecisionState.READY, 1, 1, ())
TWO = TargetDecision("P2", "Two", DecisionState.NOT_READY, 1, 1, ())
NOBODY = TargetDecision(None, "Nobody knows", DecisionState.UNDETERMINED, None, None, ())


def cells(report: Report) -> dict[str, list[str | None]]:
    """The matrix as outcomes, by name of the collection."""
    lines = matrix.lines(matrix.worst_first(report), matrix.columns(report))
    return {line.numbered.target.name: [cell.outcome.value if cell else None for cell in line.cells] for line in lines}


@pytest.fixture
def small(report: Report) -> Report:
    return replace(report, collections=(ONE, TWO, NOBODY), checks=())


def test_a_cell_is_the_outcome_of_that_check_for_that_collection(small: Report) -> None:
    """Also of a collection that has no id, which goes by its name; a check that is silent leaves the cell empty."""
    exist = (subject("P1", "One", Outcome.PASS), subject("P2", "Two", Outcome.FAIL))
    enabled = (subject("P2", "Two", Outcome.MANUAL), subject("Nobody knows", "Nobody knows", Outcome.UNKNOWN))
    checks = (
        check("collections-exist", "A", Phase.COLLECTIONS, Outcome.FAIL, subjects=exist),
        check("edr-policy", "B", Phase.POLICY, Outcome.UNKNOWN, subjects=enabled),
    )
    assert cells(replace(small, checks=checks)) == {
        "Two": ["fail", "manual"],
        "Nobody knows": [None, "unknown"],
        "One": ["pass", None],
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_a_check_of_collections_that_looked_at_none_says_so_of_all_but_never_passes_or_fails_them(
    outcome: Outcome, small: Report
) -> None:
    whole = check("collections-enabled", "A", Phase.COLLECTIONS, outcome)
    found = cells(replace(small, checks=(whole,)))["One"]
    assert found == ([] if outcome in (Outcome.PASS, Outcome.FAIL) else [outcome.value])


def test_checks_about_something_else_are_no_columns(small: Report) -> None:
    site = replace(subject("P01", "Contoso", Outcome.PASS), kind="site")
    about_site = check("site-version", "A", Phase.SITE, Outcome.PASS, subjects=(site,))
    blocked = check("site-hotfix", "B", Phase.SITE, Outcome.BLOCKED)
    assert matrix.columns(replace(small, checks=(about_site, blocked))) == ()


def test_what_keeps_the_estate_from_being_ready_comes_first_and_keeps_its_number(small: Report) -> None:
    assert [(one.number, one.target.name) for one in matrix.worst_first(small)] == [
        (2, "Two"),
        (3, "Nobody knows"),
        (1, "One"),
    ]
