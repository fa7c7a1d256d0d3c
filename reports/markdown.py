"""The whole report in GitHub-flavoured Markdown: pure tables, no HTML, and nothing that differs between equal runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from readiness.plugin import MARKS, CheckResult, DecisionState, Outcome, Report, SubjectResult, TargetDecision
from reports import changes, ruling, view
from reports.markdown_text import code, inline
from reports.seal import ENDS, seal
from reports.steps import PEOPLE_HEADS, PERHAPS, StepView, at_a_glance, certain, perhaps, person, views
from reports.text import PROSE_LIMIT, clipped, name, named, prose, seconds, utc, visible

SUBJECTS_SHOWN = 50
TARGETS_SHOWN = 200
REASONS_SHOWN = 8
STEPS_SHOWN = 100
ROWS_SHOWN = 200


def render(report: Report, digest: str) -> str:
    """The Markdown; its last line seals it."""
    above = "\n".join([*_head(report), *_body(report), ""]) + "\n"
    return f"{above}{seal(above, digest)}{ENDS['markdown']}"


def _head(report: Report) -> Iterator[str]:
    decision = report.decision
    yield f"# EDR readiness: {state(decision.state)}"
    if report.run.demo:
        yield from ("", f"> **{view.DEMO}**")
    if report.run.redacted:
        yield from ("", f"> **{view.REDACTED}** (aliases {report.run.redacted})")
    yield from ("", f"**{inline(prose(decision.sentence))}**", "")
    if report.run.rules.warning:
        yield from (f"**Warning: {inline(prose(report.run.rules.warning))}**", "")
    yield from _pairs(_facts(report))
    yield from ("", "| Outcome | Checks |", "| --- | ---: |")
    for count in view.counts(report):
        yield _row((f"{count.mark} {count.word}".strip(), str(count.number)))


def _body(report: Report) -> Iterator[str]:
    yield from _changes(report)
    yield from _plan(report)
    yield from _way(report)
    yield from _targets(report)
    yield from ("", "## Checks")
    for phase in view.phases(report):
        yield from ("", f"### {phase.phase.heading}", "")
        yield phase.gap or phase.tally
        for check in phase.failing_first:
            yield from _check(check)
    yield from _overlays(report)
    yield from _readings(report)


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    run, decision = report.run, report.decision
    yield "Run", f"{inline(run.id)} on {inline(name(run.host))}"
    yield "Valid until", view.valid_until(report)
    yield "Tenant", inline(name(run.tenant)) if run.tenant else "not configured"
    yield "Site", inline(name(run.site)) if run.site else "not configured"
    for half, of_half in decision.halves.items():
        yield f"Half: {half}", state(of_half)
    for origin, of_origin in decision.origins.items():
        yield ruling.ORIGINS[origin], state(of_origin)
    for reader in view.readers(report):
        scopes = ", ".join(inline(prose(scope)) for scope in reader.scopes) or "not known"
        yield "Read by", f"{inline(name(reader.identity))}; sees: {scopes}"
    change = report.change
    yield "Change ticket", inline(name(change.ticket)) if change and change.ticket else "none"
    yield "Change window", view.change_window(report)
    yield "Approver", inline(name(change.approver)) if change and change.approver else "none"
    yield "Started", utc(run.started)
    yield "Finished", f"{utc(run.finished)} ({seconds(run.duration_seconds)})"
    if run.clocks:
        yield "Clocks disagree", inline(prose(run.clocks))
    yield "Tool", f"readiness {inline(run.tool_version)}, rules {inline(ruling.rules(report))}"
    for row in run.rules.outside:
        yield "Rule from outside", inline(prose(ruling.outside_row(row)))
    yield "Configuration", f"sha256 {inline(run.configuration_digest)}"
    if decision.deselected:
        yield "Deselected", ", ".join(inline(name(check)) for check in decision.deselected)


def _changes(report: Report) -> Iterator[str]:
    comparison = report.comparison
    if comparison is None:
        return
    yield from ("", f"## {changes.TITLE}", "", f"Held against {inline(changes.earlier(comparison))}:", "")
    yield f"**{inline(changes.line(comparison))}**"
    if comparison.changes:
        shown = view.capped(comparison.changes, ROWS_SHOWN)
        yield ""
        yield from _table(changes.HEADS, [[inline(cell) for cell in changes.row(one).cells] for one in shown.shown])
        yield from _notice(shown)


def _plan(report: Report) -> Iterator[str]:
    yield from ("", "## Plan", "")
    for sentence in at_a_glance(report.plan_summary):
        yield from (inline(sentence), "")
    if not report.plan:
        yield "Nothing to do."
        return
    yield from _step_list(certain(views(report.plan)))
    if possible := perhaps(views(report.plan)):
        yield from ("", f"### {PERHAPS}", "")
        yield from _step_list(possible)
    if report.plan_summary.people:
        rows = [tuple(inline(cell) for cell in person(one)) for one in report.plan_summary.people]
        yield from ("", "### Who does what", "", *_table(PEOPLE_HEADS, rows))


def _step_list(views_: Sequence[StepView]) -> Iterator[str]:
    steps = view.capped(views_, STEPS_SHOWN)
    for one in steps.shown:
        yield f"{one.number}. **{inline(one.text)}**"
        for label, value in _step_facts(one):
            yield f"    - {label}: {value}"
    if steps.hidden:
        yield from ("", steps.notice)


def _step_facts(one: StepView) -> Iterator[tuple[str, str]]:
    yield from ((label, inline(value)) for label, value in one.before)
    if one.step.command:
        yield "Command", code(clipped(visible(one.step.command), PROSE_LIMIT))
    yield "Unblocks", ", ".join(inline(name(check)) for check in one.step.unblocks) or "none"
    yield from ((label, inline(value)) for label, value in one.afterwards)


def _way(report: Report) -> Iterator[str]:
    yield from ("", "## The way", "")
    rows = []
    for number, phase in enumerate(view.phases(report), start=1):
        speaker = phase.speaker
        shown = mark(speaker.outcome) if speaker else phase.gap
        over = "".join(f", {word}" for word in view.overlay_words(speaker)) if speaker else ""
        level = f" ({phase.lesser})" if phase.lesser else ""
        rows.append((str(number), phase.phase.heading, shown + level + over, phase.tally or "–"))
    yield from _table(("#", "Phase", "Mark", "Checks"), rows)


def _targets(report: Report) -> Iterator[str]:
    yield from ("", "## Collections", "")
    if not report.collections:
        yield "No collection was named."
        return
    targets = view.capped(report.collections, TARGETS_SHOWN)
    rows = [
        (
            state(target.state),
            inline(named(target.name, target.id)),
            _number(target.devices),
            _number(target.eligible),
            _reasons(target),
        )
        for target in targets.shown
    ]
    yield from _table(("Verdict", "Collection", "Devices", "Eligible", "Reasons"), rows)
    yield from _notice(targets)


def _reasons(target: TargetDecision) -> str:
    reasons = view.capped(target.reasons, REASONS_SHOWN)
    words = [inline(prose(reason)) for reason in reasons.shown]
    return "; ".join([*words, *([reasons.notice] if reasons.hidden else [])]) or "–"


def _check(check: CheckResult) -> Iterator[str]:
    yield from ("", f"#### {mark(check.outcome)}: {inline(check.title)}", "")
    yield from _pairs(_check_facts(check))
    if check.subjects:
        yield from ("", *_subjects(check))
    if check.outcome in view.TO_MEND:
        yield from _fix(check)


def _check_facts(check: CheckResult) -> Iterator[tuple[str, str]]:
    lowered = f" (declared {check.declared_level})" if check.level is not check.declared_level else ""
    yield "Check", f"{inline(check.id)}, {check.level}{lowered}"
    yield "Summary", inline(prose(check.summary))
    yield "Asked by", ruling.ORIGINS[check.origin]
    if check.reason:
        yield "Reason", str(check.reason)
    if check.blocked_by:
        yield "Blocked by", ", ".join(inline(name(blocker)) for blocker in check.blocked_by)
    yield "Expected", inline(prose(check.expected))
    yield "Observed", inline(prose(check.observed))
    yield "Basis", str(check.basis)
    for label, words in ruling.asked(check):
        yield label, inline(prose(words))
    for contradiction in check.contradictions:
        yield "Official pages disagree", inline(prose(ruling.disagreement(contradiction)))
    for row in check.rules:
        yield "Rule", inline(prose(ruling.rule_row(row)))
    for sentence in view.overlay_sentences(check):
        yield "Overlay", inline(sentence)
    yield "Evidence", ", ".join(inline(name(reading)) for reading in check.evidence) or "none"
    if check.outcome not in view.FINE:
        yield "Owner", str(check.owner)
    for source in check.sources:
        dated = f", {source.dated}" if source.dated else ""
        yield "Source", f"{inline(prose(source.title))}: {inline(prose(source.location))}{dated}"


def _subjects(check: CheckResult) -> Iterator[str]:
    subjects = view.capped(view.subjects_worst_first(check), SUBJECTS_SHOWN)
    yield from _table(("Outcome", "Subject", "Level", "Summary"), map(_subject_row, subjects.shown))
    yield from _notice(subjects)


def _subject_row(subject: SubjectResult) -> Sequence[str]:
    reason = f"{subject.reason}: " if subject.reason else ""
    words = [reason + inline(prose(subject.summary)), *map(inline, view.overlay_sentences(subject))]
    called = f"{inline(subject.kind)} {inline(named(subject.name, subject.id))}"
    return mark(subject.outcome), called, str(subject.level), "; ".join(words)


def _fix(check: CheckResult) -> Iterator[str]:
    fix = check.remediation
    if not fix.steps:
        return
    yield from ("", "Fix:", "")
    for number, step in enumerate(fix.steps, start=1):
        where = f" ({inline(prose(step.where))})" if step.where else ""
        yield f"{number}. {inline(prose(step.text))}{where}"
        if step.command:
            yield f"    - {code(clipped(visible(step.command), PROSE_LIMIT))}"
    yield ""
    yield f"- Role: {inline(prose(fix.role))}"
    yield f"- Wait: {inline(prose(fix.wait))}"
    yield f"- Verify: {inline(prose(fix.verify))}"
    yield f"- Rollback: {inline(prose(fix.rollback))}"
    yield f"- Change window: {'needed' if fix.change_window else 'not needed'}"


def _overlays(report: Report) -> Iterator[str]:
    yield from ("", "## Waivers and attestations", "")
    if not report.overlays:
        yield "None."
        return
    overlays = view.capped(view.overlays(report), ROWS_SHOWN)
    rows = [tuple(inline(cell) for cell in overlay.cells) for overlay in overlays.shown]
    yield from _table(view.OVERLAY_HEADS, rows)
    yield from _notice(overlays)


def _readings(report: Report) -> Iterator[str]:
    """Without durations and request ids, which differ between runs that read the same; HTML and JSON have them."""
    yield from ("", "## Readings", "")
    readings = view.capped(report.readings, ROWS_SHOWN)
    rows = [
        (
            inline(name(reading.id)),
            inline(prose(reading.source)),
            inline(name(reading.identity)) if reading.identity else "–",
            _number(reading.rows),
            f"{reading.reason}: {inline(prose(reading.error or 'no words'))}" if reading.reason else "read",
        )
        for reading in readings.shown
    ]
    yield from _table(("Reading", "Source", "Read by", "Rows", "Result"), rows) if rows else ("None.",)
    yield from _notice(readings)


def mark(outcome: Outcome) -> str:
    """Sign and word."""
    return f"{MARKS[outcome]} {outcome}"


def state(decision: DecisionState) -> str:
    """Sign and word."""
    return f"{view.STATE_MARKS[decision]} {decision}"


def _number(number: int | None) -> str:
    return "not known" if number is None else str(number)


def _notice(items: view.Capped[object]) -> Iterator[str]:
    if items.hidden:
        yield from ("", items.notice)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for row in rows:
        yield _row(row)


def _pairs(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Labels and values; the first pair is the head that every table must have."""
    first, *others = rows
    yield from _table(first, others)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
