"""How the program refuses evidence: with the file and the place in one line, soon, and without a trace on the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness import documents
from readiness import evidence as bodies
from tests.checks.builders import evidence
from tests.checks.estates import HEALTHY
from tests.conftest import Program, Ran

MOST_SECONDS = 5.0
"""Of processor time, on a slow machine; in most cases it is a few milliseconds."""
MOST_WORDS = 700
REFUSED = 2
OUT = "reports"
"""The output folder that every run names, and that must not be made."""

Judge = Callable[..., Ran]


def content() -> bytes:
    """A file of evidence, as the tool writes it."""
    return documents.readable(documents.sealed(bodies.document(evidence(*HEALTHY[0].facts)))).encode()


def assess(program: Program, *files: str) -> Ran:
    """As it is called for all formats, and for a copy on standard output."""
    return program("assess", *files, "--output", OUT, "--format", "html,markdown,json", "--json", "--no-input")


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Nothing comes into the folder, leaves it, or is changed in it; and it does not take long."""
    before, started = _state(folder), time.thread_time()
    yield
    assert time.thread_time() - started < MOST_SECONDS, "too slow"
    assert _state(folder) == before


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    found = ((path, path.lstat()) for path in folder.rglob("*"))
    return {str(path): (status.st_size, status.st_mtime_ns) for path, status in found}


def refused(ran: Ran, file: str) -> str:
    """Why a file was refused, in one line that a person can read and that names the file."""
    assert (ran.code, ran.out) == (REFUSED, "")
    first, last, end = ran.err.split("\n")
    assert (last, end) == ("exit 2: usage or configuration error; nothing was read", "")
    start = f"Error: {file}: "
    assert first.startswith(start), first
    assert first.isprintable(), ascii(first)
    assert "Traceback" not in first
    said = first.removeprefix(start)
    assert 0 < len(said) < MOST_WORDS
    return said
