"""Which earlier run a run is held against. A pure function of what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness.history.runs import KeptRun


def measure(run: KeptRun, runs: Sequence[KeptRun]) -> KeptRun | None:
    """What a run is held against: the last whole run before it that is about the same; else the last about the same,
    else the last whole one, else the last. None: there is none before it.

    Args:
        runs: the history, the newest first.
    """
    earlier = [one for one in runs if one.sequence < run.sequence]
    same = [one for one in earlier if one.series == run.series]
    whole = [one for one in same if one.whole]
    others = [one for one in earlier if one.whole]
    return next(iter((*whole, *same, *others, *earlier)), None)


def in_order(before: KeptRun | None, after: KeptRun | None) -> bool:
    """Whether the history knows which was read first, even where a clock went astray: only scans are kept as they are
    read, and only of one machine does the order tell."""
    if before is None or after is None:
        return False
    scans = before.kind == after.kind == "scan" and before.host == after.host
    return scans and before.sequence < after.sequence
