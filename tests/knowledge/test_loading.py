"""Rule data from a folder: rows are added or replaced, and whatever is wrong is said with file and line."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from checks import knowledge
from checks.knowledge.tables import SPECS, shipped
from readiness.errors import ConfigurationError
from readiness.knowledge import load
from readiness.model.knowledge import Knowledge, judging_by

SHIPPED = Path(knowledge.__file__).parent
Given = Callable[[Mapping[str, str]], Path]

HEAD = """as_of = 2026-11-20

[sources]
OURS = "our own notes (2026-11-19)"
"""
RELEASE_2609 = f"""{HEAD}
[[release]]
name = "2609"
build = 9160
available = 2026-10-01
end_of_support = 2028-04-01
source = "OURS"
date = 2026-11-19
confidence = "our own lab"
"""
DEFECT = """
[[defect]]
name = "ours"
kind = "policy"
first_build = {first}
last_build = {last}
words = "it does not work here"
source = "OURS"
date = 2026-11-19
"""


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """A folder with these files of rule data."""

    def made(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "ours"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        return folder

    return made


def laid(folder: Path | None) -> Knowledge:
    return load(SPECS, SHIPPED, folder)


def problem(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        laid(folder)
    return str(caught.value).replace(str(folder), "ours")


def test_without_a_folder_it_is_what_ships() -> None:
    assert laid(None).digest == shipped().digest
    assert laid(None).outside == ()


def test_a_row_is_added_and_says_where_it_came_from(given: Given) -> None:
    known = laid(given({"releases.toml": RELEASE_2609.replace("2609", "2610")}))
    (row,) = known.find("releases:2610")
    assert (row.file, row.as_of, row.date) == ("ours/releases.toml", date(2026, 11, 20), date(2026, 11, 19))
    assert row.cited == ("OURS: our own notes (2026-11-19)",)
    assert row.confidence == "our own lab"
    assert [(one.table, one.key, one.replaces) for one in known.outside] == [("releases", "2610", False)]
    assert known.digest != shipped().digest
    with judging_by(known):
        assert knowledge.release_name(9160) == "2610"
    assert knowledge.release_name(9160) == "newer than 2603"


def test_a_row_of_the_same_key_takes_the_place_of_the_one_that_ships(given: Given) -> None:
    known = laid(given({"releases.toml": RELEASE_2609}))
    assert [one.replaces for one in known.outside] == [True]
    assert len(known.find("releases")) == len(shipped().find("releases"))
    with judging_by(known):
        assert knowledge.releases()[9160].name == "2609"


def test_what_ships_stays_as_it_is_beside_other_rules(given: Given) -> None:
    """Nothing that judged before, or judges at the same time, sees the rows of another assessment."""
    known = laid(given({"defects.toml": HEAD + DEFECT.format(first=9146, last=9146)}))
    before = knowledge.defect_of(9146)
    with judging_by(known):
        found = knowledge.defect_of(9146)
        with judging_by(None):
            assert knowledge.defect_of(9146) is None
        assert knowledge.defect_of(9146) == found
    assert before is None
    assert found is not None
    assert knowledge.defect_of(9146) is None


def test_the_date_is_that_of_the_oldest_file_that_still_gives_a_row(given: Given) -> None:
    old = laid(given({"releases.toml": RELEASE_2609.replace("as_of = 2026-11-20", "as_of = 2026-01-31")}))
    assert old.as_of == date(2026, 1, 31)


def test_a_table_of_which_every_row_is_replaced_is_as_old_as_the_new_rows(given: Given) -> None:
    preview = (
        (SHIPPED / "previews.toml").read_text(encoding="utf-8").replace("as_of = 2026-11-23", "as_of = 2026-11-24")
    )
    known = laid(given({"previews.toml": preview}))
    assert known.tables["previews"].as_of == date(2026, 11, 24)
    assert known.as_of == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            ("build = 9160", "bild = 9160"),
            "ours/releases.toml, line 8: [[release]] bild: unknown key; did you mean build?",
        ),
        (("available = 2026-10-01", 'available = "2026-10-01"'), "line 9: [[release]] available: expected a date"),
        (
            ("available = 2026-10-01", "available = 2026-10-01T00:00:00Z"),
            "line 9: [[release]] available: expected a date without a time",
        ),
        (("available = 2026-10-01", "available = 2026-13-01"), "line 9: [[release]] available: not a valid date"),
        (("2028-04-01", "2026-04-01"), "line 6: [[release]]: end_of_support comes before available"),
        (("build = 9160", "build = 9146"), "line 6: [[release]]: build 9146 is that of 2603, too"),
        (("build = 9160", "build = -1"), "line 8: [[release]] build: expected a whole number from 0 to"),
        (("build = 9160", 'build = "9160"'), "line 8: [[release]] build: expected a whole number, without quotes"),
        (("build = 9160", "build = true"), "line 8: [[release]] build: expected a whole number"),
        (('source = "OURS"\n', ""), "line 6: [[release]] source: missing; every row needs it"),
        (("date = 2026-11-19\nconf", "conf"), "line 6: [[release]] date: missing; every row needs it"),
        (('source = "OURS"', 'source = ""'), "line 11: [[release]] source: is empty"),
        (("as_of = 2026-11-20\n", ""), "line 1: as_of: missing; the file needs it"),
        (('name = "2609"', 'name = "newest"'), "line 7: [[release]] name: expected four digits, as 2603"),
        (("[sources]", 'version = "2027"\n[sources]'), "line 3: version: unknown key"),
        (("[[release]]", "[[relaese]]"), "line 6: relaese: unknown key; did you mean release?"),
        (("[[release]]", "[release]"), "line 6: release: must be written [[release]], with two brackets"),
        (('OURS = "our own notes (2026-11-19)"', "OURS = 7"), "line 4: sources OURS: expected text in quotes"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(given: Given, changed: tuple[str, str], said: str) -> None:
    assert changed[0] in RELEASE_2609
    text = problem(given({"releases.toml": RELEASE_2609.replace(*changed)}))
    assert said in text


def test_ranges_that_overlap_are_refused_also_with_what_ships(given: Given) -> None:
    text = problem(given({"defects.toml": HEAD + DEFECT.format(first=9140, last=9150)}))
    assert text == (
        "ours/defects.toml, line 6: [[defect]]: its range first_build to last_build overlaps that of "
        "policy-not-applied-2509, from 9141 to 9141"
    )


def test_ranges_among_the_given_rows_are_looked_at_too(given: Given) -> None:
    two = DEFECT.format(first=9150, last=9160) + DEFECT.format(first=9155, last=9170).replace("ours", "others")
    assert "line 15: [[defect]]: its range first_build to last_build overlaps that of ours" in problem(
        given({"defects.toml": HEAD + two})
    )


def test_a_range_may_not_run_backwards(given: Given) -> None:
    text = problem(given({"defects.toml": HEAD + DEFECT.format(first=9150, last=9149)}))
    assert "line 6: [[defect]]: last_build comes before first_build" in text


def test_a_row_that_takes_a_place_may_cover_what_the_other_did(given: Given) -> None:
    row = DEFECT.format(first=9141, last=9142).replace("ours", "policy-not-applied-2509")
    known = laid(given({"defects.toml": HEAD + row}))
    with judging_by(known):
        assert [defect.name for defect in knowledge.defects()].count("policy-not-applied-2509") == 1


def test_the_same_row_twice_is_refused(given: Given) -> None:
    row = RELEASE_2609[RELEASE_2609.index("[[release]]") :]
    text = problem(given({"releases.toml": RELEASE_2609 + row.replace("9160", "9161")}))
    assert text == "ours/releases.toml, line 14: [[release]]: a second row for 2609; keep one"


def test_an_era_inside_a_row_has_its_own_line(given: Given) -> None:
    text = (SHIPPED / "console.toml").read_text(encoding="utf-8").replace('says = "Configure Cloud Attach"', "says = 7")
    line = text.split("\n").index("says = 7") + 1
    assert problem(given({"console.toml": text})) == (
        f"ours/console.toml, line {line}: [[place]] era says: expected text in quotes"
    )


def test_every_problem_is_said_at_once(given: Given) -> None:
    bad = RELEASE_2609.replace("build = 9160", "bild = 1").replace("date = 2026-11-19", "date = 1")
    found = problem(given({"releases.toml": bad, "defects.toml": HEAD + DEFECT.format(first=2, last=1)})).split("\n")
    assert [line.split(":")[0] for line in found] == [
        "ours/defects.toml, line 6",
        "ours/releases.toml, line 6",
        "ours/releases.toml, line 8",
        "ours/releases.toml, line 12",
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "ours: holds no table of rule data"),
        ({"relases.toml": HEAD}, "there is no such table of rule data; did you mean releases.toml?"),
        ({"releases.toml": "as_of = \n"}, "ours/releases.toml, line 1: as_of: "),
    ],
)
def test_a_folder_that_is_none_of_rule_data_is_refused(given: Given, files: dict[str, str], said: str) -> None:
    assert said in problem(given(files))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        laid(tmp_path / "nothing")


def test_a_table_that_ships_and_is_wrong_is_refused_with_file_and_line(tmp_path: Path) -> None:
    for path in SHIPPED.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("build = 9135", "build = 9132", 1), encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"releases\.toml, line \d+: \[\[release\]\]: build 9132 is that of 2409"
    ):
        load(SPECS, tmp_path)


def test_the_example_of_the_document_can_be_laid_over_the_rules(given: Given) -> None:
    text = (SHIPPED.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    (row,) = laid(given({"releases.toml": example})).find("releases:2609")
    assert (row.values["build"], row.file) == (9160, "ours/releases.toml")


def test_what_judges_in_one_thread_is_not_in_force_in_another(given: Given) -> None:
    known = laid(given({"defects.toml": HEAD + DEFECT.format(first=9146, last=9146)}))
    with ThreadPoolExecutor(1) as pool, judging_by(known):
        assert pool.submit(knowledge.defect_of, 9146).result(timeout=10) is None
        assert knowledge.defect_of(9146) is not None
