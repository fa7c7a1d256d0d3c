"""The service connection point is online at the top-level site: everything that goes to the cloud goes through it."""

from __future__ import annotations

from checks.hierarchy import flaw, present
from checks.wording import counted
from readiness.plugin import (
    SERVICE_CONNECTION_POINT,
    Check,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    SiteSystemRole,
    SiteSystemRoles,
    Source,
    Step,
    Verdict,
)

CHECK = Check(
    id="service-connection-online",
    title="The service connection point is online at the top-level site",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    why="Collections and devices are uploaded, and policy comes down, through the one service connection point of the "
    "hierarchy; offline, nothing moves and no component reports an error.",
    judged=(
        "The role SMS Dmp Connector at the top-level site with the property OfflineMode 0 passes, 1 fails; without "
        "that property, or with another number, it is unknown. No such role fails only where other site system roles "
        "are visible; at another site it fails, and the site is named. A hierarchy has one: two rows that differ are "
        "contradicting."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Set the service connection point to Online, persistent connection; where the role is missing, add it "
                "to a server of the top-level site that reaches the internet",
                where="Administration > Site Configuration > Servers and Site System Roles > the server > Service "
                "connection point > Properties",
                command="Set-CMServiceConnectionPoint -SiteCode <site> -SiteSystemServerName <server> -Mode Online",
                id="go-online",
            ),
            Step(
                "Restart the component SMS_DMP_DOWNLOADER, or the service SMS_EXECUTIVE, on that server",
                where="Monitoring > System Status > Component Status > Start > Configuration Manager Service Manager",
                id="restart-components",
            ),
        ),
        role="Full Administrator, scope All",
        wait="15 minutes until the components take it up; it looks for updates every 24 hours",
        verify="dmpdownloader.log and CMGatewaySyncUploadWorker.log on the server of the role: uploads have begun",
        rollback="set it back to Offline, on-demand connection at the same place",
        change_window=True,
    ),
    sources=(
        Source(
            "About the service connection point",
            "memdocs intune/configmgr/core/servers/deploy, about-the-service-connection-point.md",
        ),
        Source(
            "SMS_SCI_SysResUse",
            "Configuration Manager SDK reference; OfflineMode as dsccommunity/ConfigMgrCBDsc reads it",
        ),
    ),
)

ONLINE, OFFLINE = 0, 1
"""`OfflineMode`. Source: public code that sets it."""

EXPECTED = f"role {SERVICE_CONNECTION_POINT} at the top-level site, OfflineMode 0"


@CHECK.judge
def judge(hierarchy: Hierarchy, roles: SiteSystemRoles) -> Verdict:
    found = flaw(hierarchy)
    if found is not None:
        return _verdict(Outcome.UNKNOWN, found[1], f"{len(hierarchy.sites)} sites visible", found[0])
    top = next(site for site in present(hierarchy) if not site.reporting_site_code)
    rows = tuple(role for role in roles.roles if role.name.strip().casefold() == SERVICE_CONNECTION_POINT.casefold())
    if not rows:
        return _absent(roles, top.label)
    observed = "; ".join(sorted(map(_observed, rows)))
    if len({(row.site_code.upper(), row.server.casefold(), row.offline_mode) for row in rows}) > 1:
        words = f"{len(rows)} service connection points are listed, and a hierarchy has one: {observed}"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.CONTRADICTING)
    row = rows[0]
    if not row.site_code.strip():
        words = f"The service connection point on {row.server or 'its server'} does not say at which site it is"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.BAD_ANSWER)
    if row.site_code.upper() != top.code.upper():
        words = f"The service connection point is at site {row.site_code}, not at the top-level site"
        return _verdict(Outcome.FAIL, f"{words} {top.label}", observed)
    return _mode(row, observed)


def _absent(roles: SiteSystemRoles, top: str) -> Verdict:
    """No row of the role: it is missing where other roles are visible."""
    observed = f"{counted(len(roles.roles), 'site system role')} visible, no service connection point"
    if roles.roles:
        return _verdict(Outcome.FAIL, f"{top} has no service connection point", observed)
    words = "The account sees no site system role at all, so whether there is a service connection point is not known"
    return _verdict(Outcome.UNKNOWN, words, observed, Reason.NOT_VISIBLE)


def _mode(row: SiteSystemRole, observed: str) -> Verdict:
    server = row.server or "its server"
    if row.offline_mode == ONLINE:
        return _verdict(Outcome.PASS, f"The service connection point on {server} is online", observed)
    if row.offline_mode == OFFLINE:
        return _verdict(Outcome.FAIL, f"The service connection point on {server} is in offline mode", observed)
    if row.offline_mode is None:
        words = f"The service connection point on {server} does not say whether it is online"
        return _verdict(Outcome.UNKNOWN, words, observed, Reason.BAD_ANSWER)
    words = f"The service connection point on {server} is in mode {row.offline_mode}, which no table knows"
    return _verdict(Outcome.UNKNOWN, words, observed, Reason.UNKNOWN_VALUE)


def _observed(row: SiteSystemRole) -> str:
    mode = "not given" if row.offline_mode is None else row.offline_mode
    return f"{row.site_code} on {row.server or 'a server that is not named'}: OfflineMode {mode}"


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, expected=EXPECTED, observed=observed, reason=reason)
