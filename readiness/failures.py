"""The page of what breaks in practice, and how the checks stand to it: `python -m readiness.failures` writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from readiness.composition import knowledge
from readiness.model.rules import Failure, failures

_STANDING = {"detected": "detected", "hinted": "hinted at", "unseen": "without evidence"}
_HEAD = """# What breaks in practice

{detected} failures are detected: a check names cause and fix. {hinted} are hinted at: a check shows something of
them, and says what it may be. {unseen} leave no evidence in what is read: `readiness explain` shows them as things to
look at, with the check that they belong to. Each row that is detected or hinted at is tried on a simulated estate
(`tests/failures`).

Rules of {as_of}; `python -m readiness.failures` writes this page from `checks/knowledge/failures.toml`.

| id | symptom | cause | fix | standing | check | source |
| --- | --- | --- | --- | --- | --- | --- |
"""
_BESIDE = """
## What to look at

For what no check sees, or not the whole of it.

| id | look at |
| --- | --- |
"""


def document() -> str:
    """The page, of the rule data that ships."""
    known = knowledge()
    rows = failures(known)
    counts = Counter[str](row.standing for row in rows)
    as_of = known.tables["failures"].as_of
    head = _HEAD.format(**{standing: counts[standing] for standing in _STANDING}, as_of=as_of)
    beside = [_line([row.id, row.look]) for row in rows if row.look]
    return "".join([head, *map(_row, rows), _BESIDE, *beside])


def _row(row: Failure) -> str:
    source = f"{row.source} ({row.date}, {row.confidence or 'confidence not told'})"
    checks = ", ".join(f"`{check}`" for check in row.checks)
    return _line([row.id, row.symptom, row.cause, row.fix, _STANDING[row.standing], checks, source])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;').replace('<', '&lt;') for cell in cells)} |\n"


if __name__ == "__main__":
    from pathlib import Path

    page = Path(__file__).parents[1] / "docs" / "failures.md"
    page.write_text(document(), encoding="utf-8", newline="\n")
