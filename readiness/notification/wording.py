"""A message in words: sections of lines, which mail and cards lay out each in their own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.model.differences import Difference, Different
from readiness.model.notice import Message, NoticeKind
from readiness.text import one_line

LONGEST = 400
"""Signs of a line: names of the estate may be of any length."""

THE_RUN = "The run"


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a heading. Every line is text, and no markup of any kind."""

    heading: str
    lines: tuple[str, ...]


def sections(message: Message) -> tuple[Section, ...]:
    """What a message says below its headline, what is worst first."""
    return tuple(section for section in _sections(message) if section.lines)


def late(message: Message) -> str | None:
    """That it comes late, and since when it should have come; None where it does not."""
    if message.late is None:
        return None
    return f"This message is late: it is of {message.late.since:%Y-%m-%d %H:%M} UTC, and could not be delivered then."


def _sections(message: Message) -> Iterator[Section]:
    if message.why is not None and message.kind is not NoticeKind.CHANGED:
        yield _section("Why", message.why)
    for kind in Difference:
        found = [_difference(one) for one in message.differences if one.difference is kind]
        yield _section(kind.heading[0].upper() + kind.heading[1:], *found)
    if message.more:
        yield _section("More", f"{message.more} more differences are in the report")
    yield _section("Told before, and over", *(f"{one.name} [{one.id}]: {one.words}" for one in message.recovered))
    yield _section(
        "Ends soon",
        *(
            f"{one.kind} of {one.check}{f' for {one.subject}' if one.subject else ''}, with {one.expires} UTC"
            for one in message.ending
        ),
    )
    yield _section("To bear in mind", *message.reservations)
    tasks = (f"{one.owner}: {one.step}{f' ({one.where})' if one.where else ''}" for one in message.tasks)
    yield _section("Who must do what", *tasks)
    yield _section(THE_RUN, *_run(message))


def _difference(one: Different) -> str:
    because = f"; blocked by {', '.join(one.because)}" if one.because else ""
    if one.before is None or one.after is None:
        return f"{one.name} [{one.id}]: {one.after or one.before}{because}"
    return f"{one.name} [{one.id}]: {one.before}, then {one.after}{because}"


def _run(message: Message) -> Iterator[str]:
    if message.decision is not None:
        until = f"; valid until {message.valid_until:%Y-%m-%d %H:%M} UTC" if message.valid_until else ""
        yield f"Decision: {message.decision}{until}"
    if message.run is not None:
        against = f", held against {message.against}" if message.against else ""
        yield f"Run {message.run}{against}"
    if message.exit_code is not None:
        yield f"Exit code {message.exit_code}"
    if message.host is not None:
        yield f"On {message.host}, {message.made:%Y-%m-%d %H:%M} UTC"
    for file in message.files:
        yield f"Report: {file}"


def _section(heading: str, *lines: str) -> Section:
    return Section(heading, tuple(one_line(line, LONGEST) for line in lines))
