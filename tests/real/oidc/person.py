"""A person at a browser, as far as the pages of the provider go: opens one, fills in its form, presses a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.real.oidc.provider import session

NAME = "ada@contoso.com"


@dataclass
class Form:
    """The form of a page: where it leads, and what stands in it."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")


class Person:
    """Somebody with a browser of their own, who trusts the authorities of a bundle."""

    def __init__(self, bundle: Path) -> None:
        self._browser = session(bundle)
        self._page = requests.Response()

    def approve(self, address: str, code: str) -> str:
        """Enter the code, sign in and consent. The last page."""
        self._open(address)
        self._submit(user_code=code)
        self._submit()
        self._submit(login=NAME, password="any")
        self._submit()
        return self._page.text

    def sign_in(self, address: str) -> str:
        """Sign in and consent; the last page sends the browser back to whoever opened it. What that one says."""
        self._open(address)
        self._submit(login=NAME, password="any")
        self._submit()
        self._submit()
        return self._page.text

    def cancel(self, address: str) -> str:
        """Follow the link by which one does not sign in."""
        self._open(address)
        link = next(link for link in self._read().links if link.endswith("/abort"))
        self._open(urljoin(self._page.url, link))
        self._submit()
        return self._page.text

    def decline(self, address: str, code: str) -> str:
        """Enter the code, and press the button that ends it all. The last page."""
        self._open(address)
        self._submit(user_code=code)
        self._submit(abort="yes", confirm=None)
        return self._page.text

    def _open(self, address: str) -> None:
        self._page = self._browser.get(address, timeout=10)

    def _submit(self, **filled: str | None) -> None:
        form = self._read().forms[0]
        fields = {name: value for name, value in {**form.fields, **filled}.items() if value is not None}
        self._page = self._browser.post(urljoin(self._page.url, form.action), data=fields, timeout=10)

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self._page.text)
        return reader
