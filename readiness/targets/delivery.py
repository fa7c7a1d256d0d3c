"""Bring a parcel to a record: only what is not there yet, each thing once, and never a second time without looking.

The note comes first, and where it is refused no file follows. So a file of a run on a record says that the note was
taken, also where an account may not see the notes; and a delivery that broke off is completed by the next one, not
begun anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from readiness.errors import TicketError, TicketRefusedError, TicketUnsureError
from readiness.model.ticket import Ticket, TicketFile, TicketLimits, TicketState
from readiness.targets.parcel import Parcel, known, noted
from readiness.text import one_line

NOTE = "note"
USUAL_WAIT_SECONDS = 2.0
"""Before a second try, where the system did not say how long."""
LONGEST_WAIT_SECONDS = 60.0

Wait = Callable[[float], bool]
"""Sleeps so many seconds; False, at once, where there is not that much time."""


class State(StrEnum):
    """What became of a part, or will."""

    TO_SEND = "to send"
    SENT = "sent"
    THERE = "already there"
    REFUSED = "not sent"
    UNKNOWN = "not known"


@dataclass(slots=True)
class Part:
    """A file, or the note."""

    name: str
    size: int | None
    state: State
    why: str = ""
    """Why it was not sent, or that it is there under another name."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a record got, or would get."""

    record: str | None
    """In the system's own words; None where it was not asked, or did not tell."""
    parts: list[Part]
    limits: TicketLimits
    asked: bool
    """Whether the system was asked for its limits: not where nothing is to be sent."""
    note: str | None
    """The note, as it is or would be written; None where it is there."""
    error: str | None = None
    """Why nothing more could be done."""

    @property
    def whole(self) -> bool:
        """Whether the record holds everything."""
        return self.error is None and all(part.state in (State.SENT, State.THERE) for part in self.parts)

    @property
    def all_taken(self) -> bool:
        """Whether everything that is not there would be sent."""
        return self.error is None and all(part.state in (State.TO_SEND, State.THERE) for part in self.parts)

    @property
    def changed(self) -> bool:
        """Whether anything was sent."""
        return any(part.state is State.SENT for part in self.parts)

    @property
    def unsure(self) -> bool:
        """Whether of something nobody knows if it was taken."""
        return any(part.state is State.UNKNOWN for part in self.parts)


def planned(ticket: Ticket, parcel: Parcel) -> Delivery:
    """What would be sent. Reads only.

    Raises:
        TicketError: the record cannot be found or read.
    """
    state = ticket.look()
    parts = [_file(file, parcel, state) for file in parcel.files]
    new = any(part.state is State.TO_SEND for part in parts)
    limits = ticket.limits() if new else TicketLimits()
    for part, file in zip(parts, parcel.files, strict=True):
        why = _beyond(file, limits) if part.state is State.TO_SEND else None
        if why is not None:
            part.state, part.why = State.REFUSED, why
    note = _note(parcel, state, parts)
    text = _text(parcel, ticket, parts) if note.state is State.TO_SEND else None
    return Delivery(state.record, [note, *parts], limits, new, text)


def unasked(ticket: Ticket, parcel: Parcel, error: str | None = None) -> Delivery:
    """What would be sent to a record that holds nothing yet, where the system is not asked, or did not answer."""
    parts = [Part(file.name, len(file.content), State.TO_SEND) for file in parcel.files]
    limits = TicketLimits(not_asked="the system was not asked")
    note = _text(parcel, ticket, parts)
    return Delivery(None, [Part(NOTE, None, State.TO_SEND), *parts], limits, False, note, error)


def delivered(ticket: Ticket, parcel: Parcel, wait: Wait) -> Delivery:
    """Send what is not there yet.

    Raises:
        TicketError: the record cannot be found or read; nothing was sent.
    """
    plan = planned(ticket, parcel)
    try:
        _deliver(ticket, parcel, plan, wait)
        if plan.changed:
            _prove(ticket.look(), parcel, plan.parts)
    except TicketError as error:
        return replace(plan, error=one_line(str(error), 600))
    return plan


def _deliver(ticket: Ticket, parcel: Parcel, plan: Delivery, wait: Wait) -> None:
    note, *parts = plan.parts
    text = plan.note
    if text is not None:
        _send(note, partial(ticket.write, text), _is_noted(ticket, parcel), wait)
        if note.state is not State.SENT:
            raise TicketError(f"the note was refused, so no file was sent: {note.why}")
    for part, file in zip(parts, parcel.files, strict=True):
        if part.state is State.TO_SEND:
            _send(part, partial(ticket.attach, file), _lies(ticket, file.name), wait)


def _file(file: TicketFile, parcel: Parcel, state: TicketState) -> Part:
    """A file is there under its name, or under that of another phase: it is the same run."""
    for name in state.files:
        found = known(name)
        if found is not None and (found.run, found.kind) == (parcel.run, file.extension):
            return _there(file, name, state.sizes.get(name))
    return Part(file.name, len(file.content), State.TO_SEND)


def _there(file: TicketFile, name: str, size: int | None) -> Part:
    """The data must be what would be sent, as far as its size tells; a page may have been laid out by another version
    of this program."""
    told = "" if name == file.name else f"as {name}"
    if size in (None, len(file.content)):
        return Part(file.name, len(file.content), State.THERE, told)
    other = f"{told or 'there'}, with {size:,} bytes"
    if file.extension != "json":
        return Part(file.name, len(file.content), State.THERE, other)
    why = f"{other} in place of {len(file.content):,}: it broke off, or somebody put another file there: look at it"
    return Part(file.name, len(file.content), State.UNKNOWN, why)


def _note(parcel: Parcel, state: TicketState, parts: list[Part]) -> Part:
    """Whether the note is there: by its own sentence, else by the files, which only follow one that was taken."""
    if state.notes is not None and noted(parcel.run, state.notes):
        return Part(NOTE, None, State.THERE)
    if any(part.state in (State.THERE, State.UNKNOWN) for part in parts):
        return Part(NOTE, None, State.THERE, "as its files say: the note itself is not shown to this account")
    return Part(NOTE, None, State.TO_SEND)


def _beyond(file: TicketFile, limits: TicketLimits) -> str | None:
    if not limits.attachments:
        return "attachments are switched off there"
    if limits.extensions is not None and file.extension not in limits.extensions:
        return f"files that end in .{file.extension} are not taken there"
    if limits.file_bytes is not None and len(file.content) > limits.file_bytes:
        return f"its {len(file.content):,} bytes are more than the {limits.file_bytes:,} that are taken there"
    return None


def _text(parcel: Parcel, ticket: Ticket, parts: list[Part]) -> str:
    names = [part.name for part in parts if part.state is not State.REFUSED]
    missing = [f"{part.name}: {part.why}" for part in parts if part.state is State.REFUSED]
    return parcel.note(names, missing, ticket.note_limit)


def _send(part: Part, act: Callable[[], None], is_there: Callable[[], bool], wait: Wait) -> None:
    try:
        _once(act, is_there, wait)
        part.state = State.SENT
    except TicketRefusedError as error:
        part.state, part.why = State.REFUSED, one_line(str(error), 600)
    except TicketUnsureError as error:
        part.state, part.why = State.UNKNOWN, one_line(str(error), 600)
        raise TicketError(str(error)) from error
    except TicketError as error:
        part.state, part.why = State.REFUSED, one_line(str(error), 600)
        raise


def _once(act: Callable[[], None], is_there: Callable[[], bool], wait: Wait) -> None:
    """Do it; where nobody knows whether it was done, look, and only then do it a second time."""
    try:
        return act()
    except TicketUnsureError as error:
        after = USUAL_WAIT_SECONDS if error.after is None else error.after
        if after > LONGEST_WAIT_SECONDS or not wait(after):
            raise
    if _seen(is_there):
        return None
    return act()


def _seen(is_there: Callable[[], bool]) -> bool:
    """Where it cannot be seen, nobody knows: then it is not called "not sent", and nothing says to do it again."""
    try:
        return is_there()
    except TicketUnsureError:
        raise
    except TicketError as error:
        raise TicketUnsureError(f"whether it was taken is not known: {error}") from error


def _lies(ticket: Ticket, name: str) -> Callable[[], bool]:
    return lambda: name in ticket.look().files


def _is_noted(ticket: Ticket, parcel: Parcel) -> Callable[[], bool]:
    def look() -> bool:
        notes = ticket.look().notes
        if notes is None:
            raise TicketError("whether the note was written cannot be read there: look, before this is run again")
        return noted(parcel.run, notes)

    return look


def _prove(state: TicketState, parcel: Parcel, parts: list[Part]) -> None:
    """What was sent is there: a system may take a thing, say so, and drop it for want of a right."""
    for part in parts:
        if part.state is State.SENT and not _kept(part, state, parcel):
            part.state = State.UNKNOWN
            part.why = _size_told(part, state) or (
                "it was taken, but this account does not see it there: look whether it is, and check its rights"
            )


def _size_told(part: Part, state: TicketState) -> str:
    size = state.sizes.get(part.name)
    return "" if size is None else f"it was taken, and is there with {size:,} bytes: look at it, and attach it anew"


def _kept(part: Part, state: TicketState, parcel: Parcel) -> bool:
    if part.name == NOTE:
        return state.notes is None or noted(parcel.run, state.notes)
    return part.name in state.files and state.sizes.get(part.name, part.size) == part.size
