"""What a person decides about a roll-out, and judging needs to know: the contract's sections that are not access."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from readiness.model.words import FailOn, OverlayState


class Stage(StrEnum):
    """`[rollout] stage`."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"


class OperatingModel(StrEnum):
    """`[scope] operating_model`."""

    TENANT_ATTACH = "tenant-attach"
    CO_MANAGEMENT = "co-management"


@dataclass(frozen=True, slots=True)
class Scope:
    """`[scope]`: what the roll-out is about."""

    collections: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    operating_model: OperatingModel | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """`[rollout]`."""

    stage: Stage = Stage.PLANNED


@dataclass(frozen=True, slots=True)
class Policy:
    """`[policy]`: how strictly to judge."""

    fail_on: FailOn = FailOn.BLOCKER
    max_evidence_age: timedelta = timedelta(hours=24)
    valid_for: timedelta = timedelta(hours=24)
    min_eligible: float = 0.95


@dataclass(frozen=True, slots=True)
class Change:
    """`[change]`: the optional header of the report."""

    ticket: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """`[[waiver]]`: takes a failed check out of the decision until the end of the day `expires`, UTC."""

    check: str
    """Id of the check."""
    requested_by: str
    """Who asked for it."""
    approved_by: str
    """Who approved it: another person."""
    reason: str
    """Why."""
    expires: date
    """The whole day, UTC."""
    ticket: str | None = None
    """Of that decision."""
    collection: str | None = None
    site: str | None = None
    administrator: str | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """`[[attestation]]`: a person saw what no interface shows; answers `manual` and `unknown`, never `fail`."""

    check: str
    """Id of the check."""
    statement: str
    """What was seen, and where."""
    by: str
    """Who saw it."""
    on: date
    """On which day."""
    expires: date
    """The whole day, UTC."""
    collection: str | None = None
    site: str | None = None
    administrator: str | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A waiver or an attestation, and what became of it."""

    kind: str
    """`waiver` or `attestation`."""
    state: OverlayState
    check: str
    subject: str | None
    expires: date
    waiver: Waiver | None = None
    attestation: Attestation | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """`--check`, `--skip`, `--tag`: globs over check ids, and tags."""

    check: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        return not (self.check or self.skip or self.tag)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a person found out about this site and no interface tells. Source: `[site]`, both keys optional."""

    edr_flag_mask: int = 0
    """Bits of `SMS_Collection.ServicePartners` that mean "available for Defender policies". 0: not calibrated."""
    hierarchy_id: str | None = None
    """The hierarchy as Graph names it (a GUID), where several share a tenant."""


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """All that judging takes from the configuration."""

    scope: Scope = field(default_factory=Scope)
    rollout: Rollout = field(default_factory=Rollout)
    policy: Policy = field(default_factory=Policy)
    change: Change = field(default_factory=Change)
    calibration: Calibration = field(default_factory=Calibration)
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    selection: Selection = field(default_factory=Selection)
