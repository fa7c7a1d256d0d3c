"""Files that somebody handed over: read whole, bounded in size, and never waited for.

A symbolic link is not followed. Who can write the folder that it lies in could point it somewhere else between the
look at a file and its judgement, and the report would name a file that was not judged. Links among the folders above it
are followed: homes and temporary folders are reached through them on many systems, and who may change those can change
the file as well.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from readiness.errors import EvidenceError

MOST_BYTES = 128 * 1024 * 1024
"""Of a document. A collection takes 250 bytes of it and a device 420: 50,000 collections are 12 MiB, 200,000 devices in
the targets 80 MiB."""
MOST_VALUES = 5_000_000
"""In a document, counted by its brackets and commas. That estate has under 4 million. Python takes up to 120 bytes for
the smallest value of three bytes, so that the size alone would let a hostile file take
gigabytes; with both, the worst one takes 1.5 GiB and some seconds."""

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # where something else took the file's place: a pipe without a writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def content(path: Path) -> bytes:
    """What is in a file.

    Raises:
        EvidenceError: naming the file: it is not there, no file, too large, or may not be read.
    """
    data = _read(path)
    if sum(data.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise EvidenceError(f"{path}: it holds more than {MOST_VALUES:,} values, which no evidence or report does")
    return data


def beginning(path: Path, most: int) -> bytes:
    """The first bytes of a file, so many at most.

    Raises:
        EvidenceError: as of `content`.
    """
    return _read(path, most)


def _read(path: Path, most: int | None = None) -> bytes:
    try:
        _must_be_a_file(path, os.lstat(path))
        descriptor = os.open(path, _FLAGS)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            _must_be_a_file(path, found)
            return file.read(found.st_size + 1 if most is None else most)
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a NUL
        raise EvidenceError(f"{path}: cannot be read: no file can be called so") from error


def _must_be_a_file(path: Path, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise EvidenceError(f"{path}: it is a symbolic link, which is not followed: name the file itself")
    if stat.S_ISDIR(found.st_mode):
        raise EvidenceError(f"{path}: it is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise EvidenceError(f"{path}: it is a device, a pipe or a socket, not a file")
    if found.st_size > MOST_BYTES:
        raise EvidenceError(f"{path}: it is larger than {MOST_BYTES >> 20} MiB, which no evidence or report is")
