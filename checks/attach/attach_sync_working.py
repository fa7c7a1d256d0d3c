"""Uploads to the admin center work now: an attachment that stopped working still looks configured."""

from __future__ import annotations

from collections.abc import Sequence

from checks.visibility import SEE_EVERYTHING, proven
from readiness.plugin import (
    Ahead,
    Check,
    Component,
    ComponentStatus,
    ComponentStatuses,
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

COMPONENTS = ("SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER")
"""What uploads, and the administration service that the admin center's questions are answered by."""
CONNECTOR_PAGE = (
    "Microsoft Intune admin center > Tenant administration > Connectors and tokens > Microsoft Endpoint Configuration "
    "Manager"
)
STATUS_PAGE = "Monitoring > System Status > Component Status"

CHECK = Check(
    id="attach-sync-working",
    title="Uploads to the admin center work now",
    phase=Phase.ATTACH,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("tenant-attached", "service-connection-online"),
    tags=("article",),
    why="Collections and devices that are not uploaded cannot be targeted, and policy comes back by the same "
    "connection.",
    judged=(
        f"The status of {' and '.join(COMPONENTS)}: critical fails, a warning fails at advisory level, a number that "
        "no table knows is unknown. Green alone proves little, because no interface shows the connector's health: "
        "then a person must look at it, at advisory level, and may attest it. A component without a status fails only "
        "where the account is proven to see it."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Read the messages of the component that is not green",
                where=f"{STATUS_PAGE} > Show Messages",
                id="read-component-messages",
            ),
            Step(
                "Look for the cause on the server of the service connection point: 400 or 401 in "
                "GenericUploadWorker.log means that the hierarchy was onboarded before (offboard, wait two hours, "
                "onboard again), 400 on the very first onboarding that the geography of the tenant is not that of the "
                "server (align them, or open a support case); where the role was moved to another server, or the site "
                "recovered, renew the secret of the application; EndpointConnectivityCheckWorker.log names what a "
                "proxy or firewall refuses",
                where="the folder Logs of the site server",
                id="look-for-upload-cause",
            ),
            Step(
                "After a change of the cloud services, restart SMS_EXECUTIVE on that server",
                command="Restart-Service -Name SMS_EXECUTIVE",
                id="restart-executive",
            ),
        ),
        role="Full Administrator, scope All; local administrator of the server of the service connection point",
        wait="30 minutes: the upload runs every 15 minutes, and takes 5 to 10 more until it shows",
        verify=f"{STATUS_PAGE}: OK; CMGatewaySyncUploadWorker.log: 'Batching' and 'Next run time will be at'; "
        f"{CONNECTOR_PAGE}: Healthy",
        rollback="none: nothing is configured by these steps",
    ),
    sources=(
        Source("Troubleshoot tenant attach", "memdocs intune/configmgr/tenant-attach/troubleshoot.md"),
        Source("SMS_ComponentSummarizer", "Configuration Manager SDK reference, Status 0 OK, 1 warning, 2 critical"),
    ),
)

LOOK = Remediation(
    steps=(
        Step("Look at the connector: Healthy, and lately synchronised", where=CONNECTOR_PAGE, id="look-at-connector"),
        Step(
            "Look at the upload's log on the server of the service connection point: 'Batching <n> records' and 'Next "
            "run time will be at', the latter at most 15 minutes old; no 'DevicePost' or 'Notification' with 401",
            where="CMGatewaySyncUploadWorker.log, GenericUploadWorker.log, CMGatewayNotificationWorker.log",
            id="look-at-upload-log",
        ),
        Step(
            "Attest what was seen: [[attestation]] with check = 'attach-sync-working' in the configuration",
            id="attest-sync",
        ),
    ),
    role="Read-only Operator in Intune; read access to the logs of the site server",
    wait="none: the last upload is at most 15 minutes old where it works",
    verify="the connector page says Healthy, and the log's next run lies in the future",
)

EXPECTED = f"{' and '.join(COMPONENTS)} are OK, and a person saw that the connector is healthy"


@CHECK.foresee
def ahead() -> Ahead:
    """However green the components are, a person must look once the hierarchy is attached."""
    return Ahead(certain=LOOK, possible=CHECK.remediation, level=Level.ADVISORY)


@CHECK.judge
def judge(components: ComponentStatuses, access: Reading[SiteAccess]) -> Verdict:
    rows = [row for row in components.components if row.name.upper() in COMPONENTS]
    seen = "; ".join(map(_shown, rows)) or "no status of either component"
    critical = [row for row in rows if row.status is ComponentStatus.CRITICAL]
    if critical:
        return Verdict(Outcome.FAIL, f"Critical: {_named(critical)}", EXPECTED, seen)
    strange = next((row for row in rows if not row.status.known), None)
    if strange is not None:
        words = f"{strange.name} has the status {strange.status.value}, which no table knows"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, seen, reason=Reason.UNKNOWN_VALUE)
    missing = [name for name in COMPONENTS if name not in {row.name.upper() for row in rows}]
    if missing:
        return _without(missing, seen, certain=proven(len(rows), access))
    warned = [row for row in rows if row.status is ComponentStatus.WARNING]
    if warned:
        return Verdict(Outcome.FAIL, f"Warning: {_named(warned)}", EXPECTED, seen, level=Level.ADVISORY)
    words = "Both components are green, which proves little: look at the connector itself"
    return Verdict(Outcome.MANUAL, words, EXPECTED, seen, level=Level.ADVISORY, remediation=LOOK)


def _without(missing: Sequence[str], seen: str, *, certain: bool) -> Verdict:
    named = " and ".join(missing)
    if certain:
        return Verdict(Outcome.FAIL, f"{named} is no component of this hierarchy: nothing can upload", EXPECTED, seen)
    words = f"The status of {named} is not visible to the account"
    return Verdict(Outcome.UNKNOWN, words, EXPECTED, seen, reason=Reason.NOT_VISIBLE, remediation=SEE_EVERYTHING)


def _named(rows: Sequence[Component]) -> str:
    return ", ".join(dict.fromkeys(f"{row.name} at {row.machine or row.site_code}" for row in rows))


def _shown(row: Component) -> str:
    return f"{row.name} at {row.machine or row.site_code}: {row.status.name.lower()} ({row.status.value})"
