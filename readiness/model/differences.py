"""What is different between two runs, by what it means for whoever minds the estate. Every format renders this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from readiness.model.changes import Changed
from readiness.model.words import DecisionState


class Difference(StrEnum):
    """What a difference means, the worst first."""

    BROKEN = "broken"
    DEGRADED = "degraded"
    UNVERIFIABLE = "unverifiable"
    REPAIRED = "repaired"
    NEW_CHECK = "new-check"
    REMOVED_CHECK = "removed-check"
    CAME = "came"
    WENT = "went"
    CHANGED = "changed"

    @property
    def heading(self) -> str:
        """In words."""
        return HEADINGS[self]

    @property
    def words(self) -> str:
        """In words that follow a number."""
        return _WORDS.get(self, HEADINGS[self])


_WORDS = {
    Difference.NEW_CHECK: "new to the checks",
    Difference.REMOVED_CHECK: "gone from the checks",
    Difference.CAME: "came",
    Difference.WENT: "went",
}
HEADINGS = {
    Difference.BROKEN: "broken now",
    Difference.DEGRADED: "degraded",
    Difference.UNVERIFIABLE: "can no longer be verified",
    Difference.REPAIRED: "repaired",
    Difference.NEW_CHECK: "new checks",
    Difference.REMOVED_CHECK: "removed checks",
    Difference.CAME: "collections and other subjects that came",
    Difference.WENT: "collections and other subjects that went",
    Difference.CHANGED: "changed but equal",
}


@dataclass(frozen=True, slots=True)
class Different:
    """One thing that is not as it was."""

    difference: Difference
    what: Changed
    id: str
    """Stable: of the check, the collection, the key; `check/subject` of a subject."""
    name: str
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is not there any more."""
    worse: bool
    """Whether it is worse for whoever relies on the estate: what cannot be verified any more is."""
    because: tuple[str, ...] = ()
    """Ids of the checks that block it now."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    run: str
    finished: datetime
    """When it had read."""
    state: DecisionState
    sentence: str
    whole: bool
    """Whether nothing was missing that another night may bring."""
    demo: bool
    redacted: bool
    tenant: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class RunDiff:
    """What is different between two runs."""

    before: Side
    after: Side
    sentence: str
    incomparable: str | None
    """Why the two cannot be compared; None where they can."""
    reservations: tuple[str, ...]
    """What to bear in mind, in sentences: other rules, other rights, another scope, a reading that is missing."""
    differences: tuple[Different, ...]
    """By what they mean, the worst first; within that the decision, checks in catalogue order, all else."""

    @property
    def worse(self) -> bool:
        return any(one.worse for one in self.differences)
