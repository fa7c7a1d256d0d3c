"""site-reachable: the provider, its own site, and what the account is known to see."""

from dataclasses import replace

import pytest

from checks.connection.site_reachable import CHECK, judge
from readiness.model.facts.site import ALL_SCOPES, FULL_ADMINISTRATOR
from readiness.plugin import Outcome, Reason, SiteAccess, SiteProvider, Verdict
from tests.checks.builders import access, grant, hierarchy, provider, site


def judged(given: SiteProvider | None = None, seen: SiteAccess | None = None) -> Verdict:
    return judge(given or provider(), hierarchy(site()), seen or access())


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


def test_a_provider_whose_site_and_administrators_are_visible_passes_and_is_named() -> None:
    verdict = judged()
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == "P01 (Contoso P01) answers; the account sees every site, update and collection"
    assert verdict.observed == ("provider cm01.contoso.com of site P01, 1 site and 4 administrative users visible")


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (access(grant(FULL_ADMINISTRATOR)), "sees every site, update and collection"),
        (access(listed=False), "holds its rights through a group, so what is hidden from it is not known"),
        (access(grant("P0100001", "SMS00UNA")), "a part only (Collection readers on Default)"),
        (access(grant(FULL_ADMINISTRATOR, "SMS00UNA")), "a part only (Full Administrator on Default)"),
        (access(grant("P0100001", ALL_SCOPES)), "a part only (Collection readers on All)"),
    ],
)
def test_what_the_account_is_proven_to_see_is_said(seen: SiteAccess, words: str) -> None:
    verdict = judged(seen=seen)
    assert verdict.outcome is Outcome.PASS
    assert words in verdict.summary


def test_an_own_site_that_is_hidden_is_not_visible() -> None:
    verdict = judge(provider("P09"), hierarchy(site("P01"), provider="P09"), access())
    assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "P09" in verdict.summary


@pytest.mark.parametrize("count", [0, -1])
def test_no_visible_administrator_names_the_role_to_grant(count: int) -> None:
    verdict = judged(seen=access(administrators=count))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert "Read-only Analyst with the scope All" in verdict.summary


def test_an_administrator_without_any_role_does_not_pass() -> None:
    """An administrative user always has one: the answer lacks what tells what is hidden."""
    assert why(judged(seen=replace(access(), grants=()))) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_roles_of_an_account_that_is_not_listed_contradict_themselves() -> None:
    assert why(judged(seen=replace(access(), listed=False))) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


@pytest.mark.parametrize(
    "given",
    [
        provider("P02"),
        replace(provider(), site_code=""),
        replace(provider(), machine="elsewhere.contoso.com"),
        replace(provider(), machines=()),
        replace(provider(), machine="", machines=("",)),
        replace(provider(), namespace=r"root\sms\site_P02"),
        replace(provider(), namespace=r"root\sms"),
    ],
)
def test_a_provider_that_disagrees_with_itself_or_the_sites_is_contradicting(given: SiteProvider) -> None:
    assert why(judged(given)) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


def test_the_case_of_a_site_code_does_not_matter() -> None:
    assert judged(replace(provider(), site_code="p01")).outcome is Outcome.PASS


def test_the_remediation_names_the_three_gates() -> None:
    texts = " ".join(step.text for step in CHECK.remediation.steps)
    assert "WinRM" in texts
    assert "Remote Management Users" in texts
    assert "Read-only Analyst" in texts
    assert any(step.command for step in CHECK.remediation.steps)
    assert CHECK.remediation.role
    assert CHECK.remediation.wait
    assert "SiteProvider" in CHECK.remediation.verify
