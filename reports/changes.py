"""What changed since an earlier report, in words that every format shows."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.plugin import Change, Comparison, Outcome
from reports.text import clipped, name, named, prose, utc, visible

TITLE = "Since the approved report"
HEADS = ("Which way", "What", "Was", "Is")
TONES = {"worse": Outcome.FAIL, "better": Outcome.PASS, "other": Outcome.UNKNOWN}
"""The outcome whose colour a direction wears."""
LONGEST = 300
"""Signs shown of what was, and of what is."""
NOT_THERE = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One change as a row of words."""

    direction: str
    about: str
    before: str
    after: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of `HEADS`."""
        return self.direction, self.about, self.before, self.after


def earlier(comparison: Comparison) -> str:
    """Which report it is that this one is held against."""
    return f"run {name(comparison.run)} of {utc(comparison.finished)}"


def row(change: Change) -> Row:
    """A change in words; long ones cut, which the JSON report has whole."""
    about = f"{change.what} {named(change.name, change.id)}" if change.name != change.id else name(change.name)
    if change.name == change.id and change.what != change.id:
        about = f"{change.what}: {about}"
    return Row(change.direction, about, _side(change.before), _side(change.after))


def _side(text: str | None) -> str:
    return NOT_THERE if text is None else clipped(visible(text), LONGEST)


def line(comparison: Comparison) -> str:
    """The comparison in one line, without line end."""
    return prose(comparison.sentence)
