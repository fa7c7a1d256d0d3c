"""The report on a terminal: phases, a line per check, the decision, what to do next. Nothing moves here."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.plugin import MARKS, CheckResult, DecisionState, Level, Outcome, PlanStep, Report, SubjectResult
from reports import view
from reports.text import PROSE_LIMIT, clipped, name, named, plural, prose, seconds, utc, visible
from reports.wrapping import columns, wrap

SUBJECTS_SHOWN = 10
STEPS_SHOWN = 40
TARGETS_SHOWN = 50
NARROWEST = 40

_ASCII_MARKS = {
    Outcome.PASS: "+",
    Outcome.FAIL: "x",
    Outcome.UNKNOWN: "?",
    Outcome.MANUAL: "o",
    Outcome.BLOCKED: "/",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.ERROR: "!",
}
_ASCII_WORDS = str.maketrans({"–": "-", "—": "-", "…": "...", "→": "->", "·": "-", "’": "'", "“": '"', "”": '"'})
_TONES = {
    Outcome.PASS: "32",
    Outcome.FAIL: "31",
    Outcome.UNKNOWN: "33",
    Outcome.MANUAL: "36",
    Outcome.BLOCKED: "35",
    Outcome.NOT_APPLICABLE: "2",
    Outcome.ERROR: "1;31",
}
_BOLD = "1"
_INVERSE = "1;7"
_WORD_COLUMNS = max(len(outcome) for outcome in Outcome)


def render(report: Report, *, width: int, colour: bool, ascii_only: bool) -> str:
    """The report for a terminal of `width` columns; ends in a line end."""
    page = _Page(max(width, NARROWEST), colour=colour, ascii_only=ascii_only)
    _header(page, report)
    for phase in view.phases(report):
        _phase(page, phase)
    _decision(page, report)
    _targets(page, report)
    _steps(page, report)
    return page.text()


def decision_line(report: Report) -> str:
    """The decision in one line, without line end: what `--quiet` prints."""
    demo = "DEMO DATA: " if report.run.demo else ""
    return demo + prose(report.decision.sentence)


class _Page:
    """Lines under construction; knows the width, the colours and the signs that the terminal can show."""

    def __init__(self, width: int, *, colour: bool, ascii_only: bool) -> None:
        self.width = width
        self.colour = colour
        self.ascii_only = ascii_only
        self.details_at = 2 + 2 + _WORD_COLUMNS + 2 if width >= 72 else 4
        """Column where titles begin, and what is said under them."""
        self._lines: list[str] = []

    def blank(self) -> None:
        self._lines.append("")

    def put(self, text: str, *, indent: int = 0, tone: str = "") -> None:
        """`text`, wrapped; every line begins at column `indent`."""
        for line in wrap(self.plain(text), self.width - indent):
            self._lines.append(" " * indent + self.paint(line, tone) if line else "")

    def lead(self, lead: str, text: str, *, indent: int, tone: str = "", text_tone: str = "") -> None:
        """`lead`, then `text` wrapped and hanging at column `indent`; on its own lines where `lead` is too long."""
        lead = self.plain(lead)
        start = len(self._lines)
        self.put(text, indent=indent, tone=text_tone)
        room = indent - columns(lead)
        if room >= 1:
            self._lines[start] = self._margin(lead, tone) + " " * room + self._lines[start][indent:]
        else:
            self._lines.insert(start, self._margin(lead, tone))

    def mark(self, outcome: Outcome) -> str:
        """Sign and word."""
        sign = _ASCII_MARKS[outcome] if self.ascii_only else MARKS[outcome]
        return f"{sign} {outcome}"

    def state(self, state: DecisionState) -> str:
        """Sign and word."""
        sign = _ASCII_MARKS[view.STATE_TONES[state]] if self.ascii_only else view.STATE_MARKS[state]
        return f"{sign} {state}"

    def plain(self, text: str) -> str:
        """`text` in characters that the terminal can show."""
        if not self.ascii_only:
            return text
        return text.translate(_ASCII_WORDS).encode("ascii", "backslashreplace").decode("ascii")

    def paint(self, text: str, tone: str) -> str:
        return f"\x1b[{tone}m{text}\x1b[0m" if self.colour and tone and text else text

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _margin(self, lead: str, tone: str) -> str:
        """`lead` with the spaces in front of it left unpainted."""
        bare = lead.lstrip()
        return " " * (len(lead) - len(bare)) + self.paint(bare, tone)


def _header(page: _Page, report: Report) -> None:
    run = report.run
    if run.demo:
        page.put(view.DEMO, tone=_INVERSE)
        page.blank()
    for label, value in _header_lines(report):
        page.lead(label, value, indent=9, tone=_BOLD)


def _header_lines(report: Report) -> Iterator[tuple[str, str]]:
    run, change = report.run, report.change
    yield "Tenant", name(run.tenant) if run.tenant else "not configured"
    yield "Site", name(run.site) if run.site else "not configured"
    yield "Read", f"{utc(run.started)}, {seconds(run.duration_seconds)}, on {name(run.host)}"
    for identity in run.identities:
        yield "By", name(identity)
    if change and change.ticket:
        yield "Change", name(change.ticket)
    if change and (change.window_start or change.window_end):
        yield "Window", view.change_window(report)


def _phase(page: _Page, phase: view.PhaseView) -> None:
    page.blank()
    page.put(phase.phase.heading, tone=_BOLD)
    if phase.gap:
        page.put(phase.gap, indent=2, tone=_TONES[Outcome.NOT_APPLICABLE])
    for check in phase.checks:
        _check(page, check)


def _check(page: _Page, check: CheckResult) -> None:
    notes = _notes(check)
    title = f"{visible(check.title)} ({', '.join(notes)})" if notes else visible(check.title)
    page.lead(f"  {page.mark(check.outcome)}", title, indent=page.details_at, tone=_TONES[check.outcome])
    if check.outcome is Outcome.PASS:
        return
    for line in _details(check):
        page.put(line, indent=page.details_at)
    _subjects(page, check)


def _notes(check: CheckResult) -> list[str]:
    """What the mark alone does not say."""
    notes = [str(check.level)] if check.outcome not in view.FINE and check.level is not Level.BLOCKER else []
    if check.outcome is not Outcome.NOT_APPLICABLE and check.basis != "documented":
        notes.append(str(check.basis))
    return notes + list(view.overlay_words(check))


def _details(check: CheckResult) -> Iterator[str]:
    """What was observed, and what to do first."""
    if check.blocked_by:
        yield f"blocked by {', '.join(name(blocker) for blocker in check.blocked_by)}"
    elif check.outcome is Outcome.NOT_APPLICABLE:
        yield prose(check.summary)
    else:
        reason = f"{check.reason}: " if check.reason else ""
        yield prose(f"{reason}{check.observed or check.summary}")
    yield from view.overlay_sentences(check)
    if check.outcome in view.TO_MEND and check.remediation.steps and not view.overlay_words(check):
        first = check.remediation.steps[0]
        where = f" ({prose(first.where)})" if first.where else ""
        yield f"first: {prose(first.text)}{where}"


def _subjects(page: _Page, check: CheckResult) -> None:
    found = view.capped([s for s in view.subjects_worst_first(check) if s.outcome not in view.FINE], SUBJECTS_SHOWN)
    for subject in found.shown:
        _subject(page, subject)
    if found.hidden:
        page.put(found.notice, indent=page.details_at)


def _subject(page: _Page, subject: SubjectResult) -> None:
    lead = f"{' ' * page.details_at}{page.mark(subject.outcome)}"
    over = "".join(f" ({word})" for word in view.overlay_words(subject))
    reason = f"{subject.reason}: " if subject.reason else ""
    summary = prose(subject.summary)
    called = "" if subject.id in summary else f"{named(subject.name, subject.id)}: "
    words = f"{called}{reason}{summary}{over}"
    page.lead(lead, words, indent=columns(page.plain(lead)) + 2, tone=_TONES[subject.outcome])


def _decision(page: _Page, report: Report) -> None:
    decision = report.decision
    page.blank()
    page.put("Decision", tone=_BOLD)
    tone = _TONES[view.STATE_TONES[decision.state]]
    page.lead(f"  {page.state(decision.state)}", prose(decision.sentence), indent=page.details_at, tone=tone)
    for half, state in decision.halves.items():
        lead = f"  {half}"
        page.lead(lead, page.state(state), indent=page.details_at, text_tone=_TONES[view.STATE_TONES[state]])
    numbers = ", ".join(f"{count.number} {count.word}" for count in view.counts(report) if count.number)
    page.lead("  checks", numbers or "none", indent=page.details_at)
    if decision.deselected:
        page.lead("  deselected", plural(len(decision.deselected), "check"), indent=page.details_at)
    page.lead("  valid until", view.valid_until(report), indent=page.details_at)


def _targets(page: _Page, report: Report) -> None:
    if not report.collections:
        return
    page.blank()
    page.put("Collections", tone=_BOLD)
    targets = view.capped(report.collections, TARGETS_SHOWN)
    for target in targets.shown:
        words = f"{named(target.name, target.id)}: {view.devices(target)}"
        tone = _TONES[view.STATE_TONES[target.state]]
        page.lead(f"  {page.state(target.state)}", words, indent=page.details_at, tone=tone)
        for reason in target.reasons:
            page.put(prose(reason), indent=page.details_at)
    if targets.hidden:
        page.put(targets.notice, indent=page.details_at)


def _steps(page: _Page, report: Report) -> None:
    if not report.plan:
        return
    page.blank()
    page.put("Next steps", tone=_BOLD)
    steps = view.capped(report.plan, STEPS_SHOWN)
    for number, step in enumerate(steps.shown, start=1):
        page.lead(f"  {number}.", prose(step.step), indent=6, tone=_BOLD)
        for line in _step_lines(step):
            page.put(line, indent=6)
    if steps.hidden:
        page.put(steps.notice, indent=6)


def _step_lines(step: PlanStep) -> Iterator[str]:
    window = ", in the change window" if step.change_window else ""
    yield f"by the {step.owner} ({prose(step.role)}){window}"
    if step.where:
        yield f"where: {prose(step.where)}"
    if step.command:
        yield f"command: {clipped(visible(step.command), PROSE_LIMIT)}"
    if step.unblocks:
        yield f"unblocks: {', '.join(name(check) for check in step.unblocks)}"
    if step.wait not in ("", "none"):
        yield f"then wait: {prose(step.wait)}"
