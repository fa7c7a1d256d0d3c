"""Signing in: pypsrp's Negotiate (Kerberos, NTLM), Basic, a client certificate; each tried once (RFC 4559, [MS-NTHT]).

Imports requests, pypsrp and pyspnego: only the transports import this module.
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
from readiness.sources.configmgr.wsman import MUTUAL
from readiness.sources.failures import ConnectionLost
from readiness.text import one_line

MECHANISMS = {
    "negotiate": ("Negotiate", "Kerberos", "NTLM"),
    "kerberos": ("Negotiate", "Kerberos"),
    "ntlm": ("Negotiate", "NTLM"),
    "basic": ("Basic",),
    "certificate": (),
}
"""What a server may offer so that we can sign in with each `auth` of the configuration."""


def sign_in(target: Target) -> AuthBase:
    """What signs a session in to `target`."""
    if target.auth == "basic":
        return _Basic(target)
    if target.auth == "certificate":
        return _Mutual()
    return Negotiation(target)


def refused(target: Target, response: Response, auth: AuthBase | None = None) -> SourceError:
    """A 401 after all that we could say, or one whose offers do not fit.

    Args:
        auth: what signed in, for what it knows of how.
    """
    where = f"{target.server}:{target.port}"
    if target.auth == "certificate":
        return SourceError(
            Reason.SIGN_IN_FAILED,
            f"{where} signs nobody in with {target.identity}: allow certificates there (winrm set "
            'winrm/config/service/auth @{Certificate="true"}) and map this one to an account '
            "(winrm create winrm/config/service/certmapping)",
        )
    offered = offers(response)
    wanted = MECHANISMS[target.auth]
    if not any(offer.lower() == name.lower() for offer in offered for name in wanted):
        offer = ", ".join(offered) or "nothing"
        words = f"{where} does not accept {target.auth}: it offers {offer}; set auth to one that it offers"
    else:
        words = f"{where} refused the sign-in of {target.identity} with {target.auth}: {_advice(target, offered, auth)}"
    return SourceError(Reason.SIGN_IN_FAILED, words)


def _advice(target: Target, offered: list[str], auth: AuthBase | None) -> str:
    check = "check user name (with its domain) and password, that the account is not locked"
    if target.service == "winrm":
        return f"{check}, and its right to use WinRM there"
    check += ", and that it is an administrative user of the site"
    if not isinstance(auth, Negotiation) or auth.mechanism == "kerberos":
        return check
    # The release is not known before the sign-in: what the server offers tells how likely it is.
    if any(offer.lower() == "ntlm" for offer in offered):
        return f"{check}; {KERBEROS_ONLY}"
    return f"NTLM was tried, and the server offers it no more. The likely cause: {KERBEROS_ONLY}. Or else {check}"


KERBEROS_ONLY = (
    "from release 2509 on, the administration service takes Kerberos only: run this on a machine of the domain, or get "
    'a ticket (kinit) and set auth = "kerberos" (needs the extra edr-readiness[kerberos]); or set transport = "winrm"'
)


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
    def mechanism(self) -> str | None:
        """What is spoken inside, "kerberos" or "ntlm", where that is known yet."""
        name = self._context.negotiated_protocol if self.contexts else None
        return str(name).lower() if name else None

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
            return "Kerberos is not installed here: install the extra edr-readiness[kerberos]"
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


class _Mutual(AuthBase):
    """Says that the certificate of the TLS connection signs us in."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = MUTUAL
        return request
