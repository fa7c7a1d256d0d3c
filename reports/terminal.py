"""The report on a terminal: phases, a line per check, the decision, what to do next. Nothing moves here."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.plugin import CheckResult, Comparison, Level, Origin, Outcome, Report, SubjectResult
from reports import changes, ruling, view
from reports.page import BOLD, Page
from reports.steps import StepView, at_a_glance, certain, perhaps, targets, views, wait
from reports.text import PROSE_LIMIT, clipped, name, named, plural, prose, seconds, utc, visible
from reports.wrapping import columns

SUBJECTS_SHOWN = 10
STEPS_SHOWN = 40
TARGETS_SHOWN = 50
REASONS_SHOWN = 5
CHANGES_SHOWN = 30
TOLD_ONCE = 100
"""Characters. Why something could not be read is told once where it is longer: it may stop many checks."""

OUTSIDE_SHOWN = 10
"""Rows of rule data that do not ship; the other formats name all of them."""
_ASKED = {Origin.ARTICLE: "article", Origin.TODAY: "today"}
_TONES = {
    Outcome.PASS: "32",
    Outcome.FAIL: "31",
    Outcome.UNKNOWN: "33",
    Outcome.MANUAL: "36",
    Outcome.BLOCKED: "35",
    Outcome.NOT_APPLICABLE: "2",
    Outcome.ERROR: "1;31",
}
_INVERSE = "1;7"


def render(report: Report, *, width: int, colour: bool, ascii_only: bool) -> str:
    """The report for a terminal of `width` columns; ends in a line end."""
    page = Page(width, colour=colour, ascii_only=ascii_only)
    once = _Once(report)
    _header(page, report)
    for phase in view.phases(report):
        _phase(page, phase, once)
    _decision(page, report)
    _changes(page, report)
    _targets(page, report, once)
    _steps(page, report)
    return page.text()


class _Once:
    """The words of readings that failed: in full where they come first, and afterwards where that was."""

    def __init__(self, report: Report) -> None:
        errors = {reading.error for reading in report.readings if reading.error and len(reading.error) > TOLD_ONCE}
        self._errors = sorted(errors, key=lambda error: (-len(error), error))
        self._told: dict[str, str] = {}

    def __call__(self, words: str, place: str) -> str:
        """`words`, as they are said at `place`."""
        for error in self._errors:
            if error not in words:
                continue
            if error in self._told:
                words = words.replace(error, f"the same as at {self._told[error]}")
            else:
                self._told[error] = place
        return words


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
    for identity in run.identities:
        yield "By", name(identity)
    yield "Rules", prose(ruling.rules(report))
    for row in run.rules.outside[:OUTSIDE_SHOWN]:
        yield "", prose(ruling.outside_row(row))
    if run.rules.warning:
        yield "Warning", prose(run.rules.warning)
    if run.clocks:
        yield "Clocks", prose(run.clocks)
    if change and change.ticket:
        yield "Change", name(change.ticket)
    if change and (change.window_start or change.window_end):
        yield "Window", view.change_window(report)


def _phase(page: Page, phase: view.PhaseView, once: _Once) -> None:
    page.blank()
    page.put(phase.phase.heading, tone=BOLD)
    if phase.gap:
        page.put(phase.gap, indent=2, tone=_TONES[Outcome.NOT_APPLICABLE])
    for check in phase.checks:
        _check(page, check, once)


def _check(page: Page, check: CheckResult, once: _Once) -> None:
    notes = _notes(check)
    title = f"{visible(check.title)} ({', '.join(notes)})" if notes else visible(check.title)
    page.lead(f"  {page.mark(check.outcome)}", title, indent=page.details_at, tone=_TONES[check.outcome])
    if check.outcome is Outcome.PASS:
        return
    for line in _details(check, once):
        page.put(line, indent=page.details_at)
    _subjects(page, check)


def _notes(check: CheckResult) -> list[str]:
    """What the mark alone does not say."""
    notes = [str(check.level)] if check.outcome not in view.FINE and check.level is not Level.BLOCKER else []
    if check.outcome is not Outcome.NOT_APPLICABLE and check.basis != "documented":
        notes.append(str(check.basis))
    if check.outcome not in view.FINE:
        notes.append("asked by the article" if check.origin is Origin.ARTICLE else "needed today")
    return notes + list(view.overlay_words(check))


def _details(check: CheckResult, once: _Once) -> Iterator[str]:
    """What was found, what to do first, and where there is more."""
    if check.blocked_by:
        yield f"blocked by {', '.join(name(blocker) for blocker in check.blocked_by)}"
    elif check.outcome is Outcome.NOT_APPLICABLE:
        yield prose(check.summary)
    else:
        reason = f"{check.reason}: " if check.reason else ""
        yield prose(f"{reason}{once(_found(check), name(check.id))}")
    yield from view.overlay_sentences(check)
    if check.outcome in view.TO_MEND and check.remediation.steps and not view.overlay_words(check):
        first = check.remediation.steps[0]
        where = f" ({prose(first.where)})" if first.where else ""
        yield f"first: {prose(first.text)}{where}"
        for contradiction in check.contradictions:
            yield f"official pages disagree: {prose(ruling.disagreement(contradiction))}"
        yield f"more: readiness explain {name(check.id)}"


def _found(check: CheckResult) -> str:
    """What was found, in words; what was read, where its subjects have the words, or where it crashed."""
    worded = any(subject.outcome not in view.FINE for subject in check.subjects)
    return check.observed if check.observed and (worded or check.outcome is Outcome.ERROR) else check.summary


def _subjects(page: Page, check: CheckResult) -> None:
    found = view.capped([s for s in view.subjects_worst_first(check) if s.outcome not in view.FINE], SUBJECTS_SHOWN)
    for subject in found.shown:
        _subject(page, subject)
    if found.hidden:
        page.put(found.notice, indent=page.details_at)


def _subject(page: Page, subject: SubjectResult) -> None:
    lead = f"{' ' * page.details_at}{page.mark(subject.outcome)}"
    over = "".join(f" ({word})" for word in view.overlay_words(subject))
    reason = f"{subject.reason}: " if subject.reason else ""
    summary = prose(subject.summary)
    called = "" if subject.id in summary else f"{named(subject.name, subject.id)}: "
    words = f"{called}{reason}{summary}{over}"
    page.lead(lead, words, indent=columns(page.plain(lead)) + 2, tone=_TONES[subject.outcome])


def _decision(page: Page, report: Report) -> None:
    decision = report.decision
    page.blank()
    page.put("Decision", tone=BOLD)
    tone = _TONES[view.STATE_TONES[decision.state]]
    page.lead(f"  {page.state(decision.state)}", prose(decision.sentence), indent=page.details_at, tone=tone)
    for half, state in decision.halves.items():
        lead = f"  {half}"
        page.lead(lead, page.state(state), indent=page.details_at, text_tone=_TONES[view.STATE_TONES[state]])
    for origin, state in decision.origins.items():
        lead = f"  {_ASKED[origin]}"
        page.lead(lead, page.state(state), indent=page.details_at, text_tone=_TONES[view.STATE_TONES[state]])
    numbers = ", ".join(f"{count.number} {count.word}" for count in view.counts(report) if count.number)
    page.lead("  checks", numbers or "none", indent=page.details_at)
    if decision.deselected:
        page.lead("  deselected", plural(len(decision.deselected), "check"), indent=page.details_at)
    page.lead("  valid until", view.valid_until(report), indent=page.details_at)


def _changes(page: Page, report: Report) -> None:
    comparison = report.comparison
    if comparison is None:
        return
    page.blank()
    page.put(f"{changes.TITLE} ({changes.earlier(comparison)})", tone=BOLD)
    page.put(changes.line(comparison), indent=2)
    shown = view.capped(comparison.changes, CHANGES_SHOWN)
    for row in map(changes.row, shown.shown):
        page.lead(f"  {row.direction}", row.about, indent=page.details_at, tone=_TONES[changes.TONES[row.direction]])
        page.put(f"was: {row.before}", indent=page.details_at)
        page.put(f"is: {row.after}", indent=page.details_at)
    if shown.hidden:
        page.put(shown.notice, indent=page.details_at)


def _targets(page: Page, report: Report, once: _Once) -> None:
    if not report.collections:
        return
    page.blank()
    page.put("Collections", tone=BOLD)
    targets = view.capped(report.collections, TARGETS_SHOWN)
    for target in targets.shown:
        words = f"{named(target.name, target.id)}: {view.devices(target)}"
        tone = _TONES[view.STATE_TONES[target.state]]
        page.lead(f"  {page.state(target.state)}", words, indent=page.details_at, tone=tone)
        reasons = view.capped(target.reasons, REASONS_SHOWN)
        for reason in reasons.shown:
            page.put(prose(once(reason, named(target.name, target.id))), indent=page.details_at)
        if reasons.hidden:
            page.put(reasons.notice, indent=page.details_at)
    if targets.hidden:
        page.put(targets.notice, indent=page.details_at)


def _steps(page: Page, report: Report) -> None:
    """The steps that are certain, briefly; what may be needed besides is in `readiness plan`."""
    if not report.plan:
        return
    page.blank()
    page.put("Next steps", tone=BOLD)
    for sentence in at_a_glance(report.plan_summary):
        page.put(sentence, indent=2)
    every = views(report.plan)
    steps = view.capped(certain(every), STEPS_SHOWN)
    for one in steps.shown:
        page.lead(f"  {one.number}.", one.text, indent=6, tone=BOLD)
        for line in _step_lines(one):
            page.put(line, indent=6)
    if steps.hidden:
        page.put(steps.notice, indent=6)
    if possible := len(perhaps(every)):
        page.put(f"{plural(possible, 'more step')} only if needed: readiness plan", indent=2)


def _step_lines(one: StepView) -> Iterator[str]:
    step = one.step
    window = ", in the change window" if step.change_window else ""
    yield f"by the {one.owner}{window}"
    if step.present:
        yield f"with {one.present}"
    if one.instead_of is not None:
        yield f"instead of step {one.instead_of}"
    if step.targets:
        yield f"for: {targets(step)}"
    if step.where:
        yield f"where: {prose(step.where)}"
    if step.command:
        yield f"command: {clipped(visible(step.command), PROSE_LIMIT)}"
    if step.unblocks:
        yield f"unblocks: {', '.join(name(check) for check in step.unblocks)}"
    if step.wait not in ("", "none"):
        yield f"then wait: {wait(step)}"
