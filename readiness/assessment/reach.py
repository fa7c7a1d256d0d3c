"""How far a report reaches: what each reading account is known to see, and what it may not."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.assessment.readings import Readings
from readiness.model.disclosure import WHOLE_TENANT, Sees, Sight
from readiness.model.facts import Fact, SiteAccess
from readiness.model.reading import Reading
from readiness.model.words import Half, Reason

REFUSALS = (Reason.MISSING_PERMISSION, Reason.ACCESS_DENIED)
"""Why a reading could not be had, where a right is what was missing."""
_HIDDEN = "Configuration Manager leaves out, without an error, what an account may not see"
_SITE_PART = (
    "every site, update package and collection is in sight; services of Azure, applications of Microsoft Entra and "
    f"policies may not be: {_HIDDEN}"
)
_SITE_UNKNOWN = f"sites, collections, devices, services and policies may be there that it does not see: {_HIDDEN}"
_PERSON = "what the roles of who signed in do not show may be there besides"


def sights(readings: Readings) -> tuple[Sight, ...]:
    """One for each account that read, by half, in the order of the readings."""
    read: dict[tuple[Half, str], list[Reading[Fact]]] = {}
    for fact, reading in readings.items():
        if reading.identity is not None:
            read.setdefault((fact.half, reading.identity), []).append(reading)
    found = [_sight(half, identity, own) for (half, identity), own in read.items()]
    return tuple(sorted(found, key=lambda sight: sight.half is not Half.SITE))


def _sight(half: Half, identity: str, own: Sequence[Reading[Fact]]) -> Sight:
    scope = next((reading.scope for reading in own if reading.scope is not None), None)
    sees, unseen = _of_site(own) if half is Half.SITE else _of_tenant(scope)
    refused = [reading.fact for reading in own if reading.reason in REFUSALS]
    if refused:
        sees = Sees.PART if sees is Sees.EVERYTHING else sees
        unseen = "; ".join(filter(None, (f"refused: {', '.join(refused)}", unseen)))
    return Sight(half, identity, scope, sees, unseen)


def _of_site(own: Sequence[Reading[Fact]]) -> tuple[Sees, str]:
    access = next((reading.value for reading in own if isinstance(reading.value, SiteAccess)), None)
    if access is None or not access.sees_sites_and_updates:
        return Sees.NOT_KNOWN, _SITE_UNKNOWN
    return (Sees.EVERYTHING, "") if access.sees_everything else (Sees.PART, _SITE_PART)


def _of_tenant(scope: str | None) -> tuple[Sees, str]:
    return (Sees.EVERYTHING, "") if scope == WHOLE_TENANT else (Sees.NOT_KNOWN, _PERSON)
