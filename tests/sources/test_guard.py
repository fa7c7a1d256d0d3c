"""What the Guard lets out, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests import PreparedRequest

from readiness.errors import ConfigurationError, SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.guard import GuardedSession, GuardRefusal, guarded_session
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.sources.conftest import Certificates

OK = http_answer("200 OK", {"Content-Type": "application/json"}, b'{"value":[]}')


def allow(_request: PreparedRequest) -> None:
    """The rules of a transport that has none."""


def only_get(request: PreparedRequest) -> None:
    if request.method != "GET":
        raise GuardRefusal(f"{request.method} does not only read")


@pytest.fixture
def script() -> Script:
    return Script([OK])


@pytest.fixture
def server(script: Script, certificates: Certificates) -> TcpServer:
    return TcpServer(script, certificates.good)


def session_to(server: TcpServer, certificates: Certificates, seconds: float = 20) -> GuardedSession:
    return guarded_session(server.origin, only_get, Deadline(seconds), ca_bundle=certificates.bundle)


def test_a_whole_answer_comes_back(server: TcpServer, certificates: Certificates) -> None:
    """The ordinary case: status, headers and body, as `requests` gives them."""
    with server, session_to(server, certificates) as session:
        answer = session.get(f"{server.origin}/beta/x")
        assert answer.json() == {"value": []}
        assert answer.connection is session.guard


def test_one_connection_serves_many_exchanges(server: TcpServer, certificates: Certificates) -> None:
    """Connections are kept, or NTLM, which signs in a connection, could not work."""
    with server, session_to(server, certificates) as session:
        for _ in range(3):
            session.get(f"{server.origin}/x")
        assert server.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:1/",
        "https://u:p@localhost:{port}@x/",
    ],
)
def test_another_origin_is_refused_before_sending(url: str, server: TcpServer, certificates: Certificates) -> None:
    """Scheme, host and port must all be ours."""
    with server, session_to(server, certificates) as session:
        with pytest.raises(GuardRefusal):
            session.get(url.format(port=server.port))
        assert server.connections == 0


def test_a_broken_rule_is_refused_before_sending(server: TcpServer, certificates: Certificates) -> None:
    """The rules of the transport are asked first; their refusal is a bug of ours and says so by its type."""
    with server, session_to(server, certificates) as session:
        with pytest.raises(GuardRefusal, match="DELETE does not only read"):
            session.delete(f"{server.origin}/x")
        assert server.connections == 0


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str, script: Script, certificates: Certificates) -> None:
    """The other host is named, and never spoken to: not even to its first byte."""
    elsewhere = TcpServer(Script([OK]), certificates.good)
    with elsewhere:
        script.pieces = [http_answer(status, {"Location": f"{elsewhere.origin}/x"})]
        with TcpServer(script, certificates.good) as server, session_to(server, certificates) as session:
            session.auth = ("svc", "hunter2")
            with pytest.raises(SourceError, match="sends us on to localhost") as caught:
                session.get(f"{server.origin}/x")
            assert caught.value.reason is Reason.BAD_ANSWER
            assert (elsewhere.connections, len(script.requests)) == (0, 1)


def test_the_environment_has_no_say(
    server: TcpServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a proxy nor a bundle nor a netrc of the environment changes where we go or whom we believe."""
    (tmp_path / "netrc").write_text("machine localhost login a password b\n", encoding="utf-8")
    for name, value in {
        "REQUESTS_CA_BUNDLE": "/nonexistent.pem",
        "CURL_CA_BUNDLE": "/nonexistent.pem",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "ALL_PROXY": "http://127.0.0.1:1",
        "NETRC": str(tmp_path / "netrc"),
    }.items():
        monkeypatch.setenv(name, value)
    with server, session_to(server, certificates) as session:
        assert session.get(f"{server.origin}/x").status_code == 200


def test_a_bundle_of_the_environment_makes_nobody_trusted(
    server: TcpServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trust comes from the configuration only."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.bundle))
    session = guarded_session(server.origin, allow, Deadline(5))
    with server, session, pytest.raises(SourceError, match="authority that is not trusted"):
        session.get(f"{server.origin}/x")


def test_nothing_a_caller_says_loosens_it(server: TcpServer) -> None:
    """`verify=False`, proxies and endless timeouts are ignored."""
    session = guarded_session(server.origin, allow, Deadline(5))
    session.verify = False
    with server, session, pytest.raises(SourceError, match="not trusted"):
        session.get(f"{server.origin}/x", verify=False, timeout=None, proxies={"https": "http://127.0.0.1:1"})


def test_plain_http_is_refused_without_encryption() -> None:
    """A token over plain http would be everybody's."""
    with pytest.raises(ConfigurationError, match="encrypted"):
        guarded_session("http://cm01.contoso.test", allow, Deadline(5))


@pytest.mark.parametrize("origin", ["cm01", "ftp://cm01", "https://cm01/path", "https://a@cm01", "https://[cm01", ""])
def test_an_origin_is_a_server_and_nothing_else(origin: str) -> None:
    with pytest.raises(ConfigurationError):
        guarded_session(origin, allow, Deadline(5))


def test_an_empty_bundle_is_a_configuration_error(tmp_path: Path) -> None:
    """Better than a scan that trusts nobody."""
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="ca_bundle"):
        guarded_session("https://cm01", allow, Deadline(5), ca_bundle=tmp_path / "ca.pem")


def test_the_simulated_estate_is_noticed(script: Script, certificates: Certificates) -> None:
    """An answer of the lab marks the session, so that no report of it can pass for a real one."""
    with TcpServer(script, certificates.good) as server, session_to(server, certificates) as session:
        session.get(f"{server.origin}/x")
        assert not session.simulated
        script.pieces = [http_answer("200 OK", {"Readiness-Lab": "ready"})]
        session.get(f"{server.origin}/x")
        assert session.simulated


def test_the_clock_of_the_server_is_compared(script: Script, certificates: Certificates) -> None:
    script.pieces = [http_answer("200 OK", {"Date": "Thu, 01 Jan 2015 00:00:00 GMT"})]
    with TcpServer(script, certificates.good) as server, session_to(server, certificates) as session:
        session.get(f"{server.origin}/x")
        assert session.guard.clock_skew_seconds is not None
        assert session.guard.clock_skew_seconds < -10 * 365 * 86400
        script.pieces = [http_answer("200 OK", {"Date": "yesterday"})]
        session.get(f"{server.origin}/x")


def test_cookies_are_not_kept(script: Script, certificates: Certificates) -> None:
    """No state travels from one exchange to the next."""
    script.pieces = [http_answer("200 OK", {"Set-Cookie": "a=b"})]
    with TcpServer(script, certificates.good) as server, session_to(server, certificates) as session:
        session.get(f"{server.origin}/x")
        session.get(f"{server.origin}/x")
        assert "cookie" not in script.requests[1].headers


def test_a_passed_deadline_sends_nothing(server: TcpServer, certificates: Certificates) -> None:
    """The scan is over: not even a connection is made."""
    with server, session_to(server, certificates, seconds=0) as session:
        with pytest.raises(SourceError, match="whole scan") as caught:
            session.get(f"{server.origin}/x")
        assert caught.value.reason is Reason.TIMED_OUT
        assert server.connections == 0


def test_ipv6_literals_are_origins_too() -> None:
    with guarded_session("https://[::1]:8443", allow, Deadline(5)) as session:
        assert str(session.guard.origin) == "[::1]:8443"
