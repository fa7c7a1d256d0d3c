"""The sites: what they are, what runs on them, how it does."""

from __future__ import annotations

from readiness.errors import SourceError
from readiness.model.facts import (
    SERVICE_CONNECTION_POINT,
    Component,
    ComponentStatus,
    ComponentStatuses,
    Connectivity,
    ConnectivityMessage,
    ConnectivityMessages,
    Hierarchy,
    Site,
    SiteIdentification,
    SiteStatus,
    SiteSystemRole,
    SiteSystemRoles,
    SiteType,
)
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers.session import SiteSession, each_once, finding
from readiness.sources.reader import Finding

ATTACH_COMPONENTS = ("SMS_SERVICE_CONNECTOR", "SMS_REST_PROVIDER")
"""The components that carry tenant attach. Source: tenant attach prerequisites and troubleshooting (S10)."""

CONNECTOR = "SMS_SERVICE_CONNECTOR"
"""The component that tries the endpoints. Source: about the service connection point."""

_MESSAGE_COLUMNS = ("Component", "MessageID", "SiteCode", "Time")
_SITE_COLUMNS = (
    "SiteCode", "SiteName", "ServerName", "Type", "Status", "Mode", "BuildNumber", "Version", "ReportingSiteCode",
    "SecondarySiteCMUpdateStatus",
)  # fmt: skip
_ROLE_COLUMNS = ("ItemName", "NetworkOSPath", "RoleName", "SiteCode")
_COMPONENT_COLUMNS = ("ComponentName", "MachineName", "SiteCode", "Status", "TallyInterval")


def hierarchy(session: SiteSession) -> Finding[Hierarchy]:
    return session.once("SMS_Site", lambda: _hierarchy(session))


def _hierarchy(session: SiteSession) -> Finding[Hierarchy]:
    answer = session.rows("SMS_Site", _SITE_COLUMNS)
    sites = each_once("SMS_Site", tuple(_site(row) for row in answer.rows), lambda site: site.code)
    return finding(Hierarchy(session.location().value.site_code, sites), answer)


def _site(row: Row) -> Site:
    return Site(
        code=row.text("SiteCode").upper(),
        name=row.optional_text("SiteName") or "",
        server=row.optional_text("ServerName") or "",
        type=SiteType(row.integer("Type")),
        status=SiteStatus(row.integer("Status")),
        mode=row.optional_integer("Mode"),
        build=row.integer("BuildNumber"),
        version=row.optional_text("Version") or "",
        reporting_site_code=row.text("ReportingSiteCode").strip().upper(),
        secondary_update_status=row.optional_integer("SecondarySiteCMUpdateStatus"),
    )


def identification(session: SiteSession) -> Finding[SiteIdentification]:
    """Of the provider's own site: at a central site, the class may tell of others too."""
    code = session.location().value.site_code
    columns = ("ThisSiteCode", "MonthlyReleaseVersion", "SMSBuildNumber")
    answer = session.rows("SMS_Identification", columns)
    own = [row for row in answer.rows if row.text("ThisSiteCode").upper() == code]
    if len(own) != 1:
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered {len(own)} rows of SMS_Identification for {code}")
    found = SiteIdentification(
        code, own[0].optional_integer("MonthlyReleaseVersion"), own[0].optional_integer("SMSBuildNumber")
    )
    return Finding(found, len(own), answer.query, answer.request_id, answer.clock_skew_seconds)


def roles(session: SiteSession) -> Finding[SiteSystemRoles]:
    """The service connection points with their properties. The others have long properties, and are asked for only
    where none is found: to tell whether roles are visible at all."""
    where = {"RoleName": SERVICE_CONNECTION_POINT}
    answer = session.rows("SMS_SCI_SysResUse", (*_ROLE_COLUMNS, "Props"), where)
    if not answer.rows:
        answer = session.rows("SMS_SCI_SysResUse", _ROLE_COLUMNS)
    return finding(SiteSystemRoles(tuple(_role(row) for row in answer.rows)), answer)


def _role(row: Row) -> SiteSystemRole:
    modes = [p for p in row.objects("Props") if p.text("PropertyName").casefold() == "offlinemode"]
    if len(modes) > 1:
        raise SourceError(Reason.BAD_ANSWER, "the provider answered SMS_SCI_SysResUse with OfflineMode twice")
    return SiteSystemRole(
        name=row.text("RoleName"),
        site_code=row.text("SiteCode").upper(),
        server=(row.optional_text("NetworkOSPath") or "").strip("\\"),
        offline_mode=modes[0].optional_integer("Value") if modes else None,
    )


def components(session: SiteSession) -> Finding[ComponentStatuses]:
    answer = session.rows("SMS_ComponentSummarizer", _COMPONENT_COLUMNS, any_of=("ComponentName", ATTACH_COMPONENTS))
    return finding(ComponentStatuses(tuple(_component(row) for row in answer.rows)), answer)


def connectivity(session: SiteSession) -> Finding[ConnectivityMessages]:
    """The site keeps messages for months: of each result the newest is enough."""
    results = ("MessageID", tuple(int(one) for one in Connectivity))
    answer = session.rows("SMS_StatusMessage", _MESSAGE_COLUMNS, {"Component": CONNECTOR}, any_of=results)
    newest: dict[tuple[int, str], ConnectivityMessage] = {}
    for found in map(_message, (row for row in answer.rows if row.text("Component").upper() == CONNECTOR)):
        before = newest.get((found.result, found.site_code))
        if before is None or _later(found, before):
            newest[found.result, found.site_code] = found
    return finding(ConnectivityMessages(tuple(newest.values()), len(answer.rows)), answer)


def _message(row: Row) -> ConnectivityMessage:
    result = Connectivity(row.integer("MessageID"))
    return ConnectivityMessage(result, row.text("SiteCode").upper(), row.optional_moment("Time"))


def _later(one: ConnectivityMessage, other: ConnectivityMessage) -> bool:
    """Whether it is the one to keep: a message without a time makes it doubtful which is the newest, and stays."""
    return other.time is not None and (one.time is None or one.time > other.time)


def _component(row: Row) -> Component:
    return Component(
        name=row.text("ComponentName"),
        site_code=row.text("SiteCode").upper(),
        machine=row.optional_text("MachineName") or "",
        status=ComponentStatus(row.integer("Status")),
        interval=row.optional_text("TallyInterval") or "",
    )
