"""What to do with a bug of our own: keep the traceback in a file that can be sent, and say where it is."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

from readiness import __version__
from readiness.cli.output import write
from readiness.tracing import traced


def report_crash(error: Exception, *, debug: bool) -> str:
    """Write the log of a crash; returns why the program ends, with the place of the log."""
    if debug:
        write(traced(error), err=True)
    said = f"a bug of the tool ({type(error).__name__})"
    head = f"readiness {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="readiness-crash-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"{head}{traced(error)}")
    except OSError:
        return f"{said}; its log could not be written: run again with --debug"
    return f"{said}; the log is {Path(log.name)}"
