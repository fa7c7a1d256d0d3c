"""KB4563473 is needed on Configuration Manager 2002, and only there."""

from __future__ import annotations

import re
from dataclasses import replace
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
    Reading,
    Reason,
    Remediation,
    Site,
    SiteAccess,
    SiteStatus,
    SiteType,
    SiteUpdates,
    SiteUpdateStatuses,
    Source,
    Step,
    Subject,
    UpdatePackage,
    Verdict,
    by_subjects,
    worst,
)

KB = 4563473

CHECK = Check(
    id="site-hotfix-kb4563473",
    title="Update KB4563473 is installed where 2002 needs it",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("site-version-minimum",),
    tags=("article",),
    why="On release 2002 the site cannot hand EDR policy from Intune to its devices without this update; later "
    "releases contain it.",
    judged=(
        "Only where a central or primary site runs build 8968; elsewhere it does not apply. The package is found by "
        "the digits of its KB number in name, link or description. Installed at the top-level site and at each "
        "primary of that build passes; every other known state fails, in words; hidden, or a later rollup of 2002 "
        "without it, must be looked at by a person. No such package fails where others are visible, or where the "
        "account is proven to see all; else it is unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Install Configuration Manager 2002 Hotfix (KB4563473), or better: update to a release that is in "
                "support, which contains it",
                where="Administration > Updates and Servicing > Configuration Manager 2002 Hotfix (KB4563473) > "
                "Install Update Pack",
            ),
            Step(
                "Where the update is not offered: see that the service connection point is online, then check for "
                "updates",
                where="Administration > Updates and Servicing > Check for Updates",
            ),
        ),
        role="Full Administrator, scope All",
        wait="up to an hour per site; the service connection point looks for updates every 24 hours",
        verify="Administration > Updates and Servicing: state Installed; Monitoring > Updates and Servicing Status; "
        "CMUpdate.log and dmpdownloader.log on the site server",
        rollback="none: an in-console update is not undone but by restoring the site",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Task 1: Install the update for Configuration Manager",
            date(2020, 5, 22),
        ),
        Source(
            "Update states",
            "Configuration Manager SDK reference, UpdatePrereqAndStateFlags method of SMS_CM_UpdatePackages",
        ),
        Source("KB4563473", "memdocs, what's new in version 2002, hotfix table"),
    ),
)

LOOK = Remediation(
    steps=(
        Step(
            "Look whether a later update that contains KB4563473 is installed, and attest it, or install the update",
            where="Administration > Updates and Servicing (show all states), and the article of the installed update",
        ),
    ),
    role="Read-only Analyst, scope All",
    verify="the article of the installed rollup names KB4563473 among the updates that it replaces",
)

EXPECTED = "KB4563473 in state Installed (196612) at the top-level site and each primary that runs build 8968"


@CHECK.judge
def judge(
    hierarchy: Hierarchy,
    access: Reading[SiteAccess],
    updates: Reading[SiteUpdates],
    statuses: Reading[SiteUpdateStatuses],
) -> Verdict:
    sites = [site for site in hierarchy.sites if _counts(site)]
    if not sites:
        return _verdict(Outcome.UNKNOWN, "No central or primary site is visible", "no site", Reason.NOT_VISIBLE)
    needing = [site for site in sites if site.build <= knowledge.required_update(KB).build]
    if not needing:
        builds = ", ".join(f"{site.code} build {site.build}" for site in sites)
        return _verdict(Outcome.NOT_APPLICABLE, "No site runs 2002; later releases contain the update", builds)
    if updates.value is None:
        return _unread(updates)
    packages = [package for package in updates.value.packages if _is_of(KB, package)]
    if not packages:
        return _absent(access.value, updates.value, needing)
    if statuses.value is None:
        return _unread(statuses)
    candidates = [_judge_package(package, statuses.value, sites) for package in packages]
    return _to_look_at(min(candidates, key=_best_first))


def _to_look_at(verdict: Verdict) -> Verdict:
    return replace(verdict, remediation=LOOK) if verdict.outcome is Outcome.MANUAL else verdict


def _unread(reading: Reading[SiteUpdates] | Reading[SiteUpdateStatuses]) -> Verdict:
    words = reading.error or "it was not read"
    return _verdict(Outcome.UNKNOWN, f"Could not be verified: {words}", words, reading.reason)


def _counts(site: Site) -> bool:
    return site.status is not SiteStatus.DELETED and site.type is not SiteType.SECONDARY


def _is_of(kb: int, package: UpdatePackage) -> bool:
    """Names are localised: the digits of the KB number are what can be matched."""
    digits = re.compile(rf"(?<!\d){kb}(?!\d)")
    return any(digits.search(text) for text in (package.name, package.more_info_link, package.description))


def _best_first(verdict: Verdict) -> tuple[bool, bool]:
    """Of several packages for one KB, an installed one speaks first, and a hidden one last."""
    return verdict.outcome is not Outcome.PASS, verdict.outcome is Outcome.MANUAL


def _judge_package(package: UpdatePackage, statuses: SiteUpdateStatuses, sites: list[Site]) -> Verdict:
    states = {row.site_code.upper(): row.state for row in statuses.statuses if row.package_guid == package.guid}
    subjects = [_subject(site, package, states.get(site.code.upper())) for site in sites]
    observed = f"{package.name}: {_words(package.state)} at the top-level site; " + "; ".join(
        f"{site.code} {_words(states[site.code.upper()]) if site.code.upper() in states else 'not listed'}"
        for site in sites
    )
    return by_subjects(
        subjects, CHECK.level, expected=EXPECTED, observed=observed, passed="KB4563473 is installed where 2002 needs it"
    )


def _subject(site: Site, package: UpdatePackage, state: int | None) -> Subject:
    required = knowledge.required_update(KB)
    if site.build > required.build:
        return _of(site, Outcome.NOT_APPLICABLE, f"build {site.build} contains the update")
    if site.build < required.build:
        return _of(site, Outcome.FAIL, f"build {site.build} cannot take the update: it is for 2002 only")
    if state is None:
        return _of(site, Outcome.UNKNOWN, "the state of the update is not visible there", Reason.NOT_VISIBLE)
    seen = [_of_state(site, state)]
    if not site.reporting_site_code:
        seen.append(_of_state(site, package.state))
    return worst(seen, CHECK.level)


def _of_state(site: Site, state: int) -> Subject:
    if state == knowledge.installed_state():
        return _of(site, Outcome.PASS, "KB4563473 is installed")
    if state == knowledge.hidden_state():
        return _of(
            site, Outcome.MANUAL, "KB4563473 is hidden: a later update may hold it; look at the installed updates"
        )
    if state in knowledge.update_states():
        return _of(site, Outcome.FAIL, f"KB4563473 is not installed: {_words(state)}")
    return _of(site, Outcome.UNKNOWN, f"KB4563473 is in {_words(state)}", Reason.UNKNOWN_VALUE)


def _of(site: Site, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    return Subject("site", site.code, site.name, outcome, f"{site.label}: {words}", reason=reason)


def _words(state: int) -> str:
    return f"{knowledge.update_states().get(state, 'a state that no table knows')} ({state})"


def _absent(access: SiteAccess | None, updates: SiteUpdates, needing: list[Site]) -> Verdict:
    """No package of this KB is visible: a later rollup, not offered, or hidden from the account."""
    names = f"{len(updates.packages)} update packages visible, none for KB{KB}"
    later = [package for package in updates.packages if _holds_later(package)]
    if later:
        subjects = [_later(site, later[0]) for site in needing]
    elif updates.packages or (access is not None and access.sees_sites_and_updates):
        subjects = [
            _of(site, Outcome.FAIL, "KB4563473 was not offered: is the service connection point online?")
            for site in needing
        ]
    else:
        return _verdict(
            Outcome.UNKNOWN,
            "The account sees no update package at all, so it cannot be told whether KB4563473 is installed; it "
            "needs the role Read-only Analyst with the scope All",
            names,
            Reason.NOT_VISIBLE,
        )
    return _to_look_at(by_subjects(subjects, CHECK.level, expected=EXPECTED, observed=names, passed=""))


def _later(site: Site, package: UpdatePackage) -> Subject:
    if site.build < knowledge.required_update(KB).build:
        return _of(site, Outcome.FAIL, f"build {site.build} cannot take the update: it is for 2002 only")
    return _of(
        site,
        Outcome.MANUAL,
        f"KB4563473 is not listed, but {package.name} is installed, which probably holds it: confirm in its article",
    )


def _holds_later(package: UpdatePackage) -> bool:
    if package.state != knowledge.installed_state():
        return False
    named = any(_is_of(kb, package) for kb in knowledge.required_update(KB).later)
    return named or re.search(rf"(?<!\d){KB}(?!\d)", package.supersedes) is not None


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, expected=EXPECTED, observed=observed, reason=reason)
