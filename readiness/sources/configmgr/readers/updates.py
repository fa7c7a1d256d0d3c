"""In-console updates, and how far they are at each site."""

from __future__ import annotations

from readiness.model.facts import SiteUpdates, SiteUpdateStatuses, UpdatePackage, UpdateSiteStatus
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers.session import SiteSession, finding
from readiness.sources.reader import Finding

_PACKAGE_COLUMNS = (
    "PackageGuid", "Name", "Description", "MoreInfoLink", "State", "SupersedesNameList", "FullVersion",
    "ClientVersion", "LastUpdateTime",
)  # fmt: skip


def packages(session: SiteSession) -> Finding[SiteUpdates]:
    answer = session.rows("SMS_CM_UpdatePackages", _PACKAGE_COLUMNS)
    return finding(SiteUpdates(tuple(_package(row) for row in answer.rows)), answer)


def _package(row: Row) -> UpdatePackage:
    return UpdatePackage(
        guid=row.text("PackageGuid"),
        name=row.optional_text("Name") or "",
        description=row.optional_text("Description") or "",
        more_info_link=row.optional_text("MoreInfoLink") or "",
        state=row.integer("State"),
        supersedes=row.optional_text("SupersedesNameList") or "",
        full_version=row.optional_text("FullVersion") or "",
        client_version=row.optional_text("ClientVersion") or "",
        last_updated=row.optional_moment("LastUpdateTime"),
    )


def statuses(session: SiteSession) -> Finding[SiteUpdateStatuses]:
    columns = ("PackageGuid", "SiteCode", "State", "LastUpdateTime")
    answer = session.rows("SMS_CM_UpdatePackageSiteStatus", columns)
    return finding(SiteUpdateStatuses(tuple(_status(row) for row in answer.rows)), answer)


def _status(row: Row) -> UpdateSiteStatus:
    return UpdateSiteStatus(
        package_guid=row.text("PackageGuid"),
        site_code=row.text("SiteCode").upper(),
        state=row.integer("State"),
        last_updated=row.optional_moment("LastUpdateTime"),
    )
