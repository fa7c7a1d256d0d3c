"""The SMS Provider answers, and the account may read it: without this nothing on-premises can be judged."""

from __future__ import annotations

from datetime import date

from readiness.plugin import (
    Check,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    SiteAccess,
    SiteProvider,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="site-reachable",
    title="The SMS Provider answers, and the account may read it",
    phase=Phase.CONNECTION,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="Everything that is judged of the site is read from its SMS Provider, which hides rows from accounts "
    "without rights and gives no error.",
    judged=(
        "Passes when the server names itself a provider (SMS_ProviderLocation), its site is among the sites that the "
        "account sees (SMS_Site), and at least one administrative user is visible (SMS_Admin), which tells what the "
        "account may see. It never fails: what could not be reached is unknown, with the reason."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Check that the server has the SMS Provider, that WinRM listens there over https, and that its "
                "certificate is issued by an authority that ca_bundle names",
                where="Administration > Site Configuration > Servers and Site System Roles",
                command="Test-WSMan -ComputerName <server> -UseSSL",
            ),
            Step(
                "Add the account to Remote Management Users on the provider machine",
                command="Add-LocalGroupMember -Group 'Remote Management Users' -Member <account>",
            ),
            Step(
                "Make the account an administrative user with the role Read-only Analyst and the scope All",
                where="Administration > Security > Administrative Users",
                command="New-CMAdministrativeUser -Name <account> -RoleName 'Read-only Analyst' "
                "-SecurityScopeName 'All'",
            ),
        ),
        role="Full Administrator of the hierarchy, and local administrator of the provider machine",
        wait="none; a new group membership counts from the next logon of the account",
        verify="run the scan again: the readings SiteProvider, Hierarchy and SiteAccess then have values",
    ),
    sources=(
        Source("Plan for the SMS Provider", "memdocs core/plan-design/hierarchy/plan-for-the-sms-provider.md"),
        Source("SMS_Admin server WMI class", "Configuration Manager SDK reference", date(2020, 9, 11)),
    ),
)

EXPECTED = "a provider whose site is visible, and an account whose rights are known"


@CHECK.judge
def judge(provider: SiteProvider, hierarchy: Hierarchy, access: SiteAccess) -> Verdict:
    observed = f"provider {provider.machine or 'unnamed'} of site {provider.site_code}, {_seen(hierarchy, access)}"
    if provider.site_code != hierarchy.provider_site_code or provider.machine not in provider.machines:
        return Verdict(
            Outcome.UNKNOWN,
            "The server's own words about which site it provides do not fit together",
            expected=EXPECTED,
            observed=observed,
            reason=Reason.CONTRADICTING,
        )
    if hierarchy.provider_site is None:
        return Verdict(
            Outcome.UNKNOWN,
            f"The provider answers, but the account cannot see its own site {provider.site_code}: "
            "it has no role that reads sites",
            expected=EXPECTED,
            observed=observed,
            reason=Reason.NOT_VISIBLE,
        )
    if access.visible_administrators == 0:
        return Verdict(
            Outcome.UNKNOWN,
            "The account sees no administrative user, not even itself, so what else is hidden from it cannot be "
            "told: it needs the role Read-only Analyst with the scope All",
            expected=EXPECTED,
            observed=observed,
            reason=Reason.NOT_VISIBLE,
        )
    return Verdict(
        Outcome.PASS,
        f"{hierarchy.provider_site.label} answers; {_rights(access)}",
        expected=EXPECTED,
        observed=observed,
    )


def _seen(hierarchy: Hierarchy, access: SiteAccess) -> str:
    return f"{len(hierarchy.sites)} sites and {access.visible_administrators} administrative users visible"


def _rights(access: SiteAccess) -> str:
    """What the account is known to see."""
    if access.sees_sites_and_updates:
        return "the account sees every site, update and collection"
    if not access.listed:
        return "the account holds its rights through a group, so what is hidden from it is not known"
    roles = ", ".join(sorted({f"{grant.role_name} on {grant.category_name}" for grant in access.grants}))
    return f"the account sees a part only ({roles or 'no role is shown'})"
