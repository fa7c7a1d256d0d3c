"""attach-sync-working: critical, warning, green, and what is not there."""

from __future__ import annotations

import pytest

from checks.attach.attach_sync_working import CHECK, judge
from readiness.plugin import (
    Component,
    ComponentStatus,
    ComponentStatuses,
    Level,
    Outcome,
    Reading,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.attach_facts import analyst, full_administrator
from tests.checks.builders import unread

OK, WARNING, CRITICAL = ComponentStatus.OK, ComponentStatus.WARNING, ComponentStatus.CRITICAL
CONNECTOR, REST = "SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER"


def row(name: str, status: int) -> Component:
    return Component(name, "P01", "cm01.contoso.com", ComponentStatus(status), "0001128000100008")


def judged(*rows: Component, seen: Reading[SiteAccess] | None = None) -> Verdict:
    return judge(ComponentStatuses(rows), seen or analyst())


def test_green_is_for_a_person_to_look_at_advisory_level() -> None:
    verdict = judged(row(CONNECTOR, OK), row(REST, OK))
    assert (verdict.outcome, verdict.level) == (Outcome.MANUAL, Level.ADVISORY)
    assert verdict.remediation is not None
    assert "Connectors and tokens" in str(verdict.remediation.steps[0].where)
    assert "Batching" in verdict.remediation.steps[1].text
    assert "CMGatewaySyncUploadWorker.log" in str(verdict.remediation.steps[1].where)
    assert "[[attestation]]" in verdict.remediation.steps[2].text


@pytest.mark.parametrize("statuses", [(CRITICAL, OK), (OK, CRITICAL), (CRITICAL, WARNING), (77, CRITICAL)])
def test_critical_fails_whatever_the_other_one_says(statuses: tuple[int, int]) -> None:
    verdict = judged(row(CONNECTOR, statuses[0]), row(REST, statuses[1]))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert "Critical" in verdict.summary
    assert CHECK.level is Level.BLOCKER


def test_critical_fails_though_the_other_one_is_not_there() -> None:
    assert judged(row(CONNECTOR, CRITICAL)).outcome is Outcome.FAIL


@pytest.mark.parametrize("statuses", [(WARNING, OK), (OK, WARNING), (WARNING, WARNING)])
def test_a_warning_fails_at_advisory_level(statuses: tuple[int, int]) -> None:
    verdict = judged(row(CONNECTOR, statuses[0]), row(REST, statuses[1]))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)
    assert verdict.summary.startswith("Warning: SMS_")


@pytest.mark.parametrize("number", [-1, 3, 4, 77])
def test_a_number_that_no_table_knows_is_shown_raw_and_unknown(number: int) -> None:
    verdict = judged(row(CONNECTOR, number), row(REST, WARNING))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert str(number) in verdict.summary


def test_a_component_that_is_not_there_while_the_other_is_visible_fails() -> None:
    for name, other in ((CONNECTOR, REST), (REST, CONNECTOR)):
        verdict = judged(row(name, OK))
        assert verdict.outcome is Outcome.FAIL
        assert other in verdict.summary


def test_no_component_at_all_fails_only_where_nothing_is_hidden() -> None:
    assert judged(seen=full_administrator()).outcome is Outcome.FAIL
    for seen in (analyst(), unread(SiteAccess)):
        verdict = judged(seen=seen)
        assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
        assert verdict.remediation is not None
        assert "Full Administrator" in verdict.remediation.role


def test_other_components_say_nothing_of_these() -> None:
    verdict = judged(row("SMS_DMP_DOWNLOADER", OK))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert judged(row("SMS_DMP_DOWNLOADER", CRITICAL), row(CONNECTOR, OK), row(REST, OK)).outcome is Outcome.MANUAL


def test_the_worst_of_several_rows_of_a_component_counts() -> None:
    assert judged(row(CONNECTOR, OK), row(CONNECTOR, CRITICAL), row(REST, OK)).outcome is Outcome.FAIL


def test_nothing_makes_it_pass() -> None:
    every = [judged(row(CONNECTOR, a), row(REST, b)) for a in (0, 1, 2, 9) for b in (0, 1, 2, 9)]
    assert Outcome.PASS not in {verdict.outcome for verdict in every}
