"""The place where a machine of Azure is told tokens of its own identity, over plain http as on Azure.

In two of its shapes: that of a virtual machine, Azure's Instance Metadata Service, and that of App Service.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from readiness.lab.scenario import Tenant
from readiness.lab.server import Request, Response

APP_SERVICE = "/msi/token"
VIRTUAL_MACHINE = "/metadata/identity/oauth2/token"


class Machine:
    """What answers there. The machine has a system-assigned identity, and a user-assigned one by the id of the
    estate's application.

    Args:
        grant: a token answer of Entra ID for the application.

    Attributes:
        header: what proves, in the shape of App Service, that a question comes from the machine.
        origin: of Microsoft Graph, the only resource; set when the port is known.
    """

    def __init__(self, tenant: Tenant, grant: Callable[[], dict[str, Any]]) -> None:
        self.header = secrets.token_hex(16)
        self.origin = ""
        self._tenant = tenant
        self._grant = grant

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.target)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if request.method == "GET" and parts.path == APP_SERVICE:
            return self._app_service(request, asked)
        if request.method == "GET" and parts.path == VIRTUAL_MACHINE:
            return self._virtual_machine(request, asked)
        return _answer(404, {"error": "not_found"}, "no such endpoint")

    def _app_service(self, request: Request, asked: dict[str, str]) -> Response:
        if not secrets.compare_digest(request.headers.get("X-IDENTITY-HEADER", ""), self.header):
            return _answer(401, {"statusCode": 401, "message": "The header is wrong or missing."}, "refused: header")
        if not self._knows(asked):
            words = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId."
            return _answer(400, {"statusCode": 400, "message": words}, "refused: identity")
        granted = self._grant()
        return self._granted(asked, {"expires_on": str(int(time.time()) + granted["expires_in"])}, granted)

    def _virtual_machine(self, request: Request, asked: dict[str, str]) -> Response:
        refusal = None
        if request.headers.get("Metadata") != "true":
            refusal = "Required metadata header not specified"
        elif not asked.get("api-version") or not asked.get("resource"):
            refusal = "Required query variable is missing"
        elif not self._knows(asked):
            refusal = "Identity not found"
        if refusal is not None:
            body = {"error": "invalid_request", "error_description": refusal}
            return _answer(400, body, f"refused: {refusal}")
        granted = self._grant()
        return self._granted(asked, {"expires_in": str(granted["expires_in"])}, granted)

    def _knows(self, asked: dict[str, str]) -> bool:
        return asked.get("resource") == self.origin and asked.get("client_id", "") in ("", self._tenant.client_id)

    def _granted(self, asked: dict[str, str], ends: dict[str, str], granted: dict[str, Any]) -> Response:
        body = {"access_token": granted["access_token"], "token_type": "Bearer", "resource": asked["resource"], **ends}
        identity = "user-assigned" if "client_id" in asked else "system-assigned"
        return _answer(200, body, f"managed identity, {identity}")


def _answer(status: int, body: dict[str, Any], summary: str) -> Response:
    headers = (("Content-Type", "application/json; charset=utf-8"),)
    return Response("entra", status, json.dumps(body).encode(), headers, summary)
