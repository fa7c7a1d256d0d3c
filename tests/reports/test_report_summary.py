"""The report in brief, and every flavour within the limits of what it is written for."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from readiness.plugin import Report
from reports import jira, limits, markdown, plain, summary
from reports.flavours import FLAVOURS
from reports.seal import parse
from tests.random_reports import reports

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(max_examples=15 * TIMES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
GOLDEN = Path(__file__).parent / "golden"
DIGEST = "0123456789abcdef" * 4
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
