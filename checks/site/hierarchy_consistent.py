"""All sites of the hierarchy run the same build and are active: policy passes through every one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from checks import knowledge
from checks.hierarchy import Flaw, doubt, flaw, present
from readiness.plugin import (
    Basis,
    Check,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    Site,
    SiteProvider,
    SiteStatus,
    SiteType,
    Source,
    Step,
    Subject,
    Verdict,
    by_subjects,
    worst,
)

CHECK = Check(
    id="hierarchy-consistent",
    title="All sites of the hierarchy run the same build and are active",
    phase=Phase.SITE,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    rules=("releases",),
    why="A site that lags behind, or is not active, does not hand on the policy of the top-level site, or hands on "
    "what its older build understands.",
    judged=(
        "Of every site that is not deleted: BuildNumber is that of the top-level site, Status is active, Mode is 0; a "
        "secondary site says that it has the updates of its parent (1; 0 says that it has not: inferred, the numbers "
        "are not documented for this property). Anything else known fails in words, as an advisory; a number that no "
        "table knows, or none at all, is unknown. A top-level site that is in recovery, being upgraded, or whose "
        "evaluation has expired (mode 2, 3, 4) is a blocker."
    ),
    inferred=(
        "What the update status of a secondary site means: its numbers are documented for another property, not for "
        "this one."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look at the state and version of every site, and mend what is not active: finish a recovery or an "
                "upgrade; a site whose evaluation has expired needs its product key",
                where="Administration > Site Configuration > Sites (columns State and Version); Monitoring > Site "
                "Hierarchy",
                id="mend-sites",
            ),
            Step(
                "Finish the update at primary sites that lag behind",
                where="Monitoring > Updates and Servicing Status > the update",
                id="finish-update",
                role_steps=("site-update",),
            ),
            Step(
                "Bring a secondary site to the level of its parent",
                where="Administration > Site Configuration > Sites > the secondary site > Upgrade, or Recover "
                "Secondary Site",
                id="update-secondaries",
                role_steps=("site-update",),
                condition="where a secondary site is behind its primary",
            ),
        ),
        role="Full Administrator, scope All",
        wait="hours: replication and installation at every site",
        verify="Administration > Site Configuration > Sites: every site Active, all with one version; CMUpdate.log and "
        "hman.log on the site servers",
        rollback="none: a site update is not undone but by restoring the site",
        change_window=True,
    ),
    sources=(
        Source("SMS_Site server WMI class", "Configuration Manager SDK reference, Mode, Status", date(2022, 10, 4)),
        Source(
            "Update rollup for release 2509",
            "KB37864969, memdocs intune/configmgr/hotfix/2509/37864969.md, secondary sites",
        ),
    ),
)

HEALTHY_MODE = 0
"""Seen on healthy sites; the reference lists 1 to 7 only."""
MODES = {
    1: "its replication is in maintenance",
    2: "it is being recovered",
    3: "it is being upgraded",
    4: "its evaluation has expired",
    5: "it is being expanded under a central site",
    6: "primary sites below it were not upgraded",
    7: "secondary sites below it were not upgraded",
}
"""`SMS_Site.Mode`. Source: SDK reference."""
STOPPED = (2, 3, 4)
"""Modes in which a top-level site carries nothing. Source: catalogue."""
LAGGING_BELOW = (6, 7)
"""Modes that only say that sites below were not upgraded: primary ones, secondary ones."""
UPDATED, NOT_UPDATED = 1, 0
"""`SMS_Site.SecondarySiteCMUpdateStatus`, as the database function of that name gives it. Source: KB37864969."""

ACTIONS_NEED = (
    "actions on devices of child sites may fail, unless it is in the group ConfigMgr_DViewAccess of each primary site "
    "(EDR policy does not need that: inferred)"
)
"""Source: memdocs intune/configmgr/tenant-attach/prerequisites.md (2022-07-11)."""

EXPECTED = "one build, status active, mode 0, and secondary sites with the updates of their parents"


@CHECK.judge
def judge(hierarchy: Hierarchy, provider: Reading[SiteProvider]) -> Verdict:
    sites = present(hierarchy)
    observed = ("; ".join(map(_observed, sites)) or "no site is visible") + _remote(hierarchy, provider.value)
    found = flaw(hierarchy)
    if found is not None:
        return _unclear(hierarchy, found, observed)
    top = next(site for site in sites if not site.reporting_site_code)
    subjects = [_subject(site, top) for site in sites]
    return by_subjects(
        subjects,
        CHECK.level,
        expected=EXPECTED,
        observed=observed,
        passed=_passed(sites, top),
        basis=_basis(sites),
        rules=knowledge.release_rules(site.build for site in sites),
    )


def _remote(hierarchy: Hierarchy, provider: SiteProvider | None) -> str:
    """That the central site has its provider elsewhere, which changes no outcome: it concerns actions, not policy."""
    top = hierarchy.provider_site
    if top is None or top.type is not SiteType.CENTRAL or provider is None or not top.server:
        return ""
    if _host(top.server) in map(_host, (provider.machine, *provider.machines)):
        return ""
    return f"; the SMS Provider of the central site is on {provider.machine}, not on {top.server}: {ACTIONS_NEED}"


def _host(server: str) -> str:
    return server.partition(".")[0].casefold()


def _unclear(hierarchy: Hierarchy, found: Flaw, observed: str) -> Verdict:
    """The sites are not all visible, or do not fit together; a top-level site that is stopped is no less so."""
    reason, words = found
    top = hierarchy.provider_site
    if top is None or top.reporting_site_code or top.mode not in STOPPED or top not in present(hierarchy):
        return Verdict(Outcome.UNKNOWN, words, expected=EXPECTED, observed=observed, reason=reason)
    return by_subjects([_subject(top, top)], CHECK.level, expected=EXPECTED, observed=observed, passed="")


def _subject(site: Site, top: Site) -> Subject:
    """The worst of what is found at a site, with the words of all that is as bad."""
    found = list(_found(site, top))
    if not found:
        return _of(site, Outcome.PASS, f"build {site.build}, active")
    first = worst(found, CHECK.level)
    words = "; ".join(one.summary for one in found if one.outcome is first.outcome)
    return replace(first, summary=f"{site.label}: {words}", remediation=_mend(site, top, first))


def _mend(site: Site, top: Site, first: Subject) -> Remediation | None:
    """The steps for what is wrong with this site; None where nothing is known to be."""
    if first.outcome is not Outcome.FAIL:
        return None
    look, finish, secondaries = CHECK.remediation.steps
    steps = []
    if site.mode in MODES.keys() - {*LAGGING_BELOW} or (site.status.known and site.status is not SiteStatus.ACTIVE):
        steps.append(look)
    if site.type is SiteType.SECONDARY or site.mode == LAGGING_BELOW[1]:
        steps.append(replace(secondaries, condition=""))
    if (site.type is not SiteType.SECONDARY and site.build != top.build) or site.mode == LAGGING_BELOW[0]:
        steps.append(finish)
    return replace(CHECK.remediation, steps=tuple(steps))


def _found(site: Site, top: Site) -> Iterator[Subject]:
    """Everything that is wrong or doubtful with a site."""
    doubtful = doubt(site)
    if doubtful is not None:
        yield _finding(site, Outcome.UNKNOWN, f"it {doubtful}", Reason.UNKNOWN_VALUE)
    elif site.build != top.build:
        yield _finding(site, Outcome.FAIL, f"it runs {_build(site)}, the top-level site {_build(top)}")
    if site.status.known and site.status is not SiteStatus.ACTIVE:
        words = site.status.name.lower().replace("_", " ")
        yield _finding(site, Outcome.FAIL, f"it is not active, its status is {words} ({site.status.value})")
    yield from _mode(site, top)
    if site.type is SiteType.SECONDARY:
        yield from _updates(site)


def _mode(site: Site, top: Site) -> Iterator[Subject]:
    if site.mode is None:
        yield _finding(site, Outcome.UNKNOWN, "it does not say in what mode it is", Reason.BAD_ANSWER)
    elif site.mode in MODES:
        level = Level.BLOCKER if site is top and site.mode in STOPPED else None
        yield _finding(site, Outcome.FAIL, f"{MODES[site.mode]} (mode {site.mode})", level=level)
    elif site.mode != HEALTHY_MODE:
        words = f"it is in mode {site.mode}, which no table knows"
        yield _finding(site, Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)


def _updates(site: Site) -> Iterator[Subject]:
    said = site.secondary_update_status
    if said is None:
        words = "it does not say whether it has the updates of its parent"
        yield _finding(site, Outcome.UNKNOWN, words, Reason.BAD_ANSWER)
    elif said == NOT_UPDATED:
        yield _finding(site, Outcome.FAIL, f"it has not the updates of its parent {site.reporting_site_code}")
    elif said != UPDATED:
        words = f"its update status is {said}, which no table knows"
        yield _finding(site, Outcome.UNKNOWN, words, Reason.UNKNOWN_VALUE)


def _finding(
    site: Site, outcome: Outcome, words: str, reason: Reason | None = None, level: Level | None = None
) -> Subject:
    return Subject("site", site.code, site.name, outcome, words, level, reason)


def _of(site: Site, outcome: Outcome, words: str) -> Subject:
    return _finding(site, outcome, f"{site.label}: {words}")


def _build(site: Site) -> str:
    return f"build {site.build} ({knowledge.release_name(site.build)})"


def _observed(site: Site) -> str:
    updates = f", update status {site.secondary_update_status}" if site.type is SiteType.SECONDARY else ""
    return f"{site.code} build {site.build}, status {site.status.value}, mode {site.mode}{updates}"


def _passed(sites: Sequence[Site], top: Site) -> str:
    if len(sites) == 1:
        return f"{top.label} is the only site that is visible, and active"
    return f"All {len(sites)} sites that are visible run {_build(top)} and are active"


def _basis(sites: Sequence[Site]) -> Basis:
    """What the update status of a secondary site means is not documented."""
    secondary = any(site.type is SiteType.SECONDARY for site in sites)
    return Basis.INFERRED if secondary else Basis.DOCUMENTED
