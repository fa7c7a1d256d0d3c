"""Assessment: checks x evidence -> report. A pure function of data and a clock; no network, no files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from readiness import __version__, documents
from readiness import evidence as bodies
from readiness.assessment import decision, overlays
from readiness.assessment.inject import facts
from readiness.assessment.judging import Judged, dependencies, judge_all
from readiness.assessment.plan import plan
from readiness.assessment.targets import decide, resolve
from readiness.model.check import Check, Context
from readiness.model.facts import FACTS, Collections, Fact, Hierarchy, Organization
from readiness.model.reading import Evidence, Reading
from readiness.model.report import (
    ChangeHeader,
    CheckResult,
    Decision,
    ReadingSummary,
    Report,
    Run,
    SubjectResult,
    TargetDecision,
)
from readiness.model.settings import JudgingSettings, Selection
from readiness.model.words import DecisionState, Half, Outcome, Phase, Reason

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a reading may lie ahead of the clock that judges it before its age counts as untold."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule data that judged."""

    version: str
    dated: date


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged, and by what."""

    checks: Sequence[Check]
    """Every check there is, in catalogue order."""
    settings: JudgingSettings
    rules: Rules
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """The configuration as reports show it, without secrets."""


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
    """Judge the evidence. The same evidence, question and `now` give the same report."""
    settings = question.settings
    wanted = selected(question.checks, settings.selection)
    checks = along(question.checks, wanted)
    readings = _readings(evidence, settings.policy.max_evidence_age, now)
    context = Context(now=now, settings=settings)
    judged = judge_all(checks, readings, context)
    laid = overlays.listing(context, {name: one.laid for name, one in judged.items()})
    resolved = resolve(settings.scope.collections, readings[Collections])  # type: ignore[arg-type]
    targets = tuple(decide(target, tuple(judged.values())) for target in resolved)
    return Report(
        run=_run(evidence, question, readings, now),
        decision=_decision(question, judged, targets, readings, now),
        collections=targets,
        checks=tuple(_result(one) for one in judged.values()),
        plan=plan(judged),
        overlays=laid,
        readings=tuple(_summary(readings[fact]) for fact in FACTS if evidence.reading(fact) is not None),
        change=_change(settings),
    )


def _readings(evidence: Evidence, max_age: timedelta, now: datetime) -> dict[type[Fact], Reading[Fact]]:
    """A reading for every fact there is: the one in the evidence if it is fresh, else why there is none."""
    return {fact: _fresh(evidence.reading(fact), fact, evidence, max_age, now) for fact in FACTS}


def _fresh(
    reading: Reading[Fact] | None, fact: type[Fact], evidence: Evidence, max_age: timedelta, now: datetime
) -> Reading[Fact]:
    if reading is None:
        where = {Half.SITE: "the site half", Half.TENANT: "the tenant half"}[fact.half]
        return Reading(
            fact=fact.__name__,
            started=evidence.started,
            duration_seconds=0.0,
            reason=Reason.NOT_CONFIGURED,
            error=f"the evidence holds no reading of {fact.__name__} ({where})",
        )
    if not reading.available:
        return reading
    if now - reading.started > max_age:
        return _stale(reading, f"read at {reading.started:%Y-%m-%d %H:%M} UTC, longer ago than {max_age} allows")
    if reading.started - now > FUTURE_TOLERANCE:
        return _stale(reading, f"dated {reading.started:%Y-%m-%d %H:%M} UTC, in the future: its age cannot be told")
    return reading


def _stale(reading: Reading[Fact], words: str) -> Reading[Fact]:
    return replace(reading, value=None, reason=Reason.STALE, error=words)


def _run(evidence: Evidence, question: Question, readings: Mapping[type[Fact], Reading[Fact]], now: datetime) -> Run:
    configuration = documents.plain(dict(question.configuration))
    configuration_digest = hashlib.sha256(documents.canonical(configuration)).hexdigest()
    seed = [
        documents.digest(bodies.document(evidence)),
        configuration_digest,
        documents.plain(question.settings),
        question.rules.version,
        now.isoformat(),
    ]
    mark = hashlib.sha256(documents.canonical(seed)).hexdigest()[:8]
    return Run(
        id=f"{now:%Y%m%dT%H%M%SZ}-{mark}",
        tool_version=__version__,
        rules_version=question.rules.version,
        rules_date=question.rules.dated,
        host=evidence.host,
        identities=tuple(dict.fromkeys(r.identity for r in evidence.readings if r.identity)),
        started=evidence.started,
        finished=evidence.finished,
        duration_seconds=round((evidence.finished - evidence.started).total_seconds(), 3),
        configuration=configuration,
        configuration_digest=configuration_digest,
        demo=evidence.demo,
        tenant=_tenant_name(readings[Organization].value) or evidence.tenant,
        site=_site_name(readings[Hierarchy].value) or evidence.site,
    )


def _tenant_name(organization: Fact | None) -> str | None:
    return organization.display_name if isinstance(organization, Organization) else None


def _site_name(hierarchy: Fact | None) -> str | None:
    site = hierarchy.provider_site if isinstance(hierarchy, Hierarchy) else None
    return site.label if site else None


def _decision(
    question: Question,
    judged: Mapping[str, Judged],
    targets: Sequence[TargetDecision],
    readings: Mapping[type[Fact], Reading[Fact]],
    now: datetime,
) -> Decision:
    every = tuple(judged.values())
    selection = question.settings.selection
    state = decision.combined([decision.state_of(every), *(target.state for target in targets)])
    if state is DecisionState.READY and not selection.everything:
        state = DecisionState.SELECTION_PASSED
    laid = [overlay for one in every for overlay in {id(o): o for o in one.laid.all}.values()]
    waived = sum(1 for one in every if one.laid.waiver or any(s.waiver for s in one.laid.subjects))
    attested = sum(1 for one in every if one.laid.attestation or any(s.attestation for s in one.laid.subjects))
    unsettled = [target.name for target in targets if target.reasons and target.state is DecisionState.UNDETERMINED]
    phases = {check.phase for check in question.checks}
    counts = {outcome.value: sum(1 for one in every if one.verdict.outcome is outcome) for outcome in Outcome}
    return Decision(
        state=state,
        sentence=decision.sentence(
            state,
            every,
            overlays=(waived, attested),
            article="article" in selection.tag,
            targets=unsettled,
            unjudged=[phase.value for phase in Phase if phase not in phases],
        ),
        valid_until=_valid_until(question.settings, readings, [overlays.ends(o.expires) for o in laid], now),
        counts={**counts, "waived": waived, "attested": attested},
        deselected=tuple(check.id for check in question.checks if check.id not in judged),
        halves=decision.halves(every),
    )


def _valid_until(
    settings: JudgingSettings,
    readings: Mapping[type[Fact], Reading[Fact]],
    ends: Sequence[datetime],
    now: datetime,
) -> datetime | None:
    """The earliest moment at which what was proven may no longer be so."""
    ages = [reading.started + settings.policy.max_evidence_age for reading in readings.values() if reading.available]
    return min([*ages, *ends, now + settings.policy.valid_for]) if ages else None


def _result(judged: Judged) -> CheckResult:
    check, verdict = judged.check, judged.verdict
    laid = judged.laid.subjects or tuple(overlays.SubjectLaid() for _ in verdict.subjects)
    return CheckResult(
        id=check.id,
        title=check.title,
        phase=check.phase,
        level=judged.level,
        declared_level=check.level,
        tags=check.tags,
        owner=judged.owner,
        outcome=verdict.outcome,
        reason=verdict.reason,
        summary=verdict.summary,
        expected=verdict.expected,
        observed=verdict.observed,
        basis=verdict.basis,
        blocked_by=judged.blocked_by,
        waiver=judged.laid.waiver,
        attestation=judged.laid.attestation,
        subjects=tuple(
            SubjectResult(
                id=subject.id,
                name=subject.name,
                kind=subject.kind,
                outcome=subject.outcome,
                level=subject.level or check.level,
                reason=subject.reason,
                summary=subject.summary,
                waiver=over.waiver,
                attestation=over.attestation,
            )
            for subject, over in zip(verdict.subjects, laid, strict=True)
        ),
        evidence=tuple(fact.__name__ for fact in facts(check)),
        remediation=judged.remediation,
        sources=check.sources,
    )


def _summary(reading: Reading[Fact]) -> ReadingSummary:
    return ReadingSummary(
        id=reading.fact,
        fact=reading.fact,
        source=reading.source,
        query=reading.query,
        identity=reading.identity,
        scope=reading.scope,
        started=reading.started,
        duration_seconds=reading.duration_seconds,
        rows=reading.rows,
        reason=reading.reason,
        error=reading.error,
        request_id=reading.request_id,
        clock_skew_seconds=reading.clock_skew_seconds,
    )


def _change(settings: JudgingSettings) -> ChangeHeader | None:
    change = settings.change
    if change == type(change)():
        return None
    return ChangeHeader(change.ticket, change.window_start, change.window_end, change.approver)
