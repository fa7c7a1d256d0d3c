"""The rule data that ships: typed, dated, with sources, and nothing that no source says."""

import re
from datetime import date
from pathlib import Path

import pytest

from checks import knowledge
from checks.knowledge.tables import SPECS, shipped
from readiness.plugin import Entry

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
