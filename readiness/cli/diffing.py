"""Which two runs `readiness diff` holds against each other."""

from __future__ import annotations

from readiness.assessment.differing import differ
from readiness.cli.runs import Found, found, kept_runs, opened_run
from readiness.config import Configuration
from readiness.history.measuring import in_order, measure
from readiness.model.differences import RunDiff


def diffed(old: str | None, new: str | None, configuration: Configuration) -> RunDiff | None:
    """What is different between two runs; None where there are no two.

    Args:
        old: a run or a file. None: the measure for the new one, from the history.
        new: the same. None: the last run of the history.
    """
    before = found(old, configuration) if old is not None else None
    after = found(new, configuration) if new is not None else _last(configuration)
    if after is not None and before is None:
        before = _measure(after, configuration)
    if before is None or after is None:
        return None
    return differ(before.report, after.report, in_order=in_order(before.run, after.run))


def _last(configuration: Configuration) -> Found | None:
    runs = kept_runs(configuration)
    return opened_run(runs[0], configuration) if runs else None


def _measure(after: Found, configuration: Configuration) -> Found | None:
    runs = kept_runs(configuration)
    chosen = measure(after.run, runs) if after.run is not None else None
    return opened_run(chosen, configuration) if chosen is not None else None
