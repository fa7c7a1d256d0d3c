"""Whether two runs have anything in common to be compared, and what to bear in mind where they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readiness.assessment.comparing import paired_targets
from readiness.assessment.wholeness import is_whole
from readiness.model.changes import Change, Changed
from readiness.model.report import Report
from readiness.model.words import DecisionState, Half


def nothing_in_common(before: Report, after: Report) -> str | None:
    """Why there is nothing to compare; None where there is."""
    if not {check.id for check in before.checks} & {check.id for check in after.checks}:
        return "they judged other checks, none of them the same"
    read = [_halves(report) for report in (before, after)]
    if all(read) and not set.intersection(*read):
        return "one of them read the tenant alone, the other one the site alone"
    settled = all(any(target.id for target in report.collections) for report in (before, after))
    if settled and not any(old and new for old, new in paired_targets(before.collections, after.collections)):
        return "they are about other collections, none of them the same"
    return None


def _halves(report: Report) -> set[Half]:
    """The halves that were configured; of an older report that says nothing of them, both."""
    halves = report.decision.halves
    return {half for half in Half if halves.get(half) is not DecisionState.NOT_CONFIGURED}


def reservations(before: Report, after: Report, changes: Iterable[Change]) -> Iterator[str]:
    """What to bear in mind, in sentences: a difference may come from how was looked, not from what was seen.

    Args:
        changes: between the two.
    """
    if before.run.id == after.run.id:
        yield "Both are the same run"
    for report, which in ((before, "earlier"), (after, "later")):
        if not is_whole(report):
            yield f"The {which} run is partial: {report.run.stopped or 'something was not read'}"
    for change in changes:
        about = _about(change)
        if about is not None:
            yield f"{about}: {change.before or 'none'}, then {change.after or 'none'}"
    if before.decision.deselected != after.decision.deselected:
        yield "Other checks were selected"
    for half in sorted(_halves(before) ^ _halves(after)):
        yield f"Only the {'earlier' if half in _halves(before) else 'later'} run read the {half}"


def _about(change: Change) -> str | None:
    match change.what:
        case Changed.RULES:
            return "Judged by other rules"
        case Changed.TOOL:
            return "Judged by another version of readiness"
        case Changed.READ_BY:
            return "Read by others" if change.id == "identities" else f"Read with other rights by {change.name}"
        case Changed.CONFIGURATION if change.id.startswith("scope."):
            return f"The scope is another, {change.id.removeprefix('scope.')}"
        case _:
            return None
