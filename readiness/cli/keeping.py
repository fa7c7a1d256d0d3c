"""Where the configuration has its history, and keeping a run in it as a command with a verdict ends."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from readiness import history
from readiness.config import Configuration, HistorySettings
from readiness.model.words import DecisionState

if TYPE_CHECKING:
    from readiness.cli.telling import Telling
    from readiness.history.keeping import Kept
    from readiness.history.retention import Retention
    from readiness.integrity.signatures import Signer
    from readiness.model.reading import Evidence
    from readiness.model.report import Report

_GOOD = (DecisionState.READY, DecisionState.SELECTION_PASSED)
HOW_TO_GET_IT = f"it takes SQLAlchemy, which is not installed: pip install '{history.EXTRA}'"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept of a run besides its report."""

    kind: str
    """The command: `scan` or `assess`."""
    evidence: Evidence
    telling: Telling | None = None
    """Who is told of it; None: nobody."""


def settings(configuration: Configuration) -> HistorySettings:
    """`[history]`, as written or by default."""
    return configuration.history or HistorySettings()


def place(configuration: Configuration) -> Path:
    """The file of the history."""
    return settings(configuration).path or history.usual_place()


def retention(configuration: Configuration) -> Retention:
    """For how long runs are kept."""
    from readiness.history.retention import Retention

    return Retention(settings(configuration).keep, settings(configuration).runs)


def last_success(configuration: Configuration, report: Report) -> datetime | None:
    """When the last run that was good, and about the same, had read, as far as the history can tell."""
    if settings(configuration).enabled is False or not history.is_available():
        return None
    from readiness.history.runs import estate

    try:
        from readiness.history.store import Store

        runs = Store(place(configuration)).runs()
    except Exception:  # whatever is wrong with the history, the file is written; keeping the run says what it is
        return None
    series = (estate(report.run), report.run.redacted)
    return next((one.finished for one in runs if one.series == series and one.state in _GOOD), None)


def keep(
    configuration: Configuration, report: Report, digest: str, code: int, keeping: Keeping, signer: Signer | None
) -> Kept:
    """Keep this run, and tell what became of it. Its verdict stays what it is.

    Args:
        digest: of the report.
        code: the exit code.
    """
    from readiness.history.keeping import Kept
    from readiness.history.keeping import keep as keep_in

    wanted = settings(configuration)
    if wanted.enabled is False:
        return Kept()
    if not history.is_available():
        return _without_extra(wanted)
    from readiness.evidence import utc_now
    from readiness.evidence.files import sealed
    from readiness.history.runs import Kind, new_run

    now = utc_now()
    evidence = sealed(keeping.evidence, signer) if wanted.evidence else None
    new = new_run(report, Kind(keeping.kind), code, now, digest=digest, evidence=evidence, signer=signer)
    return keep_in(place(configuration), new, retention(configuration), now, ours=wanted.path is None)


def _without_extra(wanted: HistorySettings) -> Kept:
    """Who asked for a history hears that there is none; who did not, only with --debug."""
    from readiness.history.keeping import Kept, not_kept

    if wanted != HistorySettings():
        return not_kept(HOW_TO_GET_IT)
    logging.getLogger("readiness").debug(f"no history is kept: {HOW_TO_GET_IT}")
    return Kept()
