"""Message encryption over http ([MS-WSMV] 2.2.9.1), read strictly.

pywinrm takes an answer that is not encrypted, or only half of it, for the real one; here whatever is not exactly one
sealed message of the stated length is `bad-answer`. Imports winrm: only `transport` imports this module.
"""

from __future__ import annotations

import re
import struct

from requests import Response, Session
from winrm.encryption import Encryption

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.signin import Negotiation
from readiness.sources.sealed import says_sealed

MARK = rb"--Encrypted Boundary\r\n"
SEALED = re.compile(
    MARK
    + rb"[\t ]*Content-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
    + rb"[\t ]*OriginalContent: type=application/soap\+xml;charset=UTF-8;Length=([0-9]{1,9})\r\n"
    + MARK
    + rb"[\t ]*Content-Type: application/octet-stream\r\n"
    + rb"(.*)--Encrypted Boundary--\r\n",
    re.DOTALL | re.IGNORECASE,
)
"""The whole of an encrypted answer, from the first byte to the last."""


class Sealing(Encryption):
    """pywinrm's encryption with the keys of a `Negotiation`."""

    def __init__(self, session: Session, negotiation: Negotiation, where: str) -> None:
        super().__init__(session, "kerberos")
        self._negotiation = negotiation
        self._where = where

    def _encrypt_message(self, message: bytes, host: str | bytes | None) -> bytes:
        # As pywinrm's, but with the padding of some Kerberos ciphers counted into the length, as Windows expects.
        sealed, signature, padding = self._negotiation.wrap_winrm(host, message)
        return (
            b"--Encrypted Boundary\r\n"
            b"\tContent-Type: " + self.protocol_string + b"\r\n"
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n"
            b"--Encrypted Boundary\r\n"
            b"\tContent-Type: application/octet-stream\r\n"
            % (len(message) + padding)
            + struct.pack("<i", len(signature))
            + signature
            + sealed
        )

    def parse_encrypted_response(self, response: Response) -> bytes:
        """The plain message. Raises `SourceError` where any byte of the answer was not encrypted."""
        match = SEALED.fullmatch(response.content)
        if match is None or not says_sealed(response.headers.get("Content-Type")):
            raise self._bad("is not one encrypted message and nothing else")
        length, payload = int(match[1]), match[2]
        plain = self._unseal(payload)
        if len(plain) != length:
            raise self._bad("is not as long as it says")
        return plain

    def _unseal(self, payload: bytes) -> bytes:
        size = int.from_bytes(payload[:4], "little")
        signature, sealed = payload[4 : 4 + size], payload[4 + size :]
        if not 0 < size == len(signature):
            raise self._bad("has no signature")
        try:
            return self._negotiation.unwrap_winrm(None, sealed, signature)
        except Exception as error:
            # pyspnego and GSSAPI throw all sorts of types on bytes that were not sealed with our keys.
            raise self._bad("was not encrypted by the server that we signed in to") from error

    def _bad(self, what: str) -> SourceError:
        return SourceError(
            Reason.BAD_ANSWER,
            f"the answer of {self._where} {what}: someone on the way may have changed it; use https",
        )
