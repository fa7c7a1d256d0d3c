"""Reading all rows of a class, page by page to a proven end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from readiness.errors import SourceError
from readiness.sources.configmgr.adminservice.answers import Page, bad, page_of, rows_of
from readiness.sources.configmgr.adminservice.faults import Asked
from readiness.sources.configmgr.adminservice.odata import ROOT
from readiness.sources.configmgr.provider import Row
from readiness.sources.plain import stays_below

TOP = 1_000
"""Rows asked for in one page, as every known client does."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How a list is cut into pages, and where it ends at the latest.

    Attributes:
        top: rows asked for in one page.
        max_pages: a longer list is `bad-answer`, never a shorter one.
        max_rows: likewise.
    """

    top: int = TOP
    max_pages: int = 5_000
    max_rows: int = 500_000


class Channel(Protocol):
    """One signed-in way to the service."""

    where: str
    """The server's host and port, for messages."""

    origin: str
    """Scheme, host and port."""

    def get(self, path: str, asked: Asked) -> dict[str, Any]:
        """The object that is answered to a GET of this path and query."""
        ...


@dataclass
class Listing:
    """One question for rows, carried to its end. Use it once.

    Attributes:
        path_at: path and query of the page that skips so many rows.
    """

    channel: Channel
    cls: str
    path_at: Callable[[int], str]
    pages: Pages = field(default_factory=Pages)

    _rows: list[Mapping[str, Any]] = field(default_factory=list)
    _previous: list[Mapping[str, Any]] = field(default_factory=list)

    def read(self) -> list[Row]:
        """All rows.

        Raises:
            SourceError: among others where a page came twice, was longer than asked for, or there were too many.
        """
        path: str | None = self.path_at(0)
        count = 0
        while path is not None:
            if count >= self.pages.max_pages:
                raise self._bad(f"more than {self.pages.max_pages} pages")
            count += 1
            page = page_of(self.channel.get(path, "rows"), self.channel.where, self.cls)
            self._take(page)
            path = self._next(page)
        return list(rows_of(self._rows, self.channel.where, self.cls))

    def _take(self, page: Page) -> None:
        if page.rows and page.rows == self._previous:
            raise self._bad("the same page twice")
        if len(page.rows) > self.pages.top:
            raise self._bad("a longer page than was asked for")
        self._previous = page.rows
        self._rows.extend(page.rows)
        if len(self._rows) > self.pages.max_rows:
            raise self._bad(f"more than {self.pages.max_rows} rows")

    def _next(self, page: Page) -> str | None:
        """Where to read on: where the service says, else after a full page. A short page is the last one."""
        if page.link is not None:
            return self._followed(page.link)
        return self.path_at(len(self._rows)) if len(page.rows) == self.pages.top else None

    def _followed(self, link: str) -> str:
        """The path and query of a link. One to another place is refused before anything is sent."""
        address = urljoin(f"{self.channel.origin}{ROOT}", link)
        parts = urlsplit(address)
        same = f"{parts.scheme}://{parts.netloc}".lower() == self.channel.origin.lower()
        own = f"{ROOT}{self.cls}".lower()
        if not same or parts.path.lower() != own or not stays_below(parts.path) or parts.fragment or not parts.query:
            raise self._bad("a next page that is somewhere else")
        # In our own spelling: up to release 2002 the service tells case apart.
        return f"{ROOT}{self.cls}?{parts.query}"

    def _bad(self, what: str) -> SourceError:
        return bad(self.channel.where, f"{what} of {self.cls}")
