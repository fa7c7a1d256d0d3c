"""Remediation: how a finding is mended, by whom, and how one sees that it is."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.model.words import Owner


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, where in the console, and the PowerShell line where one exists (shown, never run)."""

    text: str
    where: str | None = None
    command: str | None = None


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
