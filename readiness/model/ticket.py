"""A record of a ticket system, as far as `readiness attach` needs one: the interface of the targets of a report.

A target is a factory under the entry point group `readiness.targets`; its name is what stands before the colon in
`--to servicenow:CHG0031337`. The engine (`readiness.targets.delivery`) decides what is sent, whether it is there
already, and whether a second try is safe. A target only speaks with its system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file for a record."""

    name: str
    """ASCII without spaces; it names the run, so that the record itself says what it holds."""
    content: bytes = field(repr=False)
    media_type: str
    """Without parameters: `text/html`."""

    @property
    def extension(self) -> str:
        """In small letters, without the dot; empty where there is none."""
        return self.name.rpartition(".")[2].lower() if "." in self.name else ""


@dataclass(frozen=True, slots=True)
class TicketState:
    """What a record holds now."""

    record: str
    """The record in the system's own words, for people: `CHG0031337 (change_request)`."""
    files: tuple[str, ...]
    """The names of its attachments, in the order in which they were attached."""
    notes: str | None
    """The text of its notes or comments; None where it cannot be read."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Of its attachments, in bytes, by their names, as far as the system tells them."""


@dataclass(frozen=True, slots=True)
class TicketLimits:
    """What a system takes, as it said itself."""

    file_bytes: int | None = None
    """The largest file; None where it did not say."""
    extensions: frozenset[str] | None = None
    """Of files, in small letters without dots; None: any, or it did not say."""
    attachments: bool = True
    """Whether it takes files at all."""
    not_asked: str | None = None
    """Why limits are not known, for people; None where all of them are."""


class Ticket(Protocol):
    """One record of one system.

    Every method may raise `TicketError`: nothing more can be done there; `TicketRefusedError`: this was refused, other
    things may still be taken; `TicketUnsureError`: nobody knows whether this was done.
    """

    @property
    def flavour(self) -> str:
        """In which the notes are written: `plain`, `jira` or `github`."""
        ...

    @property
    def note_limit(self) -> int | None:
        """The longest note, in characters; None: any."""
        ...

    def look(self) -> TicketState:
        """What the record holds; reads only. Raises `TicketError` where there is no such record, or several."""
        ...

    def limits(self) -> TicketLimits:
        """What the system takes; reads only."""
        ...

    def attach(self, file: TicketFile) -> None:
        """Attach a file. Returns only where the system said that it has all of it."""
        ...

    def write(self, note: str) -> None:
        """Write a note or comment."""
        ...

    def fetch(self, name: str, most_bytes: int) -> bytes:
        """An attached file, by its name; reads only. Of several of that name the newest."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class TicketAccess:
    """What a target of a plugin is given to reach its system. Its own settings are in the environment."""

    environ: Mapping[str, str] = field(repr=False)
    seconds: float
    """For everything together."""
    ca_bundle: Path | None = None
    """`[attach] ca_bundle`: the only authorities to believe, where it is set."""


TicketFactory = Callable[[str, TicketAccess], Ticket]
"""What an entry point of `readiness.targets` names. Gets what stands behind the colon of `--to`; asks nothing yet.

Raises `ConfigurationError`, as far as it is known without asking: a number of another form, a setting that is missing.
"""
