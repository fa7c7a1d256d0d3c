"""KB4563473 is needed on Configuration Manager 2002, and only there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from checks import knowledge
from checks.hierarchy import doubt, flaw, present
from checks.updates import all_visible, came_to, carries, installed_later, state_words, states_at
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
BUILD = 8968
"""Build of release 2002, the only one that needs the update. Source: the article; rule table hotfixes."""

CHECK = Check(
    id="site-hotfix-kb4563473",
    title="Update KB4563473 is installed where 2002 needs it",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("site-version-minimum",),
    tags=("article",),
    rules=("hotfixes", "update_states"),
    why="On release 2002 the site cannot hand EDR policy from Intune to its devices without this update; later "
    "releases contain it.",
    judged=(
        "Only where a central or primary site runs build 8968; elsewhere it does not apply, and at a build that is no "
        "known release it is unknown. The package is found by "
        "the digits of its KB number in name, link or description. Installed at the top-level site and at each "
        "primary of that build passes; every other known state fails, in words; hidden, or a later rollup of 2002 "
        "without it, must be looked at by a person. No such package fails where others are visible, or where the "
        "account is proven to see all; else it is unknown. Rows that say different things are contradicting."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Install Configuration Manager 2002 Hotfix (KB4563473), where the site stays on 2002",
                where="Administration > Updates and Servicing > Configuration Manager 2002 Hotfix (KB4563473) > "
                "Install Update Pack",
                command="Get-CMSiteUpdate -Name 'Configuration Manager 2002 Hotfix (KB4563473)' -Fast | "
                "Install-CMSiteUpdate",
                id="install-kb4563473",
                role_steps=("site-update",),
                instead_of="update-sites",
            ),
            Step(
                "Update the top-level site to a release that is in support, which contains KB4563473; then the "
                "primaries follow",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
                command="Get-CMSiteUpdate -Fast | Sort-Object DateReleased | Select-Object Name, State",
                id="update-sites",
                role_steps=("site-update",),
                wait="hours: replication and installation at every site, then client upgrade",
            ),
            Step(
                "Where the update is not offered: see that the service connection point is online, then check for "
                "updates",
                where="Administration > Updates and Servicing > Check for Updates",
                command="Invoke-CMSiteUpdateCheck",
                id="check-for-updates",
                wait_id="update-check",
                condition="where the update is not offered",
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
            id="look-for-kb4563473",
        ),
    ),
    role="Read-only Analyst, scope All",
    wait="none: what is installed shows at once",
    verify="the article of the installed rollup names KB4563473 among the updates that it replaces",
)

_NOT_SEEN = "the update is listed for this site, which the account cannot see, and is not installed there"

_RULE = (f"hotfixes:{KB}",)

EXPECTED = "KB4563473 in state Installed (196612) at the top-level site and each primary that runs build 8968"


@CHECK.judge
def judge(
    hierarchy: Hierarchy,
    access: Reading[SiteAccess],
    updates: Reading[SiteUpdates],
    statuses: Reading[SiteUpdateStatuses],
) -> Verdict:
    found = flaw(hierarchy)
    if found is not None:
        return _unknown(found[1], f"{len(hierarchy.sites)} sites visible", found[0])
    sites = [site for site in present(hierarchy) if site.type is not SiteType.SECONDARY]
    builds = ", ".join(f"{site.code} build {site.build}" for site in sites)
    if not any(site.build == BUILD for site in sites):
        return _verdict([_elsewhere(site) for site in sites], builds, _RULE)
    if updates.value is None:
        words = updates.error or "it was not read"
        return _unknown(f"Could not be verified: {words}", words, updates.reason or Reason.BAD_ANSWER)
    offer = _Offer.of(updates.value, access, statuses)
    subjects = [_subject(site, offer) for site in sites]
    return _verdict([*subjects, *_unseen(hierarchy, offer)], f"{builds}; {offer.observed}", offer.rules)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the site says of the packages that carry the KB, and how much of it the account is proven to see."""

    packages: tuple[UpdatePackage, ...]
    states: tuple[dict[str, tuple[int, ...]], ...]
    """For each package, its states by site code."""
    later: UpdatePackage | None
    all_visible: bool
    unread: Reason
    """Why a site's state is not there, where it is not."""
    observed: str

    @property
    def rules(self) -> tuple[str, ...]:
        """The rows that decide: of the update, of the states that it is in, of a later one."""
        at_sites = (state for found in self.states for states in found.values() for state in states)
        seen = knowledge.state_rules([*(package.state for package in self.packages), *at_sites])
        later = (kb for kb in knowledge.later_updates(BUILD) if self.later is not None and carries(self.later, kb))
        return (*_RULE, *seen, *(f"hotfixes:{kb}" for kb in later))

    @classmethod
    def of(cls, updates: SiteUpdates, access: Reading[SiteAccess], statuses: Reading[SiteUpdateStatuses]) -> Self:
        packages = tuple(package for package in updates.packages if carries(package, KB))
        rows = statuses.value or SiteUpdateStatuses(())
        states = tuple(states_at(rows, package) for package in packages)
        return cls(
            packages=packages,
            states=states,
            later=installed_later((p for p in updates.packages if p not in packages), KB),
            all_visible=all_visible(updates, access),
            unread=statuses.reason or Reason.NOT_VISIBLE,
            observed="; ".join(map(_observed, packages, states))
            or f"{len(updates.packages)} update packages visible, none for KB{KB}",
        )


def _observed(package: UpdatePackage, states: dict[str, tuple[int, ...]]) -> str:
    at_sites = (f"{code} {', '.join(map(state_words, found))}" for code, found in states.items())
    said = "; ".join(at_sites) or "no site is listed"
    return f"{package.name}: {state_words(package.state)} at the top-level site; {said}"


def _elsewhere(site: Site) -> Subject:
    """What is said of a site that does not run 2002."""
    doubtful = doubt(site)
    if doubtful is not None:
        return _of(site, Outcome.UNKNOWN, doubtful, Reason.UNKNOWN_VALUE)
    if site.build < BUILD:
        return _of(site, Outcome.NOT_APPLICABLE, f"build {site.build} cannot take the update: it is for 2002 only")
    return _of(site, Outcome.NOT_APPLICABLE, f"build {site.build} contains the update")


def _unseen(hierarchy: Hierarchy, offer: _Offer) -> list[Subject]:
    """Sites at which the update is said not to be installed, and that the account cannot see."""
    said: dict[str, set[int]] = {}
    for states in offer.states:
        for code, found in states.items():
            if hierarchy.site(code) is None:
                said.setdefault(code, set()).update(found)
    return [
        Subject("site", code, "", Outcome.UNKNOWN, f"{code}: {_NOT_SEEN}", reason=Reason.NOT_VISIBLE)
        for code, found in said.items()
        if knowledge.installed_state() not in found
    ]


def _subject(site: Site, offer: _Offer) -> Subject:
    if site.build != BUILD or doubt(site) is not None:
        return _elsewhere(site)
    if not offer.packages:
        return _absent(site, offer)
    seen = [_at(site, package, states, offer) for package, states in zip(offer.packages, offer.states, strict=True)]
    found = _agreed(site, seen)
    return _later(site, offer.later) if found.outcome is Outcome.FAIL and offer.later is not None else found


def _agreed(site: Site, seen: list[Subject]) -> Subject:
    """What several packages for one KB come to: a hidden one gives way to another; else they must agree."""
    shown = [subject for subject in seen if subject.outcome is not Outcome.MANUAL] or seen
    if len({subject.outcome for subject in shown}) == 1:
        return shown[0]
    words = f"{len(seen)} packages carry KB{KB}, and say different things"
    return _of(site, Outcome.UNKNOWN, words, Reason.CONTRADICTING)


def _at(site: Site, package: UpdatePackage, states: dict[str, tuple[int, ...]], offer: _Offer) -> Subject:
    """The worst that is said of one package at one site."""
    found = states.get(site.code.upper(), ())
    seen = [_of_state(site, state) for state in found]
    if not found:
        seen.append(_of(site, Outcome.UNKNOWN, "the state of the update there could not be seen", offer.unread))
    if len(found) > 1:
        said = ", ".join(map(state_words, found))
        return _of(site, Outcome.UNKNOWN, f"KB{KB} is listed in several states: {said}", Reason.CONTRADICTING)
    if not site.reporting_site_code:
        seen.append(_of_state(site, package.state))
    return worst(seen, CHECK.level)


def _of_state(site: Site, state: int) -> Subject:
    words = {
        Outcome.PASS: "is installed",
        Outcome.MANUAL: f"is hidden ({state}): a later update may hold it; look at the installed updates",
        Outcome.FAIL: f"is not installed: {state_words(state)}",
        Outcome.UNKNOWN: f"is in {state_words(state)}",
    }
    outcome, reason = came_to(state)
    return _of(site, outcome, f"KB{KB} {words[outcome]}", reason)


def _absent(site: Site, offer: _Offer) -> Subject:
    """No package of this KB is visible: a later rollup holds it, it was not offered, or it is hidden."""
    if offer.later is not None:
        return _later(site, offer.later)
    if offer.all_visible:
        return _of(site, Outcome.FAIL, f"KB{KB} was not offered: is the service connection point online?")
    words = (
        "the account sees no update package at all, so it cannot be told whether "
        f"KB{KB} is installed; it needs the role Read-only Analyst with the scope All"
    )
    return _of(site, Outcome.UNKNOWN, words, Reason.NOT_VISIBLE)


def _later(site: Site, package: UpdatePackage) -> Subject:
    words = f"KB{KB} is not installed, but {package.name} is, which probably holds it: confirm in its article"
    return _of(site, Outcome.MANUAL, words)


def _of(site: Site, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    return Subject("site", site.code, site.name, outcome, f"{site.label}: {words}", reason=reason)


def _verdict(subjects: list[Subject], observed: str, rules: tuple[str, ...]) -> Verdict:
    passed = f"KB{KB} is installed where 2002 needs it"
    verdict = by_subjects(subjects, CHECK.level, expected=EXPECTED, observed=observed, passed=passed, rules=rules)
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        return replace(verdict, summary="No site runs 2002, the only release that needs the update")
    return replace(verdict, remediation=LOOK) if verdict.outcome is Outcome.MANUAL else verdict


def _unknown(summary: str, observed: str, reason: Reason) -> Verdict:
    return Verdict(Outcome.UNKNOWN, summary, expected=EXPECTED, observed=observed, reason=reason)
