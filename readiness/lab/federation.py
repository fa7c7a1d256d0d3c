"""Another issuer, which the application of the estate trusts: it vouches for a workload by a token (RFC 7523)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from readiness.lab.refusals import RefusalError

SUBJECT = "system:serviceaccount:readiness:scanner"
AUDIENCE = "api://AzureADTokenExchange"
"""Whom such a token is for. Source: identity platform, workload identity federation."""
_NO_RECORD = "No matching federated identity record found for presented assertion"


class Federation:
    """Makes tokens of the issuer, and proves them against the record that the application has of it.

    Real issuers sign with a key of which they publish half; this one keeps its own, as it also proves.
    """

    def __init__(self) -> None:
        self.issuer = "https://issuer.readiness-lab.test"
        self._key = secrets.token_bytes(32)

    def token(self, seconds: float = 3600, **changed: Any) -> str:
        """A token that is good for so many seconds; claims may be changed."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": SUBJECT, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + seconds}
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({**claims, **changed})}"
        return f"{signed}.{self._signature(signed)}"

    def prove(self, text: str) -> None:
        """Take the token, or say why not.

        Raises:
            RefusalError: in the words of Entra ID.
        """
        signed, _, signature = text.rpartition(".")
        claims = _claims(signed)
        for number, name, expected in ((700211, "issuer", self.issuer), (700213, "subject", SUBJECT)):
            found = claims.get(name[:3])
            if found != expected:
                raise _refused(number, f"{_NO_RECORD} {name} '{found}'.")
        if claims.get("aud") != AUDIENCE:
            raise _refused(700212, f"{_NO_RECORD} audience '{claims.get('aud')}'.")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise _refused(50013, "Assertion failed signature validation.")
        if not claims["nbf"] - 300 <= time.time() <= claims["exp"] + 300:
            raise _refused(700024, "Client assertion is not within its valid time range.")

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())


def is_federated(text: str) -> bool:
    """Whether an assertion is the token of another issuer: what a certificate signed names the certificate."""
    return not {"x5t", "x5t#S256"} & _object(text.partition(".")[0]).keys()


def _claims(signed: str) -> dict[str, Any]:
    return _object(signed.partition(".")[2])


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _refused(50027, "JWT token is invalid or malformed.")
    return found


def _refused(number: int, words: str) -> RefusalError:
    return RefusalError(number, "invalid_client", words, 401)


def _part(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
