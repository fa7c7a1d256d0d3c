"""The private map: which alias is whom. It is read and extended, so that names keep their aliases in later runs."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.aliases import Aliases, Form, Named
from readiness.aliases.table import LONGEST_KEPT, folded
from readiness.errors import EvidenceError, OutputError

SCHEMA = "readiness/redaction-map/v1"
_KEYS = {"alias", "form", "key", "name"}
_MARK = re.compile(r"[0-9a-f]{16}")


@dataclass(slots=True)
class Map:
    """A map that was read, or a new one."""

    path: Path
    mark: str
    """Random: it says that two files were redacted by the same map."""
    aliases: Aliases = field(default_factory=Aliases, repr=False)
    before: bytes | None = field(default=None, repr=False)
    """What the file held; None where there was none."""

    def save(self) -> None:
        """Write it, for its owner alone, whole or not at all.

        Raises:
            OutputError: it cannot be written, or another run has changed it since it was read.
        """
        if _content(self.path) != self.before:
            raise OutputError(f"{self.path}: another run has changed this map meanwhile; run again")
        lines = sorted(self.aliases.named(), key=lambda named: (named.form.value, _order(named.alias)))
        written = [
            {"alias": named.alias, "form": named.form.value, "key": named.key, "name": named.name} for named in lines
        ]
        document = documents.sealed({"schema": SCHEMA, "mark": self.mark, "aliases": written})
        documents.write_bytes(self.path, documents.readable(document).encode(), private=True)
        self.before = _content(self.path)


def load_map(path: Path) -> Map:
    """The map in this file; a new one where there is no such file.

    Raises:
        EvidenceError: the file is no map, was changed, or cannot be read.
    """
    before = _content(path)
    if before is None:
        return Map(path, secrets.token_hex(8))
    found = documents.read(path)
    if found.get("schema") != SCHEMA:
        raise EvidenceError(f"{path}: it is no map of aliases: its schema is not {SCHEMA}")
    mark, lines = found.get("mark"), found.get("aliases")
    if set(found) != {"schema", "digest", "mark", "aliases"} or not isinstance(lines, list):
        raise EvidenceError(f"{path}: it is no map of aliases of this version: its keys are others")
    if not isinstance(mark, str) or not _MARK.fullmatch(mark):
        raise EvidenceError(f"{path}: mark: it is no mark of a map")
    read = Map(path, mark, before=before)
    for index, line in enumerate(lines):
        try:
            read.aliases.restore(_named(line))
        except ValueError as error:
            raise EvidenceError(f"{path}: aliases[{index}]: {error}") from error
    return read


def _named(line: Any) -> Named:
    if not isinstance(line, dict) or set(line) != _KEYS or not all(isinstance(one, str) for one in line.values()):
        raise ValueError("it is not what this tool writes")
    name, key = line["name"], line["key"]
    whole = len(name) < LONGEST_KEPT
    if len(name) > LONGEST_KEPT or (folded(name) != key if whole else not key or len(key) > LONGEST_KEPT):
        raise ValueError("its key is not that of its name")
    return Named(Form(line["form"]), key, name, line["alias"])


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror or error}") from error


def _order(alias: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"(.*?)([0-9]*)(\.example)?", alias, re.ASCII)
    return (found[1], int(found[2] or 0), alias) if found else (alias, 0, alias)
