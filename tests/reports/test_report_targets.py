"""The decision per collection in every format: state, devices, eligible, reasons; fifty of them, with any name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from readiness.plugin import DecisionState, Report, TargetDecision
from reports import html, markdown, terminal
from reports import json as json_format
from reports.text import visible
from tests.reports.conftest import DIGEST, HOSTILE_NAMES

STATES = (DecisionState.READY, DecisionState.NOT_READY, DecisionState.UNDETERMINED)
LONG = "collections-enabled: " + "what can be read speaks against each other " * 4


def target(number: int, name: str, reasons: tuple[str, ...] = ()) -> TargetDecision:
    state = STATES[number % 3] if not reasons else DecisionState.NOT_READY
    return TargetDecision(f"P01{number:05}", name, state, 1_000 + number, 2_000 + number, reasons)


@pytest.fixture
def fifty(report: Report) -> Report:
    names = [HOSTILE_NAMES[n] if n < len(HOSTILE_NAMES) else f"Ring {n}" for n in range(50)]
    return replace(report, collections=tuple(target(n, name, (LONG,) * (n % 3)) for n, name in enumerate(names)))


def formats(report: Report) -> dict[str, str]:
    return {
        "html": html.render(report, DIGEST),
        "markdown": markdown.render(report, DIGEST),
        "terminal": terminal.render(report, width=100, colour=False, ascii_only=False),
    }


@pytest.mark.parametrize("format_", ["html", "markdown", "terminal"])
def test_every_target_shows_its_state_devices_eligible_and_reasons(report: Report, format_: str) -> None:
    one = replace(report, collections=(target(1, "Ring 1", ("first: because", "second: and because")),))
    said = re.sub(r"<[^>]+>", "", formats(one)[format_]).replace(",", "")
    for words in ("Ring 1 (P0100001)", "not-ready", "1001", "2001", "first: because", "second: and because"):
        assert words in said, words


@pytest.mark.parametrize("format_", ["html", "markdown", "terminal"])
def test_fifty_targets_are_all_there_whatever_they_are_called(fifty: Report, format_: str) -> None:
    said = formats(fifty)[format_]
    ids = re.findall(r"P01000\d\d", said)
    assert len(set(ids)) == 50
    assert said == visible(said.replace("\n", "§")).replace("§", "\n")


def test_the_json_has_them_whole(fifty: Report) -> None:
    rows = json.loads(json_format.render(fifty, DIGEST))["collections"]
    assert [row["id"] for row in rows] == [one.id for one in fifty.collections]
    assert rows[5] == {
        "id": "P0100005",
        "name": HOSTILE_NAMES[5],
        "state": "not-ready",
        "devices": 1005,
        "eligible": 2005,
        "reasons": [LONG, LONG],
    }


@pytest.mark.parametrize(("format_", "shown"), [("html", 8), ("markdown", 8), ("terminal", 5)])
def test_many_reasons_are_capped_with_a_count(report: Report, format_: str, shown: int) -> None:
    reasons = tuple(f"check-{n}: reason number {n};" for n in range(30))
    said = formats(replace(report, collections=(target(1, "Ring", reasons),)))[format_]
    assert len(set(re.findall(r"reason number \d+;", said))) == shown
    assert f"{30 - shown} more not shown here; the JSON report lists all 30" in re.sub(r"\s+", " ", said)


def test_each_target_of_the_html_is_a_group_that_its_name_heads(fifty: Report) -> None:
    """A row of numbers and, where something stands in the way, a row of reasons below: also narrow and printed."""
    said = formats(fifty)["html"]
    tables = "".join(re.findall(r'<table class="targets">.*?</table>', said, re.DOTALL))
    groups = dict(re.findall(r'<tbody id="_target-(\d+)">(.*?)</tbody>', tables, re.DOTALL))
    assert sorted(map(int, groups)) == list(range(1, 51))
    assert {group.count('scope="rowgroup"') for group in groups.values()} == {1}
    assert all(group.count("<li>") == (int(number) - 1) % 3 for number, group in groups.items())
    assert all(("reasons" in group) is ((int(number) - 1) % 3 > 0) for number, group in groups.items())
    assert HOSTILE_NAMES[0] in unescape(groups["1"])
    assert "<script>" not in tables


def test_what_is_not_known_says_so(report: Report) -> None:
    unknown = TargetDecision(None, "Nobody knows", DecisionState.UNDETERMINED, None, None, ("it is not settled",))
    for said in formats(replace(report, collections=(unknown,))).values():
        assert "not known" in said
        assert "it is not settled" in said
