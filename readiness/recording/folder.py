"""The folder of a recording: private, new or empty; its manifest, and what is believed of one that was sent."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.errors import ConfigurationError, EvidenceError, OutputError

SCHEMA = "readiness/recording/v1"
MANIFEST = "recording.json"
CONFIGURATION = "readiness.toml"
EXCHANGES = "exchanges"
MOST_FILES = 50_000
MOST_BYTES = 64 * 1024 * 1024
"""Of one file."""
MOST_BYTES_TOGETHER = 512 * 1024 * 1024
_PLAIN = re.compile(r"[0-9A-Za-z.:+-]{1,60}", re.ASCII)
_FILE = re.compile(r"exchanges/[0-9]{4,6}\.json|readiness\.toml")


def must_be_new(folder: Path) -> None:
    """Make the folder, for the owner alone; refuse one that holds anything.

    Raises:
        ConfigurationError: naming the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise ConfigurationError(f"--record {folder}: the folder is not empty; name a new one")
        folder.chmod(0o700)
    except OSError as error:
        raise ConfigurationError(f"--record {folder}: cannot be used: {error.strerror or error}") from error


def private(folder: Path) -> None:
    """Make a folder for the owner alone. Raises `OutputError`."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror or error}") from error


def write_private(path: Path, text: str) -> None:
    """Write a file for the owner alone, whole or not at all. Raises `OSError`."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, its digest proven.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
    """
    path = folder / MANIFEST
    if (folder / EXCHANGES).is_symlink() or path.is_symlink():
        raise EvidenceError(f"{folder}: {MANIFEST} or {EXCHANGES} is a link that leads elsewhere")
    if not path.is_file():
        raise EvidenceError(f"{path}: there is no recording here, or it was not finished")
    found = documents.read(path)
    if found.get("schema") != SCHEMA:
        raise EvidenceError(f"{path}: its schema is {found.get('schema')!r:.60}, this version reads {SCHEMA}")
    for name in ("tool_version", "started"):
        if not isinstance(found.get(name), str) or not _PLAIN.fullmatch(found[name]):
            raise EvidenceError(f"{path}: {name}: missing, or no plain word")
    return found


def read_file(folder: Path, name: str, digest: str) -> bytes:
    """One file that the manifest names.

    Raises:
        EvidenceError: it leads elsewhere, is too large, cannot be read, or was changed.
    """
    path = folder / name
    if not _FILE.fullmatch(name):
        raise EvidenceError(f"{folder / MANIFEST}: files: {name!r:.80} is no name of a file of a recording")
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise EvidenceError(f"{path}: no ordinary file, missing, or larger than {MOST_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise EvidenceError(f"{path}: changed after it was written: its digest is not that of {MANIFEST}")
    return data
