"""Signing in: once, bound to the TLS channel, on one connection; and no secret in any word."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import spnego
from requests import Request

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr import causes
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.transport import WsManTransport
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.failures import GuardRefusal
from tests.servers import soap
from tests.servers.tcp import Script, TcpServer, http_answer, read_request
from tests.servers.winrm import PASSWORD, USER, WinRm
from tests.sources.configmgr.conftest import NAMESPACE, Visit, one_row
from tests.sources.conftest import Certificates

WRONG = "wr0ng-Pa55w0rd"


def binding(certificates: Certificates, port: int) -> bytes:
    """The `tls-server-end-point` of a server (RFC 5929), from its certificate."""
    pem = ssl.get_server_certificate(("localhost", port), ca_certs=str(certificates.bundle))
    return b"tls-server-end-point:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()


@pytest.mark.parametrize(
    ("auth", "schemes", "encrypt"),
    [
        ("negotiate", ("Negotiate",), False),
        ("negotiate", ("Negotiate",), True),
        ("negotiate", ("NTLM",), False),
        ("ntlm", ("Negotiate", "NTLM"), False),
        ("ntlm", ("Negotiate",), True),
        ("ntlm", ("NTLM",), True),
        ("basic", ("Basic",), False),
        ("basic", ("Negotiate", "Basic"), False),
    ],
)
def test_each_way_to_sign_in(auth: str, schemes: tuple[str, ...], encrypt: bool, visiting: Visit) -> None:
    """Once, on one connection, which then serves every question."""
    server = WinRm(one_row, schemes=schemes, encrypt=encrypt)
    with visiting(server, auth=auth) as (listener, provider):
        for _ in range(3):
            assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
        assert (server.sign_ins, server.failed_sign_ins, listener.connections) == (1, 0, 1)


def test_the_sign_in_is_bound_to_the_channel(visiting: Visit, certificates: Certificates) -> None:
    """A server that demands the channel binding lets us in: it was sent, and it was right."""
    server = WinRm(one_row)
    with visiting(server) as (listener, provider):
        server.bindings = binding(certificates, listener.port)
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
        assert server.sign_ins == 1


def test_a_sign_in_for_another_channel_is_refused(visiting: Visit) -> None:
    """The server that expects another binding refuses ours: so it looked, and there was one to look at."""
    server = WinRm(one_row, bindings=b"tls-server-end-point:" + bytes(32))
    with visiting(server) as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert (server.sign_ins, server.failed_sign_ins) == (0, 1)


@pytest.mark.parametrize(("auth", "encrypt"), [("negotiate", False), ("negotiate", True), ("basic", False)])
def test_a_wrong_password_is_tried_once(auth: str, encrypt: bool, visiting: Visit) -> None:
    """By many threads on three connections: once in total, and never after. Accounts lock."""
    server = WinRm(one_row, schemes=("Basic",) if auth == "basic" else ("Negotiate",), encrypt=encrypt)
    with visiting(server, auth=auth, password=WRONG) as (listener, provider):
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(provider.rows, NAMESPACE, "SMS_Site", ["SiteCode"]) for _ in range(12)]
        errors = [a.exception() for a in asked]
        assert {(e.reason, str(e)) for e in errors if isinstance(e, SourceError)} == {
            (Reason.SIGN_IN_FAILED, str(errors[0]))
        }
        assert len({id(e) for e in errors}) == 12
        assert (server.failed_sign_ins, listener.connections) == (1, 1)
        assert USER in str(errors[0])
        assert WRONG not in "".join(str(e) + repr(e) for e in errors)


@pytest.mark.parametrize(
    ("auth", "offered"),
    [("basic", "Negotiate"), ("ntlm", "Basic"), ("negotiate", "Basic"), ("kerberos", "NTLM"), ("negotiate", "Bearer")],
)
def test_a_mechanism_that_is_not_offered(auth: str, offered: str, visiting: Visit) -> None:
    """The words say what the server offers, so that the operator can set it."""
    server = WinRm(one_row, schemes=(offered,))
    with visiting(server, auth=auth) as (_, provider), pytest.raises(SourceError, match=f"offers {offered}") as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert server.failed_sign_ins == 0


@pytest.mark.parametrize("token", ["", " !!!", " AAAA", " oYIB", " TlRMTVNTUAACAAAA", " TlRMTVNTUAADAAAA"])
@pytest.mark.parametrize("scheme", ["Negotiate", "NTLM"])
def test_a_hostile_token_is_a_failed_sign_in(scheme: str, token: str, visiting: Visit) -> None:
    """Whatever the sign-in libraries throw at it."""
    script = Script([http_answer("401 Unauthorized", {"WWW-Authenticate": scheme + token})])
    with visiting(WinRm(one_row)) as (listener, provider):
        listener._talk = script
        with pytest.raises(SourceError) as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert PASSWORD not in str(caught.value)
    assert len(script.requests) <= 3


@pytest.mark.parametrize("more", ["////", "TlRMTVNTUAACAAAA", "TlRMTVNTUAABAAAA"])
def test_a_server_that_goes_on_after_the_proof_is_shown_it_once(more: str, visiting: Visit) -> None:
    """NTLM would begin again for as long as the server likes: each round is one more failed logon."""
    proofs: list[bytes] = []

    def talk(stream: socket.socket) -> None:
        context: Any = None
        with stream.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                token = base64.b64decode(request.headers.get("authorization", "").partition(" ")[2])
                said = ""
                if token[8:9] == b"\x01":
                    context = spnego.server(protocol="ntlm")
                    said = base64.b64encode(context.step(token)).decode()
                elif token:
                    proofs.append(token)
                    said = more
                stream.sendall(http_answer("401 Unauthorized", {"WWW-Authenticate": f"NTLM {said}".strip()}))

    with visiting(WinRm(one_row), auth="ntlm") as (listener, provider):
        listener._talk = talk
        with pytest.raises(SourceError) as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert len(proofs) == 1


def test_without_a_logon_there_is_a_hint(visiting: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """No user name is given, and the machine has nobody to sign in as."""
    monkeypatch.delenv("NTLM_USER_FILE")
    visit = visiting(WinRm(one_row), auth="ntlm", username=None, password=None)
    with visit as (_, provider), pytest.raises(SourceError, match="set username") as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED


@pytest.mark.skipif(os.name == "nt", reason="Windows brings its own Kerberos")
def test_without_the_package_of_kerberos_the_extra_is_named(visiting: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    server = WinRm(one_row)
    with visiting(server, auth="kerberos") as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert causes.NO_PACKAGE.told("localhost") in str(caught.value)
    assert server.failed_sign_ins == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows brings its own Kerberos")
def test_negotiate_without_the_package_is_ntlm_and_says_so_when_refused(
    visiting: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    server = WinRm(one_row)
    with visiting(server) as (_, provider):
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
    with visiting(server, password=WRONG) as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert f"Kerberos was not used: {causes.NO_PACKAGE.what}" in str(caught.value)
    assert server.failed_sign_ins == 1


def test_a_server_that_redirects_gets_no_sign_in_elsewhere(visiting: Visit, certificates: Certificates) -> None:
    """pywinrm would sign in to whatever host it is sent to; we do not even connect."""
    elsewhere = WinRm(one_row)
    with TcpServer(elsewhere, certificates.good) as other, visiting(WinRm(one_row)) as (listener, provider):
        listener._talk = Script([http_answer("307 Temporary Redirect", {"Location": f"{other.origin}/wsman"})])
        with pytest.raises(SourceError, match="sends us on"):
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        assert other.connections == 0


def test_a_server_that_drops_every_connection_is_tried_twice() -> None:
    """Not for every reading: a connection may be dropped once, a server that drops two is away."""
    script = Script([b""], hang_up=True)
    with TcpServer(script) as server:
        from readiness.sources.configmgr.winrm import connect

        provider = connect(
            "localhost", port=server.port, scheme="http", username=USER, password=PASSWORD, deadline=Deadline(5)
        )
        for _ in range(3):
            with pytest.raises(SourceError) as caught:
                provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
            assert caught.value.reason is Reason.UNREACHABLE
        assert server.connections == 2


def test_a_connection_that_is_dropped_once_is_no_server_that_is_away(visiting: Visit) -> None:
    winrm = WinRm(one_row, hang_up_on="Enumerate")
    with visiting(winrm) as (_server, provider):
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
    assert winrm.messages == ["Enumerate", "Enumerate"]


def test_no_repr_shows_the_password(visiting: Visit) -> None:
    with visiting(WinRm(one_row)) as (_, provider):
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        (line,) = provider._lines._pool._idle.values()
        assert line._transport is not None
        session = line._transport.build_session()
        seen = [provider, provider.target, line, line._transport, session, session.auth, session.guard]
        assert PASSWORD not in "".join(map(repr, seen))


@pytest.mark.parametrize("encrypt", [False, True])
def test_a_forbidden_action_is_refused_before_sending(encrypt: bool, certificates: Certificates) -> None:
    """Encrypted or not: the transport asks the rule on the plain envelope."""
    tls = None if encrypt else certificates.good
    with TcpServer(WinRm(one_row, encrypt=encrypt), tls) as server:
        scheme = "http" if encrypt else "https"
        target = Target("localhost", server.port, scheme, "ntlm", USER, PASSWORD, certificates.bundle)
        transport = WsManTransport(target, Deadline(5), Limits())
        action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete"
        body = f"<s:Envelope {soap.NAMESPACES}><s:Header><a:Action>{action}</a:Action></s:Header><s:Body/></s:Envelope>"
        with pytest.raises(GuardRefusal, match="Delete"):
            transport.send_message(body)
        assert server.connections == 0


@pytest.mark.parametrize(("method", "path"), [("GET", "/wsman"), ("POST", "/wsman/other"), ("POST", "/wsman?x=1")])
def test_the_session_itself_posts_to_one_path(method: str, path: str, certificates: Certificates) -> None:
    """Even where someone gets hold of the session."""
    with TcpServer(WinRm(one_row), certificates.good) as server:
        target = Target("localhost", server.port, "https", "ntlm", USER, PASSWORD, certificates.bundle)
        transport = WsManTransport(target, Deadline(5), Limits())
        session = transport.build_session()
        request = session.prepare_request(Request(method, f"{server.origin}{path}"))
        with session, pytest.raises(GuardRefusal):
            session.send(request)
        assert server.connections == 0


def test_a_server_that_hangs_up_in_the_middle_of_ntlm_is_told_so(visiting: Visit) -> None:
    """As one may do on which a policy forbids NTLM."""

    def talk(stream: socket.socket) -> None:
        with stream.makefile("rb") as reader:
            while (request := read_request(reader)) is not None and "authorization" not in request.headers:
                stream.sendall(http_answer("401 Unauthorized", {"WWW-Authenticate": "Negotiate"}))
            stream.shutdown(socket.SHUT_RDWR)

    with visiting(WinRm(one_row), auth="ntlm") as (listener, provider):
        listener._talk = talk
        with pytest.raises(SourceError, match="in the middle of the sign-in with ntlm") as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.UNREACHABLE


def test_ntlm_that_the_server_does_not_take_is_no_wrong_password(visiting: Visit) -> None:
    """It answers the first message with the refusal already: the password was never tried."""
    script = Script([http_answer("401 Unauthorized", {"WWW-Authenticate": "Negotiate"})])
    with visiting(WinRm(one_row), auth="ntlm") as (listener, provider):
        listener._talk = script
        with pytest.raises(SourceError) as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.SIGN_IN_FAILED
    assert causes.NTLM_OFF.told("localhost") in str(caught.value)
