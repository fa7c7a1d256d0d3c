"""Reading over real sockets: pages to their proven end, faults, retries, and connections that go away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from readiness.errors import ConfigurationError, SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr import pool as module
from readiness.sources.configmgr.faults import WsManFault
from readiness.sources.configmgr.provider import ProviderFault
from readiness.sources.configmgr.winrm import connect
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.failures import GuardRefusal
from tests.servers import soap
from tests.servers.winrm import USER, WinRm, wql
from tests.sources.configmgr.conftest import NAMESPACE, ONE_ROW, Visit, one_row

BASIC = ("Basic",)


def paged(*bodies: str) -> Callable[[bytes], bytes]:
    """Answers with these bodies, one after the other; the last one for ever."""
    left = list(bodies)

    def respond(request: bytes) -> bytes:
        if soap.action(request) == "Release":
            return soap.envelope(request, "<n:ReleaseResponse/>")
        return soap.envelope(request, left.pop(0) if len(left) > 1 else left[0])

    return respond


def numbers(*values: int) -> str:
    return "".join(soap.fragment(f"<A>{value}</A>") for value in values)


def basic(respond: Callable[[bytes], bytes], **more: object) -> WinRm:
    return WinRm(respond, schemes=BASIC, **more)  # type: ignore[arg-type]


def test_rows_come_with_their_proof(visiting: Visit) -> None:
    """The question in WQL, the message they answer, the clock; as whom it was asked."""
    server = basic(one_row, headers={"Date": "Thu, 01 Jan 2015 00:00:00 GMT"})
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"], {"Type": 2, "Name": "it's"})
    assert [row.text("SiteCode") for row in answer.rows] == ["P01"]
    assert answer.query == r"SELECT SiteCode FROM SMS_Site WHERE Type = 2 AND Name = 'it\'s'"
    assert wql(server.envelopes[0]) == answer.query.replace("'", "&#x27;")
    assert answer.request_id == soap.message_id(server.envelopes[0])
    assert answer.clock_skew_seconds is not None
    assert answer.clock_skew_seconds < 0
    assert provider.identity == USER
    assert not provider.simulated


def test_the_simulated_estate_is_noticed(visiting: Visit) -> None:
    with visiting(basic(one_row, headers={"Readiness-Lab": "ready"}), auth="basic") as (_, provider):
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        assert provider.simulated


def test_every_page_is_read(visiting: Visit) -> None:
    """A Pull may rename the context, or leave it out, in which case it stays."""
    server = basic(
        paged(
            soap.first_page(numbers(1, 2), "uuid:1"),
            soap.next_page(numbers(3), "uuid:2", last=False),
            soap.next_page(numbers(4), last=False),
            soap.next_page(numbers(5)),
        )
    )
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.rows(NAMESPACE, "SMS_Thing", ["A"])
    assert [row.integer("A") for row in answer.rows] == [1, 2, 3, 4, 5]
    assert server.messages == ["Enumerate", "Pull", "Pull", "Pull"]
    assert [b"uuid:1" in server.envelopes[1], b"uuid:2" in server.envelopes[2], b"uuid:2" in server.envelopes[3]] == [
        True
    ] * 3
    assert answer.request_id == soap.message_id(server.envelopes[3])


ENDLESS = [soap.next_page(numbers(n), "uuid:1", last=False) for n in range(2, 9)]


@pytest.mark.parametrize(
    ("bodies", "released"),
    [
        ([soap.first_page(numbers(1)).replace("<w:EndOfSequence/>", "")], False),
        ([soap.first_page(numbers(1), "uuid:1"), soap.next_page(numbers(2), "uuid:1", last=False)], True),
        ([soap.first_page(numbers(1), "uuid:1"), *ENDLESS], True),
        ([soap.first_page(numbers(*range(21)), "uuid:1")], True),
        ([soap.first_page(numbers(1), "uuid:1"), soap.first_page(numbers(2))], True),
    ],
    ids=["no end", "same page twice", "pages without end", "too many rows", "no page"],
)
def test_a_list_without_a_proven_end_is_no_list(bodies: list[str], released: bool, visiting: Visit) -> None:
    """Never a silently shorter one; and the server need not keep the rest for us."""
    server = basic(paged(*bodies))
    with visiting(server, auth="basic") as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Thing", ["A"])
    assert caught.value.reason is Reason.BAD_ANSWER
    assert ("Release" in server.messages) == released
    assert not any(b"<n:EnumerationContext></n:" in envelope for envelope in server.envelopes)


def test_an_answer_far_beyond_the_envelope_that_was_asked_for_is_not_read(visiting: Visit) -> None:
    server = basic(paged(soap.first_page(soap.fragment(f"<A>{'a' * 5_000_000}</A>"))))
    with visiting(server, auth="basic", limits=None) as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Thing", ["A"])
    assert caught.value.reason is Reason.BAD_ANSWER
    assert "larger than 4000 KiB" in str(caught.value)


def test_a_wrong_relates_to_is_a_bad_answer(visiting: Visit) -> None:
    server = basic(lambda request: soap.envelope(request, ONE_ROW, relates_to="uuid:0"))
    with visiting(server, auth="basic") as (_, provider), pytest.raises(SourceError, match="another question"):
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])


def test_an_instance_is_read_by_its_keys(visiting: Visit) -> None:
    """Lazy columns come only so."""
    body = "<p:SMS_Thing><p:ID>1</p:ID><p:Lazy>full</p:Lazy></p:SMS_Thing>"
    server = basic(lambda request: soap.envelope(request, body))
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.instance(NAMESPACE, "SMS_Thing", {"ID": "1"})
    assert [row.text("Lazy") for row in answer.rows] == ["full"]
    assert answer.query == "SELECT * FROM SMS_Thing WHERE ID = '1'"
    assert answer.request_id == soap.message_id(server.envelopes[0])
    assert server.messages == ["Get"]


@pytest.mark.parametrize("fault", [soap.wmi_fault(0x80041002), soap.wsman_fault(2150858752)])
def test_an_instance_that_is_not_there_is_no_row(fault: str, visiting: Visit) -> None:
    with visiting(basic(lambda r: soap.envelope(r, fault)), auth="basic") as (_, provider):
        assert provider.instance(NAMESPACE, "SMS_Thing", {"ID": "1"}).rows == []


METHOD = ("SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021"})


def test_a_getter_gives_its_out_parameters_as_one_row(visiting: Visit) -> None:
    """A return value that is not 0 is data: the reader judges it."""
    body = (
        "<p:GetServicePartners_OUTPUT><p:ReturnValue>2147749890</p:ReturnValue>"
        '<p:ServicePartners xsi:nil="true"/></p:GetServicePartners_OUTPUT>'
    )
    server = basic(lambda request: soap.envelope(request, body))
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.invoke(NAMESPACE, *METHOD)
    (row,) = answer.rows
    assert (row.integer("returnvalue"), row.optional_integer("ServicePartners")) == (0x80041002, None)
    assert "ServicePartners" in row
    assert answer.query == "SMS_Collection.GetServicePartners(CollectionID='P0100021')"
    assert answer.request_id == soap.message_id(server.envelopes[0])
    assert server.messages == ["GetServicePartners"]


@pytest.mark.parametrize("body", ["", "<p:ModifyServicePartners_OUTPUT/>", "<p:GetServicePartners_OUTPUT/>" * 2])
def test_an_answer_to_another_call_is_a_bad_answer(body: str, visiting: Visit) -> None:
    server = basic(lambda request: soap.envelope(request, body))
    with visiting(server, auth="basic") as (_, provider), pytest.raises(SourceError) as caught:
        provider.invoke(NAMESPACE, *METHOD)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_a_method_that_writes_is_refused_before_anything_is_sent(visiting: Visit) -> None:
    with visiting(basic(one_row), auth="basic") as (listener, provider):
        with pytest.raises(GuardRefusal, match="not known to read only"):
            provider.invoke(NAMESPACE, "SMS_Collection", "ModifyServicePartners", {"CollectionID": "P0100021"})
        assert listener.connections == 0


def knowing(*columns: str) -> Callable[[bytes], bytes]:
    """Answers one row to questions for these columns, and `invalid query` to all others."""

    def respond(request: bytes) -> bytes:
        asked = wql(request).removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
        if not set(asked) <= set(columns):
            return soap.envelope(request, soap.wmi_fault(0x80041017))
        return soap.envelope(request, soap.first_page(soap.fragment("".join(f"<{c}>1</{c}>" for c in asked))))

    return respond


@pytest.mark.parametrize(
    ("known", "optional", "missing", "questions"),
    [
        (("A", "B", "C"), ("B", "C"), set(), 1),
        (("A",), ("B",), {"B"}, 2),
        (("A", "C"), ("B", "C"), {"B"}, 3),
        (("A", "B"), ("B", "C"), {"C"}, 3),
        (("A",), ("B", "C"), {"B", "C"}, 4),
    ],
)
def test_a_column_that_an_older_site_lacks_is_left_out_and_named(
    known: tuple[str, ...], optional: tuple[str, ...], missing: set[str], questions: int, visiting: Visit
) -> None:
    """The whole question fails for one unknown column, and the fault does not say which."""
    server = basic(knowing(*known))
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.rows(NAMESPACE, "SMS_Thing", ["A"], optional=optional)
    (row,) = answer.rows
    assert answer.missing == missing
    assert [column in row for column in optional] == [column not in missing for column in optional]
    assert row.integer("A") == 1
    assert len(server.messages) == questions


def test_an_unknown_column_that_is_not_optional_is_told_apart(visiting: Visit) -> None:
    with visiting(basic(knowing("B", "C")), auth="basic") as (_, provider):
        for optional in ((), ("B",), ("B", "C")):
            with pytest.raises(ProviderFault) as caught:
                provider.rows(NAMESPACE, "SMS_Thing", ["A"], optional=optional)
            assert (caught.value.unknown, caught.value.reason) == ("column", Reason.UNSUPPORTED_VERSION)


def test_many_values_are_asked_for_in_several_questions(visiting: Visit) -> None:
    server = basic(one_row)
    with visiting(server, auth="basic") as (_, provider):
        answer = provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"], any_of=("N", list(range(60))))
    assert len(answer.rows) == 2
    assert len(server.messages) == 2
    assert answer.query.count(" OR ") == 59


def test_a_fault_is_told_with_its_code(visiting: Visit) -> None:
    fault = soap.wmi_fault(0x8004100E)
    with visiting(basic(lambda r: soap.envelope(r, fault)), auth="basic") as (_, provider):
        with pytest.raises(WsManFault, match="wrong site code") as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        assert (caught.value.reason, caught.value.code) == (Reason.WRONG_TARGET, 0x8004100E)
        with pytest.raises(WsManFault):
            provider.instance(NAMESPACE, "SMS_Site", {"SiteCode": "P01"})


def test_a_throttled_question_is_asked_again(visiting: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", (0.01, 0.01))
    server = basic(paged(soap.wsman_fault(2150859174), soap.wsman_fault(2150858815), ONE_ROW))
    with visiting(server, auth="basic") as (_, provider):
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1


def test_a_throttled_question_ends_with_the_deadline(visiting: Visit) -> None:
    """No wait that the scan has no time for."""
    server = basic(lambda r: soap.envelope(r, soap.wsman_fault(2150859174)))
    with visiting(server, auth="basic", deadline=Deadline(0.4)) as (_, provider):
        started = time.monotonic()
        with pytest.raises(SourceError) as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.THROTTLED
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("403 Forbidden", Reason.ACCESS_DENIED),
        ("404 Not Found", Reason.WRONG_TARGET),
        ("405 Method Not Allowed", Reason.WRONG_TARGET),
        ("200 OK", Reason.WRONG_TARGET),
        ("502 Bad Gateway", Reason.BAD_ANSWER),
        ("500 Internal Server Error", Reason.BAD_ANSWER),
    ],
)
@pytest.mark.parametrize("encrypt", [False, True])
def test_what_is_not_wsman_is_told_by_its_status(status: str, reason: Reason, encrypt: bool, visiting: Visit) -> None:
    """A web server, a portal, an account without WinRM. Encrypted, a plain 200 is not even looked at."""
    server = WinRm(one_row, schemes=("Negotiate",) if encrypt else BASIC, encrypt=encrypt, status=status)
    visit = visiting(server, auth="negotiate" if encrypt else "basic")
    with visit as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is (Reason.BAD_ANSWER if encrypt and status == "200 OK" else reason)


@pytest.mark.parametrize("encrypt", [False, True])
def test_a_connection_closed_in_between_is_made_anew(encrypt: bool, visiting: Visit) -> None:
    """The server hangs up after each answer, as Windows does with idle connections."""
    server = WinRm(one_row, encrypt=encrypt, hang_up_after=1)
    with visiting(server) as (listener, provider):
        for _ in range(3):
            assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
        assert listener.connections >= 3
    assert server.failed_sign_ins == 0


@pytest.mark.parametrize("encrypt", [False, True])
def test_a_question_that_was_hung_up_on_is_asked_once_more(encrypt: bool, visiting: Visit) -> None:
    """From the start, as the enumeration went with the connection; and once."""
    respond = paged(
        soap.first_page(numbers(1)),
        soap.first_page(numbers(1), "uuid:1"),
        soap.first_page(numbers(1), "uuid:1"),
        soap.next_page(numbers(2)),
    )
    server = WinRm(respond, encrypt=encrypt)
    with visiting(server) as (_, provider):
        provider.rows(NAMESPACE, "SMS_Thing", ["A"])
        server.hang_up_on = "Pull"
        assert len(provider.rows(NAMESPACE, "SMS_Thing", ["A"]).rows) == 2
    assert server.messages == ["Enumerate", "Enumerate", "Pull", "Enumerate", "Pull"]


def test_a_server_that_only_hangs_up_is_unreachable(visiting: Visit) -> None:
    server = basic(one_row, hang_up_after=1)
    with visiting(server, auth="basic") as (listener, provider):
        provider.rows(NAMESPACE, "SMS_Thing", ["A"])
        listener._talk = lambda _stream: None
        with pytest.raises(SourceError) as caught:
            provider.rows(NAMESPACE, "SMS_Thing", ["A"])
        assert caught.value.reason is Reason.UNREACHABLE


def test_threads_share_a_few_connections(visiting: Visit) -> None:
    """More callers than connections: they wait for each other; each answer reaches its own asker."""

    def echo(request: bytes) -> bytes:
        time.sleep(0.02)
        number = wql(request).rpartition(" = ")[2]
        return soap.envelope(request, soap.first_page(numbers(int(number))))

    server = WinRm(echo, encrypt=True)
    with visiting(server, workers=3) as (listener, provider), ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: provider.rows(NAMESPACE, "SMS_Thing", ["A"], {"B": n}).rows[0].integer("A"), range(24))
        )
        assert answers == list(range(24))
        assert listener.connections == 3
        assert 1 < server.most_at_once <= 3


def test_who_waits_for_a_connection_waits_no_longer_than_the_scan(visiting: Visit) -> None:
    busy = threading.Event()

    def slow(request: bytes) -> bytes:
        busy.wait(1)
        return one_row(request)

    with visiting(basic(slow), auth="basic", deadline=Deadline(0.4), workers=1) as (_, provider):
        with ThreadPoolExecutor(2) as pool:
            started = time.monotonic()
            asked = [pool.submit(provider.rows, NAMESPACE, "SMS_Site", ["SiteCode"]) for _ in range(2)]
            reasons = [error.reason for a in asked if isinstance(error := a.exception(), SourceError)]
            busy.set()
        assert reasons == [Reason.TIMED_OUT] * 2
        assert time.monotonic() - started < 1


def test_the_server_is_told_to_give_up_before_we_do(visiting: Visit) -> None:
    """So that its own fault arrives, rather than our silence."""
    server = basic(one_row)
    with visiting(server, auth="basic", limits=Limits(exchange_seconds=10)) as (_, provider):
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert b"<w:OperationTimeout>PT9.000S<" in server.envelopes[0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"scheme": "http", "auth": "basic", "username": "a", "password": "b"},
        {"auth": "basic"},
        {"auth": "credssp"},
        {"scheme": "ftp"},
    ],
)
def test_what_would_give_the_password_away_is_refused(arguments: dict[str, str]) -> None:
    """Before anything is sent: before there is a provider."""
    with pytest.raises(ConfigurationError):
        connect("localhost", deadline=Deadline(1), **arguments)  # type: ignore[arg-type]


def test_a_bad_name_is_refused_before_anything_is_sent(visiting: Visit) -> None:
    with visiting(basic(one_row), auth="basic") as (listener, provider):
        with pytest.raises(GuardRefusal):
            provider.rows(NAMESPACE, "SMS_Site; DROP", ["SiteCode"])
        with pytest.raises(GuardRefusal):
            provider.rows(r"root\..\x", "SMS_Site", ["SiteCode"])
        assert listener.connections == 0


def test_ports_and_identity_have_defaults() -> None:
    provider = connect("cm01", deadline=Deadline(1))
    assert provider.target.endpoint == "https://cm01:5986/wsman"
    assert provider.identity == "current logon"
    assert connect("::1", scheme="http", deadline=Deadline(1)).target.endpoint == "http://[::1]:5985/wsman"
