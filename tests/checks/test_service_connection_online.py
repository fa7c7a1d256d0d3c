"""service-connection-online: the one role, where it is, and its mode."""

import pytest

from checks.site.service_connection_online import judge
from readiness.plugin import Hierarchy, Outcome, Reason, SiteSystemRole, SiteSystemRoles, Verdict
from tests.checks.builders import hierarchy, site, whole_hierarchy

OTHER = SiteSystemRole("SMS Management Point", "P01", "cm01.contoso.com", None)


def role(offline: int | None = 0, *, code: str = "P01", server: str = "cm01.contoso.com") -> SiteSystemRole:
    return SiteSystemRole("SMS Dmp Connector", code, server, offline)


def judged(*roles: SiteSystemRole, sites: Hierarchy | None = None) -> Verdict:
    return judge(sites or hierarchy(site()), SiteSystemRoles(roles))


def test_online_passes_and_names_the_server() -> None:
    verdict = judged(OTHER, role(0))
    assert verdict.outcome is Outcome.PASS
    assert "cm01.contoso.com is online" in verdict.summary
    assert verdict.observed == "P01 on cm01.contoso.com: OfflineMode 0"


def test_offline_fails() -> None:
    verdict = judged(OTHER, role(1))
    assert verdict.outcome is Outcome.FAIL
    assert "offline mode" in verdict.summary


@pytest.mark.parametrize("mode", [2, -1, 255])
def test_a_mode_that_no_table_knows_is_unknown(mode: int) -> None:
    verdict = judged(OTHER, role(mode))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert str(mode) in verdict.summary


def test_without_the_property_it_is_unknown() -> None:
    verdict = judged(OTHER, role(None))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_a_missing_role_fails_where_other_roles_are_visible() -> None:
    verdict = judged(OTHER)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.observed == "1 site system role visible, no service connection point"


def test_no_role_visible_at_all_is_unknown() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


@pytest.mark.parametrize("mode", [0, 1])
def test_a_role_at_another_site_fails_and_says_so(mode: int) -> None:
    verdict = judged(OTHER, role(mode, code="P02"), sites=whole_hierarchy())
    assert verdict.outcome is Outcome.FAIL
    assert "at site P02, not at the top-level site C01" in verdict.summary


def test_a_role_that_does_not_say_where_it_is_is_unknown() -> None:
    verdict = judged(OTHER, role(0, code=" "))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_the_role_at_the_central_site_passes_in_a_hierarchy() -> None:
    assert judged(role(0, code="c01"), sites=whole_hierarchy()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "second", [role(1), role(0, code="P02"), role(0, server="cm02.contoso.com"), role(None)], ids=repr
)
def test_two_rows_that_differ_are_contradicting(second: SiteSystemRole) -> None:
    verdict = judged(role(0), second)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_the_same_row_twice_says_the_same() -> None:
    assert judged(role(0), role(0, server="CM01.contoso.com")).outcome is Outcome.PASS


def test_the_name_of_the_role_is_matched_whatever_its_case() -> None:
    row = SiteSystemRole("SMS DMP Connector", "P01", "cm01.contoso.com", 0)
    assert judged(row).outcome is Outcome.PASS


def test_a_role_of_a_similar_name_does_not_count() -> None:
    row = SiteSystemRole("SMS Dmp Connector Proxy", "P01", "cm01.contoso.com", 0)
    assert judged(row).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "sites", [Hierarchy("P01", ()), hierarchy(site(parent="C01")), hierarchy(site("P01"), site("P02"))]
)
def test_without_a_top_level_site_it_is_unknown(sites: Hierarchy) -> None:
    assert judged(OTHER, role(0), sites=sites).outcome is Outcome.UNKNOWN
