"""Runs to be kept, made by hand; quickly, because hundreds are needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from readiness import documents
from readiness.history.retention import Retention
from readiness.history.runs import Kind, NewRun, new_run
from readiness.history.store import Store
from readiness.model.report import Report
from tests.reports.conftest import NOW, rich

EVERYTHING = Retention(timedelta(days=100_000), 100_000)


def report(night: int, **changes: object) -> Report:
    """The report of a night."""
    at = NOW + timedelta(days=night)
    one = rich()
    run = replace(one.run, id=f"{at:%Y%m%dT%H%M%SZ}-{night:08x}", started=at, finished=at, demo=False)
    return replace(one, run=replace(run, **changes))  # type: ignore[arg-type]


def made(night: int, *, code: int = 3, kind: Kind = Kind.SCAN, **changes: object) -> NewRun:
    """The run of a night, as it is kept."""
    one = report(night, **changes)
    return new_run(one, kind, code, one.run.finished, digest=documents.digest(documents.report_document(one)))


def filled(path: Path, nights: int) -> Store:
    """A history of so many nights."""
    store = Store(path, busy_seconds=0.1)
    for night in range(nights):
        assert store.add(made(night))
    return store
