"""The site is attached to the tenant that was scanned, and not to a second, a test or a former one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from checks.attachment import Untraced, attach_applications, label, tenant_of
from checks.console import CLOUD_ATTACH, at
from checks.visibility import SEE_EVERYTHING, proven
from readiness.plugin import (
    Basis,
    Check,
    CloudApplication,
    CloudApplications,
    CloudServices,
    CloudTenant,
    CloudTenants,
    Hierarchy,
    Level,
    Needs,
    Organization,
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
    id="tenant-matches",
    title="The site is attached to the tenant that was scanned",
    phase=Phase.ATTACH,
    level=Level.BLOCKER,
    needs=Needs.BOTH,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("tenant-attached",),
    why="Everything read of the tenant says nothing about a site that uploads to another one; policy made here would "
    "never arrive there.",
    judged=(
        "The tenant of every application of the upload service (the row that its TenantID names) is the organization "
        "of the token's tenant, which for guests and partners is not their home. Another tenant fails; several, of "
        "which one is the scanned one, are contradicting. A row that is named and may be hidden is not visible."
    ),
    inferred=(
        "That the tenant of the upload service's application is the one that the hierarchy is attached to: the "
        "classes are public, what ties them together is read from public code."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Scan the tenant to which the site is attached: [tenant] id in the configuration; or let the "
                "configuration name the site that belongs to this tenant",
                where="readiness.toml",
                id="scan-right-tenant",
                role="none: only the configuration of the scan changes",
                wait="none",
                verify="run the scan again: the tenant that it reads is the one to which the site is attached",
                rollback="name the former tenant or site again",
                change_window=False,
            ),
            Step(
                "Where the site is attached to the wrong tenant: offboard it there, wait two hours, and attach it to "
                "this one",
                where=f"Microsoft Intune admin center > Tenant administration > Connectors and tokens > Microsoft "
                f"Endpoint Configuration Manager > Delete; then {CLOUD_ATTACH}",
                id="attach-anew",
                wait_id="onboard-again",
                role_steps=("attach-enable", "attach-create-app"),
                instead_of="scan-right-tenant",
            ),
        ),
        role="Full Administrator, scope All, in Configuration Manager; Global Administrator of both tenants",
        wait="up to 2 hours after offboarding; 30 minutes after attaching",
        verify="Administration > Cloud Services > Microsoft Entra tenants (older: Azure Active Directory Tenants): the "
        "tenant id is that of the admin center",
        rollback="attach the site to the former tenant again",
        change_window=True,
    ),
    sources=(
        Source("SMS_AAD_Application_Ex, SMS_AAD_Tenant_Ex", "classes of the SMS Provider, release 2002; public code"),
        Source("organization", "Graph v1.0 /organization", date(2026, 8, 20)),
    ),
)

EXPECTED = "the tenant of the attach application is the tenant that was scanned"


@CHECK.judge
def judge(
    services: CloudServices,
    applications: CloudApplications,
    tenants: CloudTenants,
    organization: Organization,
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
) -> Verdict:
    found = attach_applications(services, applications, access)
    if isinstance(found, Untraced):
        return _untraced(found)
    if not found:
        return _unattached(services, access, hierarchy)
    pairs: list[tuple[CloudApplication, CloudTenant]] = []
    for application in found:
        tenant = tenant_of(application, tenants, access)
        if isinstance(tenant, Untraced):
            return _untraced(tenant)
        pairs.append((application, tenant))
    return _compare(pairs, organization, hierarchy)


def _compare(
    pairs: list[tuple[CloudApplication, CloudTenant]], organization: Organization, hierarchy: Reading[Hierarchy]
) -> Verdict:
    seen = "; ".join(f"{label(application)} is of the tenant {_called(tenant)}" for application, tenant in pairs)
    seen = f"{seen}; scanned was {organization.label}"
    ids = [_guid(tenant.tenant_id) for _, tenant in pairs]
    scanned = _guid(organization.tenant_id)
    if scanned is None or None in ids:
        words = "A tenant id is no GUID, so that the tenants cannot be compared"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.BAD_ANSWER)
    if all(id_ == scanned for id_ in ids):
        return _verdict(Outcome.PASS, "The site is attached to the tenant that was scanned", seen)
    if scanned in ids:
        words = "The upload service has applications of several tenants, and one of them is the scanned one"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.CONTRADICTING)
    named = ", ".join(dict.fromkeys(_called(tenant) for _, tenant in pairs))
    words = f"The site is attached to another tenant: {named}, not {organization.label}"
    return _verdict(Outcome.FAIL, words, seen, remediation=at(CHECK.remediation, hierarchy.value))


def _unattached(services: CloudServices, access: Reading[SiteAccess], hierarchy: Reading[Hierarchy]) -> Verdict:
    seen = "the upload service has no application"
    if proven(len(services.services), access):
        steps = at(CHECK.remediation, hierarchy.value)
        return _verdict(Outcome.FAIL, "The site is attached to no tenant", seen, remediation=steps)
    return _untraced(Untraced(Reason.NOT_VISIBLE, "the account sees no cloud service, and may not see them all"))


def _untraced(why: Untraced) -> Verdict:
    steps = SEE_EVERYTHING if why.reason is Reason.NOT_VISIBLE else None
    return _verdict(Outcome.UNKNOWN, f"Could not be verified: {why.words}", why.words, why.reason, remediation=steps)


def _guid(text: str) -> UUID | None:
    try:
        found = UUID(text.strip())
    except ValueError:
        return None
    return found if found.int else None


def _called(tenant: CloudTenant) -> str:
    return f"{tenant.name} ({tenant.tenant_id})" if tenant.name else tenant.tenant_id


def _verdict(
    outcome: Outcome,
    summary: str,
    observed: str,
    reason: Reason | None = None,
    *,
    remediation: Remediation | None = None,
) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, observed, Basis.INFERRED, reason=reason, remediation=remediation)
