"""Collections against the checks that look at each of them: what stands where two of them cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from readiness.plugin import CheckResult, DecisionState, Outcome, Phase, Report, SubjectResult, TargetDecision

KIND = "collection"
WORST_FIRST = (
    DecisionState.NOT_READY,
    DecisionState.UNDETERMINED,
    DecisionState.NOT_CONFIGURED,
    DecisionState.SELECTION_PASSED,
    DecisionState.READY,
)
_SETTLED = (Outcome.PASS, Outcome.FAIL)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A collection of the roll-out with its number in the report, the first being 1."""

    number: int
    target: TargetDecision


@dataclass(frozen=True, slots=True)
class Cell:
    """What one check came to for one collection."""

    outcome: Outcome
    subject: SubjectResult | None
    """None where the check says the same of every collection."""


@dataclass(frozen=True, slots=True)
class Line:
    """One collection, with a cell for each check; None where the check does not speak of it."""

    numbered: Numbered
    cells: tuple[Cell | None, ...]


def worst_first(report: Report) -> tuple[Numbered, ...]:
    """The collections of the roll-out, what keeps it from being ready first; else in their order."""
    numbered = (Numbered(number, target) for number, target in enumerate(report.collections, start=1))
    return tuple(sorted(numbered, key=lambda one: WORST_FIRST.index(one.target.state)))


def columns(report: Report) -> tuple[CheckResult, ...]:
    """The checks that look at each collection, in catalogue order; also those that could not look at any."""
    return tuple(check for check in report.checks if _subjects(check) or _about_all(check))


def lines(of: Sequence[Numbered], checks: Sequence[CheckResult]) -> tuple[Line, ...]:
    """The rows of the matrix."""
    wanted = {_key(one.target) for one in of}
    found = [
        {subject.id: subject for subject in _subjects(check) if subject.id in wanted} | _by_name(check, wanted)
        for check in checks
    ]
    return tuple(
        Line(one, tuple(_cell(check, own.get(_key(one.target))) for check, own in zip(checks, found, strict=True)))
        for one in of
    )


def _by_name(check: CheckResult, wanted: set[str]) -> dict[str, SubjectResult]:
    """Subjects that could not be resolved to an id go by the name that was given."""
    known = {subject.id for subject in _subjects(check)}
    return {one.name: one for one in _subjects(check) if one.name in wanted and one.name not in known}


def _key(target: TargetDecision) -> str:
    return target.name if target.id is None else target.id


def _subjects(check: CheckResult) -> tuple[SubjectResult, ...]:
    return tuple(subject for subject in check.subjects if subject.kind == KIND)


def _about_all(check: CheckResult) -> bool:
    """Whether it is a check of collections that says one thing of all of them: that it was not judged, or is moot."""
    return check.phase is Phase.COLLECTIONS and not check.subjects and check.outcome not in _SETTLED


def _cell(check: CheckResult, subject: SubjectResult | None) -> Cell | None:
    if subject is not None:
        return Cell(subject.outcome, subject)
    return Cell(check.outcome, None) if _about_all(check) else None
