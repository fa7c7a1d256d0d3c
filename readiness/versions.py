"""Documents that another version of this tool wrote: older ones are brought up to date, newer ones refused.

Within one schema, documents only grow: `docs/decisions/0016-older-files.md`. A change that breaks readers gives the
schema its next number, and adds the step from the one before it to the steps of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from readiness import __version__
from readiness.errors import EvidenceError
from readiness.text import one_line

Document = dict[str, Any]
Steps = Mapping[str, Callable[[Document], Document]]
"""By the schema of a document, what makes one of the next schema of it. Nothing that the older one does not hold may
be taken for known by that."""

_SCHEMA = re.compile(r"(readiness/[a-z]{1,30}/v)([0-9]{1,6})", re.ASCII)
_VERSION = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,4}", re.ASCII)


def of_schema(path: Path, found: Document, wanted: str, steps: Steps) -> Document:
    """A document of the wanted schema, brought there step by step where it is older.

    Args:
        path: of the file, for messages.
        found: the document, its digest proven.
        wanted: the schema that this version writes.

    Raises:
        EvidenceError: it is of a newer schema, or of none that leads to the wanted one.
    """
    taken = 0
    while (schema := found.get("schema")) != wanted:
        if not isinstance(schema, str) or schema not in steps or taken == len(steps):
            raise EvidenceError(f"{path}: {_refusal(found, wanted)}")
        found, taken = steps[schema](found), taken + 1
    return found


def newer(found: Mapping[str, Any]) -> str | None:
    """What to say of a document that says that a newer version wrote it; None where it does not say so."""
    run = found.get("run")
    by = found.get("tool_version", run.get("tool_version") if isinstance(run, dict) else None)
    if not isinstance(by, str) or max(map(_numbers, by[:200].split(",")), default=()) <= _numbers(__version__):
        return None
    return (
        f"written by readiness {one_line(by, 40)}, which is newer than this version ({__version__}): upgrade readiness"
    )


def _refusal(found: Document, wanted: str) -> str:
    schema = found.get("schema")
    theirs = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    ours = _SCHEMA.fullmatch(wanted)
    if theirs is None or ours is None or theirs[1] != ours[1]:
        named = f"'{one_line(schema, 60)}'" if isinstance(schema, str) else "missing" if schema is None else "no text"
        return f"its schema is {named}, this version reads {wanted}"
    if int(theirs[2]) < int(ours[2]):
        return f"its schema is {theirs[0]}, which is older than anything that this version ({__version__}) can read"
    said = newer(found) or f"written by a newer version of readiness than this one ({__version__}): upgrade readiness"
    return f"{said}; its schema is {theirs[0]}, this version reads {wanted}"


def _numbers(version: str) -> tuple[int, ...]:
    """`0.10.1.dev3` as (0, 10, 1); nothing where it does not begin with a number. Ends in no zero, so that 1.0 is 1."""
    found = _VERSION.match(version.strip())
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
