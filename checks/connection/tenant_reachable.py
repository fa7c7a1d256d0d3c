"""The tenant answers, and the account may read it: without this nothing of the cloud half can be judged."""

from __future__ import annotations

import re
from datetime import date

from readiness.plugin import (
    Check,
    Context,
    Level,
    Needs,
    Organization,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="tenant-reachable",
    title="The tenant answers, and the account may read it",
    phase=Phase.CONNECTION,
    level=Level.BLOCKER,
    needs=Needs.TENANT,
    owner=Owner.ENTRA_ADMIN,
    why="Everything that is judged of Intune, Defender and Entra ID is read through this sign-in.",
    judged=(
        "Passes when the sign-in succeeds and the organization of the token can be read. Any other permission that "
        "is missing leaves it a pass that names the permission and the checks that it disables. It never fails: "
        "what could not be reached is unknown, with the reason."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Compare tenant, client id, cloud, and secret or certificate of the [tenant] section with the app "
                "registration",
                where="Microsoft Entra admin center > App registrations > the application > Overview, and "
                "Certificates & secrets",
                id="compare-tenant",
            ),
            Step(
                "Grant the application permissions Organization.Read.All and "
                "DeviceManagementServiceConfig.Read.All, and give admin consent",
                where="Microsoft Entra admin center > App registrations > the application > API permissions",
                id="grant-permission",
                wait_id="role-grant",
                role_steps=("application-consent",),
            ),
        ),
        role="Privileged Role Administrator (to consent to application permissions on Microsoft Graph)",
        wait="a few minutes until new consent shows in tokens",
        verify="run the scan again: the reading Organization then has a value",
    ),
    sources=(
        Source("Get organization", "Graph v1.0 /organization", date(2026, 8, 7)),
        Source("Permissions reference", "microsoft-graph-devx-content permissions.json", date(2026, 8, 7)),
    ),
)

DOMAIN = re.compile(r"[^\s.]+(\.[^\s.]+)+")
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

EXPECTED = "a sign-in that succeeds, and an organization that can be read"


@CHECK.judge
def judge(organization: Organization, context: Context) -> Verdict:
    if not GUID.fullmatch(organization.tenant_id) or not _names_domains(organization):
        return Verdict(
            Outcome.UNKNOWN,
            "The tenant answered without its own id or domains, so it cannot be told which tenant was read",
            expected=EXPECTED,
            observed=f"id {organization.tenant_id!r}, {len(organization.verified_domains)} verified domains",
            reason=Reason.BAD_ANSWER,
        )
    name = f"{organization.display_name or 'The tenant'} ({organization.tenant_id})"
    disabled = _disabled(context)
    return Verdict(
        Outcome.PASS,
        f"{name} answers" + (f"; {disabled}" if disabled else ""),
        expected=EXPECTED,
        observed=f"{name}, verified domains: {', '.join(organization.verified_domains)}",
    )


def _names_domains(organization: Organization) -> bool:
    """Whether the tenant names at least one domain, and nothing but domains."""
    domains = organization.verified_domains
    return bool(domains) and all(name.isprintable() and DOMAIN.fullmatch(name) for name in domains)


def _disabled(context: Context) -> str:
    """Which permissions are missing, and which checks cannot be judged for want of them."""
    checks = [name for name in context.unreadable if name != CHECK.id]
    lacking = sorted({name for check in checks for name in context.unreadable[check]})
    return f"missing permission: {', '.join(lacking)} (disables {', '.join(checks)})" if checks else ""
