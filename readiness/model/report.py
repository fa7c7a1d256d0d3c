"""The report: everything as data. Every format renders this, and nothing else. Contract: interfaces, section 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from readiness.model.changes import Comparison
from readiness.model.check import Source
from readiness.model.disclosure import RightUsed, Sight
from readiness.model.knowledge import OutsideRow, RuleRow
from readiness.model.remediation import Remediation
from readiness.model.rules import Contradiction, DataSent, Requirement
from readiness.model.settings import Attestation, Overlay, Waiver
from readiness.model.words import Basis, DecisionState, Half, Level, Origin, Outcome, Owner, Phase, Reason

REPORT_SCHEMA = "readiness/report/v1"


@dataclass(frozen=True, slots=True)
class RulesUsed:
    """The rule data that judged, and how old it is."""

    digest: str | None = None
    """SHA-256 over the tables, in hexadecimal."""
    age_days: int = 0
    """By the report's clock, since the date of the oldest table; 0 where that is in the future."""
    warning: str | None = None
    """That the rules are older than they should be."""
    outside: tuple[OutsideRow, ...] = ()
    """Rows that do not ship with the tool: where each came from."""


@dataclass(frozen=True, slots=True)
class PluginUsed:
    """A third party's package that was there when this run was judged: a verdict may have come from it."""

    package: str
    version: str
    group: str
    """What it adds: the group of its entry point, as `readiness.checks`."""
    name: str
    """Of its entry point."""
    adds: tuple[str, ...] = ()
    """Ids of the checks, or names of the facts, that it added; empty where it was skipped."""
    skipped: str | None = None
    """Why nothing of it, or not all of it, was used, in words; None: all of it was."""


@dataclass(frozen=True, slots=True)
class Run:
    """Which run this is, by what, of what."""

    id: str
    """Moment of the start and 8 signs; of judged evidence made of what was judged, so that the same gives the same."""
    tool_version: str
    """Of the program that judged."""
    rules_version: str
    """Of the rule data that judged; with `+` and a digest where rows came from outside."""
    rules_date: date
    """Of the oldest table."""
    host: str
    """Name of the machine that read."""
    identities: tuple[str, ...]
    """Who read, each once, in order of the readings."""
    started: datetime
    """Of the first reading, UTC."""
    finished: datetime
    """Of the last reading, UTC: by this clock it was judged."""
    duration_seconds: float
    """Of all reading."""
    configuration: Mapping[str, Any]
    """What was asked, without secrets and without what signs in."""
    configuration_digest: str
    """SHA-256 of that, in hexadecimal."""
    demo: bool
    """True where the simulated estate answered."""
    tenant: str | None
    """The tenant: its name where read, else as configured."""
    site: str | None
    """The top-level site: code and name where read, else the server as configured."""
    rules: RulesUsed = field(default_factory=RulesUsed)
    clocks: str | None = None
    """By how much the clocks of who read and of who answered disagree, in words; None where not by more than noise."""
    redacted: str | None = None
    """The mark of the aliases that stand in the report for names; None: the names are real."""
    plugins: tuple[PluginUsed, ...] = ()
    """Third parties' checks and readers that took part, and those that were skipped."""
    stopped: str | None = None
    """What ended the reading before it was through, in words: the report is partial. None: it was not ended."""
    log: str | None = None
    """What marks the lines of this run in the log of the machine that made it; None: it kept none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """May the roll-out begin?"""

    state: DecisionState
    """`ready`, `not-ready`, `undetermined`, or, of a selection, `selection-passed`."""
    sentence: str
    """The same in words, with how many blockers and overlays."""
    valid_until: datetime | None
    """The earliest end of what it rests on: evidence, `valid_for`, secret, role, waiver, attestation."""
    counts: Mapping[str, int]
    """A number for every outcome, and `waived`, `attested`."""
    deselected: tuple[str, ...]
    """Ids of the checks that a selection left out: they are not in `checks`."""
    halves: Mapping[Half, DecisionState]
    """The state over the checks that need each half; or `not-configured`."""
    origins: Mapping[Origin, DecisionState] = field(default_factory=dict)
    """Side by side: the state over what the article of 2020 asks, and over what is needed today besides."""


@dataclass(frozen=True, slots=True)
class TargetDecision:
    """The decision for one collection of the roll-out."""

    id: str | None
    """None where the name given could not be resolved."""
    name: str
    """As the site names it, else as it was given."""
    state: DecisionState
    """As `decision.state`, over what concerns this collection."""
    devices: int | None
    """How many it holds; None where that was not counted."""
    eligible: int | None
    """How many of these can receive the policy."""
    reasons: tuple[str, ...]
    """Ids of the checks that hold it back."""


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """The outcome for one subject, with what lies over it."""

    id: str
    name: str
    kind: str
    """`collection`, `site`, `administrator` or `policy`."""
    outcome: Outcome
    level: Level
    """The effective one."""
    reason: Reason | None
    """Set where the outcome is `unknown`."""
    summary: str
    """What came out, in a sentence that names it."""
    waiver: Waiver | None
    attestation: Attestation | None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One judged check."""

    id: str
    """Stable, and never reused."""
    title: str
    """The condition that holds."""
    phase: Phase
    level: Level
    """The effective one."""
    declared_level: Level
    """Of the check; a verdict may lower it."""
    tags: tuple[str, ...]
    owner: Owner
    """Who acts next."""
    outcome: Outcome
    reason: Reason | None
    """Set where, and only where, the outcome is `unknown`."""
    summary: str
    """What came out, in a sentence."""
    expected: str
    """What would have passed."""
    observed: str
    """What was seen."""
    basis: Basis
    """`documented`, or `inferred`: no published property says it."""
    blocked_by: tuple[str, ...]
    """Ids of the checks that are the root causes."""
    waiver: Waiver | None
    """What takes its failure out of the decision."""
    attestation: Attestation | None
    """What answers its `manual` or `unknown`."""
    subjects: tuple[SubjectResult, ...]
    """What came out for each collection, site or administrator; empty where it judges none."""
    evidence: tuple[str, ...]
    """Ids of the readings that were judged."""
    remediation: Remediation
    """How it is mended, here."""
    sources: tuple[Source, ...]
    """Where its rule comes from."""
    origin: Origin = Origin.TODAY
    requirement: Requirement | None = None
    """What the article asks, in its words, and what is needed today; None where the rule data does not say."""
    contradictions: tuple[Contradiction, ...] = ()
    """What official pages disagree on that concerns this check."""
    rules: tuple[RuleRow, ...] = ()
    """The rows of the rule data that decided."""
    plugin: str | None = None
    """Package and version of the plugin whose check it is; None: a check of ours."""


@dataclass(frozen=True, slots=True)
class PlanRole:
    """A role that a step needs, and who holds it."""

    owner: Owner
    role: str
    least: str = ""
    """What is enough besides: a smaller role, a permission, a condition."""
    where: str = ""
    """Where it is activated or given."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step on the way to ready."""

    step: str
    """What to do."""
    owner: Owner
    """Who does it."""
    role: str
    """What the owner needs to hold."""
    unblocks: tuple[str, ...]
    """Ids of the checks that ask for it."""
    where: str | None
    """Place in a console or portal, by the names that this estate's release uses."""
    command: str | None
    """PowerShell, to be run by a person; it is never run by the program."""
    wait: str
    """How long the service takes to notice, in words."""
    verify: str
    """How one sees that it worked."""
    rollback: str
    """How it is undone."""
    change_window: bool
    """Whether it belongs into a change window."""
    id: str = ""
    """Stable: the same step has the same id in every report."""
    level: Level = Level.BLOCKER
    """What it is needed for: `blocker` steps lead to ready; the others mend what should be mended, too."""
    targets: tuple[str, ...] = ()
    """The collections, sites or administrators that it is for; empty: it is not about single ones."""
    condition: str | None = None
    """When the step is needed, where that is not certain yet: a clause that follows "only"."""
    instead_of: str | None = None
    """Id of the step that this one can stand for: one of them is enough."""
    after: tuple[str, ...] = ()
    """Ids of the steps of this plan that come first."""
    present: tuple[Owner, ...] = ()
    """Who must be there besides the owner."""
    roles: tuple[PlanRole, ...] = ()
    """What `role` says, one by one, as the rule data has it."""
    holders: tuple[str, ...] = ()
    """Who of the named administrators holds the role, or may activate it, and when that ends."""
    wait_least_minutes: int | None = None
    """Before that it is not worth looking; None where no number is known."""
    wait_minutes: int | None = None
    """After that the service should have noticed; None where no number is known."""
    wait_confidence: str = ""
    """How sure the number is, as the rule data has it."""


@dataclass(frozen=True, slots=True)
class PlanPerson:
    """What one of the people who are needed does."""

    owner: Owner
    roles: tuple[str, ...]
    """The roles that the steps need."""
    steps: tuple[int, ...]
    """Numbers of the own steps, the first step of the plan being 1."""
    perhaps: tuple[int, ...]
    """Numbers of the own steps that are needed under a condition only."""
    present: tuple[int, ...]
    """Numbers of the steps of others at which this person must be there, too."""
    hands_over: tuple[str, ...]
    """After which step who goes on."""


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The plan at a glance: who is needed, how long waiting takes, and whether the change window is long enough."""

    call: str = ""
    """Who must be in the call, with their roles; empty: nobody, because there is nothing to do."""
    people: tuple[PlanPerson, ...] = ()
    waiting: str = ""
    waiting_least_minutes: int | None = None
    """At the least, along the longest chain of steps that lead to ready; what has no number is not in it. None: no step
    waits."""
    waiting_minutes: int | None = None
    """By when the services should have noticed."""
    window: str = ""
    """What that means for the change window; empty where none is configured, or nothing waits."""
    notes: tuple[str, ...] = ()
    """What the plan cannot foresee."""


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """A reading without its value."""

    id: str
    """That of `evidence` in a check: the name of the fact."""
    fact: str
    source: str
    """Endpoint, or class: the same over every transport."""
    query: str | None
    """What exactly was asked."""
    identity: str | None
    """Who read: application or account."""
    scope: str | None
    """What that identity is known to see."""
    started: datetime
    """UTC."""
    duration_seconds: float
    """How long it took."""
    rows: int | None
    """How many rows came."""
    reason: Reason | None
    """Why there is no value."""
    error: str | None
    """The same in words."""
    request_id: str | None
    """Of the exchange, for the server's own logs."""
    clock_skew_seconds: float | None
    """The server's clock minus that of who read."""
    plugin: str | None = None
    """Package and version of the plugin whose reader it was; None: a reader of ours."""


@dataclass(frozen=True, slots=True)
class ChangeHeader:
    """The change that the report belongs to."""

    ticket: str | None
    """The change in the ticket system."""
    window_start: datetime | None
    """When the change window begins, UTC."""
    window_end: datetime | None
    """When it ends."""
    approver: str | None
    """Who approves the change."""


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
    plan_summary: PlanSummary = PlanSummary()
    comparison: Comparison | None = None
    """What changed since an earlier report; None where none was given."""
    sights: tuple[Sight, ...] | None = None
    """What each reading account is known to see, and what it may not; None: not told."""
    rights: tuple[RightUsed, ...] | None = None
    """The least rights that are enough for what was read, by whom, for what; None: not told."""
    data_sent: tuple[DataSent, ...] | None = None
    """What tenant attach sends to the cloud, as the rule data has it; None: not told."""
