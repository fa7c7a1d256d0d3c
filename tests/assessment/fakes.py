"""Checks made for tests, and reports on them: real engine, plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import checks
from readiness.assessment import Question, Rules, assess
from readiness.model.settings import JudgingSettings
from readiness.plugin import (
    Check,
    CheckResult,
    Evidence,
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    Report,
    Step,
    Subject,
    Verdict,
    by_subjects,
)
from tests.checks.builders import NOW, estate, evidence

RULES = Rules("2026.11.23", date(2026, 11, 23))
_CORE = (
    "tenant-reachable",
    "site-reachable",
    "site-is-top-level",
    "defender-connected",
    "site-version-minimum",
    "site-hotfix-kb4563473",
)
CORE = tuple(check for check in checks.registered() if check.id in _CORE)
"""Real checks for which the facts of `builders.estate()` are enough."""


def fake(id_: str, judge: Callable[..., Verdict], **metadata: Any) -> Check:
    """A check with this judge; metadata that does not matter is filled in."""
    usual: dict[str, Any] = {
        "title": f"{id_} holds",
        "phase": Phase.SITE,
        "level": Level.BLOCKER,
        "needs": Needs.SITE,
        "owner": Owner.CONFIGMGR_ADMIN,
        "why": "because",
        "judged": "somehow",
        "remediation": Remediation((Step(f"mend {id_}", where="somewhere"),), role="someone", verify="look"),
        "sources": (),
    }
    return Check(id=id_, function=judge, **{**usual, **metadata})


def verdict(outcome: Outcome, reason: Reason | None = None, level: Level | None = None) -> Verdict:
    if outcome is Outcome.UNKNOWN and reason is None:
        reason = Reason.BAD_ANSWER
    return Verdict(outcome, f"it is {outcome}", expected="good", observed=outcome, reason=reason, level=level)


def says(outcome: Outcome, reason: Reason | None = None, level: Level | None = None) -> Callable[..., Verdict]:
    """A judge of the site that always says this."""
    found = verdict(outcome, reason, level)

    def judge(hierarchy: Hierarchy) -> Verdict:
        del hierarchy
        return found

    return judge


def says_of_tenant(outcome: Outcome) -> Callable[..., Verdict]:
    """A judge of the tenant that always says this."""
    found = verdict(outcome)

    def judge(organization: Organization) -> Verdict:
        del organization
        return found

    return judge


def subject(id_: str, outcome: Outcome, level: Level | None = None, kind: str = "collection") -> Subject:
    reason = Reason.BAD_ANSWER if outcome is Outcome.UNKNOWN else None
    return Subject(kind, id_, f"name of {id_}", outcome, f"{id_} is {outcome}", level=level, reason=reason)


def says_each(*subjects: Subject, declared: Level = Level.BLOCKER) -> Callable[..., Verdict]:
    """A judge that gives these subjects, and the worst of them."""
    found = by_subjects(subjects, declared, expected="good", observed="seen", passed="all is well")

    def judge(hierarchy: Hierarchy) -> Verdict:
        del hierarchy
        return found

    return judge


def report(
    *judged: Check,
    on: Evidence | None = None,
    settings: JudgingSettings | None = None,
    now: datetime = NOW,
) -> Report:
    """The report on a healthy estate, or the evidence given; without checks, the core ones."""
    question = Question(judged or CORE, settings or JudgingSettings(), RULES)
    return assess(on or evidence(*estate()), question, now)


def among_real(*judged: Check) -> Sequence[Check]:
    """The real checks, and these after them."""
    return (*CORE, *judged)


def result(found: Report, id_: str) -> CheckResult:
    return next(check for check in found.checks if check.id == id_)


def outcomes(found: Report) -> dict[str, Outcome]:
    return {check.id: check.outcome for check in found.checks}


def subjects(found: Report, id_: str) -> dict[str, Outcome]:
    return {one.id: one.outcome for one in result(found, id_).subjects}
