"""Finding and reading `readiness.toml`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from readiness.config.wording import did_you_mean, shown
from readiness.errors import ConfigurationError
from readiness.text import printable

FILE_NAME = "readiness.toml"
LARGEST_FILE = 1024 * 1024
"""Bytes. A configuration beyond it is something else by mistake."""

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]{1,40})\s*=")
_HEADER = re.compile(r"\s*(\[\[?[A-Za-z0-9_. -]{1,40}\]\]?)\s*(?:#.*)?$")


def user_file(user_dir: Path | None = None) -> Path:
    """The configuration file of this user."""
    if user_dir is None:
        import platformdirs

        user_dir = platformdirs.user_config_path("readiness", appauthor=False)
    return user_dir / FILE_NAME


def find(path: Path | None, cwd: Path, user_dir: Path | None) -> Path | None:
    """The file that was named, else the one in the working directory, else the user's own; None where none is."""
    if path is not None:
        return cwd / path
    here = cwd / FILE_NAME
    if os.path.lexists(here):
        return here
    users = user_file(user_dir)
    return users if os.path.lexists(users) else None


def read(path: Path, what: str = FILE_NAME) -> str:
    """The text of a file, with LF at line ends. A byte order mark, as Windows editors write it, is accepted.

    Args:
        what: what the file should be, for messages.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{_name(path)}: no such file{_neighbour(path)}") from error
    except IsADirectoryError as error:
        raise ConfigurationError(f"{_name(path)}: is a folder; name the {what} in it") from error
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows says "permission denied" of a folder
            raise ConfigurationError(f"{_name(path)}: is a folder; name the {what} in it") from error
        reason = error.strerror if isinstance(error, OSError) else "not a valid path"
        raise ConfigurationError(f"{_name(path)}: cannot be read: {reason}") from error
    if len(content) > LARGEST_FILE:
        raise ConfigurationError(f"{_name(path)}: larger than 1 MiB: this is no {what}")
    return _decoded(content, path)


def parse(text: str, path: Path | None) -> dict[str, Any]:
    """The tables of the file, untyped."""
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigurationError(f"{_name(path)}: lists or tables are nested too deep") from error
    except ValueError as error:
        raise ConfigurationError(f"{_name(path)}{_explained(str(error), text)}") from None


def _name(path: Path | None) -> str:
    return printable(str(path))


def _neighbour(path: Path) -> str:
    """The file that was probably meant, where the folder has one with nearly that name."""
    try:
        names = [printable(entry.name) for entry in path.parent.iterdir() if entry.suffix == ".toml"]
    except (OSError, ValueError):
        return ""
    return "; " + did_you_mean(path.name, names) if names else ""


def _decoded(content: bytes, path: Path) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigurationError(f"{_name(path)}, line 1: is UTF-16, as PowerShell's `>` writes it; save it as UTF-8")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{_name(path)}, line {line}: is not UTF-8; save the file as UTF-8") from None


def _explained(message: str, text: str) -> str:
    """`, line 3: [site] username: ...` from what tomllib says; never the value itself."""
    place = _PLACE.search(message)
    if place is None:
        return f": not valid TOML: {shown(message)}" if "digits" not in message else ": a number has too many digits"
    lines = text.rstrip("\n").split("\n")
    number = min(int(place[1]), len(lines)) if place[1] else len(lines)
    line = lines[number - 1]
    return f", line {number}: {_statement(lines, number)}{_advice(message[: place.start()], line)}"


def _statement(lines: list[str], number: int) -> str:
    """The section and key that stand on a line, as far as they can be told."""
    headers = (match[1] for line in reversed(lines[:number]) if (match := _HEADER.match(line)))
    key = _KEY.match(lines[number - 1])
    words = [word for word in (next(headers, None), key[1] if key else None) if word]
    return f"{' '.join(words)}: " if words else ""


def _advice(message: str, line: str) -> str:
    """What to do about it, for the mistakes that are made most."""
    if message.startswith(("Cannot overwrite", "Cannot declare", "Duplicate")):
        return "written twice; keep one"
    if "\\" in line and "'" not in line and message.startswith(("Unescaped", "Invalid hex")):
        return "a backslash inside double quotes starts an escape; write it twice, or use single quotes"
    value = line.partition("=")[2].strip()
    if message.startswith(("Illegal character '\\n'", "Unterminated string")):
        return "the closing quote is missing"
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return "not a valid date; write 2026-12-31, or with a time 2026-12-31T20:00:00Z"
    if value.lower() in ("true", "false"):
        return "write true and false in lower case"
    if re.match(r"[A-Za-z]", value) and message == "Invalid value":
        return "not a TOML value; text needs quotes"
    return f"not valid TOML: {shown(message)}"
