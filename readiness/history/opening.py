"""Opening the database of the history: whose it is, of which version, and what its errors mean.

A rollback journal, no write-ahead log: a run is one small transaction a night, a log would leave two more files beside
it, and none works on a share of the network, where homes may lie.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from readiness.history.errors import DamagedError, ForeignError, HistoryError, NewerError
from readiness.history.schema import RUNS_SINCE, UPGRADES, Upgrade
from readiness.text import printable

APPLICATION_ID = 0x52444E53
"""`RDNS`: tells a database of ours from those of others, for SQLite and for `file`."""
BUSY_SECONDS = 5.0
"""How long another program may hold the database before we give up."""

SMALLEST_BYTES = 512
"""Of a database. SQLite takes what is shorter for an empty one, and writes over it."""

_LACKS = re.compile("no such (table|column)|has no column")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_WORDS = {
    sqlite3.SQLITE_BUSY: "another program holds it",
    sqlite3.SQLITE_LOCKED: "another program holds it",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_PERM: "it may not be opened",
    sqlite3.SQLITE_AUTH: "it may not be opened",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written, or is full",
}


def engine(path: Path, *, writes: bool, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """What connects to a file. A connection that writes takes the lock as it begins, not in its middle."""
    url = URL.create("sqlite", database=str(path))
    made = create_engine(url, poolclass=NullPool, connect_args={"timeout": busy_seconds})

    @event.listens_for(made, "connect")
    def manual(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not before the first INSERT

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


@contextmanager
def connected(
    path: Path, *, writes: bool, busy_seconds: float = BUSY_SECONDS, upgrades: Sequence[Upgrade] = UPGRADES
) -> Iterator[Connection]:
    """A transaction on a history of today's version: an older one is brought there where it is written. Where it is
    only read it stays as it is; then runs are all that it surely has.

    Raises:
        UnusableError: the file is damaged, of a newer version, or of another program.
        HistoryError: it cannot be opened, read or written now.
    """
    try:
        with in_our_words(path):
            _must_be_a_file(path, make=writes)
            with engine(path, writes=writes, busy_seconds=busy_seconds).begin() as connection:
                _examine(path, connection, writes=writes, upgrades=upgrades)
                yield connection
    except (DamagedError, NewerError) as error:
        if writes:
            raise
        raise type(error)(f"{error}; nothing was changed: the next scan sets it aside, and begins a new one") from error


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Errors of the database and the file system as ours."""
    try:
        yield
    except DBAPIError as error:
        raise _ours(path, error.orig) from error
    except (sqlite3.Error, OSError) as error:
        raise _ours(path, error) from error


def _ours(path: Path, error: BaseException | None) -> HistoryError:
    name = printable(str(path))
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _DAMAGED:
        return DamagedError(f"{name}: it is damaged, or no history")
    if primary == sqlite3.SQLITE_ERROR and _LACKS.search(str(error)):
        return DamagedError(f"{name}: it is damaged: a table is not as it was made")
    words = _WORDS.get(primary) if primary is not None else None
    return HistoryError(f"{name}: {words or getattr(error, 'strerror', None) or printable(str(error))}")


def _must_be_a_file(path: Path, *, make: bool) -> None:
    """Nobody else may read it, from its beginning."""
    if make and not os.path.lexists(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    found, name = path.stat(), printable(str(path))
    if not stat.S_ISREG(found.st_mode):
        raise HistoryError(f"{name}: it is no file")
    if 0 < found.st_size < SMALLEST_BYTES and not os.path.lexists(f"{path}-journal"):
        raise DamagedError(f"{name}: it is damaged, or no history")


def _examine(path: Path, connection: Connection, *, writes: bool, upgrades: Sequence[Upgrade]) -> None:
    name, newest = printable(str(path)), len(upgrades)
    whose, version = (_number(connection, f"PRAGMA {what}") for what in ("application_id", "user_version"))
    if not whose and not version and not _number(connection, "SELECT count(*) FROM sqlite_master"):
        if not writes:
            raise HistoryError(f"{name}: it is empty")
    elif whose != APPLICATION_ID:
        raise ForeignError(f"{name}: it is a database of another program")
    if version > newest:
        raise NewerError(f"{name}: a newer version of readiness wrote it (its schema is {version}, ours is {newest})")
    if writes:
        _check(name, connection)
        _upgrade(connection, version, upgrades)
    elif version < min(newest, RUNS_SINCE):
        raise HistoryError(f"{name}: an older version of readiness wrote it; the next scan brings it up to date")


def _check(name: str, connection: Connection) -> None:
    """What is damaged within may not show when a row is added, but only when it is too late."""
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise DamagedError(f"{name}: it is damaged ({printable(str(found))[:200]})")


def _upgrade(connection: Connection, version: int, upgrades: Sequence[Upgrade]) -> None:
    for upgrade in upgrades[version:]:
        upgrade(connection)
    if version < len(upgrades):
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {len(upgrades)}")


def _number(connection: Connection, statement: str) -> int:
    found = connection.exec_driver_sql(statement).scalar()
    return found if isinstance(found, int) else 0
