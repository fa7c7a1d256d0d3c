"""What is different between two runs, on a terminal."""

from __future__ import annotations

from readiness.plugin import RunDiff
from reports import differing
from reports.page import BOLD, Page
from reports.terminal_checks import TONES

ROWS_SHOWN = 30


def render(page: Page, diff: RunDiff) -> str:
    """The differences; ends in a line end."""
    if differing.is_demo(diff):
        page.put(differing.DEMO, tone=BOLD)
    for label, words in differing.sides(diff):
        page.lead(label, words, indent=8)
    for note in differing.notes(diff):
        page.lead("Note", note, indent=8)
    page.blank()
    page.put(differing.line(diff), tone=BOLD)
    for section in differing.sections(diff, ROWS_SHOWN):
        _section(page, section)
    return page.text()


def _section(page: Page, section: differing.Section) -> None:
    tone = differing.TONES.get(section.difference)
    page.blank()
    page.put(section.heading, tone=TONES[tone] if tone else BOLD)
    for row in section.rows.shown:
        page.put(row.about, indent=2)
        page.put(f"was: {row.before}", indent=6)
        page.put(f"is: {row.after}", indent=6)
        if row.because:
            page.put(row.because, indent=6)
    if section.rows.hidden:
        page.put(section.rows.notice.replace("JSON report lists", "JSON has"), indent=2)
