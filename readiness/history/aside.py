"""Moving a history aside that will not do: renamed, with what belongs to it, and never over another file."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import count
from pathlib import Path

from readiness.history.errors import HistoryError
from readiness.text import printable

COMPANIONS = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database. A journal of the old one would be played back into the new one."""


def set_aside(path: Path, now: datetime) -> Path:
    """Give a file, and what belongs to it, a name with the time; returns its new one.

    Raises:
        HistoryError: it cannot be moved.
    """
    place = _free(path, now)
    try:
        for end in ("", *COMPANIONS):
            beside = Path(f"{path}{end}")
            if os.path.lexists(beside):
                os.rename(beside, f"{place}{end}")
    except OSError as error:
        raise HistoryError(f"{printable(str(path))}: cannot be moved aside: {error.strerror or error}") from error
    return place


def _free(path: Path, now: datetime) -> Path:
    """A name beside it that nothing has."""
    stem = f"{path.name}.set-aside-{now:%Y%m%dT%H%M%SZ}"
    names = (path.with_name(stem if number == 1 else f"{stem}-{number}") for number in count(1))
    return next(place for place in names if not any(os.path.lexists(f"{place}{end}") for end in ("", *COMPANIONS)))
