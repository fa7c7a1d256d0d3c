"""How checks came out from run to run. A pure function of what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from readiness.history.runs import KeptOutcome, KeptRun
from readiness.model.words import Level, Outcome


@dataclass(frozen=True, slots=True)
class Trend:
    """One check over several runs."""

    check: str
    outcomes: tuple[Outcome | None, ...]
    """In each run, the oldest first; None: it was not judged there."""
    level: Level
    """In the last run that judged it."""
    over: str
    """What lies over it there: `waived`, `attested`, or nothing."""
    since: datetime
    """From which of these runs on it is what it is."""
    changes: int
    """How often it became something else."""


def trends(runs: Sequence[KeptRun], outcomes: Mapping[int, Sequence[KeptOutcome]]) -> list[Trend]:
    """The trend of every check that any of the runs judged, in the order of the last run.

    Args:
        runs: the oldest first.
        outcomes: of those runs, by sequence.
    """
    by_run = [{one.check: one for one in outcomes.get(run.sequence, ())} for run in runs]
    named = dict.fromkeys(name for found in reversed(by_run) for name in found)
    return [_trend(name, runs, [found.get(name) for found in by_run]) for name in named]


def _trend(name: str, runs: Sequence[KeptRun], found: Sequence[KeptOutcome | None]) -> Trend:
    outcomes = tuple(one.outcome if one else None for one in found)
    judged = [(run, one) for run, one in zip(runs, found, strict=True) if one]
    last = judged[-1][1]
    changes = sum(1 for (_, one), (_, other) in pairwise(judged) if one.outcome != other.outcome)
    since = judged[-1][0]
    for run, one in reversed(judged):
        if one.outcome is not last.outcome:
            break
        since = run
    return Trend(name, outcomes, last.level, last.over, since.judged, changes)
