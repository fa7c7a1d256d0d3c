"""The report: everything as data. Every format renders this, and nothing else. Contract: interfaces, section 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from readiness.model.check import Source
from readiness.model.remediation import Remediation
from readiness.model.settings import Attestation, Overlay, Waiver
from readiness.model.words import Basis, DecisionState, Half, Level, Outcome, Owner, Phase, Reason

REPORT_SCHEMA = "readiness/report/v1"


@dataclass(frozen=True, slots=True)
class Run:
    """Which run this is, by what, of what."""

    id: str
    tool_version: str
    rules_version: str
    rules_date: date
    host: str
    identities: tuple[str, ...]
    """Who read, each once, in order of the readings."""
    started: datetime
    finished: datetime
    duration_seconds: float
    configuration: Mapping[str, Any]
    configuration_digest: str
    demo: bool
    tenant: str | None
    """The tenant: its name where read, else as configured."""
    site: str | None
    """The top-level site: code and name where read, else the server as configured."""
    clocks: str | None = None
    """By how much the clocks of who read and of who answered disagree, in words; None where not by more than noise."""


@dataclass(frozen=True, slots=True)
class Decision:
    """May the roll-out begin?"""

    state: DecisionState
    sentence: str
    valid_until: datetime | None
    counts: Mapping[str, int]
    """A number for every outcome, and `waived`, `attested`."""
    deselected: tuple[str, ...]
    halves: Mapping[Half, DecisionState]


@dataclass(frozen=True, slots=True)
class TargetDecision:
    """The decision for one collection of the roll-out."""

    id: str | None
    """None where the name given could not be resolved."""
    name: str
    state: DecisionState
    devices: int | None
    eligible: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """The outcome for one subject, with what lies over it."""

    id: str
    name: str
    kind: str
    outcome: Outcome
    level: Level
    reason: Reason | None
    summary: str
    waiver: Waiver | None
    attestation: Attestation | None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One judged check."""

    id: str
    title: str
    phase: Phase
    level: Level
    """The effective one."""
    declared_level: Level
    tags: tuple[str, ...]
    owner: Owner
    """Who acts next."""
    outcome: Outcome
    reason: Reason | None
    summary: str
    expected: str
    observed: str
    basis: Basis
    blocked_by: tuple[str, ...]
    waiver: Waiver | None
    attestation: Attestation | None
    subjects: tuple[SubjectResult, ...]
    evidence: tuple[str, ...]
    remediation: Remediation
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step on the way to ready."""

    step: str
    owner: Owner
    role: str
    unblocks: tuple[str, ...]
    where: str | None
    command: str | None
    wait: str
    verify: str
    rollback: str
    change_window: bool


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """A reading without its value."""

    id: str
    fact: str
    source: str
    query: str | None
    identity: str | None
    scope: str | None
    started: datetime
    duration_seconds: float
    rows: int | None
    reason: Reason | None
    error: str | None
    request_id: str | None
    clock_skew_seconds: float | None


@dataclass(frozen=True, slots=True)
class ChangeHeader:
    """The change that the report belongs to."""

    ticket: str | None
    window_start: datetime | None
    window_end: datetime | None
    approver: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run came to."""

    run: Run
    decision: Decision
    collections: tuple[TargetDecision, ...]
    checks: tuple[CheckResult, ...]
    plan: tuple[PlanStep, ...]
    overlays: tuple[Overlay, ...]
    readings: tuple[ReadingSummary, ...]
    change: ChangeHeader | None
