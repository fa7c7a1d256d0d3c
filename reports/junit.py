"""JUnit XML, for build servers: a case per check, and one per subject.

The form is that of Jenkins (`junit-10.xsd` of its xUnit plugin): `testsuites`, two suites, cases with at most one of
`failure`, `error` and `skipped`. The cases of the first suite are the checks, so its numbers are those of the report.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from readiness.plugin import Report
from reports.rows import Row, Standing, moment, rows
from reports.text import named, prose, visible

_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 forbids (section 2.2) and is not hostile otherwise: `visible` writes the rest as escapes."""


def render(report: Report, digest: str) -> str:
    """The document. A name of someone else's stays text; what XML cannot hold is written as an escape."""
    judged = list(rows(report))
    checks = [row for row in judged if row.subject is None]
    subjects = [row for row in judged if row.subject is not None]
    title = "DEMO DATA: EDR readiness" if report.run.demo else "EDR readiness"
    numbers = _attributes(name=title, **_numbers(judged), time=f"{report.run.duration_seconds:.3f}")
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{numbers}>",
        *_suite(report, digest, title, checks),
        *_suite(report, digest, f"{title}: collections, sites, administrators, policies", subjects),
        "</testsuites>",
    ]
    return "\n".join(parts) + "\n"


def _suite(report: Report, digest: str, title: str, cases: Sequence[Row]) -> Iterator[str]:
    run = report.run
    seconds = f"{run.duration_seconds:.3f}"
    skipped = str(sum(1 for row in cases if row.standing is Standing.SKIPPED))
    when = moment(run.finished).removesuffix("Z")
    when_and_where = _attributes(time=seconds, timestamp=when, hostname=run.host)
    yield f"<testsuite{_attributes(name=title, **_numbers(cases), skipped=skipped)}{when_and_where}>"
    yield "<properties>"
    yield from (f"<property{_attributes(name=name, value=value)}/>" for name, value in _properties(report, digest))
    yield "</properties>"
    for row in cases:
        yield from _case(row)
    yield "</testsuite>"


def _numbers(cases: Iterable[Row]) -> dict[str, str]:
    found = Counter(row.standing for row in cases)
    return {
        "tests": str(found.total()),
        "failures": str(found[Standing.FAILED]),
        "errors": str(found[Standing.UNVERIFIED]),
    }


def _properties(report: Report, digest: str) -> Iterator[tuple[str, str]]:
    run, decision = report.run, report.decision
    yield "run", run.id
    yield "report_sha256", digest
    yield "decision", decision.state.value
    yield "sentence", decision.sentence
    yield "valid_until", moment(decision.valid_until) if decision.valid_until else ""
    yield "demo", "true" if run.demo else "false"
    yield "redacted", "true" if run.redacted is not None else "false"
    yield "tenant", run.tenant or ""
    yield "site", run.site or ""
    yield "started", moment(run.started)
    yield "finished", moment(run.finished)
    yield "tool", run.tool_version
    yield "rules", run.rules_version


def _case(row: Row) -> Iterator[str]:
    place = f"readiness.{row.check.phase.value}.{row.check.id}"
    name = row.check.title if row.subject is None else named(row.subject.name, row.subject.id)
    begin = f"<testcase{_attributes(classname=place, name=name)}"
    tag = _tag(row.standing)
    if tag is None and row.attestation is None:
        yield f"{begin}/>"
        return
    yield f"{begin}>"
    if tag is not None:
        yield f"<{tag}{_attributes(type=_type(row), message=row.of.summary)}>{_text(row)}</{tag}>"
    else:
        yield f"<system-out>{_text(row)}</system-out>"
    yield "</testcase>"


def _tag(standing: Standing) -> str | None:
    match standing:
        case Standing.PASSED:
            return None
        case Standing.FAILED:
            return "failure"
        case Standing.UNVERIFIED:
            return "error"
        case Standing.SKIPPED:
            return "skipped"
    assert_never(standing)


def _type(row: Row) -> str:
    """Outcome and level, as `fail.blocker`; of what is unknown its reason, too."""
    reason = f".{row.reason.value}" if row.reason else ""
    return f"{row.outcome.value}{reason}.{row.level.value}"


def _text(row: Row) -> str:
    return "\n".join(_xml(prose(line)) for line in _lines(row))


def _lines(row: Row) -> Iterator[str]:
    check = row.check
    yield row.of.summary
    if row.subject is None:
        yield f"expected: {check.expected}"
        yield f"observed: {check.observed}"
    if check.blocked_by and row.standing is Standing.UNVERIFIED:
        yield f"blocked by: {', '.join(check.blocked_by)}"
    if row.waiver is not None:
        yield f"waived until the end of {row.waiver.expires} UTC, approved by {row.waiver.approved_by}"
    if row.attestation is not None:
        yield f"{row.outcome.value}, attested by {row.attestation.by} until the end of {row.attestation.expires} UTC"
    yield f"level: {row.level.value}; owner: {check.owner.value}; more: readiness explain {check.id}"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_xml(prose(value))}"' for name, value in values.items())


def _xml(text: str) -> str:
    shown = _NO_XML.sub(lambda sign: f"\\u{ord(sign[0]):04x}", visible(text))
    return html.escape(shown, quote=True)
