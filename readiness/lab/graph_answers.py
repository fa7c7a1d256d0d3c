"""Answers of Graph, and its errors as its services word them (reference: graph.md, section 6, and the samples)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NO_SUBSCRIPTION = "Request not applicable to target tenant."


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to one GET, alone or as a member of a batch."""

    status: int
    body: dict[str, Any]
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Call:
    """The two identifiers that an answer, and an error in it, carry; and who asks."""

    client_request_id: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    person: str | None = None
    """User principal name; None: an application."""


class GraphError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    def answer(self, call: Call) -> Answer:
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": call.request_id,
            "client-request-id": call.client_request_id,
        }
        body = {"error": {"code": self.code, "message": str(self), "innerError": inner}}
        return Answer(self.status, body, self.headers)


def invalid_token() -> GraphError:
    challenge = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",'
        ' client_id="00000003-0000-0000-c000-000000000000"'
    )
    words = "Access token validation failure."
    return GraphError(401, "InvalidAuthenticationToken", words, (("WWW-Authenticate", challenge),))


def request_denied() -> GraphError:
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def no_premium_licence() -> GraphError:
    words = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
    return GraphError(400, "AadPremiumLicenseRequired", words)


def missing_scope(path: str, accepts: Iterable[str], call: Call) -> GraphError:
    """Intune names the permissions in a sentence, inside JSON, inside the message."""
    sentence = (
        "Application is not authorized to perform this operation."
        f" Application must have one of the following scopes: {', '.join(accepts)}"
    )
    return GraphError(403, "Forbidden", _intune(sentence, path, call, "{}"))


def nested_forbidden(path: str, call: Call) -> GraphError:
    """Intune's other form: JSON in JSON, as a 401 that no new token mends."""
    realm = '{"WWW-Authenticate":"Bearer realm=\\"urn:intune:service\\""}'
    inner = _intune("An error has occurred", path, call, realm)
    outer: dict[str, Any] = {
        "ErrorCode": "Forbidden",
        "Message": inner,
        "Target": None,
        "Details": None,
        "InnerError": None,
        "InstanceAnnotations": [],
    }
    return GraphError(401, "UnknownError", json.dumps(outer))


def _intune(sentence: str, path: str, call: Call, headers: str) -> str:
    content = {
        "_version": 3,
        "Message": (
            f"{sentence} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000"
            f" - Activity ID: {call.client_request_id} - Url: https://proxy.amsub0502.manage.microsoft.com/"
            f"DeviceConfiguration_2611/StatelessDeviceConfigurationFEService/{path}?api-version=5026-01-10"
        ),
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
        "ErrorSourceService": "",
        "HttpHeaders": headers,
    }
    return json.dumps(content, indent=2).replace("\n", "\r\n")
