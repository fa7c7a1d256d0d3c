"""Which of the needed rights the accounts hold, judged by what answered; tokens are opaque, and are not looked into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from readiness.access.needs import Asked, Needs, Right, RightKind
from readiness.model.facts import Fact, SiteAccess, SiteProvider
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Reason
from readiness.sources.reader import Heard

FULL = "Full Administrator, scope All"


class Standing(StrEnum):
    """Whether a right is held."""

    HELD = "held"
    MISSING = "missing"
    NOT_TOLD = "not-told"
    NOT_USED = "not-used"
    """Nothing in this estate needs it now."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one right."""

    right: Right
    standing: Standing
    reason: Reason | None = None
    words: str = ""


def prove(needs: Needs, evidence: Evidence, heard: Sequence[Heard]) -> tuple[Proof, ...]:
    """Each needed right: held, missing, not told or not used, with why. Nothing that is not proven counts as held.

    Args:
        heard: how the calls to Microsoft Graph ended.
    """
    return tuple(
        _permission(right, evidence, heard)
        if right.kind is RightKind.PERMISSION
        else _role(right, evidence)
        if right.kind is RightKind.ROLE
        else _group(right, evidence)
        for right in needs.rights
    )


def _permission(right: Right, evidence: Evidence, heard: Sequence[Heard]) -> Proof:
    """Held where every call that needs it was answered: then it is held, or a wider one that includes it."""
    found = [proof for one in right.asked for proof in _outcomes(right, one, evidence.reading(one.fact), heard)]
    for standing in (Standing.MISSING, Standing.NOT_TOLD, Standing.HELD):
        proof = next((one for one in found if one.standing is standing), None)
        if proof is not None:
            return proof
    whens = ", or ".join(dict.fromkeys(one.call.when for one in right.asked if one.call.when))
    words = f"no call was made that needs it{f': only where {whens}' if whens else ''}"
    return Proof(right, Standing.NOT_USED, words=words)


def _outcomes(right: Right, asked: Asked, reading: Reading[Fact] | None, heard: Sequence[Heard]) -> Iterator[Proof]:
    """What the exchanges of one call say of the right."""
    made = [one for one in heard if one.call == asked.call]
    for one in made:
        failure = one.failure
        if failure is None:
            yield Proof(right, Standing.HELD)
        elif failure.reason is not Reason.UNSUPPORTED_VERSION:  # else the tenant does not have what was asked for
            lacks = failure.reason is Reason.MISSING_PERMISSION
            yield Proof(right, Standing.MISSING if lacks else Standing.NOT_TOLD, failure.reason, str(failure))
    if not made and (reading is None or not reading.available):
        reason, words = (None, "it was not read") if reading is None else (reading.reason, reading.error or "")
        yield Proof(right, Standing.NOT_TOLD, reason, words)


def _role(right: Right, evidence: Evidence) -> Proof:
    """By the roles that the account's own record shows: who lacks a role is shown less, and told nothing."""
    reading = evidence.reading(SiteAccess)
    refused = _first(evidence, right.asked, Reason.ACCESS_DENIED)
    if refused is not None:
        return Proof(right, Standing.MISSING, refused.reason, refused.error or "")
    if reading is None or not isinstance(reading.value, SiteAccess):
        reason = reading.reason if reading else None
        return Proof(right, Standing.NOT_TOLD, reason, (reading.error if reading else "") or "SMS_Admin was not read")
    access = reading.value
    if access.sees_everything or (right.name != FULL and access.sees_sites_and_updates):
        return Proof(right, Standing.HELD)
    if right.remark:  # another role may do; what it is shown proves it
        return _shown(right, evidence)
    return _not_enough(right, access)


def _not_enough(right: Right, access: SiteAccess) -> Proof:
    if not access.listed:
        words = "the account has no record of its own: it may hold the role through a group, which is not shown"
        return Proof(right, Standing.NOT_TOLD, Reason.NOT_VISIBLE, words)
    held = ", ".join(sorted({f"{grant.role_name} on {grant.category_name}" for grant in access.grants}))
    return Proof(right, Standing.MISSING, Reason.NOT_VISIBLE, f"the account holds {held or 'no role'}")


def _shown(right: Right, evidence: Evidence) -> Proof:
    """Not used where every class that needs it shows rows to the account without: it is not held for that."""
    facts = dict.fromkeys(one.fact for one in right.asked)
    empty = [fact.__name__ for fact in facts if not _rows(evidence.reading(fact))]
    if not empty:
        words = "the account holds less, and is shown rows of every class; that a row is not there it cannot prove"
        return Proof(right, Standing.NOT_USED, words=words)
    words = f"the account is not known to hold this role, and sees nothing in {', '.join(empty)}: hidden, or not there"
    return Proof(right, Standing.NOT_TOLD, Reason.NOT_VISIBLE, words)


def _rows(reading: Reading[Fact] | None) -> int:
    return reading.rows or 0 if reading is not None and reading.available else 0


def _group(right: Right, evidence: Evidence) -> Proof:
    """Who gets as far as the provider's own row is in all of them; who is refused lacks one, and is not told which."""
    reading = evidence.reading(SiteProvider)
    if reading is not None and reading.available:
        return Proof(right, Standing.HELD)
    reason = reading.reason if reading else None
    standing = Standing.MISSING if reason is Reason.ACCESS_DENIED else Standing.NOT_TOLD
    return Proof(right, standing, reason, (reading.error if reading else "") or "SMS_ProviderLocation was not read")


def _first(evidence: Evidence, asked: Iterable[Asked], reason: Reason) -> Reading[Fact] | None:
    readings: Sequence[Reading[Fact] | None] = [evidence.reading(one.fact) for one in asked]
    return next((reading for reading in readings if reading is not None and reading.reason is reason), None)
