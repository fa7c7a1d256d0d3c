"""What the site says of tenant attach: the upload service, its applications and their tenants.

No published property says that tenant attach is on. What the rows mean is inferred from public code that documents
sites: a cloud service of type 5 with an associated application uploads to the admin center.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from checks.either import Said
from checks.visibility import proven
from readiness.plugin import (
    UPLOAD_SERVICE,
    CloudApplication,
    CloudApplications,
    CloudService,
    CloudServices,
    CloudTenant,
    CloudTenants,
    Reading,
    Reason,
    SiteAccess,
)

Row = TypeVar("Row", CloudApplication, CloudTenant)


@dataclass(frozen=True, slots=True)
class Untraced:
    """Why a reference between rows leads nowhere, or in several directions."""

    reason: Reason
    words: str

    @property
    def said(self) -> Said:
        return Said.hidden(self.words) if self.reason is Reason.NOT_VISIBLE else Said(None, self.words, self.reason)


def uploads(services: CloudServices) -> tuple[CloudService, ...]:
    """The services that upload to the admin center; without an application they are switched off."""
    return tuple(service for service in services.services if service.type == UPLOAD_SERVICE)


def attached(
    services: Reading[CloudServices], applications: Reading[CloudApplications], access: Reading[SiteAccess]
) -> Said:
    """Whether the site says that it is attached. Co-management alone uploads nothing, and is not looked at."""
    if services.value is None:
        return Said.unread(services)
    rows = services.value.services
    if len({row.id for row in rows}) < len(set(rows)):
        return Said(None, "a cloud service is listed more than once, and not with the same data", Reason.CONTRADICTING)
    ids = {id_ for row in uploads(services.value) for id_ in row.application_ids}
    if ids:
        return _with_applications(services.value, applications, access)
    if uploads(services.value):
        return Said(False, f"{_named(uploads(services.value))} has no application: the upload is switched off")
    if proven(len(rows), access):
        return Said(False, f"no upload service is set up ({_others(rows)})")
    return Said.hidden("the account sees no cloud service at all, and is not known to see them all")


def _with_applications(
    services: CloudServices, applications: Reading[CloudApplications], access: Reading[SiteAccess]
) -> Said:
    if applications.value is None:
        return Said.unread(applications)
    found = attach_applications(services, applications.value, access)
    if isinstance(found, Untraced):
        return found.said
    on = [service for service in uploads(services) if service.application_ids]
    return Said(True, f"{_named(on)} has the application {', '.join(map(label, found))}")


def attach_applications(
    services: CloudServices, applications: CloudApplications, access: Reading[SiteAccess]
) -> tuple[CloudApplication, ...] | Untraced:
    """The applications of the upload services, each once; empty where no upload service has one."""
    found: list[CloudApplication] = []
    for id_ in dict.fromkeys(id_ for service in uploads(services) for id_ in service.application_ids):
        row = _row(f"application {id_} of the upload service", id_, applications.applications, access)
        if isinstance(row, Untraced):
            return row
        found.append(row)
    return tuple(found)


def tenant_of(
    application: CloudApplication, tenants: CloudTenants, access: Reading[SiteAccess]
) -> CloudTenant | Untraced:
    """The tenant that an application belongs to."""
    what = f"tenant {application.tenant_ref} of the application {label(application)}"
    return _row(what, application.tenant_ref, tenants.tenants, access)


def _row(what: str, id_: int, rows: Sequence[Row], access: Reading[SiteAccess]) -> Row | Untraced:
    found = {row for row in rows if row.id == id_}
    if len(found) > 1:
        return Untraced(Reason.CONTRADICTING, f"the {what} is listed more than once, and not with the same data")
    if found:
        return found.pop()
    if proven(len(rows), access):
        return Untraced(Reason.CONTRADICTING, f"the {what} is named, but is not among the {len(rows)} that are visible")
    return Untraced(Reason.NOT_VISIBLE, f"the {what} is not visible to the account")


def label(application: CloudApplication) -> str:
    return f"{application.name} ({application.client_id})" if application.name else application.client_id


def _named(services: Sequence[CloudService]) -> str:
    names = ", ".join(service.name or str(service.id) for service in services)
    return f"the upload service {names}"


def _others(services: Sequence[CloudService]) -> str:
    types = ", ".join(str(type_) for type_ in sorted({service.type for service in services}))
    return f"{len(services)} cloud services are visible, of the types {types}" if services else "no cloud service"
