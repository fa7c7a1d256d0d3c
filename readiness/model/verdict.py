"""A verdict: what a judge returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from readiness.model.remediation import Remediation
from readiness.model.words import Basis, Level, Outcome, Reason

_SEVERITY = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.UNKNOWN,
    Outcome.MANUAL,
    Outcome.BLOCKED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)
_LEVELS = (Level.BLOCKER, Level.ADVISORY, Level.INFO)
_FINE = (Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Subject:
    """The outcome for one collection, site or administrator."""

    kind: str
    """`collection`, `site` or `administrator`."""
    id: str
    name: str
    outcome: Outcome
    summary: str
    """A sentence that names the subject: the worst one becomes the summary of the check."""
    level: Level | None = None
    """None: the level of the check."""
    reason: Reason | None = None
    devices: int | None = None
    """Of a collection: how many devices it holds, where the check counted them."""
    eligible: int | None = None
    """Of a collection: how many of these can receive the policy."""
    remediation: Remediation | None = None
    """What to do about this subject, where that is not what to do about the check."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check, what was expected and what was observed."""

    outcome: Outcome
    summary: str
    expected: str
    observed: str
    basis: Basis = Basis.DOCUMENTED
    reason: Reason | None = None
    """Set where, and only where, the outcome is unknown."""
    level: Level | None = None
    """None: the declared level; a verdict may lower it."""
    subjects: tuple[Subject, ...] = ()
    remediation: Remediation | None = None
    """None: the steps of the check, or those for the reason of an unknown."""
    any_of: bool = False
    """Whether one good subject is enough, so that what answers one of them answers the check."""
    until: datetime | None = None
    """The moment at which what was proven ends (a secret, a role); None where nothing ends by itself."""
    rules: tuple[str, ...] = ()
    """The rows of the rule data that decided, as `releases:2503`."""

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.UNKNOWN) != (self.reason is not None):
            raise ValueError("an unknown verdict needs a reason, and only an unknown one has it")


def worst(subjects: Sequence[Subject], declared: Level) -> Subject:
    """The subject that speaks for its check.

    The worst outcome of those that weigh most: a blocker that could not be verified is not hidden behind an
    advisory that failed. Order of outcomes: catalogue, rule 6.
    """

    def rank(subject: Subject) -> tuple[bool, int, int]:
        level = subject.level or declared
        return (subject.outcome in _FINE, _LEVELS.index(level), _SEVERITY.index(subject.outcome))

    return min(subjects, key=rank)


def by_subjects(
    subjects: Iterable[Subject],
    declared: Level,
    *,
    expected: str,
    observed: str,
    passed: str,
    basis: Basis = Basis.DOCUMENTED,
    rules: tuple[str, ...] = (),
) -> Verdict:
    """The verdict over `subjects` (at least one): the worst of them; `passed` is the summary where all is well."""
    listed = tuple(subjects)
    first = worst(listed, declared)
    fine = first.outcome is Outcome.PASS
    others = sum(1 for s in listed if s.outcome is first.outcome) - 1
    more = f" (and {others} more)" if others and not fine else ""
    return Verdict(
        outcome=first.outcome,
        summary=passed if fine else first.summary + more,
        expected=expected,
        observed=observed,
        basis=basis,
        reason=first.reason,
        level=first.level,
        subjects=listed,
        remediation=first.remediation,
        rules=rules,
    )
