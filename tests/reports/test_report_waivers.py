"""Waivers and attestations that end soon, ended, or answer nothing: named in every format, by the run's own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.model.settings import Overlay
from readiness.plugin import OverlayState, Report
from reports import html, markdown, terminal, waivers
from tests.reports.conftest import DIGEST, NOW, WAIVER, rich


def with_overlay(state: OverlayState, days: int) -> Report:
    """A report with one waiver that ends so many days after the run was judged."""
    expires = (NOW + timedelta(days=days)).date()
    overlay = Overlay("waiver", state, "site-version-supported", None, expires, replace(WAIVER, expires=expires))
    run = replace(rich().run, id=f"{NOW:%Y%m%dT%H%M%SZ}-00000000")
    return replace(rich(), run=run, overlays=(overlay,))


@pytest.mark.parametrize(
    ("state", "days", "why"),
    [
        (OverlayState.APPLIED, 0, "ending"),
        (OverlayState.APPLIED, 14, "ending"),
        (OverlayState.APPLIED, 15, None),
        (OverlayState.EXPIRED, -1, "expired"),
        (OverlayState.UNUSED, 3, "unused"),
        (OverlayState.UNUSED, 300, "unused"),
    ],
)
def test_what_is_to_be_done_follows_from_state_and_day(state: OverlayState, days: int, why: str | None) -> None:
    report = with_overlay(state, days)
    assert [one.why for one in waivers.over_time(report)] == ([why] if why else [])
    told = {name: [row["days"] for row in rows] for name, rows in waivers.as_data(report).items()}
    assert told == {"ending": [], "expired": [], "unused": [], **({why: [days]} if why else {})}


def test_every_format_has_a_section_for_them() -> None:
    report = with_overlay(OverlayState.APPLIED, 3)
    line = "waiver of site-version-supported for all of the check ends within 14 days, with 2026-11-26 UTC"
    assert waivers.lines(report) == (line,)
    pages = (
        html.render(report, DIGEST),
        markdown.render(report, DIGEST),
        terminal.render(report, width=200, colour=False, ascii_only=True),
    )
    assert all(waivers.TITLE in page and line in page for page in pages)


def test_where_there_is_nothing_to_look_after_nothing_is_said() -> None:
    report = with_overlay(OverlayState.APPLIED, 90)
    shown = terminal.render(report, width=80, colour=False, ascii_only=True)
    assert not any(
        waivers.TITLE in page for page in (html.render(report, DIGEST), markdown.render(report, DIGEST), shown)
    )
