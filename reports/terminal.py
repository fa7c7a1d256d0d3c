"""The report on a terminal: phases, a line per check, the decision, what to do next. Nothing moves here."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.plugin import Comparison, Outcome, Report
from reports import changes, ruling, terminal_checks, terminal_end, view
from reports.page import BOLD, Page
from reports.terminal_checks import TONES, Told
from reports.text import name, prose, seconds, utc

OUTSIDE_SHOWN = 10
"""Rows of rule data that do not ship; the other formats name all of them."""
_INVERSE = "1;7"


def render(report: Report, *, width: int, colour: bool, ascii_only: bool) -> str:
    """The report for a terminal of `width` columns; ends in a line end. What is needed first stands last: a terminal
    shows the end of what was printed."""
    page = Page(width, colour=colour, ascii_only=ascii_only)
    told = Told(report)
    _header(page, report)
    for phase in view.phases(report):
        _phase(page, phase, told)
    terminal_end.collections(page, report, told)
    terminal_end.overlays(page, report)
    terminal_end.since(page, report)
    terminal_end.decision(page, report)
    terminal_end.steps(page, report, told)
    return page.text()


def decision_line(report: Report) -> str:
    """The decision in one line, without line end: what `--quiet` prints."""
    demo = "DEMO DATA: " if report.run.demo else ""
    redacted = "REDACTED: " if report.run.redacted else ""
    return demo + redacted + prose(report.decision.sentence)


def comparison_line(comparison: Comparison) -> str:
    """What changed, in one line, without line end."""
    return changes.line(comparison)


def _header(page: Page, report: Report) -> None:
    run = report.run
    if run.demo:
        page.put(view.DEMO, tone=_INVERSE)
        page.blank()
    if run.redacted:
        page.put(view.REDACTED, tone=BOLD)
        page.blank()
    for label, value in _header_lines(report):
        page.lead(label, value, indent=9, tone=BOLD)


def _header_lines(report: Report) -> Iterator[tuple[str, str]]:
    run, change = report.run, report.change
    yield "Tenant", name(run.tenant) if run.tenant else "not configured"
    yield "Site", name(run.site) if run.site else "not configured"
    yield "Read", f"{utc(run.started)}, {seconds(run.duration_seconds)}, on {name(run.host)}"
    for number, identity in enumerate(run.identities):
        yield "" if number else "By", name(identity)
    yield "Rules", prose(ruling.rules(report))
    for row in run.rules.outside[:OUTSIDE_SHOWN]:
        yield "", prose(ruling.outside_row(row))
    for number, plugin in enumerate(run.plugins[:OUTSIDE_SHOWN]):
        yield "" if number else "Plugins", prose(ruling.plugin_row(plugin))
    if run.rules.warning:
        yield "Warning", prose(run.rules.warning)
    if run.clocks:
        yield "Clocks", prose(run.clocks)
    if change and change.ticket:
        yield "Change", name(change.ticket)
    if change and (change.window_start or change.window_end):
        yield "Window", view.change_window(report)


def _phase(page: Page, phase: view.PhaseView, told: Told) -> None:
    page.blank()
    page.put(phase.phase.heading, tone=BOLD)
    if phase.gap:
        page.put(phase.gap, indent=2, tone=TONES[Outcome.NOT_APPLICABLE])
    for check in phase.checks:
        terminal_checks.check(page, check, told)
