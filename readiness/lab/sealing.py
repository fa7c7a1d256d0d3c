"""WinRM message encryption: multipart/encrypted bodies sealed by the signed-in context (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spnego import ContextProxy

PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
CONTENT_TYPE = f'multipart/encrypted;protocol="{PROTOCOL}";boundary="Encrypted Boundary"'

_BOUNDARY = b"--Encrypted Boundary"
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"


class NotSealedError(ValueError):
    """A body that is not a sealed message of this context."""


def seal(context: ContextProxy, message: bytes) -> bytes:
    """The multipart body, with the TAB before part headers and the unpadded length that Windows sends."""
    sealed = context.wrap_winrm(message)
    head = (
        f"\r\n\tContent-Type: {PROTOCOL}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message) + sealed.padding_length}\r\n"
    ).encode()
    data = struct.pack("<i", len(sealed.header)) + sealed.header + sealed.data
    return _BOUNDARY + head + _BOUNDARY + b"\r\n" + _OCTETS + data + _BOUNDARY + b"--\r\n"


def unseal(context: ContextProxy, body: bytes) -> bytes:
    """The message in a multipart body.

    Raises:
        NotSealedError: another framing, a broken signature, or another length than announced.
    """
    head, found, rest = body.partition(_OCTETS)
    end = _BOUNDARY + b"--\r\n"
    if not found or not rest.endswith(end):
        raise NotSealedError("no part of sealed octets")
    data = rest[: -len(end)]
    try:
        announced = int(head.split(b"Length=")[1].split(b"\r\n")[0])
        size = struct.unpack_from("<i", data)[0]
        message = context.unwrap_winrm(data[4 : 4 + size], data[4 + size :])
    except Exception as error:  # whatever the security package throws at a forged message
        raise NotSealedError(str(error)) from error
    if len(message) != announced:
        raise NotSealedError("another length than announced")
    return bytes(message)
