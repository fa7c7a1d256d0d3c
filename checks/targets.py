"""The collections of the roll-out, as the checks that judge them one by one speak of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from readiness.plugin import (
    Basis,
    Collection,
    Collections,
    CollectionType,
    Context,
    Fact,
    Level,
    Outcome,
    Reading,
    Reason,
    Remediation,
    Step,
    Subject,
    Target,
    Verdict,
    by_subjects,
    resolve_targets,
)

MOST_NAMED = 10
_NAME_LIMIT = 100
"""Characters of a name in a sentence: a longer one would leave no room for what is said of it."""

USE_THE_ID = Remediation(
    steps=(
        Step(
            "Name the collection by its id: [scope] collections in the configuration, or --collection",
            where="Assets and Compliance > Device Collections, column Collection ID",
            command="readiness scan --collection <id>",
            id="name-by-id",
        ),
    ),
    role="none",
    verify="run the scan again: the check then speaks of one collection",
)
"""The steps where a name stands for several collections."""


def called(name: str, id_: str = "") -> str:
    """A collection in a sentence: its name, cut where it is long, and its id."""
    shown = name if len(name) <= _NAME_LIMIT else f"{name[:_NAME_LIMIT]}…"
    return f"{shown} ({id_})" if id_ and id_ != name else shown


def subject(
    target: Target,
    outcome: Outcome,
    words: str,
    reason: Reason | None = None,
    *,
    level: Level | None = None,
    devices: int | None = None,
    eligible: int | None = None,
) -> Subject:
    """What is said of one target."""
    sentence = f"{called(target.name, target.id)}: {words}"
    return Subject("collection", target.id, target.name, outcome, sentence, level, reason, devices, eligible)


def unsettled(target: Target) -> Subject:
    """What is said of a name that stands for no collection that is visible, or for several."""
    reason = Reason.CONTRADICTING if target.ambiguous else Reason.NOT_VISIBLE
    return subject(target, Outcome.UNKNOWN, target.problem or "not settled", reason)


def settled(target: Target) -> Collection | Subject:
    """The device collection that a target is, or what a check that needs one says of it."""
    words = target.problem or "not settled"
    if target.collection is None:
        return unsettled(target)
    kind = target.collection.type
    if not kind.known:
        words = f"it is of type {kind.value}, which no table knows"
        return subject(target, Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)
    return target.collection if kind is CollectionType.DEVICE else subject(target, Outcome.FAIL, words)


def advice(target: Target) -> Remediation | None:
    """What to do about a target that is not settled."""
    return USE_THE_ID if target.ambiguous else None


def targets(collections: Collections, context: Context) -> tuple[Target, ...]:
    """The collections that the configuration names, among those of the site."""
    return resolve_targets(context.settings.scope.collections, collections.collections)


def no_target(
    collections: Reading[Collections], context: Context, expected: str, enabled: Iterable[str] = ()
) -> Verdict | None:
    """The verdict where no collection is named, so that a roll-out without a target never reads as ready; else None.

    Args:
        enabled: collections that something shows as enabled already.
    """
    if context.settings.scope.collections:
        return None
    found = collections.value.collections if collections.value is not None else ()
    choice = [one for one in found if one.type is CollectionType.DEVICE and not one.built_in and one.member_count > 0]
    choice.sort(key=lambda one: (one.name.casefold(), one.id))
    words = "No collection of the roll-out is named"
    shown = (*_partnered(choice, context.settings.calibration.edr_flag_mask), *enabled)
    if shown:
        words += f"; enabled, as far as it shows: {listed(shown)}"
    if choice:
        words += f"; could be chosen: {listed([called(one.name, one.id) for one in choice])}"
    observed = f"no target; {len(found)} collections visible" if collections.value is not None else "no target"
    return Verdict(Outcome.UNKNOWN, words, expected, observed, Basis.INFERRED, reason=Reason.NO_TARGET)


def _partnered(collections: Sequence[Collection], mask: int) -> tuple[str, ...]:
    """Those whose ServicePartners say, or without a mask only support, that the box on the tab Cloud Sync is ticked."""
    return tuple(
        f"{called(one.name, one.id)} with ServicePartners {one.service_partners}"
        for one in collections
        if one.service_partners is not None and has_bits(one.service_partners, mask)
    )


def has_bits(service_partners: int, mask: int) -> bool:
    """Whether ServicePartners has every bit of the mask; without a mask, whether it has any bit."""
    return service_partners & mask == mask if mask else service_partners != 0


def listed(words: Sequence[str], most: int = MOST_NAMED) -> str:
    """The first of a list, and how many more there are."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def every(collections: int, what: str) -> str:
    """That all of so many collections are something."""
    if collections == 1:
        return f"The one collection of the roll-out is {what}"
    return f"All {collections} collections of the roll-out are {what}"


def unread(reading: Reading[Fact], expected: str) -> Verdict:
    """The verdict where the collections, or what is in them, were not read."""
    words = reading.error or f"{reading.fact} was not read"
    reason = reading.reason or Reason.BAD_ANSWER
    return Verdict(Outcome.UNKNOWN, f"Could not be verified: {words}", expected, words, Basis.INFERRED, reason=reason)


Advised = tuple[Subject, Remediation | None]
"""What is said of a target, and what to do about it where the usual steps are not the right ones."""


def by_targets(
    judged: Sequence[Advised], declared: Level, *, expected: str, observed: str, passed: str, basis: Basis
) -> Verdict:
    """The verdict over the targets, with the steps for each, and for the check those of the one that speaks for it."""
    subjects = [replace(one, remediation=advice) for one, advice in judged]
    verdict = by_subjects(subjects, declared, expected=expected, observed=observed, passed=passed, basis=basis)
    level = verdict.level or declared
    same = (
        advice
        for one, advice in judged
        if (one.outcome, one.reason, one.level or declared) == (verdict.outcome, verdict.reason, level)
    )
    return replace(verdict, remediation=next(same, None))
