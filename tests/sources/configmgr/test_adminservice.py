"""Reading the administration service over real sockets: pages to their end, errors, lazy and missing columns."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from readiness.errors import ConfigurationError, SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr import pool
from readiness.sources.configmgr.adminservice import AdminServiceProvider
from readiness.sources.configmgr.adminservice.faults import ServiceFault
from readiness.sources.configmgr.adminservice.listing import Pages
from readiness.sources.configmgr.provider import ProviderFault
from readiness.sources.configmgr.target import Target
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.failures import GuardRefusal
from tests.servers.odata import OData, Reply, error, odata, rows
from tests.servers.tcp import TcpServer
from tests.servers.winrm import PASSWORD, USER
from tests.sources.conftest import Certificates

NAMESPACE = r"root\sms\site_P01"
ROOT = r"root\sms"
Visit = Callable[..., Any]


@pytest.fixture
def visiting(certificates: Certificates, _account: None) -> Visit:
    """`with visiting(odata, auth=..., ...) as (server, provider)`."""

    @contextmanager
    def visit(
        service: OData,
        *,
        auth: str = "negotiate",
        password: str = PASSWORD,
        deadline: float = 20,
        workers: int = 4,
    ) -> Iterator[tuple[TcpServer, AdminServiceProvider]]:
        with TcpServer(service, certificates.good) as server:
            target = Target(
                "localhost", server.port, "https", auth, USER, password, certificates.bundle, service="adminservice"
            )
            limits = Limits(connect_seconds=1, exchange_seconds=3, body_bytes=2_000_000)
            pages = Pages(top=2, max_pages=5, max_rows=9)
            provider = AdminServiceProvider(target, Deadline(deadline), limits=limits, pages=pages, workers=workers)
            try:
                yield server, provider
            finally:
                provider.close()

    return visit


def table(*found: dict[str, object]) -> Reply:
    """Serves these rows by `$top` and `$skip`."""

    def reply(target: str) -> tuple[str, object]:
        options = dict(option.partition("=")[::2] for option in target.partition("?")[2].split("&"))
        top, skip = int(options["$top"]), int(options["$skip"])
        return rows(*found[skip : skip + top])

    return reply


def numbered(count: int) -> list[dict[str, object]]:
    return [{"@odata.etag": str(number), "A": number} for number in range(count)]


def ask(provider: AdminServiceProvider, cls: str = "SMS_X", columns: tuple[str, ...] = ("A",), **more: Any) -> Any:
    return provider.rows(NAMESPACE, cls, columns, **more)


def reason_of(provider: AdminServiceProvider, **more: Any) -> Reason:
    with pytest.raises(SourceError) as caught:
        ask(provider, **more)
    return caught.value.reason


def test_rows_come_with_their_proof(visiting: Visit) -> None:
    """Typed as JSON has them; the question in WQL, as over WinRM; the clock; as whom it was asked."""
    row = {
        "@odata.etag": "P01",
        "__LAZYPROPERTIES": ["Lazy"],
        "__PROPERTY_COUNT": 7,
        "SiteCode": "P01",
        "Type": 2,
        "On": True,
        "Ends": "2026-11-20T08:00:00Z",
        "Nothing": None,
        "IDs": [16777219],
        "Lazy": [],
        "SecretKey": "never",
        "Props": [{"@odata.type": "#AdminService.SMS_EmbeddedProperty", "PropertyName": "OfflineMode", "Value": 0}],
    }
    service = odata(lambda _: rows(row), headers={"Date": "Thu, 01 Jan 2015 00:00:00 GMT", "Readiness-Lab": "x"})
    with visiting(service) as (_, provider):
        answer = ask(provider, "SMS_Site", ("SiteCode", "Type"), where={"Type": 2, "Name": "it's"})
        (found,) = answer.rows
        assert (found.text("sitecode"), found.integer("Type"), found.flag("On")) == ("P01", 2, True)
        assert found.optional_moment("Ends").year == 2026
        assert (found.optional_text("Nothing"), found.integers("IDs"), found.texts("Lazy")) == (None, (16777219,), ())
        assert found.objects("Props")[0].text("PropertyName") == "OfflineMode"
        assert found.objects("Props")[0].cls == "SMS_EmbeddedProperty"
        assert [name in found for name in ("@odata.etag", "__LAZYPROPERTIES", "SecretKey")] == [False] * 3
        assert answer.query == r"SELECT SiteCode, Type FROM SMS_Site WHERE Type = 2 AND Name = 'it\'s'"
        assert answer.clock_skew_seconds < 0
        assert (provider.identity, provider.simulated) == (USER, True)
    (request,) = service.requests
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize(("count", "questions"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)])
def test_every_page_is_read_until_a_short_one(count: int, questions: int, visiting: Visit) -> None:
    service = odata(table(*numbered(count)))
    with visiting(service) as (_, provider):
        assert [row.integer("A") for row in ask(provider).rows] == list(range(count))
    assert len(service.requests) == questions


def test_a_next_link_is_followed_to_the_same_place(visiting: Visit) -> None:
    """Even after a short page; absolute or relative, in whatever case the service spells the route."""

    def reply(target: str) -> tuple[str, object]:
        if "$skiptoken=2" in target:
            return rows({"A": 3})
        if "$skiptoken=1" in target:
            return rows({"A": 2}, **{"@odata.nextLink": "SMS_X?$skiptoken=2"})
        return rows(
            {"A": 1}, **{"@odata.nextLink": f"https://localhost:{server.port}/adminservice/wmi/sms_x?$skiptoken=1"}
        )

    service = odata(reply)
    with visiting(service) as (server, provider):
        assert [row.integer("A") for row in ask(provider).rows] == [1, 2, 3]
    assert [request.path.partition("?")[0] for request in service.requests] == ["/AdminService/wmi/SMS_X"] * 3


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/AdminService/wmi/SMS_X?$skip=2",
        "https://localhost/AdminService/wmi/SMS_X?$skip=2",
        "http://localhost:{port}/AdminService/wmi/SMS_X?$skip=2",
        "https://x@localhost:{port}/AdminService/wmi/SMS_X?$skip=2",
        "https://localhost:{port}/AdminService/v1.0/SMS_X?$skip=2",
        "https://localhost:{port}/AdminService/wmi/SMS_Y?$skip=2",
        "SMS_X.Modify?$skip=2",
        "../v1.0/SMS_X?$skip=2",
        "SMS_X",
        "SMS_X?$skip=2#x",
        5,
    ],
)
def test_a_next_link_to_another_place_is_not_followed(link: object, visiting: Visit) -> None:
    named: list[object] = []
    service = odata(lambda _: rows({"A": 1}, **{"@odata.nextLink": named[0]}))
    with visiting(service) as (server, provider):
        named.append(link.format(port=server.port) if isinstance(link, str) else link)
        assert reason_of(provider) is Reason.BAD_ANSWER
    assert len(service.requests) == 1


def test_a_list_without_a_proven_end_is_no_list(visiting: Visit) -> None:
    """Never a silently shorter one."""
    count = iter(range(100))

    def endless(_target: str) -> tuple[str, object]:
        return rows({"A": next(count)}, **{"@odata.nextLink": f"SMS_X?$skiptoken={next(count)}"})

    hostile: list[Reply] = [
        lambda _: rows({"A": 1}, {"A": 2}),
        lambda _: rows({"A": 1}, {"A": 2}, {"A": 3}),
        table(*numbered(10)),
        endless,
    ]
    for reply, words in zip(hostile, ("twice", "longer page", "more than 9 rows", "more than 5 pages"), strict=True):
        with visiting(odata(reply)) as (_, provider), pytest.raises(SourceError, match=words) as caught:
            ask(provider)
        assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "content",
    [
        {"value": {}},
        {"value": None},
        {},
        {"value": [1]},
        {"value": [[]]},
        {"value": [{}]},
        {"value": [{"@odata.etag": "x"}]},
        {"value": [{"A": 1, "a": 2}]},
        {"value": [{"A": [[1]]}]},
        {"value": [], "error": {"message": "x"}},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_list_of_rows_is_a_bad_answer(content: object, visiting: Visit) -> None:
    with visiting(odata(lambda _: ("200 OK", content))) as (_, provider):
        assert reason_of(provider) is Reason.BAD_ANSWER


@pytest.mark.parametrize("value", [1.5, "x", [1], {"a": 1}, True, None])
def test_a_value_of_another_type_never_becomes_a_number(value: object, visiting: Visit) -> None:
    with visiting(odata(lambda _: rows({"A": value}))) as (_, provider):
        (row,) = ask(provider).rows
        with pytest.raises(SourceError) as caught:
            row.integer("A")
        assert caught.value.reason is Reason.BAD_ANSWER


def test_objects_nested_without_end_are_refused(visiting: Visit) -> None:
    deep: object = 1
    for _ in range(12):
        deep = {"Inner": deep}
    with visiting(odata(lambda _: rows({"A": deep}))) as (_, provider):
        assert reason_of(provider) is Reason.BAD_ANSWER


FAULTS = [
    (error("404 Not Found"), Reason.UNSUPPORTED_VERSION, "class"),
    (error("400 Bad Request"), Reason.UNSUPPORTED_VERSION, "column"),
    (error("403 Forbidden"), Reason.ACCESS_DENIED, None),
    (("403 Forbidden", b"<html>"), Reason.ACCESS_DENIED, None),
    (error("500 Internal Server Error"), Reason.BAD_ANSWER, None),
    (("500 Internal Server Error", b""), Reason.BAD_ANSWER, None),
    (error("500 Internal Server Error", "failed: 0x80041003"), Reason.ACCESS_DENIED, None),
    (error("500 Internal Server Error", "x", "0x80041010"), Reason.UNSUPPORTED_VERSION, "class"),
    (error("504 Gateway Timeout"), Reason.TIMED_OUT, None),
]


@pytest.mark.parametrize(("answer", "reason", "unknown"), FAULTS)
def test_an_error_is_told_by_its_status_and_wmis_own_number(
    answer: tuple[str, object], reason: Reason, unknown: str | None, visiting: Visit
) -> None:
    with visiting(odata(lambda _: answer)) as (_, provider):
        with pytest.raises(ServiceFault) as caught:
            ask(provider)
        assert (caught.value.reason, caught.value.unknown) == (reason, unknown)
        assert f"status {answer[0][:3]}" in str(caught.value)


@pytest.mark.parametrize("answer", [("404 Not Found", b"<html>"), ("200 OK", b"<html>"), ("405 No", {"value": []})])
def test_something_that_is_no_administration_service(answer: tuple[str, object], visiting: Visit) -> None:
    with visiting(odata(lambda _: answer)) as (_, provider):
        assert reason_of(provider) is Reason.WRONG_TARGET


def test_hostile_words_are_printable(visiting: Visit) -> None:
    answer = error("500 Internal Server Error", "red \x9b31m\nSECOND LINE " + "x" * 9999)
    with visiting(odata(lambda _: answer)) as (_, provider), pytest.raises(ServiceFault) as caught:
        ask(provider)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_a_throttled_question_is_asked_again_while_there_is_time(
    visiting: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "BACKOFF_SECONDS", (0.01, 0.01))
    left = [error("429 Too Many Requests"), ("503 Service Unavailable", b""), rows({"A": 1})]
    with visiting(odata(lambda _: left.pop(0))) as (_, provider):
        assert len(ask(provider).rows) == 1
    monkeypatch.setattr(pool, "BACKOFF_SECONDS", (60.0,))
    with visiting(odata(lambda _: error("429 Too Many Requests")), deadline=2) as (_, provider):
        started = time.monotonic()
        assert reason_of(provider) is Reason.THROTTLED
        assert time.monotonic() - started < 1


# Columns that an older site lacks.


def test_columns_that_are_known_need_one_question(visiting: Visit) -> None:
    service = odata(lambda _: rows({"A": 1, "B": 0}))
    with visiting(service) as (_, provider):
        answer = ask(provider, optional=("B",))
    assert (answer.rows[0].integer("B"), answer.missing) == (0, frozenset())
    assert "$select=A,B&" in service.requests[0].path


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "500 Internal Server Error"])
@pytest.mark.parametrize("found", [[{"A": 1, "C": 5}], []])
def test_an_unknown_column_is_found_out_without_select(status: str, found: list[Any], visiting: Visit) -> None:
    """How the service refuses it is not documented; without rows, that naming it failed is all there is to tell."""
    service = odata(lambda target: error(status) if "$select" in target else rows(*found))
    with visiting(service) as (_, provider):
        answer = ask(provider, optional=("B", "C"))
    assert answer.missing == ({"B"} if found else {"B", "C"})
    assert ["$select" in request.path for request in service.requests] == [True, False]


def test_a_column_that_is_quietly_left_out_is_missing(visiting: Visit) -> None:
    with visiting(odata(lambda _: rows({"A": 1}))) as (_, provider):
        answer = ask(provider, optional=("B",))
        assert (answer.missing, "B" in answer.rows[0]) == ({"B"}, False)


def test_an_error_that_is_not_of_a_column_is_not_asked_again(visiting: Visit) -> None:
    service = odata(lambda _: error("403 Forbidden"))
    with visiting(service) as (_, provider):
        assert reason_of(provider, optional=("B",)) is Reason.ACCESS_DENIED
    assert len(service.requests) == 1


def test_many_values_are_asked_for_in_several_questions(visiting: Visit) -> None:
    service = odata(lambda _: rows({"A": 1}))
    with visiting(service) as (_, provider):
        answer = ask(provider, any_of=("A", list(range(60))))
        assert (len(answer.rows), answer.query.count(" OR ")) == (2, 59)
        with pytest.raises(GuardRefusal):
            ask(provider, any_of=("A", []))
    assert len(service.requests) == 2


# One instance, a getter, the site.


@pytest.mark.parametrize(
    "content",
    [{"value": [{"ID": 1, "Lazy": ["full"]}]}, {"@odata.context": "x", "ID": 1, "Lazy": ["full"]}],
    ids=["in a list", "bare"],
)
def test_an_instance_is_read_by_its_key(content: object, visiting: Visit) -> None:
    service = odata(lambda _: ("200 OK", content))
    with visiting(service) as (_, provider):
        answer = provider.instance(NAMESPACE, "SMS_X", {"ID": "P0100021"})
    assert answer.rows[0].texts("Lazy") == ("full",)
    assert answer.query == "SELECT * FROM SMS_X WHERE ID = 'P0100021'"
    assert service.requests[0].path == "/AdminService/wmi/SMS_X('P0100021')"


def test_an_instance_that_is_not_there_is_no_row(visiting: Visit) -> None:
    for answer in (error("404 Not Found"), rows()):
        with visiting(odata(lambda _, answer=answer: answer)) as (_, provider):  # type: ignore[misc]
            assert provider.instance(NAMESPACE, "SMS_X", {"ID": 1}).rows == []


@pytest.mark.parametrize("answer", [rows({"ID": 1}, {"ID": 2}), ("200 OK", {"@odata.context": "x"}), error("500 X")])
def test_what_is_no_instance_is_a_bad_answer(answer: tuple[str, object], visiting: Visit) -> None:
    with visiting(odata(lambda _: answer)) as (_, provider), pytest.raises(SourceError) as caught:
        provider.instance(NAMESPACE, "SMS_X", {"ID": 1})
    assert caught.value.reason is Reason.BAD_ANSWER


OUTPUT = {"ReturnValue": 0, "ServicePartners": 1}
GETTER = ("SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021"})


@pytest.mark.parametrize("content", [{"@odata.context": "x", **OUTPUT}, {"value": OUTPUT}, {"value": [OUTPUT]}])
@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
def test_a_getter_gives_its_out_parameters_as_one_row(status: str, content: object, visiting: Visit) -> None:
    service = odata(lambda _: (status, content))
    with visiting(service) as (_, provider):
        (row,) = provider.invoke(NAMESPACE, *GETTER).rows
    assert (row.integer("ReturnValue"), row.integer("ServicePartners")) == (0, 1)
    (request,) = service.requests
    assert (request.method, request.body) == ("POST", b'{"CollectionID": "P0100021"}')
    assert request.path == "/AdminService/wmi/SMS_Collection.GetServicePartners"


@pytest.mark.parametrize("content", [{}, {"@odata.context": "x"}, {"value": 0}, {"value": [OUTPUT, OUTPUT]}, []])
def test_an_answer_without_out_parameters_is_a_bad_answer(content: object, visiting: Visit) -> None:
    with visiting(odata(lambda _: ("200 OK", content))) as (_, provider), pytest.raises(SourceError) as caught:
        provider.invoke(NAMESPACE, *GETTER)
    assert caught.value.reason is Reason.BAD_ANSWER


def test_an_unknown_method_is_told_apart(visiting: Visit) -> None:
    with visiting(odata(lambda _: error("404 Not Found"))) as (_, provider), pytest.raises(ProviderFault) as caught:
        provider.invoke(NAMESPACE, *GETTER)
    assert (caught.value.unknown, caught.value.reason) == ("method", Reason.UNSUPPORTED_VERSION)


def test_what_writes_or_lies_elsewhere_is_refused_before_anything_is_sent(visiting: Visit) -> None:
    with visiting(odata(lambda _: rows())) as (server, provider):
        with pytest.raises(GuardRefusal):
            provider.invoke(NAMESPACE, "SMS_Collection", "ModifyServicePartners", {"CollectionID": "P0100021"})
        for namespace, cls in ((ROOT, "SMS_Other"), (r"root\cimv2", "Win32_Process")):
            with pytest.raises(GuardRefusal):
                provider.rows(namespace, cls, ["A"])
            with pytest.raises(GuardRefusal):
                provider.instance(namespace, cls, {"A": 1})
        with pytest.raises(GuardRefusal):
            provider.rows(ROOT, "SMS_ProviderLocation", ["SiteCode"])
        assert server.connections == 0


LOCATION = ("Machine", "SiteCode", "NamespacePath", "ProviderForLocalSite")


def test_the_service_says_which_site_it_is_of(visiting: Visit) -> None:
    """`root\\sms` is not on its route; `SMS_Identification` says the same."""
    service = odata(lambda _: rows({"ThisSiteCode": "P01", "SMSProviderServer": "cm01.contoso.test"}))
    with visiting(service) as (_, provider):
        (row,) = provider.rows(ROOT, "SMS_ProviderLocation", LOCATION, {"ProviderForLocalSite": True}).rows
    assert [row.text("SiteCode"), row.text("Machine"), row.flag("ProviderForLocalSite")] == [
        "P01",
        "cm01.contoso.test",
        True,
    ]
    assert row.text("NamespacePath") == r"\\cm01.contoso.test\root\sms\site_P01"


@pytest.mark.parametrize("found", [{"ThisSiteCode": "P01"}, {"ThisSiteCode": None, "SMSProviderServer": "x"}])
def test_a_service_that_does_not_name_its_site_is_not_guessed(found: dict[str, object], visiting: Visit) -> None:
    with visiting(odata(lambda _: rows(found))) as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(ROOT, "SMS_ProviderLocation", LOCATION, {"ProviderForLocalSite": True})
    assert caught.value.reason is Reason.BAD_ANSWER


# Signing in, connections.


@pytest.mark.parametrize(("auth", "schemes"), [("negotiate", ("Negotiate",)), ("ntlm", ("Negotiate", "NTLM"))])
def test_one_sign_in_serves_every_question_of_a_connection(
    auth: str, schemes: tuple[str, ...], visiting: Visit
) -> None:
    service = odata(table(*numbered(3)), schemes)
    with visiting(service, auth=auth) as (server, provider):
        for _ in range(3):
            assert len(ask(provider).rows) == 3
        assert (service.sign_ins, service.failed_sign_ins, server.connections) == (1, 0, 1)


def test_the_sign_in_is_bound_to_the_channel(visiting: Visit, certificates: Certificates) -> None:
    service = odata(lambda _: rows({"A": 1}), ("Negotiate",))
    with visiting(service) as (server, provider):
        pem = ssl.get_server_certificate(("localhost", server.port), ca_certs=str(certificates.bundle))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()
        service.bindings = b"tls-server-end-point:" + digest
        assert len(ask(provider).rows) == 1


def test_a_wrong_password_is_tried_once_however_many_ask(visiting: Visit) -> None:
    """Accounts lock."""
    service = odata(lambda _: rows(), ("Negotiate", "NTLM"))
    with visiting(service, password="wr0ng-Pa55w0rd") as (_, provider):
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(ask, provider) for _ in range(8)]
            errors = [one.exception() for one in asked]
        assert {error.reason for error in errors if isinstance(error, SourceError)} == {Reason.SIGN_IN_FAILED}
        assert service.failed_sign_ins == 1
        assert "wr0ng" not in "".join(map(str, errors))
        assert "administrative user of the site" in str(errors[0])


def test_threads_share_a_few_connections(visiting: Visit) -> None:
    busy = threading.Event()

    def slow(_target: str) -> tuple[str, object]:
        busy.wait(0.02)
        return rows({"A": 1})

    service = odata(slow, ("Negotiate",))
    with visiting(service, workers=3) as (server, provider), ThreadPoolExecutor(8) as threads:
        assert all(len(answer.rows) == 1 for answer in threads.map(lambda _: ask(provider), range(24)))
        assert server.connections <= 3
        assert service.most_at_once <= 3


def test_a_connection_closed_in_between_is_made_anew(visiting: Visit) -> None:
    service = odata(lambda _: rows({"A": 1}), ("Negotiate",), hang_up_after=1)
    with visiting(service) as (_, provider):
        for _ in range(3):
            assert len(ask(provider).rows) == 1
    assert service.failed_sign_ins == 0


@pytest.mark.parametrize(("auth", "scheme"), [("basic", "https"), ("certificate", "https"), ("negotiate", "http")])
def test_ways_that_the_service_does_not_take_are_refused(auth: str, scheme: str) -> None:
    with pytest.raises(ConfigurationError):
        Target("cm01", 443, scheme, auth, USER, PASSWORD, None, service="adminservice")
