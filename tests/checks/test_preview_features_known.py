"""preview-features-known: which part is a preview at which release."""

import pytest

from checks import knowledge
from checks.policy.preview_features_known import CHECK, judge
from readiness.plugin import Basis, Hierarchy, Level, Outcome, Reason, Verdict
from tests.checks.builders import central, hierarchy, site


def judged(build: int) -> Verdict:
    return judge(hierarchy(site(build=build)))


@pytest.mark.parametrize(("build", "release"), [(8968, "2002"), (9012, "2006"), (9058, "2107"), (9078, "2203")])
def test_where_a_document_says_preview_the_part_is_named(build: int, release: str) -> None:
    verdict = judged(build)
    assert verdict.outcome is Outcome.PASS
    assert f"({release})" in verdict.summary
    assert "in preview is EDR policy for Configuration Manager devices" in verdict.summary
    assert "2022-04-08" in verdict.summary


@pytest.mark.parametrize("build", [9088, 9096, 9106, 9122])
def test_between_the_documents_it_is_named_as_not_established(build: int) -> None:
    verdict = judged(build)
    assert (verdict.outcome, verdict.basis) == (Outcome.PASS, Basis.INFERRED)
    assert "not established whether in preview is EDR policy" in verdict.summary


@pytest.mark.parametrize("build", [9128, 9132, 9141, 9146, 9300])
def test_later_no_part_is_known_to_be_a_preview(build: int) -> None:
    verdict = judged(build)
    assert verdict.outcome is Outcome.PASS
    assert "no part is known to be in preview" in verdict.summary


@pytest.mark.parametrize("build", [9000, 70000, 0])
def test_a_build_that_is_no_release_is_unknown(build: int) -> None:
    verdict = judged(build)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_before_2002_there_is_nothing_to_name() -> None:
    assert judged(8913).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("sites", [Hierarchy("P01", ()), hierarchy(site(parent="C01"))])
def test_without_a_hierarchy_it_is_unknown(sites: Hierarchy) -> None:
    assert judge(sites).outcome is Outcome.UNKNOWN


def test_the_top_level_site_decides() -> None:
    sites = hierarchy(central(build=9146), site("P01", build=8968, parent="C01"))
    assert "no part is known" in judge(sites).summary


def test_it_is_information_and_of_the_article() -> None:
    assert (CHECK.level, CHECK.tags) == (Level.INFO, ("article",))


def test_every_part_has_builds_and_documents_in_order() -> None:
    for part in knowledge.previews():
        assert part.first_build <= part.preview_until < part.general_from
        assert part.said_preview < part.said_general
        assert {part.first_build, part.preview_until, part.general_from} <= set(knowledge.releases())
