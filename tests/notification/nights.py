"""Nights for tests: reports of a few checks, kept in a real history, and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.history.runs import Kind, new_run
from readiness.history.store import Store
from readiness.model.notice import Message
from readiness.model.report import CheckResult, Report
from readiness.model.words import Level, Outcome, Reason
from readiness.notification.watching import news
from tests.history.made import EVERYTHING, report
from tests.reports.conftest import rich

PLAIN = next(check for check in rich().checks if not check.subjects and not check.waiver and not check.attestation)
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def night(
    number: int,
    checks: Mapping[str, Outcome | Reason],
    *,
    lost: Reason | None = None,
    **changes: Any,
) -> Report:
    """The report of a night.

    Args:
        checks: what each came to; a reason: unknown, because of it.
        lost: why one of the readings is missing.
    """
    one = report(number)
    reading = replace(one.readings[0], reason=lost, error="it did not answer" if lost else None)
    made = tuple(_check(name, came) for name, came in checks.items())
    bare = {"collections": (), "overlays": (), "plan": (), **changes}
    return replace(one, checks=made, readings=(reading,), **bare)


def _check(name: str, came: Outcome | Reason) -> CheckResult:
    outcome, reason = (UNKNOWN, came) if isinstance(came, Reason) else (came, None)
    return replace(
        PLAIN,
        id=name,
        title=f"{name} holds",
        outcome=outcome,
        reason=reason,
        level=Level.BLOCKER,
        declared_level=Level.BLOCKER,
        blocked_by=(),
    )


@dataclass
class Job:
    """A job that keeps its runs in a history, and tells."""

    path: Path
    said: list[Message | None] = field(default_factory=list)
    job: str | None = None
    channels: tuple[str, ...] = ("webhook",)

    @property
    def store(self) -> Store:
        return Store(self.path, busy_seconds=0.1)

    def keep(self, report: Report, kind: Kind = Kind.SCAN) -> None:
        digest = documents.digest(documents.report_document(report))
        assert self.store.add(new_run(report, kind, 3, report.run.finished, digest=digest), EVERYTHING)

    def tells(self, report: Report, **given: Any) -> Message | None:
        return news(self.store, report, at(report), channels=self.channels, job=self.job, **given)

    def ran(self, report: Report, **given: Any) -> Message | None:
        self.keep(report)
        self.said.append(self.tells(report, **given))
        return self.said[-1]


def at(report: Report) -> datetime:
    return report.run.finished + timedelta(minutes=1)
