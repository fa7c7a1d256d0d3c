"""Tenant attach: cloud services, the Entra applications and tenants behind them, and what is uploaded."""

from __future__ import annotations

from readiness.model.facts import (
    CloudApplication,
    CloudApplications,
    CloudService,
    CloudServices,
    CloudTenant,
    CloudTenants,
    UploadMapping,
    UploadScope,
)
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers.session import SiteSession, finding
from readiness.sources.reader import Finding

_SERVICE_COLUMNS = ("ID", "Name", "ServiceType", "AssociatedAADWebApplications", "SiteCode")
_APPLICATION_COLUMNS = ("ID", "Name", "ClientID", "TenantID", "SecretKeyExpiry")
"""Always named, never all: the class also holds the secret itself."""
_TENANT_COLUMNS = ("ID", "Name", "TenantID", "Environment")


def services(session: SiteSession) -> Finding[CloudServices]:
    answer = session.rows("SMS_Azure_CloudService", _SERVICE_COLUMNS)
    return finding(CloudServices(tuple(_service(row) for row in answer.rows)), answer)


def _service(row: Row) -> CloudService:
    return CloudService(
        id=row.integer("ID"),
        name=row.optional_text("Name") or "",
        type=row.integer("ServiceType"),
        application_ids=row.integers("AssociatedAADWebApplications"),
        site_code=(row.optional_text("SiteCode") or "").upper(),
    )


def applications(session: SiteSession) -> Finding[CloudApplications]:
    answer = session.rows("SMS_AAD_Application_Ex", _APPLICATION_COLUMNS)
    return finding(CloudApplications(tuple(_application(row) for row in answer.rows)), answer)


def _application(row: Row) -> CloudApplication:
    return CloudApplication(
        id=row.integer("ID"),
        name=row.optional_text("Name") or "",
        client_id=row.text("ClientID"),
        tenant_ref=row.integer("TenantID"),
        secret_expires=row.optional_moment("SecretKeyExpiry"),
    )


def tenants(session: SiteSession) -> Finding[CloudTenants]:
    return session.once("SMS_AAD_Tenant_Ex", lambda: _tenants(session))


def _tenants(session: SiteSession) -> Finding[CloudTenants]:
    answer = session.rows("SMS_AAD_Tenant_Ex", _TENANT_COLUMNS)
    return finding(CloudTenants(tuple(_tenant(row) for row in answer.rows)), answer)


def _tenant(row: Row) -> CloudTenant:
    return CloudTenant(
        id=row.integer("ID"),
        name=row.optional_text("Name") or "",
        tenant_id=row.text("TenantID"),
        environment=row.optional_integer("Environment"),
    )


def upload_scope(session: SiteSession) -> Finding[UploadScope]:
    """What is uploaded to each tenant. The proof is the last answer's; without a tenant, that there is none."""
    known = tenants(session)
    mappings: list[UploadMapping] = []
    proof: Finding[CloudTenants] | Finding[UploadScope] = known
    for tenant in known.value.tenants:
        answer = session.invoke("SMS_CoMgmtConfigs", "GetTenantCollectionMapping", {"TenantID": tenant.tenant_id})
        mappings += [_mapping(tenant, row) for row in answer.rows]
        proof = finding(UploadScope(tuple(mappings)), answer)
    value = UploadScope(tuple(mappings))
    return Finding(value, len(mappings), proof.query, proof.request_id, proof.clock_skew_seconds)


def _mapping(tenant: CloudTenant, row: Row) -> UploadMapping:
    return UploadMapping(tenant.tenant_id, row.integer("ReturnValue"), row.optional_text("CollectionSiteID"))
