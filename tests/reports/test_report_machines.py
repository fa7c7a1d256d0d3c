"""Formats for programs: JUnit, Prometheus, CSV and JSON lines, read as their readers read them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import xmlschema
from defusedxml import ElementTree
from hypothesis import HealthCheck, Phase, given, settings
from prometheus_client.parser import text_string_to_metric_families

from readiness import documents
from readiness.plugin import CheckResult, DecisionState, Outcome, Report
from reports import csv as csv_format
from reports import jsonl, junit, prometheus
from reports.rows import MEANINGS, Row, Standing, rows
from reports.spreadsheet import FORMULA
from tests import needed
from tests.golden_files import matches
from tests.random_reports import reports

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
often = settings(
    max_examples=15 * TIMES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a whole report takes minutes
    suppress_health_check=list(HealthCheck),
)
GOLDEN = Path(__file__).with_name("golden")
SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "data" / "junit" / "junit-10.xsd")
DIGEST = "0123456789abcdef" * 4
FILES = {"junit": "machine.junit.xml", "prometheus": "machine.prom", "csv": "machine.csv", "jsonl": "machine.jsonl"}
RENDER: dict[str, Callable[[Report, str], str]] = {
    "junit": junit.render,
    "prometheus": prometheus.render,
    "csv": csv_format.render,
    "jsonl": jsonl.render,
}
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def suites(report: Report) -> list[Element]:
    """The suite of the checks and that of their subjects, in a document that the schema allows."""
    text = junit.render(report, DIGEST)
    SCHEMA.validate(text)
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    return list(root)


def series(report: Report) -> Series:
    """Every series by name and labels: a parser of Prometheus' own takes them, each once, with TYPE and HELP."""
    found: Series = {}
    for family in text_string_to_metric_families(prometheus.render(report, DIGEST)):
        assert (family.type, family.documentation) == ("gauge", prometheus.ABOUT[family.name])
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def values(found: Series, name: str) -> list[tuple[dict[str, str], float]]:
    """The series of one metric: labels besides those of the estate, and the value."""
    return [
        ({key: word for key, word in labels if key not in ("tenant", "site")}, value)
        for (metric, labels), value in found.items()
        if metric == name
    ]


def table(report: Report) -> list[dict[str, str]]:
    head, *body = csv.reader(io.StringIO(csv_format.render(report, DIGEST), newline=""), strict=True)
    assert head == list(MEANINGS)
    return [dict(zip(head, row, strict=True)) for row in body]


def lines(report: Report) -> list[dict[str, object]]:
    return [documents.parse(line.encode()) for line in jsonl.render(report, DIGEST).splitlines()]


@pytest.mark.parametrize("name", RENDER)
def test_the_whole_file_is_as_it_was(name: str, report: Report) -> None:
    text = RENDER[name](report, DIGEST).replace("\r\n", "\n")
    assert matches(GOLDEN / FILES[name], text)


@often
@given(reports())
def test_counts_outcomes_and_decision_are_those_of_the_json_report(report: Report) -> None:
    """Whatever is in it, in every format, as far as its reader sees."""
    counts = {outcome.value: report.decision.counts[outcome.value] for outcome in Outcome}
    outcomes = {check.id: check.outcome.value for check in report.checks}
    subjects = sum(len(check.subjects) for check in report.checks)
    run, *rest = lines(report)
    assert {key: run[f"checks_{key.replace('-', '_')}"] for key in counts} == counts
    assert [run["checks_waived"], run["checks_attested"]] == [
        report.decision.counts[it] for it in ("waived", "attested")
    ]
    for found in (table(report), rest):
        assert {one["check"]: one["outcome"] for one in found if one["record"] == "check"} == outcomes
        assert len(found) == len(outcomes) + subjects
        assert {one["decision"] for one in found} <= {report.decision.state.value}
    metrics = series(report)
    assert {one["outcome"]: value for one, value in values(metrics, "readiness_checks")} == counts
    told = values(metrics, "readiness_check_outcome")
    assert {one["check"]: one["outcome"] for one, value in told if value} == outcomes
    assert len(told) == len(outcomes) * len(Outcome)
    assert sum(value for _, value in values(metrics, "readiness_check_subjects")) == subjects


@often
@given(reports())
def test_junit_is_valid_and_counts_every_check_and_subject_once(report: Report) -> None:
    """The first suite's failures, errors and skipped are the report's outcomes less what is waived or attested."""
    found = [[row for row in rows(report) if (row.subject is None) is first] for first in (True, False)]
    for suite, expected in zip(suites(report), found, strict=True):
        standing = Counter(row.standing for row in expected)
        assert [int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")] == [
            len(expected), standing[Standing.FAILED], standing[Standing.UNVERIFIED], standing[Standing.SKIPPED],
        ]  # fmt: skip
        for tag in ("failure", "error", "skipped"):
            stated = int(suite.attrib[{"failure": "failures", "error": "errors"}.get(tag, tag)])
            assert len(suite.findall(f"testcase/{tag}")) == stated
        assert len(suite.findall("testcase")) == len(expected)


@pytest.mark.parametrize(
    ("outcome", "bare", "waived", "attested"),
    [
        (Outcome.PASS, None, None, None),
        (Outcome.FAIL, "failure", "skipped", "failure"),
        (Outcome.UNKNOWN, "error", "error", None),
        (Outcome.MANUAL, "error", "error", None),
        (Outcome.BLOCKED, "error", "error", "error"),
        (Outcome.NOT_APPLICABLE, "skipped", "skipped", "skipped"),
        (Outcome.ERROR, "error", "error", "error"),
    ],
)
def test_a_case_of_junit_fails_unless_it_is_known_to_be_good(
    outcome: Outcome, bare: str | None, waived: str | None, attested: str | None, report: Report
) -> None:
    """A waiver answers a failure and nothing else; an attestation what is unknown or manual and nothing else."""
    waiver = next(check.waiver for check in report.checks if check.waiver)
    attestation = next(one.attestation for check in report.checks for one in check.subjects if one.attestation)
    plain = replace(report.checks[0], outcome=outcome, waiver=None, attestation=None, subjects=())
    for check, tag in (
        (plain, bare),
        (replace(plain, waiver=waiver), waived),
        (replace(plain, attestation=attestation), attested),
    ):
        (case,) = suites(replace(report, checks=(check,)))[0].findall("testcase")
        assert [one.tag for one in case if one.tag != "system-out"] == ([tag] if tag else [])


def test_a_case_says_what_is_behind_it(report: Report) -> None:
    """Enough to act upon in a build server that shows nothing else."""
    checks, subjects = suites(report)
    known = {check.id: check for check in report.checks}
    blocked = next(check for check in report.checks if check.outcome is Outcome.BLOCKED)
    case = next(one for one in checks.findall("testcase") if one.attrib["classname"].endswith(f".{blocked.id}"))
    error = case.find("error")
    assert error is not None
    assert f"blocked by: {', '.join(blocked.blocked_by)}" in (error.text or "")
    assert error.attrib == {"type": f"blocked.{blocked.level}", "message": blocked.summary}
    for case in subjects.findall("testcase"):
        assert case.attrib["classname"].split(".")[2] in known
    told = {one.attrib["name"]: one.attrib["value"] for one in checks.findall("properties/property")}
    assert (told["run"], told["report_sha256"], told["decision"]) == (report.run.id, DIGEST, report.decision.state)


@often
@given(reports())
def test_what_others_named_stays_text(report: Report) -> None:
    """No name adds an element, a line, a series or a formula."""
    known = {"properties", "property", "testcase", "failure", "error", "skipped", "system-out"}
    assert {one.tag for suite in suites(report) for one in suite.iter()} <= known | {"testsuite"}
    assert all(not cell.lstrip().startswith(FORMULA) for row in table(report) for cell in row.values())
    for line in prometheus.render(report, DIGEST).split("\n")[:-1]:
        assert line.startswith(("# HELP readiness_", "# TYPE readiness_", "# DEMO DATA", "readiness_"))
        assert not set(line) & {"\r", "\x1b", "\u2028", "\u202e"}
    for one in lines(report):
        assert all(value is None or isinstance(value, (str, int, float)) for value in one.values())


def test_hostile_names_are_shown_and_no_format_breaks(poisoned_report: Report, hostile: str) -> None:
    """XML 1.0 holds no control character, a label no line end, a line of JSON no separator of lines."""
    assert [len(suite.findall("testcase")) for suite in suites(poisoned_report)] == [len(poisoned_report.checks)] * 2
    assert len(values(series(poisoned_report), "readiness_checks")) == len(Outcome)
    assert all(row["subject"].lstrip("'")[:1] for row in table(poisoned_report) if row["record"] == "subject")
    assert {one["subject"] for one in lines(poisoned_report) if one["record"] == "subject"} == {hostile}


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x1f", "\ufffe", "\uffff", "\ud800", "\x85", "\u2028", "]]>", "\n"])
def test_signs_that_a_format_cannot_hold_are_written_as_escapes(sign: str, report: Report) -> None:
    bad = replace(report, run=replace(report.run, tenant=f"a{sign}b", site=f"a{sign}b", host=f"a{sign}b"))
    shown = suites(bad)[0].attrib["hostname"]
    assert shown == "a]]>b" if sign == "]]>" else re.fullmatch(r"a\\(n|x..|u....)b", shown)
    (label,) = {dict(labels)["tenant"] for _, labels in series(bad)}
    assert label in (shown, f"a{sign}b")
    assert lines(bad)[0]["tenant"] == ("a\ufffdb" if sign == "\ud800" else f"a{sign}b")


@pytest.mark.parametrize("name", RENDER)
def test_demo_data_is_marked(name: str, report: Report, demo_report: Report) -> None:
    marks = {"junit": "DEMO DATA", "prometheus": "# DEMO DATA", "csv": ",yes,no,Contoso", "jsonl": '"demo":true'}
    assert marks[name] in RENDER[name](demo_report, DIGEST)
    assert marks[name] not in RENDER[name](report, DIGEST)
    assert [value for _, value in values(series(demo_report), "readiness_demo_data")] == [1]


@pytest.mark.parametrize("state", DecisionState)
def test_last_success_is_told_only_by_a_run_that_was_one(state: DecisionState, report: Report) -> None:
    """Of the runs before, the report knows nothing: after a bad night it is not there, unless somebody tells."""
    found = series(replace(report, decision=replace(report.decision, state=state)))
    good = state in (DecisionState.READY, DecisionState.SELECTION_PASSED)
    told = [value for _, value in values(found, "readiness_last_success_timestamp_seconds")]
    assert told == [report.run.finished.timestamp()] * good
    before = report.run.finished - timedelta(days=3)
    text = prometheus.render(replace(report, decision=replace(report.decision, state=state)), DIGEST, before)
    last = report.run.finished if good else before
    assert "\nreadiness_last_success_timestamp_seconds{" in text
    assert f" {int(last.timestamp())}\n" in text.partition("TYPE readiness_last_success")[2]
    ((_, latest),) = values(found, "readiness_last_run_timestamp_seconds")
    assert latest == report.run.finished.timestamp()
    assert [one["state"] for one, value in values(found, "readiness_decision") if value] in ([state], [])


def test_times_are_in_seconds(report: Report) -> None:
    found = series(report)

    def one(name: str) -> float:
        ((_, value),) = values(found, f"readiness_{name}_seconds")
        return value

    assert one("run_duration") == 12.345
    assert one("rules_age") == 201 * 86_400
    assert report.decision.valid_until is not None
    assert one("valid_until_timestamp") == report.decision.valid_until.timestamp()
    without = series(replace(report, decision=replace(report.decision, valid_until=None)))
    assert values(without, "readiness_valid_until_timestamp_seconds") == []


def test_ten_thousand_subjects_are_no_more_series(report: Report) -> None:
    """Names of collections are in no label: a monitoring system suffers from many series."""
    check = next(one for one in report.checks if one.subjects)
    many: CheckResult = replace(check, subjects=check.subjects[:1] * 10_000)
    assert len(series(replace(report, checks=(many,)))) == len(series(replace(report, checks=(check,))))
    assert len(list(rows(replace(report, checks=(many,))))) == 10_001
    assert Row(many).of is many


@pytest.mark.real
def test_promtool_has_nothing_to_say(report: Report, demo_report: Report) -> None:
    """`promtool check metrics` parses, and tells of every name that breaks a convention."""
    promtool = needed.which("promtool", package="prometheus")
    hostile = replace(report, run=replace(report.run, tenant='a"b\\\nc', site="東京 \x1b[31m"))
    for one in (report, demo_report, hostile):
        done = subprocess.run(
            [promtool, "check", "metrics"],
            input=prometheus.render(one, DIGEST),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_log_line_is_one_line_of_json_whoever_splits_it(report: Report) -> None:
    text = jsonl.render(replace(report, run=replace(report.run, tenant="a\u2028b\x85c")), DIGEST)
    assert text.endswith("}\n")
    assert len(text.splitlines()) == text.count("\n")
    assert json.loads(text.splitlines()[0])["tenant"] == "a\u2028b\x85c"
