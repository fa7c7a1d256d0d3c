"""Standard output and error as they really are: closed, gone in the middle, or in an old code page."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from typing import TextIO

import click

from readiness.errors import OutputError
from readiness.text import DEGRADE, IN_ASCII, printable

GONE = (errno.EPIPE, errno.EINVAL, errno.EIO)
"""What writing to a reader that has left ends in; Windows says EINVAL, a terminal that was closed EIO."""
NARROWEST = 40


def prepare() -> None:
    """Give a program that was started without streams some that take everything, and let none break on a character."""
    if sys.stdout is None:
        sys.stdout = nowhere()
    if sys.stderr is None:
        sys.stderr = nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=DEGRADE)


def say(text: str, *, err: bool = False) -> None:
    """Print lines, control characters in them as escapes. A reader that has left changes nothing: the exit code is
    still to be told. On a terminal what is said on standard error is broken between words."""
    lines = [printable(line) for line in text.split("\n")]
    if err:
        lines = [part for line in lines for part in broken(line)]
    write("".join(f"{line}\n" for line in lines), err=err)


def broken(line: str) -> list[str]:
    """The line as it is, and on a terminal that is narrower in several: the terminal would break it inside of words.
    Words that are longer, as addresses are, stay whole."""
    room = columns_of(sys.stderr)
    if room is None or len(line) <= room:
        return [line]
    from textwrap import wrap

    return wrap(line, max(room, NARROWEST), break_long_words=False, break_on_hyphens=False, subsequent_indent="  ")


def write(text: str, *, err: bool = False) -> None:
    """Print text as it is, colours included."""
    try:
        # Degraded here: what click takes for a misconfigured terminal gets UTF-8 from it, whatever it can show.
        click.echo(_shown(text, sys.stderr if err else sys.stdout), nl=False, err=err, color=True)
    except OSError as error:
        _give_up(error, err=err)


def _shown(text: str, stream: TextIO) -> str:
    """Text in what a stream can show."""
    encoding = stream.encoding or "ascii"
    try:
        return text.encode(encoding, DEGRADE).decode(encoding)
    except LookupError:
        return text.encode("ascii", DEGRADE).decode("ascii")


def write_utf8(text: str) -> None:
    """Print a document for programs: UTF-8, whatever the code page of the console."""
    try:
        sys.stdout.flush()
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(text)
        else:
            buffer.write(text.encode("utf-8", "replace"))
            buffer.flush()
    except OSError as error:
        _give_up(error, err=False)


def columns_of(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream is; None where it is none, or does not tell."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def width() -> int:
    """Columns of the terminal, or what COLUMNS says; 80 where there is neither."""
    return shutil.get_terminal_size((80, 24)).columns


def shows_colour(*, no_color: bool) -> bool:
    """Colours: `--no-color`, then NO_COLOR, then FORCE_COLOR, then whether stdout is a terminal."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def ascii_only() -> bool:
    """Whether standard output cannot show the signs that we like to use."""
    try:
        "".join(IN_ASCII).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _give_up(error: OSError, *, err: bool) -> None:
    """Swallow the rest of a stream whose reader has left, also what the interpreter flushes at its end. Where standard
    output cannot take what is said, that is said; of standard error nobody could be told.

    Raises:
        OutputError: the disk behind standard output is full, say.
    """
    if err:
        sys.stderr = nowhere()
        return
    sys.stdout = nowhere()
    if error.errno not in GONE:
        raise OutputError(f"standard output cannot be written: {error.strerror}") from error


def nowhere() -> TextIO:
    """A stream that takes everything and keeps nothing."""
    return open(os.devnull, "w", encoding="utf-8")
