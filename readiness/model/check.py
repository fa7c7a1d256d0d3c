"""A check: literal metadata beside a pure function from facts to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from readiness.model.remediation import Ahead, Remediation
from readiness.model.verdict import Verdict
from readiness.model.words import Level, Needs, Owner, Phase

if TYPE_CHECKING:
    from readiness.model.settings import JudgingSettings

Judge = TypeVar("Judge", bound=Callable[..., Verdict])
Foresee = TypeVar("Foresee", bound=Callable[..., Ahead])


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from."""

    title: str
    location: str
    """Path in Microsoft's documentation repositories, KB number, class, or Graph path."""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a judge may know besides facts."""

    now: datetime
    settings: JudgingSettings
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Check ids that cannot be judged for want of a permission, by the names of the missing permissions."""


@dataclass(slots=True, eq=False)
class Check:
    """One prerequisite. The id is stable and never reused; the title is the condition that holds.

    `judge` is the decorator for the function that judges: its parameters, by type, are the facts that it takes.
    A parameter typed as a fact is passed in when it could be read, else the check is unknown with that reason;
    a parameter typed `Reading[Fact]` is passed as it is, to weigh partial evidence; `Context` gives clock and
    settings. A judge is pure: same facts and same clock, same verdict.
    """

    id: str
    title: str
    phase: Phase
    level: Level
    needs: Needs
    owner: Owner
    why: str
    """Why it matters, in one or two sentences."""
    judged: str
    """How it is judged, in words."""
    remediation: Remediation
    sources: tuple[Source, ...]
    depends_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """What of the rule data it consults: tables, as `releases`, or single rows, as `hotfixes:4563473`."""
    inferred: str = ""
    """What of it is inferred, from what and why; empty: its verdicts are all `documented`."""
    function: Callable[..., Verdict] | None = None
    ahead: Callable[..., Ahead] | None = None
    plugin: str | None = field(default=None, init=False)
    """Package and version of the plugin that adds it, set by who loads it; None: a check of ours."""

    def judge(self, function: Judge) -> Judge:
        """Make `function` the judge of this check; returns it unchanged."""
        if self.function is not None:
            raise ValueError(f"check {self.id} has a judge already")
        self.function = function
        return function

    def foresee(self, function: Foresee) -> Foresee:
        """Make `function` what foretells this check's steps while it is not judged; returns it unchanged.

        Its parameters are those of a judge, each fact as a reading. It is asked unless the check passed; what a check
        asks for that foretells nothing is listed under a condition. Of a check that was judged, all of it is.
        """
        if self.ahead is not None:
            raise ValueError(f"check {self.id} foresees already")
        self.ahead = function
        return function

    def __call__(self, **facts: Any) -> Verdict:
        if self.function is None:
            raise ValueError(f"check {self.id} has no judge")
        return self.function(**facts)
