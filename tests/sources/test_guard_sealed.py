"""Over http only encrypted answers are believed; here what the Guard itself sees of it, from the outside."""

from __future__ import annotations

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.guard import GuardedSession, GuardRefusal, guarded_session
from readiness.sources.sealed import CONTENT_TYPE, says_sealed
from tests.servers.tcp import Script, TcpServer, http_answer
from tests.sources.test_guard import allow

HEADERS = {"Content-Type": CONTENT_TYPE}


def session_to(server: TcpServer) -> GuardedSession:
    return guarded_session(server.origin, allow, Deadline(20), encrypted_only=True)


def test_an_unencrypted_message_is_not_sent() -> None:
    """Not even where a rule would let it pass."""
    with TcpServer(Script([])) as server, session_to(server) as session:
        with pytest.raises(GuardRefusal, match="unencrypted"):
            session.post(f"{server.origin}/wsman", data=b"<s:Envelope/>")
        assert server.connections == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("200 OK", "application/soap+xml;charset=UTF-8"),
        ("500 Internal Server Error", "application/soap+xml;charset=UTF-8"),
        ("200 OK", "multipart/encrypted"),
        ("200 OK", 'multipart/encrypted;boundary="Encrypted Boundary"'),
        ("200 OK", CONTENT_TYPE.replace("SPNEGO", "Plain")),
        ("200 OK", 'text/xml; x="' + CONTENT_TYPE.replace('"', "'") + '"'),
        ("200 OK", CONTENT_TYPE.replace('"Encrypted Boundary"', '"other"')),
        ("204 No Content", ""),
    ],
)
def test_a_plaintext_answer_is_not_believed(status: str, kind: str) -> None:
    """An answer, or a fault, that anybody on the way could have written."""
    script = Script([http_answer(status, {"Content-Type": kind}, b"" if status[:3] == "204" else b"<s:Envelope/>")])
    with TcpServer(script) as server, session_to(server) as session:
        for attempt in (1, 2):
            with pytest.raises(SourceError, match="plain text") as caught:
                session.post(f"{server.origin}/wsman", data=b"sealed", headers=HEADERS)
            assert caught.value.reason is Reason.BAD_ANSWER
            assert server.connections == attempt


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "500 Internal Server Error"])
def test_no_word_of_a_sign_in_leg_is_believed(status: str) -> None:
    """Before the sign-in there are no keys yet: the status may be looked at, the body is gone."""
    with TcpServer(Script([http_answer(status, {}, b"<s:Envelope/>")])) as server, session_to(server) as session:
        answer = session.post(f"{server.origin}/wsman")
        assert (answer.status_code, answer.content) == (int(status[:3]), b"")


def test_a_sign_in_leg_brings_no_message() -> None:
    """The last leg of a sign-in is empty."""
    script = Script([http_answer("200 OK", {}, b"<s:Envelope/>")])
    with (
        TcpServer(script) as server,
        session_to(server) as session,
        pytest.raises(SourceError, match="plain text"),
    ):
        session.post(f"{server.origin}/wsman")


def test_an_encrypted_answer_passes() -> None:
    """What is in it, the keys of the sign-in must show."""
    script = Script([http_answer("200 OK", HEADERS, b"sealed")])
    with TcpServer(script) as server, session_to(server) as session:
        assert session.post(f"{server.origin}/wsman", data=b"x", headers=HEADERS).content == b"sealed"


def test_the_type_of_a_sealed_message_is_read_as_a_header() -> None:
    """Parameters in any order and case; never a mere substring."""
    assert says_sealed(CONTENT_TYPE.replace("multipart", "Multipart"))
    assert says_sealed(CONTENT_TYPE.encode())
    assert not says_sealed(None)
    assert not says_sealed(f"text/plain; {CONTENT_TYPE}")
