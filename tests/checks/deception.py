"""What each check judges, and which wrong values nothing shows to be wrong, because a truthful source could give the
very same answer:

* an id of another tenant, or another domain than the configured one, in the right form;
* another good state of the Defender connector; anything in another vendor's row;
* another machine of the same provider, among those it lists;
* another supported build, or one above the newest known that still is a build number;
* another known status of a site (`hierarchy-consistent` judges those), and "deleted" for a site that nothing else
  shows to be there;
* another code of a site that nothing else names; a secondary site under another primary;
* no parent at a site whose parent is not visible: so a top-level site is told;
* a missing row of a site that nothing else names, while others are visible (another visible row is proof of
  visibility: catalogue, rule 3);
* another number of visible administrators, above none;
* the same code or identifier in another case, because the sources do not tell case apart;
* "installed" itself.

Everything else in a field that a check judges must be noticed. What no check judges (names, versions, dates and the
like, which are only shown) is what `JUDGED` does not list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks import knowledge
from checks.knowledge import MAX_BUILD
from readiness.plugin import (
    Hierarchy,
    OpenStrEnum,
    PartnerState,
    SiteStatus,
    SiteType,
    SiteUpdateStatuses,
)
from tests.checks.builders import CONFIGURED, INSTALLED, RELEASE_2002, TENANT, connector, package
from tests.checks.corruption import Place
from tests.checks.estates import Facts, passing

JUDGED: Mapping[str, frozenset[tuple[str, str]]] = {
    "tenant-reachable": frozenset({("Organization", "tenant_id"), ("Organization", "verified_domains")}),
    "site-reachable": frozenset(
        {
            ("SiteProvider", "site_code"),
            ("SiteProvider", "machine"),
            ("SiteProvider", "namespace"),
            ("SiteProvider", "machines"),
            ("Hierarchy", "provider_site_code"),
            ("SiteAccess", "visible_administrators"),
            ("SiteAccess", "listed"),
            ("SiteAccess", "grants"),
        }
    ),
    "site-is-top-level": frozenset({("Hierarchy", "provider_site_code"), ("Hierarchy", "sites")}),
    "defender-connected": frozenset(
        {
            ("ThreatDefenseConnectors", "connectors"),
            ("ThreatDefenseConnector", "id"),
            ("ThreatDefenseConnector", "partner_state"),
        }
    ),
    "site-version-minimum": frozenset(
        {
            ("Hierarchy", "sites"),
            ("Site", "code"),
            ("Site", "type"),
            ("Site", "status"),
            ("Site", "build"),
            ("Site", "reporting_site_code"),
        }
    ),
    "site-hotfix-kb4563473": frozenset(
        {
            ("Hierarchy", "sites"),
            ("Site", "type"),
            ("Site", "status"),
            ("Site", "build"),
            ("Site", "reporting_site_code"),
            ("SiteUpdates", "packages"),
            ("SiteUpdateStatuses", "statuses"),
            ("UpdatePackage", "guid"),
            ("UpdatePackage", "state"),
            ("UpdateSiteStatus", "package_guid"),
            ("UpdateSiteStatus", "site_code"),
            ("UpdateSiteStatus", "state"),
        }
    ),
}
"""The values that each check judges, by class and field. Names, versions, other dates and the like it only shows."""


def judging(facts: Facts, place: Place) -> frozenset[str]:
    """The checks that judge this very value."""
    named = (check for check, fields in JUDGED.items() if place.key in fields)
    return frozenset(check for check in named if _concerns(facts, place, check))


def _row(facts: Facts, place: Place) -> Any:
    """The row in which the value stands."""
    found: Any = next(fact for fact in facts if type(fact).__name__ == place.fact)
    for step in place.path[:-1]:
        found = found[step] if isinstance(step, int) else getattr(found, step)
    return found


def _concerns(facts: Facts, place: Place, check: str) -> bool:
    """Whether the check looks at this very row, and not only at others of the class."""
    row = _row(facts, place)
    match place.owner:
        case "ThreatDefenseConnector":
            return bool(row.id == connector().id)
        case "UpdatePackage":
            return bool(row.guid == package().guid)
        case "UpdateSiteStatus":
            return bool(row.package_guid == package().guid) and "site-hotfix-kb4563473" in passing(facts)
        case "SiteProvider":
            return place.field != "machines" or place.path[-1] == 0
        case "Site":
            return (
                check != "site-hotfix-kb4563473"
                or row.type is not SiteType.SECONDARY
                or place.field not in ("status", "build")
            )
    return True


def deceives(facts: Facts, place: Place, new: Any) -> bool:
    """Whether a truthful source could give this very value, so that nothing shows that it is wrong."""
    old, row = place.value, _row(facts, place)
    if isinstance(new, str) and not isinstance(old, OpenStrEnum) and new.casefold() == old.casefold():
        return True
    if place.owner == "Site":
        return _site_deceives(facts, place.field, row, new)
    match place.key:
        case ("Organization", "tenant_id"):
            return len(new) == len(TENANT) and new.count("-") == 4
        case ("Organization", "verified_domains"):
            return old != CONFIGURED and new.isprintable() and " " not in new and all(new.split(".")) and "." in new
        case ("ThreatDefenseConnector", "partner_state"):
            return new in (PartnerState.ENABLED, PartnerState.AVAILABLE)
        case ("SiteProvider", "machine"):
            return new in row.machines
        case ("SiteAccess", "visible_administrators"):
            return bool(new >= 1)
        case ("UpdatePackage" | "UpdateSiteStatus", "state"):
            return bool(new == INSTALLED)
    return False


def _site_deceives(facts: Facts, field: str, row: Any, new: Any) -> bool:
    sites = next(fact for fact in facts if isinstance(fact, Hierarchy))
    match field:
        case "build":
            newest = max(knowledge.releases())
            known = new in knowledge.releases() and new >= RELEASE_2002
            return bool(known or newest < new <= MAX_BUILD)
        case "status":
            return (new is not SiteStatus.DELETED and new.known) or (
                new is SiteStatus.DELETED and _leaf(facts, row.code)
            )
        case "code":
            return (
                len(new) == 3 and new.isascii() and new.isalnum() and sites.site(new) is None and _leaf(facts, row.code)
            )
        case "reporting_site_code":
            parent = sites.site(new)
            if parent is not None:
                return row.type is SiteType.SECONDARY and parent.type is SiteType.PRIMARY
            return new == "" and sites.site(row.reporting_site_code) is None
    return False


def _leaf(facts: Facts, code: str) -> bool:
    sites = next(fact for fact in facts if isinstance(fact, Hierarchy))
    return code not in {sites.provider_site_code, *(one.reporting_site_code for one in sites.sites)}


def inconspicuous(facts: Facts, place: Place, index: int) -> bool:
    """Whether this is the row of a site that nothing else names, while others are visible."""
    if place.key != ("Hierarchy", "sites") or len(place.value) < 2:
        return False
    statuses = next(fact for fact in facts if isinstance(fact, SiteUpdateStatuses))
    waiting = {row.site_code for row in statuses.statuses if row.state != INSTALLED}
    code = place.value[index].code
    return _leaf(facts, code) and code not in waiting
