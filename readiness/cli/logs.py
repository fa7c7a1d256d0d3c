"""Where log records go: nowhere unless asked for; never a secret, because none is ever logged."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def set_up(*, debug: bool, log_file: Path | None) -> None:
    """Warnings on stderr; everything of ours with `--debug`, and in `--log-file`. Ends with the command."""
    log = logging.getLogger("readiness")
    log.setLevel(logging.DEBUG if debug or log_file else logging.WARNING)
    log.propagate = False
    _add(log, logging.StreamHandler(sys.stderr), "%(levelname)s: %(message)s", debug=debug)
    if log_file is not None:
        try:
            kept = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise click.BadParameter(f"{log_file}: {error.strerror}", param_hint="--log-file") from error
        _add(log, kept, FORMAT, debug=True)


def _add(log: logging.Logger, handler: logging.Handler, layout: str, *, debug: bool) -> None:
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    handler.setFormatter(logging.Formatter(layout))
    log.addHandler(handler)

    @click.get_current_context().call_on_close
    def remove() -> None:
        log.removeHandler(handler)
        handler.close()
