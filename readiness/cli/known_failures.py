"""What breaks in practice around a check, for `readiness explain`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readiness.model.knowledge import Knowledge, RuleRow

if TYPE_CHECKING:
    from reports.page import Page

KNOWN, LOOK_AT = "Known failures around this", "Things to look at, which no check sees"
UNSEEN = "unseen"
_STANDING = {"detected": "detected, cause and fix are named, by", "hinted": "hinted at by"}


def around(check: str, knowledge: Knowledge) -> list[dict[str, Any]]:
    """The failures of the rule data that belong to a check, as JSON values: what is detected first."""
    rows = [_flat(row) for row in knowledge.find("failures") if check in row.values["checks"]]
    return sorted(rows, key=lambda row: ("detected", "hinted", UNSEEN).index(row["standing"]))


def _flat(row: RuleRow) -> dict[str, Any]:
    return {
        **row.values,
        "source": row.source,
        "cited": list(row.cited),
        "date": row.date.isoformat(),
        "confidence": row.confidence,
        "file": row.file,
    }


def show(page: Page, rows: Sequence[Mapping[str, Any]]) -> None:
    """Lay them out: those that a check names or hints at, then what to look at beside them."""
    _part(page, KNOWN, [row for row in rows if row["standing"] != UNSEEN])
    _part(page, LOOK_AT, [row for row in rows if row["standing"] == UNSEEN])


def _part(page: Page, heading: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for number, row in enumerate(rows):
        if number == 0:
            page.blank()
            page.put(heading, tone="1")
        page.lead(f"  {row['id']}", row["symptom"], indent=6)
        for label, words in _told(row):
            page.put(f"{label}: {words}", indent=6, hang=2)


def _told(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "cause", row["cause"]
    yield "fix", row["fix"]
    if row["standing"] in _STANDING:
        yield "seen", f"{_STANDING[row['standing']]} {', '.join(row['checks'])}"
    if row["look"]:
        yield "look at", row["look"]
    outside = f"; from {row['file']}" if row["file"] else ""
    yield "source", f"{row['source']}, {row['date']}, {row['confidence'] or 'confidence not told'}{outside}"
