"""What MSAL speaks through: it is handed whole, well-formed answers only; everything else ends here.

MSAL logs a token answer that it cannot parse, repeats refusals from a cache of its own, and reports most of what goes
wrong as a ValueError. None of that happens to an answer that it never sees.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.failures import ConnectionLost
from readiness.sources.graph.answers import document, lowered, request_id
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause, put_off
from readiness.sources.graph.refusals import sign_in_failure
from readiness.sources.graph.rules import is_token_path

if TYPE_CHECKING:
    from requests import Response

    from readiness.sources.guard import GuardedSession

SHORTEST_SECRET = 8
"""A shorter one may stand in an answer by chance."""
_METADATA = "/v2.0/.well-known/openid-configuration"
PENDING = ("authorization_pending", "slow_down")
"""How a sign-in by device code is put off until the person has done it (RFC 8628, section 3.5)."""
_SECRET_FIELDS = ("client_assertion", "code", "code_verifier", "device_code", "refresh_token")
"""Fields of a form that prove who sends it, and change from one to the next."""


@dataclass(frozen=True, slots=True)
class EntraAnswer:
    """A good answer, in the shape that MSAL asks of an HTTP client's."""

    text: str
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The discovery document of a tenant (OpenID Connect), and what proves where it came from."""

    query: str
    document: Mapping[str, Any]
    request_id: str | None
    clock_skew_seconds: float | None


class EntraClient:
    """The `http_client` of MSAL, on a guarded session to the sign-in host.

    Args:
        origin: the sign-in host, as `https://login.microsoftonline.com`.
        session: makes the guarded session when it is first needed.
        secrets: what no answer may repeat.
        clouds: other clouds than the configured one, by the name that tenants there have of theirs, and by name and
            sub scope (`microsoftonline.us/DOD`) where that tells more; in words.
        jitter: spreads the growing pauses; injected by tests.
    """

    def __init__(
        self,
        origin: str,
        session: Callable[[], GuardedSession],
        deadline: Deadline,
        *,
        secrets: Sequence[str] = (),
        clouds: Mapping[str, str] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._origin = origin
        self._open = session
        self._session: GuardedSession | None = None
        self._lock = threading.RLock()
        self._metadata: dict[str, Metadata | SourceError] = {}
        self._secrets = _forms(secrets)
        self._clouds = clouds or {}
        self._deadline = deadline
        self._jitter = jitter

    @property
    def simulated(self) -> bool:
        return self._session is not None and self._session.simulated

    def metadata(self, tenant: str) -> Metadata:
        """What the sign-in host says of a tenant to everybody. Asked once; a refusal stays one.

        Raises:
            SourceError: no such tenant, unreachable, or no such document.
        """
        return self._known(f"{self._origin}/{tenant}{_METADATA}")

    def _known(self, url: str) -> Metadata:
        with self._lock:
            if url not in self._metadata:
                self._metadata[url] = self._learn(url)
            found = self._metadata[url]
        if isinstance(found, SourceError):
            raise found
        return found

    def _learn(self, url: str) -> Metadata | SourceError:
        try:
            response = self._ask("GET", url)
            found = self._accept(response)
        except SourceError as error:
            return error
        skew = self._opened().guard.clock_skew_seconds
        return Metadata(f"GET {urlsplit(url).path}", found, request_id(response.headers, "x-ms-request-id"), skew)

    def get(self, url: str, **_kwargs: Any) -> EntraAnswer:
        """The tenant's metadata, for MSAL."""
        found = self._known(url).document
        self._must_be_here(found)
        if not isinstance(found.get("authorization_endpoint"), str):
            raise SourceError(Reason.BAD_ANSWER, f"{self._origin} answered with metadata that is incomplete")
        return EntraAnswer(json.dumps(found))

    def post(self, url: str, **kwargs: Any) -> EntraAnswer:
        """A token, or a code for a person. Here the secret, or what is signed in its place, is sent."""
        response = self._ask("POST", url, **kwargs)
        found = self._accept(response, _forms(_sent(kwargs.get("data"))))
        return EntraAnswer(json.dumps(found), response.status_code)

    def elsewhere(self, authority: str) -> str | None:
        """That the tenant lives in another cloud than the configured one, and which, in words; None where its metadata
        does not say so, or was not asked for. No other cloud's host is asked.

        Args:
            authority: sign-in host and tenant.
        """
        with self._lock:
            found = self._metadata.get(f"{authority}{_METADATA}")
        return self._other_cloud(found.document) if isinstance(found, Metadata) else None

    def _other_cloud(self, metadata: Mapping[str, Any]) -> str | None:
        instance, scope = metadata.get("cloud_instance_name"), metadata.get("tenant_region_sub_scope")
        other = self._clouds.get(f"{instance}/{scope}") or self._clouds.get(str(instance))
        return other and f"the tenant lives in another cloud ({instance}); write [tenant] cloud = {other}"

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _opened(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def _must_be_here(self, metadata: Mapping[str, Any]) -> None:
        """The place to sign in is on this host; a tenant of another cloud has it there."""
        endpoint = metadata.get("token_endpoint")
        path = endpoint.removeprefix(self._origin) if isinstance(endpoint, str) else ""
        if path != endpoint and is_token_path(path) and urlsplit(path).path == path:
            return
        words = self._other_cloud(metadata)
        if words is not None:
            raise SourceError(Reason.WRONG_TARGET, f"{words}; nothing was sent there")
        words = f"{self._origin} names a place to sign in that is somewhere else; nothing was sent there"
        raise SourceError(Reason.BAD_ANSWER, words)

    def _ask(self, method: str, url: str, **kwargs: Any) -> Response:
        attempt = 0
        while True:
            response = self._request(method, url, **kwargs)
            attempt += 1
            if response.status_code not in WAIT_STATUSES or attempt == MAX_TRIES:
                return response
            if not self._deadline.wait(pause(lowered(response.headers), attempt - 1, self._jitter)):
                return response

    def _request(self, method: str, url: str, **kwargs: Any) -> Response:
        try:
            return self._opened().request(method, url, **kwargs)
        except ConnectionLost:  # a kept-alive connection that the server had closed while a person took their time
            return self._opened().request(method, url, **kwargs)

    def _accept(self, response: Response, sent: frozenset[bytes] = frozenset()) -> dict[str, Any]:
        """The document of a good answer, or of one that asks for patience. Raises what any other one means."""
        if any(secret in response.content for secret in self._secrets | sent):
            raise SourceError(Reason.BAD_ANSWER, f"{self._origin} repeated our secret, as no genuine answer does")
        status = response.status_code
        if status in WAIT_STATUSES:
            raise SourceError(
                Reason.THROTTLED, f"Entra ID put the sign-in off {put_off(lowered(response.headers), status)}"
            )
        found = document(response, self._origin)
        if status == 200 and isinstance(found, dict):
            return found
        error = found.get("error") if isinstance(found, dict) else None
        if status == 400 and error in PENDING and isinstance(found, dict):
            return found
        if status == 200 or status >= 500 or not isinstance(error, str):
            raise self._stranger(status)
        raise sign_in_failure(error, str(found.get("error_description") or ""))

    def _stranger(self, status: int) -> SourceError:
        reason = Reason.WRONG_TARGET if status == 404 else Reason.BAD_ANSWER
        return SourceError(
            reason, f"{self._origin} does not answer like Entra ID (HTTP {status}); check [tenant] id, cloud, authority"
        )


def _sent(form: Any) -> tuple[str, ...]:
    values = (form.get(name) for name in _SECRET_FIELDS) if isinstance(form, Mapping) else ()
    return tuple(value.decode() if isinstance(value, bytes) else str(value) for value in values if value)


def _forms(secrets: Sequence[str]) -> frozenset[bytes]:
    """The forms in which an answer may repeat a secret."""
    forms = (form for secret in secrets for form in (secret, quote(secret), quote_plus(secret)))
    return frozenset(form.encode() for form in forms if len(form) >= SHORTEST_SECRET)
