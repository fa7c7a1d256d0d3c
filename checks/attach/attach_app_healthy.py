"""The application of tenant attach exists, is enabled and consented, and its secret is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from checks.attachment import Untraced, attach_applications, attached, label
from checks.credentials import Finding, by_site, by_tenant, together, weighed
from checks.either import Said
from checks.hierarchy import MINIMUM_BUILD
from checks.setup_work import Left, secret_left
from readiness.plugin import (
    COLLECTION_DATA_ROLES,
    MICROSERVICE,
    Ahead,
    Basis,
    Check,
    CloudApplication,
    CloudApplications,
    CloudServices,
    Context,
    EntraApplication,
    EntraApplications,
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

RENEWED_BY_GRAPH = 9132
"""Build of release 2409, from which on renewing needs Privileged Role Administrator. Source: memdocs, azure services
wizard; rule table."""
ENTRA = "Microsoft Entra admin center > Enterprise applications > the application"
RENEWER = "Privileged Role Administrator in Entra ID"
RENEWER_BEFORE = "Cloud Application Administrator in Entra ID"
_RENEW = Step(
    "Renew the secret, before the change window; where the application was imported, make a new secret in Entra first "
    "and enter it at the same place (the console does not warn of imported ones)",
    where="Administration > Cloud Services > Microsoft Entra tenants (older: Azure Active Directory Tenants) > the "
    "tenant > the application > Renew Secret Key",
    id="renew-secret",
    wait_id="upload",
    role_steps=("secret-renewal", "secret-renewal-before-2409", "attach-enable"),
)
_CONSENT = Step(
    "Give admin consent for CmCollectionData.read and CmCollectionData.write of the Configuration Manager Microservice"
    "; where the application was created beforehand, see too that its App ID URI and scopes (Expose an API) are "
    "those of the documented list, or let the wizard create one",
    where=f"{ENTRA} > Permissions > Grant admin consent",
    id="consent-application",
    role=RENEWER,
    rollback="revoke the consent at the same place",
    wait_id="upload",
    role_steps=("application-consent",),
)
_ENABLE = Step(
    "Let the application sign in again",
    where=f"{ENTRA} > Properties > Enabled for users to sign-in: Yes",
    id="enable-application",
    role=RENEWER_BEFORE,
    rollback="set it to No again",
    wait_id="upload",
)
SITE_ROLE = "Full Administrator, scope All, in Configuration Manager"
MOST_SHOWN = 10

CHECK = Check(
    id="attach-app-healthy",
    title="The attach application exists, is enabled and consented, and its secret is valid",
    phase=Phase.ATTACH,
    level=Level.BLOCKER,
    needs=Needs.EITHER,
    owner=Owner.ENTRA_ADMIN,
    depends_on=("tenant-attached",),
    tags=("article",),
    why="The site signs in to the tenant as this application: where it is gone, disabled or its secret has ended, "
    "nothing is uploaded, and nothing says so to whoever makes policy.",
    judged=(
        "Only the client id of the upload service's application is judged. The site tells the end of its secret, the "
        "tenant whether the principal is enabled, holds CmCollectionData.read and .write, and has a secret that is "
        "valid. Any valid secret will do, unless the site's end of it lies in the past: that is contradicting, as is "
        "the reverse. What ended fails; what ends within 30 days fails at advisory level. One half alone passes "
        "uncorroborated (inferred); without the site, every application with these roles must be healthy."
    ),
    inferred=(
        "One half alone is uncorroborated: the site knows the end of the secret, and not whether the principal is "
        "enabled; the tenant knows that, and which application it is only by the roles that it holds."
    ),
    remediation=Remediation(
        steps=(_RENEW, _CONSENT, _ENABLE),
        role=f"{RENEWER} (to renew the secret before release 2409: {RENEWER_BEFORE}); {SITE_ROLE}",
        wait="a few minutes until consent and a new secret count; 30 minutes until the upload shows",
        verify="Administration > Cloud Services > Microsoft Entra tenants: Secret Key Expiry; "
        "CMGatewaySyncUploadWorker.log on the server of the service connection point: 'Batching'",
        rollback="none: the former secret stays valid until its end",
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Set up Configuration Manager to support EDR policy, Task 2: Create AAD Application",
            date(2020, 5, 22),
        ),
        Source(
            "Configure Azure services",
            "memdocs intune/configmgr/core/servers/deploy/configure/azure-services-wizard.md",
        ),
        Source(
            "Import a previously created app", "memdocs intune/configmgr/tenant-attach/includes/import-azure-app.md"
        ),
        Source(
            "appRoleAssignedTo, passwordCredentials", "Graph v1.0 /servicePrincipals, /applications", date(2026, 8, 20)
        ),
    ),
)

RENEW = replace(CHECK.remediation, steps=(_RENEW,))
CONSENT = replace(CHECK.remediation, steps=(_CONSENT,), role=RENEWER, rollback="revoke the consent at the same place")
ENABLE = replace(CHECK.remediation, steps=(_ENABLE,), role=RENEWER_BEFORE, rollback="set it to No again")
SEE_PRINCIPALS = Remediation(
    steps=(
        Step(
            "See that the application permission Application.Read.All is consented for the scan, and that the "
            f"Configuration Manager Microservice ({MICROSERVICE}) is an enterprise application",
            where="Microsoft Entra admin center > Enterprise applications",
            id="see-principals",
        ),
    ),
    role="Cloud Application Administrator in Entra ID",
    verify="run the scan again: the check then has a verdict",
)

EXPECTED = (
    "the application of the upload service is enabled, holds CmCollectionData.read and .write, and has a secret that "
    "is valid for 30 days or more"
)


@CHECK.foresee
def ahead(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Ahead:
    """The secret of an application that is there already; what a new one may lack, consent above all, only perhaps."""
    left = secret_left(services, applications, context, access=access)
    return Ahead(_at(RENEW, hierarchy.value) if left.left is Left.YES else None, CHECK.remediation)


@CHECK.judge
def judge(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    access: Reading[SiteAccess],
    principals: Reading[EntraApplications],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Verdict:
    site = attached(services, applications, access)
    tenant = Said.unread(principals) if principals.value is None else Said(None, _listed(principals.value))
    deaf = next((said for said in (site, tenant) if said.reason is not None and not said.absent), None)
    if deaf is not None and deaf.reason is not None:
        words = f"Could not be verified: {deaf.observed}"
        found = Finding(Outcome.UNKNOWN, words, deaf.reason, remediation=deaf.remediation)
    elif site.absent:
        found = _by_tenant(site, principals.value, context.now)
    elif services.value is None or applications.value is None or not site.holds:
        found = Finding(Outcome.FAIL, "There is no attach application: the upload is not set up")
    else:
        rows = attach_applications(services.value, applications.value, access)
        found = _by_site(rows, principals, context.now)
    ends = _ends(services, applications, access, context.now)
    return _verdict(found, f"the site: {site.observed}{ends}; the tenant: {tenant.observed}", hierarchy.value)


def _by_site(
    rows: tuple[CloudApplication, ...] | Untraced, principals: Reading[EntraApplications], now: datetime
) -> Finding:
    """The applications of the upload service, by the site's half and, where it is configured, the tenant's."""
    if isinstance(rows, Untraced):
        return Finding(Outcome.UNKNOWN, f"Could not be verified: {rows.words}", rows.reason)
    found = together([_healthy(row, principals.value, now) for row in rows])
    return found if principals.value is not None else _alone(found, Said.unread(principals))


def _by_tenant(site: Said, principals: EntraApplications | None, now: datetime) -> Finding:
    """Without the site nothing tells which application is meant: all that could be it must come to the same."""
    if principals is None:
        return Finding(Outcome.UNKNOWN, f"Could not be verified: {site.observed}", Reason.NOT_CONFIGURED)
    if not principals.applications:
        return _alone(_missing(principals, "an attach application"), site)
    each = [_of_principal(row, now) for row in principals.applications]
    if len({(found.outcome, found.level) for found in each}) > 1:
        words = f"{len(each)} applications hold the roles, and which of them is the site's is not told: {site.observed}"
        return Finding(Outcome.UNKNOWN, words, Reason.NOT_CONFIGURED)
    return _alone(together(each), site)


def _alone(found: Finding, absent: Said) -> Finding:
    return replace(found, words=f"{found.words}; uncorroborated: {absent.observed}")


def _healthy(row: CloudApplication, principals: EntraApplications | None, now: datetime) -> Finding:
    """One application of the upload service."""
    name = label(row)
    if not row.client_id.strip():
        return Finding(Outcome.UNKNOWN, f"The attach application {name} has no client id", Reason.BAD_ANSWER)
    if principals is None:
        return weighed(name, [by_site(row.secret_expires, now)], now, RENEW)
    same = {one for one in principals.applications if one.client_id.casefold() == row.client_id.casefold()}
    if len(same) > 1:
        words = f"The attach application {name} is listed more than once, and not with the same data"
        return Finding(Outcome.UNKNOWN, words, Reason.CONTRADICTING)
    return _of_principal(same.pop(), now, row) if same else _missing(principals, name)


def _missing(principals: EntraApplications, name: str) -> Finding:
    if not principals.microservice and not principals.applications:
        words = "The tenant shows neither the Configuration Manager Microservice nor an application with its roles"
        return Finding(Outcome.UNKNOWN, words, Reason.NOT_VISIBLE, remediation=SEE_PRINCIPALS)
    words = f"The tenant has no consent for {name}: it holds no role of the Configuration Manager Microservice"
    return Finding(Outcome.FAIL, words, remediation=CONSENT)


def _of_principal(principal: EntraApplication, now: datetime, row: CloudApplication | None = None) -> Finding:
    """One application by what the tenant says of it, and where the site was read, by the site's end of the secret."""
    name = label(row) if row is not None else f"{principal.name} ({principal.client_id})"
    told = [by_site(row.secret_expires, now)] if row is not None else []
    found = [weighed(name, [*told, by_tenant(principal.secrets, now)], now, RENEW)]
    if principal.enabled is None:
        words = f"The tenant does not say whether the attach application {name} is enabled"
        found.append(Finding(Outcome.UNKNOWN, words, Reason.BAD_ANSWER))
    if principal.enabled is False:
        found.append(Finding(Outcome.FAIL, f"The attach application {name} is disabled", remediation=ENABLE))
    held = {role.casefold() for role in principal.roles}
    lacking = [words for role, words in COLLECTION_DATA_ROLES.items() if role not in held]
    if lacking:
        words = f"The attach application {name} lacks {' and '.join(lacking)}: admin consent is missing"
        found.append(Finding(Outcome.FAIL, words, remediation=CONSENT))
    worst = together(found)
    return replace(worst, words=f"enabled, consented, and {worst.words}") if worst.outcome is Outcome.PASS else worst


def _ends(
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    access: Reading[SiteAccess],
    now: datetime,
) -> str:
    """What the site tells of the secrets of the applications, where it was read."""
    if services.value is None or applications.value is None:
        return ""
    rows = attach_applications(services.value, applications.value, access)
    return "" if isinstance(rows, Untraced) else "".join(f", {by_site(r.secret_expires, now).words}" for r in rows)


def _listed(principals: EntraApplications) -> str:
    said = [_shown(row) for row in principals.applications[:MOST_SHOWN]]
    more = len(principals.applications) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "") or "no application holds the roles"


def _shown(row: EntraApplication) -> str:
    enabled = {True: "enabled", False: "disabled", None: "not said whether enabled"}[row.enabled]
    roles = ", ".join(COLLECTION_DATA_ROLES.get(role.casefold(), role) for role in row.roles) or "no role"
    ends = ", ".join(f"{s.expires:%Y-%m-%d}" if s.expires else "untold" for s in row.secrets or ()) or "none"
    return f"{row.name} ({row.client_id}): {enabled}, {roles}, ends of secrets: {ends}"


def _verdict(found: Finding, observed: str, hierarchy: Hierarchy | None) -> Verdict:
    passed = found.outcome is Outcome.PASS
    words = f"The attach application is in order: {found.words}" if passed else found.words
    return Verdict(
        found.outcome,
        words,
        EXPECTED,
        observed,
        Basis.INFERRED,
        reason=found.reason,
        level=found.level,
        remediation=_at(found.remediation, hierarchy),
        until=found.until,
    )


def _at(remediation: Remediation | None, hierarchy: Hierarchy | None) -> Remediation | None:
    """The same, with the role that this site's release needs for renewing."""
    site = hierarchy.provider_site if hierarchy is not None else None
    if remediation is not RENEW or site is None or site.build < MINIMUM_BUILD:
        return remediation
    role = RENEWER if site.build >= RENEWED_BY_GRAPH else RENEWER_BEFORE
    return replace(RENEW, role=f"{role}; {SITE_ROLE}")
