"""What `readiness history` says: runs, trends, missed nights, waivers over time; as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness import documents
from readiness.cli.keeping import settings
from readiness.cli.runs import opened_run
from readiness.config import Configuration
from readiness.errors import ConfigurationError
from readiness.evidence import utc_now
from readiness.history.document import HISTORY_SCHEMA
from readiness.history.rhythm import Missed, missed, rhythm
from readiness.history.trends import Trend, trends
from readiness.text import one_line

if TYPE_CHECKING:
    from readiness.history.runs import KeptRun
    from readiness.history.store import Store
    from readiness.model.report import Report


@dataclass(frozen=True, slots=True)
class Past:
    """What there is to look back upon."""

    path: Path
    runs: tuple[KeptRun, ...]
    """The last ones, the newest first."""
    number: int
    """How many are kept."""
    every: timedelta | None
    """The rhythm of the runs that are about the same as the last one; None where none can be told."""
    missed: tuple[Missed, ...]
    trends: tuple[Trend, ...]
    """Of the checks that were asked for, over the runs shown that are about the same as the last one."""
    latest: Report | None
    """The report of the last run."""


def looked_back(
    store: Store, configuration: Configuration, checks: Sequence[str], limit: int, now: datetime | None = None
) -> Past:
    """Look back upon the last runs.

    Args:
        checks: globs over ids; none: no trends.
        limit: how many runs; 0: all.
    """
    every_run = store.runs()
    shown = every_run[:limit] if limit else every_run
    same = [run for run in every_run if run.series == every_run[0].series]
    moments = [run.judged for run in reversed(same)]
    every = settings(configuration).every or rhythm(moments)
    told = [run for run in shown if run.series == every_run[0].series]
    outcomes = store.outcomes(told) if checks else {}
    found = trends(list(reversed(told)), outcomes)
    return Past(
        path=store.path,
        runs=tuple(shown),
        number=len(every_run),
        every=every,
        missed=tuple(missed(moments, every, now or utc_now())) if every and moments else (),
        trends=tuple(one for one in found if any(fnmatchcase(one.check, glob) for glob in checks)),
        latest=opened_run(every_run[0], configuration).report if every_run else None,
    )


def must_match(past: Past, checks: Sequence[str]) -> None:
    """A check that no run knows is a slip.

    Raises:
        ConfigurationError: naming it.
    """
    for glob in checks:
        if past.runs and not any(fnmatchcase(one.check, glob) for one in past.trends):
            told = "none of the runs like the last one (of the same tenant, site and selection) judged such a check"
            raise ConfigurationError(f"--check '{one_line(glob, 80)}': {told}")


def exported(store: Store, runs: Sequence[KeptRun], folder: Path) -> Iterator[Path]:
    """Write the reports of runs, each as it was; gives the files."""
    for run in runs:
        data = store.document(run)
        if data is not None:
            path = folder / f"readiness-{run.id}.json"
            documents.write(path, documents.readable(documents.proven(path, data)))
            yield path


def as_data(past: Past) -> dict[str, Any]:
    """All of it as JSON values."""
    from readiness.composition import waivers

    over_time = waivers()
    return {
        "schema": HISTORY_SCHEMA,
        "file": str(past.path),
        "number": past.number,
        "runs": documents.plain(past.runs),
        "every_seconds": past.every.total_seconds() if past.every else None,
        "missed": documents.plain(past.missed),
        "trends": documents.plain(past.trends),
        "overlays": over_time.as_data(past.latest) if past.latest else {why: [] for why in over_time.HEADINGS},
    }
