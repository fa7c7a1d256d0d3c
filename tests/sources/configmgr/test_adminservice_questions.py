"""Questions in OData: names checked, literals escaped, nothing else gets in."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from readiness.sources.configmgr.adminservice import odata
from readiness.sources.configmgr.adminservice.rules import require_reading
from readiness.sources.failures import GuardRefusal


def rows(**more: object) -> str:
    given = {"columns": ["A", "B"], "where": None, "any_of": None, "top": 1000, "skip": 0, **more}
    return unquote(odata.rows_path("SMS_X", **given))  # type: ignore[arg-type]


def test_a_question_names_its_columns_and_its_page() -> None:
    assert rows(skip=2000) == "/AdminService/wmi/SMS_X?$select=A,B&$top=1000&$skip=2000"
    assert rows(columns=None) == "/AdminService/wmi/SMS_X?$top=1000&$skip=0"


def test_conditions_are_equalities_and_any_of_is_kept_together() -> None:
    path = rows(where={"Name": "it's", "Type": 2, "On": True}, any_of=("ID", ["P01&$top=1", 5]))
    assert "$filter=Name eq 'it''s' and Type eq 2 and On eq true and (ID eq 'P01&$top=1' or ID eq 5)&$top=" in path
    assert odata.rows_path("SMS_X", ["A"], {"ID": "a&b#c?d"}, None, 1, 0).count("&") == 3


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"SiteCode": "P01"}, "SMS_X('P01')"),
        ({"ResourceID": 16777219}, "SMS_X(16777219)"),
        ({"PackageGuid": "it's", "SiteNumber": 1}, "SMS_X(PackageGuid='it''s',SiteNumber=1)"),
    ],
)
def test_an_instance_is_named_by_its_key(keys: dict[str, str | int], path: str) -> None:
    """The name of a single key is left out, as every known client does."""
    assert unquote(odata.instance_path("SMS_X", keys)) == f"/AdminService/wmi/{path}"


def test_a_method_is_named_with_its_class() -> None:
    assert odata.method_path("SMS_Collection", "GetServicePartners").endswith("/SMS_Collection.GetServicePartners")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"])))
def test_no_text_ends_its_literal_nor_its_option(text: str) -> None:
    """However many quotes and ampersands: what is sent is one option, in which every quote is doubled."""
    path = odata.rows_path("SMS_X", ["A"], {"Name": text}, None, 1, 0)
    sent = urlsplit(Request("GET", f"https://cm01{path}").prepare().url or "")
    options = [unquote(option.partition("=")[2]) for option in sent.query.split("&")]
    doubled = text.replace("'", "''")
    assert options == ["A", f"Name eq '{doubled}'", "1", "0"]
    assert sent.path == "/AdminService/wmi/SMS_X"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1))
def test_no_key_leads_elsewhere(text: str) -> None:
    """A key stays one: it is let out as what it is, or not at all."""
    request = Request("GET", f"https://cm01{odata.instance_path('SMS_X', {'K': text})}").prepare()
    try:
        require_reading(request)
    except GuardRefusal:
        return
    assert unquote(urlsplit(request.url or "").path) == "/AdminService/wmi/SMS_X('" + text.replace("'", "''") + "')"


@pytest.mark.parametrize("name", ["", "*", "a b", "a/b", "a'b", "1a", "..", "a.b", "A\n", "$metadata"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(GuardRefusal):
        odata.rows_path(name, ["A"], None, None, 1, 0)
    with pytest.raises(GuardRefusal):
        rows(columns=[name])
    with pytest.raises(GuardRefusal):
        rows(where={name: 1})
    with pytest.raises(GuardRefusal):
        rows(any_of=(name, [1]))
    with pytest.raises(GuardRefusal):
        odata.instance_path("SMS_X", {name: 1, "B": 2})
    with pytest.raises(GuardRefusal):
        odata.method_path("SMS_X", name)


def test_everything_at_once_and_secrets_are_refused() -> None:
    with pytest.raises(GuardRefusal):
        rows(columns=[])
    with pytest.raises(GuardRefusal):
        odata.instance_path("SMS_X", {})
    with pytest.raises(GuardRefusal, match="secret"):
        rows(columns=["ID", "SecretKEY"])
