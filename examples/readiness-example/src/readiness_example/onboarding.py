"""A fact that readiness does not read itself: how far Defender for Endpoint is on the devices that Intune manages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from readiness.plugin import Call, Fact, Finding, Graph, Half, Reader

SUMMARY = "/deviceManagement/advancedThreatProtectionOnboardingStateSummary"


@dataclass(frozen=True, slots=True)
class OnboardingSummary(Fact):
    """Devices by what became of onboarding them.

    Source: `advancedThreatProtectionOnboardingStateSummary` (Graph beta).
    """

    half: ClassVar[Half] = Half.TENANT

    compliant: int
    failed: int
    """`errorDeviceCount`: onboarding was tried, and the device reports an error."""
    conflicting: int
    """Devices that are told two different things."""
    not_assigned: int


def read(graph: Graph) -> Finding[OnboardingSummary]:
    """Counts that are missing or no counts make the reading unavailable: `row.count` refuses them."""
    answer = graph.object("beta", SUMMARY)
    row = answer.one
    summary = OnboardingSummary(
        compliant=row.count("compliantDeviceCount"),
        failed=row.count("errorDeviceCount"),
        conflicting=row.count("conflictDeviceCount"),
        not_assigned=row.count("notAssignedDeviceCount"),
    )
    return answer.finding(summary)


READERS = (
    Reader(
        OnboardingSummary,
        f"Graph beta {SUMMARY}",
        ("DeviceManagementConfiguration.Read.All",),
        read,
        calls=(Call(f"Graph beta {SUMMARY}"),),
    ),
)
