"""Signing in to WinRM: pypsrp's Negotiate (Kerberos, NTLM) and Basic, each tried once (RFC 4559, [MS-NTHT]).

Imports requests, pypsrp and pyspnego: only `transport` imports this module.
"""

from __future__ import annotations

import re
from typing import Any

from pypsrp.negotiate import HTTPNegotiateAuth
from requests import PreparedRequest, Response
from requests.auth import AuthBase, HTTPBasicAuth
from spnego.exceptions import SpnegoError

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.target import Target
from readiness.sources.failures import ConnectionLost
from readiness.text import one_line

MECHANISMS = {
    "negotiate": ("Negotiate", "Kerberos", "NTLM"),
    "kerberos": ("Negotiate", "Kerberos"),
    "ntlm": ("Negotiate", "NTLM"),
    "basic": ("Basic",),
}
"""What a server may offer so that we can sign in with each `auth` of the configuration."""


def sign_in(target: Target) -> AuthBase:
    """What signs a session in to `target`."""
    if target.auth == "basic":
        return _Basic(target)
    return Negotiation(target)


def refused(target: Target, response: Response) -> SourceError:
    """A 401 after all that we could say, or one whose offers do not fit."""
    where = f"{target.server}:{target.port}"
    offered = offers(response)
    wanted = MECHANISMS[target.auth]
    if not any(offer.lower() == name.lower() for offer in offered for name in wanted):
        offer = ", ".join(offered) or "nothing"
        words = f"{where} does not accept {target.auth}: it offers {offer}; set auth to one that it offers"
    else:
        words = (
            f"{where} refused the sign-in of {target.identity} with {target.auth}: check user name (with its domain) "
            "and password, that the account is not locked, and its right to use WinRM there"
        )
    return SourceError(Reason.SIGN_IN_FAILED, words)


def offers(response: Response) -> list[str]:
    """The names of the mechanisms in `WWW-Authenticate`."""
    text = response.headers.get("WWW-Authenticate", "")
    names = re.findall(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s|,|$)", text[:4000])
    return [one_line(name, 30) for name in dict.fromkeys(names)]


class Negotiation(HTTPNegotiateAuth):
    """pypsrp's sign-in, made to try once, to fail in words, and to encrypt for pywinrm's `Encryption`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._encrypting = target.scheme == "http"
        self._used = False
        super().__init__(
            username=target.username,
            password=target.password,
            auth_provider=target.auth,
            service="HTTP",
            wrap_required=self._encrypting,
        )

    def __repr__(self) -> str:
        return f"Negotiation({self._target!r})"

    def response_hook(self, response: Response, **kwargs: Any) -> Response:
        """Answer a 401 with one sign-in; any other answer passes."""
        if response.status_code != 401:
            return response
        if self._used and self._encrypting:
            # The message was encrypted with keys that the server has forgotten: only a new session can ask again.
            raise ConnectionLost(f"{self._target.server}:{self._target.port} ended the session")
        self._used = True
        if not any(o.lower() == m.lower() for o in offers(response) for m in MECHANISMS[self._target.auth]):
            raise refused(self._target, response)
        return self._answer(response, kwargs)

    def _answer(self, response: Response, kwargs: dict[str, Any]) -> Response:
        try:
            final: Response = super().response_hook(response, **kwargs)  # type: ignore[no-untyped-call]
        except SourceError:
            raise
        except Exception as error:
            # pyspnego and GSSAPI throw all sorts of types on a hostile token or without a ticket.
            raise self._failed(error) from error
        if final.status_code < 400 and not self._context.complete:
            raise self._failed(ValueError("the server left before the sign-in was complete"))
        return final

    @property
    def _context(self) -> Any:
        return next(iter(self.contexts.values()))

    @property
    def complete(self) -> bool:
        """Whether both sides have signed in, so that messages can be encrypted."""
        return any(context.complete for context in self.contexts.values())

    def wrap_winrm(self, _host: object, message: bytes) -> tuple[bytes, bytes, int]:
        """The encrypted message, its signature, and how many bytes of padding it holds."""
        wrapped = self._context.wrap_winrm(message)
        return wrapped.data, wrapped.header, wrapped.padding_length

    def unwrap_winrm(self, _host: object, message: bytes, signature: bytes) -> bytes:
        """The message, proven to come from the server that we signed in to."""
        plain: bytes = self._context.unwrap_winrm(signature, message)
        return plain

    def _failed(self, error: Exception) -> SourceError:
        return SourceError(
            Reason.SIGN_IN_FAILED,
            f"signing in to {self._target.server}:{self._target.port} as {self._target.identity} with "
            f"{self._target.auth} failed: {self._cause(error)}",
        )

    def _cause(self, error: Exception) -> str:
        if isinstance(error, ImportError):
            return "Kerberos is not installed here (Python package gssapi); use negotiate with a password"
        if self._target.username is None and isinstance(error, SpnegoError):
            return "there is no logon here that could be used; set username and password_env"
        text, secret = str(error), self._target.password
        return type(error).__name__ if not text or (secret and secret in text) else one_line(text)


class _Basic(AuthBase):
    """Basic, without the password in its `repr`; `Target` allows it over https only."""

    def __init__(self, target: Target) -> None:
        self._basic = HTTPBasicAuth((target.username or "").encode(), (target.password or "").encode())

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        signed: PreparedRequest = self._basic(request)
        return signed
