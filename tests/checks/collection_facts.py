"""Facts of the collections of a roll-out and of what is uploaded of them, as truthful sources would give them."""

from __future__ import annotations

from typing import Any

from readiness.model.settings import Calibration, JudgingSettings, Policy, Rollout, Scope, Stage
from readiness.plugin import (
    CloudApplications,
    CloudCollection,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    CollectionType,
    Context,
    Device,
    Hierarchy,
    SiteAccess,
    TargetDevices,
    UploadMapping,
    UploadScope,
)
from tests.checks.attach_facts import HIERARCHY, absent
from tests.checks.builders import NOW, TENANT

ALL_SYSTEMS, SERVERS, PILOT, KIOSKS, USERS = "SMS00001", "P0100021", "P0100022", "P0100023", "SMS00002"
NAMES = {SERVERS: "All Windows Servers - EDR", PILOT: "Pilot - Workstations EDR", KIOSKS: "Kiosks"}
NO_SITE: dict[str, Any] = {
    "collections": absent(Collections),
    "scope": absent(UploadScope),
    "services": absent(CloudServices),
    "applications": absent(CloudApplications),
    "access": absent(SiteAccess),
    "hierarchy": absent(Hierarchy),
}
"""The readings of a scan without the site, by the names of a judge's parameters."""


def collection(
    id_: str = SERVERS,
    *,
    name: str | None = None,
    type_: CollectionType = CollectionType.DEVICE,
    members: int = 37,
    limited: str = ALL_SYSTEMS,
    partners: int | None = None,
) -> Collection:
    called = NAMES.get(id_, id_) if name is None else name
    return Collection(id_, called, type_, members, limited, id_.startswith("SMS"), partners)


def all_systems(partners: int | None = None) -> Collection:
    return Collection(ALL_SYSTEMS, "All Systems", CollectionType.DEVICE, 1204, "", True, partners)


def site_collections(*own: Collection, partners: int | None = None) -> Collections:
    """These collections, by default three of devices, among the built-in ones."""
    every = own or tuple(collection(id_, partners=partners) for id_ in (SERVERS, PILOT, KIOSKS))
    users = Collection(USERS, "All Users", CollectionType.USER, 900, "", True, None)
    return Collections((all_systems(partners), users, *every))


def naming(
    *names: str,
    mask: int = 0,
    hierarchy_id: str | None = None,
    stage: Stage = Stage.PLANNED,
    min_eligible: float = 0.95,
) -> Context:
    """The context of a roll-out to these collections."""
    settings = JudgingSettings(
        scope=Scope(collections=names),
        rollout=Rollout(stage),
        policy=Policy(min_eligible=min_eligible),
        calibration=Calibration(mask, hierarchy_id),
    )
    return Context(NOW, settings)


def uploaded(root: str | None = None, *, value: int = 0, tenant: str = TENANT) -> UploadScope:
    """The upload scope: one collection, or all devices."""
    return UploadScope((UploadMapping(tenant, value, root),))


def tenant_lists(*ids: str, hierarchy: str = HIERARCHY, name: str | None = None) -> CloudCollections:
    """The tenant's list of these collections."""

    def row(id_: str) -> CloudCollection:
        return CloudCollection(f"guid-{id_}-{hierarchy}", name or NAMES.get(id_, id_), id_, hierarchy, "P01")

    return CloudCollections(tuple(map(row, ids)))


def device(
    id_: int,
    *collections: str,
    client: bool = True,
    active: bool | None = True,
    obsolete: bool | None = False,
    co_managed: bool | None = False,
    system: str = "Microsoft Windows NT Server 10.0",
    build: str = "10.0.20348.2000",
    onboarded: int | None = None,
    version: str | None = None,
    controller: bool | None = None,
) -> Device:
    """A server with a client, that nothing keeps from receiving EDR policy."""
    return Device(
        id_, f"SRV-{id_:04}", collections or (SERVERS,), client, active, obsolete, co_managed, system, build, onboarded,
        version, controller,
    )  # fmt: skip


def members(*devices: Device, asked: tuple[str, ...] = (SERVERS, PILOT, KIOSKS)) -> TargetDevices:
    return TargetDevices(asked, devices)
