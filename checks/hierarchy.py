"""What must hold of the list of sites before anything is concluded from it.

An account sees only the sites that its rights cover, and no error says that others are there. What every hierarchy is
built like (one top-level site, primaries below a central one, secondaries below primaries) shows the gaps.
"""

from __future__ import annotations

import re

from checks import knowledge
from readiness.plugin import Hierarchy, Reason, Site, SiteStatus, SiteType

Flaw = tuple[Reason, str]

MINIMUM_BUILD = 8968
"""Build of release 2002. Source: the article; release table."""
_CODE = re.compile(r"[A-Za-z0-9]{3}")
"""Three letters or digits. Source: Configuration Manager, plan site names and site codes."""
_PARENTS = {SiteType.CENTRAL: (), SiteType.PRIMARY: (SiteType.CENTRAL,), SiteType.SECONDARY: (SiteType.PRIMARY,)}


def present(hierarchy: Hierarchy) -> tuple[Site, ...]:
    """The sites that are not deleted."""
    return tuple(site for site in hierarchy.sites if site.status is not SiteStatus.DELETED)


def flaw(hierarchy: Hierarchy) -> Flaw | None:
    """Why nothing can be concluded from this list of sites: hidden ones, or ones that do not fit together."""
    return _not_in_order(hierarchy) or _hidden(hierarchy) or _misfit(hierarchy)


def doubt(site: Site) -> str | None:
    """What about this site no table knows, so that it cannot be judged."""
    if not site.type.known:
        return f"is of type {site.type.value}, which no table knows"
    if not site.status.known:
        return f"has the status {site.status.value}, which no table knows"
    if not 0 < site.build <= knowledge.MAX_BUILD:
        return f"says that it runs build {site.build}, which is no build number"
    if MINIMUM_BUILD <= site.build <= max(knowledge.releases()) and site.build not in knowledge.releases():
        return f"runs build {site.build}, which is no release that is known (a technical preview?)"
    return None


def _not_in_order(hierarchy: Hierarchy) -> Flaw | None:
    codes = [site.code.upper() for site in hierarchy.sites]
    strange = next((site.code for site in hierarchy.sites if not _CODE.fullmatch(site.code)), None)
    if strange is not None:
        return Reason.BAD_ANSWER, f"A site has the code {strange!r}, which is no site code"
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return (Reason.CONTRADICTING, f"Site {', '.join(twice)} is listed more than once") if twice else None


def _hidden(hierarchy: Hierarchy) -> Flaw | None:
    """What shows that sites are hidden from the account: its own, every primary, or a parent."""
    sites = present(hierarchy)
    codes = {site.code.upper() for site in sites}
    own = hierarchy.provider_site_code
    if own.upper() not in codes:
        return Reason.NOT_VISIBLE, f"The provider's own site {own} is not visible to the account, or is deleted"
    if all(site.type in (SiteType.CENTRAL, SiteType.SECONDARY) for site in sites):
        return Reason.NOT_VISIBLE, "No primary site is visible to the account, and every hierarchy has one"
    parents = {site.reporting_site_code for site in sites if site.reporting_site_code}
    missing = sorted(parent for parent in parents if parent.upper() not in codes)
    if missing:
        words = "is named as a parent, but is not visible to the account, or is deleted"
        return Reason.NOT_VISIBLE, f"Site {', '.join(missing)} {words}"
    return None


def _misfit(hierarchy: Hierarchy) -> Flaw | None:
    sites = present(hierarchy)
    tops = [site for site in sites if not site.reporting_site_code]
    if len(tops) != 1:
        named = ", ".join(site.label for site in tops) or "none"
        return Reason.CONTRADICTING, f"A hierarchy has one site that reports to no other; here it is {named}"
    wrong = next((site for site in sites if not _fits(site, hierarchy.site(site.reporting_site_code))), None)
    if wrong is not None:
        parent = wrong.reporting_site_code or "no other site"
        kind = wrong.type.name.lower()
        return Reason.CONTRADICTING, f"{wrong.label} is a {kind} site that reports to {parent}, which no hierarchy has"
    return None


def _fits(site: Site, parent: Site | None) -> bool:
    """Whether a site of this type may have this parent; what no table knows is not judged here."""
    if not site.type.known or (parent is not None and not parent.type.known):
        return True
    return parent.type in _PARENTS[site.type] if parent is not None else site.type is not SiteType.SECONDARY
