"""Which devices can receive EDR policy through Configuration Manager, and what is in the way of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from checks.hierarchy import present
from checks.knowledge import defects, tables
from checks.knowledge.clients import OperatingSystem, Version, client_floors, numbers, release_number, systems
from readiness.plugin import Device, Hierarchy, Knowledge, SiteType, Stage

NOT_ONBOARDED, ONBOARDED = 0, 1
"""`ATPOnboardingState` of a device that is, or is not, onboarded (general knowledge, not documented for this class). A
device without any was never told of Defender."""
_WINDOWS = re.compile(r"\bWindows NT\b.*?\b(Workstation|Server)\D{0,20}?(\d{1,3}\.\d{1,3})", re.IGNORECASE | re.ASCII)
"""In `DeviceOS`, as `Microsoft Windows NT Advanced Server 6.3` or `Microsoft Windows NT Workstation 10.0 (Tablet
Edition)`. Source: rows of sites; not documented."""
_OTHERS = ("mac os", "macos", "linux", "unix")


class Obstacle(StrEnum):
    """What keeps a device from receiving the policy, or (the last five) leaves open whether anything does."""

    NO_CLIENT = "no client"
    INACTIVE = "inactive"
    OBSOLETE = "obsolete"
    OLD_CLIENT = "client too old"
    SYSTEM = "operating system not allowed"
    OTHER_CHANNEL = "onboarded through another channel already"
    UNTOLD = "not told whether active or obsolete"
    CLIENT_UNREAD = "client version not readable"
    SYSTEM_UNREAD = "operating system not known"
    TWICE = "listed more than once"
    STATE_UNREAD = "onboarding state that no table knows"

    @property
    def open(self) -> bool:
        """Whether it only leaves the question open."""
        return self in _OPEN


_OPEN = (Obstacle.UNTOLD, Obstacle.CLIENT_UNREAD, Obstacle.SYSTEM_UNREAD, Obstacle.TWICE, Obstacle.STATE_UNREAD)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the release of the site and the stage of the roll-out ask of a device."""

    lowest_build: int
    """Of the central and primary sites: which of them a device belongs to is not read."""
    release: int | None
    """Of the top-level site, as 2603; None where it is not known."""
    client_floor: Version | None
    """The oldest client that any of the sites asks for."""
    planned: bool
    """Whether the roll-out is only planned, so that a device that is onboarded was so by somebody else."""

    @classmethod
    def of(cls, hierarchy: Hierarchy, monthly: int | None, stage: Stage) -> Rules:
        own = hierarchy.provider_site
        builds = [site.build for site in present(hierarchy) if site.type is not SiteType.SECONDARY]
        floors = [floor for build, floor in client_floors().items() if build in builds]
        return cls(
            lowest_build=min(builds, default=0),
            release=release_number(own.build, monthly) if own is not None else None,
            client_floor=max(floors, default=None),
            planned=stage is Stage.PLANNED,
        )

    def obstacle(self, device: Device) -> Obstacle | None:
        """The first thing in the way, what is certain before what is open; None where the device is eligible."""
        found = list(self._obstacles(device))
        return next((one for one in found if not one.open), found[0] if found else None)

    def _obstacles(self, device: Device) -> Iterator[Obstacle]:
        if not device.client:
            yield Obstacle.NO_CLIENT
        if device.active is False:
            yield Obstacle.INACTIVE
        if device.obsolete is True:
            yield Obstacle.OBSOLETE
        if device.active is None or device.obsolete is None:
            yield Obstacle.UNTOLD
        yield from self._client(device)
        yield from self._system(device)
        if self.planned and device.onboarding_state == ONBOARDED:
            yield Obstacle.OTHER_CHANNEL
        if self.planned and device.onboarding_state not in (None, NOT_ONBOARDED, ONBOARDED):
            yield Obstacle.STATE_UNREAD

    def _client(self, device: Device) -> Iterator[Obstacle]:
        """The defect that the oldest client is about concerns devices that are not co-managed only."""
        if self.client_floor is None or device.co_managed:
            return
        version = numbers(device.client_version or "")
        if version is None or len(version) != len(self.client_floor):
            yield Obstacle.CLIENT_UNREAD
        elif version < self.client_floor:
            yield Obstacle.OLD_CLIENT

    def _system(self, device: Device) -> Iterator[Obstacle]:
        if any(word in device.operating_system.casefold() for word in _OTHERS):
            yield Obstacle.SYSTEM
            return
        allowed = {self._allowed(system) for system in candidates(device)}
        if allowed == {False}:
            yield Obstacle.SYSTEM
        elif allowed != {True}:
            yield Obstacle.SYSTEM_UNREAD

    def _allowed(self, system: OperatingSystem) -> bool | None:
        if system.never or self.lowest_build < system.from_build:
            return False
        if system.dropped_by is None:
            return True
        return None if self.release is None else self.release < system.dropped_by


def is_server(device: Device) -> bool | None:
    """Whether it is a server; None where its system is not known."""
    return _is_server(device.operating_system)


def candidates(device: Device) -> tuple[OperatingSystem, ...]:
    """The systems that a device may run: one where its build number is told; none where no table knows it."""
    return _candidates(device.operating_system, device.operating_system_build, tables())


@lru_cache(maxsize=1024)
def _is_server(system: str) -> bool | None:
    found = _WINDOWS.search(system)
    return found[1].casefold() == "server" if found else None


@lru_cache(maxsize=1024)  # an estate has many devices and few systems; by the tables in force
def _candidates(system: str, full_build: str, _known: Knowledge) -> tuple[OperatingSystem, ...]:
    found = _WINDOWS.search(system)
    version = numbers(found[2]) if found else None
    rows = tuple(row for row in systems() if row.server == _is_server(system) and row.version == version)
    if not full_build.strip():
        return rows
    build = numbers(full_build)
    if build is None or len(build) < 3 or build[:2] != version:
        return ()
    return tuple(row for row in rows if row.first_build <= build[2])[:1]


@dataclass(slots=True)
class Tally:
    """How many devices stand how."""

    devices: int = 0
    eligible: int = 0
    co_managed: int = 0
    servers: int = 0
    workstations: int = 0
    domain_controllers: int | None = None
    """None where no device says whether it is one."""
    obstacles: Counter[Obstacle] = field(default_factory=Counter)

    @property
    def open(self) -> int:
        """Devices of which it is not known whether they are eligible."""
        return sum(count for obstacle, count in self.obstacles.items() if obstacle.open)

    def add(self, device: Device, obstacle: Obstacle | None) -> None:
        self.devices += 1
        self.eligible += obstacle is None
        self.co_managed += device.co_managed is True
        self.servers += is_server(device) is True
        self.workstations += is_server(device) is False
        if device.domain_controller is not None:
            self.domain_controllers = (self.domain_controllers or 0) + device.domain_controller
        if obstacle is not None:
            self.obstacles[obstacle] += 1

    @property
    def why_not(self) -> str:
        """`3 no client, 1 inactive`: each device under the first thing in its way."""
        return ", ".join(f"{self.obstacles[one]:,} {one}" for one in Obstacle if self.obstacles[one])


def tallies(devices: Iterable[Device], rules: Rules) -> tuple[Tally, Mapping[str, Tally]]:
    """The distinct devices, and those of each collection by its id, case folded. Each device is judged once."""
    every, each = Tally(), dict[str, Tally]()
    known: dict[int, Obstacle | None] = {}
    rows = tuple(devices)
    times = Counter(device.id for device in rows)
    for device in rows:
        if device.id not in known:
            known[device.id] = rules.obstacle(device) if times[device.id] == 1 else Obstacle.TWICE
            every.add(device, known[device.id])
        for id_ in {id_.casefold() for id_ in device.collections}:
            each.setdefault(id_, Tally()).add(device, known[device.id])
    return every, each


def rules_of(devices: Iterable[Device], hierarchy: Hierarchy) -> tuple[str, ...]:
    """The rows that decide about these devices: of their systems, and of the defect that asks for a newer client."""
    seen = {(one.operating_system, one.operating_system_build): one for one in devices}
    rows = {row.name for device in seen.values() for row in candidates(device)}
    builds = [site.build for site in present(hierarchy) if site.type is not SiteType.SECONDARY]
    floors = (one for one in defects() if one.client_floor is not None)
    hit = (f"defects:{one.name}" for one in floors if any(one.first_build <= b <= one.last_build for b in builds))
    return (*(f"clients:{name}" for name in sorted(rows)), *hit)
