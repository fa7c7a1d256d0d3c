"""The text of a job for cron: one line, in a block that says whose it is.

Source: crontab(5) of Debian's cron 3.0pl1. A line holds at most 998 bytes of command; `%` would end it.
"""

from __future__ import annotations

import re
import shlex

from readiness.errors import ConfigurationError
from readiness.scheduling.job import MARK, File, Job, ScheduleError, must_be_ours
from readiness.text import printable

LONGEST = 998
"""Bytes of a command: cron cuts or refuses what is longer."""
_BEGIN, _END = "# BEGIN", "# END"


def block(job: Job) -> str:
    """The block of the job.

    Raises:
        ConfigurationError: cron cannot hold it.
    """
    command = line_of(job)
    return f"""\
{_BEGIN} {job.mark}
# On the clock of this machine. A night in which the machine is off is left out. What is printed, cron mails.
{job.at.minute} {job.at.hour} * * * {command}
{_END} {MARK} {job.name} of {job.configuration}
"""


def files(job: Job) -> tuple[File]:
    return (File(f"{job.name}.crontab", block(job)),)


def line_of(job: Job) -> str:
    """The command, as cron gives it to `sh`."""
    if job.zone is not None:
        raise ConfigurationError("--timezone: cron knows only the clock of the machine; systemd takes any zone")
    parts = [f"cd {shlex.quote(job.folder)}", "umask 077"]
    if job.env_file is not None:
        parts += ["set -a", f". {shlex.quote(job.env_file)}", "set +a"]
    parts.append(f"exec {shlex.join(job.command)}")
    command = " && ".join(parts).replace("%", "\\%")
    if len(command.encode()) > LONGEST:
        raise ConfigurationError(f"cron takes commands of up to {LONGEST} bytes, and this one has more: use systemd")
    return command


def with_block(table: str, job: Job) -> str:
    """A table with the job in it: in place of its former block, else at the end.

    Raises:
        ScheduleError: the block that is there is another configuration's, or has no end.
    """
    found = _found(table, job.name)
    if found is None:
        gap = "" if not table or table.endswith("\n") else "\n"
        return f"{table}{gap}{block(job)}"
    begin, end, lines = found
    must_be_ours(lines[begin], job.name, job.configuration, _place(job.name))
    return "".join((*lines[:begin], block(job), *lines[end + 1 :]))


def without_block(table: str, name: str, configuration: str | None = None) -> str | None:
    """A table without the block of a job; None where it has none.

    Args:
        configuration: whose the job must be; None: of any.

    Raises:
        ScheduleError: it is another configuration's, or has no end.
    """
    found = _found(table, name)
    if found is None:
        return None
    begin, end, lines = found
    must_be_ours(lines[begin], name, configuration, _place(name))
    return "".join((*lines[:begin], *lines[end + 1 :]))


def _place(name: str) -> str:
    return f"the job {name} in the crontab"


def _found(table: str, name: str) -> tuple[int, int, list[str]] | None:
    """The first and the last line of a block, and all lines of the table."""
    lines = re.findall("[^\n]*\n|[^\n]+", table)
    begins = [number for number, line in enumerate(lines) if line.startswith(f"{_BEGIN} {MARK} {name} of ")]
    ends = [number for number, line in enumerate(lines) if line.startswith(f"{_END} {MARK} {name} of ")]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        raise ScheduleError(
            f"the crontab does not have one whole block of {printable(name)}, from '{_BEGIN}' to '{_END}': "
            "mend it with crontab -e"
        )
    return begins[0], ends[0], lines
