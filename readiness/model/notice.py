"""What a job has to say when something happened, and the interface of those who carry it to people.

A notifier is a factory under the entry point group `readiness.notifiers`; `[notify] also` names it. The engine
(`readiness.notification`) decides whether anything is said, whether it was said before, and how often it is tried. A
notifier only speaks with its system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from readiness.model.differences import Different
from readiness.model.words import DecisionState, Level, Owner

NOTICE_SCHEMA = "readiness/notification/v1"


class NoticeKind(StrEnum):
    """What happened; the first that applies."""

    FAILED = "failed"
    """The job broke off, or ended before it was done."""
    IMPOSSIBLE = "impossible"
    """Whether anything changed cannot be told."""
    BEGUN = "begun"
    """The first run of its kind: there is nothing to hold it against."""
    CHANGED = "changed"
    """Something is not as it was, ended, or ends soon."""
    TEST = "test"
    """Somebody tries the way."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Something that was told, and is over."""

    id: str
    """Of the check, the collection, the key; `job` of the job itself."""
    name: str
    words: str
    """What it is again."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A waiver or an attestation that ends soon."""

    kind: str
    """`waiver` or `attestation`."""
    check: str
    subject: str | None
    expires: date
    """The last day on which it holds, UTC."""


@dataclass(frozen=True, slots=True)
class Task:
    """Who must do what about it: a step of the plan."""

    owner: Owner
    step: str
    where: str | None
    level: Level
    checks: tuple[str, ...]
    """Ids of the checks that ask for it."""


@dataclass(frozen=True, slots=True)
class Late:
    """That a message could not be delivered when it was made."""

    since: datetime
    """When it was made, UTC."""
    tries: int
    """In how many runs it was tried before."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened. Names of the estate in it are other people's text, or aliases where it is redacted."""

    key: str
    """The same for the same message, however often it comes: who got it may drop the second one."""
    kind: NoticeKind
    headline: str
    """All of it in a sentence."""
    made: datetime
    """When, UTC."""
    host: str | None
    """The machine that read; None where names are not told."""
    exit_code: int | None
    """With which the job ends; None where no job ran."""
    demo: bool = False
    """Whether it is about the simulated estate."""
    redacted: bool = False
    tenant: str | None = None
    site: str | None = None
    run: str | None = None
    """Id of the run; None where there is none."""
    against: str | None = None
    """Id of the run that it was held against."""
    state: DecisionState | None = None
    decision: str | None = None
    """The decision in words."""
    valid_until: datetime | None = None
    worse: bool = False
    why: str | None = None
    """Why the job failed, or nothing can be compared."""
    differences: tuple[Different, ...] = ()
    """What is not as it was, and was not told before; the worst first."""
    more: int = 0
    """How many differences are left out, because they are too many for any message."""
    recovered: tuple[Recovered, ...] = ()
    ending: tuple[Ending, ...] = ()
    reservations: tuple[str, ...] = ()
    """What to bear in mind, in sentences."""
    tasks: tuple[Task, ...] = ()
    """Who must do what about the differences, in the order of the plan."""
    files: tuple[str, ...] = ()
    """Where the report lies, on that machine."""
    late: Late | None = None
    """None: it was delivered, or is, by the run that made it."""


@dataclass(frozen=True, slots=True)
class NotifierAccess:
    """What a notifier of a plugin may need."""

    environ: Mapping[str, str] = field(repr=False)
    seconds: float
    """What is left for all messages of this run."""
    ca_bundle: Path | None


class Notifier(Protocol):
    """Carries messages to people. An exception says that one was not delivered; its words are shown, so they hold
    nothing secret."""

    def send(self, message: Message) -> None:
        """Deliver it; returns when it was accepted.

        Raises:
            NoticeError: it was not, with why; `after` where it may be tried again.
        """

    def close(self) -> None:
        """Give back what it holds."""


NotifierFactory = Callable[[NotifierAccess], Notifier]
"""Makes a notifier of a plugin."""
