"""What `readiness attach` does: find the report, make it fit to be sent, find the record, send, and say what became of
it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness import documents
from readiness.assessment.comparing import compare
from readiness.cli.attachable import Sendable, must_be_as_written, sendable
from readiness.cli.attached import by_hand, page, said
from readiness.cli.output import say, write_utf8
from readiness.cli.runs import document, handed
from readiness.composition import line_in, summary
from readiness.config import Configuration, load
from readiness.connecting import ticket
from readiness.documents import write_bytes
from readiness.errors import ConfigurationError, EvidenceError, OutputError, TicketError
from readiness.evidence import utc_now
from readiness.intake import content
from readiness.model.changes import Change, Comparison
from readiness.model.report import Report
from readiness.model.ticket import Ticket
from readiness.report_files import load as load_report
from readiness.report_files import opened
from readiness.sources.deadline import Deadline
from readiness.targets.delivery import NOTE, Delivery, State, delivered, planned, unasked
from readiness.targets.opening import parsed
from readiness.targets.parcel import Parcel, Phase, files_of, known, latest
from readiness.text import one_line

OK, NOT_ALL = 0, 5
_MOST_REPORT_BYTES = 32 * 1024 * 1024
_MOST_CHANGES = 10


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done."""

    configuration: Configuration
    given: Mapping[str, Any]
    path: Path
    """The report's file; of a run that is in the history alone, where it would lie."""
    what: Sendable
    phase: Phase | None


def attach(run: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    """Attach a report to a record; returns the exit code.

    Raises:
        ConfigurationError, EvidenceError: nothing was sent.
    """
    configuration = load(given["config"], environ, connecting=False)
    path, data, report = _opened(run, configuration, given["output"] or configuration.scan.output)
    must_be_as_written(path, data, given["keys"])
    name, number = parsed(given["to"])
    _must_be_real(report, name, given)
    phase = Phase(given["phase"]) if given["phase"] else None
    what = sendable(path, data, report, configuration.scan.save_evidence, given, environ)
    errand = Errand(configuration, given, path, what, phase)
    if name != "file":
        _warn(report, number)
    ended = _ended(report)
    if ended is not None:
        say(f"Warning: {ended}", err=True)
    deadline = Deadline(_seconds(configuration, given))
    record = ticket(given["to"], configuration, environ, deadline)
    try:
        return _sent(errand, record, deadline)
    finally:
        record.close()


def _opened(run: str, configuration: Configuration, folder: Path) -> tuple[Path, bytes, Report]:
    """The report, what was read of it, and its file; of a run that is in the history alone, where that would lie."""
    known = handed(run, configuration, folder)
    if known.file is None and known.run is not None:
        data = documents.readable(documents.parse(document(known.run, configuration))).encode()  # as in the file
        return folder / f"readiness-{known.run.id}.json", data, known.report
    path = known.file or Path(run)
    return path, *opened(path)


def _must_be_real(report: Report, name: str, given: Mapping[str, Any]) -> None:
    """A change board that reads of the simulated estate on its ticket reads a wrong answer."""
    if report.run.demo and name != "file" and not given["demo_data"]:
        raise ConfigurationError(
            f"run {one_line(report.run.id, 60)} is DEMO DATA: it is about the simulated estate, not about yours, and "
            "does not belong on a change ticket. To try a ticket system out with it, say --demo-data; --to file:DIR "
            "takes it as it is"
        )


def _warn(report: Report, number: str) -> None:
    """The report may be headed by another change; where it is redacted, an alias stands there."""
    named = report.change.ticket if report.change is not None else None
    if named and report.run.redacted is None and not _names(named.strip(), number):
        say(f"Warning: the report is headed by change {one_line(named, 60)}, not by {one_line(number, 60)}", err=True)


def _ended(report: Report) -> str | None:
    """That a decision is none any more, in words: a ticket shows a report for as long as anybody reads it."""
    until = report.decision.valid_until
    if until is None or until > utc_now():
        return None
    return f"This report was valid until {until:%Y-%m-%d %H:%M:%S} UTC, which had passed when it was attached."


def _names(ticket: str, record: str) -> bool:
    """Whether a record is the ticket; a plugin's may have more around it. One digit too many is another record."""
    return re.search(rf"(?<!\w){re.escape(ticket)}(?!\w)", record, re.IGNORECASE) is not None


def _seconds(configuration: Configuration, given: Mapping[str, Any]) -> float:
    from readiness.config import AttachSettings

    chosen: float | None = given["timeout"]
    return (configuration.attach or AttachSettings()).timeout if chosen is None else chosen


def _sent(errand: Errand, record: Ticket, deadline: Deadline) -> int:
    parcel: Parcel | None = None
    try:
        if errand.given["offline"]:
            parcel = _parcel(errand, record, None)
            return _told(errand, parcel, unasked(record, parcel))
        names = record.look().files if errand.phase is not None else ()
        _must_keep_its_phase(errand, names)
        parcel = _parcel(errand, record, names)
        if errand.given["dry_run"]:
            return _told(errand, parcel, planned(record, parcel))
        return _told(errand, parcel, delivered(record, parcel, deadline.wait))
    except TicketError as error:  # the record could not be found or read: nothing was sent
        parcel = parcel or _parcel(errand, record, None)
        return _told(errand, parcel, unasked(record, parcel, one_line(str(error), 600)))


def _must_keep_its_phase(errand: Errand, names: Sequence[str]) -> None:
    """Who forgets to scan after the change would be told that the record holds the run: as the one before."""
    run = errand.what.report.run.id
    others = [one for one in map(known, names) if one and one.run == run and one.phase not in (None, errand.phase)]
    if others:
        raise ConfigurationError(
            f"--phase {errand.phase}: run {run} is on the record already as the {others[0].phase} run "
            f"({others[0].name}): scan again, and attach that run. Nothing was sent"
        )


def _parcel(errand: Errand, record: Ticket, names: Sequence[str] | None) -> Parcel:
    """The parcel; with phase `post` the note says what changed since the run before.

    Args:
        names: of the files on the record; None: they are not known, and nothing is compared.
    """
    what, flavour = errand.what, record.flavour
    run = what.report.run.id
    comparison = _comparison(errand, record, names)
    ended = _ended(what.report)
    lines = (*([ended] if ended is not None else []), *_lines(errand.phase, comparison, flavour))
    return Parcel(
        run,
        errand.phase,
        files_of(run, errand.phase, what.contents),
        lines,
        lambda limit: summary(what.report, what.digest, flavour, limit),
    )


def _comparison(errand: Errand, record: Ticket, names: Sequence[str] | None) -> Comparison | None:
    if errand.phase is not Phase.POST:
        return None
    against, after = errand.given["against"], errand.what.report
    if against is not None:
        folder = errand.given["output"] or errand.configuration.scan.output
        return _compared(handed(against, errand.configuration, folder).report, after)
    if names is None:
        return None
    found = latest(names, Phase.PRE, after.run.id)
    if found is None:
        raise ConfigurationError(
            f"--phase post: no run of phase pre is attached to {one_line(errand.given['to'], 80)}: attach it first "
            "(--phase pre), or name it with --against"
        )
    return _compared(_fetched(record, found.name, found.run), after)


def _compared(before: Report, after: Report) -> Comparison:
    if after.run.finished <= before.run.finished:
        raise ConfigurationError(
            f"--phase post: run {one_line(after.run.id, 60)} was read {after.run.finished:%Y-%m-%d %H:%M:%S} UTC, not "
            f"after the run before the change ({one_line(before.run.id, 60)}, {before.run.finished:%Y-%m-%d %H:%M:%S} "
            "UTC): scan after the change, and attach that run. Nothing was sent"
        )
    return compare(before, after)


def _fetched(record: Ticket, name: str, run: str) -> Report:
    """A report that hangs on the record: read as strictly as every file that others hand over, and of the run that its
    name says."""
    data = record.fetch(name, _MOST_REPORT_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            report = load_report(path)
        except EvidenceError as error:
            words = one_line(str(error).replace(f"{path}: ", ""), 300)
            raise TicketError(f"{name}, as it hangs on the record: {words}; name the run with --against") from error
    if report.run.id != run:
        words = f"it is of run {one_line(report.run.id, 60)}; name the run before the change with --against"
        raise TicketError(f"{name}, as it hangs on the record: {words}")
    return report


def _lines(phase: Phase | None, comparison: Comparison | None, flavour: str) -> tuple[str, ...]:
    if phase is None:
        return ()
    if phase is Phase.PRE:
        return ("This is the run before the change.",)
    if comparison is None:
        return ("This is the run after the change.",)
    head = "This is the run after the change. Against run {}, the one before: {}."
    sentence = comparison.sentence.replace("since approval", "since then")
    shown = comparison.changes[:_MOST_CHANGES]
    left = len(comparison.changes) - len(shown)
    more = [f"- and {left} more, which the two reports tell"] if left else []
    return (line_in(flavour, head, comparison.run, sentence), *(_change(flavour, one) for one in shown), *more)


def _change(flavour: str, one: Change) -> str:
    told = (one_line(text or "not there", 120) for text in (one.name, one.before, one.after))
    return "- " + line_in(flavour, f"{one.direction}: {{}}: {{}}; now {{}}", *told)


def _told(errand: Errand, parcel: Parcel, done: Delivery) -> int:
    """Print what became of it, and return the exit code."""
    dry: bool = errand.given["dry_run"]
    whole = done.all_taken if dry else done.whole
    left = [] if whole or dry else _left(errand, parcel, done)
    if errand.given["as_json"]:
        told = said(parcel, done, errand.given["to"], dry_run=dry, left=left)
        write_utf8(f"{json.dumps(told, indent=2, ensure_ascii=False)}\n")
    elif done.record is not None or done.error is None:
        say(page(parcel, done, errand.given["to"], dry_run=dry))
    if not whole:
        say(by_hand(errand.given["to"], done.error, left, unsure=done.unsure), err=True)
    code = OK if whole else NOT_ALL
    say(f"exit {code}: {_why(done, dry=dry, whole=whole)}", err=True)
    return code


def _why(done: Delivery, *, dry: bool, whole: bool) -> str:
    if whole and dry:
        return "a dry run: nothing was sent"
    if whole:
        return "the record holds this run" if done.changed else "the record held this run already; nothing was sent"
    if dry and done.error is None:
        return "a dry run: nothing was sent, and not all of it would be taken"
    if done.unsure:
        return "nobody knows whether the record holds all of this run"
    if not done.changed:
        return "nothing was sent"
    return "the record does not hold all of this run"


def _left(errand: Errand, parcel: Parcel, done: Delivery) -> list[Path]:
    """The files for a person: of what is not on the record, each where it lies already, else beside the report."""
    missing = {part.name for part in done.parts if part.state not in (State.SENT, State.THERE)}
    found = [_kept(errand.path, file.name, file.content) for file in parcel.files if file.name in missing]
    if NOTE in missing and done.note is not None:
        found.append(_kept(errand.path, f"readiness-{parcel.run}.note.txt", done.note.encode()))
    return [path for path in found if path is not None]


def _kept(report: Path, name: str, data: bytes) -> Path | None:
    """Where this lies; it is written, where it does not lie with the report. None where that was not possible."""
    beside = report.with_suffix(Path(name).suffix)
    if _holds(beside, data):
        return beside
    path = report.parent / name
    try:
        write_bytes(path, data)
    except OutputError as error:
        say(f"Warning: {error}", err=True)
        return None
    return path


def _holds(path: Path, data: bytes) -> bool:
    try:
        return content(path) == data
    except EvidenceError:
        return False
