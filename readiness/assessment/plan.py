"""The ordered way to ready: each step once, causes before what they hold up, who must do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from readiness.assessment.blocking import Judged
from readiness.assessment.decision import standing
from readiness.model.report import PlanStep
from readiness.model.words import Level, Outcome

_ORDER = (Level.BLOCKER, Level.ADVISORY, Level.INFO)
_DONE = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.BLOCKED, Outcome.ERROR)


def plan(judged: Mapping[str, Judged]) -> tuple[PlanStep, ...]:
    """Steps for what failed or could not be verified. What is blocked waits for its cause and adds none."""
    open_ = [one for one in judged.values() if standing(one)[0] not in _DONE]
    open_.sort(key=lambda one: _ORDER.index(standing(one)[1]))
    steps: dict[tuple[str, str | None], PlanStep] = {}
    for one in open_:
        for step in _steps(one, _waiting_for(one, judged)):
            known = steps.setdefault((step.step, step.where), step)
            steps[step.step, step.where] = replace(known, unblocks=_both(known.unblocks, step.unblocks))
    return tuple(steps.values())


def _both(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _waiting_for(one: Judged, judged: Mapping[str, Judged]) -> tuple[str, ...]:
    return tuple(other.check.id for other in judged.values() if one.check.id in other.blocked_by)


def _steps(one: Judged, unblocks: Sequence[str]) -> list[PlanStep]:
    remediation = one.remediation
    return [
        PlanStep(
            step=step.text,
            owner=one.owner,
            role=remediation.role,
            unblocks=(one.check.id, *unblocks),
            where=step.where,
            command=step.command,
            wait=remediation.wait,
            verify=remediation.verify,
            rollback=remediation.rollback,
            change_window=remediation.change_window,
        )
        for step in remediation.steps
    ]
