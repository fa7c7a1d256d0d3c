"""The Guard: the one way out. Every session of ours mounts this adapter and no other.

It sends to one origin only, only what the rules of the transport allow, within a time and a size; and it hands
on only whole answers, over http only encrypted ones. Whatever goes wrong comes out as a `SourceError`.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from requests import PreparedRequest, Request, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager

from readiness.errors import ConfigurationError, SourceError
from readiness.model.words import Reason
from readiness.sources.connections import POOLS, kept_from_others
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Exchange, Limits
from readiness.sources.explain import explain, overdue
from readiness.sources.failures import ConnectionLost, GuardRefusal
from readiness.sources.identity import TlsIdentity
from readiness.sources.origin import Origin
from readiness.sources.plain import require_plain
from readiness.sources.retrying import retry_after
from readiness.sources.route import DIRECT, Route
from readiness.sources.sealed import says_sealed
from readiness.sources.tape import running_tape
from readiness.sources.wire import tls_context
from readiness.text import one_line

__all__ = [
    "ConnectionLost", "Guard", "GuardRefusal", "GuardedSession", "Limits", "Rules", "guarded_session",
]  # fmt: skip

Rules = Callable[[PreparedRequest], None]
"""The read-only rules of one transport: returns, or raises `GuardRefusal`. Called before anything is sent."""

SIMULATED_HEADER = "Readiness-Lab"
CHUNK_BYTES = 64 * 1024
BODILESS = {204, 304}
UNSEALED = {401, 429, 503}
"""Statuses that come unencrypted: the session is gone, or the service is too busy to look at it. All else is forged."""
TROUBLE = (RequestException, urllib3.exceptions.HTTPError, OSError)
"""What `requests` and what lies under it raise. http.client's errors come wrapped in these."""


class Guard(HTTPAdapter):
    """The adapter. Make it with `guarded_session`.

    Attributes:
        origin: the only place it speaks to.
        simulated: whether any answer said that it came from the simulated estate.
        clock_skew_seconds: the server's clock minus ours at the latest answer with a date (to the second).
        retry_after_seconds: how long the latest answer asked us to wait; None where it did not.
    """

    def __init__(
        self,
        origin: Origin,
        rules: Rules,
        deadline: Deadline,
        *,
        ca_bundle: Path | None = None,
        certificate: TlsIdentity | None = None,
        limits: Limits,
        encrypted_only: bool = False,
        route: Route = DIRECT,
        near: bool = False,
    ) -> None:
        near = near and origin.is_near
        if origin.scheme == "http" and not (encrypted_only or near):
            raise ConfigurationError(f"{origin}: plain http is allowed only where every message is encrypted")
        self.origin = origin
        self.simulated = False
        self.clock_skew_seconds: float | None = None
        self.retry_after_seconds: float | None = None
        self._rules = rules
        self._tape = running_tape()
        self._deadline = deadline
        self._limits = limits
        self._route = route
        self._sealed = origin.scheme == "http" and not near
        self._tls = tls_context(ca_bundle, certificate) if origin.scheme == "https" else None
        super().__init__(pool_connections=1, pool_maxsize=16, max_retries=0)

    def send(self, request: PreparedRequest, *_args: Any, **_kwargs: Any) -> Response:
        """Carry out one exchange and return the whole answer, its body read and unpacked.

        Timeouts, trust and proxies that the session asks for are ignored: they are settled here.

        Raises:
            SourceError: the exchange failed, with a reason of the contract.
            GuardRefusal: the request broke a rule; nothing was sent.
        """
        self._allow(request)
        return self._carry(request) if self._tape is None else self._tape.carry(self, request, self._carry)

    @property
    def offline(self) -> bool:
        """Whether a recording answers in place of the server."""
        return self._tape is not None and self._tape.offline

    # Everything below is how `send` does it.

    def _carry(self, request: PreparedRequest) -> Response:
        exchange = Exchange(self._limits, self._deadline, self._deadline.monotonic, self._route)
        self._require_time(exchange)
        with exchange.running():
            try:
                response = self._begin(request, exchange)
                with kept_from_others(response.raw):
                    self._accept(response)
                    self._hear(response, exchange)
                    self._require_time(exchange)
                    self._require_sealed(response)
            except BaseException:
                exchange.hang_up()  # what is left of it must not be read as the next answer
                raise
        response.raw = _heard(response, exchange.certificate)
        return response

    def _allow(self, request: PreparedRequest) -> None:
        origin = Origin.of(request.url or "")
        if origin != self.origin:
            raise GuardRefusal(f"a request to {origin or 'an unknown place'}, where only {self.origin} is allowed")
        if self._sealed and request.body and not says_sealed(request.headers.get("Content-Type")):
            raise GuardRefusal(f"an unencrypted message to {self.origin} over http")
        require_plain(request)
        self._rules(request)

    def _require_time(self, exchange: Exchange) -> None:
        # After an exchange as well as before: what comes out of an expired one may never have been said.
        if exchange.expired:
            raise overdue(self.origin, exchange)

    def _begin(self, request: PreparedRequest, exchange: Exchange) -> Response:
        """Send, and read the status line and the headers."""
        seconds = max(0.001, exchange.remaining)
        try:
            return super().send(request, stream=True, timeout=(seconds, seconds), verify=True)
        except TROUBLE as error:
            raise explain(error, self.origin, exchange) from error
        except (ValueError, LookupError, AttributeError) as error:  # requests, on a Content-Type that it cannot read
            raise SourceError(
                Reason.BAD_ANSWER, f"{self.origin} answered with headers that cannot be read: a proxy may be in the way"
            ) from error

    def _accept(self, response: Response) -> None:
        """Judge the headers before the body is read."""
        self._note(response)
        location = response.headers.get("Location")
        if 300 <= response.status_code < 400 and location is not None:
            raise SourceError(
                Reason.BAD_ANSWER,
                f"{self.origin} sends us on to {_host_of(location, response.url)}, and was not followed: "
                "name the right server itself, or take the proxy or portal out of the way",
            )
        if response.status_code not in BODILESS:
            self._require_end(response)

    def _note(self, response: Response) -> None:
        if SIMULATED_HEADER in response.headers:
            self.simulated = True
        self.retry_after_seconds = retry_after({name.lower(): value for name, value in response.headers.items()})
        try:
            server_time = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError, OverflowError, OSError, IndexError, TypeError):
            return
        self.clock_skew_seconds = round(server_time - time.time(), 3)

    def _require_end(self, response: Response) -> None:
        # Headers that were cut off look like headers that ended; what is left names no length.
        length = response.headers.get("Content-Length", "")
        chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
        measured = chunked or (length.isascii() and length.isdigit())
        if not measured and self._limits.measured:
            raise SourceError(
                Reason.BAD_ANSWER,
                f"{self.origin} did not say how long its answer is, so nobody can tell whether it is whole",
            )
        if measured and not chunked and int(length[:15]) > self._limits.body_bytes:
            raise self._oversized()

    def _hear(self, response: Response, exchange: Exchange) -> None:
        """Read the body, unpacked, and no more of it than the limit."""
        chunks, size = [], 0
        try:
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                exchange.next_wait()
                size += len(chunk)
                if size > self._limits.body_bytes:
                    raise self._oversized()
                chunks.append(chunk)
        except TROUBLE as error:
            raise explain(error, self.origin, exchange, heard=True) from error
        response._content = b"".join(chunks)
        response._content_consumed = True  # type: ignore[attr-defined]

    def _oversized(self) -> SourceError:
        limit = self._limits.body_bytes // 1024
        return SourceError(Reason.BAD_ANSWER, f"{self.origin} sent an answer larger than {limit} KiB")

    def _require_sealed(self, response: Response) -> None:
        """Over http let through what is encrypted, and the legs of the sign-in, of which no word is believed."""
        if not self._sealed or says_sealed(response.headers.get("Content-Type")):
            return
        signing_in = not response.request.body
        if response.status_code in UNSEALED or (signing_in and (response.status_code >= 400 or not response.content)):
            response._content = b""
            return
        raise SourceError(
            Reason.BAD_ANSWER,
            f"{self.origin} answered in plain text where only encrypted answers are believed: "
            "someone on the way may have changed it; use https",
        )

    # What `requests` asks of an adapter, answered so that nothing a caller says can loosen it.

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            ssl_context=self._tls,
            cert_reqs="CERT_REQUIRED",
            **kwargs,
        )
        self.poolmanager.pool_classes_by_scheme = POOLS

    def get_connection_with_tls_context(self, *_args: Any, **_kwargs: Any) -> HTTPConnectionPool:
        """The connections to our origin, whatever the request says."""
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(
            self.origin.host, self.origin.port, self.origin.scheme
        )
        return pool

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to add: whom to believe was settled when the Guard was made."""


class GuardedSession(Session):
    """A session that speaks through one Guard. No environment, cookies, redirects or other adapters."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.guard = guard
        self.trust_env = False
        self.max_redirects = 0
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        self.mount("http://", guard)
        self.mount("https://", guard)

    @property
    def simulated(self) -> bool:
        """Whether any answer came from the simulated estate."""
        return self.guard.simulated

    def prepare_request(self, request: Request) -> PreparedRequest:
        """As `requests` does it; nobody signs in to a recording."""
        if self.guard.offline:
            self.auth = None
        return super().prepare_request(request)


def guarded_session(
    origin: str,
    rules: Rules,
    deadline: Deadline,
    *,
    ca_bundle: Path | None = None,
    certificate: TlsIdentity | None = None,
    limits: Limits | None = None,
    encrypted_only: bool = False,
    route: Route = DIRECT,
    near: bool = False,
) -> GuardedSession:
    """A session to `origin` (`https://host[:port]`) and nowhere else.

    Args:
        rules: called with every request before it is sent, each leg of a sign-in included.
        deadline: of the scan; each exchange also has its own, in `limits`.
        ca_bundle: the only certificate authorities to believe; None: the system's and certifi's.
        certificate: of ours, for a server that asks for one.
        encrypted_only: needed for http: every message encrypted with the keys of the sign-in, both ways.
        route: a proxy on the way to an https origin, and what is to be told of proxies and trust.
        near: plain http will do, where the origin is this machine or hangs on its own link.

    Raises:
        ConfigurationError: the origin or the bundle is unusable, or http without encryption.
    """
    guard = Guard(
        Origin.parse(origin),
        rules,
        deadline,
        ca_bundle=ca_bundle,
        certificate=certificate,
        limits=limits or Limits(),
        encrypted_only=encrypted_only,
        route=route,
        near=near,
    )
    return GuardedSession(guard)


class _HeardBody(io.BytesIO):
    """The body, read already, that still knows the server's certificate.

    pypsrp looks for the socket of a 401 answer in `raw._fp.fp.raw._sock`, to bind the sign-in to the TLS channel
    (RFC 5929, tls-server-end-point). By then the Guard has read the answer and urllib3 has let the socket go.
    """

    def __init__(self, body: bytes, certificate: bytes | None) -> None:
        super().__init__(body)
        self.fp = self.raw = self
        self._sock = _Peer(certificate) if certificate else None


class _Peer:
    def __init__(self, certificate: bytes) -> None:
        self._certificate = certificate

    def getpeercert(self, _binary_form: bool = True) -> bytes:
        return self._certificate


def _heard(response: Response, certificate: bytes | None) -> HTTPResponse:
    return HTTPResponse(
        body=_HeardBody(response.content, certificate),
        headers=response.raw.headers,
        status=response.status_code,
        preload_content=False,
        decode_content=False,
    )


def _host_of(location: str, base: str) -> str:
    try:
        return one_line(urlsplit(urljoin(base, location)).hostname or "an unreadable place", 100)
    except ValueError:
        return "an unreadable place"
