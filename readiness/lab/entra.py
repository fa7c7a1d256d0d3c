"""The Entra ID side: discovery, and tokens for an application that shows its client secret."""

from __future__ import annotations

import json
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from readiness.config.clouds import Cloud, clouds
from readiness.lab.faults import Faults
from readiness.lab.scenario import Tenant
from readiness.lab.server import Request, Response

_JSON = ("Content-Type", "application/json; charset=utf-8")
_KINDS = {429: "temporarily_unavailable", 503: "temporarily_unavailable"}


class RefusalError(Exception):
    """An AADSTS error, as the token endpoint words it."""

    def __init__(self, number: int, error: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.number = number
        self.error = error
        self.status = status


class Entra:
    """Discovery and token endpoint of one tenant; other tenants are not known here."""

    def __init__(self, tenant: Tenant, faults: Faults) -> None:
        self.origin = ""
        """Set when the port is known."""
        self._tenant = tenant
        self._names = {tenant.id.lower(), *(domain.lower() for domain in tenant.domains)}
        self._faults = faults
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response:
        path = request.target.partition("?")[0].strip("/")
        fault = self._faults.take("entra", path)
        if fault is not None:
            retry = (("Retry-After", str(fault.retry_after)),) if fault.retry_after is not None else ()
            body = {"error": _KINDS.get(fault.status, "server_error"), "error_description": ""}
            return _answer(fault.status, body, "fault", retry)
        tenant, _, endpoint = path.partition("/")
        try:
            return self._endpoint(request, tenant, endpoint.lower())
        except RefusalError as refusal:
            return _refused(refusal)

    def accepts(self, token: str) -> bool:
        """Whether the token is one of ours and still valid."""
        with self._lock:
            return self._tokens.get(token, 0) > time.monotonic()

    def _endpoint(self, request: Request, tenant: str, endpoint: str) -> Response:
        match request.method, endpoint:
            case "GET", "v2.0/.well-known/openid-configuration":
                self._check_tenant(tenant)
                return _answer(200, self._discovery(), "discovery")
            case "POST", "oauth2/v2.0/token":
                self._check_tenant(tenant)
                return self._token(request)
        return _answer(404, {"error": "not_found"}, "no such endpoint")

    def _check_tenant(self, name: str) -> None:
        if name.lower() not in self._names:
            words = (
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing"
                " into the correct cloud."
            )
            raise RefusalError(90002, "invalid_tenant", words)

    def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        self._check(form)
        token = secrets.token_urlsafe(48)
        seconds = self._tenant.token_seconds
        with self._lock:
            self._tokens[token] = time.monotonic() + seconds
        body = {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token,
        }
        return _answer(200, body, "client_credentials", (("Cache-Control", "no-store, no-cache"),))

    def _check(self, form: dict[str, str]) -> None:
        tenant = self._tenant
        if form.get("grant_type") != "client_credentials":
            raise RefusalError(70003, "unsupported_grant_type", "The grant type is not supported.")
        if form.get("client_id") != tenant.client_id:
            words = f"Application with identifier '{form.get('client_id')}' was not found in the directory."
            raise RefusalError(700016, "unauthorized_client", words)
        if not secrets.compare_digest(form.get("client_secret", "").encode(), tenant.client_secret.encode()):
            raise RefusalError(7000215, "invalid_client", "Invalid client secret provided.", 401)
        if tenant.client_secret_expired:
            raise RefusalError(7000222, "invalid_client", "The provided client secret keys are expired.", 401)
        self._check_scope(form.get("scope", ""))
        if not tenant.consent:
            words = "The user or administrator has not consented to use the application."
            raise RefusalError(65001, "invalid_grant", words)

    def _check_scope(self, scope: str) -> None:
        resource, found, _ = scope.partition("/.default")
        if not found:
            raise RefusalError(1002012, "invalid_scope", f"The scope '{scope}' does not end in /.default.")
        if resource.rstrip("/") != self.origin:
            words = f"The resource principal named {resource} was not found in the tenant."
            raise RefusalError(500011, "invalid_resource", words)

    def _discovery(self) -> dict[str, Any]:
        base = f"{self.origin}/{self._tenant.id}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            **self._region(),
        }

    def _region(self) -> dict[str, str]:
        """What tells the cloud. The hosts are those of the real cloud: nobody takes them for an address here."""
        tenant = self._tenant
        hosts = clouds()[Cloud(tenant.cloud)]
        sub_scope = {"tenant_region_sub_scope": tenant.region_sub_scope} if tenant.region_sub_scope else {}
        return {
            "tenant_region_scope": tenant.region_scope,
            **sub_scope,
            "cloud_instance_name": hosts.instance,
            "msgraph_host": hosts.graph.removeprefix("https://"),
        }


def _refused(refusal: RefusalError) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    body = {
        "error": refusal.error,
        "error_description": (
            f"AADSTS{refusal.number}: {refusal} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
        ),
        "error_codes": [refusal.number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
    }
    if refusal.number == 65001:
        body["suberror"] = "consent_required"
    return _answer(refusal.status, body, f"refused: AADSTS{refusal.number}")


def _answer(status: int, body: dict[str, Any], summary: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    headers = (_JSON, ("x-ms-request-id", str(uuid.uuid4())), *headers)
    return Response("entra", status, json.dumps(body).encode(), headers, summary)
