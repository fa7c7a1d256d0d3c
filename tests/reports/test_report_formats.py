"""What all formats have in common."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from readiness.lab import scenario_names
from readiness.plugin import Level, Outcome, Report
from reports import FORMATS, Format, format_named, jira, jira_text
from reports.terminal import render as render_terminal
from tests.redaction.conftest import case

HEAVY = ("jinja2", "markupsafe", "tabulate", "reports.html", "reports.markdown")


def test_the_registry_is_light() -> None:
    """`readiness --help` names the formats without importing what renders them."""
    program = f"import sys, reports; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_formats_are_found_by_name() -> None:
    """The names of the contract, and no others."""
    assert [known.name for known in FORMATS[:3]] == ["html", "markdown", "json"]
    assert [known.extension for known in FORMATS[:3]] == ["html", "md", "json"]
    others = {known.name: known.extension for known in FORMATS[3:]}
    assert others == {
        "summary": "summary.md",
        "jira": "jira.txt",
        "jira-summary": "summary.jira.txt",
        "plain": "txt",
        "plain-summary": "summary.txt",
        "junit": "junit.xml",
        "prometheus": "prom",
        "csv": "csv",
        "jsonl": "jsonl",
    }
    assert len({known.extension for known in FORMATS}) == len(FORMATS)
    assert format_named("markdown") is FORMATS[1]
    assert format_named("pdf") is None


def test_json_is_written_by_the_engine(monkeypatch: pytest.MonkeyPatch, report: Report, digest: str) -> None:
    """The format hands the report over, and adds nothing."""
    import reports.json as json_format

    monkeypatch.setattr(json_format, "report_json", lambda given: json.dumps({"id": given.run.id}))
    assert json_format.render(report, digest) == f'{{"id": "{report.run.id}"}}'


@pytest.mark.parametrize("known", [*FORMATS[:2], *FORMATS[3:]], ids=lambda known: known.name)
def test_same_report_same_bytes(known: Format, report: Report, digest: str) -> None:
    """No clock, no random number, no order of a set; in another process and with other hash seeds too."""
    program = (
        "import sys, importlib.util as u; s = u.spec_from_file_location('c', sys.argv[1]);"
        "c = u.module_from_spec(s); sys.modules['c'] = c; s.loader.exec_module(c);"
        "from reports import format_named;"
        "sys.stdout.buffer.write(format_named(sys.argv[2]).render(c.rich(), c.DIGEST).encode())"
    )
    here = __file__.replace("test_report_formats", "conftest")
    text = known.render(report, digest)
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, here, known.name],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.decode() == text


def test_counts_are_equal_in_all_formats(report: Report, digest: str) -> None:
    """Every outcome with its number, waived and attested too, also where it is nothing."""
    expected = dict(report.decision.counts)
    markdown = FORMATS[1].render(report, digest)
    found = dict(re.findall(r"^\| (?:\S )?([a-z-]+) \| (\d+) \|$", markdown, re.MULTILINE))
    assert {word: int(number) for word, number in found.items()} == expected
    html = FORMATS[0].render(report, digest)
    cells = re.findall(r"<dt>(?:<span aria-hidden=\"true\">.</span> )?([a-z-]+)</dt><dd>(\d+)</dd>", html)
    assert {word: int(number) for word, number in cells} == expected
    terminal = " ".join(render_terminal(report, width=200, colour=False, ascii_only=False).split())
    for word, number in expected.items():
        assert (f"{number} {word}" in terminal) is bool(number)


@pytest.mark.parametrize("outcome", Outcome)
def test_outcomes_stay_visible_under_overlays(outcome: Outcome, report: Report, digest: str) -> None:
    """A waiver or an attestation is added to an outcome; it never replaces it."""
    waived = next(one for one in report.checks if one.waiver)
    only = replace(report, checks=(replace(waived, outcome=outcome),))
    for text in (FORMATS[0].render(only, digest), FORMATS[1].render(only, digest)):
        assert outcome in text
        assert "waived until the end of 2026-12-31 UTC" in text


def test_phases_without_checks_are_named(report: Report, digest: str) -> None:
    """A phase that this version does not judge is not passed over in silence."""
    selected = replace(report, decision=replace(report.decision, deselected=("edr-policy-intune",)))
    for known in FORMATS[:2]:
        assert "not judged by this version" in known.render(report, digest)
        assert "not judged in this run" in known.render(selected, digest)
        assert "edr-policy-intune" in known.render(selected, digest)
    assert "not judged by this version" in render_terminal(report, width=80, colour=False, ascii_only=False)


@pytest.mark.parametrize(
    ("outcome", "level", "said"),
    [
        (Outcome.FAIL, Level.ADVISORY, True),
        (Outcome.UNKNOWN, Level.ADVISORY, True),
        (Outcome.FAIL, Level.BLOCKER, False),
        (Outcome.PASS, Level.ADVISORY, False),
    ],
)
def test_the_way_says_where_it_is_only_an_advisory(
    outcome: Outcome, level: Level, said: bool, report: Report, digest: str
) -> None:
    """A red phase that stops nobody is not to look like one that does."""
    only = replace(report, checks=(replace(report.checks[0], outcome=outcome, level=level),))
    html = FORMATS[0].render(only, digest)
    way = html[html.index('id="_way"') : html.index('id="_collections"')]
    assert ("(advisory)" in way) is said
    markdown = FORMATS[1].render(only, digest)
    assert (f"{outcome} (advisory)" in markdown.split("## The way")[1].split("## Collections")[0]) is said


def test_a_step_without_a_place_sends_nobody_to_one(report: Report, digest: str) -> None:
    nowhere = replace(report, plan=(replace(report.plan[0], where=None),))
    html = FORMATS[0].render(nowhere, digest)
    assert "<dt>Where</dt>" not in html[html.index('id="_plan"') : html.index('id="_way"')]


def test_demo_data_is_marked_in_all_formats(demo_report: Report, report: Report, digest: str) -> None:
    """Nobody files a report of the simulated estate by accident; nor is a real one called simulated."""
    for text, marked in ((demo_report, True), (report, False)):
        assert ("DEMO DATA" in FORMATS[0].render(text, digest)) is marked
        assert ("DEMO DATA" in FORMATS[1].render(text, digest)) is marked
        assert ("DEMO DATA" in render_terminal(text, width=80, colour=False, ascii_only=False)) is marked


def test_in_jira_a_colon_is_shown_as_an_escape_only_where_it_begins_an_address(
    demo_report: Report, digest: str
) -> None:
    assert "DEMO DATA: this report" in jira.render(demo_report, digest)
    for word in ("data", "file", "mailto"):
        assert jira_text.inline(f"{word}: all of it") == f"{word}: all of it"
        assert jira_text.inline(f"{word}:x") == f"{word}\\x3ax"


def test_long_lists_are_cut_with_a_visible_count(report: Report, digest: str) -> None:
    """10,000 subjects, collections and readings stay a page that one can open, and nobody thinks that was all.

    On the page, subjects of which a check says the same are one row; those that differ are cut with a notice."""
    enabled = next(one for one in report.checks if one.subjects)
    many = replace(
        report,
        collections=tuple(replace(report.collections[0], id=f"P{i:07}") for i in range(10_000)),
        checks=(replace(enabled, subjects=enabled.subjects[1:2] * 10_000),),
        readings=report.readings[:1] * 10_000,
    )
    html, markdown = (known.render(many, digest) for known in FORMATS[:2])
    assert len(html) < 300_000
    assert " and 9,990 more " in html
    assert "9,940 more not shown here; the JSON report lists all 10,000" in html
    assert "9,950 more not shown here; the JSON report lists all 10,000" in markdown
    assert html.count("9,800 more not shown here") == markdown.count("9,800 more not shown here") == 2
    apart = tuple(replace(enabled.subjects[1], summary=f"refused by {number}") for number in range(10_000))
    page = FORMATS[0].render(replace(many, checks=(replace(enabled, subjects=apart),)), digest)
    assert len(page) < 300_000
    assert "9,900 more not shown here; the JSON report lists all 10,000" in page
    assert "9,990 more not shown here" in " ".join(
        render_terminal(many, width=80, colour=False, ascii_only=False).split()
    )


def test_a_typical_report_is_small(report: Report, digest: str) -> None:
    """33 checks, each with the targets of a pilot, stay under 200 KB."""
    enabled = next(one for one in report.checks if one.subjects)
    typical = tuple(
        replace(one, id=f"{one.id}-{turn}", subjects=enabled.subjects) for turn in range(3) for one in report.checks
    )
    assert len(FORMATS[0].render(replace(report, checks=typical[:33]), digest).encode()) < 200_000


@pytest.mark.parametrize("name", scenario_names())
def test_the_report_of_every_simulated_estate_is_small(name: str, digest: str) -> None:
    """As an attachment of a ticket, all of it."""
    assert len(FORMATS[0].render(case(name).report, digest).encode()) < 200_000
