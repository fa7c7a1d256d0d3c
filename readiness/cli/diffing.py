"""Which two runs `readiness diff` holds against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from readiness.assessment.differing import differ
from readiness.cli.runs import Found, found, kept_runs, opened_run
from readiness.config import Configuration
from readiness.model.differences import RunDiff

if TYPE_CHECKING:
    from readiness.history.runs import KeptRun


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
    return differ(before.report, after.report, in_order=_in_order(before.run, after.run))


def _last(configuration: Configuration) -> Found | None:
    runs = kept_runs(configuration)
    return opened_run(runs[0], configuration) if runs else None


def _measure(after: Found, configuration: Configuration) -> Found | None:
    runs = kept_runs(configuration)
    chosen = measure(after.run, runs) if after.run is not None else None
    return opened_run(chosen, configuration) if chosen is not None else None


def measure(run: KeptRun, runs: Sequence[KeptRun]) -> KeptRun | None:
    """What a run is held against: the last whole run before it that is about the same; else the last about the same,
    else the last. None: there is none before it.

    Args:
        runs: the history, the newest first.
    """
    earlier = [one for one in runs if one.sequence < run.sequence]
    same = [one for one in earlier if one.series == run.series]
    whole = [one for one in same if one.whole]
    return next(iter((*whole, *same, *earlier)), None)


def _in_order(before: KeptRun | None, after: KeptRun | None) -> bool:
    """Whether the history knows which was read first, even where a clock went astray: only scans are kept as they are
    read, and only of one machine does the order tell."""
    if before is None or after is None:
        return False
    scans = before.kind == after.kind == "scan" and before.host == after.host
    return scans and before.sequence < after.sequence
