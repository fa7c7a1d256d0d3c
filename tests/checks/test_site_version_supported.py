"""site-version-supported: the release of every site, by the table of releases and the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from checks import knowledge
from checks.site.site_version_supported import CHECK, judge
from readiness.plugin import Basis, Context, Hierarchy, JudgingSettings, Level, Outcome, Reason, SiteStatus, Verdict
from tests.checks.builders import NOW, RELEASE_1910, hierarchy, site, whole_hierarchy, with_site

SUPPORTED = ("2509", "2603")
"""What Microsoft's matrix of 2026-09-22 lists, of the releases whose build is known."""


def judged(found: Hierarchy, now: datetime = NOW) -> Verdict:
    return judge(found, Context(now, JudgingSettings()))


def of_build(build: int, now: datetime = NOW) -> Verdict:
    return judged(hierarchy(site(build=build)), now)


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize("release", knowledge.releases().values(), ids=lambda release: release.name)
def test_every_release_passes_up_to_the_day_of_its_end_of_support_and_fails_from_the_next_on(
    release: knowledge.Release,
) -> None:
    last = of_build(release.build, at(release.end_of_support))
    after = of_build(release.build, at(release.end_of_support + timedelta(days=1)))
    assert (last.outcome, after.outcome) == (Outcome.PASS, Outcome.FAIL)
    assert f"release {release.name} (build {release.build})" in last.summary
    assert f"ends on {release.end_of_support}" in last.summary
    assert f"ended on {release.end_of_support}" in after.summary
    assert after.level is None
    assert CHECK.level is Level.ADVISORY


@pytest.mark.parametrize("release", knowledge.releases().values(), ids=lambda release: release.name)
def test_today_the_releases_of_microsofts_matrix_are_supported_and_no_others(release: knowledge.Release) -> None:
    assert (of_build(release.build).outcome is Outcome.PASS) == (release.name in SUPPORTED)


@pytest.mark.parametrize("release", knowledge.releases().values(), ids=lambda release: release.name)
def test_a_computed_end_is_said_and_makes_the_verdict_inferred(release: knowledge.Release) -> None:
    verdict = of_build(release.build)
    assert release.end_computed == (release.name in SUPPORTED)
    assert (verdict.basis is Basis.INFERRED) == release.end_computed
    assert ("a computed date" in verdict.summary) == release.end_computed


@pytest.mark.parametrize("build", [1, 7958, 8324])
def test_a_build_older_than_the_table_fails(build: int) -> None:
    verdict = of_build(build)
    assert verdict.outcome is Outcome.FAIL
    assert f"build {build}, older than 1511" in verdict.summary


@pytest.mark.parametrize("build", [8326, 8914, 8969, 9145])
def test_a_build_inside_the_range_that_is_no_release_is_unknown(build: int) -> None:
    verdict = of_build(build)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"build {build}, which is no release that is known (a technical preview?)" in verdict.summary


@pytest.mark.parametrize("build", [9147, 65535])
def test_a_build_above_the_newest_known_passes_while_that_one_is_supported_and_then_is_unknown(build: int) -> None:
    newest = list(knowledge.releases().values())[-1]
    verdict = of_build(build, at(newest.end_of_support))
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert f"build {build}, newer than {newest.name}, the newest release of the table" in verdict.summary
    later = of_build(build, at(newest.end_of_support + timedelta(days=1)))
    assert why(later) == (Outcome.UNKNOWN, Reason.STALE)
    assert f"{knowledge.releases_as_of()}, which is too old to tell" in later.summary


@pytest.mark.parametrize("build", [0, -1, 65536, 2**40])
def test_what_can_be_no_build_is_unknown(build: int) -> None:
    assert why(of_build(build)) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_the_date_of_the_table_is_told() -> None:
    assert of_build(9146).observed == f"P01 build 9146; table of releases of {knowledge.releases_as_of()}"


@pytest.mark.parametrize("code", ["C01", "P01", "P02", "S01"])
def test_every_site_counts_the_secondary_ones_too(code: str) -> None:
    verdict = judged(with_site(whole_hierarchy(), code, build=RELEASE_1910))
    assert verdict.outcome is Outcome.FAIL
    assert [subject.id for subject in verdict.subjects if subject.outcome is Outcome.FAIL] == [code]
    assert verdict.summary.startswith(code)


def test_sites_that_are_all_supported_pass_with_one_sentence() -> None:
    verdict = judged(whole_hierarchy())
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary.endswith("(and 3 more, all supported)")


def test_a_deleted_site_does_not_count() -> None:
    found = with_site(whole_hierarchy(), "P02", build=RELEASE_1910, status=SiteStatus.DELETED)
    assert judged(found).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (hierarchy(site("P01", parent="C01")), Reason.NOT_VISIBLE),
        (hierarchy(site("P01"), site("P02")), Reason.CONTRADICTING),
        (hierarchy(site("P0")), Reason.BAD_ANSWER),
    ],
)
def test_sites_that_are_hidden_or_make_no_hierarchy_are_unknown(found: Hierarchy, reason: Reason) -> None:
    assert why(judged(found)) == (Outcome.UNKNOWN, reason)
