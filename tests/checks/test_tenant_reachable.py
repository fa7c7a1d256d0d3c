"""tenant-reachable: who answers, and what the application may not read."""

from dataclasses import replace

import pytest

from checks.connection.tenant_reachable import CHECK, judge
from readiness.plugin import Context, JudgingSettings, Outcome, Reason
from tests.checks.builders import NOW, TENANT, organization

CONTEXT = Context(NOW, JudgingSettings())


def test_an_organization_that_can_be_read_passes_and_is_named() -> None:
    verdict = judge(organization(), CONTEXT)
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == f"Contoso ({TENANT}) answers"
    assert verdict.observed == f"Contoso ({TENANT}), verified domains: contoso.onmicrosoft.com, contoso.com"


def test_a_missing_permission_leaves_it_a_pass_that_names_it_and_the_checks_it_disables() -> None:
    unreadable = {
        "tenant-reachable": ("Organization.Read.All",),
        "defender-connected": ("DeviceManagementServiceConfig.Read.All",),
        "policy-author": ("DeviceManagementRBAC.Read.All",),
    }
    verdict = judge(organization(), replace(CONTEXT, unreadable=unreadable))
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary.endswith(
        "missing permission: DeviceManagementRBAC.Read.All, DeviceManagementServiceConfig.Read.All "
        "(disables defender-connected, policy-author)"
    )


@pytest.mark.parametrize(
    "tenant", ["", "contoso.onmicrosoft.com", TENANT[:-1], TENANT + "0", f" {TENANT}", f"{TENANT}\n"]
)
def test_an_id_that_is_no_guid_does_not_tell_which_tenant_was_read(tenant: str) -> None:
    verdict = judge(replace(organization(), tenant_id=tenant), CONTEXT)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


@pytest.mark.parametrize("domains", [(), ("",), ("contoso.com", ""), ("contoso",), ("con toso.com",), ("a\x00.com",)])
def test_a_tenant_without_proper_domains_does_not_pass(domains: tuple[str, ...]) -> None:
    verdict = judge(replace(organization(), verified_domains=domains), CONTEXT)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.BAD_ANSWER)


def test_a_tenant_without_a_display_name_is_named_by_its_id() -> None:
    verdict = judge(replace(organization(), display_name=""), CONTEXT)
    assert verdict.summary == f"The tenant ({TENANT}) answers"


def test_the_remediation_says_where_who_how_long_and_how_to_see() -> None:
    remediation = CHECK.remediation
    assert all(step.where for step in remediation.steps)
    assert "Organization.Read.All" in remediation.steps[1].text
    assert remediation.role.startswith("Privileged Role Administrator")
    assert "minutes" in remediation.wait
    assert "Organization" in remediation.verify
