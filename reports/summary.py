"""The report in brief, for a comment on a ticket: what a change board needs to know, on 30 lines at the most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from readiness.plugin import CheckResult, Level, Outcome, Report
from reports import document, view
from reports.blocks import Block, Pairs, Part, joined, line, pairs, table, theirs
from reports.cutting import Limit, written
from reports.flavours import FLAVOURS, Flavour
from reports.steps import StepView, certain, views
from reports.text import clipped, plural, visible

TITLE = "EDR readiness summary"
MOST_LINES = 30
MOST_BYTES = 4_095
"""The text stays under 4 KB."""
MOST_ROWS = 8
"""Of each of the two lists."""
SENTENCE = 300
"""Characters of a sentence that are shown; the report has the rest."""
NAME = 60
"""Characters of a name that are shown."""


def render(
    report: Report, digest: str, *, flavour: str = "github", limit: int | None = None, in_bytes: bool = False
) -> str:
    """The summary; its last line seals it.

    Args:
        flavour: a name of `reports.flavours.FLAVOURS`.
        limit: what the target takes at the most, in units of UTF-16 (as Jira and ServiceNow count characters), or
            bytes of UTF-8 with `in_bytes`. Title, decision, counts and digest are never cut.

    Raises:
        ValueError: what is never cut does not fit.
        KeyError: there is no such flavour.
    """
    writer = FLAVOURS[flavour]
    limits = [Limit(MOST_BYTES, in_bytes=True), *([] if limit is None else [Limit(limit, in_bytes=in_bytes)])]
    text = _longest(report, digest, writer, limits)
    for one in limits:
        if not one.holds(text):
            text = written(list(_blocks(report, 0)), digest, writer, one)
    return text


def _longest(report: Report, digest: str, writer: Flavour, limits: Sequence[Limit]) -> str:
    """With as many blockers and steps as lines and limits allow."""
    for rows in range(MOST_ROWS, 0, -1):
        text = written(list(_blocks(report, rows)), digest, writer)
        if text.count("\n") <= MOST_LINES and all(one.holds(text) for one in limits):
            return text
    return written(list(_blocks(report, 0)), digest, writer)


def _blocks(report: Report, rows: int) -> Iterator[Block]:
    yield from document.top(report, TITLE, SENTENCE)
    yield _facts(report)
    blockers = [one for one in report.checks if _stands_in_the_way(one)]
    blockers.sort(key=lambda one: view.severity(one.outcome, one.level))
    if blockers:
        yield _list(("Stands in the way", "Owner"), [_blocker(one) for one in blockers], rows)
    steps = certain(views(report.plan))
    if steps:
        yield _list(("Next step", "What to do", "Owner", "Change window"), [_step(one) for one in steps], rows)


def _facts(report: Report) -> Pairs:
    """The first row, the counts, is never cut."""
    return pairs(_rows(report), kept=1)


def _rows(report: Report) -> Iterator[tuple[str, Part]]:
    run, change = report.run, report.change
    yield "Checks", ", ".join(f"{one.number} {one.word}" for one in view.counts(report))
    yield "Valid until", view.valid_until(report)
    yield "Tenant and site", joined("; ", (_name(one) for one in (run.tenant, run.site) if one), "not configured")
    yield "Collections", _collections(report)
    if change and change.ticket:
        approver = line(", approver ", _name(change.approver)) if change.approver else ()
        yield "Change", line(_name(change.ticket), f", window {view.change_window(report)}", approver)
    if report.plan_summary.window:
        yield "Change window", _sentence(report.plan_summary.window)
    if report.comparison:
        yield "Since the approved report", _sentence(report.comparison.sentence)
    refused = sum(1 for one in report.readings if one.reason)
    if refused:
        yield "Not read", f"{refused} of {plural(len(report.readings), 'reading')}"
    yield "Run", line(_name(run.id), ", readiness ", _name(run.tool_version), ", rules ", _name(run.rules_version))


def _collections(report: Report) -> str:
    states = Counter(one.state for one in report.collections)
    return ", ".join(f"{number:,} {state}" for state, number in sorted(states.items())) or "none named"


def _stands_in_the_way(check: CheckResult) -> bool:
    """A blocker that is not proven, and that nobody took on themselves. What waits for another check is its blocker's
    matter."""
    fine = check.outcome in view.FINE or check.outcome is Outcome.BLOCKED
    return check.level is Level.BLOCKER and not fine and not view.overlay_words(check)


def _blocker(check: CheckResult) -> tuple[Part, ...]:
    return line(f"{document.mark(check.outcome)}: ", theirs(clipped(visible(check.title), NAME * 2))), str(check.owner)


def _step(one: StepView) -> tuple[Part, ...]:
    window = "needed" if one.step.change_window else "not needed"
    return str(one.number), theirs(clipped(one.text, NAME * 2)), str(one.step.owner), window


def _list(heads: Sequence[str], rows: Sequence[Sequence[Part]], most: int) -> Block:
    """The first rows; the last of them says how many there are besides."""
    shown = list(rows) if len(rows) <= most else list(rows[: max(0, most - 1)])
    more = len(rows) - len(shown)
    if more:
        said: list[Part] = [f"{more:,} more: in the report", *["–"] * (len(heads) - 1)]
        shown.append(said if len(heads) == 2 else ["…", *said[:-1]])
    return table(heads, shown)


def _name(text: str) -> Part:
    return theirs(clipped(visible(text), NAME))


def _sentence(text: str) -> Part:
    return theirs(clipped(visible(text), SENTENCE))
