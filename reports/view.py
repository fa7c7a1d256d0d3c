"""What every format says about a report in the same words: marks, counts, phases, overlays, who read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from readiness.plugin import (
    MARKS,
    CheckResult,
    DecisionState,
    Level,
    Outcome,
    Phase,
    Report,
    SubjectResult,
    TargetDecision,
)
from reports.text import name, plural, prose, utc

T_co = TypeVar("T_co", covariant=True)

FINE = (Outcome.PASS, Outcome.NOT_APPLICABLE)
"""Nothing to do."""
TO_MEND = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL)
"""What a person does something about; a blocked check waits for another one."""

STATE_MARKS = {
    DecisionState.READY: MARKS[Outcome.PASS],
    DecisionState.NOT_READY: MARKS[Outcome.FAIL],
    DecisionState.UNDETERMINED: MARKS[Outcome.UNKNOWN],
    DecisionState.SELECTION_PASSED: MARKS[Outcome.PASS],
    DecisionState.NOT_CONFIGURED: MARKS[Outcome.NOT_APPLICABLE],
}
STATE_TONES = {
    DecisionState.READY: Outcome.PASS,
    DecisionState.NOT_READY: Outcome.FAIL,
    DecisionState.UNDETERMINED: Outcome.UNKNOWN,
    DecisionState.SELECTION_PASSED: Outcome.PASS,
    DecisionState.NOT_CONFIGURED: Outcome.NOT_APPLICABLE,
}
"""The outcome whose colour a state wears."""
DEMO = "DEMO DATA: this report is about the simulated estate, not about yours"
REDACTED = "REDACTED: aliases stand in this report for names; counts, versions, dates and verdicts are as they were"
OVERLAY_COUNTS = ("waived", "attested")
OVERLAY_HEADS = ("Kind", "State", "Check", "Subject", "Until the end of (UTC)", "Words", "People", "Ticket")

_SEVERITY = (*TO_MEND, Outcome.BLOCKED, *FINE)
_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks came to one outcome, or lie under one kind of overlay."""

    word: str
    number: int
    mark: str
    """Empty for overlays, which have no sign of their own."""


@dataclass(frozen=True, slots=True)
class Capped(Generic[T_co]):
    """The first of a long list, and how many were left out."""

    shown: tuple[T_co, ...]
    hidden: int

    @property
    def notice(self) -> str:
        return f"{self.hidden:,} more not shown here; the JSON report lists all {self.hidden + len(self.shown):,}"


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One phase of the way, with its checks in catalogue order."""

    phase: Phase
    checks: tuple[CheckResult, ...]
    gap: str
    """Why there are no checks; empty where there are."""

    @property
    def speaker(self) -> CheckResult | None:
        """The check that speaks for the phase: what weighs most among what still stands in the way."""
        return min(self.checks, key=_weight_in_phase, default=None)

    @property
    def lesser(self) -> str:
        """The level of what speaks for the phase, where that stands in nobody's way: a failed advisory stops no one."""
        speaker = self.speaker
        return "" if speaker is None or speaker.outcome in FINE or speaker.level is Level.BLOCKER else speaker.level

    @property
    def open(self) -> bool:
        """Whether nothing in it stands in the way of the phase after it."""
        speaker = self.speaker
        return speaker is not None and (speaker.outcome in FINE or bool(self.lesser) or bool(overlay_words(speaker)))

    @property
    def failing_first(self) -> tuple[CheckResult, ...]:
        return tuple(sorted(self.checks, key=lambda check: severity(check.outcome, check.level)))

    @property
    def tally(self) -> str:
        """`3 pass, 1 fail (1 waived)`."""
        numbers = Counter(check.outcome for check in self.checks)
        words = ", ".join(f"{numbers[outcome]} {outcome}" for outcome in Outcome if numbers[outcome])
        covered = Counter(word for check in self.checks for word in overlay_words(check))
        over = ", ".join(f"{covered[word]} {word}" for word in OVERLAY_COUNTS if covered[word])
        return f"{words} ({over})" if over else words


@dataclass(frozen=True, slots=True)
class OverlayView:
    """A waiver or an attestation as a row of words."""

    kind: str
    state: str
    check: str
    subject: str
    expires: str
    words: str
    people: str
    ticket: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of `OVERLAY_HEADS`."""
        return (
            self.kind,
            self.state,
            self.check,
            self.subject,
            self.expires,
            self.words,
            self.people,
            self.ticket,
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read, and what that identity is known to see."""

    identity: str
    scopes: tuple[str, ...]
    readings: int
    refused: int


def severity(outcome: Outcome, level: Level) -> tuple[int, int]:
    """Sorts the worst first."""
    return _SEVERITY.index(outcome), _LEVELS.index(level)


def capped(items: Sequence[T_co], limit: int) -> Capped[T_co]:
    return Capped(tuple(items[:limit]), max(0, len(items) - limit))


def counts(report: Report) -> tuple[Count, ...]:
    """Every outcome, also those that no check came to, then waived and attested."""
    numbers = report.decision.counts
    outcomes = tuple(Count(outcome.value, numbers[outcome], MARKS[outcome]) for outcome in Outcome)
    return outcomes + tuple(Count(word, numbers[word], "") for word in OVERLAY_COUNTS)


def phases(report: Report) -> tuple[PhaseView, ...]:
    """Every phase of the article's way, in its order, also those without a check."""
    gap = "not judged in this run" if report.decision.deselected else "not judged by this version"
    views = []
    for phase in Phase:
        checks = tuple(check for check in report.checks if check.phase is phase)
        views.append(PhaseView(phase, checks, "" if checks else gap))
    return tuple(views)


def readers(report: Report) -> tuple[Reader, ...]:
    """Who read, in the order of the run, with what they are known to see."""
    found = []
    for identity in report.run.identities:
        own = [reading for reading in report.readings if reading.identity == identity]
        scopes = tuple(dict.fromkeys(reading.scope for reading in own if reading.scope))
        found.append(Reader(identity, scopes, len(own), sum(1 for reading in own if reading.reason)))
    return tuple(found)


def subjects_worst_first(check: CheckResult) -> list[SubjectResult]:
    return sorted(check.subjects, key=lambda subject: severity(subject.outcome, subject.level))


def overlay_words(covered: CheckResult | SubjectResult) -> tuple[str, ...]:
    """`waived`, `attested`, as far as they lie on the check or subject."""
    laid = (covered.waiver, covered.attestation)
    return tuple(word for word, overlay in zip(OVERLAY_COUNTS, laid, strict=True) if overlay)


def overlay_sentences(covered: CheckResult | SubjectResult) -> tuple[str, ...]:
    """Who took it on themselves, why, and until when."""
    sentences = []
    if waiver := covered.waiver:
        ticket = f", {name(waiver.ticket)}" if waiver.ticket else ""
        sentences.append(
            f"waived until the end of {waiver.expires} UTC: {prose(waiver.reason)} "
            f"(asked by {name(waiver.requested_by)}, approved by {name(waiver.approved_by)}{ticket})"
        )
    if attestation := covered.attestation:
        sentences.append(
            f"attested until the end of {attestation.expires} UTC: {prose(attestation.statement)} "
            f"(seen by {name(attestation.by)} on {attestation.on})"
        )
    return tuple(sentences)


def change_window(report: Report) -> str:
    """`... to ...` in UTC, or `none`; one end alone is shown too."""
    start = report.change.window_start if report.change else None
    end = report.change.window_end if report.change else None
    if start and end:
        return f"{utc(start)} to {utc(end)}"
    if start:
        return f"from {utc(start)}"
    return f"until {utc(end)}" if end else "none"


def log(report: Report) -> str:
    """By what the lines of this run are found in the log, where one was kept: what follows the id of the run."""
    return f", in the log as {name(report.run.log)}" if report.run.log else ""


def valid_until(report: Report) -> str:
    """When the decision ends to be one."""
    until = report.decision.valid_until
    return utc(until) if until else "not valid for a roll-out"


def overlays(report: Report) -> tuple[OverlayView, ...]:
    """Every waiver and attestation that was configured, applied or not."""
    rows = []
    for overlay in report.overlays:
        words = people = ticket = "–"
        if waiver := overlay.waiver:
            words, ticket = prose(waiver.reason), name(waiver.ticket or "–")
            people = f"asked by {name(waiver.requested_by)}, approved by {name(waiver.approved_by)}"
        if attestation := overlay.attestation:
            words = prose(attestation.statement)
            people = f"seen by {name(attestation.by)} on {attestation.on}"
        subject = name(overlay.subject or "all of the check")
        about = (overlay.kind, str(overlay.state), name(overlay.check), subject, str(overlay.expires))
        rows.append(OverlayView(*about, words, people, ticket))
    return tuple(rows)


def devices(target: TargetDecision) -> str:
    """`12 devices, 11 eligible`, as far as known."""
    if target.devices is None:
        return "devices not known"
    eligible = "eligible not known" if target.eligible is None else f"{target.eligible:,} eligible"
    return f"{plural(target.devices, 'device')}, {eligible}"


def _weight_in_phase(check: CheckResult) -> tuple[bool, bool, int, int]:
    """Of what is fine a pass comes first, whatever it weighs: a phase in which something passed is not moot."""
    worst, level = severity(check.outcome, check.level)
    fine = check.outcome in FINE
    return fine, bool(overlay_words(check)), 0 if fine else level, worst
