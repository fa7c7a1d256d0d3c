"""A Chromium without a window, told what to do by its DevTools protocol over two pipes: no driver, no port."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
)
ON_PIPES = (
    "import os, sys; a, b = map(int, sys.argv[1:3]); os.dup2(a, 3); os.dup2(b, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""The browser reads what it is told from descriptor 3, and answers on 4."""
WORLD = "audits"
"""Scripts of ours run in a world of their own: they see the page, and the page's policy does not bind them."""


class BrowserError(Exception):
    """The browser refused an order, or a script of ours failed."""


def found() -> str | None:
    """Path of a Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Event:
    """What the browser told without being asked."""

    session: str | None
    method: str
    params: Mapping[str, Any]


@dataclass
class Browser:
    """A running browser."""

    _orders: IO[bytes] = field(repr=False)
    _answers: IO[bytes] = field(repr=False)
    events: list[Event] = field(default_factory=list)
    _number: int = 0

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Carry out an order of the protocol; its answer.

        Raises:
            BrowserError: it was refused, or the browser is gone.
        """
        self._number += 1
        order = {"id": self._number, "method": method, "params": params}
        self._orders.write(json.dumps(order | ({"sessionId": session} if session else {})).encode() + b"\0")
        self._orders.flush()
        while (message := self._next()).get("id") != self._number:
            self._keep(message)
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']['message']}")
        answer: dict[str, Any] = message["result"]
        return answer

    def wait_for(self, method: str, session: str) -> Mapping[str, Any]:
        """The next event of this kind since the last `forget`."""
        while True:
            for event in self.events:
                if (event.session, event.method) == (session, method):
                    self.events.remove(event)
                    return event.params
            self._keep(self._next())

    @contextmanager
    def page(self, *, script: bool = True) -> Iterator[Page]:
        """An empty page, in a context without history."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            page.call(f"{domain}.enable")
        if not script:
            page.call("Emulation.setScriptExecutionDisabled", value=True)
        yield page
        self.call("Target.disposeBrowserContext", browserContextId=context)

    def _keep(self, message: Mapping[str, Any]) -> None:
        if "method" in message:
            self.events.append(Event(message.get("sessionId"), message["method"], message["params"]))

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while not message.endswith(b"\0"):
            piece = self._answers.peek(1)  # type: ignore[attr-defined]  # a buffered reader has it
            if not piece:
                raise BrowserError("the browser ended")
            message += self._answers.read(piece.index(b"\0") + 1 if b"\0" in piece else len(piece))
        parsed: dict[str, Any] = json.loads(message[:-1])
        return parsed


@dataclass
class Page:
    """One page of the browser, with what it said since it was opened."""

    browser: Browser = field(repr=False)
    session: str
    _world: int | None = None

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **params)

    def open(self, file: Path) -> None:
        """Show a file, and wait until it has loaded."""
        self.browser.events[:] = [event for event in self.browser.events if event.session != self.session]
        self._world = None
        self.call("Page.navigate", url=file.as_uri())
        self.browser.wait_for("Page.loadEventFired", self.session)

    def run(self, script: str) -> Any:
        """The value of a script, in our own world; a promise is waited for.

        Raises:
            BrowserError: the script failed; with its words.
        """
        if self._world is None:
            frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
            made = self.call("Page.createIsolatedWorld", frameId=frame, worldName=WORLD)
            self._world = made["executionContextId"]
        done = self.call(
            "Runtime.evaluate",
            expression=script,
            contextId=self._world,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,  # what a script of ours clicks on, a person would
        )
        if "exceptionDetails" in done:
            raise BrowserError(done["exceptionDetails"].get("exception", {}).get("description", "a script failed"))
        return done["result"].get("value")

    def said(self) -> list[str]:
        """What the page made the browser say since it was opened: console, policy violations, requests for more."""
        self.call("Runtime.evaluate", expression="0")  # all that was said before this answer has arrived
        mine = [event for event in self.browser.events if event.session == self.session]
        return [words for event in mine if (words := _words(event))]


def _words(event: Event) -> str | None:
    told = event.params
    match event.method:
        case "Log.entryAdded":
            return f"{told['entry']['source']}: {told['entry']['text']}"
        case "Runtime.consoleAPICalled":
            return f"console.{told['type']}: {[one.get('value') for one in told['args']]}"
        case "Runtime.exceptionThrown":
            return f"exception: {told['exceptionDetails']['text']}"
        case "Audits.issueAdded":
            return f"issue: {told['issue']['code']} {json.dumps(told['issue']['details'])}"
        case "Network.requestWillBeSent" if not told["request"]["url"].startswith(("file:", "data:")):
            return f"request: {told['request']['url']}"
    return None


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """The Chromium at this path, in a profile without history; it ends with the block."""
    with TemporaryDirectory(prefix="readiness-looks-", ignore_cleanup_errors=True) as folder:
        (orders_end, orders), (answers, answers_end) = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (orders_end, answers_end)]
        start = [sys.executable, "-ISc", ON_PIPES, *map(str, ends), path, *FLAGS, f"--user-data-dir={folder}"]
        process = subprocess.Popen(start, pass_fds=ends, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (orders_end, answers_end, *ends):
            os.close(end)
        with process, os.fdopen(orders, "wb") as writes, os.fdopen(answers, "rb") as reads:
            running = Browser(writes, reads)
            try:
                yield running
            finally:
                _end(running, process)


def _end(running: Browser, process: subprocess.Popen[bytes]) -> None:
    try:
        running.call("Browser.close")
        process.wait(10)
    except (BrowserError, OSError, subprocess.TimeoutExpired):
        process.kill()
