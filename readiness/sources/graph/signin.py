"""Sign-in to Entra ID by MSAL, with whatever credential."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from readiness.errors import SourceError
from readiness.model.words import Reason

if TYPE_CHECKING:
    from readiness.sources.graph.credentials import Credential
    from readiness.sources.graph.entra import EntraClient

T = TypeVar("T")

for _name in ("msal", "msal_extensions"):
    # Unheard unless somebody listens: Python would print what they warn of, and our words say it.
    logging.getLogger(_name).addHandler(logging.NullHandler())


class SignIn:
    """Tokens for Microsoft Graph. A failed sign-in is tried once: every later call gets the same failure.

    Args:
        authority: sign-in host and tenant, as `https://login.microsoftonline.com/contoso.com`.
        scope: what the token is for, as `https://graph.microsoft.com/.default`.
        client: what MSAL speaks through.
    """

    def __init__(self, authority: str, client_id: str, credential: Credential, scope: str, client: EntraClient) -> None:
        self._authority = authority
        self._client_id = client_id
        self._credential = credential
        self._scope = scope
        self._client = client
        self._lock = threading.Lock()
        self._application: Any = None
        self._failed: SourceError | None = None
        self._token: str | None = None
        self._fresh: str | None = None
        """The token that replaced one in mid-scan."""

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

    def renewed(self, stale: str, claims: str | None = None) -> bool:
        """Whether there is another token in place of this one, which Graph no longer takes; fetched here, once.

        A token that was fetched in this way is not replaced again: who refuses it refuses us. Where none can be had
        because the sign-in fails, `token` says why.

        Args:
            claims: what Graph wants proven, as its challenge says (JSON).
        """
        with self._lock:
            if self._failed is not None or self._token != stale:
                return True
            if stale == self._fresh or not self._credential.renews(claims):
                return False
            self._application = None  # MSAL's would give the same one, out of its cache
            try:
                self._fresh = self._acquire()
            except SourceError as error:
                self._failed = error
                return True
            return self._fresh != stale

    def through(self, conversation: Callable[[Any], T]) -> T:
        """What a conversation that MSAL's application has comes to.

        Raises:
            SourceError: it failed, or an answer could not be used.
        """
        return self._guarded(lambda: conversation(self._opened()))

    def elsewhere(self) -> str | None:
        """Where the tenant lives, in words, where that is another cloud than the configured one."""
        return self._client.elsewhere(self._authority)

    def _acquire(self) -> str:
        result = self._guarded(lambda: self._credential.acquire(self._opened, self._scope))
        token = result.get("access_token") if isinstance(result, dict) else None
        if not is_token(token):
            raise self._unusable()
        self._token = str(token)
        return self._token

    def _guarded(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except SourceError as error:
            words = self.elsewhere()
            if words is None or words in str(error):
                raise
            raise SourceError(error.reason, f"{error}; {words}", missing=error.missing) from error
        except Exception as error:
            # What MSAL raises on a token answer that it cannot use may hold that answer: nothing of it is repeated.
            raise self._unusable() from error

    def _opened(self) -> Any:
        if self._application is None:
            self._application = self._credential.application(
                self._client_id,
                authority=self._authority,
                # Would ask the public cloud's host whether this one is genuine; it is configured.
                instance_discovery=False,
                http_client=self._client,
            )
        return self._application

    def _unusable(self) -> SourceError:
        return SourceError(Reason.BAD_ANSWER, f"{self._authority} answered the sign-in with no token that can be used")


def is_token(value: object) -> bool:
    """Whether this can be sent as a bearer token."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()
