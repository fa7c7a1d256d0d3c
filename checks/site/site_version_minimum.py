"""Every site runs Configuration Manager 2002 or later: earlier releases know nothing of EDR policy from Intune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from checks import knowledge
from checks.hierarchy import MINIMUM_BUILD, doubt, flaw, present
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
    SiteType,
    Source,
    Step,
    Subject,
    Verdict,
    by_subjects,
)

CHECK = Check(
    id="site-version-minimum",
    title="Every site runs Configuration Manager 2002 or later",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    rules=("releases",),
    why="EDR policy reaches Configuration Manager devices through tenant attach, which begins with release 2002.",
    judged=(
        "SMS_Site.BuildNumber is at least 8968 at every central and primary site that is not deleted; an older "
        "secondary site is advisory. A build above the newest one known passes and says so; one inside the range "
        "of the table that it does not hold (technical preview) is unknown. The build decides, never Version. "
        "Where a parent or every primary is hidden, or the sites do not make a hierarchy, it is unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Update the top-level site, then the primaries follow; begin with the newest release offered",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
                id="update-sites",
                role_steps=("site-update",),
            ),
            Step(
                "Update secondary sites by hand once their primary is done",
                where="Administration > Site Configuration > Sites > the secondary site > Upgrade",
                id="update-secondaries",
                role_steps=("site-update",),
                condition="where a secondary site is behind its primary",
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
    sites = present(hierarchy)
    observed = ", ".join(f"{site.code} build {site.build}" for site in sites) or "no site is visible"
    found = flaw(hierarchy)
    if found is not None:
        reason, summary = found
        return Verdict(Outcome.UNKNOWN, summary, expected=EXPECTED, observed=observed, reason=reason)
    subjects = [_subject(site) for site in sites]
    return by_subjects(
        subjects,
        CHECK.level,
        expected=EXPECTED,
        observed=observed,
        passed=_passed(sites),
        rules=knowledge.release_rules(site.build for site in sites),
    )


def _subject(site: Site) -> Subject:
    doubtful = doubt(site)
    said = f"{site.label} runs build {site.build} ({knowledge.release_name(site.build)})"
    if doubtful is not None:
        return _of(site, Outcome.UNKNOWN, f"{site.label} {doubtful}", Reason.UNKNOWN_VALUE)
    if site.build < MINIMUM_BUILD:
        return _of(site, Outcome.FAIL, f"{said}; 2002 (build {MINIMUM_BUILD}) or later is needed")
    return _of(site, Outcome.PASS, said)


def _of(site: Site, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    secondary = site.type is SiteType.SECONDARY
    level = Level.ADVISORY if secondary else None
    steps = _steps(secondary=secondary) if outcome is Outcome.FAIL else None
    return Subject("site", site.code, site.name, outcome, words, level=level, reason=reason, remediation=steps)


def _steps(*, secondary: bool) -> Remediation:
    update, by_hand = CHECK.remediation.steps
    return replace(CHECK.remediation, steps=(replace(by_hand, condition="") if secondary else update,))


def _passed(sites: Sequence[Site]) -> str:
    builds = sorted({site.build for site in sites})
    said = ", ".join(f"build {build} ({knowledge.release_name(build)})" for build in builds)
    return f"{len(sites)} site{'s' if len(sites) != 1 else ''} visible: {said}"
