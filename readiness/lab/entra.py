"""The Entra ID side: discovery, and tokens for an application that proves who it is, or for a person through it."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from readiness.config.clouds import Cloud, clouds
from readiness.lab import device
from readiness.lab.assertions import JWT_BEARER, Assertions
from readiness.lab.browsing import Pages
from readiness.lab.certificates import Application
from readiness.lab.device import Devices
from readiness.lab.faults import Faults
from readiness.lab.federation import Federation, is_federated
from readiness.lab.refusals import RefusalError
from readiness.lab.scenario import Tenant
from readiness.lab.server import Request, Response

_JSON = ("Content-Type", "application/json; charset=utf-8")
_KINDS = {429: "temporarily_unavailable", 503: "temporarily_unavailable"}


@dataclass(frozen=True, slots=True)
class Bearer:
    """To whom a token was given."""

    ends: float
    """On the monotonic clock."""
    person: str | None
    """User principal name; None: the application itself."""


class Entra:
    """Discovery and token endpoint of one tenant; other tenants are not known here.

    Args:
        application: its certificate, made when it is first needed.
    """

    def __init__(self, tenant: Tenant, faults: Faults, application: Callable[[], Application]) -> None:
        self.origin = ""
        """Set when the port is known."""
        self._tenant = tenant
        self._names = {tenant.id.lower(), *(domain.lower() for domain in tenant.domains)}
        self._faults = faults
        self._application = application
        self._assertions: Assertions | None = None
        self.federation = Federation()
        """The other issuer that the application trusts."""
        self._devices = Devices(tenant.person)
        self._pages = Pages(tenant.person)
        self._tokens: dict[str, Bearer] = {}
        self._refresh: dict[str, str] = {}
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

    def bearer(self, token: str) -> Bearer | None:
        """To whom we gave this token, while it is valid."""
        with self._lock:
            found = self._tokens.get(token)
        return found if found is not None and found.ends > time.monotonic() else None

    def _endpoint(self, request: Request, tenant: str, endpoint: str) -> Response:
        match request.method, endpoint:
            case "GET", "v2.0/.well-known/openid-configuration":
                self._check_tenant(tenant)
                return _answer(200, self._discovery(), "discovery")
            case "GET", "oauth2/v2.0/authorize":
                self._check_tenant(tenant)
                return self._authorize(_query(request))
            case "POST", "oauth2/v2.0/token":
                self._check_tenant(tenant)
                return self._token(_form(request))
            case "POST", "oauth2/v2.0/devicecode":
                self._check_tenant(tenant)
                return self._device_code(_form(request))
            case "GET", "" if tenant == device.PAGE:
                return Response("entra", 200, device.WORDS, (("Content-Type", "text/plain"),), "device page")
        return _answer(404, {"error": "not_found"}, "no such endpoint")

    def _check_tenant(self, name: str) -> None:
        if name.lower() not in self._names:
            words = (
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing"
                " into the correct cloud."
            )
            raise RefusalError(90002, "invalid_tenant", words)

    def _token(self, form: dict[str, str]) -> Response:
        self._check_client(form)
        match form.get("grant_type"):
            case "client_credentials":
                self._check_proof(form)
                self._check_scope(form.get("scope", ""))
                self._check_consent()
                return _granted(self._grant(None), "client_credentials")
            case device.GRANT:
                self._check_public()
                self._devices.redeem(form.get("device_code", ""))
                self._check_consent()
                return _granted(self._grant(self._tenant.person.user), "device_code")
            case "authorization_code":
                self._check_public()
                nonce = self._pages.redeem(form)
                self._check_consent()
                return _granted(self._grant(self._tenant.person.user, nonce), "authorization_code")
            case "refresh_token":
                return _granted(self._grant(self._holder(form.get("refresh_token", ""))), "refresh_token")
        raise RefusalError(70003, "unsupported_grant_type", "The grant type is not supported.")

    def _authorize(self, query: dict[str, str]) -> Response:
        """The page of the sign-in host. The person of the scenario answers at once, and the browser brings it back."""
        self._check_client(query)
        self._check_scope(next((scope for scope in query.get("scope", "").split() if "/" in scope), ""))
        return self._pages.answer(query)

    def _device_code(self, form: dict[str, str]) -> Response:
        self._check_client(form)
        resource = next((scope for scope in form.get("scope", "").split() if "/" in scope), "")
        self._check_scope(resource)
        return _answer(200, self._devices.begin(self.origin), "device code")

    def machine(self) -> dict[str, Any]:
        """A token for the identity of the machine, which no one has to prove here."""
        return self._grant(None)

    def _grant(self, person: str | None, nonce: str | None = None) -> dict[str, Any]:
        token, seconds = secrets.token_urlsafe(48), self._tenant.token_seconds
        with self._lock:
            self._tokens[token] = Bearer(time.monotonic() + seconds, person)
        body = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
        return body if person is None else {**body, **self._of_person(person, seconds, nonce)}

    def _of_person(self, person: str, seconds: int, nonce: str | None) -> dict[str, Any]:
        """What a person is given besides: who they are, and a way to go on without them."""
        tenant, now, refresh = self._tenant, int(time.time()), secrets.token_urlsafe(48)
        with self._lock:
            self._refresh[refresh] = person
        oid = str(uuid.uuid5(uuid.UUID(tenant.id), person))
        claims = {
            "aud": tenant.client_id,
            "iss": f"{self.origin}/{tenant.id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "name": person.partition("@")[0],
            "oid": oid,
            "preferred_username": person,
            "sub": oid,
            "tid": tenant.id,
            "ver": "2.0",
            **({} if nonce is None else {"nonce": nonce}),
        }
        return {
            "scope": f"{self.origin}/.default openid profile offline_access",
            "refresh_token": refresh,
            "id_token": f"{_part({'typ': 'JWT', 'alg': 'none'})}.{_part(claims)}.",
            "client_info": _part({"uid": oid, "utid": tenant.id}),
        }

    def _holder(self, refresh: str) -> str:
        with self._lock:
            person = self._refresh.pop(refresh, None)
        if person is None:
            raise RefusalError(70000, "invalid_grant", "The provided grant is invalid or malformed.")
        return person

    def _check_client(self, form: dict[str, str]) -> None:
        if form.get("client_id") != self._tenant.client_id:
            words = f"Application with identifier '{form.get('client_id')}' was not found in the directory."
            raise RefusalError(700016, "unauthorized_client", words)

    def _check_proof(self, form: dict[str, str]) -> None:
        """The application proves who it is: by its secret, or by what its certificate signed."""
        if form.get("client_assertion_type") == JWT_BEARER:
            assertion = form.get("client_assertion", "")
            if is_federated(assertion):
                self.federation.prove(assertion)
                return
            base = f"{self.origin}/{self._tenant.id}"
            self._prover().prove(assertion, (f"{base}/oauth2/v2.0/token", f"{base}/v2.0"))
            return
        if not secrets.compare_digest(form.get("client_secret", "").encode(), self._tenant.client_secret.encode()):
            raise RefusalError(7000215, "invalid_client", "Invalid client secret provided.", 401)
        if self._tenant.client_secret_expired:
            raise RefusalError(7000222, "invalid_client", "The provided client secret keys are expired.", 401)

    def _prover(self) -> Assertions:
        with self._lock:
            if self._assertions is None:
                self._assertions = Assertions(self._application().certificate, self._tenant.client_id)
            return self._assertions

    def _check_public(self) -> None:
        if not self._tenant.public_client:
            words = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise RefusalError(7000218, "invalid_client", words, 401)

    def _check_consent(self) -> None:
        if not self._tenant.consent:
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
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
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


def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.target.partition("?")[2]).items()}


def _part(content: dict[str, Any]) -> str:
    """A part of a token: JSON, in the alphabet of addresses."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _granted(body: dict[str, Any], summary: str) -> Response:
    return _answer(200, body, summary, (("Cache-Control", "no-store, no-cache"),))


def _refused(refusal: RefusalError) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    number = "" if refusal.number is None else f"AADSTS{refusal.number}: "
    body = {
        "error": refusal.error,
        "error_description": f"{number}{refusal} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
        "error_codes": [] if refusal.number is None else [refusal.number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
    }
    if refusal.number == 65001:
        body["suberror"] = "consent_required"
    return _answer(refusal.status, body, f"refused: {number.rstrip(': ') or refusal.error}")


def _answer(status: int, body: dict[str, Any], summary: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    headers = (_JSON, ("x-ms-request-id", str(uuid.uuid4())), *headers)
    return Response("entra", status, json.dumps(body).encode(), headers, summary)
