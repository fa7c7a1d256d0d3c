"""What goes wrong with the encryption of WS-Man, and with the session whose keys it uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from readiness.lab.server import Response
from readiness.sources.sealed import CONTENT_TYPE
from tests.faults.striking import Fault, OnWire, Reach, Struck

DIGITS = "9" * 5_000
SOAP_TYPE = ("Content-Type", "application/soap+xml;charset=UTF-8")
END = b"--Encrypted Boundary--\r\n"
OCTETS = b"octet-stream\r\n"
"""What stands before the length of the signature, its four bytes."""


def _resealed(change: Callable[[bytes], bytes]) -> OnWire:
    """The sealed message changed after it was sealed."""

    def struck(on: Struck) -> Response | None:
        seal = on.response.seal
        return None if seal is None else replace(on.response, seal=lambda body: change(seal(body)))

    return struck


def _plain(kind: tuple[str, str]) -> OnWire:
    """The answer as it is, under this content type, unsealed."""

    def struck(on: Struck) -> Response | None:
        kept = tuple(one for one in on.response.headers if one[0].lower() != "content-type")
        return replace(on.response, headers=(*kept, kind), seal=None)

    return struck


def _typed(value: str) -> OnWire:
    def struck(on: Struck) -> Response:
        kept = tuple(one for one in on.response.headers if one[0].lower() != "content-type")
        return replace(on.response, headers=(*kept, ("Content-Type", value)))

    return struck


def _flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda sealed: sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


def unsealed() -> tuple[Fault, ...]:
    """What is not exactly one message that was encrypted for us; over http only."""
    long = CONTENT_TYPE.replace("boundary=", f"boundary*{DIGITS}=x;boundary=")
    other = CONTENT_TYPE.replace("Encrypted Boundary", "Other")
    sealed_ones: dict[str, Callable[[bytes], bytes]] = {
        "a bit of the sealed text flipped": _flipped(-40),
        "a bit of the signature flipped": lambda sealed: _flipped(sealed.index(OCTETS) + 22)(sealed),
        "half of the sealed text": lambda sealed: sealed[: len(sealed) // 2],
        "half of the sealed text, ended": lambda sealed: sealed[: len(sealed) // 2] + END,
        "a longer message than it says": lambda sealed: _longer(sealed, -1),
        "a shorter message than it says": lambda sealed: _longer(sealed, 1),
        "a length of 5,000 digits": lambda sealed: re.sub(rb"Length=\d+", b"Length=" + DIGITS.encode(), sealed),
        "a signature beyond the message": lambda sealed: _signed(sealed, b"\xff\xff\xff\x7f"),
        "a signature of less than nothing": lambda sealed: _signed(sealed, b"\xff\xff\xff\xff"),
        "no signature": lambda sealed: _signed(sealed, bytes(4)),
        "plain text after it": lambda sealed: sealed + b"<s:Envelope/>",
        "plain text before it": lambda sealed: b"<s:Envelope/>\r\n" + sealed,
        "the sealed message twice": lambda sealed: sealed * 2,
        "two sealed parts": lambda sealed: sealed.removesuffix(END) + sealed,
        "another boundary": lambda sealed: sealed.replace(b"Encrypted Boundary", b"Other Boundary"),
        "encrypted with other keys": lambda sealed: sealed[:-60] + bytes(60 - len(END)) + END,
    }
    return (
        Fault("in plain text", wire=_plain(SOAP_TYPE)),
        Fault("in plain text, as if sealed", wire=_plain(("Content-Type", CONTENT_TYPE))),
        *(Fault(name, wire=_resealed(change)) for name, change in sealed_ones.items()),
        Fault("another boundary in the header", wire=_typed(other)),
        Fault("a header of thousands of digits", wire=_typed(long)),
        Fault("the protocol of CredSSP", wire=_typed(CONTENT_TYPE.replace("HTTP-SPNEGO", "HTTP-CredSSP"))),
    )


def _signed(sealed: bytes, size: bytes) -> bytes:
    """With another length of the signature."""
    at = sealed.index(OCTETS) + len(OCTETS)
    return sealed[:at] + size + sealed[at + 4 :]


def _longer(sealed: bytes, by: int) -> bytes:
    return re.sub(rb"Length=(\d+)", lambda found: b"Length=%d" % (int(found[1]) + by), sealed)


def replayed() -> Fault:
    """The first sealed page of an enumeration, in place of each that follows on its connection."""
    kept: dict[int, bytes] = {}

    def struck(on: Struck) -> Response | None:
        seal, line = on.response.seal, on.request.connection.number
        if seal is None:
            return None

        def first(body: bytes) -> bytes:
            sealed = seal(body)
            return kept.setdefault(line, sealed)

        return replace(on.response, seal=first)

    return Fault("an encrypted answer that was given before", wire=struck)


def _unauthorized(offer: str) -> OnWire:
    def struck(on: Struck) -> Response:
        return replace(on.response, status=401, body=b"", headers=(("WWW-Authenticate", offer),), seal=None)

    return struck


def session_lost() -> tuple[Fault, ...]:
    """401 in mid-scan. For ever, it is a refused sign-in, which ends the half: nobody tries again."""
    return (
        Fault("the session is over", wire=_unauthorized("Negotiate"), reach=Reach.HALF, heals=True),
        Fault("only Basic is offered any more", wire=_unauthorized('Basic realm="x"'), reach=Reach.HALF),
        Fault("nothing is offered any more", wire=_unauthorized(""), reach=Reach.HALF),
        Fault("a challenge of nonsense", wire=_unauthorized("Negotiate ////"), reach=Reach.HALF),
    )
