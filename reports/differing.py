"""What is different between two runs, in words that every format shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.plugin import NOT_THE_ESTATE, Cause, Difference, Different, Outcome, RunDiff, Side
from reports.changes import NOT_THERE
from reports.text import clipped, name, named, prose, utc, visible
from reports.view import STATE_MARKS, Capped, capped

TITLE = "What changed between two runs"
HEADS = ("What", "Was", "Is")
TONES = {
    Difference.BROKEN: Outcome.FAIL,
    Difference.DEGRADED: Outcome.FAIL,
    Difference.UNVERIFIABLE: Outcome.UNKNOWN,
    Difference.JUDGED: Outcome.UNKNOWN,
    Difference.REPAIRED: Outcome.PASS,
}
"""The outcome whose colour a difference wears; the others wear none."""
LONGEST = 300
"""Signs shown of what was, and of what is."""
ROWS_SHOWN = 200
DEMO = "DEMO DATA: this is about the simulated estate, not about yours"


@dataclass(frozen=True, slots=True)
class Row:
    """One difference as a row of words."""

    about: str
    before: str
    after: str
    because: str
    """What blocks it now, and from what it may come besides the estate; empty where there is nothing to say."""

    @property
    def cells(self) -> tuple[str, str, str]:
        """In the order of `HEADS`."""
        return self.about, self.before, f"{self.after}; {self.because}" if self.because else self.after


@dataclass(frozen=True, slots=True)
class Section:
    """All that is different in one way."""

    difference: Difference
    rows: Capped[Row]

    @property
    def heading(self) -> str:
        """With how many there are."""
        heading = self.difference.heading
        return f"{heading[0].upper()}{heading[1:]} ({len(self.rows.shown) + self.rows.hidden})"


def sections(diff: RunDiff, most: int = ROWS_SHOWN) -> Iterator[Section]:
    """By what it means, the worst first; none that is empty."""
    for difference in Difference:
        found = [row(one) for one in diff.differences if one.difference is difference]
        if found:
            yield Section(difference, capped(found, most))


def row(one: Different) -> Row:
    """A difference in words; long ones cut, which the JSON has whole."""
    about = f"{one.what} {named(one.name, one.id)}" if one.name != one.id else name(one.name)
    if one.name == one.id and one.what != one.id:
        about = f"{one.what}: {about}"
    return Row(about, _side(one.before), _side(one.after), "; ".join(_because(one)))


def _because(one: Different) -> Iterator[str]:
    if one.because:
        yield f"blocked by {', '.join(map(name, one.because))}"
    perhaps = [cause.words for cause in one.causes if cause in NOT_THE_ESTATE]
    if perhaps:
        yield f"perhaps only for {' and '.join(perhaps)}"
    if Cause.OVERLAY in one.causes:
        yield f"for {Cause.OVERLAY.words} that began or ended"


def _side(text: str | None) -> str:
    return NOT_THERE if text is None else clipped(visible(text), LONGEST)


def sides(diff: RunDiff) -> tuple[tuple[str, str], tuple[str, str]]:
    """Which two runs these are, each with what it decided."""
    return ("Before", _run(diff.before)), ("After", _run(diff.after))


def _run(side: Side) -> str:
    partial = "" if side.whole else ", partial"
    of = ", ".join(name(one) for one in (side.tenant, side.site) if one)
    about = f" of {of}" if of else ""
    sentence = prose(side.sentence)
    return f"run {name(side.run)}{about}, read {utc(side.finished)}{partial}: {STATE_MARKS[side.state]} {sentence}"


def notes(diff: RunDiff) -> tuple[str, ...]:
    """What to bear in mind."""
    return tuple(f"{prose(one)}." for one in diff.reservations)


def line(diff: RunDiff) -> str:
    """The whole in one line, without line end."""
    said = prose(diff.sentence)
    return f"{said[0].upper()}{said[1:]}."


def is_demo(diff: RunDiff) -> bool:
    """Whether one of the two is about the simulated estate."""
    return diff.before.demo or diff.after.demo
