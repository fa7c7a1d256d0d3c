"""Questions: names checked, literals escaped, nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.sources.configmgr.wql import call, literal, portions, resource_path, select, select_instance
from readiness.sources.failures import GuardRefusal


def test_a_question_names_its_columns() -> None:
    assert select("SMS_Site", ["SiteCode", "Type"]) == "SELECT SiteCode, Type FROM SMS_Site"


def test_conditions_are_a_conjunction_of_equalities() -> None:
    """Booleans are no numbers, though Python thinks so."""
    question = select("SMS_X", ["A"], {"Name": "it's", "Type": 2, "On": True, "Off": False})
    assert question == r"SELECT A FROM SMS_X WHERE Name = 'it\'s' AND Type = 2 AND On = TRUE AND Off = FALSE"


def test_any_of_several_values_is_kept_together() -> None:
    """Beside other conditions too: AND binds closer than OR."""
    question = select("SMS_X", ["A"], {"Type": 2}, ("ID", ["it's", 5]))
    assert question == r"SELECT A FROM SMS_X WHERE Type = 2 AND (ID = 'it\'s' OR ID = 5)"


def test_any_of_no_values_is_no_question() -> None:
    """Its answer would be no rows, which must not read as an answer of the provider."""
    with pytest.raises(GuardRefusal):
        list(portions([]))


def test_many_values_are_asked_for_in_portions_each_once() -> None:
    """WMI compares without regard to case: a value in two questions would bring its row twice."""
    values = [f"P01{number:05}" for number in range(120)]
    parts = list(portions([*values, values[0].lower()]))
    assert [len(part) for part in parts] == [50, 50, 20]
    assert [value.upper() for part in parts for value in map(str, part)] == values
    assert [len(part) for part in portions(["x" * 3_000, "y" * 3_000, "z"])] == [1, 2]


def test_a_call_is_written_down_like_a_call() -> None:
    assert call("SMS_X", "GetY", {"Z": "it's"}) == r"SMS_X.GetY(Z='it\'s')"


def test_an_instance_is_a_question_too() -> None:
    """So that the evidence says what was asked, whatever way it took."""
    assert select_instance("SMS_X", {"ID": "P01"}) == "SELECT * FROM SMS_X WHERE ID = 'P01'"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"])))
def test_no_text_ends_its_literal(text: str) -> None:
    """However many quotes and backslashes: read back by WQL's rule, it is the same text."""
    quoted = literal(text)
    assert (quoted[0], quoted[-1]) == ("'", "'")
    read, escaped = "", False
    for character in quoted[1:-1]:
        if not escaped and character == "\\":
            escaped = True
            continue
        assert escaped or character not in "'\""
        read, escaped = read + character, False
    assert not escaped
    assert read == text


@pytest.mark.parametrize("name", ["", "*", "a b", "a;b", "a'b", "1a", "a-b", "ä", "A\n", "A--"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(GuardRefusal):
        select(name, ["A"])
    with pytest.raises(GuardRefusal):
        select("A", [name])
    with pytest.raises(GuardRefusal):
        select("A", ["A"], {name: 1})
    with pytest.raises(GuardRefusal):
        select("A", ["A"], None, (name, [1]))
    with pytest.raises(GuardRefusal):
        select_instance("A", {name: 1})
    with pytest.raises(GuardRefusal):
        resource_path(name)


def test_everything_at_once_is_refused() -> None:
    """No columns, or no keys, would be `SELECT *`."""
    with pytest.raises(GuardRefusal):
        select("SMS_Site", [])
    with pytest.raises(GuardRefusal):
        select_instance("SMS_Site", {})


def test_a_secret_is_never_asked_for() -> None:
    with pytest.raises(GuardRefusal, match="secret"):
        select("SMS_AAD_Application_Ex", ["ID", "SecretKEY"])


@pytest.mark.parametrize("text", ["\x00", "a\x1b", "\ud800", "\uffff"])
def test_what_xml_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(GuardRefusal):
        literal(text)
