"""A browser of a few lines: opens the page of the sign-in host, and posts the form on it to where it says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import requests

HARD_LIMIT_SECONDS = 10


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"] or ""
        elif tag == "input":
            self.fields[found["name"] or ""] = found["value"] or ""


class Browser:
    """Opens pages; call it with an address.

    Args:
        bundle: the certificate authority of the sign-in host.
        before: what happens to the form before it is posted; it may change the fields, or post others first.

    Attributes:
        pages: what the answer's receiver showed, the latest last.
        statuses: of the same.
    """

    def __init__(self, bundle: Path, before: Callable[[str, dict[str, str]], None] = lambda _a, _f: None) -> None:
        self.opened: list[str] = []
        self.pages: list[str] = []
        self.statuses: list[int] = []
        self.headers: list[Any] = []
        self.done = threading.Event()
        self._bundle = bundle
        self._before = before

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(address, verify=str(self._bundle), timeout=HARD_LIMIT_SECONDS)
        form = _Form()
        form.feed(page.text)
        if form.action:
            self._before(form.action, form.fields)
            self.post(form.action, form.fields)
        self.done.set()
        return True

    def post(self, address: str, fields: dict[str, str] | bytes) -> None:
        """Post a form, and keep what came back."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(address, data=fields, timeout=HARD_LIMIT_SECONDS)
        self.pages.append(answer.text)
        self.statuses.append(answer.status_code)
        self.headers.append(answer.headers)
