"""What MSAL speaks through: it is handed whole, well-formed answers only; everything else ends here.

MSAL logs a token answer that it cannot parse, repeats refusals from a cache of its own, and reports most of what goes
wrong as a ValueError. None of that happens to an answer that it never sees.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.answers import document, lowered, request_id
from readiness.sources.graph.errors import sign_in_failure
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause, put_off
from readiness.sources.graph.rules import is_token_path

if TYPE_CHECKING:
    from requests import Response

    from readiness.sources.guard import GuardedSession

SHORTEST_SECRET = 8
"""A shorter one may stand in an answer by chance."""


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
        secret: what no answer may repeat.
        jitter: spreads the growing pauses; injected by tests.
    """

    def __init__(
        self,
        origin: str,
        session: Callable[[], GuardedSession],
        secret: str,
        deadline: Deadline,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._origin = origin
        self._open = session
        self._session: GuardedSession | None = None
        self._lock = threading.RLock()
        self._metadata: dict[str, Metadata | SourceError] = {}
        self._secrets = {
            form.encode() for form in (secret, quote(secret), quote_plus(secret)) if len(form) >= SHORTEST_SECRET
        }
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
        return self._known(f"{self._origin}/{tenant}/v2.0/.well-known/openid-configuration")

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
        self._must_be_here(found.get("token_endpoint"))
        if not isinstance(found.get("authorization_endpoint"), str):
            raise SourceError(Reason.BAD_ANSWER, f"{self._origin} answered with metadata that is incomplete")
        return EntraAnswer(json.dumps(found))

    def post(self, url: str, **kwargs: Any) -> EntraAnswer:
        """A token. Here the secret is sent."""
        return EntraAnswer(json.dumps(self._accept(self._ask("POST", url, **kwargs))))

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _opened(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def _must_be_here(self, endpoint: Any) -> None:
        path = endpoint.removeprefix(self._origin) if isinstance(endpoint, str) else ""
        if path == endpoint or not is_token_path(path) or urlsplit(path).path != path:
            raise SourceError(
                Reason.BAD_ANSWER,
                f"{self._origin} names a place to sign in that is somewhere else; the secret was not sent there",
            )

    def _ask(self, method: str, url: str, **kwargs: Any) -> Response:
        attempt = 0
        while True:
            response = self._opened().request(method, url, **kwargs)
            attempt += 1
            if response.status_code not in WAIT_STATUSES or attempt == MAX_TRIES:
                return response
            if not self._deadline.wait(pause(lowered(response.headers), attempt - 1, self._jitter)):
                return response

    def _accept(self, response: Response) -> dict[str, Any]:
        """The document of a good answer. Raises what any other one means."""
        if any(secret in response.content for secret in self._secrets):
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
        if status == 200 or status >= 500 or not isinstance(error, str):
            raise self._stranger(status)
        raise sign_in_failure(error, str(found.get("error_description") or ""))

    def _stranger(self, status: int) -> SourceError:
        reason = Reason.WRONG_TARGET if status == 404 else Reason.BAD_ANSWER
        return SourceError(
            reason, f"{self._origin} does not answer like Entra ID (HTTP {status}); check [tenant] id, cloud, authority"
        )
