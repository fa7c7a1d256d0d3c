"""The checks on a terminal: mark and title; under what is not a pass, what was found, who does what first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from readiness.plugin import CheckResult, Level, Origin, Outcome, Report, SubjectResult
from reports import view
from reports.page import HANG, Page
from reports.steps import StepView, certain, views
from reports.text import name, named, prose, visible
from reports.wrapping import columns

SUBJECTS_SHOWN = 10
STEPS_IN_FULL = 3
"""Steps on the way to ready whose place, command and waiting time the terminal tells; `readiness plan` tells all."""
BRIEF = 100
"""Characters of a step that the end of the output tells in full."""
TOLD_ONCE = 100
"""Characters. Why something could not be read is told once where it is longer: it may stop many checks."""
TONES = {
    Outcome.PASS: "32",
    Outcome.FAIL: "31",
    Outcome.UNKNOWN: "33",
    Outcome.MANUAL: "36",
    Outcome.BLOCKED: "35",
    Outcome.NOT_APPLICABLE: "2",
    Outcome.ERROR: "1;31",
}


class Told:
    """What was said already: whatever many checks would repeat is told in full where it comes first."""

    def __init__(self, report: Report) -> None:
        errors = {reading.error for reading in report.readings if reading.error and len(reading.error) > TOLD_ONCE}
        self._errors = sorted(errors, key=lambda error: (-len(error), error))
        self._places: dict[str, str] = {}
        self._said: dict[str, list[str]] = defaultdict(list)
        self.steps = certain(views(report.plan))

    def error(self, words: str, place: str) -> str:
        """`words`, as they are said at `place`: an error that was told before is named by where that was."""
        for error in self._errors:
            if error in words:
                words = words.replace(error, self._once(error, f"the same as at {place}") or error)
        return words

    def step(self, words: str, place: str) -> str:
        """`words` of what to do, or where they were told before."""
        return self._once(words, f"as at {place}") or words

    def note(self, check: str, words: str) -> None:
        """Remember that a check said this."""
        self._said[check].append(words)

    def knows(self, check: str, words: str) -> bool:
        """Whether the check said this already."""
        return any(said.endswith(words) for said in self._said[check])

    def _once(self, words: str, here: str) -> str:
        """Empty the first time; later what was given as `here` that time."""
        if words in self._places:
            return self._places[words]
        self._places[words] = here
        return ""


def in_full(steps: Sequence[StepView]) -> tuple[StepView, ...]:
    """The steps that are told with all that is needed to begin."""
    return tuple(one for one in steps if one.step.level is Level.BLOCKER)[:STEPS_IN_FULL]


def check(page: Page, result: CheckResult, told: Told) -> None:
    """Lay out one check."""
    notes = _notes(result)
    title = f"{visible(result.title)} ({', '.join(notes)})" if notes else visible(result.title)
    page.lead(f"  {page.mark(result.outcome)}", title, indent=page.details_at, tone=TONES[result.outcome])
    if result.outcome is Outcome.PASS:
        return
    for line in _found(result, told):
        page.put(line, indent=page.details_at, hang=HANG)
    _subjects(page, result, told)
    for line in _to_do(result, told):
        page.put(line, indent=page.details_at, hang=HANG)


def _notes(check: CheckResult) -> list[str]:
    """What the mark alone does not say."""
    notes = [str(check.reason)] if check.reason else []
    if check.outcome not in view.FINE and check.level is not Level.BLOCKER:
        notes.append(str(check.level))
    if check.outcome is not Outcome.NOT_APPLICABLE and check.basis != "documented":
        notes.append(str(check.basis))
    if check.outcome is Outcome.BLOCKED and check.blocked_by:
        notes.append(f"waits for {_blockers(check)}")
    elif check.plugin:
        notes.append(f"plugin {name(check.plugin)}")
    elif check.outcome not in view.FINE:
        notes.append("asked by the article" if check.origin is Origin.ARTICLE else "needed today")
    return notes + list(view.overlay_words(check))


def _blockers(check: CheckResult) -> str:
    return ", ".join(map(name, check.blocked_by))


def _found(check: CheckResult, told: Told) -> Iterator[str]:
    """What was found, in words; what was read, where its subjects have the words, or where it crashed."""
    told.note(check.id, check.summary)
    if check.outcome is Outcome.BLOCKED and check.blocked_by:
        return
    if check.blocked_by:
        yield f"in part blocked by {_blockers(check)}"
    worded = [subject for subject in check.subjects if subject.outcome not in view.FINE]
    found = check.observed if check.observed and (worded or check.outcome is Outcome.ERROR) else check.summary
    if found not in [_words(subject) for subject in worded[:SUBJECTS_SHOWN]]:
        yield prose(told.error(found, name(check.id)))


def _subjects(page: Page, check: CheckResult, told: Told) -> None:
    found = view.capped([s for s in view.subjects_worst_first(check) if s.outcome not in view.FINE], SUBJECTS_SHOWN)
    leads = [f"{' ' * page.details_at}{page.mark(subject.outcome)}" for subject in found.shown]
    at = max((columns(page.plain(lead)) for lead in leads), default=0) + 2
    for subject, lead in zip(found.shown, leads, strict=True):
        told.note(check.id, subject.summary)
        over = "".join(f" ({word})" for word in view.overlay_words(subject))
        reason = f"{subject.reason}: " if subject.reason and subject.reason is not check.reason else ""
        words = f"{reason}{prose(told.error(_words(subject), name(check.id)))}{over}"
        page.lead(lead, words, indent=at, tone=TONES[subject.outcome])
    if found.hidden:
        page.put(found.notice, indent=page.details_at)


def _words(subject: SubjectResult) -> str:
    """What is said of a subject, with its name once."""
    said = subject.id in subject.summary or subject.summary.startswith(f"{subject.name}:")
    return subject.summary if said else f"{named(subject.name, subject.id)}: {subject.summary}"


def _to_do(check: CheckResult, told: Told) -> Iterator[str]:
    """Who takes it on themselves, or what is to be done first, by whom; and where there is more."""
    yield from view.overlay_sentences(check)
    if check.outcome not in view.TO_MEND or not check.remediation.steps or view.overlay_words(check):
        return
    yield _first(check, told)
    for one in check.contradictions:
        yield f"official pages disagree: {prose(one.about)}; judged here: {prose(one.judged)}"
    yield f"more: readiness explain {name(check.id)}"


def _first(check: CheckResult, told: Told) -> str:
    """The first step, with its number where it stands in the plan: briefly where the end of the output tells it in
    full, else with its place."""
    first = check.remediation.steps[0]
    own = (one for one in told.steps if check.id in one.step.unblocks and one.step.step == first.text)
    planned = next(own, None)
    owner = planned.step.owner if planned else first.owner or check.remediation.owner or check.owner
    number = f"step {planned.number}" if planned else "first"
    where = f" ({prose(first.where)})" if first.where else ""
    words = _briefly(first.text) if planned in in_full(told.steps) else prose(first.text) + where
    return f"{number} ({owner}): {told.step(words, name(check.id))}"


def _briefly(text: str) -> str:
    """The beginning, to the end of a word."""
    words = visible(text)
    return words if len(words) <= BRIEF else f"{words[:BRIEF].rpartition(' ')[0] or words[:BRIEF]}…"
