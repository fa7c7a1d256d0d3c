"""Every site runs Configuration Manager 2002 or later: earlier releases know nothing of EDR policy from Intune."""

from __future__ import annotations

from datetime import date

from checks import knowledge
from readiness.plugin import (
    Check,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reason,
    Remediation,
    Site,
    SiteStatus,
    SiteType,
    Source,
    Step,
    Subject,
    Verdict,
    by_subjects,
)

MINIMUM_BUILD = 8968
"""Build of release 2002. Source: the article; release table."""

CHECK = Check(
    id="site-version-minimum",
    title="Every site runs Configuration Manager 2002 or later",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="EDR policy reaches Configuration Manager devices through tenant attach, which begins with release 2002.",
    judged=(
        "SMS_Site.BuildNumber is at least 8968 at every central and primary site that is not deleted; an older "
        "secondary site is advisory. A build above the newest one known passes and says so; one inside the range "
        "of the table that it does not hold (technical preview) is unknown. The build decides, never Version."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Update the top-level site, then the primaries follow; begin with the newest release offered",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
            ),
            Step(
                "Update secondary sites by hand once their primary is done",
                where="Administration > Site Configuration > Sites > the secondary site > Upgrade",
            ),
        ),
        role="Full Administrator, scope All",
        wait="hours: replication and installation at every site, then client upgrade",
        verify="Monitoring > Updates and Servicing Status; CMUpdate.log on the site server; "
        "Administration > Site Configuration > Sites, column Build Number",
        rollback="none: a site update is not undone but by restoring the site",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Prerequisites, Configuration Manager with version 2002 or later",
            date(2020, 5, 22),
        ),
        Source("Updates and servicing", "memdocs intune/configmgr/core/servers/manage/updates.md", date(2024, 12, 4)),
        Source("SMS_Site server WMI class", "Configuration Manager SDK reference, BuildNumber"),
    ),
)

EXPECTED = "build 8968 (release 2002) or later at every central and primary site"


@CHECK.judge
def judge(hierarchy: Hierarchy) -> Verdict:
    sites = [site for site in hierarchy.sites if site.status is not SiteStatus.DELETED]
    observed = ", ".join(f"{site.code} build {site.build}" for site in sites) or "no site is visible"
    gap = _hidden(sites)
    if gap:
        return Verdict(Outcome.UNKNOWN, gap, expected=EXPECTED, observed=observed, reason=Reason.NOT_VISIBLE)
    return by_subjects(
        [_subject(site) for site in sites],
        CHECK.level,
        expected=EXPECTED,
        observed=observed,
        passed=_passed(sites),
    )


def _hidden(sites: list[Site]) -> str | None:
    """What shows that sites are hidden from the account: none at all, a parent, or the primaries below a centre."""
    if not any(site.type is SiteType.PRIMARY for site in sites):
        return "No primary site is visible to the account, and every hierarchy has one"
    codes = {site.code.upper() for site in sites}
    missing = sorted({s.reporting_site_code for s in sites if s.reporting_site_code.upper() not in {"", *codes}})
    return f"Site {', '.join(missing)} is named as a parent, but not visible to the account" if missing else None


def _subject(site: Site) -> Subject:
    newest = max(knowledge.releases())
    release = knowledge.release_name(site.build)
    said = f"{site.label} runs build {site.build} ({release})"
    outcome, reason, summary = Outcome.PASS, None, said
    if not site.type.known:
        outcome, reason = Outcome.UNKNOWN, Reason.UNKNOWN_VALUE
        summary = f"{site.label} is of type {site.type.value}, which no table knows"
    elif site.build < MINIMUM_BUILD:
        outcome, summary = Outcome.FAIL, f"{said}; 2002 (build {MINIMUM_BUILD}) or later is needed"
    elif site.build <= newest and site.build not in knowledge.releases():
        outcome, reason = Outcome.UNKNOWN, Reason.UNKNOWN_VALUE
        summary = f"{site.label} runs build {site.build}, which is no release that is known (a technical preview?)"
    level = Level.ADVISORY if site.type is SiteType.SECONDARY else None
    return Subject("site", site.code, site.name, outcome, summary, level=level, reason=reason)


def _passed(sites: list[Site]) -> str:
    builds = sorted({site.build for site in sites})
    said = ", ".join(f"build {build} ({knowledge.release_name(build)})" for build in builds)
    return f"{len(sites)} site{'s' if len(sites) != 1 else ''}: {said}"
