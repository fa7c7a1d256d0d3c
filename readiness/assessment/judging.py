"""Judge every check once, in the order of dependencies: inject facts, block, keep what came out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from readiness.assessment import overlays
from readiness.assessment.inject import facts, parameters
from readiness.assessment.overlays import Laid
from readiness.assessment.remedies import remedy
from readiness.model.check import Check, Context
from readiness.model.facts import Fact
from readiness.model.reading import Reading
from readiness.model.remediation import Remediation
from readiness.model.verdict import Subject, Verdict, worst
from readiness.model.words import Half, Level, Needs, Outcome, Owner, Phase, Reason

log = logging.getLogger("readiness")

CONNECTION = {Half.SITE: ("site-reachable", "site-is-top-level"), Half.TENANT: ("tenant-reachable",)}
"""What everything that needs a half depends on. Source: catalogue, Dependencies."""

Readings = Mapping[type[Fact], Reading[Fact]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A check with its verdict and what lies over it."""

    check: Check
    verdict: Verdict
    laid: Laid
    blocked_by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Permissions that are missing, where that is why the check is unknown."""
    blocked_by_failure: bool = False
    """Whether a root cause is a failed blocker, rather than something that could not be verified."""

    @property
    def level(self) -> Level:
        return self.verdict.level or self.check.level

    @property
    def remediation(self) -> Remediation:
        """The steps for what came out: the verdict's own, those for the reason of an unknown, or the check's."""
        verdict = self.verdict
        usual = remedy(self.check, verdict.reason, self.missing) if verdict.reason is not None else None
        return verdict.remediation or usual or self.check.remediation

    @property
    def owner(self) -> Owner:
        """Who acts next."""
        return self.remediation.owner or self.check.owner


def judge_all(checks: Sequence[Check], readings: Readings, context: Context) -> dict[str, Judged]:
    """Every check judged, by id, in catalogue order."""
    known = {check.id: check for check in checks}
    done: dict[str, Judged] = {}
    context = replace(context, unreadable=_unreadable(checks, readings))
    for check in checks:
        _judge(check, known, done, readings, context)
    return {check.id: done[check.id] for check in checks}


def _unreadable(checks: Sequence[Check], readings: Readings) -> dict[str, tuple[str, ...]]:
    """Checks that a missing permission disables, by the names of the permissions."""
    found: dict[str, tuple[str, ...]] = {}
    for check in checks:
        lacking = [readings[f] for f in facts(check) if readings[f].reason is Reason.MISSING_PERMISSION]
        if lacking:
            named = tuple(dict.fromkeys(name for reading in lacking for name in reading.missing))
            found[check.id] = named or (lacking[0].source,)
    return found


def _judge(
    check: Check, known: Mapping[str, Check], done: dict[str, Judged], readings: Readings, context: Context
) -> None:
    if check.id in done:
        return
    for name in dependencies(check):
        if name in known:
            _judge(known[name], known, done, readings, context)
    blockers = _blockers(check, done)
    outright = [judged for judged in blockers if not _subjectwise(judged)]
    if outright:
        done[check.id] = _blocked(check, _roots(outright), outright)
        return
    verdict = _verdict(check, readings, context)
    if blockers and not verdict.subjects:
        done[check.id] = _blocked(check, _roots(blockers), blockers)
        return
    verdict, held = _held_back(check, verdict, blockers)
    laid = overlays.lay(check, verdict, context)
    missing = context.unreadable.get(check.id, ())
    done[check.id] = Judged(check, verdict, laid, _roots(held), missing, blocked_by_failure=bool(held))


def dependencies(check: Check) -> tuple[str, ...]:
    """Ids of the checks that this one depends on: its own, and the connection checks of the halves it needs."""
    implied = () if check.phase is Phase.CONNECTION else (i for h in check.needs.halves for i in CONNECTION[h])
    return tuple(dict.fromkeys((*implied, *check.depends_on)))


def _blockers(check: Check, done: Mapping[str, Judged]) -> list[Judged]:
    found = [done[name] for name in dependencies(check) if name in done and _blocks(done[name])]
    if check.needs is not Needs.EITHER:
        return found
    cut_off = [half for half in Half if any(j.check.id in CONNECTION[half] for j in found)]
    unread = [half for half in Half if _not_configured(half, done)]
    if len({*cut_off, *unread}) == len(Half):
        return found
    return [judged for judged in found if judged.check.phase is not Phase.CONNECTION]


def _not_configured(half: Half, done: Mapping[str, Judged]) -> bool:
    return any(name in done and done[name].verdict.reason is Reason.NOT_CONFIGURED for name in CONNECTION[half])


def _blocks(judged: Judged) -> bool:
    """Whether what depends on this check is not worth judging."""
    outcome = judged.verdict.outcome
    if outcome is Outcome.BLOCKED:
        return True
    if judged.check.phase is Phase.CONNECTION:
        fine = outcome is Outcome.PASS or judged.laid.attestation is not None
        return not fine and judged.verdict.reason is not Reason.NOT_CONFIGURED
    return bool(_failed_subjects(judged)) if judged.verdict.subjects else _failed(judged)


def _failed(judged: Judged) -> bool:
    return judged.verdict.outcome is Outcome.FAIL and judged.level is Level.BLOCKER and judged.laid.waiver is None


def _failed_subjects(judged: Judged) -> set[tuple[str, str]]:
    return {
        (subject.kind, subject.id)
        for subject, laid in zip(judged.verdict.subjects, judged.laid.subjects, strict=True)
        if subject.outcome is Outcome.FAIL
        and (subject.level or judged.check.level) is Level.BLOCKER
        and laid.waiver is None
    }


def _subjectwise(judged: Judged) -> bool:
    return judged.verdict.outcome is not Outcome.BLOCKED and bool(_failed_subjects(judged))


def _held_back(check: Check, verdict: Verdict, blockers: Sequence[Judged]) -> tuple[Verdict, list[Judged]]:
    """The verdict with those subjects blocked whose dependency failed, and the checks that held them back."""
    if not blockers:
        return verdict, []
    failed = {key: judged for judged in blockers for key in _failed_subjects(judged)}
    kinds = {kind for kind, _ in failed}
    if not kinds & {subject.kind for subject in verdict.subjects}:
        return _verdict_blocked(check, _roots(blockers)), list(blockers)
    subjects = tuple(
        _blocked_subject(subject, failed[subject.kind, subject.id]) if (subject.kind, subject.id) in failed else subject
        for subject in verdict.subjects
    )
    first = worst(subjects, check.level)
    held = [failed[s.kind, s.id] for s in verdict.subjects if (s.kind, s.id) in failed]
    if not held or first.outcome is verdict.outcome:
        return replace(verdict, subjects=subjects), held
    changed = replace(
        verdict,
        outcome=first.outcome,
        reason=first.reason,
        level=first.level,
        summary=first.summary,
        subjects=subjects,
    )
    return changed, held


def _blocked_subject(subject: Subject, by: Judged) -> Subject:
    summary = f"{subject.name or subject.id}: not judged, because '{by.check.title}' does not hold there"
    return replace(subject, outcome=Outcome.BLOCKED, reason=None, level=None, summary=summary)


def _roots(blockers: Sequence[Judged]) -> tuple[str, ...]:
    named = (root for judged in blockers for root in (judged.blocked_by or (judged.check.id,)))
    return tuple(dict.fromkeys(named))


def _blocked(check: Check, roots: tuple[str, ...], blockers: Sequence[Judged]) -> Judged:
    verdict = _verdict_blocked(check, roots)
    failure = any(
        judged.blocked_by_failure or judged.verdict.outcome is Outcome.FAIL or _subjectwise(judged)
        for judged in blockers
    )
    return Judged(check, verdict, Laid(), roots, blocked_by_failure=failure)


def _verdict_blocked(check: Check, roots: tuple[str, ...]) -> Verdict:
    return Verdict(
        Outcome.BLOCKED,
        summary=f"Not judged: it depends on {', '.join(roots)}",
        expected=check.title,
        observed="not judged",
    )


def _verdict(check: Check, readings: Readings, context: Context) -> Verdict:
    arguments: dict[str, object] = {}
    for parameter in parameters(check):
        if parameter.fact is None:
            arguments[parameter.name] = context
            continue
        reading = readings[parameter.fact]
        if not parameter.whole and reading.reason is not None:
            return unread(check, reading.reason, reading.error or "it was not read")
        arguments[parameter.name] = reading if parameter.whole else reading.value
    try:
        return check(**arguments)
    except Exception as error:
        log.exception("check %s crashed", check.id)
        words = f"The check itself crashed ({type(error).__name__}): this is a bug of the tool"
        return Verdict(Outcome.ERROR, words, expected=check.title, observed="not judged")


def unread(check: Check, reason: Reason, words: str) -> Verdict:
    """The verdict where a fact that is needed could not be read."""
    return Verdict(
        Outcome.UNKNOWN,
        summary=f"Could not be verified: {words}",
        expected=check.title,
        observed=words,
        reason=reason,
    )
