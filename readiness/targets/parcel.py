"""What is sent of one run: its files, and the note; and how a record is recognised to hold them already.

The names of the files carry the id of the run, and so does one sentence of the note. So the record itself says what it
holds, to whoever asks, on whatever machine, and nothing has to be remembered here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from readiness.errors import ConfigurationError
from readiness.model.ticket import TicketFile
from readiness.text import one_line

RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", re.ASCII)
_NAME = re.compile(
    rf"readiness-(?:(?P<phase>pre|post)-)?(?P<run>{RUN_ID.pattern})\.(?P<kind>[a-z0-9]{{1,8}})", re.ASCII
)
_SENTENCE = re.compile(rf"This is run ({RUN_ID.pattern}) of readiness", re.ASCII)
MEDIA = {"html": "text/html", "json": "application/json", "md": "text/markdown"}


class Phase(StrEnum):
    """Of a change: before it, or after it."""

    PRE = "pre"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Known:
    """A file of ours on a record, taken apart by its name."""

    name: str
    run: str
    phase: Phase | None
    kind: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One run, as it is sent."""

    run: str
    phase: Phase | None
    files: tuple[TicketFile, ...]
    lines: tuple[str, ...]
    """What the note says besides the summary, a line each: the phase, what changed."""
    summary: Callable[[int | None], str]
    """The summary, within so many characters; None: however many."""

    def note(self, names: Sequence[str], missing: Sequence[str], limit: int | None) -> str:
        """The note: the summary, what else is to say, the files, and the sentence by which it is known again.

        Args:
            names: of the files that go with it.
            missing: files that do not, each with the reason.
        """
        listed = ", ".join(names)
        told = [f"Files of this run: {listed}. One that is not attached here was refused."] if names else []
        told += [f"Not attached: {one_line(words, 400)}." for words in missing]
        closing = "\n".join([*self.lines, *told, f"{sentence(self.run)}."])
        summary = self.summary(None if limit is None else max(0, limit - len(closing) - 2)).rstrip("\n")
        return f"{summary}\n\n{closing}\n"


def files_of(run: str, phase: Phase | None, contents: Iterable[tuple[str, bytes]]) -> tuple[TicketFile, ...]:
    """The files of a run, named; `contents` are by the ending of the name.

    Raises:
        ConfigurationError: the run has an id that is none of ours, which could not be recognised again.
    """
    if not RUN_ID.fullmatch(run):
        raise ConfigurationError(f"the id of this run is none that this tool gives: '{one_line(run, 60)}'")
    way = f"{phase}-" if phase else ""
    return tuple(TicketFile(f"readiness-{way}{run}.{kind}", content, MEDIA[kind]) for kind, content in contents)


def known(name: str) -> Known | None:
    """A file of ours, by its name; None where it is not."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return Known(name, found["run"], Phase(found["phase"]) if found["phase"] else None, found["kind"])


def latest(names: Iterable[str], phase: Phase, other_than: str) -> Known | None:
    """The JSON report of this phase that was attached last, of another run; None where there is none."""
    found = [one for one in map(known, names) if one and one.phase is phase and one.kind == "json"]
    return next((one for one in reversed(found) if one.run != other_than), None)


def sentence(run: str) -> str:
    """By which a note is known again, without its full stop."""
    return f"This is run {run} of readiness"


def run_named(note: str) -> str | None:
    """The run that a note is of; the last one where several are named."""
    found = _SENTENCE.findall(note)
    return found[-1] if found else None


def noted(run: str, notes: str) -> bool:
    """Whether the note of this run is among these. A system may have wrapped or escaped it."""
    return sentence(run) in " ".join(notes.replace("\\", "").split())
