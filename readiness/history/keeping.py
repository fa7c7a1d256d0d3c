"""Keeping a run, whatever became of the file since the last one: what went wrong is told, and nothing is lost by it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from readiness.history.aside import set_aside
from readiness.history.errors import ForeignError, HistoryError, UnusableError
from readiness.history.retention import Retention
from readiness.history.runs import NewRun
from readiness.text import one_line


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a run."""

    warning: str | None = None
    """What a person must know; None: it is kept, as ever."""
    note: str | None = None
    """The same in few words, for the exit line."""


NOT_KEPT = "this run is not in the history"


def keep(path: Path, new: NewRun, retention: Retention, now: datetime, *, ours: bool) -> Kept:
    """Keep a run in the history of this file; a file that will not do is set aside, and a new one begun.

    Args:
        ours: whether the place is ours alone. Where somebody named it, a database of another program stays there.
    """
    try:
        from readiness.history.store import Store
    except Exception as error:  # whatever another's package does as it is loaded, the verdict of the run stands
        return not_kept(f"SQLAlchemy cannot be loaded here: {type(error).__name__}: {one_line(str(error))}")
    store = Store(path)
    try:
        found, empty = _identity(path), _is_empty(path)
        try:
            store.add(new, retention)
            return Kept(*_EMPTY) if empty else Kept()
        except UnusableError as error:
            if isinstance(error, ForeignError) and not ours:
                return not_kept(f"{error}; name another file for it ([history] path)")
            place = set_aside(path, now) if _identity(path) == found else None
            store.add(new, retention)
            return _begun_anew(error, place)
    except HistoryError as error:
        return not_kept(str(error))


_EMPTY = (
    "the file of the history was empty, and a new one was begun in it: earlier runs, if there were any, are lost",
    "the history was empty, and a new one begun",
)
"""Warning and note."""


def not_kept(why: str) -> Kept:
    """The run is not in the history, and why."""
    return Kept(f"{NOT_KEPT}: {why}", NOT_KEPT)


def _begun_anew(why: HistoryError, place: Path | None) -> Kept:
    if place is None:  # another run was quicker
        return Kept()
    return Kept(
        f"the history was set aside, and a new one begun: {why}; it lies in {place}",
        "the history was set aside, and a new one begun",
    )


def _is_empty(path: Path) -> bool:
    """Whether there is a file with nothing in it: after a loss of power, say, or a first run that was killed."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is: another run may have set it aside, and begun the new one, in the meantime."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
