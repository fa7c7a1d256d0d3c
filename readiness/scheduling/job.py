"""What a scheduled job runs: one scan a day, whatever starts it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from readiness.config.files import FILE_NAME
from readiness.errors import ConfigurationError, ReadinessError
from readiness.text import printable

PREFIX = "readiness"
"""Of the names of all jobs: none can take the name of a unit or task of others."""
MARK = "readiness schedule: job"
"""Begins the line that says whose a unit or a block is. What does not have it is never touched."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class ScheduleError(ReadinessError):
    """A job could not be installed or removed: what there was is as it was. Exit code 5."""


@dataclass(frozen=True, slots=True)
class Job:
    """One scan a day. Paths are absolute, in the words of the system that runs it."""

    name: str
    at: time
    """When, on the clock of `zone`."""
    command: tuple[str, ...]
    """The program and all its arguments."""
    folder: str
    """Where it works."""
    configuration: str
    zone: str | None = None
    """As the tz database names it. None: that of the machine."""
    account: str | None = None
    """Who runs it. None: what suits the platform best."""
    env_file: str | None = None
    """`NAME='value'` lines: the secrets, of which none is in what is printed here."""
    minutes: int = 60
    """After which it is ended: longer than a scan may take by its own deadlines."""
    reads: tuple[str, ...] = ()
    """Files and folders that it must be able to read, the program's among them."""
    writes: tuple[str, ...] = ()
    """Folders that it writes into, where the configuration names them."""
    per_user: bool = False
    """Whether it belongs to a user's own service manager, not to the machine's. systemd alone knows that."""

    @property
    def mark(self) -> str:
        """The line by which what was installed is known as ours, and as that of this configuration."""
        return f"{MARK} {self.name} of {self.configuration}"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a job is made of."""

    path: str
    """Where it belongs; where it has no place, its name."""
    text: str
    encoding: str = "utf-8"

    @property
    def content(self) -> bytes:
        return self.text.encode(self.encoding)


def job_name(given: str | None, configuration_file: str) -> str:
    """The whole name of a job: that of the configuration file where none is given.

    Raises:
        ConfigurationError: it cannot be one.
    """
    if given is not None and not _NAME.fullmatch(given):
        raise ConfigurationError(f"--name {printable(given)}: up to 60 letters, digits, '-' and '_'")
    stem = configuration_file.removesuffix(".toml")
    name = given if given is not None else re.sub(r"[^A-Za-z0-9_-]+", "-", stem, flags=re.ASCII).strip("-")[:60]
    if not name or name == FILE_NAME.removesuffix(".toml"):
        return PREFIX
    return name if name.startswith(PREFIX) else f"{PREFIX}-{name}"


def time_of_day(text: str) -> time:
    """`06:00`, of 24 hours.

    Raises:
        ConfigurationError: it is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"--daily {printable(text)}: not a time of day; write it as 06:00 or 23:30")
    return time(int(found[1]), int(found[2]))


def must_be_plain(texts: Iterable[str]) -> None:
    """Refuse what would end a line, or what no line shows: the files of jobs have no way to write it.

    Raises:
        ConfigurationError: naming it, with the sign as an escape.
    """
    for text in texts:
        if not text.isprintable():
            raise ConfigurationError(f"{printable(text)}: a job cannot hold line breaks or control characters")


def whose(line: str) -> tuple[str, str] | None:
    """The name and the configuration in a line that is the mark of a job; None where it is no mark."""
    found = re.fullmatch(rf".*?{MARK} ([A-Za-z0-9_-]+) of (.+)", line.strip())
    return (found[1], found[2]) if found else None


def must_be_ours(line: str | None, job_name: str, configuration: str | None, place: str) -> None:
    """Refuse to touch what is there already, unless its mark is that of this job.

    Args:
        line: where the mark should stand; None: there is none.
        configuration: whose the job must be; None: of any, as for removing.

    Raises:
        ScheduleError: it is somebody else's, or that of another configuration.
    """
    mark = None if line is None else whose(line)
    if mark is None or mark[0] != job_name:
        raise ScheduleError(f"{place} is there, and is not ours: choose another name with --name")
    if configuration is not None and mark[1] != configuration:
        raise ScheduleError(
            f"{place} is the job of {printable(mark[1])}: choose another name with --name, or remove that one first"
        )
