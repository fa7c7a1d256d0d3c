"""What changed since an earlier report, as people see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from readiness.assessment.comparing import compare
from readiness.model.changes import Changed, Direction
from readiness.model.report import TargetDecision
from readiness.plugin import DecisionState, Report
from reports import html, markdown, terminal
from tests.reports.conftest import DIGEST, HOSTILE_NAMES, rich


def with_targets(*names: str) -> Report:
    targets = [TargetDecision(f"P01{n:05X}", name, DecisionState.READY, 1, 1, ()) for n, name in enumerate(names)]
    return replace(rich(), collections=tuple(targets))


def compared(before: Report, after: Report) -> Report:
    return replace(after, comparison=compare(before, after))


def test_nothing_changed_is_one_line_in_every_format() -> None:
    report = compared(rich(), rich())
    line = "nothing changed since approval"
    assert f"  {line}\n" in terminal.render(report, width=80, colour=False, ascii_only=True)
    assert f"**{line}**" in markdown.render(report, DIGEST)
    assert f"<strong>{line}</strong>" in html.render(report, DIGEST)


def test_without_an_earlier_report_nothing_is_said_of_one() -> None:
    report = rich()
    pages = (terminal.render(report, width=80, colour=False, ascii_only=True), markdown.render(report, DIGEST))
    assert not any("approv" in page.replace("approved by", "").replace("Approver", "") for page in pages)
    assert "_changes" not in html.render(report, DIGEST)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_of_others_stay_text(name: str) -> None:
    report = compared(with_targets("before"), with_targets("before", name))
    assert [(one.what, one.name, one.before) for one in report.comparison.changes] == [  # type: ignore[union-attr]
        (Changed.COLLECTION, name, None)
    ]
    page = html.render(report, DIGEST)
    section = page[page.index('<section id="_changes"') : page.index('<section id="_plan"')]
    plain = compared(with_targets("before"), with_targets("before", "plain"))
    same = html.render(plain, DIGEST)
    assert section.count("<") == same[same.index('<section id="_changes"') : same.index('<section id="_plan"')].count(
        "<"
    )
    shown = terminal.render(report, width=80, colour=False, ascii_only=True)
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    rows = [row for row in markdown.render(report, DIGEST).splitlines() if row.startswith("| other |")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 5


def test_a_long_list_is_cut_with_a_notice() -> None:
    many = [f"collection {number}" for number in range(300)]
    report = compared(with_targets(), with_targets(*many))
    assert len(report.comparison.changes) == 300  # type: ignore[union-attr]
    assert "270 more not shown here" in terminal.render(report, width=80, colour=False, ascii_only=True)
    assert "100 more not shown here" in html.render(report, DIGEST)
    assert "100 more not shown here" in markdown.render(report, DIGEST)


@pytest.mark.parametrize(
    ("before", "after", "lasts"),
    [
        ("the last one 2026-11-23 06:00 UTC", "the last one 2026-11-23 07:00 UTC", True),
        ("ends 2026-12-13", "ends 2027-12-13", False),
        ("3 hours old", "9 hours old", True),
        ("build 9128", "build 9132", False),
        ("212 devices", "214 devices", False),
        ("20 days left", "19 days left", True),
    ],
)
def test_only_what_moves_by_itself_with_time_is_no_change(before: str, after: str, lasts: bool) -> None:
    reports = [
        replace(rich(), checks=(replace(rich().checks[0], observed=text), *rich().checks[1:]))
        for text in (before, after)
    ]
    found = compare(*reports)
    assert [(one.what, one.direction) for one in found.changes] == (
        [] if lasts else [(Changed.OBSERVED, Direction.OTHER)]
    )
