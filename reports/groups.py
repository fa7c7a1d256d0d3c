"""What a check was judged for, those together of which it says the same: of many collections, a few rows."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.plugin import CheckResult, SubjectResult
from reports.text import named
from reports.view import subjects_worst_first

NAMES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects of one check that came to the same, in the same words."""

    subjects: tuple[SubjectResult, ...]
    told: str
    """What was observed, without the name in front."""

    @property
    def first(self) -> SubjectResult:
        return self.subjects[0]

    @property
    def number(self) -> int:
        return len(self.subjects)

    @property
    def shown(self) -> tuple[SubjectResult, ...]:
        """Those that are named."""
        return self.subjects[:NAMES_SHOWN]

    @property
    def hidden(self) -> int:
        return max(0, self.number - NAMES_SHOWN)


def grouped(check: CheckResult) -> tuple[Group, ...]:
    """The subjects of a check, worst first, those of which it says the same together."""
    found: dict[object, list[SubjectResult]] = {}
    for subject in subjects_worst_first(check):
        laid = (subject.waiver, subject.attestation)
        key = (subject.kind, subject.outcome, subject.level, subject.reason, told(subject), laid)
        found.setdefault(key, []).append(subject)
    return tuple(Group(tuple(same), told(same[0])) for same in found.values())


def told(subject: SubjectResult) -> str:
    """What was observed of it, without its name in front: that stands beside."""
    for label in (named(subject.name, subject.id), subject.name):
        if subject.summary.startswith(f"{label}: "):
            return subject.summary.removeprefix(f"{label}: ")
    return subject.summary
