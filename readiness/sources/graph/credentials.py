"""By what an application, or a person through it, proves who it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from readiness.errors import SourceError
from readiness.model.words import Reason

if TYPE_CHECKING:
    from readiness.sources.graph.granted import Granted
    from readiness.sources.graph.kept import Kept

EARLY_SECONDS = 300.0
"""A token is renewed this long before it ends, as MSAL does it."""


class Credential(Protocol):
    """One way to sign in. Its `repr` tells nothing secret."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer may repeat."""
        ...

    def application(self, client_id: str, **common: Any) -> Any:
        """The application of MSAL that signs in this way. Speaks with the sign-in host.

        Raises:
            SourceError: the credential cannot work; nothing was sent.
        """
        ...

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        """A token answer, as MSAL gives it; `application` is opened when it is needed."""
        ...

    def renews(self, claims: str | None) -> bool:
        """Whether another token can be had in place of one that is no longer taken; the next `acquire` gets it.

        Args:
            claims: what Conditional Access wants proven, as Graph's challenge says (JSON); None: nothing was said.
        """
        ...


class _Alone:
    """An application that signs in by itself: it can prove who it is anew, and nothing else that may be wanted."""

    __slots__ = ()

    def renews(self, claims: str | None) -> bool:
        return claims is None


@dataclass(frozen=True, slots=True)
class Secret(_Alone):
    """The client secret of an application."""

    value: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.value,)

    def application(self, client_id: str, **common: Any) -> Any:
        return _confidential(client_id, self.value, **common)

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        return application().acquire_token_for_client(scopes=[scope])


@dataclass(frozen=True, slots=True)
class Certificate(_Alone):
    """The certificate of an application, and its private key, by which each sign-in is signed.

    Signed with PS256, the certificate named by its SHA-256 (`x5t#S256`) and sent along (`x5c`), so that it also works
    where the tenant trusts subject and issuer. Source: reference on Graph, MSAL, flow choice.
    """

    key: Any = field(repr=False)
    """An RSA key, opened."""
    pem: str = field(repr=False)
    """The certificate alone."""
    not_before: datetime
    not_after: datetime
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    secrets: tuple[str, ...] = ()

    def application(self, client_id: str, **common: Any) -> Any:
        self._must_be_valid()
        return _confidential(client_id, {"private_key": self.key, "public_certificate": self.pem}, **common)

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        return application().acquire_token_for_client(scopes=[scope])

    def _must_be_valid(self) -> None:
        now = self.clock()
        if now > self.not_after:
            raise _unfit(
                f"has expired on {_day(self.not_after)}; make a new one, and upload its public part at "
                "App registrations > the application > Certificates & secrets"
            )
        if now < self.not_before:
            raise _unfit(f"is valid only from {_day(self.not_before)} on; check the clock of this computer")


@dataclass(frozen=True, slots=True)
class Federated(_Alone):
    """The token of another issuer that the application trusts: workload identity federation.

    Attributes:
        read: the token as it is now. It is short-lived, and asked for anew each time it is shown.
    """

    read: Callable[[], str] = field(repr=False)
    secrets: tuple[str, ...] = ()

    def application(self, client_id: str, **common: Any) -> Any:
        return _confidential(client_id, {"client_assertion": self._now}, **common)

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        return application().acquire_token_for_client(scopes=[scope])

    def _now(self) -> str:
        try:
            return self.read()
        except ValueError as error:
            raise SourceError(Reason.SIGN_IN_FAILED, f"nothing was sent: the federated token file {error}") from None


@dataclass(slots=True)
class Person:
    """A person who signs in by device code or in their browser, before anything is read."""

    way: Literal["device-code", "interactive"] = "device-code"
    broker: bool = False
    """Whether the broker of Windows signs in: it is there, and knows the sign-in host."""
    kept: Kept | None = field(default=None, repr=False)
    """The sign-in of an earlier scan, and where this one is kept. None: in memory only."""
    granted: Granted | None = field(default=None, repr=False)
    failed: SourceError | None = None
    """Why nobody is signed in."""
    secrets: tuple[str, ...] = ()
    _wanted: dict[str, Any] | None = field(default=None, repr=False)
    """What is asked of MSAL for the next token, where the one that was granted is no longer taken."""

    @property
    def name(self) -> str | None:
        """User principal name of who signed in, where the sign-in told one."""
        return self.granted.name if self.granted is not None else None

    @property
    def label(self) -> str:
        return f"user {self.name}" if self.name else "a user whose name the sign-in does not tell"

    def application(self, client_id: str, **common: Any) -> Any:
        import msal

        cache = self.granted.cache if self.granted is not None else self.kept.cache if self.kept is not None else None
        windows = {"enable_broker_on_windows": True} if self.broker else {}
        # CP1: we heed what Conditional Access may still want in mid-scan, so Entra ID may ask for it.
        return msal.PublicClientApplication(
            client_id, token_cache=cache, client_capabilities=["CP1"], **windows, **common
        )

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        if self.granted is None:
            raise self.failed or SourceError(Reason.SIGN_IN_FAILED, "nobody has signed in")
        if self._wanted is None and time.monotonic() < self.granted.ends - EARLY_SECONDS:
            return {"access_token": self.granted.token}
        wanted = self._wanted or {}
        renewed = application().acquire_token_silent([scope], account=self.granted.account, **wanted)
        if renewed is None:
            raise SourceError(Reason.SIGN_IN_FAILED, "the sign-in has ended; scan again, and sign in anew")
        if self._wanted is not None:
            self._wanted, self.granted = None, self.granted.renewed(renewed)
        return renewed

    def renews(self, claims: str | None) -> bool:
        if self.granted is None:
            return False
        self._wanted = {"force_refresh": True, **({} if claims is None else {"claims_challenge": claims})}
        return True


def _confidential(client_id: str, credential: Any, **common: Any) -> Any:
    import msal

    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        # Left out, the environment could name a region, whose host is another one.
        azure_region=False,
        **common,
    )


def _unfit(words: str) -> SourceError:
    return SourceError(Reason.SIGN_IN_FAILED, f"nothing was sent: the certificate of the application {words}")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
