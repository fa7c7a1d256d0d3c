"""Reading a whole enumeration, page by page to its proven end; or one instance; or what a getter says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree.ElementTree import Element

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.answers import Page, instance_of, output_of, page_of, rows_of
from readiness.sources.configmgr.envelopes import MAX_ELEMENTS, Envelope, Heading
from readiness.sources.configmgr.faults import WsManFault
from readiness.sources.configmgr.provider import Row


@dataclass(frozen=True, slots=True)
class Paging:
    """How an enumeration is cut into pages, and where it ends at the latest.

    Attributes:
        max_elements: rows asked for in one page.
        max_pages: a longer enumeration is `bad-answer`, never a shorter list.
        max_rows: likewise.
        max_empty: so many pages without rows in a row, each of which the server may take its time for.
    """

    max_elements: int = MAX_ELEMENTS
    max_pages: int = 5_000
    max_rows: int = 500_000
    max_empty: int = 100


class Channel(Protocol):
    """One signed-in way to the server."""

    where: str
    """The server's host and port, for messages."""

    def ask(self, compose: Callable[[Heading], Envelope]) -> tuple[Envelope, Element]:
        """Send what `compose` makes and return it with the body of its answer, checked to be its answer."""
        ...


@dataclass
class Enumeration:
    """One WQL question, carried to its end. Use it once."""

    channel: Channel
    namespace: str
    cls: str
    wql: str
    paging: Paging = field(default_factory=Paging)
    request_id: str = ""
    """The `MessageID` of the latest exchange."""

    _rows: list[Row] = field(default_factory=list)
    _context: str = ""
    _previous: list[Row] = field(default_factory=list)
    _empty: int = 0

    def read(self) -> list[Row]:
        """All rows.

        Raises:
            SourceError: among others where the end was not stated, a page came twice, or there were too many.
        """
        size = self.paging.max_elements
        try:
            page = self._ask(lambda heading: heading.enumerate_wql(self.namespace, self.wql, size))
            pages = 1
            while not self._take(page):
                if pages >= self.paging.max_pages:
                    raise self._bad(f"more than {self.paging.max_pages} pages")
                page = self._ask(lambda heading: heading.pull(self.namespace, self._context, size))
                pages += 1
        except SourceError:
            self._release()
            raise
        return self._rows

    def _ask(self, compose: Callable[[Heading], Envelope]) -> Page:
        try:
            envelope, body = self.channel.ask(compose)
        except WsManFault:
            raise
        except SourceError:
            self._context = ""  # the connection is not fit for a Release any more
            raise
        self.request_id = envelope.message_id
        return page_of(body, envelope.action, self.channel.where)

    def _take(self, page: Page) -> bool:
        """Add the page's rows; whether it was the last one."""
        # A Pull may leave the context out, which then stays as it is; an Enumerate may not.
        self._context = "" if page.last else page.context or self._context
        rows = list(rows_of(page, self.cls, self.channel.where))
        if rows and rows == self._previous:
            raise self._bad("the same page twice")
        self._empty = 0 if rows else self._empty + 1
        if self._empty > self.paging.max_empty:
            raise self._bad(f"more than {self.paging.max_empty} pages without rows")
        self._previous = rows
        self._rows.extend(rows)
        if len(self._rows) > self.paging.max_rows:
            raise self._bad(f"more than {self.paging.max_rows} rows")
        if not page.last and not self._context:
            raise self._bad("a list without its end")
        return page.last

    def _release(self) -> None:
        # Best effort: the error that stopped us is the one to tell.
        context, self._context = self._context, ""
        if context:
            with suppress(SourceError):
                self.channel.ask(lambda heading: heading.release(self.namespace, context))

    def _bad(self, what: str) -> SourceError:
        return SourceError(Reason.BAD_ANSWER, f"{self.channel.where} gave {what} of {self.cls}")


def get_instance(channel: Channel, namespace: str, cls: str, keys: Mapping[str, str | int]) -> tuple[list[Row], str]:
    """The instance with these keys, none where there is no such one; and the `MessageID`."""
    sent: list[str] = []

    def compose(heading: Heading) -> Envelope:
        envelope = heading.get(namespace, cls, keys)
        sent.append(envelope.message_id)
        return envelope

    try:
        _, body = channel.ask(compose)
    except WsManFault as fault:
        if fault.not_found:
            return [], sent[-1]
        raise
    return [instance_of(body, cls, channel.where)], sent[-1]


def call_getter(
    channel: Channel, namespace: str, cls: str, method: str, arguments: Mapping[str, str]
) -> tuple[list[Row], str]:
    """The out-parameters of a method that only reads, as one row; and the `MessageID`."""
    envelope, body = channel.ask(lambda heading: heading.invoke(namespace, cls, method, arguments))
    return [output_of(body, cls, method, channel.where)], envelope.message_id
