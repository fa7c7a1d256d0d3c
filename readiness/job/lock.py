"""One run at a time: a lock of the operating system on a file, which ends with the process that holds it.

What stands in the file only tells who that is. A file that a killed run left behind is locked by nobody, whatever
stands in it: no number of a process is looked up, which may be another's by now.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from readiness.errors import ReadinessError
from readiness.text import one_line

MOST_BYTES = 2000
"""Of the words about the holder; more was not written by this program."""
_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_PLACE = 1 << 30
"""On Windows, the byte that is locked: others must be able to read the ones before."""


class AnotherRunError(ReadinessError):
    """Another run is under way: nothing was read. Exit code 5."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, or held it when it was killed."""

    pid: int
    host: str
    since: str
    """UTC, ISO 8601."""
    mark: str
    """Of its lines in the log."""

    def __str__(self) -> str:
        return f"process {self.pid} on {one_line(self.host, 80)}, since {one_line(self.since, 40)} UTC"


def usual_place(estate: str) -> Path:
    """The file of this estate, in this user's state directory."""
    import platformdirs

    name = hashlib.sha256(estate.encode("utf-8", "replace")).hexdigest()[:16]
    return platformdirs.user_state_path("readiness", appauthor=False) / f"run-{name}.lock"


class OneAtATime:
    """The lock of one estate.

    Attributes:
        doubt: why nobody can be kept away, in words; None: the lock is held.
        killed: who held it last and could not give it back; None: nobody.
    """

    def __init__(self, path: Path, mark: str) -> None:
        self._path = path
        self._mark = mark
        self._file: int | None = None
        self._writable = True
        self.doubt: str | None = None
        self.killed: Holder | None = None

    def take(self) -> None:
        """Take the lock; where there can be none, `doubt` says why.

        Raises:
            AnotherRunError: somebody else has it.
        """
        try:
            self._file = self._locked()
        except OSError as error:
            self.doubt = f"{one_line(str(self._path))}: {error.strerror or error}"
            return
        self.killed = _holder(self._file)
        self._write(Holder(os.getpid(), socket.gethostname(), f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", self._mark))

    def give_back(self) -> None:
        """Let the next one in. The file stays: who waits for it must not lock one that is gone."""
        if self._file is None:
            return
        self._write(None)
        with suppress(OSError):
            os.close(self._file)
        self._file = None

    def _locked(self) -> int:
        """The file, open and locked; the one that lies there now, should somebody have taken it away meanwhile."""
        while True:
            file = self._opened()
            try:
                _lock(file)
                if _is_at(file, self._path):
                    return file
            except OSError as error:
                holder = _holder(file)
                os.close(file)
                if error.errno in _HELD:
                    raise AnotherRunError(_told(holder, self._path)) from error
                raise
            os.close(file)

    def _opened(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | careful, 0o600)
        except PermissionError:  # that of another user: it can be locked without being written
            file = os.open(self._path, os.O_RDONLY | careful)
            self._writable = False
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(errno.EINVAL, "it is no file")
        return file

    def _write(self, holder: Holder | None) -> None:
        """Say who holds the lock. It holds without it, on a disk that is full, too."""
        if self._file is None or not self._writable:
            return
        text = json.dumps(asdict(holder)).encode() if holder is not None else b""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, text)


def _lock(file: int) -> None:
    """Lock it, without waiting.

    Raises:
        OSError: it is locked (an `errno` of `_HELD`), or cannot be.
    """
    if os.name == "nt":  # not tried on a real Windows
        import msvcrt

        os.lseek(file, _PLACE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(file: int, path: Path) -> bool:
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(file), there)


def _holder(file: int) -> Holder | None:
    """Who the file says holds it; None where it says nothing that this program wrote."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        found = json.loads(os.read(file, MOST_BYTES))
        return Holder(int(found["pid"]), str(found["host"]), str(found["since"]), str(found["mark"]))
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
        return None


def _told(holder: Holder | None, path: Path) -> str:
    who = f" ({holder})" if holder is not None else ""
    return (
        f"another run of this estate is under way{who}: nothing was read. Let it end, or end it; it holds "
        f"{one_line(str(path))}, and [job] lock names another file for a run that may go beside it"
    )
