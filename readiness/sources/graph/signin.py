"""Sign-in to Entra ID by MSAL, with a client secret. The only module that knows MSAL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.graph.errors import sign_in_failure

if TYPE_CHECKING:
    from requests import Session


class SignIn:
    """Tokens for Microsoft Graph. A refused sign-in is tried once: every later call gets the same refusal.

    Args:
        authority: sign-in host and tenant, as `https://login.microsoftonline.com/contoso.com`.
        scope: what the token is for, as `https://graph.microsoft.com/.default`.
        session: makes the guarded session for the sign-in host, when it is needed.
    """

    def __init__(self, authority: str, client_id: str, secret: str, scope: str, session: Callable[[], Session]) -> None:
        self._authority = authority
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._session = session
        self._lock = threading.Lock()
        self._application: Any = None
        self._refused: SourceError | None = None

    def __repr__(self) -> str:
        return f"SignIn({self._authority}, {self._client_id})"

    def token(self) -> str:
        """An access token.

        Raises:
            SourceError: sign-in failed, wrong target, missing consent, or the host could not be reached.
        """
        with self._lock:
            if self._refused is not None:
                raise self._refused
            try:
                return self._acquire()
            except SourceError as error:
                self._refused = error
                raise

    def _acquire(self) -> str:
        try:
            if self._application is None:
                self._application = self._open()
            result = self._application.acquire_token_for_client(scopes=[self._scope])
        except ValueError as error:
            raise self._no_authority(error) from error
        token = result.get("access_token") if isinstance(result, dict) else None
        if isinstance(token, str) and token.isascii() and token.isprintable():
            return token
        failed = result if isinstance(result, dict) else {}
        raise sign_in_failure(str(failed.get("error", "no token")), str(failed.get("error_description") or ""))

    def _open(self) -> Any:
        import msal

        # Instance discovery would ask the public cloud's host whether this one is genuine; it is configured.
        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._secret,
            authority=self._authority,
            instance_discovery=False,
            http_client=self._session(),
        )

    def _no_authority(self, error: ValueError) -> SourceError:
        """MSAL says by ValueError that the tenant's metadata could not be read; the answer is in its cause."""
        cause = str(error.__cause__ or error.__context__ or error)
        if "AADSTS" in cause:
            return sign_in_failure("invalid_tenant", cause[cause.index("AADSTS") :])
        return SourceError(
            Reason.WRONG_TARGET,
            f"{self._authority} does not answer like an Entra ID tenant; check id and authority",
        )
