"""Facts of the EDR policies, as a truthful tenant would give them."""

from __future__ import annotations

from readiness.plugin import (
    CloudCollection,
    CloudCollections,
    EdrPolicies,
    EdrPolicy,
    PolicyKind,
    PolicySetting,
    PolicyStatus,
    PolicyStatuses,
    PolicyTarget,
    TargetGroup,
    TargetGroups,
    TargetKind,
)

SERVERS, PILOT = "P0100021", "P0100022"
CLOUD_IDS = {SERVERS: "0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c01", PILOT: "0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c02"}
NAMES = {SERVERS: "All Windows Servers - EDR", PILOT: "Pilot - Workstations EDR"}
HIERARCHY = "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f"
GROUP = "3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"


def to_group(id_: str = GROUP, kind: TargetKind = TargetKind.GROUP) -> PolicyTarget:
    return PolicyTarget(kind, id_)


def to_collection(id_: str) -> PolicyTarget:
    return PolicyTarget(TargetKind.COLLECTION, id_)


def policy(
    kind: PolicyKind = PolicyKind.CONFIGMGR,
    *targets: PolicyTarget,
    id_: str = "4f0e9d8c-7b6a-4594-8372-61504f3e2d1d",
    settings: tuple[PolicySetting, ...] | None = (PolicySetting("device_vendor_samplesharing", "1"),),
) -> EdrPolicy:
    technologies = ("configManager",) if kind is PolicyKind.CONFIGMGR else ("mdm", "microsoftSense")
    return EdrPolicy(id_, f"EDR - {kind.value}", kind, "windows10", technologies, ("0",), targets, settings)


def policies(*found: EdrPolicy, complete: bool = True) -> EdrPolicies:
    """These EDR policies, among others of the tenant."""
    return EdrPolicies(found, len(found) + 3, complete)


def both_kinds() -> EdrPolicies:
    """A collection policy on the servers, and an Intune policy on a group."""
    return policies(
        policy(PolicyKind.CONFIGMGR, to_collection(CLOUD_IDS[SERVERS])),
        policy(PolicyKind.INTUNE, to_group(), id_="4f0e9d8c-7b6a-4594-8372-61504f3e2d1c"),
    )


def cloud(*ids: str, hierarchy: str = HIERARCHY) -> CloudCollections:
    """The tenant's list of these collections; both without any."""
    return CloudCollections(
        tuple(
            CloudCollection(CLOUD_IDS[one], NAMES[one], one, hierarchy, "Contoso Primary (P01)")
            for one in ids or (SERVERS, PILOT)
        )
    )


def status(found: EdrPolicy, **counts: int | None) -> PolicyStatus:
    usual: dict[str, int | None] = {"targeted": 120, "compliant": 120, "non_compliant": 0, "failed": 0, "pending": 0}
    return PolicyStatus(found.id, **{**usual, **counts})


def statuses(*rows: PolicyStatus) -> PolicyStatuses:
    return PolicyStatuses(rows)


def groups(*found: TargetGroup) -> TargetGroups:
    return TargetGroups(found)


def group(asked: str = "EDR devices", *, found: bool = True, devices: bool | None = True) -> TargetGroup:
    return TargetGroup(asked, found, GROUP if found else "", asked if found else "", devices if found else None)
