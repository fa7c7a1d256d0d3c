"""A folder as target: `--to file:DIR`. The note is a file beside the reports; nothing is ever replaced."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from readiness.errors import ConfigurationError, TicketError, TicketRefusedError
from readiness.model.ticket import TicketFile, TicketLimits, TicketState
from readiness.text import one_line, printable

_NOTES = "readiness-*.note.md"
_MOST_NOTES = 1000
_MOST_NOTE_BYTES = 1024 * 1024


class Folder:
    """Files in a folder: whole or not there, and never over one that is there."""

    flavour = "github"
    note_limit = None

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def named(cls, text: str) -> Folder:
        """The folder of `file:DIR`.

        Raises:
            ConfigurationError: it names a file, or nothing.
        """
        path = Path(text)
        if not text.strip() or "\0" in text:
            raise ConfigurationError("--to file: names no folder; write file:DIR")
        if path.exists() and not path.is_dir():
            raise ConfigurationError(f"--to file:{printable(text)}: that is a file; name a folder")
        return cls(path)

    def look(self) -> TicketState:
        """What lies there; an absent folder holds nothing, and is made when something is written."""
        try:
            there = sorted(self._path.iterdir(), key=_age) if self._path.exists() else []
            notes = [_note(path) for path in there if path.match(_NOTES)][-_MOST_NOTES:]
            sizes = {path.name: path.stat().st_size for path in there if path.is_file()}
        except OSError as error:
            raise TicketError(f"{self._name}: cannot be read: {error.strerror or error}") from error
        return TicketState(self._name, tuple(path.name for path in there), "\n".join(notes), sizes)

    def limits(self) -> TicketLimits:
        return TicketLimits()

    def attach(self, file: TicketFile) -> None:
        self._put(file.name, file.content)

    def write(self, note: str) -> None:
        name = note_name(note)
        if name is None:
            raise TicketRefusedError("the note names no run, so it has no name of its own here")
        self._put(name, note.encode())

    def fetch(self, name: str, most_bytes: int) -> bytes:
        try:
            with (self._path / name).open("rb") as file:
                content = file.read(most_bytes + 1)
        except OSError as error:
            raise TicketError(f"{self._name}: {one_line(name)} cannot be read: {error.strerror or error}") from error
        if len(content) > most_bytes:
            raise TicketError(f"{self._name}: {one_line(name)} is larger than any report")
        return content

    def close(self) -> None:
        pass

    @property
    def _name(self) -> str:
        return printable(str(self._path))

    def _put(self, name: str, content: bytes) -> None:
        """A temporary file beside it, then a link of the final name: that fails where something has the name."""
        temporary = self._path / f".{name}.{secrets.token_hex(4)}"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                _place(temporary, self._path / name)
            finally:
                temporary.unlink(missing_ok=True)
        except FileExistsError as error:
            raise TicketRefusedError(f"{self._name}: {name} is there already, and is not replaced") from error
        except OSError as error:
            raise TicketError(f"{self._name}: {name} cannot be written: {error.strerror or error}") from error


def _place(temporary: Path, final: Path) -> None:
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: then somebody could still come between these two
        if final.exists():
            raise FileExistsError(str(final)) from None
        os.rename(temporary, final)


def _age(path: Path) -> tuple[float, str]:
    return path.lstat().st_mtime, path.name


def _note(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_NOTE_BYTES).decode("utf-8", "replace")


def note_name(note: str) -> str | None:
    """The name of a note's file: that of the run which it says it is of."""
    from readiness.targets.parcel import run_named

    run = run_named(note)
    return None if run is None else f"readiness-{run}.note.md"
