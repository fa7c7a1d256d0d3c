"""What a plan says about a step that no verdict knows: how long services take, and where roles are activated.

It comes from the rule data; the assessment is handed it, as it is handed the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from readiness.model.words import Owner


@dataclass(frozen=True, slots=True)
class WaitingTime:
    """How long a service takes to notice a change."""

    words: str
    least_minutes: int
    """Before that it is not worth looking."""
    minutes: int
    """After that it should have noticed."""
    confidence: str = ""
    """As the rule data has it; empty: nothing was said."""


@dataclass(frozen=True, slots=True)
class RolePlace:
    """A role that a step needs."""

    role: str
    owner: Owner
    """Who holds it: whoever administers what it is a role of."""
    least: str = ""
    """What is enough besides: a smaller role, a permission, a condition."""
    where: str = ""
    """Where it is activated or given."""
    from_build: int = 0
    until_build: int | None = None

    def holds_at(self, build: int | None) -> bool:
        """Whether this is the role at a build of the site; where the build is not known, it may be."""
        if build is None:
            return True
        return self.from_build <= build and (self.until_build is None or build <= self.until_build)


@dataclass(frozen=True, slots=True)
class Guide:
    """Waiting times by name, and roles by the step of the set-up that needs them."""

    waits: Mapping[str, WaitingTime] = field(default_factory=dict)
    roles: Mapping[str, tuple[RolePlace, ...]] = field(default_factory=dict)
