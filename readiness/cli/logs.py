"""Where log records go: nowhere unless asked for; never a secret, because none is ever logged."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

import click

from readiness.cli.live import LIVE
from readiness.text import printable

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


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


class Above(logging.StreamHandler[TextIO]):
    """Records stay on the screen; the live line, where there is one, makes room for them."""

    def emit(self, record: logging.LogRecord) -> None:
        LIVE.clear()
        super().emit(record)


def set_up(*, debug: bool, log_file: Path | None) -> None:
    """Warnings on stderr; everything of ours with `--debug`, and in `--log-file`. Ends with the command."""
    hush()
    log = logging.getLogger("readiness")
    log.setLevel(logging.DEBUG if debug or log_file else logging.WARNING)
    log.propagate = False
    _add(log, Above(sys.stderr), "%(levelname)s: %(message)s", debug=debug)
    if log_file is not None:
        try:
            kept = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise click.BadParameter(f"{log_file}: {error.strerror}", param_hint="--log-file") from error
        _add(log, kept, FORMAT, debug=True)


def _add(log: logging.Logger, handler: logging.Handler, layout: str, *, debug: bool) -> None:
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    handler.setFormatter(Discreet(layout))
    log.addHandler(handler)

    @click.get_current_context().call_on_close
    def remove() -> None:
        log.removeHandler(handler)
        handler.close()
