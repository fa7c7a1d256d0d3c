"""What a command with a verdict does last: print, write the files, say the exit code and why."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from readiness import documents
from readiness.assessment import Question, assess
from readiness.assessment.comparing import compare
from readiness.assessment.decision import exit_code
from readiness.cli.keeping import Keeping, keep, last_success
from readiness.cli.logs import told, trouble
from readiness.cli.output import ascii_only, say, shows_colour, width, write, write_utf8
from readiness.cli.runs import earlier
from readiness.cli.signing import signed_text
from readiness.composition import (
    all_checks,
    formats,
    guide,
    machine_format,
    plugins_used,
    rights_used,
    rules,
    terminal_format,
)
from readiness.config import Configuration, redacted
from readiness.errors import OutputError
from readiness.integrity.signatures import Signer
from readiness.job.running import settle
from readiness.model.reading import Evidence
from readiness.model.report import Report

LONGEST_NAME = 200
"""Of the tenant or site in a file name: the whole must stay below the 255 bytes that file systems allow."""
NEVER_IN_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")


def must_be_writable(configuration: Configuration) -> None:
    """Refuse, before anything is read, a place where the files of this run cannot be written. Folders are made: after
    the files that are given were looked at, so that a run that refuses one of them leaves nothing behind."""
    if configuration.scan.format:
        documents.must_be_writable(configuration.scan.output / "report")
    if configuration.scan.save_evidence is not None:
        documents.must_be_writable(configuration.scan.save_evidence)
    if configuration.scan.redact and configuration.scan.redact_map is not None:
        documents.must_be_writable(configuration.scan.redact_map)


def must_be_comparable(configuration: Configuration) -> None:
    """Refuse, before anything is read, an earlier report that is none.

    Raises:
        EvidenceError: naming the file and what is wrong with it.
    """
    if configuration.scan.against is not None:
        earlier(configuration)


def judge(configuration: Configuration, evidence: Evidence, now: datetime, *, knowledge: Path | None = None) -> Report:
    """The report on this evidence.

    Args:
        knowledge: the folder of rule data, where the configuration tells an alias for it.
    """
    return assess(evidence, question(configuration, knowledge=knowledge), now)


def question(configuration: Configuration, *, knowledge: Path | None = None) -> Question:
    """What is judged, and by what; as `judge` has it."""
    by = rules(knowledge or configuration.scan.knowledge)
    shown = redacted(configuration)
    return Question(all_checks(), configuration.judging, by, shown, guide, rights_used, plugins_used())


def finish(
    configuration: Configuration,
    report: Report,
    name: str,
    signer: Signer | None = None,
    keeping: Keeping | None = None,
) -> int:
    """Print the report, write its files, keep it in the history, and say how it ended.

    Args:
        name: tenant or site server, for the names of the files.
        signer: who signs the files, and what goes to standard output as JSON.
        keeping: what the history keeps besides the report; None: the run does not enter it.

    Returns:
        The exit code.
    """
    if configuration.scan.against is not None:
        report = replace(report, comparison=compare(earlier(configuration), report))
    digest = documents.digest(documents.report_document(report))
    wanted = "prometheus" in configuration.scan.format and keeping is not None
    before = last_success(configuration, report) if wanted else None
    written, broken = _write(configuration, report, digest, name, signer, before)
    _print(configuration, report, signer)
    if written:
        said = "\n".join(f"wrote {path}" for path in written)
        quiet = configuration.scan.json or configuration.scan.quiet
        say(said if quiet else f"\n{said}", err=quiet)
    clocks = (f"clocks disagree: {report.run.clocks}",) if report.run.clocks else ()
    for warning in (*configuration.warnings, *clocks):
        say(f"Warning: {warning}", err=True)
    for error in broken[:1]:
        raise error
    code, why = exit_code(report, configuration.judging.policy.fail_on)
    if report.run.stopped is not None:
        why = f"{why}; {report.run.stopped}: the report is partial"
    kept = keep(configuration, report, digest, code, keeping, signer) if keeping is not None else None
    if kept is not None and kept.warning is not None:
        say(f"Warning: {kept.warning}", err=True)
        why = f"{why}; {kept.note}"
    if keeping is not None and keeping.telling is not None and kept is not None:
        settle(code, why)
        why = "; ".join((why, *keeping.telling.ran(report, code, written, kept)))
    told(f"run {report.run.id}: {report.decision.sentence}")
    told(f"exit {code}: {why}")
    if (lost := trouble()) is not None:
        say(f"Warning: {lost}", err=True)
    say(f"exit {code}: {why}", err=True)
    return code


def _print(configuration: Configuration, report: Report, signer: Signer | None) -> None:
    scan = configuration.scan
    terminal = terminal_format()
    if scan.json:
        write_utf8(documents.report_json(report, signer))
    elif scan.quiet:
        say(terminal.decision_line(report))
        if report.comparison is not None:
            say(terminal.comparison_line(report.comparison))
    else:
        colour = shows_colour(no_color=scan.no_color)
        write(terminal.render(report, width=width(), colour=colour, ascii_only=ascii_only()))


def _write(
    configuration: Configuration,
    report: Report,
    digest: str,
    name: str,
    signer: Signer | None,
    last_success: datetime | None,
) -> tuple[list[Path], list[OutputError]]:
    """Write the files; returns them, and what went wrong with those whose format a plugin gives."""
    known = formats()
    of = NEVER_IN_A_NAME.sub("-", name)[:LONGEST_NAME].strip("-.") or "estate"
    always, once = f"readiness-{of}", f"readiness-{of}-{report.run.started:%Y%m%dT%H%M%SZ}"
    written, broken = [], []
    for wanted in configuration.scan.format:
        stem = always if known[wanted].stable else once
        path = configuration.scan.output / f"{stem}.{known[wanted].extension}"
        if wanted == "json":
            text = documents.report_json(report, signer)
        elif wanted == "prometheus":
            text = machine_format(wanted).render(report, digest, last_success)
        else:
            try:
                text = signed_text(known[wanted].render(report, digest), signer)
            except OutputError as error:  # of a plugin: the others are written all the same
                broken.append(error)
                continue
        documents.write(path, text)
        written.append(path)
    return written, broken
