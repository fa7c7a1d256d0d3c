"""What the libraries throw, in the user's words: what happened, where, the likely cause, what to try."""

from __future__ import annotations

import http.client
import socket
import ssl

import urllib3.exceptions as u3

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.exchange import Exchange
from readiness.sources.failures import ConnectionLost, HostDown, causes
from readiness.sources.origin import Origin
from readiness.sources.route import Route
from readiness.sources.wire import DialTimeoutError
from readiness.text import one_line

UNTRUSTED = {
    10: "its certificate has expired: renew it on the server, and check the clock here",
    9: "its certificate is not valid yet: check the clocks of both machines",
    23: "its certificate was revoked",
    62: "its certificate is for another name: use a name that the certificate carries",
    64: "its certificate is not for this address: use a name that the certificate carries",
}
"""OpenSSL's verification codes (X509_V_ERR_*) that have a cause of their own; all others: an unknown issuer."""

NOT_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}

REFUSES_OURS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
}
"""Alerts by which a server refuses the certificate that we showed, or that we showed none (RFC 8446, 6.2)."""

GONE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


def explain(error: BaseException, origin: Origin, exchange: Exchange, *, heard: bool = False) -> SourceError:
    """The failure of an exchange as a `SourceError`.

    Args:
        heard: whether the headers of the answer were there already.
    """
    chain = list(causes(error, "reason"))
    for link in chain:
        if isinstance(link, SourceError):
            return link
    if exchange.expired:
        return overdue(origin, exchange)
    for link in chain:
        if isinstance(link, ssl.SSLError) and link.reason in REFUSES_OURS:
            return SourceError(
                Reason.SIGN_IN_FAILED,
                f"{origin} refused our certificate ({one_line(link.reason)}): it must come from an authority that the "
                "server trusts, be valid, and be set in certificate",
            )
        told = _connecting(link, origin, exchange) or _talking(link, origin, exchange, heard)
        if told is not None:
            return told
    return _other(chain[-1], origin, exchange)


def overdue(origin: Origin, exchange: Exchange) -> SourceError:
    """The exchange, or the scan as a whole, ran out of time."""
    if exchange.scan_expired:
        words = f"{origin}: the time for the whole scan was over; give it more with --timeout"
    else:
        words = (
            f"{origin} did not finish its answer within {exchange.limits.exchange_seconds:g} seconds: "
            "the server or the network is slow; try again later"
        )
    return SourceError(Reason.TIMED_OUT, words)


def _connecting(link: BaseException, origin: Origin, exchange: Exchange) -> SourceError | None:
    words = None
    if isinstance(link, socket.gaierror):
        words = f"the name {origin.host} is not known here: check the spelling, the DNS suffix and the VPN"
    elif isinstance(link, ConnectionRefusedError):
        words = f"{origin} refused the connection: nothing listens there; check the port and that the service runs"
    elif isinstance(link, DialTimeoutError):
        words = (
            f"{origin} did not answer within {exchange.limits.connect_seconds:g} seconds: "
            "a firewall may drop the way there, or the server is off"
        )
    elif isinstance(link, ssl.SSLCertVerificationError):
        words = f"{origin} is not trusted: {UNTRUSTED.get(link.verify_code) or _stranger(exchange.route)}"
    elif isinstance(link, ssl.SSLError) and not isinstance(link, GONE):
        words = _tls(link, origin)
    if words is None:
        return None
    words += _way(exchange.route)
    return HostDown(words) if isinstance(link, DialTimeoutError) else SourceError(Reason.UNREACHABLE, words)


def _stranger(route: Route) -> str:
    """What to do about a certificate of an unknown issuer."""
    if route.proxy is not None:
        cause = (
            "its certificate comes from an authority that is not trusted here: the proxy may open the encryption and "
            "show a certificate of its own; name the authority of the proxy in ca_bundle, or have it leave this host "
            "alone"
        )
    else:
        cause = "its certificate comes from an authority that is not trusted here: name it in ca_bundle"
    return f"{cause} (believed are only those in {route.trust})" if route.trust else cause


def _way(route: Route) -> str:
    """What a person has to know of proxies where no connection was made."""
    if route.proxy is not None:
        return f"; the way leads through the proxy {route.proxy}"
    if route.unused is not None:
        return f"; it is asked directly: the proxy {route.unused} is used for Microsoft's cloud only"
    return ""


def _tls(error: ssl.SSLError, origin: Origin) -> str:
    if (error.reason or "") in NOT_TLS:
        return f"{origin} does not speak TLS: it may be the port for plain http; check port and scheme"
    name = one_line(error.reason or type(error).__name__)
    return f"{origin}: no TLS connection could be made ({name}); check the server's protocols and certificate"


def _talking(link: BaseException, origin: Origin, exchange: Exchange, heard: bool) -> SourceError | None:
    cut = (http.client.IncompleteRead, u3.IncompleteRead, u3.InvalidChunkLength)
    if isinstance(link, cut) or (heard and isinstance(link, GONE)):
        return SourceError(
            Reason.BAD_ANSWER, f"{origin} broke off in the middle of its answer: try again; a proxy may be in the way"
        )
    if isinstance(link, GONE):
        return ConnectionLost(
            f"{origin} closed the connection without an answer: check the port and the scheme (http or https)"
            f"{_way(exchange.route)}"
        )
    if isinstance(link, TimeoutError):
        return SourceError(Reason.TIMED_OUT, f"{origin} did not answer in time: try again later")
    if isinstance(link, u3.DecodeError):
        return SourceError(Reason.BAD_ANSWER, f"{origin} sent a compressed answer that cannot be unpacked")
    if isinstance(link, (http.client.HTTPException, u3.InvalidHeader)):
        return SourceError(
            Reason.BAD_ANSWER, f"{origin} answered something that is not HTTP: check the port and the scheme"
        )
    return None


def _other(root: BaseException, origin: Origin, exchange: Exchange) -> SourceError:
    # Only the operating system's own sentence is repeated: other texts may hold a URL, a header or a body.
    detail = one_line(root.strerror) if isinstance(root, OSError) and root.strerror else type(root).__name__
    return SourceError(Reason.UNREACHABLE, f"{origin} cannot be reached: {detail}{_way(exchange.route)}")
