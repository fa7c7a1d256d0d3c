"""How the program is called by something that has no shell, no search path and no virtual environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PureWindowsPath


def program(given: Path | None = None, executable: str | None = None, *, nt: bool = os.name == "nt") -> tuple[str, ...]:
    """The first words of the command: the program where it is installed, else the interpreter with its module.

    Args:
        given: where it is said to be; of Windows, wherever this runs.
        executable: the Python that runs it; None: this one.
    """
    if given is not None:
        elsewhere = PureWindowsPath(given).is_absolute()
        return (str(given if elsewhere else given.absolute()),)
    python = Path(executable or sys.executable)
    beside = python.with_name("readiness.exe" if nt else "readiness")
    if beside.is_file():
        return (str(beside.absolute()),)
    return (str(python.absolute()), "-P", "-m", "readiness")  # -P: whatever lies in the working folder is not imported


def installed_at() -> tuple[str, ...]:
    """The folders that hold the program: the environment, the interpreter behind it, and its own files."""
    import readiness

    found = (
        sys.prefix,
        sys.base_prefix,
        str(Path(sys.executable).resolve().parent),
        str(Path(readiness.__file__).parent),
    )
    return tuple(dict.fromkeys(found))
