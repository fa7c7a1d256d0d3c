"""site-is-top-level: where the scan reads, and where it should."""

from dataclasses import replace

from checks.connection.site_is_top_level import CHECK, judge
from readiness.plugin import Hierarchy, Outcome, Reason, SiteStatus, SiteType, Verdict
from tests.checks.builders import central, hierarchy, secondary, site, whole_hierarchy, with_site


def at(code: str, found: Hierarchy) -> Verdict:
    return judge(replace(found, provider_site_code=code))


def test_a_primary_site_without_parent_passes() -> None:
    verdict = judge(hierarchy(site()))
    assert verdict.outcome is Outcome.PASS
    assert verdict.observed == "P01 (Contoso P01), reports to no other site"


def test_a_central_site_passes() -> None:
    assert at("C01", whole_hierarchy()).outcome is Outcome.PASS
    assert at("c01", whole_hierarchy()).outcome is Outcome.PASS


def test_a_child_site_is_the_wrong_target_and_the_site_and_server_to_use_are_named() -> None:
    verdict = at("P02", whole_hierarchy())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.WRONG_TARGET)
    assert "use a provider of C01 (Contoso C01), whose site server is c01.contoso.com" in verdict.summary


def test_a_secondary_site_is_led_up_to_the_top() -> None:
    verdict = at("S01", whole_hierarchy())
    assert verdict.reason is Reason.WRONG_TARGET
    assert "C01 (Contoso C01)" in verdict.summary


def test_a_parent_that_is_hidden_is_still_named() -> None:
    verdict = judge(hierarchy(site("P01", parent="C01")))
    assert verdict.reason is Reason.WRONG_TARGET
    assert "its parent C01, which the account cannot see" in verdict.summary


def test_parents_in_a_circle_end() -> None:
    verdict = judge(hierarchy(site("P01", parent="P02"), site("P02", parent="P01")))
    assert verdict.reason is Reason.WRONG_TARGET
    assert "in a circle" in verdict.summary


def test_an_own_site_that_is_hidden_is_not_visible() -> None:
    verdict = judge(hierarchy(site("P02"), provider="P01"))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert verdict.observed == "1 sites visible, P01 not among them"
    assert judge(Hierarchy("P01", ())).reason is Reason.NOT_VISIBLE


def test_two_sites_without_parent_contradict_each_other() -> None:
    verdict = judge(hierarchy(site("P01"), central("C01")))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)
    assert "C01 (Contoso C01) too" in verdict.summary


def test_a_deleted_site_beside_it_does_not_count_but_being_deleted_itself_does() -> None:
    gone = with_site(hierarchy(site("P01"), site("P02")), "P02", status=SiteStatus.DELETED)
    assert judge(gone).outcome is Outcome.PASS
    assert at("P02", with_site(gone, "P01", reporting_site_code="P02")).reason is Reason.CONTRADICTING


def test_a_site_of_another_type_does_not_pass() -> None:
    assert judge(hierarchy(secondary(parent=""))).reason is Reason.WRONG_TARGET
    verdict = judge(hierarchy(site(type_=SiteType(9))))
    assert verdict.reason is Reason.UNKNOWN_VALUE
    assert "type 9" in verdict.summary


def test_the_remediation_says_where_to_find_the_right_server() -> None:
    step = CHECK.remediation.steps[0]
    assert step.where is not None
    assert "Sites" in step.where
    assert "[site] server" in step.text
    assert CHECK.remediation.verify
