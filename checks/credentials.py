"""When the secret of an application ends, as the site and the tenant tell it, and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from checks.either import READ_AGAIN, read_again
from readiness.plugin import ApplicationSecret, Level, Outcome, Reason, Remediation

RENEW_AHEAD = timedelta(days=30)
"""How long before its end a secret should be renewed. Source: catalogue, attach-app-healthy."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out for one question about an application, or for several together."""

    outcome: Outcome
    words: str
    reason: Reason | None = None
    level: Level | None = None
    until: datetime | None = None
    """When what was proven ends."""
    remediation: Remediation | None = None

    @property
    def severity(self) -> int:
        """0 is the worst: a failed blocker, what could not be verified, a failed advisory, a pass."""
        if self.outcome is Outcome.FAIL:
            return 2 if self.level is Level.ADVISORY else 0
        return 1 if self.outcome is Outcome.UNKNOWN else 3


def together(found: Sequence[Finding]) -> Finding:
    """The worst of at least one finding; what is proven ends with the first of them that ends."""
    worst = min(found, key=lambda one: one.severity)
    return replace(worst, until=min((one.until for one in found if one.until is not None), default=None))


class State(Enum):
    """What one half says of the secret."""

    VALID = "valid"
    ENDED = "ended"
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class Told:
    """What one half tells of the secrets of an application."""

    state: State
    words: str
    until: datetime | None = None
    """The last end of a valid one."""
    reason: Reason | None = None
    """Why it cannot be told."""


def by_site(end: datetime | None, now: datetime) -> Told:
    """What the site tells: the end of the one secret that it uses."""
    if end is None:
        return Told(State.UNTOLD, "the site does not tell when its secret ends", reason=Reason.BAD_ANSWER)
    words = f"the site's secret ends on {end:%Y-%m-%d}"
    return Told(State.VALID, words, end) if end > now else Told(State.ENDED, words)


def by_tenant(secrets: Sequence[ApplicationSecret] | None, now: datetime) -> Told:
    """What the tenant tells: the ends of all secrets; which of them the site uses is not told, so any will do."""
    if secrets is None:
        words = "the tenant has no registration of the application, so that its secrets are not visible"
        return Told(State.UNTOLD, words, reason=Reason.NOT_VISIBLE)
    ends = sorted(secret.expires for secret in secrets if secret.expires is not None)
    words = f"the tenant has secrets that end on {', '.join(f'{end:%Y-%m-%d}' for end in ends) or 'no known day'}"
    if not secrets:
        return Told(State.ENDED, "the tenant has no secret for the application")
    if ends and ends[-1] > now:
        return Told(State.VALID, words, ends[-1])
    if len(ends) < len(secrets):
        return Told(State.UNTOLD, "the tenant does not tell when a secret ends", reason=Reason.BAD_ANSWER)
    return Told(State.ENDED, words)


def weighed(name: str, told: Sequence[Told], now: datetime, renew: Remediation) -> Finding:
    """What one or both halves come to for the application `name`."""
    untold = next((one for one in told if one.state is State.UNTOLD), None)
    said = ", and ".join(one.words for one in told)
    if untold is not None:
        words = f"The secret of {name} could not be verified: {untold.words}"
        return Finding(Outcome.UNKNOWN, words, untold.reason or Reason.BAD_ANSWER)
    if len({one.state for one in told}) > 1:
        words = f"The site and the tenant say different things of the secret of {name}: {said}; {READ_AGAIN}"
        return Finding(Outcome.UNKNOWN, words, Reason.CONTRADICTING, remediation=read_again(renew))
    ends = [one.until for one in told if one.until is not None]
    if not ends:
        return Finding(Outcome.FAIL, f"The secret of {name} has ended: {said}", remediation=renew)
    end = min(ends)
    if end - now < RENEW_AHEAD:
        words = f"The secret of {name} ends on {end:%Y-%m-%d}, in less than {RENEW_AHEAD.days} days"
        return Finding(Outcome.FAIL, words, level=Level.ADVISORY, until=end, remediation=renew)
    return Finding(Outcome.PASS, f"the secret of {name} is valid until {end:%Y-%m-%d}", until=end)
