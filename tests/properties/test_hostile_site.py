"""What the site answers, over both transports: whatever it is, nothing but our own error comes out of our parsers."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests import Response, Session

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.adminservice.answers import (
    Reply,
    document_of,
    instance_of,
    output_of,
    page_of,
    rows_of,
)
from readiness.sources.configmgr.adminservice.faults import Asked
from readiness.sources.configmgr.answers import body_of
from readiness.sources.configmgr.encryption import Sealing
from readiness.sources.configmgr.envelopes import Heading, require_read_only
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers import READERS, SiteSession
from readiness.sources.configmgr.readers.comanagement import enrolment, workloads
from readiness.sources.failures import GuardRefusal
from readiness.sources.sealed import CONTENT_TYPE, says_sealed
from tests.properties.hostile import (
    DEEP,
    TEXTS,
    distorted,
    either,
    estranged,
    fit,
    shaken,
    thorough,
    told,
    written,
)
from tests.properties.wired import Change, Nth, Wired

ASKED = Heading("https://cm01:5986/wsman", 60).enumerate_wql(r"root\sms", "SELECT A FROM B")
SCENARIOS = ("ready", "comanaged", "hierarchy")
randoms = st.integers(0, 2**64 - 1).map(Random)
numbers = st.integers(0, 45)
"""Which of the answers of a scan: there are about so many."""

wired = cache(Wired)


def readers_try(session: SiteSession) -> int:
    """Let every reader read. How many failed, each as it may."""
    failed = 0
    for reader in READERS:
        with told() as caught:
            found = reader.read(session)
            assert found.value.fits(found.rows), "a finding that evidence would refuse"
        failed += len(caught)
    return failed


@pytest.mark.parametrize("scenario", SCENARIOS)
@given(random=randoms, number=numbers)
@thorough(40)
def test_no_answer_over_winrm_gets_past_the_readers(scenario: str, random: Random, number: int) -> None:
    """One answer of a whole scan is changed: as XML, or as bytes."""
    readers_try(wired(scenario).winrm(Nth(number, lambda body: either(random, body))))


@pytest.mark.parametrize("scenario", SCENARIOS)
@given(random=randoms, number=numbers)
@thorough(40)
def test_no_answer_of_the_administration_service_gets_past_the_readers(
    scenario: str, random: Random, number: int
) -> None:
    """One answer of a whole scan is changed: as JSON, or as bytes."""
    readers_try(wired(scenario).adminservice(Nth(number, lambda body: either(random, body))))


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@given(random=randoms)
@thorough(30)
def test_no_site_that_answers_everything_wrongly_gets_past_the_readers(transport: str, random: Random) -> None:
    """Every answer is changed."""
    session: Callable[[Change], SiteSession] = getattr(wired("comanaged"), transport)
    readers_try(session(lambda body: either(random, body)))


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_an_estate_that_is_not_changed_is_read(transport: str) -> None:
    """Else the tests above would prove nothing."""
    for scenario in SCENARIOS:
        session: Callable[[Change], SiteSession] = getattr(wired(scenario), transport)
        assert readers_try(session(lambda body: body)) == 0


# Envelopes.


@given(data=st.binary(max_size=400))
@example(b"")
@example(b"\xff\xfe")
@example(b'<?xml version="1.0" encoding="utf-7"?><a/>')
@example("<Ü/>".encode("utf-16"))
@thorough(200)
def test_bytes_are_no_envelope(data: bytes) -> None:
    with told() as caught:
        body_of(data, ASKED, "cm01:5986")
    assert [error.reason for error in caught] == [Reason.BAD_ANSWER]


@given(random=randoms)
@thorough(200)
def test_a_request_that_is_changed_is_sent_only_if_it_reads(random: Random) -> None:
    """The Guard's own rule on what leaves; a change may leave a request that only reads."""
    heading = Heading("https://cm01:5986/wsman", 60)
    asked = random.choice(
        (
            heading.enumerate_wql(r"root\sms", "SELECT A FROM B"),
            heading.get(r"root\sms\site_P01", "SMS_Admin", {"AdminID": 1}),
            heading.invoke(r"root\sms\site_P01", "SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021"}),
        )
    )
    changed = shaken(random, asked.body) if random.random() < 0.5 else estranged(random, asked.body)
    with told() as caught:
        require_read_only(changed)
    assert all(isinstance(error, GuardRefusal) for error in caught)


@pytest.mark.parametrize(
    "inner",
    [
        "<x>" * 100_000 + "</x>" * 100_000,
        "<s:Fault><s:Detail>" + "<x>" * 100_000 + "</x>" * 100_000 + "</s:Detail></s:Fault>",
        "<x/>" * 300_000,
        f'<x a="{"y" * 3_000_000}"/>',
        f"<x>{'y' * 3_000_000}</x>",
        "<x " + " ".join(f'a{number}="1"' for number in range(100_000)) + "/>",
        "".join(f'<a{number} xmlns="urn:{number}"/>' for number in range(50_000)),
        "<!---->" * 300_000,
        "<?a b?>" * 300_000,
    ],
    ids=["deep", "deep fault", "many", "long attribute", "long text", "attributes", "namespaces", "comments", "instr."],
)
def test_a_large_envelope_costs_little(inner: str) -> None:
    """As much as the Guard lets through."""
    whole = ASKED.message_id.join(
        (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header><a:RelatesTo>',
            f"</a:RelatesTo></s:Header><s:Body>{inner}</s:Body></s:Envelope>",
        )
    )
    with told():
        body_of(whole.encode(), ASKED, "cm01:5986")


# Rows.


@given(random=randoms)
@thorough(200)
def test_a_cell_is_what_is_wanted_or_refused_in_a_line(random: Random) -> None:
    cls = random.choice(("SMS_Thing", "two\nlines", "\u202e", "x" * 100_000))
    inner = Row(cls, {"A": "\n"}.items())
    cells = (*TEXTS, None, 1, True, 1.5, (), ("1", None), inner, (inner, inner), 10**400)
    row = Row(cls, {name: random.choice(cells) for name in ("A", "B")}.items())
    wanted = (row.text, row.integer, row.flag, row.optional_moment, row.texts, row.integers, row.objects)
    for accessor in wanted:
        for value in ("A", "B"):
            with told():
                accessor(value)


# Co-management policies: XML in a column.


@given(random=randoms)
@thorough(200)
def test_the_rules_of_a_policy_say_something_or_nothing(random: Random) -> None:
    package = (
        '<DesiredConfigurationDigest xmlns="urn:dcm"><Rule id="1"><Annotation><DisplayName Text="AutoEnroll_Name"/>'
        '</Annotation><Expression><ConstantValue DataType="Boolean" Value="true"/></Expression></Rule><Rule id="2">'
        '<Annotation><DisplayName Text="Capabilities_Name"/></Annotation><Expression><ConstantValue Value="8193"/>'
        "</Expression></Rule></DesiredConfigurationDigest>"
    )
    text = either(random, package.encode()).decode("utf-8", "replace")
    with told() as caught:
        assert enrolment(text) in (True, False, None)
        bits = workloads(text)
        assert bits is None or bits >= 0
    assert not caught


@pytest.mark.parametrize("size", [10, 1_000, 70_000])
def test_rules_within_rules_cost_little(size: int) -> None:
    with told():
        assert enrolment("<Rule>" * size + "</Rule>" * size) is None


# The administration service.


@given(data=st.binary(max_size=200), status=st.sampled_from((200, 201, 204, 400, 403, 404, 429, 500, 503)))
@thorough(200)
def test_bytes_are_no_document(data: bytes, status: int) -> None:
    with told():
        document_of(Reply(status, "application/json", data), "cm01:443", "rows")


@given(
    random=randoms,
    status=st.sampled_from((200, 400, 403, 404, 500)),
    asked=st.sampled_from(("rows", "instance", "method")),
)
@thorough(200)
def test_a_document_is_rows_or_is_refused_in_a_line(random: Random, status: int, asked: Asked) -> None:
    good = {
        "@odata.context": "https://cm01/AdminService/wmi/$metadata#SMS_Thing",
        "value": [{"A": 1, "B": [1, 2], "C": {"@odata.type": "#AdminService.SMS_Inner", "D": [{"E": None}]}}],
        "error": {"code": "", "message": "no", "innererror": {"message": "0x80041003", "type": "x"}},
    }
    if status == 200:
        del good["error"]
    body = written(distorted(random, good))
    with told():
        document = document_of(Reply(status, "application/json; odata.metadata=minimal", body), "cm01:443", asked)
        if asked == "rows":
            for row in rows_of(page_of(document, "cm01:443", "SMS_Thing").rows, "cm01:443", "SMS_Thing"):
                repr(row)
        elif asked == "instance":
            instance_of(document, "cm01:443", "SMS_Thing")
        else:
            output_of(document, "cm01:443", "SMS_Thing.Get")


@pytest.mark.parametrize("opening", ["[", '{"error":', '{"value":['])
def test_no_depth_of_a_document_is_too_much(opening: str) -> None:
    """Also not one that the parser just takes, and what comes after it does not."""
    closing = {"[": "]", '{"error":': "}", '{"value":[': "]}"}[opening]
    for depth in (*range(1, 400, 7), *range(400, 1_000), DEEP, 200_000):
        body = (opening * depth + "1" + closing * depth).encode()
        for status in (200, 500):
            with told():
                document = document_of(Reply(status, "application/json", body), "cm01:443", "rows")
                list(rows_of(page_of(document, "cm01:443", "SMS_Thing").rows, "cm01:443", "SMS_Thing"))


# Messages that are encrypted.


class Keys:
    """Unseals nothing but what is plain already."""

    def unwrap_winrm(self, _host: object, message: bytes, signature: bytes) -> bytes:
        if signature != b"signature":
            raise ValueError("not ours")
        return message


def framed(plain: bytes) -> bytes:
    return (
        b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n"
        b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        % len(plain)
        + struct.pack("<i", 9)
        + b"signature"
        + plain
        + b"--Encrypted Boundary--\r\n"
    )


def unsealed(body: bytes, kind: str = CONTENT_TYPE) -> bytes:
    response = Response()
    response.headers["Content-Type"] = kind
    response._content = body
    return Sealing(Session(), Keys(), "cm01:5985").parse_encrypted_response(response)  # type: ignore[arg-type]


def test_a_sealed_message_is_opened() -> None:
    assert unsealed(framed(b"<a/>")) == b"<a/>"


@given(random=randoms, plain=st.binary(max_size=40))
@thorough(200)
def test_a_sealed_message_that_is_changed_is_opened_whole_or_refused(random: Random, plain: bytes) -> None:
    with told() as caught:
        assert len(unsealed(shaken(random, framed(plain)))) <= len(plain) + 8
    assert all(error.reason is Reason.BAD_ANSWER for error in caught)


@given(st.text(max_size=60))
@example(f"boundary*{'1' * 5_000}=x")
@example("boundary*0*=utf-8''%ff;boundary*1*=x")
@example('boundary="' + '";' * 30_000)
@example("boundary")
@thorough(200)
def test_a_content_type_announces_a_sealed_message_or_does_not(parameter: str) -> None:
    with told() as caught:
        assert says_sealed(f"multipart/encrypted;protocol=x;{parameter}") is False
        assert says_sealed(parameter) is False
    assert not caught
    assert says_sealed(CONTENT_TYPE)


def test_what_is_told_of_a_hostile_name_is_one_line() -> None:
    """Classes and columns that the answer names stand in messages."""
    error = SourceError(Reason.BAD_ANSWER, "plain")
    fit(error)
    for name in ("two\nlines", "\u202ex", "x" * 100_000):
        inner = {"@odata.type": f"#{name}", "A": [1]}
        body = json.dumps({"value": [{"A": inner, name: [[1]]}]}).encode()
        with told() as caught:
            document = document_of(Reply(200, "application/json", body), "cm01:443", "rows")
            (row,) = rows_of(page_of(document, "cm01:443", "SMS_Thing").rows, "cm01:443", "SMS_Thing")
            row.objects("A")[0].text("A")
        assert caught
