"""The plan on a terminal, whole: who must be in the call, every step with all that is known of it, who does what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from readiness.plugin import PlanSummary
from reports.page import BOLD, HANG, Page
from reports.steps import PEOPLE_HEADS, PERHAPS, StepView, at_a_glance, certain, perhaps, person
from reports.text import PROSE_LIMIT, clipped, name, visible


def render(
    page: Page, of: Sequence[StepView], summary: PlanSummary, *, about: Iterable[str], whole: bool = True
) -> str:
    """The plan; ends in a line end.

    Args:
        about: lines that say which report it comes from.
        whole: whether these are all of its steps, so that what the summary says is about them.
    """
    for line in about:
        page.put(line)
    if whole:
        _sentences(page, summary)
    if not of:
        page.blank()
        page.put("Nothing to do.")
    _list(page, "Plan", certain(of))
    _list(page, PERHAPS, perhaps(of))
    if whole and summary.people:
        _people(page, summary)
    return page.text()


def _sentences(page: Page, summary: PlanSummary) -> None:
    for number, sentence in enumerate(at_a_glance(summary)):
        page.blank()
        page.put(sentence, tone="" if number else BOLD)


def _list(page: Page, head: str, of: Sequence[StepView]) -> None:
    if not of:
        return
    page.blank()
    page.put(head, tone=BOLD)
    for one in of:
        page.blank()
        page.lead(f"  {one.number}.", one.text, indent=6, tone=BOLD)
        for label, value in _facts(one):
            page.put(f"{label.lower()}: {value}", indent=6, hang=HANG)


def _facts(one: StepView) -> Iterator[tuple[str, str]]:
    yield from one.before
    if one.step.command:
        yield "Command", clipped(visible(one.step.command), PROSE_LIMIT)
    if one.step.unblocks:
        yield "Unblocks", ", ".join(name(check) for check in one.step.unblocks)
    yield from one.afterwards


def _people(page: Page, summary: PlanSummary) -> None:
    page.blank()
    page.put("Who does what", tone=BOLD)
    for one in summary.people:
        owner, *rest = person(one)
        page.blank()
        page.put(owner, indent=2, tone=BOLD)
        for label, value in zip(PEOPLE_HEADS[1:], rest, strict=True):
            if value not in ("none", "–"):
                page.put(f"{label.lower()}: {value}", indent=6, hang=HANG)
