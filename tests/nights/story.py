"""What happens in four hundred nights, and what that means: written down by hand from the catalogue of checks.

Nothing of it is computed by the product. A picture says how everything stands that is not as in a good night; the model
holds pictures against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.nights.calendar import BEGIN

Picture = Mapping[str, str]

GOOD: Picture = {
    "decision": "ready", "P0100021": "ready", "P0100022": "ready", "*EDR": "gone", "rules": "shipped",
    "waiver of collections-enabled for P0100022": "gone",
    "attach-sync-working": "manual (advisory)", "single-onboarding-channel": "manual (advisory)",
    "no-unwanted-enrolment": "unknown: not-visible (info)",
    "site-hotfix-kb4563473": "not-applicable", "global-administrator": "not-applicable",
    "administrator-licensed": "not-applicable",
}  # fmt: skip
"""A good night; every other check passes."""

ADVISORY, BLOCKER = "fail (advisory)", "fail (blocker)"
NOT_READY = {"decision": "not-ready"}
UNDETERMINED = {"decision": "undetermined"}
NOBODY = {"P0100021": "not-ready", "P0100022": "not-ready"}

ALMOST = {
    **NOT_READY, "P0100022": "not-ready",
    "collections-enabled": BLOCKER, "attach-app-healthy": ADVISORY, "policy-author": ADVISORY,
}  # fmt: skip
UNTICKED = {
    **NOT_READY, "P0100022": "not-ready", "collections-enabled": BLOCKER,
    "policy-kind-matches-devices": "unknown: not-visible (advisory)",
}  # fmt: skip
DISCONNECTED = {
    **NOT_READY, **NOBODY, "defender-connected": BLOCKER,
    "defender-heartbeat": "blocked (blocker)", "edr-policy-onboards": "blocked (advisory)",
}  # fmt: skip
NO_RIGHT = {
    **UNDETERMINED, "P0100021": "undetermined", "P0100022": "undetermined",
    "defender-connected": "unknown: missing-permission (blocker)",
    "defender-heartbeat": "unknown: missing-permission (blocker)",
    "edr-policy-onboards": "unknown: missing-permission (advisory)",
}  # fmt: skip
PILOT_GONE = {"P0100022": "gone"}
NO_SITE = {
    **UNDETERMINED, "P0100021": "gone", "P0100022": "gone", "*EDR": "undetermined",
    **dict.fromkeys(("site-reachable", "tenant-attached", "cloud-supported", "attach-app-healthy",
                     "global-administrator"), "unknown: unreachable (blocker)"),
    "administrator-licensed": "unknown: unreachable (advisory)",
    **dict.fromkeys(("site-is-top-level", "site-version-minimum", "site-hotfix-kb4563473", "site-known-defects",
                     "service-connection-online", "tenant-matches", "collections-exist", "collections-synchronised",
                     "collections-enabled", "attach-sync-working"), "blocked (blocker)"),
    **dict.fromkeys(("site-version-supported", "hierarchy-consistent", "cloud-endpoints-reached",
                     "collection-devices-eligible", "site-administrator", "policy-kind-matches-devices",
                     "no-unwanted-enrolment", "single-onboarding-channel"), "blocked (advisory)"),
    "preview-features-known": "blocked (info)",
}  # fmt: skip
"""Everything that only the site can tell, and what waits for it."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Some nights in a row in which something is so."""

    name: str
    first: int
    last: int
    picture: Picture
    partial: bool = False

    def __contains__(self, night: int) -> bool:
        return self.first <= night <= self.last


RELEASE_ENDS = datetime(2027, 11, 5, tzinfo=BEGIN.tzinfo)
"""Support for 2603, whole days UTC: from the table of releases."""
SECRET_ENDS = timedelta(days=245)
"""After the beginning: that of the attach application in the estate `ready`."""
SECRET_SOON = timedelta(days=30)
HEARTBEAT_LATE, HEARTBEAT_DEAD = timedelta(hours=24), timedelta(days=7)
WAIVED, WAIVER_SOON = 165, timedelta(days=14)
"""From which night on the missing tick is waived; how long before its end a waiver is told."""
WAIVER_TOLD = 178
"""The night on which the waiver ends in 14 days; two nights later the clock goes back by a week."""
RENEWED = 256
"""From which night on the secret is a new one."""

CHAPTERS = (
    Chapter("almost-ready", 20, 39, ALMOST),
    Chapter("no site", 60, 66, NO_SITE, partial=True),
    Chapter("silent", 70, 79, {}),
    Chapter("no right", 100, 102, NO_RIGHT),
    Chapter("no pilot", 110, 129, PILOT_GONE),
    Chapter("other rules", 130, 139, {"rules": "other"}),
    Chapter("stricter rules", 140, 144, {"rules": "stricter", "site-version-supported": ADVISORY}),
    Chapter("unticked", 160, 209, UNTICKED),
    Chapter("no site", 320, 323, NO_SITE, partial=True),
    Chapter("disconnected", 322, 325, DISCONNECTED),
    Chapter("disconnected", 330, 330, DISCONNECTED),
    Chapter("disconnected", 332, 332, DISCONNECTED),
    Chapter("disconnected", 340, 349, DISCONNECTED),
)


def chapters(night: int) -> list[Chapter]:
    """What is so on a night."""
    return [one for one in CHAPTERS if night in one]


def waiver_ends(moments: list[datetime]) -> datetime:
    """The last day of the waiver."""
    return moments[WAIVER_TOLD] + WAIVER_SOON


def picture(night: int, moments: list[datetime]) -> Picture:
    """How everything stands on a night that is not as in a good one."""
    now, found = moments[night], {**_by_date(night, moments[night])}
    for chapter in chapters(night):
        found = _laid(found, chapter.picture)
        if chapter.name == "silent":
            found |= _silent(now - moments[chapter.first - 1])
        if chapter.name == "unticked" and night >= WAIVED:
            found |= _waived(now, waiver_ends(moments))
    return {key: word for key, word in found.items() if GOOD.get(key, "pass") != word}


def _laid(under: Picture, over: Picture) -> dict[str, str]:
    """Two chapters at a time: a blocker that failed decides, whatever could not be read besides."""
    found = {**under, **over}
    if "not-ready" in (under.get("decision"), over.get("decision")):
        found["decision"] = "not-ready"
    if under.get("*EDR"):  # collections that nobody could settle
        found |= {key: under[key] for key in ("P0100021", "P0100022", "*EDR")}
    return found


def _by_date(night: int, now: datetime) -> Picture:
    found: dict[str, str] = {}
    if now.date() > RELEASE_ENDS.date():
        found["site-version-supported"] = ADVISORY
    if night < RENEWED and not 20 <= night <= 39:
        left = BEGIN + SECRET_ENDS - now
        if left <= timedelta(0):
            found |= {**NOT_READY, **NOBODY, "attach-app-healthy": BLOCKER}
        elif left < SECRET_SOON:
            found["attach-app-healthy"] = ADVISORY
    return found


def _silent(since: timedelta) -> Picture:
    if since > HEARTBEAT_DEAD:
        unknown = "unknown: contradicting (blocker)"
        return {**UNDETERMINED, **dict.fromkeys(NOBODY, "undetermined"), "defender-heartbeat": unknown}
    return {"defender-heartbeat": ADVISORY} if since > HEARTBEAT_LATE else {}


def _waived(now: datetime, ends: datetime) -> Picture:
    waiver = "waiver of collections-enabled for P0100022"
    if now.date() > ends.date():
        return {waiver: "expired"}
    return {
        waiver: "applied", "decision": "ready", "P0100022": "ready", "collections-enabled": "fail (blocker, waived)",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What is told on a night: what became of what, what is over, and whether the waiver's end is announced."""

    became: frozenset[tuple[str, str]]
    over: frozenset[str]
    ending: bool

    @property
    def nothing(self) -> bool:
        return not (self.became or self.over or self.ending)


def expected(moments: list[datetime]) -> Iterator[Expected]:
    """What is told on each night: a night is held against the last whole one; each thing is told once."""
    measure: Picture = {}
    told: dict[str, str] = {}
    announced = False
    for night, now in enumerate(moments):
        tonight = picture(night, moments)
        differs = {
            key: tonight.get(key, GOOD.get(key, "pass"))
            for key in {*measure, *tonight}
            if measure.get(key) != tonight.get(key)
        }
        news = frozenset((key, word) for key, word in differs.items() if told.get(key) != word)
        waived = any(word == "applied" for word in tonight.values())
        ending = waived and waiver_ends(moments).date() - now.date() <= WAIVER_SOON and not announced
        announced = announced or ending
        yield Expected(news, frozenset(told.keys() - differs.keys()), ending)
        if any(one.partial for one in chapters(night)):
            told = differs
        else:
            measure, told = tonight, {}
