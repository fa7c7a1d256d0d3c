"""How old a reading may be, and what becomes of one that is not there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.assessment import Question, assess
from readiness.model.report import Run
from readiness.model.settings import JudgingSettings, Policy
from readiness.plugin import DecisionState, Evidence, Outcome, Reason, ThreatDefenseConnectors
from tests.assessment.fakes import CORE, RULES, report, result
from tests.checks.builders import NOW, READ, TENANT, estate, evidence, other, provider, reading


def read_at(age: timedelta) -> Evidence:
    facts = estate()
    connectors = next(fact for fact in facts if isinstance(fact, ThreatDefenseConnectors))
    return other(facts, ThreatDefenseConnectors=reading(connectors, NOW - age))


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=24), timedelta(minutes=-5)])
def test_a_fresh_reading_counts(age: timedelta) -> None:
    assert result(report(on=read_at(age)), "defender-connected").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(hours=24, seconds=1), "longer ago than 1 day, 0:00:00 allows"),
        (timedelta(days=4000), "longer ago"),
        (timedelta(minutes=-5, seconds=-1), "in the future: its age cannot be told"),
        (timedelta(days=-400), "in the future"),
    ],
)
def test_an_old_or_future_reading_is_stale_and_says_why(age: timedelta, words: str) -> None:
    found = report(on=read_at(age))
    one = result(found, "defender-connected")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.STALE)
    assert words in one.summary
    assert "Collect the evidence again" in one.remediation.steps[0].text
    shown = next(summary for summary in found.readings if summary.fact == "ThreatDefenseConnectors")
    assert shown.reason is Reason.STALE


def test_the_policy_says_how_old_is_too_old() -> None:
    strict = JudgingSettings(policy=Policy(max_evidence_age=timedelta(minutes=1)))
    assert {check.outcome for check in report(settings=strict).checks} == {Outcome.UNKNOWN, Outcome.BLOCKED}


def by_another_clock(age: timedelta, skew: float) -> Evidence:
    """As `read_at`, by a machine's clock from which the server's differed by so many seconds."""
    found = read_at(age)
    changed = (
        replace(one, clock_skew_seconds=skew) if one.fact == "ThreatDefenseConnectors" else one
        for one in found.readings
    )
    return replace(found, readings=tuple(changed))


HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("age", "skew", "words"),
    [
        # The machine's clock was ahead: it seems fresh, and is old.
        (timedelta(hours=1), -DAY, "read at 2026-11-22 07:00 UTC by the clock of the server (the clock of who read the "
         "tenant half was 1 day, 0:00:00 ahead of that of the server), longer ago than 1 day"),
        # It was behind, and the judge's is too: it seems old enough, and cannot have been read yet.
        (timedelta(minutes=30), 2 * HOUR, "dated 2026-11-23 09:30 UTC by the clock of the server (the clock of who "
         "read the tenant half was 2:00:00 behind that of the server), in the future: its age cannot be told"),
        # It was ahead, and nobody knows of the server whether it was right.
        (timedelta(hours=-1), -2 * HOUR, "dated 2026-11-23 09:00 UTC (the clock of who read the tenant half was "
         "2:00:00 ahead of that of the server), in the future"),
        (timedelta(hours=25), 2 * HOUR, "read at 2026-11-22 07:00 UTC (the clock of who read the tenant half was "
         "2:00:00 behind that of the server), longer ago than 1 day"),
        (timedelta(hours=1), 1e300, "in the future"),
        (timedelta(hours=1), -1e300, "longer ago"),
    ],
)  # fmt: skip
def test_a_reading_counts_only_where_it_is_fresh_by_both_clocks(age: timedelta, skew: float, words: str) -> None:
    one = result(report(on=by_another_clock(age, skew)), "defender-connected")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.STALE)
    assert words in one.summary


@pytest.mark.parametrize("skew", [-HOUR, -2.0, 2.0, 300.0, HOUR])
def test_a_reading_that_is_fresh_by_both_clocks_counts(skew: float) -> None:
    assert result(report(on=by_another_clock(timedelta(0), skew)), "defender-connected").outcome is Outcome.PASS


def test_a_report_says_by_how_much_clocks_disagree() -> None:
    assert report(on=by_another_clock(timedelta(0), -30.0)).run.clocks is None
    said = report(on=by_another_clock(timedelta(hours=2), -3661.4)).run.clocks
    assert said == "the clock of who read the tenant half was 1:01:01 ahead of that of the server"


def test_a_report_is_valid_only_as_long_as_the_older_clock_says() -> None:
    fresh, older = (report(on=by_another_clock(timedelta(0), skew)).decision.valid_until for skew in (0.0, -HOUR))
    assert fresh is not None
    assert older is not None
    assert fresh - older == timedelta(hours=1) - (NOW - READ)


def test_evidence_without_readings_proves_nothing() -> None:
    found = report(on=evidence())
    assert {(check.outcome, check.reason) for check in found.checks} == {(Outcome.UNKNOWN, Reason.NOT_CONFIGURED)}
    assert found.readings == ()


def test_the_same_evidence_settings_and_clock_give_the_same_report() -> None:
    question = Question(CORE, JudgingSettings(), RULES, {"scope": {"collections": ["a"]}})
    assert assess(evidence(*estate()), question, NOW) == assess(evidence(*estate()), question, NOW)


def test_what_the_configuration_file_is_called_makes_no_other_run() -> None:
    said = {"scope": {"collections": ["a"]}}

    def run(**configuration: object) -> Run:
        question = Question(CORE, JudgingSettings(), RULES, configuration)
        return assess(evidence(*estate()), question, NOW).run

    runs = [run(**said, file="readiness.toml", digest="1"), run(**said, file="copy.toml", digest="2"), run(**said)]
    assert len({(one.id, one.configuration_digest) for one in runs}) == 1
    assert [one.configuration.get("file") for one in runs] == ["readiness.toml", "copy.toml", None]
    assert run(scope={"collections": ["b"]}).configuration_digest != runs[0].configuration_digest
    assert run(scope={"collections": ["a"], "file": "x"}).configuration_digest != runs[0].configuration_digest


def test_the_order_of_the_readings_does_not_matter() -> None:
    mixed = [replace(reading(fact), identity=f"who read {index}") for index, fact in enumerate(estate())]
    assert report(on=evidence(*mixed)) == report(on=evidence(*reversed(mixed)))


def test_the_run_is_another_one_when_anything_that_was_judged_changes() -> None:
    runs = {
        report().run.id,
        report(now=NOW + timedelta(seconds=1)).run.id,
        report(on=read_at(timedelta(hours=1))).run.id,
        report(settings=JudgingSettings(policy=Policy(min_eligible=0.9))).run.id,
    }
    assert len(runs) == 4
    assert all(run.startswith("20261123T0800") for run in runs)


@pytest.mark.parametrize("tenant", [TENANT, TENANT.upper(), "contoso.com", "Contoso.OnMicrosoft.com"])
def test_the_tenant_may_be_configured_by_its_id_or_any_domain_of_it(tenant: str) -> None:
    found = report(on=replace(evidence(*estate()), tenant=tenant))
    assert found.decision.state is DecisionState.READY


@pytest.mark.parametrize("tenant", ["fabrikam.com", "contoso", "11111111-6a4e-4b3f-9f0e-2d1c5a7b9e10"])
def test_an_organization_that_is_not_the_configured_tenant_proves_nothing_of_it(tenant: str) -> None:
    found = report(on=replace(evidence(*estate()), tenant=tenant))
    one = result(found, "tenant-reachable")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.WRONG_TARGET)
    assert f"collected for tenant {tenant}, but what was read is Contoso ({TENANT})" in one.summary
    assert result(found, "defender-connected").blocked_by == ("tenant-reachable",)
    assert result(found, "site-version-minimum").outcome is Outcome.PASS
    shown = next(summary for summary in found.readings if summary.fact == "Organization")
    assert shown.reason is Reason.WRONG_TARGET


def test_a_provider_of_another_site_than_the_hierarchy_names_is_contradicting() -> None:
    found = report(on=other(estate(), SiteProvider=provider("P09")))
    one = result(found, "site-reachable")
    assert (one.outcome, one.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
