"""Tenant attach is configured and uploads: the way by which EDR policy from Intune reaches the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from checks.attachment import attached, uploads
from checks.console import CLOUD_ATTACH, CONFIGURE, UPLOAD, UPLOAD_TAB, WIZARD, at
from checks.either import Said, Wording, read_again, weigh
from checks.hierarchies import settle
from checks.wording import counted
from readiness.plugin import (
    GLOBAL_ADMINISTRATOR,
    Check,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collections,
    Context,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="tenant-attached",
    title="Tenant attach is configured and uploads to the admin center",
    phase=Phase.ATTACH,
    level=Level.BLOCKER,
    needs=Needs.EITHER,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="Intune can only assign policy to collections that the site uploads, and the policy comes back the same way. "
    "Until it is attached, the box on the tab Cloud Sync of a collection is grey.",
    judged=(
        "The site: a cloud service of type 5 with an associated application that is visible (inferred: no published "
        "property says that tenant attach is on). Co-management does not prove it, because the upload may be "
        "unticked. The tenant: a collection of this hierarchy in the list of Configuration Manager collections; an "
        "empty list, or one of other hierarchies, says nothing. Where both speak they must agree; a half that is "
        "configured but was not read, or may be hidden, leaves it unknown."
    ),
    inferred=(
        "No published property says that tenant attach is on. At the site, a cloud service of type 5 with an "
        "application is what public code that documents sites reads; in the tenant, a listed collection shows the "
        "upload without saying so. One half alone is uncorroborated."
    ),
    remediation=Remediation(
        steps=(
            Step(
                f"Where neither co-management nor tenant attach is set up: choose {CONFIGURE} and go through the "
                f"{WIZARD}: environment AzurePublicCloud (US Government: AzureUSGovernmentCloud), sign in, keep "
                f"'{UPLOAD}' ticked, and untick automatic client enrollment unless co-management is wanted",
                where=CLOUD_ATTACH,
                id="attach",
                wait_id="upload",
                role_steps=("attach-enable", "attach-create-app"),
                after=(
                    "activate-role",
                    "name-administrator",
                    "grant-site-administrator",
                    "go-online",
                    "restart-components",
                    "update-sites",
                ),
                directory_role=GLOBAL_ADMINISTRATOR,
            ),
            Step(
                f"Where co-management is set up already: tick '{UPLOAD}' and choose the devices",
                where=UPLOAD_TAB,
                id="tick-upload",
                wait_id="upload",
                role_steps=("attach-enable", "upload-scope"),
                directory_role=GLOBAL_ADMINISTRATOR,
                instead_of="attach",
            ),
        ),
        role="Full Administrator, scope All, in Configuration Manager; Global Administrator in Entra ID for the "
        "sign-in of the wizard",
        wait="30 minutes: the upload runs every 15 minutes, and takes 5 to 10 more until it shows",
        verify="CMGatewaySyncUploadWorker.log on the server of the service connection point: 'Batching' and 'Next run "
        "time will be at'; Microsoft Intune admin center > Tenant administration > Connectors and tokens > Microsoft "
        "Endpoint Configuration Manager: Healthy",
        rollback=f"untick '{UPLOAD}' at the same place; offboarding in the admin center takes up to 2 hours",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Set up Configuration Manager to support EDR policy, Task 2: Configure tenant attach",
            date(2020, 5, 22),
        ),
        Source(
            "Tenant attach: device sync and device actions",
            "memdocs intune/configmgr/tenant-attach/device-sync-actions.md",
            date(2024, 12, 16),
        ),
        Source("SMS_Azure_CloudService", "public code that documents sites (DocumentConfigMgrCB), type 5; inferred"),
        Source("configManagerCollection", "Graph beta /deviceManagement/configManagerCollections", date(2026, 10, 1)),
    ),
)

WORDING = Wording(
    expected="the site uploads to the admin center, and the tenant knows its hierarchy",
    passed="The hierarchy is attached and uploads (inferred)",
    failed="Tenant attach is not configured, or its upload is switched off (co-management alone does not upload)",
)


@CHECK.judge
def judge(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    access: Reading[SiteAccess],
    cloud: Reading[CloudCollections],
    collections: Reading[Collections],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Verdict:
    site = attached(services, applications, access)
    verdict = weigh(site, known(cloud, collections, context.settings.calibration.hierarchy_id), WORDING)
    steps = at(_for(services), hierarchy.value)
    if verdict.outcome is Outcome.FAIL:
        return replace(verdict, remediation=steps)
    if verdict.reason is Reason.CONTRADICTING and verdict.remediation is None:
        return replace(verdict, remediation=read_again(steps))
    return verdict


def _for(services: Reading[CloudServices]) -> Remediation:
    """The way to attach; where an upload service is there already, only its upload is to be ticked."""
    attach, tick = CHECK.remediation.steps
    if services.value is None or not uploads(services.value):
        return CHECK.remediation
    steps = (replace(tick, instead_of=""), replace(attach, instead_of=tick.id))
    return replace(CHECK.remediation, steps=steps)


def known(cloud: Reading[CloudCollections], collections: Reading[Collections], configured: str | None) -> Said:
    """Whether the tenant knows this site's hierarchy. It never says no: none of its collections may be enabled."""
    if cloud.value is None:
        return Said.unread(cloud)
    if not cloud.value.collections:
        return Said(None, "it lists no collection of Configuration Manager, which says nothing")
    if not configured and collections.value is None:
        unread = Said.unread(collections)
        return Said(None, "its list cannot be joined with the site") if unread.absent else unread
    settled = settle(cloud.value, collections.value, configured)
    if settled.contradicting:
        return Said.ambiguous(settled.words)
    rows = settled.collections(cloud.value)
    if not rows:
        return Said(None, f"it lists no collection of this site ({settled.words}), which says nothing")
    return Said(True, f"it lists {counted(len(rows), 'collection')} of this site ({settled.words})")
