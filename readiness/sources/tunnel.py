"""The way through a proxy: it is asked to connect us (CONNECT), and sees nothing but the name of the host.

TLS is spoken with the origin through the tunnel, so the proxy never sees a request or a token. Every failure of the
proxy is told as its own. Source: RFC 9110, sections 9.3.6 (CONNECT), 11.7 (Proxy-Authenticate).
"""

from __future__ import annotations

import base64
import http.client
import io
import re
import socket
from contextlib import closing
from typing import Any, NoReturn

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.exchange import Exchange
from readiness.sources.failures import HostDown
from readiness.sources.route import Proxy
from readiness.sources.wire import BoundedSocket, DialTimeoutError, connect_wait, dial
from readiness.text import one_line

MOST_BYTES = 16 * 1024
"""Of the proxy's answer to CONNECT: a status and a few headers."""

WINDOWS_LOGON = ("negotiate", "ntlm", "kerberos")


def through(proxy: Proxy, host: str, port: int, exchange: Exchange) -> BoundedSocket:
    """A connection to host and port by way of the proxy, over which nothing has been said yet.

    Raises:
        SourceError: what went wrong at the proxy, in its own words.
        TimeoutError: the exchange is over.
    """
    if proxy.credentials is None:
        return _connected(proxy, host, port, exchange)
    with proxy.door.passing(lambda: connect_wait(exchange)):
        return _connected(proxy, host, port, exchange)


def _connected(proxy: Proxy, host: str, port: int, exchange: Exchange) -> BoundedSocket:
    connection = _dialled(proxy, exchange)
    try:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        connection.sendall(_request(proxy, place))
        said: Any = _Listener(connection, exchange)
        with closing(http.client.HTTPResponse(said, method="CONNECT")) as answer:
            _hear(proxy, place, answer, exchange)
            _require_connected(proxy, place, answer)
    except BaseException:
        connection.close()
        raise
    return connection


def _dialled(proxy: Proxy, exchange: Exchange) -> BoundedSocket:
    try:
        return dial(proxy.host, proxy.port)
    except socket.gaierror as error:
        words = f"the name of the proxy {proxy} is not known here: check the spelling, the DNS suffix and the VPN"
        raise _lost(words) from error
    except ConnectionRefusedError as error:
        words = f"the proxy {proxy} refused the connection: nothing listens there; check host and port"
        raise _lost(words) from error
    except DialTimeoutError as error:
        words = (
            f"the proxy {proxy} did not answer within {exchange.limits.connect_seconds:g} seconds: it is off, or a "
            "firewall drops the way there"
        )
        raise HostDown(words) from error
    except TimeoutError:
        raise
    except OSError as error:
        raise _lost(
            f"the proxy {proxy} cannot be reached: {one_line(error.strerror or type(error).__name__)}"
        ) from error


def _request(proxy: Proxy, place: str) -> bytes:
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", "User-Agent: readiness"]
    if proxy.credentials is not None:
        proof = base64.b64encode(":".join(proxy.credentials).encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {proof}")
    return "\r\n".join([*lines, "", ""]).encode()


def _hear(proxy: Proxy, place: str, answer: http.client.HTTPResponse, exchange: Exchange) -> None:
    try:
        answer.begin()
    except DialTimeoutError as error:
        words = (
            f"the proxy {proxy} did not say within {exchange.limits.connect_seconds:g} seconds whether it connects us "
            f"to {place}: it is overloaded, or cannot reach that host itself"
        )
        raise HostDown(words) from error
    except ConnectionError as error:  # a proxy that hangs up without a word is among these
        words = f"the proxy {proxy} closed the connection when it was asked for {place}: its log says why"
        raise _lost(words) from error
    except http.client.HTTPException as error:
        words = f"the proxy {proxy} answered something that is not HTTP: check host and port, is it a proxy at all?"
        raise SourceError(Reason.BAD_ANSWER, words) from error


def _require_connected(proxy: Proxy, place: str, answer: http.client.HTTPResponse) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 407:
        _refuse_unknown(proxy, answer.headers.get_all("Proxy-Authenticate") or [])
    if status in (401, 403, 405):
        words = f"the proxy {proxy} refuses to connect to {place} (status {status}): have it allow this host"
    elif status in (429, 502, 503, 504):
        words = (
            f"the proxy {proxy} could not connect to {place} (status {status}): it does not know the name, does not "
            "reach the host, or is overloaded"
        )
    elif 300 <= status < 400:
        words = f"the proxy {proxy} sends us elsewhere instead of connecting to {place} (status {status}): a portal?"
    else:
        words = f"the proxy {proxy} does not connect to {place} (status {status}): is it a proxy for https at all?"
    raise _lost(words)


def _refuse_unknown(proxy: Proxy, offers: list[str]) -> NoReturn:
    schemes = _schemes(offers)
    offered = f"it offers {', '.join(schemes)}" if schemes else "it names no way"
    basic = any(scheme.lower() == "basic" for scheme in schemes)
    if schemes and not basic:
        logon = any(scheme.lower() in WINDOWS_LOGON for scheme in schemes)
        kind = "with the Windows logon (NTLM, Negotiate) are" if logon else "of this kind are"
        advice = (
            f"sign-ins to a proxy {kind} not supported: have it let these hosts pass without one, or name a relay on "
            "this computer that signs in (px, cntlm)"
        )
    elif proxy.credentials is not None:
        advice = f"it does not accept the user name and password in {proxy.origin}; they were tried once"
    else:
        advice = f"write user name and password into {proxy.origin}: http://user:password@host:port, percent-encoded"
    refusal = _lost(f"the proxy {proxy} demands that we sign in to it (status 407; {offered}): {advice}")
    if proxy.credentials is not None:
        proxy.door.close(refusal)
    raise refusal


def _schemes(offers: list[str]) -> list[str]:
    """The names in `Proxy-Authenticate`, as the proxy writes them."""
    names = [name for offer in offers[:20] for name in re.findall(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)", offer[:500])]
    return [one_line(name, 30) for name in dict.fromkeys(names)][:6]


def _lost(words: str) -> SourceError:
    return SourceError(Reason.UNREACHABLE, words)


class _Listener(io.RawIOBase):
    """What http.client reads the answer from, within the time for connecting, and bounded.

    What comes beyond the answer is dropped: in TLS it is for the client to speak first.
    """

    def __init__(self, connection: BoundedSocket, exchange: Exchange) -> None:
        self._connection = connection
        self._exchange = exchange
        self._left = MOST_BYTES

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, 4096)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            self._connection.settimeout(connect_wait(self._exchange))
            try:
                count = socket.socket.recv_into(self._connection, buffer)
            except TimeoutError:
                continue
            self._left -= count
            if self._left < 0:
                raise http.client.HTTPException("a long answer")
            return count
