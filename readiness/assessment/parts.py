"""The parts of a report, made of what was judged: run, decision, results, readings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from readiness import __version__, documents
from readiness import evidence as bodies
from readiness.assessment import decision, overlays
from readiness.assessment.aging import used
from readiness.assessment.blocking import Judged
from readiness.assessment.readings import Readings
from readiness.evidence.clocks import by_server, disagreement, later
from readiness.model.facts import Fact, Hierarchy, Organization
from readiness.model.injection import facts
from readiness.model.knowledge import Knowledge
from readiness.model.reading import Evidence, Reading
from readiness.model.report import (
    ChangeHeader,
    CheckResult,
    Decision,
    ReadingSummary,
    Run,
    SubjectResult,
    TargetDecision,
)
from readiness.model.rules import contradictions, requirement
from readiness.model.settings import JudgingSettings, Overlay
from readiness.model.words import Outcome, OverlayState, Phase

if TYPE_CHECKING:
    from readiness.assessment import Question

TARGETED = (Phase.COLLECTIONS, Phase.POLICY)
"""The phases whose checks are about the targets of the roll-out."""


def run(evidence: Evidence, question: Question, readings: Readings, now: datetime) -> Run:
    """Which run this is. Its id is derived from evidence, configuration, rules and `now`."""
    configuration = documents.plain(dict(question.configuration))
    configuration_digest = _digest(configuration)
    return Run(
        id=RunIds(evidence, question).at(now),
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
        rules=used(question.rules, now),
        clocks=disagreement(evidence.readings),
        redacted=evidence.redacted,
        plugins=question.plugins,
        stopped=evidence.stopped,
    )


class RunIds:
    """The ids that runs of this evidence, configuration and rules have, by when they are judged."""

    def __init__(self, evidence: Evidence, question: Question) -> None:
        self._seed = [
            bodies.digest(evidence),
            _digest(documents.plain(dict(question.configuration))),
            documents.plain(question.settings),
            question.rules.version,
        ]

    def at(self, now: datetime) -> str:
        """The id of the run that is judged at `now`."""
        mark = hashlib.sha256(documents.canonical([*self._seed, now.isoformat()])).hexdigest()[:8]
        return f"{now:%Y%m%dT%H%M%SZ}-{mark}"

    def judged(self, id_: str) -> datetime | None:
        """When the run of this id was judged, to the millisecond; None where it was not made of these."""
        try:
            second = datetime.strptime(id_[: id_.index("-")], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        moments = (second.replace(microsecond=number * 1000) for number in range(1000))
        return next((moment for moment in moments if self.at(moment) == id_), None)


def _digest(configuration: Mapping[str, Any]) -> str:
    """SHA-256 over what is configured, whatever the file is called."""
    said = {key: value for key, value in configuration.items() if key not in ("file", "digest")}
    return hashlib.sha256(documents.canonical(said)).hexdigest()


def _tenant_name(organization: Fact | None) -> str | None:
    return organization.display_name if isinstance(organization, Organization) else None


def _site_name(hierarchy: Fact | None) -> str | None:
    site = hierarchy.provider_site if isinstance(hierarchy, Hierarchy) else None
    return site.label if site else None


def decided(
    question: Question,
    judged: Mapping[str, Judged],
    targets: Sequence[TargetDecision],
    laid: Sequence[Overlay],
    valid_until: datetime | None,
    stopped: str | None = None,
) -> Decision:
    """May the roll-out begin? The estate is as ready as its worst target; one whose reading was stopped never is."""
    every = tuple(judged.values())
    selection = question.settings.selection
    counted = _counted_targets(question, every, targets)
    state = decision.combined([decision.state_of(every), *(target.state for target in counted)])
    state = decision.of_partial(decision.of_selection(state, selection), stopped)
    applied = [overlay.kind for overlay in laid if overlay.state is OverlayState.APPLIED]
    phases = {check.phase for check in question.checks}
    return Decision(
        state=state,
        sentence=decision.sentence(
            state,
            every,
            selection=selection,
            overlays=(applied.count("waiver"), applied.count("attestation")),
            targets=[target.name for target in counted if target.id is None],
            unjudged=[phase.value for phase in Phase if phase not in phases],
            stopped=stopped,
        ),
        valid_until=valid_until,
        counts=_counts(every),
        deselected=tuple(check.id for check in question.checks if check.id not in judged),
        halves=decision.halves(every, selection),
        origins=decision.origins(every, selection),
    )


def _counted_targets(
    question: Question, judged: Sequence[Judged], targets: Sequence[TargetDecision]
) -> Sequence[TargetDecision]:
    """The targets that the decision is about: with a selection, only where one of its checks looks at targets."""
    targeted = question.settings.selection.everything or any(one.check.phase in TARGETED for one in judged)
    return targets if targeted else ()


def _counts(judged: Sequence[Judged]) -> dict[str, int]:
    """How many checks had each outcome, and how many have something laid over them, or over a subject."""
    counts = {outcome.value: sum(1 for one in judged if one.verdict.outcome is outcome) for outcome in Outcome}
    waived = sum(1 for one in judged if one.laid.waiver or any(s.waiver for s in one.laid.subjects))
    attested = sum(1 for one in judged if one.laid.attestation or any(s.attestation for s in one.laid.subjects))
    return {**counts, "waived": waived, "attested": attested}


def valid_until(
    settings: JudgingSettings, readings: Readings, laid: Sequence[Overlay], judged: Iterable[Judged], now: datetime
) -> datetime | None:
    """The earliest moment at which what was proven may no longer be so; None where nothing was."""
    policy = settings.policy
    ages = [later(min(r.started, by_server(r)), policy.max_evidence_age) for r in readings.values() if r.available]
    ends = [overlays.ends(overlay.expires) for overlay in laid if overlay.state is OverlayState.APPLIED]
    own = [one.verdict.until for one in judged if one.verdict.until is not None and one.verdict.until > now]
    return min([*ages, *ends, *own, later(now, policy.valid_for)]) if ages else None


def result(judged: Judged, knowledge: Knowledge | None) -> CheckResult:
    """One check as reports show it, with what the rule data says of it."""
    check, verdict = judged.check, judged.verdict
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
        subjects=_subjects(judged),
        evidence=tuple(fact.__name__ for fact in facts(check)),
        remediation=judged.remediation,
        sources=check.sources,
        origin=decision.origin_of(check),
        requirement=requirement(knowledge, check.id),
        contradictions=contradictions(knowledge, check.id),
        rules=tuple(row for named in dict.fromkeys(verdict.rules) if knowledge for row in knowledge.find(named)),
        plugin=check.plugin,
    )


def _subjects(judged: Judged) -> tuple[SubjectResult, ...]:
    return tuple(
        SubjectResult(
            id=subject.id,
            name=subject.name,
            kind=subject.kind,
            outcome=subject.outcome,
            level=subject.level or judged.check.level,
            reason=subject.reason,
            summary=subject.summary,
            waiver=over.waiver,
            attestation=over.attestation,
        )
        for subject, over in zip(judged.verdict.subjects, judged.laid.subjects, strict=True)
    )


def summary(reading: Reading[Fact]) -> ReadingSummary:
    """A reading without its value."""
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
        plugin=reading.plugin,
    )


def change(settings: JudgingSettings) -> ChangeHeader | None:
    """The change that the report belongs to, where the configuration names one."""
    found = settings.change
    if found == type(found)():
        return None
    return ChangeHeader(found.ticket, found.window_start, found.window_end, found.approver)
