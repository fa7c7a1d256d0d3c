"""Over http only what was encrypted with the keys of the sign-in is believed, to the last byte."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from tests.servers.tcp import Script, http_answer
from tests.servers.winrm import SEALED_TYPE, SOAP_TYPE, Connection, WinRm, sealed_body
from tests.sources.configmgr.conftest import NAMESPACE, Visit, one_row

Seal = Callable[[WinRm, Connection, bytes], tuple[str, bytes]]


def changed(old: bytes, new: bytes) -> Seal:
    """A sealed answer with one piece of its wrapping exchanged."""

    def seal(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
        body = sealed_body(state, plain)
        assert old in body
        return SEALED_TYPE, body.replace(old, new, 1)

    return seal


def typed(kind: str) -> Seal:
    """A sealed answer under another Content-Type."""
    return lambda _server, state, plain: (kind, sealed_body(state, plain))


def flipped(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
    """One bit of the encrypted bytes is another."""
    body = bytearray(sealed_body(state, plain))
    body[-60] ^= 1
    return SEALED_TYPE, bytes(body)


def half_plain(_server: WinRm, _state: Connection, plain: bytes) -> tuple[str, bytes]:
    """The wrapping is right, what is in it is plain, as an attacker without the keys would write it."""
    head = (
        "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(plain)}\r\n"
        "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
    )
    return SEALED_TYPE, head.encode() + struct.pack("<i", 16) + bytes(16) + plain + b"--Encrypted Boundary--\r\n"


def followed(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
    """A sealed answer, and plain text after it."""
    return SEALED_TYPE, sealed_body(state, plain) + plain


def preceded(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
    """A plain preamble, as MIME would allow it."""
    return SEALED_TYPE, plain + b"\r\n" + sealed_body(state, plain)


def twice(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
    """Two sealed messages, of which pywinrm would make one."""
    first = sealed_body(state, plain[:100]).removesuffix(b"--Encrypted Boundary--\r\n")
    return SEALED_TYPE, first + sealed_body(state, plain[100:])


def mislabelled(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
    """The length is another than stated."""
    return SEALED_TYPE, sealed_body(state, plain, length=len(plain) + 1)


TRICKS: dict[str, Seal] = {
    "plain": lambda _server, _state, plain: (SOAP_TYPE, plain),
    "plain body, sealed type": lambda _server, _state, plain: (SEALED_TYPE, plain),
    "empty body, sealed type": lambda _server, _state, _plain: (SEALED_TYPE, b""),
    "half plain": half_plain,
    "plain text after": followed,
    "plain text before": preceded,
    "two messages": twice,
    "wrong length": mislabelled,
    "no length": changed(b";Length=", b";Size="),
    "absurd length": changed(b";Length=", b";Length=99999999999"),
    "flipped bit": flipped,
    "no protocol in the type": typed("multipart/encrypted"),
    "other protocol in the type": typed(SEALED_TYPE.replace("SPNEGO", "CredSSP")),
    "other protocol in the part": changed(b"HTTP-SPNEGO", b"HTTP-CredSSP"),
    "no octet-stream": changed(b"application/octet-stream", b"application/soap+xml"),
    "no end": changed(b"--Encrypted Boundary--\r\n", b""),
    "no signature": changed(b"octet-stream\r\n\x10\x00\x00\x00", b"octet-stream\r\n\x00\x00\x00\x00"),
    "endless signature": changed(b"octet-stream\r\n\x10\x00\x00\x00", b"octet-stream\r\n\xff\xff\xff\x7f"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_what_is_not_wholly_encrypted_is_not_believed(trick: str, visiting: Visit) -> None:
    """Someone on the way could otherwise make a pass of anything."""
    server = WinRm(one_row, encrypt=True, seal=TRICKS[trick])
    with visiting(server) as (_, provider), pytest.raises(SourceError) as caught:
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.BAD_ANSWER
    assert server.messages == ["Enumerate"]


def test_a_forged_answer_ends_its_connection_only(visiting: Visit) -> None:
    """The next question is asked on a new one, and the password is not taken for wrong."""
    server = WinRm(one_row, encrypt=True, seal=flipped)
    with visiting(server) as (listener, provider):
        with pytest.raises(SourceError):
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
        server.seal = None
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
        assert listener.connections == 2


def test_no_word_leaves_unencrypted(visiting: Visit) -> None:
    """Not in the legs of the sign-in, which are empty, nor after."""
    bodies: list[bytes] = []
    server = WinRm(one_row, encrypt=True)
    unseal = server._unseal

    def overhear(state: Connection, body: bytes) -> bytes:
        bodies.append(body)
        return unseal(state, body)

    server._unseal = overhear  # type: ignore[method-assign]
    with visiting(server) as (_, provider):
        provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert len(bodies) == 1
    assert b"SMS_Site" not in bodies[0]
    assert b"SMS_Site" in server.envelopes[0]


@pytest.mark.parametrize("answer", [http_answer("200 OK", {}), http_answer("204 No Content", {})])
def test_a_server_that_wants_no_sign_in_is_not_believed(answer: bytes, visiting: Visit) -> None:
    """There would be no keys."""
    with visiting(WinRm(one_row, encrypt=True)) as (listener, provider):
        listener._talk = Script([answer])
        with pytest.raises(SourceError, match="no sign-in") as caught:
            provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"])
    assert caught.value.reason is Reason.BAD_ANSWER


def test_an_answer_without_tabs_is_read(visiting: Visit) -> None:
    """Windows indents the lines of each part, other servers do not."""

    def seal(_server: WinRm, state: Connection, plain: bytes) -> tuple[str, bytes]:
        return SEALED_TYPE, sealed_body(state, plain).replace(b"\r\n\t", b"\r\n")

    with visiting(WinRm(one_row, encrypt=True, seal=seal)) as (_, provider):
        assert len(provider.rows(NAMESPACE, "SMS_Site", ["SiteCode"]).rows) == 1
