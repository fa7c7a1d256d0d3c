"""The whole report as blocks, whatever flavour writes them. Nothing in it differs between runs that read the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from readiness.plugin import MARKS, CheckResult, DecisionState, Outcome, Report, SubjectResult, TargetDecision
from reports import changes, reach, ruling, view, waivers
from reports.blocks import (
    Block,
    Heading,
    Item,
    Items,
    Line,
    Paragraph,
    Part,
    address,
    code,
    joined,
    line,
    pairs,
    strong,
    table,
    theirs,
)
from reports.steps import PEOPLE_HEADS, PERHAPS, StepView, at_a_glance, certain, perhaps, person, views
from reports.text import PROSE_LIMIT, clipped, name, named, prose, seconds, utc, visible

TITLE = "EDR readiness"
SUBJECTS_SHOWN = 50
TARGETS_SHOWN = 200
REASONS_SHOWN = 8
STEPS_SHOWN = 100
ROWS_SHOWN = 200


def blocks(report: Report) -> Iterator[Block]:
    """Everything that is shown of a report, what matters most first."""
    yield from top(report, TITLE)
    yield pairs(_facts(report))
    counted = [(f"{one.mark} {one.word}".strip(), str(one.number)) for one in view.counts(report)]
    yield table(("Outcome", "Checks"), counted, kept=len(counted), numbers=(1,))
    yield from _changes(report)
    yield from _plan(report)
    yield from _way(report)
    yield from _targets(report)
    yield from _checks(report)
    yield from _overlays(report)
    yield from _readings(report)
    yield from reach.blocks(report)


def top(report: Report, title: str, most: int = PROSE_LIMIT) -> Iterator[Block]:
    """The decision, and what is to be known before anybody believes it.

    Args:
        most: characters of a sentence that are shown.
    """
    yield Heading(1, line(f"{title}: {state(report.decision.state)}"), kept=1)
    if report.run.demo:
        yield Paragraph(line(strong(view.DEMO)), quoted=True, kept=1)
    if report.run.redacted:
        marked = line(strong(view.REDACTED), " (aliases ", theirs(name(report.run.redacted)), ")")
        yield Paragraph(marked, quoted=True, kept=1)
    yield Paragraph(line(strong(theirs(clipped(visible(report.decision.sentence), most)))), kept=1)
    if report.run.rules.warning:
        yield Paragraph(line(strong("Warning: ", theirs(clipped(visible(report.run.rules.warning), most)))), kept=1)


def _facts(report: Report) -> Iterator[tuple[str, Part]]:
    run, decision = report.run, report.decision
    yield "Run", line(theirs(run.id), " on ", theirs(f"{name(run.host)}{view.log(report)}"))
    yield "Valid until", view.valid_until(report)
    yield "Tenant", theirs(name(run.tenant)) if run.tenant else "not configured"
    yield "Site", theirs(name(run.site)) if run.site else "not configured"
    for half, of_half in decision.halves.items():
        yield f"Half: {half}", state(of_half)
    for origin, of_origin in decision.origins.items():
        yield ruling.ORIGINS[origin], state(of_origin)
    for reader in view.readers(report):
        scopes = joined(", ", (theirs(prose(scope)) for scope in reader.scopes), "not known")
        yield "Read by", line(theirs(name(reader.identity)), "; sees: ", scopes)
    change = report.change
    yield "Change ticket", theirs(name(change.ticket)) if change and change.ticket else "none"
    yield "Change window", view.change_window(report)
    yield "Approver", theirs(name(change.approver)) if change and change.approver else "none"
    yield "Started", utc(run.started)
    yield "Finished", f"{utc(run.finished)} ({seconds(run.duration_seconds)})"
    if run.clocks:
        yield "Clocks disagree", theirs(prose(run.clocks))
    yield "Tool", line("readiness ", theirs(run.tool_version), ", rules ", theirs(ruling.rules(report)))
    for row in run.rules.outside:
        yield "Rule from outside", theirs(prose(ruling.outside_row(row)))
    for plugin in run.plugins:
        yield "Plugin", theirs(prose(ruling.plugin_row(plugin)))
    yield "Configuration", line("sha256 ", theirs(run.configuration_digest))
    if decision.deselected:
        yield "Deselected", joined(", ", (theirs(name(check)) for check in decision.deselected))


def _changes(report: Report) -> Iterator[Block]:
    comparison = report.comparison
    if comparison is None:
        return
    yield Heading(2, line(changes.TITLE))
    yield Paragraph(line("Held against ", theirs(changes.earlier(comparison)), ":"))
    yield Paragraph(line(strong(theirs(changes.line(comparison)))))
    if comparison.changes:
        shown = view.capped(comparison.changes, ROWS_SHOWN)
        yield table(changes.HEADS, [[theirs(cell) for cell in changes.row(one).cells] for one in shown.shown])
        yield from _notice(shown)


def _plan(report: Report) -> Iterator[Block]:
    yield Heading(2, line("Plan"))
    for sentence in at_a_glance(report.plan_summary):
        yield Paragraph(line(theirs(sentence)))
    if not report.plan:
        yield Paragraph(line("Nothing to do."))
        return
    yield from _step_list(certain(views(report.plan)))
    if possible := perhaps(views(report.plan)):
        yield Heading(3, line(PERHAPS))
        yield from _step_list(possible)
    if report.plan_summary.people:
        yield Heading(3, line("Who does what"))
        yield table(PEOPLE_HEADS, [[theirs(cell) for cell in person(one)] for one in report.plan_summary.people])


def _step_list(views_: Sequence[StepView]) -> Iterator[Block]:
    steps = view.capped(views_, STEPS_SHOWN)
    if steps.shown:
        yield Items(tuple(_step(one) for one in steps.shown))
    yield from _notice(steps)


def _step(one: StepView) -> Item:
    details = tuple(line(f"{label}: ", value) for label, value in _step_facts(one))
    return Item(line(strong(theirs(one.text))), one.number, details)


def _step_facts(one: StepView) -> Iterator[tuple[str, Part]]:
    yield from ((label, theirs(value)) for label, value in one.before)
    if one.step.command:
        yield "Command", code(clipped(visible(one.step.command), PROSE_LIMIT))
    yield "Unblocks", joined(", ", (theirs(name(check)) for check in one.step.unblocks))
    yield from ((label, theirs(value)) for label, value in one.afterwards)


def _way(report: Report) -> Iterator[Block]:
    yield Heading(2, line("The way"))
    rows = []
    for number, phase in enumerate(view.phases(report), start=1):
        speaker = phase.speaker
        shown = mark(speaker.outcome) if speaker else phase.gap
        over = "".join(f", {word}" for word in view.overlay_words(speaker)) if speaker else ""
        level = f" ({phase.lesser})" if phase.lesser else ""
        rows.append((str(number), phase.phase.heading, shown + level + over, phase.tally or "–"))
    yield table(("#", "Phase", "Mark", "Checks"), rows)


def _targets(report: Report) -> Iterator[Block]:
    yield Heading(2, line("Collections"))
    if not report.collections:
        yield Paragraph(line("No collection was named."))
        return
    targets = view.capped(report.collections, TARGETS_SHOWN)
    rows: list[tuple[Part, ...]] = [
        (
            state(target.state),
            theirs(named(target.name, target.id)),
            _number(target.devices),
            _number(target.eligible),
            _reasons(target),
        )
        for target in targets.shown
    ]
    yield table(("Verdict", "Collection", "Devices", "Eligible", "Reasons"), rows)
    yield from _notice(targets)


def _reasons(target: TargetDecision) -> Line:
    reasons = view.capped(target.reasons, REASONS_SHOWN)
    words: list[Part] = [theirs(prose(reason)) for reason in reasons.shown]
    return joined("; ", [*words, *([reasons.notice] if reasons.hidden else [])], "–")


def _checks(report: Report) -> Iterator[Block]:
    yield Heading(2, line("Checks"))
    for phase in view.phases(report):
        yield Heading(3, line(phase.phase.heading))
        yield Paragraph(line(phase.gap or phase.tally))
        for check in phase.failing_first:
            yield from _check(check)


def _check(check: CheckResult) -> Iterator[Block]:
    yield Heading(4, line(f"{mark(check.outcome)}: ", theirs(check.title)))
    yield pairs(_check_facts(check))
    if check.subjects:
        subjects = view.capped(view.subjects_worst_first(check), SUBJECTS_SHOWN)
        yield table(("Outcome", "Subject", "Level", "Summary"), map(_subject_row, subjects.shown))
        yield from _notice(subjects)
    if check.outcome in view.TO_MEND:
        yield from _fix(check)


def _check_facts(check: CheckResult) -> Iterator[tuple[str, Part]]:
    lowered = f" (declared {check.declared_level})" if check.level is not check.declared_level else ""
    yield "Check", line(theirs(check.id), f", {check.level}{lowered}")
    yield "Summary", theirs(prose(check.summary))
    yield "Asked by", ruling.ORIGINS[check.origin]
    if check.plugin:
        yield "Plugin", theirs(prose(check.plugin))
    if check.reason:
        yield "Reason", str(check.reason)
    if check.blocked_by:
        yield "Blocked by", joined(", ", (theirs(name(blocker)) for blocker in check.blocked_by))
    yield "Expected", theirs(prose(check.expected))
    yield "Observed", theirs(prose(check.observed))
    yield "Basis", str(check.basis)
    for label, words in ruling.asked(check):
        yield label, theirs(prose(words))
    yield from _rests_on(check)


def _rests_on(check: CheckResult) -> Iterator[tuple[str, Part]]:
    """What the verdict was made of, and who goes on from there."""
    for contradiction in check.contradictions:
        yield "Official pages disagree", theirs(prose(ruling.disagreement(contradiction)))
    for row in check.rules:
        yield "Rule", theirs(prose(ruling.rule_row(row)))
    for sentence in view.overlay_sentences(check):
        yield "Overlay", theirs(sentence)
    yield "Evidence", joined(", ", (theirs(name(reading)) for reading in check.evidence))
    if check.outcome not in view.FINE:
        yield "Owner", str(check.owner)
    for source in check.sources:
        dated = f", {source.dated}" if source.dated else ""
        yield "Source", line(theirs(prose(source.title)), ": ", address(prose(source.location)), dated)


def _subject_row(subject: SubjectResult) -> Sequence[Part]:
    reason = f"{subject.reason}: " if subject.reason else ""
    words: list[Part] = [line(reason, theirs(prose(subject.summary))), *map(theirs, view.overlay_sentences(subject))]
    called = line(theirs(subject.kind), " ", theirs(named(subject.name, subject.id)))
    return mark(subject.outcome), called, str(subject.level), joined("; ", words)


def _fix(check: CheckResult) -> Iterator[Block]:
    fix = check.remediation
    if not fix.steps:
        return
    yield Paragraph(line("Fix:"))
    items = []
    for number, step in enumerate(fix.steps, start=1):
        where = line(" (", theirs(prose(step.where)), ")") if step.where else ()
        command = (line(code(clipped(visible(step.command), PROSE_LIMIT))),) if step.command else ()
        items.append(Item(line(theirs(prose(step.text)), where), number, command))
    yield Items(tuple(items))
    told = (("Role", fix.role), ("Wait", fix.wait), ("Verify", fix.verify), ("Rollback", fix.rollback))
    window = Item(line(f"Change window: {'needed' if fix.change_window else 'not needed'}"))
    yield Items((*(Item(line(f"{label}: ", theirs(prose(words)))) for label, words in told), window))


def _overlays(report: Report) -> Iterator[Block]:
    yield Heading(2, line("Waivers and attestations"))
    if not report.overlays:
        yield Paragraph(line("None."))
        return
    overlays = view.capped(view.overlays(report), ROWS_SHOWN)
    yield table(view.OVERLAY_HEADS, [[theirs(cell) for cell in overlay.cells] for overlay in overlays.shown])
    yield from _notice(overlays)
    to_look_after = view.capped(waivers.lines(report), ROWS_SHOWN)
    if to_look_after.shown:
        yield Heading(3, line(waivers.TITLE))
        yield Items(tuple(Item(line(theirs(one))) for one in to_look_after.shown))
        yield from _notice(to_look_after)


def _readings(report: Report) -> Iterator[Block]:
    """Without durations and request ids, which differ between runs that read the same; HTML and JSON have them."""
    yield Heading(2, line("Readings"))
    readings = view.capped(report.readings, ROWS_SHOWN)
    if not readings.shown:
        yield Paragraph(line("None."))
        return
    rows: list[tuple[Part, ...]] = [
        (
            theirs(name(reading.id)),
            theirs(prose(reading.source)),
            theirs(name(reading.identity)) if reading.identity else "–",
            _number(reading.rows),
            line(f"{reading.reason}: ", theirs(prose(reading.error or "no words"))) if reading.reason else "read",
        )
        for reading in readings.shown
    ]
    yield table(("Reading", "Source", "Read by", "Rows", "Result"), rows)
    yield from _notice(readings)


def mark(outcome: Outcome) -> str:
    """Sign and word."""
    return f"{MARKS[outcome]} {outcome}"


def state(decision: DecisionState) -> str:
    """Sign and word."""
    return f"{view.STATE_MARKS[decision]} {decision}"


def _number(number: int | None) -> str:
    return "not known" if number is None else str(number)


def _notice(items: view.Capped[object]) -> Iterator[Block]:
    if items.hidden:
        yield Paragraph(line(items.notice))
