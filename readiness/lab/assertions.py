"""Client assertions: the application of the estate proves who it is by what its certificate signed (RFC 7523)."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from readiness.lab.refusals import RefusalError

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW_SECONDS = 300
"""How far clocks may differ. Source: identity platform, usual tolerance."""
_UNREADABLE = "JWT token is invalid or malformed."


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion, taken apart; nothing of it is proven yet."""

    header: Any
    claims: Any
    signed: bytes
    signature: bytes


class Assertions:
    """Proves assertions of one application against its registered certificate."""

    def __init__(self, certificate: x509.Certificate, client_id: str) -> None:
        self._certificate = certificate
        self._client_id = client_id
        self._seen: dict[str, str] = {}
        self._lock = threading.Lock()

    def prove(self, text: str, audiences: tuple[str, ...]) -> None:
        """Take the assertion, or say why not.

        Raises:
            RefusalError: in the words of Entra ID.
        """
        assertion = _taken_apart(text)
        self._prove_signature(assertion)
        self._prove_claims(assertion.claims, audiences)
        self._prove_once(assertion.claims.get("jti"), text)

    def _prove_signature(self, assertion: Assertion) -> None:
        thumbprint = assertion.header.get("x5t#S256", assertion.header.get("x5t"))
        if str(thumbprint).rstrip("=") not in self._thumbprints():  # MSAL leaves the padding on
            raise _refused(
                "The certificate with identifier used to sign the client assertion is not registered on application."
            )
        if self._certificate.not_valid_after_utc.timestamp() < time.time():
            raise _refused("Client assertion failed signature validation. [Reason - The key used is expired.]")
        try:
            self._verify(assertion)
        except InvalidSignature:
            raise _refused("Client assertion failed signature validation.") from None

    def _thumbprints(self) -> tuple[str, ...]:
        der = self._certificate.public_bytes(Encoding.DER)
        return tuple(_encoded(digest(der).digest()) for digest in (hashlib.sha256, _sha1))

    def _verify(self, assertion: Assertion) -> None:
        key = self._certificate.public_key()
        assert isinstance(key, RSAPublicKey)  # noqa: S101 - the lab made it
        match assertion.header.get("alg"):
            case "PS256":
                how: Any = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            case "RS256":
                how = padding.PKCS1v15()
            case _:
                raise RefusalError(50027, "invalid_client", _UNREADABLE, 401)
        key.verify(assertion.signature, assertion.signed, how, hashes.SHA256())

    def _prove_claims(self, claims: dict[str, Any], audiences: tuple[str, ...]) -> None:
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:
            words = "Client assertion application identifier doesn't match 'client_id' parameter."
            raise RefusalError(700021, "invalid_client", words, 401)
        if claims.get("aud") not in audiences:
            raise RefusalError(
                700023, "invalid_client", "Client assertion audience claim does not match Realm issuer.", 401
            )
        if not _timely(claims.get("nbf", 0), claims.get("exp")):
            raise RefusalError(700024, "invalid_client", "Client assertion is not within its valid time range.", 401)

    def _prove_once(self, name: Any, text: str) -> None:
        """An id names one assertion, which MSAL shows again for as long as it is valid."""
        with self._lock:
            if not isinstance(name, str) or self._seen.setdefault(name, text) != text:
                raise RefusalError(50027, "invalid_client", _UNREADABLE, 401)


def _timely(starts: Any, ends: Any) -> bool:
    known = isinstance(starts, int | float) and isinstance(ends, int | float)
    return known and starts - SKEW_SECONDS < time.time() < ends + SKEW_SECONDS


def _taken_apart(text: str) -> Assertion:
    try:
        header, claims, signature = text.split(".")
        parts = [json.loads(_decoded(part)) for part in (header, claims)]
        found = Assertion(parts[0], parts[1], f"{header}.{claims}".encode(), _decoded(signature))
    except ValueError as error:
        raise RefusalError(50027, "invalid_client", _UNREADABLE, 401) from error
    if not (isinstance(found.header, dict) and isinstance(found.claims, dict)):
        raise RefusalError(50027, "invalid_client", _UNREADABLE, 401)
    return found


def _refused(words: str) -> RefusalError:
    return RefusalError(700027, "invalid_client", words, 401)


def _sha1(content: bytes) -> Any:
    return hashlib.sha1(content, usedforsecurity=False)  # a name, not a proof


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
