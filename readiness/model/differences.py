"""What is different between two runs, by what it means for whoever minds the estate. Every format renders this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from readiness.model.changes import Changed
from readiness.model.words import DecisionState

DIFF_SCHEMA = "readiness/diff/v1"


class Difference(StrEnum):
    """What a difference means, the worst first."""

    BROKEN = "broken"
    DEGRADED = "degraded"
    UNVERIFIABLE = "unverifiable"
    JUDGED = "judged-otherwise"
    """It may come from how was looked or judged alone: nothing says that the estate changed."""
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
    Difference.JUDGED: "judged otherwise",
    Difference.NEW_CHECK: "new to the checks",
    Difference.REMOVED_CHECK: "gone from the checks",
    Difference.CAME: "came",
    Difference.WENT: "went",
}
HEADINGS = {
    Difference.BROKEN: "broken now",
    Difference.DEGRADED: "degraded",
    Difference.UNVERIFIABLE: "can no longer be verified",
    Difference.JUDGED: "judged otherwise, perhaps only for other rules, rights or scope",
    Difference.REPAIRED: "repaired",
    Difference.NEW_CHECK: "new checks",
    Difference.REMOVED_CHECK: "removed checks",
    Difference.CAME: "collections and other subjects that came",
    Difference.WENT: "collections and other subjects that went",
    Difference.CHANGED: "changed but equal",
}


class Cause(StrEnum):
    """What of how was looked or judged is not as it was, and may have made the difference."""

    RULES = "rules"
    """Other rule data, another version of the program, another policy."""
    RIGHTS = "rights"
    """Others read, or with other rights."""
    SCOPE = "scope"
    """Something else was asked: other collections, another half, other checks."""
    OVERLAY = "overlay"
    """A waiver or an attestation lies over it that did not, or none does any more."""

    @property
    def words(self) -> str:
        """In words that follow "perhaps"; of an overlay it is certain."""
        return CAUSES[self]


CAUSES = {
    Cause.RULES: "other rules",
    Cause.RIGHTS: "other rights",
    Cause.SCOPE: "another scope",
    Cause.OVERLAY: "a waiver or an attestation",
}
NOT_THE_ESTATE = frozenset({Cause.RULES, Cause.RIGHTS, Cause.SCOPE})
"""Causes for which an estate that did not change can come out otherwise."""


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
    causes: tuple[Cause, ...] = ()
    """From what it may come besides the estate; none: from the estate."""


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
        """Whether anything is worse for whoever relies on the estate."""
        return any(one.worse for one in self.differences)
