"""The report in brief, and every flavour within the limits of what it is written for."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from readiness.plugin import Report
from readiness.verification import State, examine, judged
from reports import FORMATS, Format, jira, limits, markdown, plain, summary
from reports.flavours import FLAVOURS
from reports.seal import parse
from tests.random_reports import reports

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(
    max_examples=6 * TIMES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole report takes minutes
    suppress_health_check=list(HealthCheck),
)
GOLDEN = Path(__file__).parent / "golden"
DIGEST = "0123456789abcdef" * 4
HEAD = {"Run", "Val", "Sta", "Fin", "rep"}
"""How the lines begin in which two runs differ."""
WHOLE = {"github": markdown, "jira": jira, "plain": plain}
CUT = "Cut here to stay within"


def kept(name: str, text: str) -> str:
    """What the golden file of that name holds; written first where WRITE_GOLDEN says so."""
    path = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def many(report: Report, times: int = 200) -> Report:
    """A report with more of everything than a ticket takes."""
    checks = tuple(replace(one, id=f"{one.id}-{turn}") for turn in range(5) for one in report.checks)
    return replace(report, collections=report.collections * times, checks=checks, plan=report.plan * 20)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_whole_summary(flavour: str, report: Report, digest: str) -> None:
    text = summary.render(report, digest, flavour=flavour)
    assert text == kept(f"summary-{flavour}.txt", text)


@pytest.mark.parametrize("flavour", ["jira", "plain"])
def test_the_whole_report_in_other_flavours(flavour: str, report: Report, digest: str) -> None:
    text = WHOLE[flavour].render(report, digest)
    assert text == kept(f"report-{flavour}.txt", text)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_long_lists_are_cut_on_a_row_with_a_notice(flavour: str, report: Report, digest: str) -> None:
    """How many rows are left out, and where they are; what is shown is the beginning of the whole."""
    large = many(report)
    whole, text = (WHOLE[flavour].render(large, digest, limit=limit) for limit in (None, 32_767))
    found = re.search(r"Cut here to stay within 32,767 characters: ([\d,]+) rows left out; they are in the JSON", text)
    assert found
    assert int(found[1].replace(",", "")) > 100
    before, after = text[: found.start()].rstrip(), text[found.end() :]
    assert whole.startswith(before + "\n")
    assert after.count("\n") == 3, "only the seal follows"
    assert len(text) > 30_000, "no more is cut than must be"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_summary_says_how_many_steps_and_blockers_it_leaves_out(flavour: str, report: Report, digest: str) -> None:
    text = summary.render(many(report), digest, flavour=flavour)
    assert len(re.findall(r"\d+ more: in the report", text)) == 2
    assert text.count("\n") <= 30


def test_a_limit_below_what_is_never_cut_is_refused(report: Report, digest: str) -> None:
    with pytest.raises(ValueError, match="need more than 200 characters"):
        summary.render(report, digest, limit=200)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_two_runs_that_read_the_same_differ_in_their_head_alone(flavour: str, report: Report, digest: str) -> None:
    """A day later: times, the run, the digest. No duration, no request, no order of anything."""
    day = timedelta(days=1)
    later = replace(
        report,
        run=replace(
            report.run,
            id="20261124T073000Z-77aa",
            started=report.run.started + day,
            finished=report.run.finished + day,
            duration_seconds=99.0,
        ),
        readings=tuple(
            replace(one, started=one.started + day, duration_seconds=9.0, request_id="x") for one in report.readings
        ),
        decision=replace(report.decision, valid_until=report.run.started + 2 * day),
    )
    for render in (WHOLE[flavour].render, partial(summary.render, flavour=flavour)):
        one, other = (render(it, dig).splitlines() for it, dig in ((report, digest), (later, "ef" * 32)))
        assert len(one) == len(other)
        differ = {re.sub(r"^\W+", "", line)[:3] for line, now in zip(one, other, strict=True) if line != now}
        assert differ <= HEAD


@pytest.mark.parametrize("known", [one for one in FORMATS if one.sealed and one.name != "html"], ids=lambda it: it.name)
def test_verify_knows_every_flavour(known: Format, report: Report, digest: str) -> None:
    """By its seal, also where a ticket turned the line ends or dropped the last; a changed letter is found."""
    text = known.render(report, digest)
    for form in (text, text.replace("\n", "\r\n")):
        finding = examine(form.encode(), parse)
        assert (finding.state, finding.kind, finding.report) == (State.INTACT, known.name, digest)
    assert ("a summary" in judged(examine(text.encode(), parse), ()).sentence) is ("summary" in known.name)
    assert examine(text.replace("2 blockers", "0 blockers").encode(), parse).state is State.CHANGED
    if known.name != "markdown":
        assert examine(text.rstrip().encode(), parse).state is State.INTACT


@often
@given(reports())
def test_a_summary_has_30_lines_and_4_kb_at_the_most(report: Report) -> None:
    """Whatever is in the report."""
    for flavour in FLAVOURS:
        text = summary.render(report, DIGEST, flavour=flavour)
        assert text.count("\n") <= 30
        assert len(text.encode()) < 4_096
        sealed = parse(text)
        assert sealed is not None
        assert sealed.intact


@often
@given(reports())
def test_whatever_the_limit_the_text_is_within_it(report: Report) -> None:
    """Characters and bytes; decision, counts and digest are there, and what was left out is said."""
    for format_ in WHOLE.values():
        whole = format_.render(report, DIGEST)
        for limit in (limits.SERVICENOW_JOURNAL + 4_000, limits.JIRA_TEXT):
            text = format_.render(report, DIGEST, limit=limit)
            in_bytes = format_.render(report, DIGEST, limit=limit, in_bytes=True)
            assert len(text.encode("utf-16-le")) <= 2 * limit
            assert len(in_bytes.encode()) <= limit
            assert (CUT in text) is (text != whole)
            assert text.splitlines()[0] == whole.splitlines()[0]
            assert DIGEST in text
