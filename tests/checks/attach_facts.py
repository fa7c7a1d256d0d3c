"""Facts of an estate that is attached to its tenant, as truthful sources would give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from readiness.model.settings import Calibration, JudgingSettings
from readiness.plugin import (
    ALL_SCOPES,
    COLLECTION_DATA_ROLES,
    FULL_ADMINISTRATOR,
    ApplicationSecret,
    CloudApplication,
    CloudApplications,
    CloudCollection,
    CloudCollections,
    CloudService,
    CloudServices,
    CloudTenant,
    CloudTenants,
    Context,
    EntraApplication,
    EntraApplications,
    Reading,
    Reason,
    SiteAccess,
)
from tests.checks.builders import NOW, TENANT, F, access, grant, reading, unread

SERVICE_ID, APPLICATION_ID, TENANT_REF = 16777218, 16777219, 16777217
CLIENT = "11111111-2222-4333-8444-555555555555"
HIERARCHY, OTHER_HIERARCHY = "6f2f0f36-9f6a-4d0a-8d0e-0d7f6c1a0a01", "6f2f0f36-9f6a-4d0a-8d0e-0d7f6c1a0a02"
READ_ROLE, WRITE_ROLE = COLLECTION_DATA_ROLES
ENDS = NOW + timedelta(days=400)
"""The end of a secret that will do."""


def service(*application_ids: int, type_: int = 5, id_: int = SERVICE_ID) -> CloudService:
    """The upload service; without ids of applications it is switched off."""
    return CloudService(id_, "Contoso tenant attach", type_, application_ids, "P01")


def application(
    *,
    id_: int = APPLICATION_ID,
    client_id: str = CLIENT,
    tenant_ref: int = TENANT_REF,
    expires: datetime | None = ENDS,
) -> CloudApplication:
    return CloudApplication(id_, f"ConfigMgrSvc_{id_}", client_id, tenant_ref, expires)


def tenant(*, id_: int = TENANT_REF, tenant_id: str = TENANT, environment: int | None = 0) -> CloudTenant:
    return CloudTenant(id_, "contoso.onmicrosoft.com", tenant_id, environment)


def services(*rows: CloudService) -> CloudServices:
    """The cloud services: without rows, the upload service of the attach application."""
    return CloudServices(rows or (service(APPLICATION_ID),))


def applications(*rows: CloudApplication) -> CloudApplications:
    return CloudApplications(rows or (application(),))


def tenants(*rows: CloudTenant) -> CloudTenants:
    return CloudTenants(rows or (tenant(),))


def secret(ends: datetime | None = ENDS, key: str = "k1") -> ApplicationSecret:
    return ApplicationSecret(key, ends)


def principal(
    *,
    client_id: str = CLIENT,
    enabled: bool | None = True,
    roles: Iterable[str] = COLLECTION_DATA_ROLES,
    secrets: tuple[ApplicationSecret, ...] | None = (ApplicationSecret("k1", ENDS),),
) -> EntraApplication:
    return EntraApplication(client_id, f"ConfigMgrSvc_{client_id}", f"p-{client_id}", enabled, tuple(roles), secrets)


def principals(*rows: EntraApplication, microservice: bool = True) -> EntraApplications:
    return EntraApplications(microservice, rows)


def listed(*ids: str, hierarchy: str = HIERARCHY, name: str = "All Windows Servers - EDR") -> CloudCollections:
    """The tenant's list of collections: these ids, all with one name."""
    rows = [CloudCollection(f"guid-{index}", name, id_, hierarchy, "Contoso") for index, id_ in enumerate(ids)]
    return CloudCollections(tuple(rows))


def full_administrator() -> Reading[SiteAccess]:
    """The account is proven to see everything."""
    return reading(access(grant(FULL_ADMINISTRATOR, ALL_SCOPES)))


def analyst() -> Reading[SiteAccess]:
    """The account is Read-only Analyst of all scopes: not known to see the Azure and Entra classes and policies."""
    return reading(access())


def absent(fact: type[F]) -> Reading[F]:
    """A reading of a half that is not configured."""
    return unread(fact, Reason.NOT_CONFIGURED)


def as_read(value: F | Reading[F]) -> Reading[F]:
    """A fact that was read, or a reading as it is."""
    return value if isinstance(value, Reading) else reading(value)


def calibrated(hierarchy_id: str | None = None, **settings: object) -> Context:
    """The context, with the hierarchy as Graph names it where one is given."""
    made = JudgingSettings(calibration=Calibration(hierarchy_id=hierarchy_id), **settings)  # type: ignore[arg-type]
    return Context(NOW, made)
