"""The SMS Provider answers, and the account may read it: without this nothing on-premises can be judged."""

from __future__ import annotations

from datetime import date

from checks.wording import counted
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
    why="Everything that is judged of the site is read from its SMS Provider, which hides rows from accounts "
    "without rights and gives no error.",
    judged=(
        "Passes when the server names itself a provider (SMS_ProviderLocation), its site is among the sites that the "
        "account sees (SMS_Site), and at least one administrative user is visible (SMS_Admin), which tells what the "
        "account may see. An account that is listed there without any role is unknown; one that is not listed holds "
        "its rights through a group. It never fails: what could not be reached is unknown, with the reason."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Check that the server has the SMS Provider, that what [site] transport names listens there (WinRM, or "
                "the administration service), and that its certificate is issued by an authority that ca_bundle names",
                where="Administration > Site Configuration > Servers and Site System Roles",
                command="Test-WSMan -ComputerName <server> -UseSSL",
                id="reach-provider",
            ),
            Step(
                "Add the account to Remote Management Users on the provider machine",
                command="Add-LocalGroupMember -Group 'Remote Management Users' -Member <account>",
                id="grant-remote-management",
            ),
            Step(
                "Make the account an administrative user with the role Read-only Analyst and the scope All",
                where="Administration > Security > Administrative Users",
                command="New-CMAdministrativeUser -Name <account> -RoleName 'Read-only Analyst' "
                "-SecurityScopeName 'All'",
                id="grant-read-only",
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
    doubt = _misfit(provider, hierarchy) or _nothing_seen(provider, hierarchy, access)
    if doubt is not None:
        reason, words = doubt
        return Verdict(Outcome.UNKNOWN, words, expected=EXPECTED, observed=observed, reason=reason)
    site = hierarchy.provider_site
    label = site.label if site is not None else provider.site_code
    return Verdict(Outcome.PASS, f"{label} answers; {_rights(access)}", expected=EXPECTED, observed=observed)


def _misfit(provider: SiteProvider, hierarchy: Hierarchy) -> tuple[Reason, str] | None:
    """What of the server's own words about which site it provides does not fit together."""
    code = provider.site_code.upper()
    fits = (
        code == hierarchy.provider_site_code.upper(),
        provider.namespace.upper() == rf"ROOT\SMS\SITE_{code}",
        provider.machine.strip() != "" and provider.machine in provider.machines,
    )
    if all(fits):
        return None
    return Reason.CONTRADICTING, "The server's own words about which site it provides do not fit together"


def _nothing_seen(provider: SiteProvider, hierarchy: Hierarchy, access: SiteAccess) -> tuple[Reason, str] | None:
    """What the account would see if it had the rights that it needs."""
    if hierarchy.provider_site is None:
        words = f"The provider answers, but the account cannot see its own site {provider.site_code}"
        return Reason.NOT_VISIBLE, f"{words}: it has no role that reads sites"
    if access.visible_administrators < 1:
        return (
            Reason.NOT_VISIBLE,
            "The account sees no administrative user, not even itself, so what else is hidden from it cannot be "
            "told: it needs the role Read-only Analyst with the scope All",
        )
    if access.listed and not access.grants:
        words = "The account is an administrative user, but no role of it is shown"
        return Reason.NOT_VISIBLE, f"{words}, so what is hidden from it cannot be told"
    if access.grants and not access.listed:
        return Reason.CONTRADICTING, "The account has roles, but is not among the administrative users"
    return None


def _seen(hierarchy: Hierarchy, access: SiteAccess) -> str:
    users = counted(access.visible_administrators, "administrative user")
    return f"{counted(len(hierarchy.sites), 'site')} and {users} visible"


def _rights(access: SiteAccess) -> str:
    """What the account is known to see."""
    if access.sees_sites_and_updates:
        return "the account sees every site, update and collection"
    if not access.listed:
        return "the account holds its rights through a group, so what is hidden from it is not known"
    roles = ", ".join(sorted({f"{grant.role_name} on {grant.category_name}" for grant in access.grants}))
    return f"the account is proven to see a part only ({roles})"
