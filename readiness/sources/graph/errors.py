"""What an error answer of Microsoft Graph means, as a reason of the contract and in words.

Codes decide, never messages, but where the code says nothing: the two shapes of Intune, which hides a JSON document in
the message string, and what it and Graph call no more than BadRequest.
Source: reference on Graph, client behaviour.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness import documents
from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.answers import request_id
from readiness.sources.graph.patience import WAIT_STATUSES, put_off
from readiness.text import one_line

_PERMISSION = re.compile(r"\b[A-Z][A-Za-z]+\.Read(?:Write|Basic)?(?:\.[A-Z][A-Za-z]+)?\b", re.ASCII)
_MOST_WORDS = 20_000
"""How much of other people's text is searched for names."""
_NO_INTUNE = "Request not applicable to target tenant"
_NO_SEGMENT = "Resource not found for the segment"

_BAD_TOKEN = "InvalidAuthenticationToken"  # noqa: S105 - a code of Graph
_OTHER_CLOUD = "InvalidCloudInstance"
_CLAIMS = re.compile(r'\bclaims="([A-Za-z0-9+/]{1,6000})={0,2}"', re.ASCII)
_LONGEST_CHALLENGE = 10_000
_NO_LICENCE = "AadPremiumLicenseRequired"
_NO_SUCH_THING = ("Request_ResourceNotFound", "ResourceNotFound")
"""How the directory and Intune say that there is no object of this id or name."""


class GraphRefusal(SourceError):  # noqa: N818  (what it is: a refusal)
    """An error answer of Microsoft Graph.

    Attributes:
        not_found: it has no object of the id or name that the path names.
        no_intune: the tenant has no Intune subscription.
        other_cloud: the token is of another cloud.
        no_licence: the tenant has no licence for what the path is about.
    """

    def __init__(self, error: SourceError, status: int, code: str, message: str) -> None:
        super().__init__(error.reason, str(error), missing=error.missing)
        self.not_found = status == 404 and code in _NO_SUCH_THING
        self.no_intune = status == 400 and message.startswith(_NO_INTUNE)
        self.other_cloud = status == 401 and message == _OTHER_CLOUD
        self.no_licence = status == 400 and code == _NO_LICENCE


def graph_failure(
    status: int, headers: Mapping[str, str], body: Any, *, path: str, permissions: Sequence[str]
) -> GraphRefusal:
    """An error answer to `path`, whose reader needs one of `permissions`. Header names are in lower case."""
    code, message = _code_and_message(body)
    error = _explained(status, headers, code, message, path, permissions)
    refusal = GraphRefusal(error, status, code, message)
    refusal.request_id = request_id(headers, "request-id")
    return refusal


@dataclass(frozen=True, slots=True)
class Challenge:
    """An answer by which Graph asks for another token.

    Attributes:
        claims: what it wants proven (JSON); None: the token has just ended, or was revoked.
    """

    claims: str | None


def challenge(status: int, headers: Mapping[str, str], body: Any) -> Challenge | None:
    """Whether another token may help; None where it would not. Header names are in lower case.

    Source: continuous access evaluation, claims challenge; the nested 401 of Intune must not fetch tokens in a loop.
    """
    asked = headers.get("www-authenticate", "")
    if status in (401, 403) and "insufficient_claims" in asked:
        claims = _claims(asked)
        return None if claims is None else Challenge(claims)
    code, message = _code_and_message(body)
    if status != 401 or code != _BAD_TOKEN or message == _OTHER_CLOUD or _inner(message) is not None:
        return None
    return Challenge(None)


def _claims(header: str) -> str | None:
    """The claims of a challenge, decoded; None where they are no JSON object."""
    found = _CLAIMS.search(header[:_LONGEST_CHALLENGE])
    try:
        decoded = base64.b64decode(found[1] + "=" * (-len(found[1]) % 4), validate=True) if found else b""
        return decoded.decode() if isinstance(documents.parse(decoded), dict) else None
    except ValueError:
        return None


def _explained(
    status: int, headers: Mapping[str, str], code: str, message: str, path: str, permissions: Sequence[str]
) -> SourceError:
    inner = _inner(message)
    if status in WAIT_STATUSES:
        return SourceError(Reason.THROTTLED, f"Microsoft Graph put {path} off {put_off(headers, status)}")
    if status in (401, 403) and "insufficient_claims" in headers.get("www-authenticate", ""):
        return SourceError(
            Reason.SIGN_IN_FAILED,
            "the sign-in was revoked, or Conditional Access asks for a new one; scan again; should that not help, the "
            "sign-in logs of Entra ID name the policy to its owner",
        )
    if status == 401:
        return _unauthorized(code, message, inner, path)
    if status == 403:
        return _forbidden(code, inner or message, path, permissions)
    known = _bad_request(code, message, path) if status == 400 else None
    if known is not None:
        return known
    if status in (404, 501):
        return SourceError(Reason.UNSUPPORTED_VERSION, f"this cloud's Microsoft Graph does not know {path}")
    said = one_line(f"{code} {inner or message}", 200) or "no words"
    return SourceError(Reason.BAD_ANSWER, f"Microsoft Graph answered HTTP {status} to {path}: {said}")


def _bad_request(code: str, message: str, path: str) -> SourceError | None:
    if message.startswith(_NO_INTUNE):
        return SourceError(Reason.WRONG_TARGET, f"the tenant has no Intune subscription, so it has no {path}")
    if message.startswith(_NO_SEGMENT):
        return SourceError(Reason.UNSUPPORTED_VERSION, f"this cloud's Microsoft Graph does not know {path}")
    if code == _NO_LICENCE:
        return SourceError(
            Reason.UNSUPPORTED_VERSION,
            f"the tenant has no Entra ID P2 or ID Governance licence, without which there is no {path}",
        )
    return None


def _unauthorized(code: str, message: str, inner: str | None, path: str) -> SourceError:
    if inner is not None:
        return SourceError(
            Reason.ACCESS_DENIED,
            f"Intune refuses the account at {path}: it needs an Intune role with read rights, and a licence where it "
            "is a person",
        )
    if message == _OTHER_CLOUD:
        return SourceError(
            Reason.WRONG_TARGET, "the token is of another cloud than this Microsoft Graph; check [tenant] cloud"
        )
    return SourceError(
        Reason.SIGN_IN_FAILED, f"Microsoft Graph does not accept the token ({one_line(code, 100) or 'HTTP 401'})"
    )


def _forbidden(code: str, words: str, path: str, permissions: Sequence[str]) -> SourceError:
    accepted = [name for name in dict.fromkeys(_PERMISSION.findall(words[:_MOST_WORDS])) if "Write" not in name]
    wanted = " or ".join(permissions) or "a permission"
    if code != "Authorization_RequestDenied" and not accepted:
        return SourceError(
            Reason.ACCESS_DENIED,
            f"Microsoft Graph refuses {path} without naming a permission ({one_line(code, 100) or 'HTTP 403'}): the "
            f"application needs {wanted}, and no policy or proxy may stand in its way",
        )
    also = f" (Graph accepts {', '.join(accepted[:5])})" if accepted else ""
    return SourceError(
        Reason.MISSING_PERMISSION,
        f"the application lacks {wanted} for {path}{also}",
        missing=tuple(permissions[:1] or accepted[:1]),
    )


def _code_and_message(body: Any) -> tuple[str, str]:
    error = body.get("error") if isinstance(body, dict) else None
    fields = error if isinstance(error, dict) else {}
    code, message = fields.get("code"), fields.get("message")
    return code if isinstance(code, str) else "", message if isinstance(message, str) else ""


def _inner(message: str) -> str | None:
    """The words inside Intune's JSON within a string, unpacked up to twice; None where there is none."""
    words: str | None = None
    for _ in range(2):
        try:
            document = json.loads(message if words is None else words)
        except (ValueError, RecursionError):
            return words
        if not isinstance(document, dict) or not isinstance(document.get("Message"), str):
            return words
        words = document["Message"]
    return words
