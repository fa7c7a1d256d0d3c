"""The identity of the machine itself, which Azure vouches for at a place that only the machine reaches.

Which place that is, and what it is asked, is MSAL's to know; here it is held to speaking with that place alone. Source:
reference on Graph, MSAL, flow choice; MSAL for Python 1.39, `managed_identity`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from readiness import documents
from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.failures import GuardRefusal
from readiness.sources.graph.answers import lowered
from readiness.sources.graph.patience import MAX_TRIES, WAIT_STATUSES, pause, put_off
from readiness.sources.guard import GuardedSession, Rules, guarded_session
from readiness.sources.origin import Origin
from readiness.sources.plain import is_post, stays_below
from readiness.text import one_line

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

VIRTUAL_MACHINE = "http://169.254.169.254"
"""Azure's Instance Metadata Service, unless AZURE_POD_IDENTITY_AUTHORITY_HOST names another place."""
_VIRTUAL_MACHINE_PATH = "/metadata/identity/oauth2/token"
_ARC = "http://localhost:40342/metadata/identity/oauth2/token"
"""Where the agent of Azure Arc answers unless the environment says otherwise."""
_ARC_GROUP = (
    'run this as a member of the group himds (on Windows "Hybrid agent extension applications" or Administrators)'
)
"""Who may read it. Source: Azure Arc, authenticate against Azure resources with Arc-enabled servers."""
_LIMITS = Limits(connect_seconds=3.0, exchange_seconds=30.0, body_bytes=256 * 1024)
"""The place is in the same machine or rack: where nothing answers at once, nothing is there."""
_PARAMETERS = frozenset({"api-version", "resource", "client_id", "clientid"})
"""What may be asked: a token, and of which identity."""
_BUSY = (*WAIT_STATUSES, 404, 410, 500, 502)
"""Statuses that pass by themselves. Source: managed identities, error handling and retries."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where this machine's identity is told."""

    name: str
    """As Azure's documentation calls what answers there."""
    url: str
    secret: str | None = field(default=None, repr=False)
    """What proves that we run on this machine, where the place asks for that."""


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The managed identity of this machine.

    Attributes:
        client_id: of a user-assigned identity; None: the system-assigned one.
        deadline: of the scan.
    """

    client_id: str | None
    deadline: Deadline = field(repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    @property
    def label(self) -> str:
        """Which identity it is, in words."""
        return f"managed identity {self.client_id}" if self.client_id else "system-assigned managed identity"

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()

    def application(self, client_id: str, **_common: Any) -> Any:
        """MSAL's client, for this identity: it asks the place, and never the sign-in host."""
        import msal

        place = _place()
        which: Any = msal.SystemAssignedManagedIdentity()
        if self.client_id is not None:
            which = msal.UserAssignedManagedIdentity(client_id=client_id)
        return msal.ManagedIdentityClient(which, http_client=_Client(place, self))

    def renews(self, claims: str | None) -> bool:
        """Whether the place may be asked again; it alone decides whether it gives another token."""
        return claims is None

    def acquire(self, application: Callable[[], Any], scope: str) -> Any:
        try:
            return application().acquire_token_for_client(resource=scope.removesuffix("/.default"))
        except ValueError as error:  # what MSAL raises may hold the answer: nothing of it is repeated
            words = "what tells this machine's identity answered with no token that can be used"
            raise SourceError(Reason.BAD_ANSWER, words) from error
        except OSError as error:  # the agent of Azure Arc proves who asks by a file, in a folder that MSAL knows
            why = one_line(error.strerror or type(error).__name__, 60)
            words = f"the file by which the agent of Azure Arc lets us ask cannot be read ({why}): {_ARC_GROUP}"
            raise SourceError(Reason.SIGN_IN_FAILED, words) from error


class _Client:
    """What MSAL asks the place through: answers are handed on whole, or end here."""

    def __init__(self, place: Place, identity: ManagedIdentity) -> None:
        self._place = place
        self._identity = identity
        self._session: GuardedSession | None = None

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        asked = f"{url}?{urlencode(params)}"
        attempt = 0
        while True:
            response = self._once(asked, headers)
            attempt += 1
            if response.status_code not in _BUSY or attempt == MAX_TRIES:
                break
            if not self._identity.deadline.wait(pause(lowered(response.headers), attempt - 1, self._identity.jitter)):
                break
        return self._accepted(response)

    def post(self, *_args: Any, **_kwargs: Any) -> Response:
        raise GuardRefusal("a POST to the place of a managed identity")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _once(self, url: str, headers: Mapping[str, str]) -> Response:
        try:
            return self._opened().request("GET", url, headers=dict(headers))
        except SourceError as error:
            if error.reason not in (Reason.UNREACHABLE, Reason.TIMED_OUT) or self._identity.deadline.passed:
                raise
            words = f"this machine has no managed identity: {error} ({self._place.name}); it works on Azure only"
            raise SourceError(Reason.SIGN_IN_FAILED, f"{words}, and where an identity is assigned") from error

    def _opened(self) -> GuardedSession:
        if self._session is None:
            parts = urlsplit(self._place.url)
            origin = f"{parts.scheme}://{parts.netloc}"
            self._session = guarded_session(
                origin, place_rules(parts.path), self._identity.deadline, limits=_LIMITS, near=True
            )
        return self._session

    def _accepted(self, response: Response) -> Response:
        secret = self._place.secret
        if secret and (secret.encode() in response.content or secret in str(_fields(response))):
            raise SourceError(Reason.BAD_ANSWER, f"{self._place.name} repeated our secret, as no genuine answer does")
        if response.status_code in WAIT_STATUSES:
            words = put_off(lowered(response.headers), response.status_code)
            raise SourceError(Reason.THROTTLED, f"{self._place.name} put the sign-in off {words}")
        challenge = response.status_code == 401 and "www-authenticate" in lowered(response.headers)
        if not challenge and response.status_code != 200:
            raise _refused(self._place.name, self._identity.label, _said(response))
        if not challenge and not _fields(response).get("access_token"):
            raise SourceError(Reason.BAD_ANSWER, f"{self._place.name} answered with no token that can be used")
        return response


def place_rules(path: str) -> Rules:
    """Let one question pass: for a token, at exactly this path.

    Raises:
        GuardRefusal: anything else.
    """

    def allow(request: PreparedRequest) -> None:
        parts = urlsplit(request.url or "")
        asked = {pair.partition("=")[0] for pair in parts.query.split("&")}
        if is_post(request) or parts.path != path or not stays_below(path) or not asked <= _PARAMETERS:
            raise GuardRefusal(f"{request.method} {parts.path}, where only a token of this machine may be asked for")

    return allow


def _place() -> Place:
    """The place that MSAL will ask, by what the platform has put into the environment.

    Raises:
        SourceError: it is none that is known, or lies outside of this machine and its link.
    """
    from msal import managed_identity as msal

    kind, told = msal.get_managed_identity_source(), os.environ
    if kind is msal.APP_SERVICE:
        place = Place("the identity endpoint of App Service", told["IDENTITY_ENDPOINT"], told["IDENTITY_HEADER"])
    elif kind is msal.MACHINE_LEARNING:
        place = Place("the identity endpoint of Machine Learning", told["MSI_ENDPOINT"], told["MSI_SECRET"])
    elif kind is msal.AZURE_ARC:
        agent = told.get("IDENTITY_ENDPOINT") if "IMDS_ENDPOINT" in told else None
        place = Place("the agent of Azure Arc", agent or _ARC)
    elif kind is msal.DEFAULT_TO_VM:
        host = told.get("AZURE_POD_IDENTITY_AUTHORITY_HOST", VIRTUAL_MACHINE).strip("/")
        place = Place("Azure's Instance Metadata Service", host + _VIRTUAL_MACHINE_PATH)
    else:
        raise _unfit("the managed identity of Service Fabric or Cloud Shell is not supported; use another auth")
    _must_be_near(place)
    return place


def _must_be_near(place: Place) -> None:
    """Only this machine, or what hangs on its own link, is asked: elsewhere a stranger would hear the secret."""
    try:
        origin = Origin.of(place.url)
    except ValueError:  # of a port that is no number
        origin = None
    if origin is None or origin.scheme != "http" or not origin.is_near or "?" in place.url:
        # Before an @ or after a ? there may be a password.
        where = "not shown" if "@" in place.url else one_line(place.url.partition("?")[0], 100)
        raise _unfit(
            f"the environment names a place for {place.name} that is not http on this machine or its link ({where})"
        )


def _unfit(words: str) -> SourceError:
    return SourceError(Reason.SIGN_IN_FAILED, f"nothing was sent: {words}")


def _refused(place: str, label: str, said: str) -> SourceError:
    words = f"{place} gave this machine no token of its {label}: {one_line(said, 200) or 'no words'}"
    return SourceError(
        Reason.SIGN_IN_FAILED,
        f"{words}; who owns the machine assigns the identity to it (Identity, in the Azure portal)",
    )


def _said(response: Response) -> str:
    """What a refusal says: its own words where there are any, else its status."""
    fields = _fields(response)
    words = next((fields[name] for name in ("error_description", "message", "error") if fields.get(name)), None)
    if isinstance(words, str):
        return words
    return f"HTTP {response.status_code} without a reason, as of a firewall or proxy on the way"


def _fields(response: Response) -> Mapping[str, Any]:
    """The fields of a JSON answer; none where it is no such thing."""
    try:
        found = documents.parse(response.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
