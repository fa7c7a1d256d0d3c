"""Sign-in of a person in their browser, or by the broker of Windows; the browser brings the answer back to loopback.

MSAL makes the flow (PKCE, state, nonce); listening is ours: on 127.0.0.1 only, also in a container, to one answer with
the right state, until a deadline. Source: RFC 8252; identity platform, authorization code flow.
"""

from __future__ import annotations

import logging
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any, cast
from urllib.parse import parse_qs

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.granted import Granted, granted
from readiness.sources.graph.refusals import sign_in_failure

WAIT_SECONDS = 900
"""How long the person has, as with a device code of Entra ID."""
SLICE_SECONDS = 0.1
"""How late an ended wait may notice."""
LARGEST_ANSWER = 256 * 1024
"""Bytes. An authorization code is far smaller."""
_MOST_FIELDS = 50
_IDLE_SECONDS = 5
"""How long a connection may say nothing: browsers open some ahead."""

_ENDS: Mapping[str, str] = {
    "access_denied": "the person declined it, or did not consent to the application",
    "temporarily_unavailable": "it is too busy; try again later",
    "server_error": "it has a fault of its own; try again later",
}
"""Ends of a sign-in where no AADSTS number says more. Source: RFC 6749, section 4.1.2.1."""

_LOG = logging.getLogger("readiness.sign-in")


@dataclass(frozen=True, slots=True)
class BrowserPrompt:
    """What a person is to be shown: where their browser goes, should it not open by itself."""

    address: str
    seconds: int
    """How long there is time."""


@dataclass(frozen=True, slots=True)
class BrokerPrompt:
    """What a person is to be shown where Windows itself asks them to sign in."""


def has_broker() -> bool:
    """Whether the broker of Windows can sign in: MSAL's extra `broker` is installed."""
    return sys.platform == "win32" and find_spec("pymsalruntime") is not None


def browse(
    application: Any,
    scope: str,
    deadline: Deadline,
    show: Callable[[BrowserPrompt | BrokerPrompt], None],
    *,
    origin: str,
    broker: bool = False,
    launch: Callable[[str], object] = lambda address: webbrowser.open(address),
) -> Granted:
    """Let a person sign in; comes back when that is done, refused, or the time is over.

    Args:
        application: MSAL's.
        scope: what for, as `https://graph.microsoft.com/.default`: the delegated permissions of the application.
        show: tells the person where to go.
        origin: the sign-in host: the browser is sent nowhere else.
        broker: whether the application was made to sign in by the broker of Windows.
        launch: opens the browser.

    Raises:
        SourceError: refused, declined, too late, or an answer that cannot be used.
    """
    if broker:
        show(BrokerPrompt())
        handle = application.CONSOLE_WINDOW_HANDLE
        return granted(application, application.acquire_token_interactive([scope], parent_window_handle=handle))
    with _Receiver(deadline, show, origin, launch) as receiver:
        result = application.acquire_token_interactive([scope], port=receiver.port, auth_code_receiver=receiver)
        return granted(application, result)


class _Receiver:
    """What MSAL waits through for the browser's answer, in place of its own."""

    def __init__(
        self,
        deadline: Deadline,
        show: Callable[[BrowserPrompt | BrokerPrompt], None],
        origin: str,
        launch: Callable[[str], object],
    ) -> None:
        self._deadline = deadline
        self._show = show
        self._origin = origin
        self._launch = launch
        self._server = _Server()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(SLICE_SECONDS / 2,), name="browser's answer", daemon=True
        )

    @property
    def port(self) -> int:
        """Where the answer is waited for."""
        return int(self._server.server_address[1])

    def __enter__(self) -> _Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def get_auth_response(self, auth_uri: str = "", state: str = "", **_options: Any) -> dict[str, str]:
        """The answer that the browser brings, by MSAL's name for asking it.

        Raises:
            SourceError: refused, or nobody came in time.
        """
        if not auth_uri.startswith(f"{self._origin}/") or not state:
            raise SourceError(
                Reason.BAD_ANSWER, f"{self._origin} names another place to sign in; nobody was sent there"
            )
        self._server.state = state
        self._show(BrowserPrompt(auth_uri, round(self._deadline.remaining)))
        threading.Thread(target=self._open, args=(auth_uri,), name="browser", daemon=True).start()
        while not self._server.answered.wait(SLICE_SECONDS):
            if self._deadline.passed:
                raise SourceError(Reason.SIGN_IN_FAILED, "nobody signed in in the browser in time; scan again")
        return _accepted(self._server.answer)

    def _open(self, address: str) -> None:
        # In a thread: a browser in the terminal comes back when it is left. Where none opens, the address was shown.
        with suppress(webbrowser.Error, OSError):
            _LOG.debug("a browser %s", "was opened" if self._launch(address) else "could not be opened")


def _accepted(answer: dict[str, str]) -> dict[str, str]:
    error, description = answer.get("error"), answer.get("error_description", "")
    if error is None:
        return answer
    if error in _ENDS and "AADSTS" not in description:
        raise SourceError(Reason.SIGN_IN_FAILED, f"Entra ID ended the sign-in in the browser: {_ENDS[error]}")
    raise sign_in_failure(error, description)


class _Server(ThreadingHTTPServer):
    """Listens on loopback for one answer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = secrets.token_urlsafe()
        self.answer: dict[str, str] = {}
        self.answered = threading.Event()
        self._taking = threading.Lock()

    def take(self, answer: dict[str, str]) -> bool:
        """Whether this is the answer that is waited for; the first one counts."""
        with self._taking:
            fits = secrets.compare_digest(answer.get("state", "").encode("utf-8", "replace"), self.state.encode())
            if self.answered.is_set() or not fits or not ("code" in answer or "error" in answer):
                return False
            self.answer = answer
            self.answered.set()
            return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Be quiet: a browser may hang up at any time."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _IDLE_SECONDS

    def do_POST(self) -> None:
        """The answer of the sign-in host, as a form that the browser posts."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isdecimal() and len(length) < 10 else 0
        self._take(self.rfile.read(size) if size <= LARGEST_ANSWER else b"")

    def do_GET(self) -> None:
        """The answer as a query, as older MSAL asks for it; else a browser that only looks."""
        self._take(self.path.partition("?")[2].encode())

    def _take(self, form: bytes) -> None:
        fields: Mapping[str, list[str]] = {}
        with suppress(ValueError):
            fields = parse_qs(form.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
        answer = {name: values[0] for name, values in fields.items() if len(values) == 1}
        if not cast("_Server", self.server).take(answer):
            self._say(400, "This is not the answer that is waited for.")
        elif "code" in answer:
            self._say(200, "You may close this page: the sign-in goes on in the terminal.")
        else:
            self._say(200, "You may close this page: the sign-in failed; the terminal says why.")

    def _say(self, status: int, words: str) -> None:
        page = f"<!doctype html><meta charset=utf-8><title>readiness</title><p>{escape(words)}</p>\n".encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base names them
        """Be quiet: what is asked may hold the code."""
