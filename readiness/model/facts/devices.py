"""Facts of the collections and of the devices in them, as the SMS Provider tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from readiness.model.facts.base import Fact, OpenIntEnum
from readiness.model.words import Half


class CollectionType(OpenIntEnum):
    """`SMS_Collection.CollectionType`. Source: SDK reference, SMS_Collection."""

    OTHER = 0
    USER = 1
    DEVICE = 2


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection. Source: `SMS_Collection`."""

    id: str
    name: str
    type: CollectionType
    member_count: int
    limiting_id: str = ""
    """`LimitToCollectionID`: the collection that this one is limited to; empty for some of the built-in ones."""
    built_in: bool = False
    service_partners: int | None = None
    """`ServicePartners`, a bit mask of cloud services (inferred). None where the site has no such column and the method
    `GetServicePartners` was not asked or gave none."""


@dataclass(frozen=True, slots=True)
class Collections(Fact):
    """The collections that the account can see. Source: `SMS_Collection`. Collections are scoped one by one:
    seeing some of them does not prove that there are no others."""

    half: ClassVar[Half] = Half.SITE

    collections: tuple[Collection, ...]

    def held(self) -> int:
        return len(self.collections)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is a member of at least one target. Source: `SMS_FullCollectionMembership`, and for the client's
    version `SMS_CombinedDeviceResources` where the former has no such column."""

    id: int
    """`ResourceID`."""
    name: str
    collections: tuple[str, ...]
    """Ids of the targets that hold it."""
    client: bool
    """`IsClient`: the Configuration Manager client is installed. False where the site does not say."""
    active: bool | None
    obsolete: bool | None
    co_managed: bool | None
    operating_system: str
    """`DeviceOS`, as `Microsoft Windows NT Server 10.0`."""
    operating_system_build: str
    """`DeviceOSBuild`, as `10.0.20348.2000`."""
    onboarding_state: int | None
    """`ATPOnboardingState`; 1 is onboarded (general knowledge, not documented for this class)."""
    client_version: str | None = None
    """None where it was not asked for (it decides at build 9141 only) or is not known."""
    domain_controller: bool | None = None
    """By `SMS_R_System.PrimaryGroupID` 516 (general knowledge, not documented for this class: inferred). None where
    that was not readable, or no device at all has it: it may then not be discovered."""


@dataclass(frozen=True, slots=True)
class TargetDevices(Fact):
    """The devices in the collections of the roll-out. Source: `SMS_FullCollectionMembership`."""

    half: ClassVar[Half] = Half.SITE

    asked: tuple[str, ...]
    """Ids of the collections whose members were asked for. One that is not here was not read."""
    devices: tuple[Device, ...]
    """Each device once, however many targets hold it."""

    def held(self) -> int:
        return sum(len(device.collections) for device in self.devices)
