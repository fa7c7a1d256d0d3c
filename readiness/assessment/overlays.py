"""Waivers and attestations: what people decided, laid over what was judged. The outcome stays visible under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from readiness.model.check import Check, Context
from readiness.model.settings import Attestation, Overlay, Waiver
from readiness.model.verdict import Subject, Verdict
from readiness.model.words import Outcome, OverlayState, Phase

ATTESTABLE = (Outcome.MANUAL, Outcome.UNKNOWN)
NEVER_WAIVED = ("tenant-matches",)


@dataclass(frozen=True, slots=True)
class SubjectLaid:
    """What lies over one subject."""

    waiver: Waiver | None = None
    attestation: Attestation | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """What lies over a check as a whole, and over each of its subjects."""

    waiver: Waiver | None = None
    attestation: Attestation | None = None
    subjects: tuple[SubjectLaid, ...] = ()

    @property
    def all(self) -> tuple[Waiver | Attestation, ...]:
        every = (self.waiver, self.attestation, *(x for s in self.subjects for x in (s.waiver, s.attestation)))
        return tuple(overlay for overlay in every if overlay is not None)


def ends(expires: date) -> datetime:
    """The moment after which an overlay no longer counts: the whole day, UTC."""
    if expires == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(expires + timedelta(days=1), time(), UTC)


def subject_named(overlay: Waiver | Attestation) -> tuple[str, str] | None:
    """Kind and name of the subject that an overlay is for; None for the whole check."""
    for kind in ("collection", "site", "administrator"):
        if name := getattr(overlay, kind):
            return kind, name
    return None


def lay(check: Check, verdict: Verdict, context: Context) -> Laid:
    """What lies over this verdict now. Nothing lies over a connection: without it nothing is known."""
    if check.phase is Phase.CONNECTION:
        return Laid(subjects=(SubjectLaid(),) * len(verdict.subjects))
    waivable = check.id not in NEVER_WAIVED
    waivers = [w for w in context.settings.waivers if waivable and _counts(w, check, context)]
    attestations = [a for a in context.settings.attestations if _counts(a, check, context)]
    if not verdict.subjects:
        whole = [w for w in waivers if subject_named(w) is None]
        said = [a for a in attestations if subject_named(a) is None]
        return Laid(
            waiver=whole[0] if whole and verdict.outcome is Outcome.FAIL else None,
            attestation=said[0] if said and verdict.outcome in ATTESTABLE else None,
        )
    subjects = tuple(_over(subject, waivers, attestations) for subject in verdict.subjects)
    first_waiver = next((over.waiver for over in subjects if over.waiver), None)
    first_attestation = next((over.attestation for over in subjects if over.attestation), None)
    return Laid(
        waiver=first_waiver if _covers(verdict, subjects, "waiver", (Outcome.FAIL,)) else None,
        attestation=first_attestation if _answered(verdict, subjects) else None,
        subjects=subjects,
    )


def _counts(overlay: Waiver | Attestation, check: Check, context: Context) -> bool:
    return overlay.check == check.id and context.now < ends(overlay.expires)


def _over(subject: Subject, waivers: Sequence[Waiver], attestations: Sequence[Attestation]) -> SubjectLaid:
    waiver = next((w for w in waivers if _matches(w, subject)), None)
    attestation = next((a for a in attestations if _matches(a, subject)), None)
    return SubjectLaid(
        waiver=waiver if subject.outcome is Outcome.FAIL else None,
        attestation=attestation if subject.outcome in ATTESTABLE else None,
    )


def _matches(overlay: Waiver | Attestation, subject: Subject) -> bool:
    named = subject_named(overlay)
    if named is None:
        return True
    kind, name = named
    return kind == subject.kind and name.casefold() in (subject.id.casefold(), subject.name.casefold())


def _answered(verdict: Verdict, laid: Sequence[SubjectLaid]) -> bool:
    """Whether attestations answer the check: all that is open, or where any subject is enough, one that is."""
    if verdict.any_of:
        return verdict.outcome in ATTESTABLE and any(over.attestation for over in laid)
    return _covers(verdict, laid, "attestation", ATTESTABLE)


def _covers(verdict: Verdict, laid: Sequence[SubjectLaid], kind: str, outcomes: Sequence[Outcome]) -> bool:
    """Whether the check has one of these outcomes, and every subject that has one an overlay of this kind."""
    subjects = zip(verdict.subjects, laid, strict=True)
    found = [getattr(over, kind) for subject, over in subjects if subject.outcome in outcomes]
    return verdict.outcome in outcomes and bool(found) and all(found)


def listing(context: Context, laid: Mapping[str, Laid]) -> tuple[Overlay, ...]:
    """Every waiver and attestation of the configuration, with what became of it."""
    settings = context.settings
    every: tuple[Waiver | Attestation, ...] = (*settings.waivers, *settings.attestations)
    return tuple(_listed(overlay, context, laid) for overlay in every)


def _listed(overlay: Waiver | Attestation, context: Context, laid: Mapping[str, Laid]) -> Overlay:
    named = subject_named(overlay)
    if context.now >= ends(overlay.expires):
        state = OverlayState.EXPIRED
    elif overlay.check in laid and overlay in laid[overlay.check].all:
        state = OverlayState.APPLIED
    else:
        state = OverlayState.UNUSED
    return Overlay(
        kind="waiver" if isinstance(overlay, Waiver) else "attestation",
        state=state,
        check=overlay.check,
        subject=named[1] if named else None,
        expires=overlay.expires,
        waiver=overlay if isinstance(overlay, Waiver) else None,
        attestation=overlay if isinstance(overlay, Attestation) else None,
    )
