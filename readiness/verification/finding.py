"""What was found out about a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readiness.integrity.signatures import Signature
from readiness.model.exit_codes import ExitCode


class State(StrEnum):
    """What became of a file since it was written."""

    INTACT = "intact"
    CHANGED = "changed"
    NOT_OURS = "not-ours"
    """Nothing of this tool, of a newer version of it, or not to be read."""


EXIT_CODES = {State.INTACT: ExitCode.OK, State.CHANGED: ExitCode.NOT_READY, State.NOT_OURS: ExitCode.USAGE}
"""Contract: interfaces, section 2. The highest of several files wins: a change is the worst news."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the file itself shows."""

    state: State
    kind: str | None
    """`evidence`, `report`, `recording`, or the name of a format for people, as `html` or `jira-summary`; None where
    that cannot be told."""
    words: tuple[str, ...] = ()
    """Why it is not intact: places in JSON, sentences else."""
    report: str | None = None
    """SHA-256 of the report that the file is, or shows."""
    signature: Signature | None = None
    """A signature that is right. Whose it is, the file cannot say."""

    @property
    def brief(self) -> bool:
        """Whether it is a summary: true as far as it goes, and not the whole report."""
        return self.kind is not None and self.kind.endswith("summary")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it is to whoever asks, who trusts certain keys or none."""

    state: State
    finding: Finding
    sentence: str
    """For people, in one line."""
    signer: str | None = None
    """The name that whoever asks has for the key, where it signed the file."""


def intact(kind: str, report: str | None, signature: Signature | None) -> Finding:
    return Finding(State.INTACT, kind, (), report, signature)


def changed(kind: str | None, *words: str) -> Finding:
    return Finding(State.CHANGED, kind, words)


def not_ours(*words: str, kind: str | None = None) -> Finding:
    return Finding(State.NOT_OURS, kind, words)
