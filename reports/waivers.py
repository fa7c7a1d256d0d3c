"""Waivers and attestations over time: those that end soon, those that ended, and those that answer nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from readiness.plugin import Overlay, OverlayState, Report
from reports import view

SOON = timedelta(days=14)
"""Before its end somebody is warned."""
TITLE = "Waivers and attestations to look after"
HEADINGS = {
    "ending": f"End within {SOON.days} days",
    "expired": "Ended, and not applied",
    "unused": "Not used: they answer nothing",
}
_AT = re.compile(r"([0-9]{8}T[0-9]{6})Z-", re.ASCII)


@dataclass(frozen=True, slots=True)
class OverTime:
    """What is to be looked after, and why."""

    why: str
    """`ending`, `expired` or `unused`."""
    rows: tuple[view.OverlayView, ...]

    @property
    def heading(self) -> str:
        return HEADINGS[self.why]


def over_time(report: Report) -> tuple[OverTime, ...]:
    """By what is to be done, none that is empty: renew or mend what ends soon, take away what ended or is not used."""
    today = _judged(report).date()
    rows = list(zip(report.overlays, view.overlays(report), strict=True))
    found = ((why, tuple(row for overlay, row in rows if _why(overlay, today) == why)) for why in HEADINGS)
    return tuple(OverTime(why, those) for why, those in found if those)


def as_data(report: Report) -> dict[str, list[Any]]:
    """The same as plain values: check, subject, kind and last day, by what is to be done."""
    today = _judged(report).date()
    return {why: [_plain(one, today) for one in report.overlays if _why(one, today) == why] for why in HEADINGS}


def lines(report: Report) -> tuple[str, ...]:
    """The same, a line for each."""
    return tuple(
        f"{row.kind} of {row.check} for {row.subject} {_when(one.why, row.expires)}"
        for one in over_time(report)
        for row in one.rows
    )


def _when(why: str, expires: str) -> str:
    told = {"ending": f"ends within {SOON.days} days, with {expires} UTC", "expired": f"ended with {expires} UTC"}
    return told.get(why, f"is not used: it answers nothing; it would end with {expires} UTC")


def _why(overlay: Overlay, today: date) -> str | None:
    if overlay.state is OverlayState.EXPIRED:
        return "expired"
    if overlay.state is OverlayState.UNUSED:
        return "unused"
    return "ending" if overlay.expires - today <= SOON else None


def _plain(overlay: Overlay, today: date) -> dict[str, Any]:
    return {
        "kind": overlay.kind,
        "check": overlay.check,
        "subject": overlay.subject,
        "expires": overlay.expires.isoformat(),
        "days": (overlay.expires - today).days,
    }


def _judged(report: Report) -> datetime:
    """When the run was judged: its id begins with that; where it does not, the end of its reading."""
    found = _AT.match(report.run.id)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else report.run.finished
    except ValueError:
        return report.run.finished
