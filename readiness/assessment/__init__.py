"""Assessment: checks x evidence -> report. A pure function of data and a clock; no network, no files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any

from readiness.assessment import overlays, parts, reach
from readiness.assessment.blocking import dependencies
from readiness.assessment.judging import judge_all
from readiness.assessment.planning import Surroundings, plan
from readiness.assessment.readings import current
from readiness.assessment.targets import decide, resolve
from readiness.model.check import Check, Context
from readiness.model.disclosure import RightUsed
from readiness.model.facts import Collections, Fact
from readiness.model.guide import Guide
from readiness.model.injection import facts
from readiness.model.knowledge import Knowledge, judging_by
from readiness.model.reading import Evidence, Reading
from readiness.model.report import PluginUsed, Report
from readiness.model.rules import data_sent
from readiness.model.settings import JudgingSettings, Selection
from readiness.plugins.sources import known_facts


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule data that judged."""

    version: str
    dated: date
    """Of the oldest table."""
    knowledge: Knowledge | None = None
    """The tables; None: those that ship, and the report says no more of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged, and by what."""

    checks: Sequence[Check]
    """Every check there is, in catalogue order."""
    settings: JudgingSettings
    rules: Rules
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """The configuration as reports show it, without secrets."""
    guide: Callable[[], Guide] = Guide
    """What the plan is told of waiting times and roles: asked while this question's rule data is in force."""
    rights: Callable[[Sequence[Reading[Fact]]], tuple[RightUsed, ...]] | None = None
    """Tells the rights by which readings were made, which sources know; None: the report does not tell them."""
    plugins: tuple[PluginUsed, ...] = ()
    """The plugins that take part."""

    def runs(self, evidence: Evidence) -> parts.RunIds:
        """The ids of runs that ask this of that evidence."""
        readings = tuple(sorted(evidence.readings, key=lambda reading: reading.fact))
        return parts.RunIds(replace(evidence, readings=readings), self)


def selected(checks: Sequence[Check], selection: Selection) -> frozenset[str]:
    """Ids of the checks that are asked for; a dependency is judged along but is not among them."""
    return frozenset(check.id for check in checks if _wanted(check, selection))


def _wanted(check: Check, selection: Selection) -> bool:
    named = not selection.check or any(fnmatchcase(check.id, glob) for glob in selection.check)
    tagged = not selection.tag or any(tag in check.tags for tag in selection.tag)
    skipped = any(fnmatchcase(check.id, glob) for glob in selection.skip)
    return named and tagged and not skipped


def along(checks: Sequence[Check], wanted: frozenset[str]) -> tuple[Check, ...]:
    """The wanted checks and everything that they depend on, in catalogue order."""
    known = {check.id: check for check in checks}
    found: set[str] = set()
    open_ = [name for name in wanted if name in known]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += [other for other in dependencies(known[name]) if other in known]
    return tuple(check for check in checks if check.id in found)


def needed_facts(checks: Sequence[Check], settings: JudgingSettings) -> frozenset[type[Fact]]:
    """What must be read to judge these checks for these targets."""
    named = {Collections} if settings.scope.collections else set()
    return frozenset({fact for check in checks for fact in facts(check)} | named)


def assess(evidence: Evidence, question: Question, now: datetime) -> Report:
    """Judge the evidence. The same evidence, question and `now` give the same report, in whatever order the readings
    stand."""
    with judging_by(question.rules.knowledge):
        return _assessed(evidence, question, now)


def _assessed(evidence: Evidence, question: Question, now: datetime) -> Report:
    settings, now = question.settings, now.astimezone(UTC)
    evidence = replace(evidence, readings=tuple(sorted(evidence.readings, key=lambda reading: reading.fact)))
    checks = along(question.checks, selected(question.checks, settings.selection))
    known = dict.fromkeys((*known_facts(), *(fact for check in checks for fact in facts(check))))
    readings = current(evidence, known, settings.policy.max_evidence_age, now)
    context = Context(now=now, settings=settings)
    judged = judge_all(checks, readings, context)
    laid = overlays.listing(context, {name: one.laid for name, one in judged.items()})
    resolved = resolve(settings.scope.collections, readings[Collections])
    targets = decide(resolved, tuple(judged.values()), settings.selection)
    until = parts.valid_until(settings, readings, laid, judged.values(), now)
    steps, at_a_glance = plan(judged, Surroundings(readings, now, settings.change, question.guide()))
    read = tuple(readings[fact] for fact in known if evidence.reading(fact) is not None)
    return Report(
        run=parts.run(evidence, question, readings, now),
        decision=parts.decided(question, judged, targets, laid, until, evidence.stopped),
        collections=targets,
        checks=tuple(parts.result(one, question.rules.knowledge) for one in judged.values()),
        plan=steps,
        overlays=laid,
        readings=tuple(map(parts.summary, read)),
        change=parts.change(settings),
        plan_summary=at_a_glance,
        sights=reach.sights(readings),
        rights=question.rights(read) if question.rights else None,
        data_sent=data_sent(question.rules.knowledge),
    )
