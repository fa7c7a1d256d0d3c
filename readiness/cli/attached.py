"""What `readiness attach` says: what was sent, what was there, what was refused, and what to do by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness.targets.delivery import NOTE, Delivery, Part, State
from readiness.targets.parcel import Parcel
from readiness.text import one_line, printable

_UNSURE = "Look at the record first: some of this may be there, and the same command again could send it twice."


def said(parcel: Parcel, done: Delivery, to: str, *, dry_run: bool, left: Sequence[Path]) -> dict[str, Any]:
    """The same as data."""
    return {
        "to": to,
        "record": done.record,
        "run": parcel.run,
        "phase": parcel.phase.value if parcel.phase else None,
        "dry_run": dry_run,
        "parts": [
            {"name": part.name, "bytes": part.size, "state": part.state.value, "why": part.why or None}
            for part in done.parts
        ],
        "limits": {
            "asked": done.asked,
            "file_bytes": done.limits.file_bytes,
            "extensions": sorted(done.limits.extensions) if done.limits.extensions is not None else None,
            "not_asked": done.limits.not_asked,
        },
        "note": done.note,
        "error": done.error,
        "by_hand": [str(path) for path in left],
    }


def page(parcel: Parcel, done: Delivery, to: str, *, dry_run: bool) -> str:
    """For a person."""
    head = f"Run {parcel.run} to {one_line(to, 120)}: {one_line(done.record or 'not asked', 160)}"
    lines = [head, "", *(f"  {_line(part)}" for part in done.parts)]
    if done.limits.not_asked is not None:
        lines += ["", f"Limits: {one_line(done.limits.not_asked, 300)}"]
    if dry_run and done.note is not None:
        lines += ["", "The note would be:", "", *(f"  | {line}" for line in done.note.rstrip("\n").split("\n"))]
    return "\n".join(lines)


def _line(part: Part) -> str:
    size = f" ({part.size:,} bytes)" if part.size is not None else ""
    what = "note" if part.name == NOTE else part.name
    why = f": {one_line(part.why, 600)}" if part.why and part.state is not State.THERE else ""
    why = f", {part.why}" if part.why and part.state is State.THERE else why
    return f"{part.state:<13}  {what}{size}{why}"


def by_hand(to: str, error: str | None, left: Sequence[Path], *, unsure: bool) -> str:
    """What went wrong, and what a person can do about it."""
    lines = [f"Error: {error}"] if error else []
    if left:
        files = [path for path in left if not path.name.endswith(".note.txt")]
        notes = [path for path in left if path.name.endswith(".note.txt")]
        record = one_line(to.partition(":")[2] or to, 80)
        lines.append(f"To do it by hand, attach to {record} what is not there yet:")
        lines += [f"  {printable(str(path))}" for path in files]
        lines += [f"and write as its note what is in {printable(str(path))}" for path in notes]
        lines.append(_UNSURE if unsure else "The same command again sends only what is missing.")
    return "\n".join(lines)
