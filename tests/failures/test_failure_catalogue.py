"""Every failure that a check detects or hints at: on an estate that has it the report names cause and fix."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from checks.knowledge.tables import shipped
from readiness.failures import document
from readiness.model.rules import Failure, failures
from tests.conftest import Estate, Program
from tests.failures.estates import ESTATES, Row

ROWS: dict[str, Failure] = {row.id: row for row in failures(shipped())}
TRIED = [row for one in ESTATES.values() for row in one.rows]
Serve = Callable[..., Estate]


@pytest.mark.parametrize("name", ESTATES)
def test_the_report_names_the_cause_and_the_fix(program: Program, estate: Serve, name: str) -> None:
    toml, rows = ESTATES[name]
    served = estate(toml=toml)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    checks = {one["id"]: one for one in ran.report["checks"]}
    assert [wrong for row in rows for wrong in _unsaid(row, checks[row.check])] == []


def _unsaid(row: Row, check: dict[str, Any]) -> Iterable[str]:
    """What the report does not say of a failure."""
    if check["outcome"] != row.outcome:
        yield f"{row.id}: {row.check} came to {check['outcome']}: {check['summary']}"
    cause, fix = _cause(check), _fix(check)
    yield from (
        f"{row.id}: {row.check} does not name the cause '{words}': {cause}" for words in row.cause if words not in cause
    )
    yield from (
        f"{row.id}: {row.check} does not name the fix '{words}': {fix}" for words in row.fix if words not in fix
    )


def _cause(check: dict[str, Any]) -> str:
    subjects = [one["summary"] for one in check["subjects"]]
    return "\n".join([check["summary"], check["observed"], *subjects])


def _fix(check: dict[str, Any]) -> str:
    """The steps for what is wrong, of the check and of those of its subjects that have their own."""
    return "\n".join(_texts([check["remediation"], *(one.get("remediation") for one in check["subjects"])]))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def test_no_row_claims_what_is_not_tried() -> None:
    """Each pair of a failure and a check that is said to name it, or to hint at it, stands in an estate."""
    claimed = {(row.id, check) for row in ROWS.values() if row.standing != "unseen" for check in row.checks}
    assert claimed == {(row.id, row.check) for row in TRIED}


def test_the_table_holds_the_catalogue_of_failures_whole() -> None:
    assert list(ROWS) == [f"F{number:02}" for number in range(1, 47)]


def test_what_the_checks_do_not_see_whole_says_what_to_look_at() -> None:
    assert [row.id for row in ROWS.values() if row.standing != "detected" and not row.look] == []


def test_a_hypothesis_is_never_said_to_be_detected() -> None:
    guessed = {row.id for row in ROWS.values() if row.confidence == "hypothesis"}
    assert guessed == {"F43", "F45", "F46"}
    assert {ROWS[id_].standing for id_ in guessed} == {"unseen"}


def test_the_page_is_that_of_the_rule_data() -> None:
    """`python -m readiness.failures` writes it."""
    page = Path(__file__).parents[2] / "docs" / "failures.md"
    assert page.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("check", sorted({check for row in ROWS.values() for check in row.checks}))
def test_explain_shows_what_is_known_to_break_around_a_check(program: Program, check: str) -> None:
    told = json.loads(program("explain", check, "--json").out)["failures"]
    mine = {row.id: row for row in ROWS.values() if check in row.checks}
    assert {one["id"]: one["standing"] for one in told} == {row.id: row.standing for row in mine.values()}
    shown = " ".join(program("explain", check).out.split())
    for row in mine.values():
        for words in (row.symptom, f"cause: {row.cause}", f"fix: {row.fix}", row.look or row.symptom):
            assert " ".join(words.split()) in shown
        assert f"source: {row.source}, {row.date}, {row.confidence}" in shown


def test_explain_keeps_what_is_seen_and_what_to_look_at_apart(program: Program) -> None:
    before, _, after = program("explain", "attach-sync-working").out.partition("Things to look at, which no check sees")
    assert "Known failures around this" in before
    assert ("  F06 " in before, "  F43 " in before, "  F43 " in after) == (True, False, True)
    assert "hypothesis" in after


def test_a_row_from_outside_takes_the_place_of_one_that_ships(program: Program, tmp_path: Path) -> None:
    (tmp_path / "failures.toml").write_text(
        """
as_of = 2026-11-23
[[failure]]
id = "F43"
symptom = "The clock of cm01 drifts"
cause = "No time source"
fix = "Give it one"
standing = "unseen"
checks = ["attach-sync-working"]
source = "ours"
date = 2026-11-20
""",
        encoding="utf-8",
    )
    ran = program("explain", "attach-sync-working", "--knowledge", str(tmp_path))
    assert "The clock of cm01 drifts" in ran.out
    assert "Cloud worker rejects tokens" not in ran.out
    assert f"from {tmp_path.name}/failures.toml" in " ".join(ran.out.split())
