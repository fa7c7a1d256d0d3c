"""Which hierarchy of the tenant is this site: the join that everything Graph says of collections depends on.

Which on-premises value equals Graph's `hierarchyIdentifier` is not documented, several hierarchies may share a tenant,
and every hierarchy has an SMS00001. Catalogue: rules for every check, 7.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from checks.wording import counted
from readiness.plugin import CloudCollection, CloudCollections, Collection, Collections, Remediation, Step

_BUILT_IN = "SMS"
"""Ids of built-in collections begin so; others begin with a site code, and no site can have this one (a reserved name).
Source: Configuration Manager, plan site names and site codes."""


@dataclass(frozen=True, slots=True)
class SettledHierarchy:
    """Which hierarchy of the tenant's list this site is, or why that cannot be told."""

    id: str | None
    """`hierarchyIdentifier`, case folded. None: the list says nothing about this site."""
    contradicting: bool
    """Whether several hierarchies fit, so that it is not told which of them is this one."""
    words: str
    """How it was settled, or why not."""

    def collections(self, cloud: CloudCollections) -> tuple[CloudCollection, ...]:
        """The collections of the tenant's list that are this site's; none where no hierarchy is settled."""
        return tuple(row for row in cloud.collections if self.id is not None and row.hierarchy_id.casefold() == self.id)


def settle(cloud: CloudCollections, collections: Collections | None, configured: str | None) -> SettledHierarchy:
    """Join the tenant's list of collections with this site.

    Args:
        collections: those of the site; None where they were not read.
        configured: `[site] hierarchy_id`, which decides where it is given.
    """
    if configured:
        return SettledHierarchy(configured.casefold(), False, f"hierarchy {configured}, as configured")
    if not cloud.collections:
        return SettledHierarchy(None, False, "the tenant lists no collection of Configuration Manager")
    fitting = _fitting(cloud, collections.collections if collections is not None else ())
    if len(fitting) > 1:
        named = ", ".join(sorted(fitting))
        words = f"collections of this site have the same id and name in {len(fitting)} hierarchies of the tenant"
        return SettledHierarchy(None, True, f"{words} ({named}): say in [site] hierarchy_id which is this one")
    if not fitting:
        return SettledHierarchy(None, False, _unsettled(cloud))
    ((found, rows),) = fitting.items()
    shown = f"{rows[0].collection_id} {rows[0].name}"
    return SettledHierarchy(found, False, f"hierarchy {rows[0].hierarchy_id}, which has this site's {shown}")


def _fitting(cloud: CloudCollections, own: tuple[Collection, ...]) -> dict[str, list[CloudCollection]]:
    """The hierarchies that have a collection of this site's, not built in, by id and name."""
    wanted = {row.collection_id.casefold() for row in cloud.collections}  # a site has thousands: fold few names
    fitting = [one for one in own if one.id.casefold() in wanted and not built_in(one)]
    known = {(one.id.casefold(), folded(one.name)) for one in fitting if folded(one.name)}
    found: dict[str, list[CloudCollection]] = {}
    for row in cloud.collections:
        if row.hierarchy_id and (row.collection_id.casefold(), folded(row.name)) in known:
            found.setdefault(row.hierarchy_id.casefold(), []).append(row)
    return found


def _unsettled(cloud: CloudCollections) -> str:
    hierarchies = len({row.hierarchy_id.casefold() for row in cloud.collections})
    these = "1 hierarchy" if hierarchies == 1 else f"{hierarchies} hierarchies"
    count = f"{counted(len(cloud.collections), 'collection')} of {these}"
    return f"the tenant lists {count}, and none of them with the id and name of a collection of this site"


def built_in(collection: Collection) -> bool:
    """Whether every hierarchy has this collection, so that it tells none apart."""
    return collection.built_in or collection.id.upper().startswith(_BUILT_IN)


def folded(name: str) -> str:
    """A name as it is compared: composed (NFC), without control characters, case folded."""
    kept = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char) != "Cc")
    return unicodedata.normalize("NFC", kept.casefold())


SAY_WHICH = Remediation(
    steps=(
        Step(
            "Say in [site] hierarchy_id which of the hierarchies of the tenant is this site: the GUID under which the "
            "tenant lists its collections",
            where="Microsoft Intune admin center > Tenant administration > Connectors and tokens > Microsoft Endpoint "
            "Configuration Manager lists the hierarchies by name",
            id="say-hierarchy",
        ),
    ),
    role="none: this is configuration of the scan",
    verify="run the scan again: the check then has a verdict",
)
"""The steps where several hierarchies of the tenant fit this site."""
