"""The history on a terminal: a line per run, missed nights, trends, waivers to look after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from readiness.plugin import DecisionState, Outcome
from reports import waivers
from reports.page import BOLD, Page
from reports.terminal_checks import TONES
from reports.text import name, plural, prose, utc
from reports.view import STATE_TONES, Capped

MISSED_SHOWN = 10
TREND_RUNS = 40
"""Runs whose marks stand in a row."""
NOT_JUDGED = "·"


def render(page: Page, past: Any) -> str:
    """The history; ends in a line end.

    Args:
        past: what `readiness.cli.looking_back` found.
    """
    if not past.runs:
        page.put(f"No run is in the history yet ({name(str(past.path))}). Every scan and assess is kept, but no demo.")
        return page.text()
    page.put(f"{plural(past.number, 'run')} in {name(str(past.path))}; times are UTC", tone=BOLD)
    page.blank()
    for run, before in zip(past.runs, [*past.runs[1:], None], strict=True):
        _run(page, run, before)
    if past.number > len(past.runs):
        page.put(f"  {past.number - len(past.runs):,} earlier; --limit 0 shows all")
    _missed(page, past)
    _trends(page, past)
    _overlays(page, past.latest)
    return page.text()


def _run(page: Page, run: Any, before: Any) -> None:
    """One run: when, what it decided, and what is worth a word."""
    notes = [*_notes(run, before)]
    words = f"{prose(run.sentence)} [{'; '.join(notes)}]" if notes else prose(run.sentence)
    lead = f"  {utc(run.judged).removesuffix(' UTC')}  {page.state(DecisionState(run.state))}"
    page.lead(lead, words, indent=41, tone=TONES[STATE_TONES[run.state]])
    page.put(f"{run.kind} {name(run.id)}", indent=41)


def _notes(run: Any, before: Any) -> Iterator[str]:
    if run.demo:
        yield "DEMO DATA"
    if run.redacted:
        yield "redacted"
    if not run.whole:
        yield "partial: something was not read"
    if before is not None and run.judged < before.judged:
        yield "the clock went back"
    if before is not None and run.rules_version != before.rules_version:
        yield f"rules {name(run.rules_version)}"


def _missed(page: Page, past: Any) -> None:
    if past.every is None:
        return
    page.blank()
    page.put(f"Expected every {_span(past.every)}", tone=BOLD)
    if not past.missed:
        page.put("no run is missing", indent=2)
    shown = Capped(tuple(reversed(past.missed))[:MISSED_SHOWN], max(0, len(past.missed) - MISSED_SHOWN))
    for one in shown.shown:
        since = f"since {utc(one.after)}" if one.still else f"between {utc(one.after)} and {utc(one.before)}"
        page.put(f"{plural(one.number, 'run')} missed {since}", indent=2, tone=TONES[Outcome.UNKNOWN])
    if shown.hidden:
        page.put(f"{shown.hidden:,} more gaps before that", indent=2)


def _span(every: timedelta) -> str:
    hours = every.total_seconds() / 3600
    return (
        f"{hours / 24:.3g} days" if hours > 48 else f"{hours:.3g} hours" if hours >= 1 else f"{hours * 60:.0f} minutes"
    )


def _trends(page: Page, past: Any) -> None:
    if not past.trends:
        return
    page.blank()
    number = len(past.trends[0].outcomes)
    apart = "; of another tenant, site or selection there are more" if number < len(past.runs) else ""
    page.put(f"Trend of {plural(number, 'run')} like the last, the oldest first{apart}", tone=BOLD)
    for one in past.trends:
        page.put(name(one.check), indent=2)
        page.put(f"{_marks(page, one.outcomes)}  {_state(one)}", indent=6)


def _marks(page: Page, outcomes: Sequence[Outcome | None]) -> str:
    shown = outcomes[-TREND_RUNS:]
    return "".join(page.mark(one).partition(" ")[0] if one else NOT_JUDGED for one in shown)


def _state(one: Any) -> str:
    last = next(outcome for outcome in reversed(one.outcomes) if outcome)
    over = f", {one.over}" if one.over else ""
    changed = f"; changed {plural(one.changes, 'time')}" if one.changes else ""
    return f"{last} ({one.level}{over}) since {utc(one.since)}{changed}"


def _overlays(page: Page, latest: Any) -> None:
    found = waivers.over_time(latest) if latest is not None else ()
    if not found:
        return
    page.blank()
    page.put(waivers.TITLE, tone=BOLD)
    for group in found:
        page.put(group.heading, indent=2)
        for row in group.rows:
            page.put(f"{row.kind} of {row.check} for {row.subject}, until the end of {row.expires} UTC", indent=4)
