"""What holds a check back: the checks that it depends on, as a whole or subject by subject, and their root causes.

Contract: catalogue, Dependencies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from readiness.assessment.overlays import Laid
from readiness.assessment.remedies import remedy
from readiness.model.check import Check
from readiness.model.remediation import Ahead, Remediation
from readiness.model.verdict import Subject, Verdict, by_subjects, worst
from readiness.model.words import Half, Level, Needs, Outcome, Owner, Phase, Reason

CONNECTION = {Half.SITE: ("site-reachable", "site-is-top-level"), Half.TENANT: ("tenant-reachable",)}
"""What everything that needs a half depends on. Source: catalogue, Dependencies."""

Roots = tuple[str, ...]
Key = tuple[str, str]
"""Kind and id of a subject."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A check with its verdict and what lies over it."""

    check: Check
    verdict: Verdict
    laid: Laid = field(default_factory=Laid)
    blocked_by: Roots = ()
    held: Mapping[Key, Roots] = field(default_factory=dict)
    """The subjects that are blocked, with the root causes of each."""
    blocked_by_failure: bool = False
    """Whether a root cause is a failed blocker, rather than something that could not be verified."""
    lacking: Half | None = None
    """The half whose reading is missing, where that is why the check is unknown."""
    missing: tuple[str, ...] = ()
    """Permissions that are missing, where that is why the check is unknown."""
    ahead: Ahead | None = None
    """What it will ask for, where it did not pass and foretells that."""

    @property
    def level(self) -> Level:
        return self.verdict.level or self.check.level

    @property
    def remediation(self) -> Remediation:
        """The steps for what came out: the verdict's own, those for the reason of an unknown, or the check's."""
        verdict = self.verdict
        usual = remedy(self.check, verdict.reason, self.lacking, self.missing) if verdict.reason is not None else None
        return verdict.remediation or usual or self.check.remediation

    @property
    def owner(self) -> Owner:
        """Who acts next."""
        return self.remediation.owner or self.check.owner


Done = Mapping[str, Judged]


def dependencies(check: Check) -> tuple[str, ...]:
    """Ids of the checks that this one depends on: its own, and the connection checks of the halves it needs."""
    implied = () if check.phase is Phase.CONNECTION else (i for h in check.needs.halves for i in CONNECTION[h])
    return tuple(dict.fromkeys((*implied, *check.depends_on)))


def in_order(checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks, each after what it depends on. Checks that depend on each other in a circle stay in their order."""
    known = {check.id: check for check in checks}
    placed: dict[str, Check] = {}

    def place(check: Check, below: frozenset[str]) -> None:
        for name in dependencies(check):
            if name in known and name not in placed and name not in below:
                place(known[name], below | {name})
        placed.setdefault(check.id, check)

    for check in checks:
        place(check, frozenset({check.id}))
    return tuple(placed.values())


def hurdles(check: Check, done: Done, unread: frozenset[Half]) -> list[Judged]:
    """What holds this check back. A check that either half can judge waits for a connection only when neither is there.

    Args:
        unread: the halves of which nothing was read: not being configured blocks nothing.
    """
    found = [done[name] for name in dependencies(check) if name in done and _blocks(done[name], unread)]
    if check.needs is not Needs.EITHER or not set(Half) - cut_off(check, done, unread) - unread:
        return found
    return [judged for judged in found if judged.check.phase is not Phase.CONNECTION]


def cut_off(check: Check, done: Done, unread: frozenset[Half]) -> set[Half]:
    """The halves that this check needs and that cannot be relied on, because their connection did not pass."""
    return {
        half
        for half in check.needs.halves
        if any(name in done and _blocks(done[name], unread) for name in CONNECTION[half])
    }


def why_cut_off(half: Half, done: Done) -> tuple[Reason, str]:
    """Why a half cannot be relied on."""
    there = [done[name] for name in CONNECTION[half] if name in done]
    failed = [judged for judged in there if judged.verdict.outcome is not Outcome.PASS]
    reason = next((one.verdict.reason for one in failed if one.verdict.reason is not None), Reason.BAD_ANSWER)
    return reason, f"not relied on, because '{failed[0].check.title}' did not pass"


def stopped(judged: Judged) -> Mapping[Key, Roots]:
    """The subjects of a check that hold back the same subjects of what depends on it, with the root causes."""
    if judged.verdict.outcome is not Outcome.FAIL or judged.level is not Level.BLOCKER:
        return judged.held
    failed = {
        (subject.kind, subject.id): (judged.check.id,)
        for subject, laid in zip(judged.verdict.subjects, judged.laid.subjects, strict=True)
        if subject.outcome is Outcome.FAIL and _weighs(judged, subject) and laid.waiver is None
    }
    return {**judged.held, **failed}


def _weighs(judged: Judged, subject: Subject) -> bool:
    return (subject.level or judged.check.level) is Level.BLOCKER


def _blocks(judged: Judged, unread: frozenset[Half]) -> bool:
    """Whether what depends on this check is not worth judging, or not for every subject."""
    verdict = judged.verdict
    if judged.check.phase is Phase.CONNECTION:
        absent = verdict.reason is Reason.NOT_CONFIGURED and unread.issuperset(judged.check.needs.halves)
        return verdict.outcome is not Outcome.PASS and not absent
    if verdict.outcome is Outcome.BLOCKED or stopped(judged):
        return True
    failed = verdict.outcome is Outcome.FAIL and judged.level is Level.BLOCKER
    return failed and not verdict.subjects and judged.laid.waiver is None


def blocked(check: Check, by: Sequence[Judged]) -> Judged:
    """The check, not judged at all."""
    roots = _roots(by)
    verdict = Verdict(
        Outcome.BLOCKED,
        summary=f"Not judged: it depends on {', '.join(roots)}",
        expected=check.title,
        observed="not judged",
    )
    failure = any(judged.blocked_by_failure or judged.verdict.outcome is Outcome.FAIL for judged in by)
    return Judged(check, verdict, blocked_by=roots, blocked_by_failure=failure)


def _roots(by: Iterable[Judged]) -> Roots:
    """The root causes: what failed or could not be verified itself."""
    found: list[str] = []
    for judged in by:
        stops = stopped(judged)
        found += [root for roots in stops.values() for root in roots] or judged.blocked_by or [judged.check.id]
    return tuple(dict.fromkeys(found))


def held_back(check: Check, verdict: Verdict, by: Sequence[Judged]) -> tuple[Verdict, Mapping[Key, Roots]] | None:
    """The verdict with those subjects blocked whose dependency failed; None where it speaks of none of their kind."""
    stops: dict[Key, Roots] = {}
    for key, roots in (item for judged in by for item in stopped(judged).items()):
        stops[key] = tuple(dict.fromkeys((*stops.get(key, ()), *roots)))
    if not {kind for kind, _ in stops} & {subject.kind for subject in verdict.subjects}:
        return None
    keys = [(subject.kind, subject.id) for subject in verdict.subjects]
    held = {key: stops[key] for key in keys if key in stops}
    return (_with_blocked(check, verdict, held) if held else verdict), held


def _with_blocked(check: Check, verdict: Verdict, held: Mapping[Key, Roots]) -> Verdict:
    subjects = tuple(_blocked_subject(subject, held.get((subject.kind, subject.id))) for subject in verdict.subjects)
    any_of = verdict.any_of or worst(verdict.subjects, check.level).outcome is not verdict.outcome
    if any_of and len(held) < len(subjects):
        return replace(verdict, subjects=subjects)
    changed = by_subjects(
        subjects, check.level, expected=verdict.expected, observed=verdict.observed, passed="", basis=verdict.basis
    )
    same = changed.outcome is verdict.outcome
    return replace(changed, remediation=verdict.remediation if same else None)


def _blocked_subject(subject: Subject, roots: Roots | None) -> Subject:
    if roots is None:
        return subject
    named = f"{subject.name} ({subject.id})" if subject.name and subject.name != subject.id else subject.id
    summary = f"{named}: not judged, because {', '.join(roots)} does not hold there"
    return replace(subject, outcome=Outcome.BLOCKED, reason=None, level=None, summary=summary)
