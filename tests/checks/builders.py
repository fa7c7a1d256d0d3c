"""Facts of small estates, as a truthful source would give them. Tests change one thing of them at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from readiness.model.facts.site import ALL_SCOPES, FULL_ADMINISTRATOR, READ_ONLY_ANALYST
from readiness.plugin import (
    DEFENDER_CONNECTOR_ID,
    FACTS,
    Collection,
    Collections,
    CollectionType,
    Evidence,
    Fact,
    Half,
    Hierarchy,
    Organization,
    PartnerState,
    Reading,
    Reason,
    RoleGrant,
    Site,
    SiteAccess,
    SiteProvider,
    SiteStatus,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    ThreatDefenseConnector,
    ThreatDefenseConnectors,
    UpdatePackage,
    UpdateSiteStatus,
)

F = TypeVar("F", bound=Fact)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
READ = NOW - timedelta(minutes=3)

INSTALLED, RESTART_PENDING, READY_TO_INSTALL, HIDDEN = 196612, 196613, 262146, 393213
CURRENT, RELEASE_2002, RELEASE_1910, RELEASE_2006 = 9146, 8968, 8913, 9012
HOTFIX = "00000000-0000-4000-8000-000000000002"
CONFIGURED = "contoso.onmicrosoft.com"
"""The tenant as the configuration names it."""
TENANT = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
WINDOWS_SECURITY_CENTER = "c2b688fe-48c0-464b-a89c-67041aa8fcb2"


def site(
    code: str = "P01",
    *,
    build: int = CURRENT,
    type_: SiteType = SiteType.PRIMARY,
    parent: str = "",
    status: SiteStatus = SiteStatus.ACTIVE,
) -> Site:
    return Site(
        code=code,
        name=f"Contoso {code}",
        server=f"{code.lower()}.contoso.com",
        type=type_,
        status=status,
        mode=0,
        build=build,
        version=f"5.00.{build}.1000",
        reporting_site_code=parent,
    )


def central(code: str = "C01", *, build: int = CURRENT) -> Site:
    return site(code, build=build, type_=SiteType.CENTRAL)


def secondary(code: str = "S01", *, parent: str = "P01", build: int = CURRENT) -> Site:
    return replace(site(code, build=build, type_=SiteType.SECONDARY, parent=parent), secondary_update_status=1)


def hierarchy(*sites: Site, provider: str | None = None) -> Hierarchy:
    """These sites, read at the first of them."""
    return Hierarchy(provider or sites[0].code, sites)


def whole_hierarchy(build: int = CURRENT) -> Hierarchy:
    """A central site, two primaries and a secondary."""
    return hierarchy(
        central(build=build),
        site("P01", build=build, parent="C01"),
        site("P02", build=build, parent="C01"),
        secondary(build=build),
    )


def provider(code: str = "P01", machine: str = "cm01.contoso.com") -> SiteProvider:
    return SiteProvider(code, machine, rf"root\sms\site_{code}", (machine, "cm02.contoso.com"))


def grant(role: str = READ_ONLY_ANALYST, scope: str = ALL_SCOPES) -> RoleGrant:
    names = {READ_ONLY_ANALYST: "Read-only Analyst", FULL_ADMINISTRATOR: "Full Administrator"}
    called = "All" if scope == ALL_SCOPES else "Default"
    return RoleGrant(role, names.get(role, "Collection readers"), scope, called, 29)


def access(*grants: RoleGrant, administrators: int = 4, listed: bool = True) -> SiteAccess:
    """What the account may see: without grants, everything."""
    held = (grants or (grant(),)) if listed else grants
    return SiteAccess(r"CONTOSO\svc-readiness", administrators, listed, held)


def package(
    kb: int | None = 4563473, state: int = INSTALLED, *, guid: str = HOTFIX, name: str | None = None
) -> UpdatePackage:
    """An update; without a KB number, a release."""
    called = name or (f"Configuration Manager 2002 Hotfix (KB{kb})" if kb else "Configuration Manager 2002")
    link = f"https://support.microsoft.com/help/{kb}" if kb else "https://go.microsoft.com/fwlink/?LinkID=0000000"
    return UpdatePackage(
        guid=guid,
        name=called,
        description=called,
        more_info_link=link,
        state=state,
        supersedes="",
        full_version="5.00.8968.1000",
        client_version="5.00.8968.1008",
        last_updated=READ - timedelta(days=2),
    )


RELEASE = package(None, guid="00000000-0000-4000-8000-000000000001")


def status(code: str = "P01", state: int = INSTALLED, guid: str = HOTFIX) -> UpdateSiteStatus:
    return UpdateSiteStatus(guid, code, state, READ - timedelta(days=2))


def connector(
    state: PartnerState | str = PartnerState.ENABLED, identifier: str = DEFENDER_CONNECTOR_ID
) -> ThreatDefenseConnector:
    return ThreatDefenseConnector(identifier, PartnerState(state), READ - timedelta(hours=2), 7, windows_enabled=True)


def organization() -> Organization:
    return Organization(TENANT, "Contoso", (CONFIGURED, "contoso.com"))


def collections() -> Collections:
    return Collections(
        (
            Collection("SMS00001", "All Systems", CollectionType.DEVICE, 1204),
            Collection("SMS00002", "All Users", CollectionType.USER, 900),
            Collection("P0100021", "All Windows Servers - EDR", CollectionType.DEVICE, 37),
            Collection("P0100022", "Pilot - Workstations EDR", CollectionType.DEVICE, 20),
        )
    )


def reading(value: F, started: datetime = READ) -> Reading[F]:
    """A reading that succeeded."""
    return Reading(
        type(value).__name__, started, 0.25, value=value, source="a source", identity="who read", rows=rows_of(value)
    )


def rows_of(value: Fact) -> int:
    """As many rows as a source that gave this value would have answered."""
    held = value.held()
    return len(value.machines) or 1 if isinstance(value, SiteProvider) else max(0, held or 0)


def unread(fact: type[F], reason: Reason = Reason.ACCESS_DENIED, missing: tuple[str, ...] = ()) -> Reading[F]:
    """A reading that failed."""
    words = f"{fact.__name__} was not read: {reason}"
    return Reading(fact.__name__, READ, 0.25, reason=reason, error=words, missing=missing, source="a source")


def evidence(*readings: Reading[Fact] | Fact) -> Evidence:
    """Evidence of these readings, or facts that were read, as if collected where the halves that were tried are
    configured."""
    made = tuple(one if isinstance(one, Reading) else reading(one) for one in readings)
    of = {fact.__name__: fact.half for fact in FACTS}
    tried = {of[one.fact] for one in made if one.reason is not Reason.NOT_CONFIGURED}
    return Evidence(
        tool_version="0.1.0",
        host="station",
        started=READ - timedelta(seconds=2),
        finished=READ + timedelta(seconds=2),
        demo=False,
        partial=any(not one.available for one in made if of[one.fact] in tried),
        halves=tuple(half for half in Half if half in tried),
        tenant=CONFIGURED,
        site="cm01.contoso.com",
        readings=made,
    )


def estate(
    sites: Hierarchy | None = None,
    updates: Iterable[UpdatePackage] = (RELEASE,),
    statuses: Iterable[UpdateSiteStatus] = (),
) -> tuple[Fact, ...]:
    """Every fact of a healthy estate: by default one primary site on a current release."""
    found = sites or hierarchy(site())
    return (
        organization(),
        ThreatDefenseConnectors((connector(), connector(PartnerState.NOT_SET_UP, WINDOWS_SECURITY_CENTER))),
        provider(found.provider_site_code),
        found,
        access(),
        SiteUpdates(tuple(updates)),
        SiteUpdateStatuses(tuple(statuses)),
        collections(),
    )


def estate_2002(sites: Hierarchy | None = None, state: int = INSTALLED) -> tuple[Fact, ...]:
    """A healthy estate on release 2002, with the update in this state everywhere."""
    found = sites or hierarchy(site(build=RELEASE_2002))
    codes = [one.code for one in found.sites if one.type is not SiteType.SECONDARY]
    return estate(found, (RELEASE, package(state=state)), [status(code, state) for code in codes])


def other(facts: Iterable[Fact], **changed: Fact | Reading[Fact] | None) -> Evidence:
    """Evidence of these facts, some of them changed, failed or (None) left out, by name."""
    named: dict[str, Fact | Reading[Fact] | None] = {type(fact).__name__: fact for fact in facts}
    return evidence(*(one for one in {**named, **changed}.values() if one is not None))


def with_site(found: Hierarchy, which: str, /, **changed: object) -> Hierarchy:
    """The hierarchy with one site changed."""
    sites = tuple(replace(one, **changed) if one.code == which else one for one in found.sites)  # type: ignore[arg-type]
    return replace(found, sites=sites)
