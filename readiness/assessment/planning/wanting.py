"""Which steps the checks ask for: certain ones, and those that may be needed afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from readiness.assessment.blocking import Judged
from readiness.assessment.decision import covered, standing
from readiness.assessment.remedies import remedy
from readiness.model.remediation import Remediation, Step
from readiness.model.verdict import Subject
from readiness.model.words import Level, Outcome, Owner, Phase, Reason

OPEN = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)
_WORDS_OF_AN_ID = 5


@dataclass(frozen=True, slots=True)
class Want:
    """A step that a check asks for."""

    step: Step
    remediation: Remediation
    check: str
    title: str
    owner: Owner
    level: Level
    certain: bool
    again: bool = False
    """Possible after other steps of the same check: where it fails still."""
    targets: tuple[str, ...] = ()
    unblocks: tuple[str, ...] = ()
    chained_to: str | None = None
    """Id of the step of the same remediation that comes first."""

    @property
    def id(self) -> str:
        return step_id(self.step)


def step_id(step: Step) -> str:
    """The stable name of a step; of one that was given none, the first words of what it says."""
    words = re.findall(r"[a-z0-9]+", step.text.casefold())[:_WORDS_OF_AN_ID]
    return step.id or "-".join(words) or "step"


def wanted(judged: Mapping[str, Judged]) -> list[Want]:
    """What every check asks for, in catalogue order."""
    unreached = _unreached(judged)
    waiting: dict[str, list[str]] = {}
    for other in judged.values():
        for root in other.blocked_by:
            waiting.setdefault(root, []).append(other.check.id)
    return [want for one in judged.values() for want in _of(one, tuple(waiting.get(one.check.id, ())), unreached)]


def unforeseen(judged: Mapping[str, Judged]) -> tuple[str, ...]:
    """The checks of which nothing can be foreseen, because what they judge was not reached."""
    unreached = _unreached(judged)
    return tuple(one.check.id for one in judged.values() if _cut_off(one, unreached) or _absent(one))


def _unreached(judged: Mapping[str, Judged]) -> frozenset[str]:
    return frozenset(one.check.id for one in judged.values() if one.check.phase is Phase.CONNECTION)


def _cut_off(one: Judged, connection: frozenset[str]) -> bool:
    return one.verdict.outcome is Outcome.BLOCKED and bool(connection & set(one.blocked_by))


def _absent(one: Judged) -> bool:
    """Whether the half that it needs is not configured: then nothing can be said of what it will ask for."""
    return standing(one)[0] is Outcome.UNKNOWN and one.verdict.reason is Reason.NOT_CONFIGURED


def _of(one: Judged, waiting: tuple[str, ...], connection: frozenset[str]) -> Iterator[Want]:
    outcome, level = standing(one)
    if outcome in OPEN:
        for remediation, targets in _asked(one):
            yield from _wants(one, remediation, level, targets=targets, unblocks=(one.check.id, *waiting))
        weighs = Level.BLOCKER in (level, one.check.level) or one.verdict.reason is Reason.NO_TARGET
        if one.check.phase is not Phase.CONNECTION and not _absent(one) and weighs:
            for remediation in _foreseen(one):
                yield from _wants(one, remediation, level, certain=False, again=True)
    elif outcome is Outcome.BLOCKED and not _cut_off(one, connection):
        yield from _ahead(one, one.check.level)
    elif outcome is Outcome.NOT_APPLICABLE and one.ahead is not None:
        yield from _ahead(one, Level.INFO)


def _foreseen(one: Judged) -> Iterator[Remediation]:
    """What an open check may ask for besides."""
    foreseen = (one.check.remediation,) if one.ahead is None else (one.ahead.certain, one.ahead.possible)
    yield from (remediation for remediation in foreseen if remediation is not None)


def _ahead(one: Judged, level: Level) -> Iterator[Want]:
    """What a check that is not judged yet will ask for."""
    ahead = one.ahead
    if ahead is not None and ahead.certain is not None:
        yield from _wants(one, ahead.certain, ahead.level or level, targets=ahead.targets)
    possible = ahead.possible if ahead is not None else one.check.remediation
    if possible is not None:
        yield from _wants(one, possible, level, certain=False)


def _asked(one: Judged) -> Iterator[tuple[Remediation, tuple[str, ...]]]:
    """The remediations of an open check, each with what it is for."""
    found: list[tuple[Remediation, list[str]]] = []
    for subject in _open_subjects(one):
        remediation = _for_subject(one, subject)
        names = next((names for known, names in found if known == remediation), None)
        if names is None:
            names = []
            found.append((remediation, names))
        names.append(_label(subject))
    yield from ((remediation, tuple(dict.fromkeys(names))) for remediation, names in found)
    if not found:
        yield one.remediation, ()


def _open_subjects(one: Judged) -> Iterable[Subject]:
    open_ = [subject for subject, over in covered(one) if not over and subject.outcome in OPEN]
    if not one.verdict.any_of:
        return open_
    return [
        subject for subject in open_ if (subject.outcome, subject.reason) == (one.verdict.outcome, one.verdict.reason)
    ]


def _for_subject(one: Judged, subject: Subject) -> Remediation:
    if subject.remediation is not None:
        return subject.remediation
    if (subject.outcome, subject.reason) == (one.verdict.outcome, one.verdict.reason):
        return one.remediation
    usual = remedy(one.check, subject.reason, one.lacking, one.missing) if subject.reason is not None else None
    return usual or one.check.remediation


def _label(subject: Subject) -> str:
    return subject.id if subject.name in ("", subject.id) else f"{subject.name} ({subject.id})"


def _wants(
    one: Judged,
    remediation: Remediation,
    level: Level,
    *,
    certain: bool = True,
    again: bool = False,
    targets: tuple[str, ...] = (),
    unblocks: tuple[str, ...] = (),
) -> Iterator[Want]:
    before: str | None = None
    for step in remediation.steps:
        yield Want(
            step=step,
            remediation=remediation,
            check=one.check.id,
            title=one.check.title,
            owner=step.owner or remediation.owner or one.check.owner,
            level=level,
            certain=certain and not step.condition,
            again=again,
            targets=targets,
            unblocks=unblocks or (one.check.id,),
            chained_to=before,
        )
        before = before if step.instead_of else step_id(step)
