"""How the report ends on a terminal: the collections, what changed, the decision and why, the next steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from readiness.plugin import DecisionState, Level, Origin, Outcome, Report, TargetDecision
from reports import changes, view, waivers
from reports.page import BOLD, HANG, Page
from reports.steps import StepView, at_a_glance, perhaps, targets, views, wait
from reports.terminal_checks import TONES, Told, in_full
from reports.text import PROSE_LIMIT, clipped, name, named, plural, prose, visible

TARGETS_SHOWN = 50
REASONS_SHOWN = 5
OVERLAYS_SHOWN = 10
CHANGES_SHOWN = 30
STEPS_SHOWN = 40
UNBLOCKS_SHOWN = 8
DETAILS_AT = 6
"""Column of what is said of a step."""
_ASKED = {Origin.ARTICLE: "2020 article", Origin.TODAY: "today besides"}
_AGAINST = {
    DecisionState.NOT_READY: (Outcome.FAIL,),
    DecisionState.UNDETERMINED: (Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL),
}
"""What of a blocker makes the decision what it is; what is blocked waits for one of these."""


def collections(page: Page, report: Report, told: Told) -> None:
    """The decision for each collection of the roll-out, the worst first."""
    if not report.collections:
        return
    page.blank()
    page.put("Collections", tone=BOLD)
    worst_first = sorted(report.collections, key=_weight)
    shown = view.capped(worst_first, TARGETS_SHOWN)
    for target in shown.shown:
        words = f"{named(target.name, target.id)}: {view.devices(target)}"
        tone = TONES[view.STATE_TONES[target.state]]
        page.lead(f"  {page.state(target.state)}", words, indent=page.details_at, tone=tone)
        for line in _reasons(target, told):
            page.put(line, indent=page.details_at, hang=HANG)
    if shown.hidden:
        page.put(shown.notice, indent=page.details_at)


def _weight(target: TargetDecision) -> int:
    return view.severity(view.STATE_TONES[target.state], Level.BLOCKER)[0]


def _reasons(target: TargetDecision, told: Told) -> Iterator[str]:
    """Why it is not ready: what was said above by the check that said it, the rest in words."""
    known, new = [], []
    for reason in target.reasons:
        check, _, words = reason.partition(": ")
        if told.knows(check, words):
            known.append(check)
        else:
            new.append(reason)
    shown = view.capped(new, REASONS_SHOWN)
    for reason in shown.shown:
        yield prose(told.error(reason, named(target.name, target.id)))
    if shown.hidden:
        yield f"{shown.hidden:,} more not shown here; the JSON report lists all {len(target.reasons):,}"
    if known:
        more = len(known) - REASONS_SHOWN
        yield f"see above: {', '.join(map(name, known[:REASONS_SHOWN]))}{f' and {more} more' if more > 0 else ''}"


def overlays(page: Page, report: Report) -> None:
    """Waivers and attestations that somebody must renew, mend or take away."""
    shown = view.capped(waivers.lines(report), OVERLAYS_SHOWN)
    if not shown.shown:
        return
    page.blank()
    page.put(waivers.TITLE, tone=BOLD)
    for line in shown.shown:
        page.put(line, indent=2, hang=HANG)
    if shown.hidden:
        page.put(shown.notice, indent=2)


def since(page: Page, report: Report) -> None:
    """What changed since an earlier report, where one was given."""
    comparison = report.comparison
    if comparison is None:
        return
    page.blank()
    page.put(f"{changes.TITLE} ({changes.earlier(comparison)})", tone=BOLD)
    page.put(changes.line(comparison), indent=2)
    shown = view.capped(comparison.changes, CHANGES_SHOWN)
    for row in map(changes.row, shown.shown):
        page.lead(f"  {row.direction}", row.about, indent=page.details_at, tone=TONES[changes.TONES[row.direction]])
        for label, said in (("was", row.before), ("is", row.after)):
            if said != changes.NOT_THERE:
                page.put(f"{label}: {said}", indent=page.details_at, hang=HANG)
    if shown.hidden:
        page.put(shown.notice, indent=page.details_at)


def decision(page: Page, report: Report) -> None:
    """The decision in a sentence, why, and of what it is made up."""
    made = report.decision
    page.blank()
    page.put("Decision", tone=BOLD)
    tone = TONES[view.STATE_TONES[made.state]]
    page.lead(f"  {page.state(made.state)}", prose(made.sentence), indent=page.details_at, tone=tone)
    _because(page, report)
    asked = {_ASKED[origin]: state for origin, state in made.origins.items()}
    for label, state in [*made.halves.items(), *asked.items()]:
        page.lead(f"  {label}", page.state(state), indent=page.details_at, text_tone=TONES[view.STATE_TONES[state]])
    numbers = ", ".join(f"{count.number} {count.word}" for count in view.counts(report) if count.number)
    page.lead("  checks", numbers or "none", indent=page.details_at)
    if made.deselected:
        page.lead("  deselected", plural(len(made.deselected), "check"), indent=page.details_at)
    page.lead("  valid until", view.valid_until(report), indent=page.details_at)


def _because(page: Page, report: Report) -> None:
    """The blockers that make the decision what it is."""
    outcomes = _AGAINST.get(report.decision.state, ())
    against = [
        check
        for check in report.checks
        if check.level is Level.BLOCKER and check.outcome in outcomes and not view.overlay_words(check)
    ]
    shown = view.capped(against, REASONS_SHOWN)
    for check in shown.shown:
        words = f"{page.mark(check.outcome)}: {visible(check.title)} ({name(check.id)})"
        page.put(words, indent=page.details_at, hang=HANG, tone=TONES[check.outcome])
    if shown.hidden:
        page.put(f"{shown.hidden} more, marked above", indent=page.details_at)


def steps(page: Page, report: Report, told: Told) -> None:
    """The steps that are certain: those on the way to ready first, the other ones briefly. `readiness plan` has all."""
    if not report.plan:
        return
    page.blank()
    page.put("Next steps", tone=BOLD)
    for sentence in at_a_glance(report.plan_summary):
        page.put(sentence, indent=2)
    needed = view.capped([one for one in told.steps if one.step.level is Level.BLOCKER], STEPS_SHOWN)
    full = in_full(told.steps)
    for one in needed.shown:
        _step(page, one, whole=one in full)
    if needed.hidden:
        page.put(needed.notice, indent=DETAILS_AT)
    _besides(page, [one for one in told.steps if one.step.level is not Level.BLOCKER])
    possible = len(perhaps(views(report.plan)))
    only = f", and {plural(possible, 'more step')} only if needed" if possible else ""
    page.put(f"More of each{only}: readiness plan", indent=2)


def _step(page: Page, one: StepView, *, whole: bool) -> None:
    page.lead(f"  {one.number}.", one.text, indent=DETAILS_AT, tone=BOLD)
    for line in _step_lines(one, whole=whole):
        page.put(line, indent=DETAILS_AT, hang=HANG)


def _step_lines(one: StepView, *, whole: bool) -> Iterator[str]:
    step = one.step
    window = ", in the change window" if step.change_window else ""
    yield f"by the {step.owner}{_roles(one)}{window}"
    if step.present:
        yield f"with the {', the '.join(step.present)}"
    if one.instead_of is not None:
        yield f"instead of step {one.instead_of}"
    if step.targets:
        yield f"for: {targets(step)}"
    if not whole:
        return
    if step.where:
        yield f"where: {prose(step.where)}"
    if step.command:
        yield f"command: {clipped(visible(step.command), PROSE_LIMIT)}"
    if step.unblocks:
        more = len(step.unblocks) - UNBLOCKS_SHOWN
        named = ", ".join(map(name, step.unblocks[:UNBLOCKS_SHOWN]))
        yield f"unblocks: {named}{f' and {more} more' if more > 0 else ''}"
    if step.wait not in ("", "none"):
        yield f"then wait: {wait(step)}"


def _roles(one: StepView) -> str:
    """What the owner needs; what would be enough besides is in `readiness plan`."""
    named = "; ".join(role.role for role in one.step.roles if role.owner is one.step.owner) or one.step.role
    return f" ({prose(named)})" if named not in ("", "none") else ""


def _besides(page: Page, of: Sequence[StepView]) -> None:
    """What is not on the way to ready: for which check, by whom."""
    if of:
        page.put("Not needed for ready:", indent=2)
    for (unblocks, owner), group in groupby(of, key=lambda one: (one.step.unblocks, one.step.owner)):
        numbers = [one.number for one in group]
        lead = f"{numbers[0]}." if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}."
        words = ", ".join(map(name, unblocks)) or of[0].text
        page.lead(f"  {lead}", f"{words}: {owner}", indent=DETAILS_AT + 4)
