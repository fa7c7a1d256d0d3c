"""The public face for authors of checks, formats and sources. Nothing else is promised to stay."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from readiness.model.check import Check, Context, Source
from readiness.model.facts import (
    DEFENDER_CONNECTOR_ID,
    FACTS,
    Collection,
    Collections,
    CollectionType,
    Fact,
    Hierarchy,
    OpenIntEnum,
    OpenStrEnum,
    Organization,
    PartnerState,
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
from readiness.model.reading import Evidence, Reading
from readiness.model.remediation import Remediation, Step
from readiness.model.verdict import Subject, Verdict, by_subjects, worst
from readiness.model.words import (
    MARKS,
    Basis,
    DecisionState,
    Half,
    Level,
    Needs,
    Outcome,
    OverlayState,
    Owner,
    Phase,
    Reason,
)

if TYPE_CHECKING:
    from readiness.model.report import (
        ChangeHeader,
        CheckResult,
        Decision,
        PlanStep,
        ReadingSummary,
        Report,
        Run,
        SubjectResult,
        TargetDecision,
    )
    from readiness.model.settings import Attestation, JudgingSettings, Overlay, Rollout, Scope, Stage, Waiver

_LATER = {
    **dict.fromkeys(
        (
            "ChangeHeader",
            "CheckResult",
            "Decision",
            "PlanStep",
            "ReadingSummary",
            "Report",
            "Run",
            "SubjectResult",
            "TargetDecision",
        ),
        "readiness.model.report",
    ),
    **dict.fromkeys(
        ("Attestation", "JudgingSettings", "Overlay", "Rollout", "Scope", "Stage", "Waiver"), "readiness.model.settings"
    ),
}
"""Nouns that a check does without: they are imported when they are named, so that listing the checks stays cheap."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


def report_json(report: Report) -> str:
    """The report as its JSON file holds it, schema and digest included."""
    from readiness import documents  # formats that need no JSON do not pay for it

    return documents.report_json(report)


__all__ = [
    "DEFENDER_CONNECTOR_ID",
    "FACTS",
    "MARKS",
    "Attestation",
    "Basis",
    "ChangeHeader",
    "Check",
    "CheckResult",
    "Collection",
    "CollectionType",
    "Collections",
    "Context",
    "Decision",
    "DecisionState",
    "Evidence",
    "Fact",
    "Half",
    "Hierarchy",
    "JudgingSettings",
    "Level",
    "Needs",
    "OpenIntEnum",
    "OpenStrEnum",
    "Organization",
    "Outcome",
    "Overlay",
    "OverlayState",
    "Owner",
    "PartnerState",
    "Phase",
    "PlanStep",
    "Reading",
    "ReadingSummary",
    "Reason",
    "Remediation",
    "Report",
    "RoleGrant",
    "Rollout",
    "Run",
    "Scope",
    "Site",
    "SiteAccess",
    "SiteProvider",
    "SiteStatus",
    "SiteType",
    "SiteUpdateStatuses",
    "SiteUpdates",
    "Source",
    "Stage",
    "Step",
    "Subject",
    "SubjectResult",
    "TargetDecision",
    "ThreatDefenseConnector",
    "ThreatDefenseConnectors",
    "UpdatePackage",
    "UpdateSiteStatus",
    "Verdict",
    "Waiver",
    "by_subjects",
    "report_json",
    "worst",
]
