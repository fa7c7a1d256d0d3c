"""hierarchy-consistent: builds, states, modes, and the updates of secondary sites."""

from dataclasses import replace

import pytest

from checks.site import hierarchy_consistent
from checks.site.hierarchy_consistent import CHECK
from readiness.plugin import Basis, Hierarchy, Level, Outcome, Reason, SiteProvider, SiteStatus, SiteType, Verdict
from tests.checks.builders import (
    central,
    hierarchy,
    provider,
    reading,
    secondary,
    site,
    unread,
    whole_hierarchy,
    with_site,
)


def judge(found: Hierarchy) -> Verdict:
    return hierarchy_consistent.judge(found, unread(SiteProvider))


def changed(code: str, **values: object) -> Verdict:
    """The verdict on a whole hierarchy with one site changed."""
    return judge(with_site(whole_hierarchy(), code, **values))


def outcome_of(verdict: Verdict, code: str) -> tuple[Outcome, Level | None]:
    found = next(subject for subject in verdict.subjects if subject.id == code)
    return found.outcome, found.level


def test_one_build_active_and_in_the_usual_mode_passes() -> None:
    verdict = judge(whole_hierarchy())
    assert verdict.outcome is Outcome.PASS
    assert verdict.basis is Basis.INFERRED
    assert "All 4 sites" in verdict.summary
    assert {subject.id for subject in verdict.subjects} == {"C01", "P01", "P02", "S01"}


def test_a_site_alone_passes_and_rests_on_what_is_documented() -> None:
    verdict = judge(hierarchy(site()))
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.DOCUMENTED)


def test_another_build_than_the_top_level_sites_is_an_advisory_fail_of_that_site() -> None:
    verdict = changed("P02", build=9141)
    assert verdict.outcome is Outcome.FAIL
    assert (verdict.level or CHECK.level) is Level.ADVISORY
    assert "build 9141 (2509)" in verdict.summary
    assert "build 9146 (2603)" in verdict.summary
    assert outcome_of(verdict, "P02") == (Outcome.FAIL, None)
    assert outcome_of(verdict, "P01") == (Outcome.PASS, None)


def test_a_secondary_site_of_another_build_fails_too() -> None:
    assert outcome_of(changed("S01", build=9141), "S01")[0] is Outcome.FAIL


@pytest.mark.parametrize("build", [0, -5, 9000, 70000])
def test_a_build_that_no_table_knows_is_unknown(build: int) -> None:
    verdict = changed("P02", build=build)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


@pytest.mark.parametrize("status", [one for one in SiteStatus if one not in (SiteStatus.ACTIVE, SiteStatus.DELETED)])
def test_every_known_status_but_active_fails_in_words(status: SiteStatus) -> None:
    verdict = changed("P01", status=status)
    assert verdict.outcome is Outcome.FAIL
    assert "not active" in verdict.summary
    assert f"({status.value})" in verdict.summary


def test_a_status_that_no_table_knows_is_unknown() -> None:
    verdict = changed("P01", status=SiteStatus(99))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_a_deleted_site_is_not_judged() -> None:
    verdict = changed("P02", status=SiteStatus.DELETED, build=8913)
    assert verdict.outcome is Outcome.PASS
    assert "P02" not in {subject.id for subject in verdict.subjects}


@pytest.mark.parametrize("mode", [2, 3, 4])
def test_a_top_level_site_that_is_stopped_is_a_blocker(mode: int) -> None:
    verdict = changed("C01", mode=mode)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.BLOCKER)
    assert f"(mode {mode})" in verdict.summary
    assert outcome_of(verdict, "C01") == (Outcome.FAIL, Level.BLOCKER)


@pytest.mark.parametrize("mode", [2, 3, 4])
def test_another_site_in_such_a_mode_stays_advisory(mode: int) -> None:
    verdict = changed("P01", mode=mode)
    assert (verdict.outcome, verdict.level or CHECK.level) == (Outcome.FAIL, Level.ADVISORY)


@pytest.mark.parametrize("mode", [1, 5, 6, 7])
def test_the_other_modes_fail_as_advisory_in_words(mode: int) -> None:
    verdict = changed("C01", mode=mode)
    assert (verdict.outcome, verdict.level or CHECK.level) == (Outcome.FAIL, Level.ADVISORY)
    assert f"(mode {mode})" in verdict.summary


@pytest.mark.parametrize(
    ("mode", "reason"), [(None, Reason.BAD_ANSWER), (8, Reason.UNKNOWN_VALUE), (-1, Reason.UNKNOWN_VALUE)]
)
def test_no_mode_and_one_that_no_table_knows_are_unknown(mode: int | None, reason: Reason) -> None:
    verdict = changed("C01", mode=mode)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, reason)


def test_a_blocker_is_not_hidden_behind_a_doubt_elsewhere() -> None:
    sites = with_site(with_site(whole_hierarchy(), "C01", mode=4), "P01", mode=None)
    verdict = judge(sites)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.BLOCKER)


def test_a_secondary_site_without_the_updates_of_its_parent_fails() -> None:
    verdict = changed("S01", secondary_update_status=0)
    assert verdict.outcome is Outcome.FAIL
    assert "updates of its parent P01" in verdict.summary


@pytest.mark.parametrize(("said", "reason"), [(None, Reason.BAD_ANSWER), (2, Reason.UNKNOWN_VALUE)])
def test_an_update_status_that_is_missing_or_that_no_table_knows_is_unknown(said: int | None, reason: Reason) -> None:
    verdict = changed("S01", secondary_update_status=said)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, reason)


@pytest.mark.parametrize("said", [None, 0, 2])
def test_the_update_status_of_other_sites_says_nothing(said: int | None) -> None:
    assert changed("P01", secondary_update_status=said).outcome is Outcome.PASS


def test_several_findings_at_a_site_are_all_named() -> None:
    verdict = changed("P01", build=9141, status=SiteStatus.PENDING, mode=1)
    assert all(words in verdict.summary for words in ("build 9141", "not active", "mode 1"))


@pytest.mark.parametrize(
    "sites",
    [
        hierarchy(site("P01", parent="C01")),
        hierarchy(site("P01"), provider="P02"),
        hierarchy(site("P01"), site("P01")),
        hierarchy(central()),
        hierarchy(site("P01"), site("P02")),
        Hierarchy("P01", ()),
    ],
    ids=["hidden parent", "own site hidden", "twice", "no primary", "two tops", "empty"],
)
def test_sites_that_are_hidden_or_do_not_fit_together_are_unknown(sites: Hierarchy) -> None:
    assert judge(sites).outcome is Outcome.UNKNOWN


def test_a_stopped_top_level_site_fails_even_where_other_sites_are_hidden() -> None:
    stopped = replace(central(), mode=2)
    verdict = judge(hierarchy(stopped))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.BLOCKER)
    child = replace(site("P01", parent="C01"), mode=2)
    assert judge(hierarchy(child)).outcome is Outcome.UNKNOWN


def test_a_type_that_no_table_knows_is_unknown() -> None:
    assert changed("P02", type=SiteType(8)).outcome is Outcome.UNKNOWN


def test_the_observation_shows_the_raw_numbers() -> None:
    assert judge(hierarchy(site(), secondary())).observed == (
        "P01 build 9146, status 1, mode 0; S01 build 9146, status 1, mode 0, update status 1"
    )


@pytest.mark.parametrize(
    ("machine", "said"), [("sql01.contoso.com", True), ("CENTRAL", False), ("central.contoso.com", False)]
)
def test_a_provider_beside_the_central_site_is_told_and_changes_no_outcome(machine: str, said: bool) -> None:
    found = with_site(whole_hierarchy(), "C01", server="central.contoso.com")
    verdict = hierarchy_consistent.judge(found, reading(provider("C01", machine)))
    assert verdict.outcome is Outcome.PASS
    assert ("ConfigMgr_DViewAccess" in verdict.observed) is said


def test_a_primary_site_alone_may_have_its_provider_anywhere() -> None:
    verdict = hierarchy_consistent.judge(hierarchy(site()), reading(provider("P01", "sql01.contoso.com")))
    assert "ConfigMgr_DViewAccess" not in verdict.observed
