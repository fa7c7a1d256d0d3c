"""The live line: one line on standard error that is written over. Only on a terminal, and gone in the end."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from readiness.cli.output import columns_of
from readiness.text import printable

_ERASE = "\r\x1b[2K"
_USUAL_WIDTH = 80
ROOM_FOR_CTRL_C = 3
"""Columns that stay free: a terminal writes ^C behind the line, and would begin another one."""


class LiveLine:
    """What stands on the line now. Nothing is hidden or moved that would have to be given back: wherever the program
    ends, the terminal is as it was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown = False

    @property
    def possible(self) -> bool:
        """Whether standard error is a terminal that can be written over."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, line: str) -> None:
        """Show this in place of what was shown, cut where the terminal ends."""
        with self._lock:
            self._shown = bool(line)
            room = (columns_of(sys.stderr) or _USUAL_WIDTH) - ROOM_FOR_CTRL_C
            _write(f"{_ERASE}{cut(printable(line), room, _ellipsis())}")

    def clear(self) -> None:
        """Make room for something that stays."""
        with self._lock:
            if self._shown:
                self._shown = False
                _write(_ERASE)

    @contextmanager
    def during(self, line: str) -> Iterator[None]:
        """Show a line while a block runs."""
        if self.possible:
            self.show(line)
        try:
            yield
        finally:
            self.clear()


LIVE = LiveLine()


def cut(line: str, width: int, ellipsis: str = "…") -> str:
    """`line`, or as much of it as fits into `width` columns with an ellipsis behind it."""
    if _columns(line) <= width:
        return line
    room = width - len(ellipsis)
    while line and _columns(line) > room:
        line = line[:-1]
    return f"{line.rstrip()}{ellipsis}"


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def _ellipsis() -> str:
    try:
        "…".encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "..."
    return "…"


def _write(text: str) -> None:
    """Nothing depends on the line: a terminal that is gone is no reason to stop."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()
