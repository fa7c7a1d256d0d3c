"""What is in a history file, unpacked: a secret must not hide in what is compressed."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

MAGIC = b"SQLite format 3\x00"


def said_in(path: Path) -> bytes:
    """The bytes of a file; of a history also every document in it."""
    content = path.read_bytes()
    if not content.startswith(MAGIC):
        return content
    with closing(sqlite3.connect(path)) as connection:
        packed = [row[0] for row in connection.execute("SELECT packed FROM documents")]
    assert packed
    return b"\n".join([content, *map(zlib.decompress, packed)])
