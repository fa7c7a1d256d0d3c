"""What to do with a bug of our own: keep the traceback in a file that can be sent, and say where it is."""

from __future__ import annotations

import platform
import tempfile
import traceback
from pathlib import Path

from readiness import __version__


def report_crash(error: Exception, *, debug: bool) -> str:
    """Write the log of a crash; returns why the program ends, with the place of the log."""
    if debug:
        traceback.print_exception(error)
    said = f"a bug of the tool ({type(error).__name__})"
    head = f"readiness {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    # Only frames and the kind of error: the text of a foreign exception may carry what must not be kept.
    frames = "".join(traceback.format_tb(error.__traceback__))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="readiness-crash-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"{head}{frames}{type(error).__name__}\n")
    except OSError:
        return f"{said}; its log could not be written: run again with --debug"
    return f"{said}; the log is {Path(log.name)}"
