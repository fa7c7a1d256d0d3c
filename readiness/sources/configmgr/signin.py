"""Signing in: pypsrp's Negotiate (Kerberos, NTLM), Basic, a client certificate; each tried once (RFC 4559, [MS-NTHT]).

Imports requests, pypsrp and pyspnego: only the transports import this module.
"""

from __future__ import annotations

import logging
import os
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

from pypsrp.negotiate import HTTPNegotiateAuth
from requests import PreparedRequest, Response
from requests.auth import AuthBase, HTTPBasicAuth
from spnego import KerberosKeytab, Password
from spnego.exceptions import SpnegoError

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr import kerberos
from readiness.sources.configmgr.causes import MACHINE, NO_PACKAGE, NO_TICKET, TICKET_REFUSED, Cause
from readiness.sources.configmgr.diagnosis import Seen, Undone, cause_of, refusal
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.wsman import MUTUAL
from readiness.sources.failures import ConnectionLost
from readiness.text import one_line

log = logging.getLogger("readiness")

MECHANISMS = {
    "negotiate": ("Negotiate", "Kerberos", "NTLM"),
    "kerberos": ("Negotiate", "Kerberos"),
    "ntlm": ("Negotiate", "NTLM"),
    "basic": ("Basic",),
    "certificate": (),
}
"""What a server may offer so that we can sign in with each `auth` of the configuration."""

MAX_LEGS = 10
"""Messages of one sign-in; Kerberos and NTLM inside of Negotiate take four at most."""

REMARKABLE_SECONDS = 60
"""Between two clocks, worth a word where a sign-in fails."""


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
    offered = offers(response)
    wanted = MECHANISMS[target.auth]
    if wanted and not any(offer.lower() == name.lower() for offer in offered for name in wanted):
        offer = ", ".join(offered) or "nothing"
        return SourceError(
            Reason.SIGN_IN_FAILED,
            f"{where} does not accept {target.auth}: it offers {offer}; set auth to one that it offers, or have "
            f"{MACHINE} allow it there",
        )
    cause = refusal(_seen(target, offered, response, auth))
    words = f"{where} refused the sign-in of {target.identity} with {target.auth}: {cause.told(target.server)}"
    return SourceError(cause.reason, f"{words}{_clock(response)}")


def _seen(target: Target, offered: list[str], response: Response, auth: AuthBase | None) -> Seen:
    negotiation = auth if isinstance(auth, Negotiation) else None
    mechanism = negotiation.mechanism if negotiation is not None else target.auth
    return Seen(
        service=target.service,
        mechanism=None if mechanism == "negotiate" else mechanism,
        offered=frozenset(offer.lower() for offer in offered),
        heard=negotiation is None or negotiation.heard,
        complete=negotiation is not None and negotiation.mechanism == "kerberos" and negotiation.complete,
        bound=negotiation is not None and target.scheme == "https",
        skew_seconds=_skew(response),
        without=negotiation.without if negotiation is not None else None,
    )


def _skew(response: Response) -> float | None:
    """The server's clock minus ours, in seconds, where the answer carries a date."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time()
    except (KeyError, ValueError, OverflowError, OSError, IndexError, TypeError):
        return None


def _clock(response: Response) -> str:
    """A remark on the server's clock, where it is far from ours."""
    skew = _skew(response)
    if skew is None or abs(skew) < REMARKABLE_SECONDS:
        return ""
    return f" (the server's clock is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} ours)"


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
        self._legs = 0
        self.without: Cause | None = None
        """Why Kerberos was not used, where it could have been."""
        self.heard = False
        """Whether the server answered to a message of the sign-in."""
        account: Any = target.username if target.keytab is None else KerberosKeytab(str(target.keytab), target.username)
        super().__init__(
            username=account,
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
            self._fetch_tickets()
            self._legs = 0
            final: Response = super().response_hook(response, **kwargs)  # type: ignore[no-untyped-call]
        except ConnectionLost as error:
            # A server on which NTLM is forbidden by policy may do this instead of answering.
            raise ConnectionLost(f"{error}, in the middle of the sign-in with {self.mechanism or 'nothing'}") from error
        except SourceError:
            raise
        except Exception as error:
            # pyspnego and GSSAPI throw all sorts of types on a hostile token or without a ticket.
            raise self._failed(error, response) from error
        if final.status_code < 400 and not self._context.complete:
            raise self._failed(ValueError("the server left before the sign-in was complete"), response)
        return final

    def _fetch_tickets(self) -> None:
        """Kerberos first. NTLM is for what Kerberos could not try: a password found wrong is not tried twice."""
        if self._target.auth == "ntlm" or self.without is not None:
            return
        if not kerberos.by_gssapi():
            self.without = NO_PACKAGE if os.name != "nt" else None
            if self.without is not None and not self._may_use_ntlm:
                raise Undone(NO_PACKAGE)
            return
        try:
            own = kerberos.credential(self._target)
        except Exception as error:
            cause = self._known(error)
            if not self._may_use_ntlm or (cause is not None and cause.final):
                raise
            self.without, self.auth_provider = cause or self._unknown(error), "ntlm"
            log.debug("no Kerberos, so NTLM: %s", self.without.what)
        else:
            credentials: Any = None if own is None else [own, *self._password()]
            self.username = credentials

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

    @property
    def _may_use_ntlm(self) -> bool:
        return self._target.auth == "negotiate" and self._target.keytab is None

    # pypsrp calls it on the instance, which may know more than the class.
    def _get_auth_token(  # type: ignore[override]
        self, response: Response, pattern: re.Pattern[str]
    ) -> bytes | None:
        token: bytes | None = super()._get_auth_token(response, pattern)  # type: ignore[no-untyped-call]
        self.heard = self.heard or bool(token)
        self._legs += 1
        if self._legs > MAX_LEGS:
            raise self._bad(f"no end of the sign-in after {MAX_LEGS} messages")
        # NTLM that has said all starts anew when it is given more, and would show the password again, for ever.
        return None if self._context.complete else token

    def _bad(self, what: str) -> SourceError:
        return SourceError(Reason.BAD_ANSWER, f"{self._target.server}:{self._target.port} answered with {what}")

    def _password(self) -> list[Password]:
        target = self._target
        return [Password(target.username, target.password)] if target.username and target.password else []

    def _failed(self, error: Exception, response: Response) -> SourceError:
        target, cause = self._target, self._cause(error, response)
        words = f"signing in to {target.server}:{target.port} as {target.identity} with {target.auth} failed: "
        return SourceError(cause.reason, f"{words}{cause.told(target.server)}{_clock(response)}")

    def _cause(self, error: Exception, response: Response) -> Cause:
        known = self._known(error)
        if known is None and self._target.username is None and isinstance(error, SpnegoError):
            known = self.without or NO_TICKET
        if known is TICKET_REFUSED:
            return refusal(_seen(self._target, offers(response), response, self))
        return known or self._unknown(error)

    def _known(self, error: Exception) -> Cause | None:
        return cause_of(error, self._target.server, keytab=self._target.keytab is not None)

    def _unknown(self, error: Exception) -> Cause:
        """The plain fact, where its number says nothing to us."""
        text, secret = str(error), self._target.password
        fact = type(error).__name__ if not text or (secret and secret in text) else one_line(text)
        return Cause(
            fact, MACHINE, "look into its event log for the refused logon (Security: 4625; WinRM: Operational)"
        )


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
