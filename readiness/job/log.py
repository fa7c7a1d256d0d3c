"""The log of jobs that run for years: it never grows beyond its bounds, and never stops a run.

Several processes may write to one log: a scan of another estate, `assess` beside `scan`. Each line is written at once,
and who rotates holds a lock meanwhile. What rotates it from outside, by renaming or by cutting it, does no harm.
"""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

_HOW = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class RotatedLog(logging.Handler):
    """A log file, which its owner alone may read: `LOG`, and before it `LOG.1`, `LOG.2` and so on.

    Args:
        path: where it lies. What is no file, as a pipe, is only written to.
        most_bytes: how large it gets.
        files: how many earlier ones are kept.

    Attributes:
        lost: why lines could not be written, in words; None: all were.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, most_bytes: int, files: int) -> None:
        super().__init__()
        self._path = path
        self._most_bytes = most_bytes
        self._files = files
        self._torn = False
        """Whether the last line ends in its middle."""
        self.lost: str | None = None
        self._file = _opened(path)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. One that cannot be written is lost, and nothing else."""
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            self._follow()
            self._rotate(len(line))
            self._write(line)
        except OSError as error:
            self.lost = error.strerror or str(error)

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._file)
        super().close()

    def _write(self, line: bytes) -> None:
        """In one piece, so that lines of several processes do not mix."""
        line = b"\n" + line if self._torn else line
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        finally:
            self._torn = 0 < written < len(line) or (self._torn and not written)

    def _follow(self) -> None:
        """Write to the file that has this name now: it may have been renamed, or taken away."""
        ours = os.fstat(self._file)
        if not stat.S_ISREG(ours.st_mode):
            return
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(self._path), ours):
                return
        self._reopen()

    def _reopen(self) -> None:
        fresh = _opened(self._path)
        os.close(self._file)
        self._file = fresh

    def _rotate(self, more: int) -> None:
        """Begin another file where this one would get too large, and nobody else is at it."""
        ours = os.fstat(self._file)
        if not stat.S_ISREG(ours.st_mode) or not ours.st_size or ours.st_size + more <= self._most_bytes:
            return
        if os.name == "nt":  # not tried on a real Windows: a file that is open there keeps its name
            os.close(self._file)
            with suppress(OSError):
                self._rename()
            self._file = _opened(self._path)
        elif _locked(self._file) and os.path.samestat(os.stat(self._path), ours):
            self._rename()
            self._reopen()  # which lets go of the lock

    def _rename(self) -> None:
        for number in range(self._files, 0, -1):
            with suppress(FileNotFoundError):
                os.replace(self._named(number - 1), self._named(number))

    def _named(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


def _opened(path: Path) -> int:
    """Without waiting for a reader, where it is a pipe that has none: that cannot be opened."""
    file = os.open(path, _HOW | getattr(os, "O_NONBLOCK", 0), 0o600)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(file, True)
    return file


def _locked(file: int) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
