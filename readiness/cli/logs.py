"""Where log records go: nowhere unless asked for; never a secret, because none is ever logged."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from readiness.cli.live import LIVE
from readiness.job.log import RotatedLog
from readiness.text import printable

if TYPE_CHECKING:
    from readiness.config import JobSettings

MEGABYTE = 1_000_000
_KEPT = "readiness.log"

TELLING = ("msal", "pypsrp", "spnego")
"""Libraries that write down messages and codes of a sign-in, by which a password could be found out, or a token had."""


def hush() -> None:
    """Keep the messages of a sign-in out of every log, whoever asked for one."""
    for name in TELLING:
        logging.getLogger(name).setLevel(logging.WARNING)


class Discreet(logging.Formatter):
    """Records on lines of their own, control characters in them as escapes."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(printable, super().format(record).split("\n")))


class Marked(Discreet):
    """Each line by itself tells when, in UTC, and of which run: others may write between them."""

    def __init__(self, mark: str) -> None:
        super().__init__("%(message)s")
        self._mark = mark

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        head = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z {record.levelname} [{self._mark}] {record.name}:"
        return "\n".join(f"{head} {line}" for line in super().format(record).split("\n"))


class Above(logging.StreamHandler[TextIO]):
    """Records stay on the screen; the live line, where there is one, makes room for them."""

    def emit(self, record: logging.LogRecord) -> None:
        LIVE.clear()
        super().emit(record)


def set_up(*, debug: bool, log_file: Path | None, job: JobSettings | None = None) -> None:
    """Warnings on stderr; everything of ours with `--debug`, and in `--log-file`. Ends with the command."""
    hush()
    log = logging.getLogger("readiness")
    log.setLevel(logging.DEBUG if debug or log_file else logging.WARNING)
    log.propagate = False
    _add(log, Above(sys.stderr), Discreet("%(levelname)s: %(message)s"), debug=debug)
    if log_file is not None:
        mark = secrets.token_hex(4)
        try:
            kept = _rotated(log_file, job)
        except OSError as error:
            raise click.BadParameter(f"{log_file}: {error.strerror}", param_hint="--log-file") from error
        _add(log, kept, Marked(mark), debug=True)
        click.get_current_context().meta[_KEPT] = mark, kept
        log.info("readiness %s begins: process %d", click.get_current_context().info_name, os.getpid())


def mark() -> str | None:
    """What marks the lines of this run in its log; None: it keeps none."""
    return _kept()[0]


def trouble() -> str | None:
    """Why lines of this run are not in its log, in words; None: all are, or it keeps none."""
    kept = _kept()[1]
    return None if kept is None or kept.lost is None else f"the log is not whole: {kept.lost}"


def told(words: str) -> None:
    """Keep in the log how the run went, where it keeps one: a line that is said on standard error in other words."""
    logging.getLogger("readiness").info("%s", words)


def _kept() -> tuple[str | None, RotatedLog | None]:
    context = click.get_current_context(silent=True)
    found: tuple[str | None, RotatedLog | None] = (None, None)
    return found if context is None else context.meta.get(_KEPT, found)


def _rotated(log_file: Path, job: JobSettings | None) -> RotatedLog:
    if job is None:
        from readiness.config import JobSettings as Settings

        job = Settings()
    return RotatedLog(log_file, job.log_megabytes * MEGABYTE, job.log_files)


def _add(log: logging.Logger, handler: logging.Handler, layout: logging.Formatter, *, debug: bool) -> None:
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    handler.setFormatter(layout)
    log.addHandler(handler)

    @click.get_current_context().call_on_close
    def remove() -> None:
        log.removeHandler(handler)
        handler.close()
