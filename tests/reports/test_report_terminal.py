"""The report on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from readiness.plugin import Level, Outcome, Reason, Report
from reports.terminal import decision_line, render
from reports.wrapping import columns, wrap
from tests.golden_files import matches

GOLDEN = Path(__file__).parent / "golden"
SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_80_columns(report: Report) -> None:
    """The whole output, as people see it in a small window or a log."""
    text = render(report, width=80, colour=False, ascii_only=False)
    assert matches(GOLDEN / "terminal-80.txt", text)


def test_ascii(demo_report: Report) -> None:
    """The whole output where the encoding has nothing but ASCII; demo data is marked."""
    text = render(demo_report, width=80, colour=False, ascii_only=True)
    assert text.isascii()
    assert matches(GOLDEN / "terminal-ascii.txt", text)


@pytest.mark.parametrize("width", [20, 40, 71, 72, 80, 140, 400])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, ascii_only: bool, poisoned_report: Report) -> None:
    """Also with wide characters and words without a space; below 40 columns we stop to squeeze."""
    for line in render(poisoned_report, width=width, colour=False, ascii_only=ascii_only).splitlines():
        assert columns(line) <= max(width, 40)
        assert line == line.rstrip()


def test_colour_adds_nothing_but_colour(report: Report) -> None:
    """Without the escapes, it is the same text."""
    plain = render(report, width=80, colour=False, ascii_only=False)
    coloured = render(report, width=80, colour=True, ascii_only=False)
    assert "\x1b[31m× fail\x1b[0m" in coloured
    assert SGR.sub("", coloured) == plain


def test_names_cannot_steer_the_terminal(poisoned_report: Report) -> None:
    """Control characters, bidirectional marks and zero-width characters are shown as escapes."""
    text = render(poisoned_report, width=80, colour=False, ascii_only=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]", text)


def test_hostile_characters_are_shown(report: Report) -> None:
    """The reader sees that there was something, and what."""
    bad = replace(report, run=replace(report.run, tenant="invoice\u202egnp.exe\x1b[2J\nSite   P02\u200b"))
    text = render(bad, width=140, colour=False, ascii_only=False)
    assert r"Tenant   invoice\u202egnp.exe\x1b[2J\nSite P02\u200b" in text


def test_passes_take_one_line(report: Report) -> None:
    """Nothing stands under a check that passed."""
    passes = tuple(one for one in report.checks if one.outcome == "pass")
    lines = render(replace(report, checks=passes), width=140, colour=False, ascii_only=False).splitlines()
    assert sum(line.startswith("  √ pass") for line in lines) == len(passes)
    assert not any("The summary of" in line for line in lines)


def test_a_finding_is_told_in_words_and_what_was_read_only_where_the_subjects_have_the_words(report: Report) -> None:
    text = render(report, width=140, colour=False, ascii_only=False)
    assert "The summary of site-version-minimum" in text
    assert "ServicePartners 0 at P0100022" in text
    assert "The summary of collections-enabled" not in text


def test_what_to_do_first_is_told_once_with_who_does_it(report: Report) -> None:
    """Many checks may ask for the same step: afterwards they name the place."""
    text = " ".join(render(report, width=140, colour=False, ascii_only=False).split())
    steps = {one.remediation.steps[0].text for one in report.checks if one.remediation.steps}
    assert len(steps) == 1
    assert text.count(f"(Entra administrator): {steps.pop()}") == 1
    assert "(Configuration Manager administrator): as at defender-heartbeat" in text


def test_the_end_of_the_output_says_the_decision_why_and_who_does_what_next(report: Report) -> None:
    """A terminal shows the end: nobody scrolls back for what counts."""
    text = render(report, width=80, colour=False, ascii_only=False)
    end = text.splitlines()[text.splitlines().index("Decision") :]
    assert len(end) < 50
    said = " ".join(" ".join(end).split())
    assert report.decision.sentence in said
    against = [
        one for one in report.checks if one.outcome is Outcome.FAIL and one.level == "blocker" and not one.waiver
    ]
    assert against
    for one in against:
        assert f"× fail: {one.title} ({one.id})" in said
    certain = [step for step in report.plan if step.condition is None]
    assert all(f"by the {step.owner}" in said for step in certain if step.level == "blocker")
    assert said.index("Decision") < said.index("Next steps")


def test_a_step_that_the_end_tells_in_full_is_told_briefly_at_its_check(report: Report) -> None:
    """And one that stands in nobody's way with its place, because the end names its check only."""
    failed = next(one for one in report.checks if one.outcome is Outcome.FAIL and not one.waiver)
    text = "Tick the box of the collection " * 5
    step = replace(failed.remediation.steps[0], text=text, where="the console")
    check = replace(failed, remediation=replace(failed.remediation, steps=(step,)))
    for level, said in (("blocker", "…"), ("advisory", "(the console)")):
        planned = replace(
            report.plan[0], step=text, unblocks=(failed.id,), level=Level(level), condition=None, owner=check.owner
        )
        shown = render(
            replace(report, checks=(check,), plan=(planned,)), width=400, colour=False, ascii_only=False
        ).splitlines()
        (first,) = [line for line in shown if line.strip().startswith(f"step 1 ({check.owner}): Tick the box")]
        assert first.endswith(said)
        named = f"  1.      {failed.id}: {check.owner}" in shown
        assert named is (level == "advisory")


def test_what_a_blocked_check_waits_for_stands_beside_its_title(report: Report) -> None:
    blocked = next(one for one in report.checks if one.outcome is Outcome.BLOCKED)
    lines = render(replace(report, checks=(blocked,)), width=400, colour=False, ascii_only=False).splitlines()
    (line,) = [line for line in lines if blocked.title in line]
    assert f"(waits for {', '.join(blocked.blocked_by)})" in line
    assert lines[lines.index(line) + 1] == ""


def test_quiet_is_one_line(report: Report, demo_report: Report, poisoned_report: Report) -> None:
    """The decision's sentence, marked where it is about the simulated estate."""
    assert decision_line(report) == report.decision.sentence
    assert decision_line(demo_report) == f"DEMO DATA: {report.decision.sentence}"
    assert len(decision_line(poisoned_report).splitlines()) == 1


def test_wrapping_counts_columns() -> None:
    """Wide characters take two columns, combining ones none; long words are cut."""
    assert columns("東京") == 4
    assert columns("e\u0301") == 1
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert wrap("東京東京", 5) == ["東京", "東京"]
    assert wrap("", 5) == [""]
    assert columns("\u1112\u1161\u11ab") == 2  # one Hangul syllable, written by its letters
    assert wrap("\u6771", 1) == ["\u6771"]


def test_long_words_are_cut_where_their_parts_join() -> None:
    """A path stays readable; what follows the first line hangs."""
    assert wrap("docs/device/endpoint.md", 16) == ["docs/device/", "endpoint.md"]
    assert wrap("a-bcdefghijkl", 8) == ["a-bcdefg", "hijkl"]  # not behind a joint that leaves the line half empty
    assert wrap("one two three", 5, hang=2) == ["one", "two", "thr", "ee"]


def test_why_a_half_could_not_be_read_is_told_once(report: Report) -> None:
    """One refused sign-in stops many checks: its long sentence is told in full where it comes first only."""
    why = (
        "cm01 refused the sign-in of CONTOSO\\svc with negotiate: "
        + "user name or password is wrong, " * 4
        + "or locked"
    )
    first, second = report.checks[:2]
    unread = tuple(
        replace(one, outcome=Outcome.UNKNOWN, blocked_by=(), subjects=(), summary=f"Could not be verified: {why}")
        for one in (first, second)
    )
    readings = (replace(report.readings[0], reason=Reason.SIGN_IN_FAILED, error=why),)
    told = replace(report, checks=unread, readings=readings, collections=())
    text = " ".join(render(told, width=140, colour=False, ascii_only=False).split())
    assert text.count("refused the sign-in") == 1
    assert f"Could not be verified: the same as at {first.id}" in text
