"""What changed between two reports. Every format renders this, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way a change goes, for whoever approved the earlier report."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"
    """Neither: to be looked at by a person."""


class Changed(StrEnum):
    """What it is that changed."""

    DECISION = "decision"
    CHECK = "check"
    SUBJECT = "subject"
    OBSERVED = "observed"
    COLLECTION = "collection"
    OVERLAY = "overlay"
    PLAN = "plan"
    CONFIGURATION = "configuration"
    READ_BY = "read by"
    RULES = "rules"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    what: Changed
    id: str
    """Of the check, the collection, the key; `check/subject` of a subject."""
    name: str
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is not there any more."""
    direction: Direction


@dataclass(frozen=True, slots=True)
class Comparison:
    """This report against an earlier one."""

    run: str
    """Id of the earlier run."""
    finished: datetime
    """When the earlier run had read."""
    sentence: str
    incomparable: str | None
    """Why the two cannot be compared; None where they can."""
    changes: tuple[Change, ...]
    """What became worse first; within that the decision, checks in catalogue order with their subjects, all else."""

    @property
    def worse(self) -> bool:
        return any(change.direction is Direction.WORSE for change in self.changes)
