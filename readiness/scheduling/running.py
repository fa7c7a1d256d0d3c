"""Running the programs that keep jobs: `systemctl`, `crontab`, `schtasks`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from readiness.scheduling.job import ScheduleError
from readiness.text import one_line

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended."""

    code: int
    out: bytes
    err: str

    @property
    def said(self) -> str:
        """What it said of itself, in one line."""
        return one_line(self.err or self.out.decode("utf-8", "replace")) or f"it ended with {self.code}"


Run = Callable[..., Done]
"""`run(words, given=bytes)`: what `run` does."""


def run(words: Sequence[str], given: bytes = b"") -> Done:
    """Run a program, in English where it speaks several languages.

    Args:
        given: its standard input.

    Raises:
        ScheduleError: it is not here, cannot be started, or does not end.
    """
    program = shutil.which(words[0])
    if program is None:
        raise ScheduleError(f"there is no {words[0]} here")
    try:
        done = subprocess.run(  # noqa: S603 - a list of words, no shell; the program is one of three by name
            [program, *words[1:]],
            input=given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        raise ScheduleError(f"{words[0]} cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ScheduleError(f"{words[0]} did not end within {SECONDS:.0f} seconds") from error
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def must(done: Done, what: str) -> Done:
    """A program that did what it was asked.

    Raises:
        ScheduleError: it did not, with its words.
    """
    if done.code != 0:
        raise ScheduleError(f"{what}: {done.said}")
    return done
