"""What stands against a run, each thing with a key by which it is known again in the next one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.assessment.wholeness import PASSING
from readiness.model.differences import Difference, Different
from readiness.model.notice import Ending
from readiness.model.report import Report
from readiness.model.settings import Overlay
from readiness.model.words import OverlayState

SOON = timedelta(days=14)
"""Before its end somebody is told of a waiver or an attestation; as reports have it."""
JOB = "job"
CUT_SHORT, INCOMPARABLE = "cut-short", "incomparable"
_PASSING = re.compile("|".join(sorted((re.escape(one.value) for one in PASSING), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was told, as far as its end can be told, too."""

    id: str
    name: str
    back: str
    """What it is again when it is over."""
    of_diff: bool = False
    """Whether it stands against the measure, and ends with it."""


Standing = Mapping[str, Told]


def of_differences(found: Iterable[Different]) -> Iterator[tuple[str, Different, Told]]:
    """Each difference with its key."""
    for one in found:
        back = one.before if one.before is not None else "not there"
        yield _key(one), one, Told(one.id, one.name, f"again as it was: {back}", True)


def _key(one: Different) -> str:
    """What lasts while the same is the matter: why something did not answer may be another thing each night."""
    after = one.after or ""
    if one.difference is Difference.UNVERIFIABLE:
        after = ""
    return "|".join((one.difference.value, one.what.value, one.id, one.name, _PASSING.sub("passing", after)))


def endings(report: Report, now: datetime) -> tuple[Ending, ...]:
    """The waivers and attestations that hold, and end soon."""
    today = now.date()
    return tuple(
        _ending(one)
        for one in report.overlays
        if one.state not in (OverlayState.EXPIRED, OverlayState.UNUSED) and one.expires - today <= SOON
    )


def announced(report: Report, told: Standing) -> Standing:
    """The endings that were told and are still ahead, or just behind: a clock that steps back tells none again."""
    known = {of_ending(_ending(one)) for one in report.overlays}
    return {key: one for key, one in told.items() if key in known}


def _ending(one: Overlay) -> Ending:
    return Ending(one.kind, one.check, one.subject, one.expires)


def of_ending(one: Ending) -> str:
    return "|".join(("ending", one.kind, one.check, one.subject or "", one.expires.isoformat()))
