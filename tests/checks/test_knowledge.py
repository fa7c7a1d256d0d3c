"""The rule data that ships: typed, dated, with sources, and nothing that no source says."""

import re
from datetime import date
from pathlib import Path

import pytest

import checks
from checks import knowledge
from checks.knowledge.tables import SPECS, shipped
from readiness.plugin import Check, Entry

FOLDER = Path(knowledge.__file__).parent
ENTRIES = tuple(entry for table in shipped().tables.values() for entry in table.entries)
every_row = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.ref)


@every_row
def test_a_row_names_its_sources_and_the_date_of_the_newest(entry: Entry) -> None:
    assert entry.cited
    said = [date.fromisoformat(found) for words in entry.cited for found in re.findall(r"\d{4}-\d{2}-\d{2}", words)]
    assert entry.row.date <= entry.as_of
    assert all(entry.row.date >= found for found in said)


def test_every_file_is_a_table_and_every_table_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == SPECS.keys()


@pytest.mark.parametrize("table", sorted(SPECS))
def test_a_table_says_as_of_when_it_holds(table: str) -> None:
    assert shipped().tables[table].as_of <= date(2026, 11, 23)
    assert shipped().tables[table].entries


def test_a_reference_finds_its_row_and_the_name_of_a_table_all_of_them() -> None:
    (row,) = shipped().find("releases:2503")
    assert (row.values["build"], row.values["end_of_support"], row.file) == (9135, "2026-09-30", None)
    assert len(shipped().find("clouds")) == 4
    assert shipped().find("releases:9999") == shipped().find("nothing") == ()


REGISTERED = {check.id: check for check in checks.registered()}


def test_what_the_article_asks_is_quoted_for_its_checks_and_for_no_other() -> None:
    rows = {row.check: row for row in knowledge.rows("requirements", "requirement")}
    assert REGISTERED.keys() == rows.keys()
    for name, check in REGISTERED.items():
        assert (rows[name].article is not None) is ("article" in check.tags)


def test_a_quotation_stands_in_the_article() -> None:
    """Word for word, but for marks of emphasis, its two kinds of apostrophes, and where a sentence is joined."""
    text = (Path(__file__).parents[1] / "data" / "knowledge" / "article-2020-05.txt").read_text(encoding="utf-8")
    said = _bare(text)
    for row in knowledge.rows("requirements", "requirement"):
        for part in re.split(r"(?<=[.:]) ", row.article or ""):
            assert _bare(part) in said, part


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower().replace("\u2019", "'")).strip()


@pytest.mark.parametrize(
    ("table", "kind"),
    [("contradictions", "contradiction"), ("roles", "role"), ("waits", "wait"), ("failures", "failure")],
)
def test_a_row_about_checks_names_checks_that_there_are(table: str, kind: str) -> None:
    named = {name for row in knowledge.rows(table, kind) for name in row.checks}
    assert named <= REGISTERED.keys()


def test_official_pages_that_disagree_are_two_or_more_and_say_different_things() -> None:
    for row in knowledge.rows("contradictions", "contradiction"):
        assert len(row.page) >= 2
        assert len({page.says for page in row.page}) == len({page.location for page in row.page}) == len(row.page)
    about = {row.name for row in knowledge.rows("contradictions", "contradiction")}
    assert {"government-cloud", "set-up-role", "server-2012-r2"} <= about


@pytest.mark.parametrize("check", REGISTERED.values(), ids=REGISTERED)
def test_what_a_check_consults_is_in_a_table(check: Check) -> None:
    assert all(shipped().find(named) for named in check.rules)


def test_the_document_lists_every_table_with_its_key_and_kinds_of_rows() -> None:
    text = (FOLDER.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    for name, spec in SPECS.items():
        (key,) = {kind.key for kind in spec.rows.values()}
        line = next(line for line in text.splitlines() if line.startswith(f"| `{name}.toml` |"))
        assert f"| `{key}` |" in line
        assert all(f"`{kind}`" in line for kind in spec.rows)
