"""What MSAL speaks through: it is handed whole, well-formed answers only; everything else ends here.

MSAL logs a token answer that it cannot parse, repeats refusals from a cache of its own, and reports most of what goes
wrong as a ValueError. None of that happens to an answer that it never sees.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.answers import document, lowered
from readiness.sources.graph.errors import sign_in_failure
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause, put_off
from readiness.sources.graph.rules import is_token_path

if TYPE_CHECKING:
    from requests import Response, Session

SHORTEST_SECRET = 8
"""A shorter one may stand in an answer by chance."""


@dataclass(frozen=True, slots=True)
class EntraAnswer:
    """A good answer, in the shape that MSAL asks of an HTTP client's."""

    text: str
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class EntraClient:
    """The `http_client` of MSAL, on a guarded session to the sign-in host.

    Args:
        origin: the sign-in host, as `https://login.microsoftonline.com`.
        secret: what no answer may repeat.
        jitter: spreads the growing pauses; injected by tests.
    """

    def __init__(
        self,
        origin: str,
        session: Session,
        secret: str,
        deadline: Deadline,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._origin = origin
        self._session = session
        self._secrets = {
            form.encode() for form in (secret, quote(secret), quote_plus(secret)) if len(form) >= SHORTEST_SECRET
        }
        self._deadline = deadline
        self._jitter = jitter

    def get(self, url: str, **kwargs: Any) -> EntraAnswer:
        """The tenant's metadata."""
        found = self._ask("GET", url, **kwargs)
        self._must_be_here(found.get("token_endpoint"))
        if not isinstance(found.get("authorization_endpoint"), str):
            raise SourceError(Reason.BAD_ANSWER, f"{self._origin} answered with metadata that is incomplete")
        return EntraAnswer(json.dumps(found))

    def post(self, url: str, **kwargs: Any) -> EntraAnswer:
        """A token. Here the secret is sent."""
        return EntraAnswer(json.dumps(self._ask("POST", url, **kwargs)))

    def close(self) -> None:
        self._session.close()

    def _must_be_here(self, endpoint: Any) -> None:
        path = endpoint.removeprefix(self._origin) if isinstance(endpoint, str) else ""
        if path == endpoint or not is_token_path(path) or urlsplit(path).path != path:
            raise SourceError(
                Reason.BAD_ANSWER,
                f"{self._origin} names a place to sign in that is somewhere else; the secret was not sent there",
            )

    def _ask(self, method: str, url: str, **kwargs: Any) -> dict[str, Any]:
        attempt = 0
        while True:
            response = self._session.request(method, url, **kwargs)
            attempt += 1
            if response.status_code not in WAIT_STATUSES or attempt == MAX_TRIES:
                return self._accept(response)
            if not self._deadline.wait(pause(lowered(response.headers), attempt - 1, self._jitter)):
                return self._accept(response)

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
