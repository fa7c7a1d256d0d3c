"""Every collection of the roll-out is uploaded to the admin center: only to those can policy be assigned."""

from __future__ import annotations

from datetime import date

from checks.attach.tenant_attached import judge as tenant_attached
from checks.console import CLOUD_ATTACH, UPLOAD, UPLOAD_TAB, at
from checks.either import Wording, weigh
from checks.setup_work import Left, upload_scope_left
from checks.synchronisation import Synchronisation, synchronisation
from checks.targets import Advised, advice, by_targets, every, no_target, settled, subject, unread
from readiness.plugin import (
    GLOBAL_ADMINISTRATOR,
    Ahead,
    Basis,
    Check,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collections,
    Context,
    Hierarchy,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    Phase,
    Reading,
    Remediation,
    SiteAccess,
    Source,
    Step,
    Subject,
    Target,
    UploadScope,
    Verdict,
)

CHECK = Check(
    id="collections-synchronised",
    title="Every collection of the roll-out is uploaded to the admin center",
    phase=Phase.COLLECTIONS,
    level=Level.BLOCKER,
    needs=Needs.EITHER,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("tenant-attached", "collections-exist"),
    tags=("article",),
    why="EDR policy for Configuration Manager devices can only be assigned to collections that the site uploads.",
    judged=(
        "The site: the upload scope of the tenant. One collection: it and what is limited to it, also through others, "
        "is inside. None named means all devices (inferred), but only where the call succeeded, tenant attach passed "
        "and the account is Full Administrator with the scope All; else it says nothing. The tenant: its list of the "
        "collections of this hierarchy. A collection that it holds is uploaded; one that it lacks says nothing, "
        "because it may list enabled ones only. Where both speak they must agree; a half that is configured but was "
        "not read leaves it unknown, and one that is not configured is named as absent. Nothing passes where "
        "tenant-attached does not: a scope may be left from earlier."
    ),
    inferred=(
        "What the upload scope says, and that none named means all devices, comes from a class list and public code. "
        "That the tenant's list holds uploaded collections is taken from what it is for."
    ),
    remediation=Remediation(
        steps=(
            Step(
                f"Widen the upload: tick '{UPLOAD}' and choose all devices (recommended), or a collection to which "
                "every collection of the roll-out is limited",
                where=UPLOAD_TAB,
                id="upload-scope",
                wait_id="upload",
                role_steps=("attach-enable", "upload-scope"),
                after=("activate-role", "name-administrator", "grant-site-administrator"),
                directory_role=GLOBAL_ADMINISTRATOR,
            ),
        ),
        role="Full Administrator, scope All, in Configuration Manager; Global Administrator in Entra ID to sign in",
        wait="30 minutes: the upload runs every 15 minutes, and takes 5 to 10 more until it shows",
        verify="CMGatewaySyncUploadWorker.log on the server of the service connection point: 'Batching' and 'Next run "
        "time will be at'; Microsoft Intune admin center > Endpoint security > Endpoint detection and response > "
        "Create policy > Assignments offers the collection once it is enabled, too",
        rollback=f"choose the earlier collection at the same place ({CLOUD_ATTACH})",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Task 3: Select collections to synchronize",
            date(2020, 5, 22),
        ),
        Source(
            "Tenant attach: device sync and device actions",
            "memdocs intune/configmgr/tenant-attach/device-sync-actions.md",
            date(2024, 12, 16),
        ),
        Source(
            "SMS_CoMgmtConfigs.GetTenantCollectionMapping",
            "class list of a site on 2002, and public code that documents sites (DocumentConfigMgrCB); inferred",
        ),
        Source("configManagerCollection", "Graph beta /deviceManagement/configManagerCollections", date(2026, 10, 1)),
    ),
)

EXPECTED = "each collection of the roll-out inside the upload scope, or in the tenant's list"
WORDING = Wording(
    expected=EXPECTED,
    passed="it is uploaded (inferred)",
    failed="it is not uploaded",
)


@CHECK.judge
def judge(
    collections: Reading[Collections],
    scope: Reading[UploadScope],
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    cloud: Reading[CloudCollections],
    organization: Reading[Organization],
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Verdict:
    unnamed = no_target(collections, context, EXPECTED)
    if unnamed is not None:
        return unnamed

    attached = tenant_attached(services, applications, access, cloud, collections, hierarchy, context)
    found = synchronisation(collections, scope, cloud, organization, access, context, attached)
    if found is None:
        return unread(collections, EXPECTED)
    remediation = at(CHECK.remediation, hierarchy.value)
    return by_targets(
        [_judged(target, found, remediation) for target in found.targets],
        CHECK.level,
        expected=EXPECTED,
        observed=found.observed,
        passed=every(len(found.targets), "uploaded (inferred)"),
        basis=Basis.INFERRED,
    )


@CHECK.foresee
def ahead(
    collections: Reading[Collections],
    scope: Reading[UploadScope],
    cloud: Reading[CloudCollections],
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Ahead:
    """The upload scope, where what it is now leaves a target out; else only if the one that will be chosen does."""
    widen = at(CHECK.remediation, hierarchy.value)
    left = upload_scope_left(scope, collections, context, access=access, cloud=cloud)
    return Ahead(certain=widen, targets=left.lacking) if left.left is Left.YES else Ahead(possible=widen)


def _judged(target: Target, found: Synchronisation, widen: Remediation) -> Advised:
    collection = settled(target)
    if isinstance(collection, Subject):
        return collection, advice(target)
    site, tenant = found.site_says(collection), found.listed.says(collection.id)
    verdict = weigh(site, tenant, WORDING)
    said = subject(target, verdict.outcome, f"{verdict.summary} ({verdict.observed})", verdict.reason)
    if verdict.outcome is Outcome.PASS:
        return found.not_attached(target, verdict.observed) or (said, None)
    return said, widen if verdict.outcome is Outcome.FAIL else verdict.remediation or site.remediation
