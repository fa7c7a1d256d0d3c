"""Remediation: how a finding is mended, by whom, and how one sees that it is."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.model.words import Level, Owner


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, where in the console, and the PowerShell line where one exists (shown, never run).

    What is left out (None) is as the remediation says it for all of its steps.
    """

    text: str
    where: str | None = None
    command: str | None = None
    id: str = ""
    """Stable name of the step: checks that ask for the same thing give the same id, and the plan lists it once. Empty:
    made of the first words of the text."""
    after: tuple[str, ...] = ()
    """Ids of steps that come first, where they are in the plan, too."""
    condition: str = ""
    """Where the step is not always needed: when it is, as a clause that follows "only"."""
    instead_of: str = ""
    """Id of the step that this one can stand for: doing one of them is enough."""
    wait_id: str | None = None
    """Name of the waiting time in the rule data (table `waits`)."""
    role_steps: tuple[str, ...] = ()
    """Steps of the rule data (table `roles`) that say who may do it, and where the role is activated."""
    directory_role: str | None = None
    """Role definition id of the Entra role that it needs, where who holds it is read."""
    present: tuple[Owner, ...] = ()
    """Who must be there besides the owner: to sign in, say."""
    role: str | None = None
    wait: str | None = None
    verify: str | None = None
    rollback: str | None = None
    change_window: bool | None = None
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Remediation:
    """How a finding is mended and how one sees that it is."""

    steps: tuple[Step, ...]
    role: str
    """The role or right that the person needs."""
    wait: str = "none"
    """How long the service takes to notice."""
    verify: str = ""
    """What to look at: console node, log and server, marker."""
    rollback: str = "none"
    change_window: bool = False
    """Whether this should happen inside a change window."""
    owner: Owner | None = None
    """Who does it, where that is not the owner of the check."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a check that could not be judged yet will ask for, as far as the facts foretell it."""

    certain: Remediation | None = None
    """What will be needed."""
    possible: Remediation | None = None
    """What may be needed: listed under a condition."""
    targets: tuple[str, ...] = ()
    """What the certain steps are for: collections, sites, administrators."""
    level: Level | None = None
    """What the certain steps are needed for; None: the level of the check."""
