"""The public face for authors of checks, formats and sources. Nothing else is promised to stay."""

from __future__ import annotations

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
