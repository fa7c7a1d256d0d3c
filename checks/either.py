"""What two halves say of the same thing: either one judges it, and the other one, where it was read, must agree.

Catalogue: rules for every check, 4 and 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from checks.hierarchies import SAY_WHICH
from checks.visibility import SEE_EVERYTHING
from readiness.plugin import Basis, Fact, Outcome, Reading, Reason, Remediation, Step, Verdict

READ_AGAIN = "read again after 30 minutes (upload takes 15 minutes, display 5 to 10)"

AGAIN = Step(
    "Read again after 30 minutes: uploads take 15 minutes, and 5 to 10 more until they show",
    id="read-again",
    wait_id="upload",
)


def read_again(mend: Remediation) -> Remediation:
    """What to do where the halves disagree: wait for the upload, and where they still do, mend what is wrong."""
    return replace(mend, steps=(AGAIN, *mend.steps))


@dataclass(frozen=True, slots=True)
class Said:
    """What one half says of a condition."""

    holds: bool | None
    """None: it says nothing."""
    observed: str
    reason: Reason | None = None
    """Why it says nothing though it was asked: not configured, not read, hidden, or at odds with itself."""
    remediation: Remediation | None = None
    """What to do about that, where the usual steps for the reason are not the right ones."""

    @classmethod
    def unread(cls, reading: Reading[Fact]) -> Self:
        """That it was not read."""
        return cls(None, reading.error or "it was not read", reading.reason or Reason.BAD_ANSWER)

    @classmethod
    def hidden(cls, observed: str) -> Self:
        """That the reading account may not see what is there."""
        return cls(None, observed, Reason.NOT_VISIBLE, SEE_EVERYTHING)

    @classmethod
    def ambiguous(cls, observed: str) -> Self:
        """That several hierarchies of the tenant fit this site."""
        return cls(None, observed, Reason.CONTRADICTING, SAY_WHICH)

    @property
    def absent(self) -> bool:
        """Whether this half is not configured at all, so that it is named as absent and asked no more."""
        return self.reason is Reason.NOT_CONFIGURED


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one condition."""

    expected: str
    passed: str
    failed: str


def weigh(site: Said, tenant: Said, wording: Wording) -> Verdict:
    """The verdict over both halves; `inferred`, because no published property says it.

    A half that is configured but says nothing for want of a reading leaves it unknown, whatever the other one says.
    """
    halves = {"the site": site, "the tenant": tenant}
    deaf = next((said for said in halves.values() if said.reason is not None and not said.absent), None)
    if deaf is not None and deaf.reason is not None:
        return _unknown(deaf.reason, f"Could not be verified: {deaf.observed}", halves, wording, deaf.remediation)
    heard = {said.holds for said in halves.values() if said.holds is not None}
    if not heard:
        absent = any(said.absent for said in halves.values())
        words = "Could not be verified: " + ", and ".join(said.observed for said in halves.values())
        return _unknown(Reason.NOT_CONFIGURED if absent else Reason.NOT_VISIBLE, words, halves, wording)
    if len(heard) > 1:
        words = f"The site and the tenant say different things: {READ_AGAIN}"
        return _unknown(Reason.CONTRADICTING, words, halves, wording)
    outcome, came_to = (Outcome.PASS, wording.passed) if True in heard else (Outcome.FAIL, wording.failed)
    silent = ((name, said.observed) for name, said in halves.items() if said.holds is None)
    alone = next((f"; uncorroborated by {name}: {words}" for name, words in silent), "")
    return Verdict(outcome, came_to + alone, wording.expected, observed(halves), Basis.INFERRED)


def observed(halves: Mapping[str, Said]) -> str:
    """Both observations."""
    return "; ".join(f"{name}: {said.observed}" for name, said in halves.items())


def _unknown(
    reason: Reason,
    summary: str,
    halves: Mapping[str, Said],
    wording: Wording,
    remediation: Remediation | None = None,
) -> Verdict:
    return Verdict(
        Outcome.UNKNOWN,
        summary,
        wording.expected,
        observed(halves),
        Basis.INFERRED,
        reason=reason,
        remediation=remediation,
    )
