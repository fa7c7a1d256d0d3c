"""The collections, and the devices in those that the roll-out is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from readiness.errors import SourceError
from readiness.model.facts import Collection, Collections, CollectionType, Device, TargetDevices
from readiness.model.targets import resolve_targets
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, ProviderFault, Row
from readiness.sources.configmgr.readers.session import SiteSession, each_once, finding
from readiness.sources.configmgr.readers.sites import hierarchy
from readiness.sources.reader import Finding

CLIENT_MATTERS_BUILD = 9141
"""Release 2509, the one at which the client's own version decides. Reference: configmgr.md Q2, a current regression."""
DOMAIN_CONTROLLERS = 516
"""Primary group of domain controllers: a well-known relative identifier, the same in every domain."""

_COLLECTION_COLUMNS = ("CollectionID", "Name", "CollectionType", "MemberCount", "LimitToCollectionID", "IsBuiltIn")
_DEVICE_COLUMNS = (
    "ResourceID", "CollectionID", "Name", "IsClient", "IsActive", "IsObsolete", "CoManaged", "DeviceOS",
    "DeviceOSBuild", "ATPOnboardingState",
)  # fmt: skip


def collections(session: SiteSession) -> Finding[Collections]:
    return session.once("SMS_Collection", lambda: _collections(session))


def _collections(session: SiteSession) -> Finding[Collections]:
    answer = session.rows("SMS_Collection", _COLLECTION_COLUMNS, optional=("ServicePartners",))
    found = tuple(_collection(row) for row in answer.rows)
    if answer.missing:
        found = _with_partners(session, found)
    return finding(Collections(found), answer)


def _collection(row: Row) -> Collection:
    return Collection(
        id=row.text("CollectionID"),
        name=row.text("Name"),
        type=CollectionType(row.integer("CollectionType")),
        member_count=row.integer("MemberCount"),
        limiting_id=row.optional_text("LimitToCollectionID") or "",
        # What is not said to be ordinary does not count as proof of anything.
        built_in=row.optional_flag("IsBuiltIn") is not False,
        service_partners=row.optional_integer("ServicePartners"),
    )


def _with_partners(session: SiteSession, found: tuple[Collection, ...]) -> tuple[Collection, ...]:
    """A site without the column has the method of the same name; it is asked for the targets only."""
    partners: dict[str, int | None] = {}
    try:
        for number in _target_ids(session, found):
            partners[number] = _partners(session, number)
    except ProviderFault as fault:
        fault.must_be_lasting()  # what the site does not tell stays None
    return tuple(replace(one, service_partners=partners[one.id]) if one.id in partners else one for one in found)


def _partners(session: SiteSession, collection: str) -> int | None:
    answer = session.invoke("SMS_Collection", "GetServicePartners", {"CollectionID": collection})
    stated = [row.optional_integer("ServicePartners") for row in answer.rows if row.integer("ReturnValue") == 0]
    return stated[0] if len(stated) == 1 else None


def _target_ids(session: SiteSession, found: Sequence[Collection]) -> tuple[str, ...]:
    targets = resolve_targets(session.targets, found)
    return tuple(target.collection.id for target in targets if target.collection and target.problem is None)


def target_devices(session: SiteSession) -> Finding[TargetDevices]:
    """The members of all targets, by one question; without targets, nothing is asked."""
    if not session.targets:
        return Finding(TargetDevices((), ()), 0)
    known = collections(session)
    asked = _target_ids(session, known.value.collections)
    if not asked:
        return Finding(TargetDevices((), ()), 0)
    # Only where it decides: elsewhere a site without the column would be asked twice for nothing.
    optional = ("ClientVersion",) if _client_matters(session) else ()
    any_of = ("CollectionID", asked)
    answer = session.rows("SMS_FullCollectionMembership", _DEVICE_COLUMNS, any_of=any_of, optional=optional)
    devices = _devices(answer, asked)
    if optional and answer.missing:
        devices = _with_versions(session, devices)
    return finding(TargetDevices(asked, _with_controllers(session, devices)), answer)


def _client_matters(session: SiteSession) -> bool:
    return any(site.build == CLIENT_MATTERS_BUILD for site in hierarchy(session).value.sites)


def _devices(answer: Answer, asked: Sequence[str]) -> tuple[Device, ...]:
    """Each device once, with the targets that hold it."""
    ids = {number.casefold(): number for number in asked}
    rows: dict[int, Row] = {}
    members: dict[int, list[str]] = {}
    for row in answer.rows:
        number, collection = row.integer("ResourceID"), ids.get(row.text("CollectionID").casefold())
        holders = members.setdefault(number, [])
        if collection is None or collection in holders:
            words = "the provider answered members of another collection than was asked for, or the same one twice"
            raise SourceError(Reason.BAD_ANSWER, words)
        holders.append(collection)
        rows.setdefault(number, row)
    return tuple(_device(number, row, members[number]) for number, row in rows.items())


def _device(number: int, row: Row, members: Sequence[str]) -> Device:
    return Device(
        id=number,
        name=row.optional_text("Name") or "",
        collections=tuple(members),
        client=row.optional_flag("IsClient") or False,
        active=row.optional_flag("IsActive"),
        obsolete=row.optional_flag("IsObsolete"),
        co_managed=row.optional_flag("CoManaged"),
        operating_system=row.optional_text("DeviceOS") or "",
        operating_system_build=row.optional_text("DeviceOSBuild") or "",
        onboarding_state=row.optional_integer("ATPOnboardingState"),
        client_version=row.optional_text("ClientVersion"),
    )


def _with_versions(session: SiteSession, devices: tuple[Device, ...]) -> tuple[Device, ...]:
    if not devices:
        return devices
    any_of = ("ResourceID", tuple(device.id for device in devices))
    rows = session.rows("SMS_CombinedDeviceResources", ("ResourceID", "ClientVersion"), any_of=any_of).rows
    each_once("SMS_CombinedDeviceResources", tuple(rows), lambda row: row.integer("ResourceID"))
    versions: Mapping[int, str | None] = {row.integer("ResourceID"): row.optional_text("ClientVersion") for row in rows}
    return tuple(replace(device, client_version=versions.get(device.id)) for device in devices)


def _with_controllers(session: SiteSession, devices: tuple[Device, ...]) -> tuple[Device, ...]:
    """Marked where the site says which devices are domain controllers. That it names none at all does not prove that
    there are none: the attribute may not be discovered."""
    if not devices:
        return devices
    try:
        rows = session.rows("SMS_R_System", ("ResourceID",), {"PrimaryGroupID": DOMAIN_CONTROLLERS}).rows
    except ProviderFault as fault:
        fault.must_be_lasting()
        return devices
    known = {row.integer("ResourceID") for row in rows}
    return tuple(replace(device, domain_controller=device.id in known) for device in devices) if known else devices
