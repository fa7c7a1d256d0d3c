"""The plan: the ordered way to ready, each step once, and what it asks of people and of time.

A step is certain where a check failed, could not be verified or must be looked at; it is possible where the check was
not judged yet, or where its usual steps may be needed after the ones it asks for now. What cannot be foreseen at all,
because nothing was read, is said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from readiness.assessment.blocking import Judged
from readiness.assessment.planning.merging import merged
from readiness.assessment.planning.ordering import ordered
from readiness.assessment.planning.summing import summary
from readiness.assessment.planning.wanting import unforeseen, wanted
from readiness.assessment.planning.wording import worded
from readiness.assessment.readings import Readings
from readiness.model.facts import Hierarchy
from readiness.model.guide import Guide
from readiness.model.report import PlanStep, PlanSummary
from readiness.model.settings import Change

__all__ = ["Surroundings", "plan"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the plan is made from besides the verdicts."""

    readings: Readings
    now: datetime
    change: Change = field(default_factory=Change)
    guide: Guide = field(default_factory=Guide)

    @property
    def build(self) -> int | None:
        """The build of the provider's site, where it was read."""
        hierarchy = self.readings[Hierarchy].value if Hierarchy in self.readings else None
        site = hierarchy.provider_site if isinstance(hierarchy, Hierarchy) else None
        return site.build if site is not None else None


def plan(judged: Mapping[str, Judged], around: Surroundings) -> tuple[tuple[PlanStep, ...], PlanSummary]:
    """The steps in the order in which they are to be done, and the plan at a glance."""
    steps = ordered(merged(wanted(judged)), judged)
    found = tuple(
        worded(step, around.guide, around.build, around.readings, around.change, around.now) for step in steps
    )
    return found, summary(found, around.change, around.now, unforeseen(judged))
