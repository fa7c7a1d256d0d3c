"""A record of a plugin's target: whatever its code does, a delivery ends in words, and nothing is sent twice for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from readiness.errors import TicketError, TicketUnsureError
from readiness.model.ticket import Ticket, TicketFile, TicketLimits, TicketState
from readiness.text import one_line


class Guest:
    """Passes everything on; what breaks while something is sent may have been sent."""

    def __init__(self, name: str, ticket: Ticket) -> None:
        self._name = name
        self._ticket = ticket

    @property
    def flavour(self) -> str:
        with self._reading():
            return self._ticket.flavour

    @property
    def note_limit(self) -> int | None:
        with self._reading():
            return self._ticket.note_limit

    def look(self) -> TicketState:
        with self._reading():
            return self._ticket.look()

    def limits(self) -> TicketLimits:
        with self._reading():
            return self._ticket.limits()

    def attach(self, file: TicketFile) -> None:
        with self._writing():
            self._ticket.attach(file)

    def write(self, note: str) -> None:
        with self._writing():
            self._ticket.write(note)

    def fetch(self, name: str, most_bytes: int) -> bytes:
        with self._reading():
            return self._ticket.fetch(name, most_bytes)

    def close(self) -> None:
        with self._reading():
            self._ticket.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except TicketError:
            raise
        except Exception as error:  # a third party's code may do anything
            raise TicketError(self._broke(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except TicketError:
            raise
        except Exception as error:  # as above
            raise TicketUnsureError(self._broke(error)) from error

    def _broke(self, error: Exception) -> str:
        return f"the target {self._name} of a plugin broke: {type(error).__name__}: {one_line(str(error))}"
