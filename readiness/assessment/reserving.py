"""Whether two runs have anything in common to be compared, and what to bear in mind where they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from readiness.assessment.wholeness import is_whole
from readiness.model.report import Report, Run
from readiness.model.words import Reason

_RIGHTS = frozenset({Reason.ACCESS_DENIED, Reason.MISSING_PERMISSION, Reason.NOT_VISIBLE})
MOST_NAMED = 5


def nothing_in_common(before: Report, after: Report) -> str | None:
    """Why there is nothing to compare; None where there is."""
    if not {check.id for check in before.checks} & {check.id for check in after.checks}:
        return "they judged other checks, none of them the same"
    old, new = ({target.id or target.name for target in report.collections} for report in (before, after))
    if old and new and not old & new:
        return "they are about other collections, none of them the same"
    return None


def reservations(before: Report, after: Report) -> Iterator[str]:
    """What to bear in mind, in sentences: a difference may come from how was looked, not from what was seen."""
    for report, which in ((before, "earlier"), (after, "later")):
        if not is_whole(report):
            yield f"The {which} run is partial: something did not answer"
    yield from _rules(before.run, after.run)
    yield from _rights(before, after)
    yield from _scope(before, after)


def _rules(before: Run, after: Run) -> Iterator[str]:
    digests = before.rules.digest, after.rules.digest
    if before.rules_version != after.rules_version:
        yield f"Judged by other rules: {before.rules_version}, then {after.rules_version}"
    elif None not in digests and digests[0] != digests[1]:
        yield f"Judged by other rules, though both are called {after.rules_version}"
    if before.tool_version != after.tool_version:
        yield f"Judged by another version of readiness: {before.tool_version}, then {after.tool_version}"


def _rights(before: Report, after: Report) -> Iterator[str]:
    old, new = set(before.run.identities), set(after.run.identities)
    if old != new:
        yield f"Read by others: {_named(old) or 'nobody'}, then {_named(new) or 'nobody'}"
    refused = _refused(before), _refused(after)
    fewer, more = refused[1] - refused[0], refused[0] - refused[1]
    if fewer:
        yield f"The later run had fewer rights: refused or not seen were {_named(fewer)}"
    if more:
        yield f"The earlier run had fewer rights: refused or not seen were {_named(more)}"


def _refused(report: Report) -> set[str]:
    return {reading.fact for reading in report.readings if reading.reason in _RIGHTS}


def _scope(before: Report, after: Report) -> Iterator[str]:
    old, new = (_scoped(report.run) for report in (before, after))
    for key in dict.fromkeys((*new, *old)):
        if old.get(key) != new.get(key):
            yield f"The scope is another: {key} was {_named(old.get(key, ())) or 'not set'}, and is " + (
                _named(new.get(key, ())) or "not set"
            )
    if before.decision.deselected != after.decision.deselected:
        yield "Other checks were selected"


def _scoped(run: Run) -> dict[str, tuple[str, ...]]:
    scope = run.configuration.get("scope")
    if not isinstance(scope, Mapping):
        return {}
    found = {str(key): value for key, value in scope.items() if value}
    return {key: tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
            for key, value in found.items()}  # fmt: skip


def _named(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else ""
    return f"{', '.join(ordered[:MOST_NAMED])}{more}"
