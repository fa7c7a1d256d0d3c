"""From elements to rows: null, arrays, moments, embedded objects; and answers to other questions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr import wsman
from readiness.sources.configmgr.answers import body_of, instance_of, page_of, rows_of
from readiness.sources.configmgr.envelopes import Heading
from readiness.sources.configmgr.provider import Row
from tests.servers.soap import NAMESPACES, envelope, first_page, fragment, next_page, wsman_fault

ASKED = Heading("https://cm01:5986/wsman", 60).enumerate_wql(r"root\sms", "SELECT A FROM B")


def rows(items: str, cls: str = "SMS_Thing") -> list[Row]:
    body = body_of(envelope(ASKED.body, first_page(items)), ASKED, "cm01")
    return list(rows_of(page_of(body, ASKED.action, "cm01"), cls, "cm01"))


CELLS = """<p:Name> two  words </p:Name><p:Empty/><p:Null xsi:nil="true"/>
<p:One>7</p:One><p:Many>1</p:Many><p:Many>2</p:Many>
<p:On>true</p:On><p:Date><cim:Datetime>2020-05-11T02:00:00+02:00</cim:Datetime></p:Date>
<p:Props xsi:type="p:SMS_EmbeddedProperty_Type"><p:PropertyName>OfflineMode</p:PropertyName>
<p:Value>0</p:Value></p:Props>
<p:Props xsi:type="p:SMS_EmbeddedProperty_Type"><p:PropertyName>Other</p:PropertyName>
<p:Value1 xsi:nil="true"/></p:Props>"""


@pytest.mark.parametrize("form", ["objects", "fragments"])
def test_a_row_is_read_in_both_forms(form: str) -> None:
    """Whole objects in namespaces of their own, and fragments of chosen columns in none."""
    plain = CELLS.replace("p:", "").replace("<cim:", "<").replace("</cim:", "</").replace("xsi:type", "xsi:type")
    items = f'<p:SMS_Thing xsi:type="p:SMS_Thing_Type">{CELLS}</p:SMS_Thing>' if form == "objects" else fragment(plain)
    (row,) = rows(items)
    assert row.cls == "SMS_Thing"
    assert row.text("NAME") == " two  words "
    assert row.text("empty") == ""
    assert row.optional_text("Null") is None
    assert row.optional_text("Missing") is None
    assert (row.integer("One"), row.integers("one"), row.integers("Many")) == (7, (7,), (1, 2))
    assert row.flag("On")
    assert row.optional_moment("Date") == datetime(2020, 5, 11, tzinfo=UTC)
    assert [p.text("PropertyName") for p in row.objects("Props")] == ["OfflineMode", "Other"]
    assert {p.cls for p in row.objects("Props")} == {"SMS_EmbeddedProperty"}


def test_a_secret_that_comes_unasked_is_dropped() -> None:
    """A Get brings every column; this one must not reach the evidence."""
    (row,) = rows(fragment("<ID>1</ID><SecretKey>abc</SecretKey>"))
    assert "SecretKey" not in row


def test_columns_that_differ_in_case_only_are_one() -> None:
    (row,) = rows(fragment("<A>1</A><a>2</a>"))
    assert row.integers("A") == (1, 2)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**4000])
def test_a_number_larger_than_any_of_wmi_is_none(number: int) -> None:
    """It would be carried into every sentence and file that names it."""
    row = Row("SMS_Thing", [("A", number), ("B", (number,)), ("C", 2**64 - 1)])
    for ask in (lambda: row.integer("A"), lambda: row.integers("B")):
        with pytest.raises(SourceError, match=r"SMS_Thing\.[AB]") as caught:
            ask()
        assert len(str(caught.value)) < 200
    assert row.integer("C") == 2**64 - 1


@pytest.mark.parametrize("items", ["", fragment("<A>1</A>") * 3])
def test_pages_have_any_number_of_rows(items: str) -> None:
    assert len(rows(items)) == items.count("XmlFragment") // 2


@pytest.mark.parametrize("name", ["Items", "EndOfSequence", "EnumerationContext"])
def test_the_parts_of_a_page_are_found_in_either_namespace(name: str) -> None:
    text = first_page(fragment("<A>1</A>"), "" if name == "EndOfSequence" else "uuid:1")
    for prefix in "wn":
        other = text.replace(f"w:{name}", f"{prefix}:{name}").replace(f"n:{name}", f"{prefix}:{name}")
        page = page_of(body_of(envelope(ASKED.body, other), ASKED, "cm01"), ASKED.action, "cm01")
        assert (len(page.items), page.last, page.context) == (1, name == "EndOfSequence", page.context)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html></html>",
        b"not xml",
        envelope(ASKED.body, ONE := first_page("")).replace(b"2003/05/soap-envelope", b"2003/05/other"),
        envelope(ASKED.body, ONE)[:-5],
        envelope(ASKED.body, ONE).replace(b"<s:Envelope ", b'<!DOCTYPE a [<!ENTITY b "c">]><s:Envelope '),
        envelope(ASKED.body, ONE).replace(b"<s:Body>", b"<s:Body/><s:Body>"),
        envelope(ASKED.body, ONE, relates_to="uuid:00000000-0000-4000-8000-000000000000"),
        envelope(ASKED.body, ONE).replace(b"a:RelatesTo", b"a:Other"),
        envelope(ASKED.body, ONE).replace(b"</s:Header>", b"<a:RelatesTo>uuid:2</a:RelatesTo></s:Header>"),
        envelope(ASKED.body, wsman_fault(5), relates_to="uuid:00000000-0000-4000-8000-000000000000"),
        envelope(ASKED.body, ""),
        envelope(ASKED.body, next_page("")),
        envelope(ASKED.body, first_page("").replace("<w:EndOfSequence/>", "<w:EndOfSequence/><n:EndOfSequence/>")),
        envelope(ASKED.body, first_page(fragment("<A>" * 40 + "</A>" * 40))),
        b'<?xml version="1.0" encoding="x-unknown"?>' + envelope(ASKED.body, ONE),
    ],
)
def test_what_is_no_answer_to_the_question_is_bad(answer: bytes) -> None:
    """Not SOAP, cut, of two minds, to another question, or with no page in it: never an empty list."""
    with pytest.raises(SourceError) as caught:
        list(rows_of(page_of(body_of(answer, ASKED, "cm01"), ASKED.action, "cm01"), "B", "cm01"))
    assert caught.value.reason is Reason.BAD_ANSWER


def test_a_fault_may_leave_out_what_it_relates_to() -> None:
    """A server that could not read the request cannot know."""
    text = envelope(ASKED.body, wsman_fault(5)).replace(b"a:RelatesTo", b"a:Other")
    with pytest.raises(SourceError) as caught:
        body_of(text, ASKED, "cm01")
    assert caught.value.reason is Reason.ACCESS_DENIED


@pytest.mark.parametrize("text", ["", "<p:SMS_Other/>", "<p:SMS_Thing/><p:SMS_Thing/>"])
def test_a_get_answers_with_the_one_instance(text: str) -> None:
    body = fromstring(f"<s:Body {NAMESPACES}>{text}</s:Body>")
    with pytest.raises(SourceError) as caught:
        instance_of(body, "SMS_Thing", "cm01")
    assert caught.value.reason is Reason.BAD_ANSWER


def test_the_words_of_the_protocol_are_split_rightly() -> None:
    assert (wsman.local("{a}b"), wsman.local("b"), wsman.namespace("{a}b"), wsman.namespace("b")) == ("b", "b", "a", "")
