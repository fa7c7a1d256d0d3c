"""The scan reads the top-level site: tenant attach and the Cloud Sync tab exist only there."""

from __future__ import annotations

from checks.hierarchy import present
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
    Site,
    SiteType,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="site-is-top-level",
    title="The scan reads the top-level site of the hierarchy",
    phase=Phase.CONNECTION,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("site-reachable",),
    why="Tenant attach is configured, and collections are enabled, at the top-level site; a child site would show "
    "a part of the truth.",
    judged=(
        "Passes when SMS_Site.ReportingSiteCode of the provider's own site is empty. A child or secondary site is "
        "unknown (wrong-target), and the site and server to use are named. A second site that reports to no other is "
        "contradicting."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Name a server with the SMS Provider of the top-level site as [site] server",
                where="Administration > Site Configuration > Sites (the central administration site, or the primary "
                "site where there is only one) > Properties > General > Site server",
                id="name-top-level-site",
            ),
        ),
        role="none: a change of the configuration file",
        verify="run the scan again: the report names the top-level site",
    ),
    sources=(Source("SMS_Site server WMI class", "Configuration Manager SDK reference, ReportingSiteCode"),),
)

EXPECTED = "the provider of a central or primary site that reports to no other site"


@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict:
    site = hierarchy.provider_site
    if site is None:
        return _unknown(
            f"The provider's own site {hierarchy.provider_site_code} is not visible to the account",
            Reason.NOT_VISIBLE,
            f"{len(hierarchy.sites)} sites visible, {hierarchy.provider_site_code} not among them",
        )
    observed = f"{site.label}, reports to {site.reporting_site_code or 'no other site'}"
    if site.reporting_site_code:
        return _unknown(f"{site.label} is a child site: {_use(hierarchy, site)}", Reason.WRONG_TARGET, observed)
    others = [other.label for other in present(hierarchy) if not other.reporting_site_code and other is not site]
    if others or site not in present(hierarchy):
        words = f"{', '.join(others)} too reports to no other site" if others else "it is deleted"
        return _unknown(f"{site.label} is read as the top-level site, but {words}", Reason.CONTRADICTING, observed)
    if site.type not in (SiteType.CENTRAL, SiteType.PRIMARY):
        words = f"{site.label} reports to no other site, but its type {site.type.value} is neither central nor primary"
        return _unknown(words, Reason.WRONG_TARGET if site.type.known else Reason.UNKNOWN_VALUE, observed)
    return Verdict(Outcome.PASS, f"{site.label} is the top-level site", expected=EXPECTED, observed=observed)


def _unknown(summary: str, reason: Reason, observed: str) -> Verdict:
    return Verdict(Outcome.UNKNOWN, summary, expected=EXPECTED, observed=observed, reason=reason)


def _use(hierarchy: Hierarchy, site: Site) -> str:
    """Which site and server to use instead, followed up to the top as far as the sites are visible."""
    seen: set[str] = set()
    top = site
    while top.reporting_site_code and top.code not in seen:
        seen.add(top.code)
        parent = hierarchy.site(top.reporting_site_code)
        if parent is None:
            return f"use a provider of its parent {top.reporting_site_code}, which the account cannot see"
        top = parent
    if top.reporting_site_code:
        return "its parents name each other in a circle; use a provider of the top-level site"
    return f"use a provider of {top.label}, whose site server is {top.server or 'not named'}"
