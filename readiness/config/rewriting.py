"""Write a configuration file anew: whole or as it was; who may read it, and where a link leads, stays as it is."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from pathlib import Path

from readiness.config.files import LARGEST_FILE
from readiness.documents import put_in_place
from readiness.errors import ConfigurationError, OutputError
from readiness.text import printable

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def target(path: Path) -> Path:
    """The file that a path leads to, through links. It can be written.

    Raises:
        ConfigurationError: naming the file, and why not.
    """
    try:
        found = path.resolve(strict=True)
        if not stat.S_ISREG(found.stat().st_mode):
            raise ConfigurationError(f"{printable(str(path))}: is no ordinary file, and cannot be written anew")
    except (OSError, RuntimeError) as error:
        raise ConfigurationError(f"{printable(str(path))}: cannot be read: {error}") from error
    for place, what in ((found, "it"), (found.parent, "its folder")):
        if not os.access(place, os.W_OK):
            name = printable(str(found))
            raise ConfigurationError(f"{name}: cannot be written: {what} is read-only for this account")
    return found


def content(path: Path) -> tuple[bytes, str]:
    """The byte order mark, or nothing, and the text of a file that was loaded.

    Raises:
        ConfigurationError: it cannot be read any more.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        mark = BYTE_ORDER_MARK if data.startswith(BYTE_ORDER_MARK) else b""
        return mark, data[len(mark) :].decode("utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{printable(str(path))}: cannot be read: {type(error).__name__}") from error


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Replace the content of a file: whole or not at all. Owner, permissions and attributes stay.

    Args:
        path: an ordinary file, no link.
        old: what it must still hold.

    Raises:
        ConfigurationError: somebody else wrote it meanwhile; it is left as it is.
        OutputError: it could not be written; it is as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:
            file.write(new)
        _like(path, temporary)
        if path.read_bytes() != old:
            raise ConfigurationError(f"{printable(str(path))}: changed meanwhile; nothing was written")
        put_in_place(temporary, path)
    except OSError as error:
        raise OutputError(f"{printable(str(path))}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _like(path: Path, temporary: Path) -> None:
    """Give a file the owner, permissions and attributes of another, as far as this account may."""
    found = path.stat()
    made = temporary.stat()
    if (found.st_uid, found.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.chown(temporary, found.st_uid, found.st_gid)
        except PermissionError as error:
            raise ConfigurationError(
                f"{printable(str(path))}: belongs to another account or group, which this one could not leave so; "
                "nothing was written: run it as the owner of the file"
            ) from error
    shutil.copystat(path, temporary)
    os.utime(temporary)
