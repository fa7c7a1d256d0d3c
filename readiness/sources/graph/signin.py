"""Sign-in to Entra ID by MSAL, with a client secret. The only module that knows MSAL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.errors import SourceError
from readiness.model.words import Reason

if TYPE_CHECKING:
    from readiness.sources.graph.entra import EntraClient


class SignIn:
    """Tokens for Microsoft Graph. A failed sign-in is tried once: every later call gets the same failure.

    Args:
        authority: sign-in host and tenant, as `https://login.microsoftonline.com/contoso.com`.
        scope: what the token is for, as `https://graph.microsoft.com/.default`.
        client: makes what MSAL speaks through, when it is needed.
    """

    def __init__(
        self, authority: str, client_id: str, secret: str, scope: str, client: Callable[[], EntraClient]
    ) -> None:
        self._authority = authority
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._client = client
        self._lock = threading.Lock()
        self._application: Any = None
        self._failed: SourceError | None = None

    def __repr__(self) -> str:
        return f"SignIn({self._authority}, {self._client_id})"

    def token(self) -> str:
        """An access token.

        Raises:
            SourceError: sign-in failed, wrong target, missing consent, or the host could not be reached.
        """
        with self._lock:
            if self._failed is not None:
                raise self._failed
            try:
                return self._acquire()
            except SourceError as error:
                self._failed = error
                raise

    def _acquire(self) -> str:
        try:
            if self._application is None:
                self._application = self._open()
            result = self._application.acquire_token_for_client(scopes=[self._scope])
        except SourceError:
            raise
        except Exception as error:
            # What MSAL raises on a token answer that it cannot use may hold that answer: nothing of it is repeated.
            raise self._unusable() from error
        token = result.get("access_token") if isinstance(result, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise self._unusable()
        return token

    def _open(self) -> Any:
        import msal

        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._secret,
            authority=self._authority,
            # Would ask the public cloud's host whether this one is genuine; it is configured.
            instance_discovery=False,
            # Left out, the environment could name a region, whose host is another one.
            azure_region=False,
            http_client=self._client(),
        )

    def _unusable(self) -> SourceError:
        return SourceError(Reason.BAD_ANSWER, f"{self._authority} answered the sign-in with no token that can be used")
