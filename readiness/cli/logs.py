"""Where log records go: nowhere unless asked for; never a secret, because none is ever logged."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def set_up(*, debug: bool, log_file: Path | None) -> None:
    """Warnings on stderr; everything of ours with `--debug`, and in `--log-file`."""
    log = logging.getLogger("readiness")
    log.setLevel(logging.DEBUG if debug or log_file else logging.WARNING)
    log.propagate = False
    for handler in list(log.handlers):
        log.removeHandler(handler)
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.DEBUG if debug else logging.WARNING)
    console.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    log.addHandler(console)
    if log_file is not None:
        kept = logging.FileHandler(log_file, encoding="utf-8")
        kept.setFormatter(logging.Formatter(FORMAT))
        log.addHandler(kept)
