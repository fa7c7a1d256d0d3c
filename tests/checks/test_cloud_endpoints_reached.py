"""cloud-endpoints-reached: the newest message of the connectivity checks, and what is left where there is none."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from checks import knowledge
from checks.site.cloud_endpoints_reached import SINCE_BUILD, judge
from readiness.plugin import (
    FULL_ADMINISTRATOR,
    Connectivity,
    ConnectivityMessage,
    ConnectivityMessages,
    Context,
    Hierarchy,
    JudgingSettings,
    Outcome,
    Reason,
    SiteAccess,
    Verdict,
)
from tests.checks.builders import NOW, access, grant, hierarchy, reading, site, unread, whole_hierarchy
from tests.conftest import Estate, Program

OK, WARNING, CRITICAL = 11410, 11411, 11412
ONE_SITE = hierarchy(site())
Serve = Callable[..., Estate]


def said(result: int = OK, hours: float = 5, code: str = "P01") -> ConnectivityMessage:
    return ConnectivityMessage(Connectivity(result), code, NOW - timedelta(hours=hours))


def judged(*messages: ConnectivityMessage, found: Hierarchy = ONE_SITE, sees: SiteAccess | None = None) -> Verdict:
    rows = ConnectivityMessages(messages, len(messages))
    return judge(found, rows, reading(sees or access()), Context(NOW, JudgingSettings()))


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


def test_the_newest_message_decides() -> None:
    assert judged(said(OK, 1), said(CRITICAL, 2)).outcome is Outcome.PASS
    assert judged(said(CRITICAL, 2), said(OK, 1)).outcome is Outcome.PASS
    assert judged(said(OK, 2), said(CRITICAL, 1)).outcome is Outcome.FAIL


@pytest.mark.parametrize("result", [WARNING, CRITICAL])
def test_trouble_is_an_advisory_fail_with_every_endpoint_in_the_steps(result: int) -> None:
    verdict = judged(said(result))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert f"message {result}" in verdict.summary
    assert verdict.remediation is not None
    text = " ".join(step.text for step in verdict.remediation.steps)
    wanted = [row for row in knowledge.endpoints() if row.by == "service-connection-point"]
    assert len(wanted) > 15
    assert [row.host for row in wanted if f"{row.host}{row.path or ''} {row.ports[0]}" not in text] == []
    assert "*.dm.microsoft.com" not in text


def test_the_steps_name_what_this_build_needs() -> None:
    verdict = judged(said(CRITICAL), found=hierarchy(site(build=SINCE_BUILD)))
    assert verdict.remediation is not None
    text = " ".join(step.text for step in verdict.remediation.steps)
    assert "*.manage.microsoft.com 443" in text
    assert "configmgrbits.azureedge.net" not in text


@pytest.mark.parametrize(("days", "outcome"), [(6.99, Outcome.PASS), (7, Outcome.PASS), (7.01, Outcome.UNKNOWN)])
def test_a_message_older_than_a_week_is_stale(days: float, outcome: Outcome) -> None:
    verdict = judged(said(OK, days * 24))
    assert verdict.outcome is outcome
    assert (verdict.reason is Reason.STALE) == (outcome is Outcome.UNKNOWN)
    assert judged(said(CRITICAL, days * 24)).outcome is (Outcome.FAIL if outcome is Outcome.PASS else outcome)


@pytest.mark.parametrize(("hours", "outcome"), [(-23, Outcome.PASS), (-25, Outcome.UNKNOWN)])
def test_a_message_of_the_future_is_doubted_beyond_a_day(hours: float, outcome: Outcome) -> None:
    assert judged(said(OK, hours)).outcome is outcome


def test_a_message_without_a_time_is_no_answer() -> None:
    untimed = ConnectivityMessage(Connectivity.CRITICAL, "P01", None)
    assert why(judged(said(OK), untimed)) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_two_of_one_moment_that_differ_are_contradicting() -> None:
    assert why(judged(said(OK), said(CRITICAL))) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_a_message_that_no_table_knows_is_unknown() -> None:
    assert why(judged(said(11413))) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_no_message_is_never_good_news() -> None:
    assert why(judged()) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert why(judged(sees=access(grant(FULL_ADMINISTRATOR)))) == (Outcome.UNKNOWN, Reason.STALE)
    rows = ConnectivityMessages((), 0)
    unseen = judge(ONE_SITE, rows, unread(SiteAccess), Context(NOW, JudgingSettings()))
    assert why(unseen) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_only_the_top_level_site_counts() -> None:
    assert judged(said(OK, code="C01"), said(CRITICAL, 1, "P01"), found=whole_hierarchy()).outcome is Outcome.PASS
    assert judged(said(OK, code="P01"), found=whole_hierarchy()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("build", [release for release in knowledge.releases() if release >= 8968])
def test_builds_before_9040_do_not_try_their_endpoints(build: int) -> None:
    verdict = judged(said(OK), found=hierarchy(site(build=build)))
    assert verdict.outcome is (Outcome.NOT_APPLICABLE if build < SINCE_BUILD else Outcome.PASS)


@pytest.mark.parametrize("build", [0, 9041, 65536])
def test_a_build_that_is_not_known_is_unknown(build: int) -> None:
    assert why(judged(said(OK), found=hierarchy(site(build=build)))) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_sites_that_are_hidden_leave_it_unknown() -> None:
    hidden = hierarchy(site("P01", parent="C01"))
    assert why(judged(said(OK), found=hidden)) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


BLOCKED = """
base = "ready"
title = "A critical endpoint is not reached."
[change.wmi.SMS_StatusMessage.72057594037930002]
MessageID = 11412
"""


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_scan_warns_of_an_endpoint_that_is_not_reached(transport: str, program: Program, estate: Serve) -> None:
    served = estate(toml=BLOCKED, transport=transport)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "cloud-endpoints-reached")
    assert (found["outcome"], found["level"], ran.code) == ("fail", "advisory", 0)
    assert "11412: " in found["observed"]
