"""Read only (architecture, property 2): everything that would change something is tried at the Guard, over real
sockets, and not one byte of it arrives. Each table is tried beside what is allowed, so that no rule refuses all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from requests import PreparedRequest, Request

from readiness.sources.configmgr.adminservice.rules import require_reading
from readiness.sources.configmgr.envelopes import require_read_only
from readiness.sources.configmgr.getters import GETTERS
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.transport import WsManTransport, require_reading_post
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.graph.rules import REPORT_ACTIONS, entra_rules, graph_rules, person_rules
from readiness.sources.guard import GuardedSession, GuardRefusal, Rules, guarded_session
from tests.properties import forbidden
from tests.properties.counting import tried
from tests.properties.forbidden import Sent
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.servers.winrm import PASSWORD, USER
from tests.sources.conftest import Certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


Send = Callable[[GuardedSession, TcpServer, Sent], object]


def as_asked(session: GuardedSession, server: TcpServer, sent: Sent) -> object:
    """As our own code asks."""
    return session.request(sent.method, server.origin + sent.path, data=sent.body, headers=sent.headers)


def by_hand(session: GuardedSession, server: TcpServer, sent: Sent) -> object:
    """As somebody would who goes round what `requests` makes tidy: method and path as they are written."""
    made = Request("GET", server.origin, data=sent.body, headers=sent.headers).prepare()
    made.method, made.url = sent.method, server.origin + sent.path
    made.headers.update(sent.headers)
    return session.send(made)


def refused(
    rules: Rules, every: Iterable[Sent], certificates: Certificates, ways: Iterable[Send] = (as_asked, by_hand)
) -> int:
    """How many requests were tried; all of them were refused, and nobody so much as connected."""
    count, let_out = 0, []
    with (
        TcpServer(Script([http_answer("200 OK", {})]), certificates.good) as server,
        guarded_session(server.origin, rules, Deadline(60), ca_bundle=certificates.bundle) as session,
    ):
        for sent in every:
            for way in ways:
                if way is as_asked and sent.by_hand_only:
                    continue
                count += 1
                try:
                    way(session, server, sent)
                except GuardRefusal:
                    continue
                except Exception as error:  # whatever else it is, the Guard did not refuse it
                    let_out.append(f"{sent}: {type(error).__name__}")
                else:
                    let_out.append(str(sent))
        assert let_out == []
        assert server.connections == 0
    tried("forbidden requests", count)
    tried("forbidden requests that arrived", len(let_out))
    return count


def test_nothing_but_reading_reaches_graph(certificates: Certificates) -> None:
    assert refused(graph_rules, forbidden.graph(), certificates) > 500


@pytest.mark.parametrize("rules", [entra_rules, person_rules])
def test_nothing_of_graph_reaches_the_sign_in_host(rules: Rules, certificates: Certificates) -> None:
    """Not what is allowed at Graph either; and no other verb than a GET of the metadata and a POST for a token."""
    elsewhere = [sent for sent in forbidden.graph() if not sent.path.endswith("/oauth2/v2.0/token")]
    refused(rules, elsewhere, certificates)
    token = "/contoso.test/oauth2/v2.0/token"
    refused(rules, [Sent(verb, token, b"a=b") for verb in (*forbidden.VERBS, *forbidden.ODD, "GET")], certificates)


def test_what_reads_is_let_out_to_graph(certificates: Certificates) -> None:
    """The other side of the table: the rules do not refuse everything."""
    reads = [Sent("GET", "/v1.0/organization"), Sent("POST", "/beta/$batch", forbidden._batch(forbidden._member()))]
    reads += [Sent("POST", f"/beta/deviceManagement/reports/{name}", b"{}") for name in sorted(REPORT_ACTIONS)]
    assert arrived(graph_rules, reads, certificates) == len(reads)


def arrived(rules: Rules, every: Iterable[Sent], certificates: Certificates) -> int:
    script = Script([http_answer("200 OK", {})])
    with (
        TcpServer(script, certificates.good) as server,
        guarded_session(server.origin, rules, Deadline(20), ca_bundle=certificates.bundle) as session,
    ):
        for sent in every:
            as_asked(session, server, sent)
    return len(script.requests)


def test_nothing_but_reading_reaches_the_administration_service(certificates: Certificates) -> None:
    assert refused(require_reading, forbidden.adminservice(), certificates) > 500


def test_what_reads_is_let_out_to_the_administration_service(certificates: Certificates) -> None:
    reads = [
        Sent("GET", "/AdminService/wmi/SMS_Site?$select=SiteCode"),
        Sent("GET", "/AdminService/wmi/SMS_Admin(5)"),
        Sent("GET", "/AdminService/wmi/SMS_AAD_Application_Ex?$select=ID,Name,SecretKeyExpiry"),
        Sent("GET", "/AdminService/wmi/SMS_X?$select=ID&$filter=Name%20eq%20'SecretKey'"),
        Sent("POST", "/AdminService/wmi/SMS_Collection.GetServicePartners", b'{"CollectionID":"P0100021"}'),
    ]
    assert arrived(require_reading, reads, certificates) == len(reads)


def test_nothing_but_reading_reaches_wsman(certificates: Certificates) -> None:
    """Over TLS the Guard reads every envelope; and no other verb or path than POST /wsman."""
    for good in forbidden.READS:
        require_read_only(good)
    messages = [Sent("POST", "/wsman", body) for body in dict.fromkeys(forbidden.wsman_messages()) if body]
    changed = [name for name in (*forbidden.METHOD_CHANGERS, *forbidden.PLACE_CHANGERS) if name != "_method"]
    others = [Sent(verb, "/wsman", forbidden.ROWS) for verb in (*forbidden.VERBS, *forbidden.ODD, "GET")]
    others += [
        Sent("POST", path, forbidden.ROWS)
        for path in ("/", "/wsman/", "/wsman?x=y", "/WSMan", "//wsman", "/x/../wsman")
    ]
    others += [Sent("POST", "/wsman", forbidden.ROWS, {name: "PUT"}) for name in changed]
    assert refused(require_reading_post, [*messages, *others], certificates) > 500
    assert arrived(require_reading_post, [Sent("POST", "/wsman", body) for body in forbidden.READS], certificates) == 5


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_what_is_forbidden_is_not_encrypted_either(scheme: str, certificates: Certificates) -> None:
    """Over http the Guard cannot read what leaves: the rule is asked on the plain envelope, before the sign-in."""
    with TcpServer(Script([http_answer("200 OK", {})]), certificates.good if scheme == "https" else None) as server:
        target = Target("localhost", server.port, scheme, "ntlm", USER, PASSWORD, certificates.bundle)
        transport = WsManTransport(target, Deadline(20), Limits())
        for message in dict.fromkeys(forbidden.wsman_messages()):
            with pytest.raises(GuardRefusal):
                transport.send_message(message)
            tried("forbidden requests")
        assert server.connections == 0


def test_the_table_has_every_method_that_is_known_beside_the_getters() -> None:
    """Each listed getter has siblings in the table, and none of the table is itself listed."""
    named = {method for methods in forbidden.ACTIONS.values() for method in methods}
    assert named >= forbidden.SIBLINGS
    assert set(forbidden.ACTIONS) >= set(GETTERS)
    assert [(cls, m) for cls, methods in forbidden.ACTIONS.items() for m in methods if m in GETTERS.get(cls, {})] == []


@pytest.mark.parametrize(
    "body",
    [iter([b"{}"]), bytearray(b"{}"), memoryview(b"{}"), type("Odd", (bytes,), {"decode": lambda *_: "{}"})(b"")],
)
def test_a_body_that_could_change_after_it_was_read_is_refused(body: object) -> None:
    made = PreparedRequest()
    made.prepare("POST", "https://graph.test/beta/$batch", headers={})
    made.body = body  # type: ignore[assignment]
    with pytest.raises(GuardRefusal):
        graph_rules(made)
