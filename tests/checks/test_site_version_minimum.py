"""site-version-minimum: the build of every site, and what shows that sites are hidden."""

from dataclasses import replace

import pytest

from checks import knowledge
from checks.hierarchy import MINIMUM_BUILD
from checks.site.site_version_minimum import CHECK, judge
from readiness.plugin import Hierarchy, Level, Outcome, Reason, SiteStatus, SiteType, Verdict
from tests.checks.builders import (
    RELEASE_1910,
    RELEASE_2002,
    central,
    hierarchy,
    secondary,
    site,
    whole_hierarchy,
    with_site,
)


def of_build(build: int) -> Verdict:
    return judge(hierarchy(site(build=build)))


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


def test_the_minimum_is_the_build_of_release_2002() -> None:
    assert knowledge.release_name(MINIMUM_BUILD) == "2002"


@pytest.mark.parametrize("build", [build for build in knowledge.releases() if build >= RELEASE_2002])
def test_every_release_from_2002_on_passes_and_is_named(build: int) -> None:
    verdict = of_build(build)
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == f"1 site visible: build {build} ({knowledge.release_name(build)})"
    assert verdict.observed == f"P01 build {build}"


@pytest.mark.parametrize("build", [1, 7958, 8325, RELEASE_1910, RELEASE_2002 - 1])
def test_an_older_build_fails_and_says_what_is_needed(build: int) -> None:
    verdict = of_build(build)
    assert verdict.outcome is Outcome.FAIL
    assert f"build {build}" in verdict.summary
    assert "2002 (build 8968) or later is needed" in verdict.summary


@pytest.mark.parametrize("build", [9147, 9999, 65535])
def test_a_build_above_the_newest_known_passes_and_says_so(build: int) -> None:
    verdict = of_build(build)
    assert verdict.outcome is Outcome.PASS
    assert f"build {build} (newer than 2603)" in verdict.summary


@pytest.mark.parametrize("build", [8969, 9011, 9145])
def test_a_build_inside_the_range_that_is_no_release_is_unknown(build: int) -> None:
    verdict = of_build(build)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"{build}, which is no release that is known (a technical preview?)" in verdict.summary


@pytest.mark.parametrize("build", [0, -1, -9146, 65536, 91460000, 2**40])
def test_what_can_be_no_build_is_neither_older_nor_newer(build: int) -> None:
    assert why(of_build(build)) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_the_build_decides_and_never_the_version() -> None:
    newer = with_site(hierarchy(site(build=RELEASE_1910)), "P01", version="5.00.9146.1000")
    assert judge(newer).outcome is Outcome.FAIL
    older = with_site(hierarchy(site()), "P01", version="5.00.8913.1000")
    assert judge(older).outcome is Outcome.PASS


def test_every_central_and_primary_site_counts() -> None:
    assert judge(whole_hierarchy()).outcome is Outcome.PASS
    for code in ("C01", "P01", "P02"):
        verdict = judge(with_site(whole_hierarchy(), code, build=RELEASE_1910))
        assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
        assert [subject.id for subject in verdict.subjects if subject.outcome is Outcome.FAIL] == [code]
        assert verdict.summary.startswith(code)


def test_several_that_fail_are_counted() -> None:
    found = with_site(with_site(whole_hierarchy(), "P01", build=RELEASE_1910), "P02", build=RELEASE_1910)
    assert judge(found).summary.endswith("(and 1 more)")


def test_an_older_secondary_site_is_advisory() -> None:
    verdict = judge(with_site(whole_hierarchy(), "S01", build=RELEASE_1910))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, Level.ADVISORY)


def test_a_blocker_that_is_unknown_is_not_hidden_behind_an_advisory_that_failed() -> None:
    found = with_site(with_site(whole_hierarchy(), "S01", build=RELEASE_1910), "P02", build=9000)
    verdict = judge(found)
    assert (verdict.outcome, verdict.level) == (Outcome.UNKNOWN, None)


def test_a_deleted_site_does_not_count() -> None:
    found = with_site(whole_hierarchy(), "P02", build=RELEASE_1910, status=SiteStatus.DELETED)
    verdict = judge(found)
    assert verdict.outcome is Outcome.PASS
    assert "P02" not in verdict.observed


@pytest.mark.parametrize("status", [s for s in SiteStatus if s is not SiteStatus.DELETED])
def test_a_site_in_any_other_known_status_counts(status: SiteStatus) -> None:
    assert judge(with_site(whole_hierarchy(), "P02", status=status)).outcome is Outcome.PASS
    assert judge(with_site(whole_hierarchy(), "P02", status=status, build=RELEASE_1910)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"type": SiteType(9)}, "type 9"), ({"status": SiteStatus(77)}, "status 77")],
)
def test_a_number_that_no_table_knows_is_shown_raw_and_unknown(changed: dict[str, object], words: str) -> None:
    verdict = judge(with_site(whole_hierarchy(), "P02", **changed))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert words in verdict.summary


HIDDEN = {
    "nothing": Hierarchy("P01", ()),
    "the own site": hierarchy(site("P02"), provider="P01"),
    "every primary": hierarchy(central()),
    "every primary but secondaries": hierarchy(central(), secondary(parent="P01")),
    "the parent of the own site": hierarchy(site("P01", parent="C01")),
    "the parent of a secondary": hierarchy(central(), site("P01", parent="C01"), secondary(parent="P02")),
    "deleted as its only primary": hierarchy(central(), site("P01", parent="C01", status=SiteStatus.DELETED)),
    "deleted itself": hierarchy(site(status=SiteStatus.DELETED)),
}


@pytest.mark.parametrize("found", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_shows_that_sites_are_hidden_is_not_visible(found: Hierarchy) -> None:
    assert why(judge(found)) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_a_hidden_parent_is_named() -> None:
    assert "Site C01 is named as a parent" in judge(hierarchy(site("P01", parent="C01"))).summary


MISFITS = {
    "two top-level sites": hierarchy(site("P01"), site("P02")),
    "the same site twice": hierarchy(site("P01"), site("P01", build=RELEASE_1910)),
    "the same site twice in another case": hierarchy(site("P01"), site("p01")),
    "a primary below a primary": hierarchy(site("P01"), site("P02", parent="P01")),
    "a secondary below a central site": hierarchy(central(), site("P01", parent="C01"), secondary(parent="C01")),
    "a secondary without parent": hierarchy(secondary(parent=""), site("P01", parent="S01")),
    "a central site below a primary": hierarchy(site("P01"), replace(central(), reporting_site_code="P01")),
    "parents in a circle": hierarchy(site("P01", parent="P02"), site("P02", parent="P01")),
}


@pytest.mark.parametrize("found", MISFITS.values(), ids=MISFITS.keys())
def test_sites_that_make_no_hierarchy_are_contradicting(found: Hierarchy) -> None:
    assert why(judge(found)) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


@pytest.mark.parametrize("code", ["", " P1", "P01 ", "P0", "P001", "P\x001", "Pß1"])
def test_what_is_no_site_code_is_a_bad_answer(code: str) -> None:
    found = with_site(whole_hierarchy(), "P02", code=code)
    verdict = judge(found)
    assert why(verdict) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)
    assert repr(code) in verdict.summary


def test_the_remediation_says_where_who_how_long_and_how_to_see() -> None:
    remediation = CHECK.remediation
    assert all(step.where for step in remediation.steps)
    assert remediation.role == "Full Administrator, scope All"
    assert remediation.wait.startswith("hours")
    assert "CMUpdate.log" in remediation.verify
    assert remediation.change_window
