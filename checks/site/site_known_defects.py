"""No known defect of this build stops EDR policy: a site can meet every line of the article and still not deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from checks import knowledge
from checks.console import CLOUD_ATTACH, at
from checks.hierarchy import doubt, flaw, present
from checks.targets import subject, targets, unsettled
from checks.updates import all_visible, came_to, fixing, state_words, states_at
from readiness.plugin import (
    Ahead,
    Check,
    Collections,
    Context,
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
    Target,
    TargetDevices,
    UpdatePackage,
    Verdict,
    by_subjects,
    unsettled_targets,
    worst,
)

CHECK = Check(
    id="site-known-defects",
    title="No known defect of this build stops EDR policy",
    phase=Phase.SITE,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("site-version-minimum",),
    rules=("defects", "releases", "update_states"),
    why="On some builds everything is set up, assigned and green, and devices that are only tenant attached never "
    "receive the policy.",
    judged=(
        "By the dated table of defects. Build 9135 (2503), and build 9141 (2509) where neither KB36949461, KB37864969 "
        "nor an update that supersedes or needs them (KB38982839) is installed at the site: each collection of the "
        "roll-out fails with the number of its devices that are not co-managed; where all are, it does not apply. "
        "Build 9058 (2107) and earlier fail, because Microsoft says that cloud attach may fail there. Whether clients "
        "of 2509 are new enough is judged by collection-devices-eligible. No update visible at all, an update state "
        "that no table knows, no collection named, or devices that could not be counted: unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Install KB37864969, or an update that supersedes it; an update to release 2603 or later does the same",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
                command="Get-CMSiteUpdate -Fast | Where-Object Name -Match 'KB37864969' | Install-CMSiteUpdate",
                id="install-kb37864969",
                role_steps=("site-update",),
                condition="on release 2509",
            ),
            Step(
                "Update the top-level site to release 2603 or later, then the primaries follow. A release that is not "
                "offered: look which one the update needs before it",
                where="Administration > Updates and Servicing > the update > Install Update Pack",
                command="Get-CMSiteUpdate -Fast | Sort-Object DateReleased | Select-Object Name, State",
                id="update-sites",
                role_steps=("site-update",),
                condition="on every other release that has a defect",
            ),
            Step(
                "Upgrade the clients to the version that came with the update: on 2509 to 5.00.9141.1030 or later",
                where="Administration > Site Configuration > Sites > Hierarchy Settings > Client Upgrade",
                id="upgrade-clients",
                rollback="none: clients are not downgraded",
            ),
        ),
        role="Full Administrator, scope All",
        wait="hours for the sites, days until the clients are upgraded",
        verify="Administration > Updates and Servicing: state Installed; CMUpdate.log on the site server; Assets and "
        "Compliance > Devices, column Client Version",
        rollback="none: a site update is not undone but by restoring the site",
        change_window=True,
    ),
    sources=(
        Source("KB36949461", "memdocs intune/configmgr/hotfix/2509/36949461.md (April 2026)"),
        Source("KB37864969", "memdocs intune/configmgr/hotfix/2509/37864969.md (May 2026)"),
        Source("KB37426535 (release 2603)", "memdocs intune/configmgr/hotfix/2603/37426535.md", date(2026, 5, 5)),
        Source(
            "Removed and deprecated features",
            "memdocs intune/configmgr/core/plan-design/changes, removed-and-deprecated-cmfeatures.md",
        ),
    ),
)

LOOK = Remediation(
    steps=(
        Step(
            "Look whether the Endpoint Protection workload is in Intune: then co-managed devices take the EDR policy "
            "for Intune, which the defect does not touch",
            where=f"{CLOUD_ATTACH} > CoMgmtSettingsProd > Properties > Workloads",
            id="look-at-workload",
        ),
    ),
    role="Read-only Analyst, scope All",
    verify="the slider Endpoint Protection stands at Intune, or at Pilot Intune with these devices in the pilot",
)

LOOK_AT_UPDATES = Remediation(
    steps=(
        Step(
            "Look whether an update that holds KB36949461 or KB37864969 is installed, and attest it, or install "
            "KB37864969",
            where="Administration > Updates and Servicing (show all states), and the article of the installed update",
            id="look-for-rollup",
        ),
    ),
    role="Read-only Analyst, scope All",
    verify="the article of the installed update names one of them among the updates that it replaces",
)

EXPECTED = "no build with a known defect, or its fix installed, or co-managed devices only"


def _mend(sites: Sequence[Site]) -> Remediation:
    """The steps for sites that have a defect: an update of their release mends it, or another release does."""
    rollup, release, clients = CHECK.remediation.steps
    found = [defect for defect in (knowledge.defect_of(site.build) for site in sites) if defect is not None]
    by_update = any(defect.fixed_by for defect in found)
    by_release = any(not defect.fixed_by for defect in found)
    needed = [replace(step, condition="") for step, needs in ((rollup, by_update), (release, by_release)) if needs]
    return replace(CHECK.remediation, steps=(*needed, clients))


@CHECK.judge
def judge(
    hierarchy: Hierarchy,
    access: Reading[SiteAccess],
    updates: Reading[SiteUpdates],
    statuses: Reading[SiteUpdateStatuses],
    collections: Reading[Collections],
    devices: Reading[TargetDevices],
    context: Context,
) -> Verdict:
    found = flaw(hierarchy)
    if found is not None:
        observed = f"{len(hierarchy.sites)} sites visible"
        return Verdict(Outcome.UNKNOWN, found[1], expected=EXPECTED, observed=observed, reason=found[0])
    sites = [site for site in present(hierarchy) if site.type is not SiteType.SECONDARY]
    updated = _Updated(updates, access, statuses)
    subjects = [_site(site, updated) for site in sites]
    hit = {site.code: site for site, said in zip(sites, subjects, strict=True) if _stops_policy(site, said)}
    if hit:
        aside = [said for said in subjects if said.id not in hit and said.outcome is not Outcome.PASS]
        subjects = [*aside, *_Targets(tuple(hit.values()), collections, devices).subjects(context)]
    subjects = [_with_steps(said, hit, sites) for said in subjects]
    return replace(_verdict(subjects, sites, hierarchy), rules=_rules(sites, updated))


@CHECK.foresee
def ahead(hierarchy: Reading[Hierarchy]) -> Ahead:
    """What mends the defects of the builds that were read; of a build without one, nothing."""
    if hierarchy.value is None:
        return Ahead(possible=CHECK.remediation)
    hit = [site for site in present(hierarchy.value) if knowledge.defect_of(site.build) is not None]
    return Ahead(possible=_mend(hit)) if hit else Ahead()


def _with_steps(said: Subject, hit: Mapping[str, Site], sites: Sequence[Site]) -> Subject:
    """What failed, with the steps for the site, or for a collection: for the sites that stop its policy."""
    if said.outcome is not Outcome.FAIL:
        return said
    itself = [site for site in sites if said.kind == "site" and site.code == said.id]
    return replace(said, remediation=_mend(itself or tuple(hit.values())))


def _rules(sites: Sequence[Site], updated: _Updated) -> tuple[str, ...]:
    """The rows that decide: of the defects and the states of the updates that mend them, else of the releases."""
    found = [defect for defect in (knowledge.defect_of(site.build) for site in sites) if defect is not None]
    if not found:
        return knowledge.release_rules(site.build for site in sites)
    named = dict.fromkeys(f"defects:{defect.name}" for defect in found)
    packages = [one for defect in found for one in updated.mending(defect)]
    return (*named, *knowledge.state_rules(package.state for package in packages))


def _verdict(subjects: Sequence[Subject], sites: Sequence[Site], hierarchy: Hierarchy) -> Verdict:
    observed = ", ".join(f"{site.code} build {site.build} ({knowledge.release_name(site.build)})" for site in sites)
    known = f"No defect is known of {observed}, by the table of {knowledge.defects_as_of()}, or its fix is installed"
    verdict = by_subjects(subjects, CHECK.level, expected=EXPECTED, observed=observed, passed=known)
    look = {Outcome.NOT_APPLICABLE: LOOK, Outcome.MANUAL: LOOK_AT_UPDATES}.get(verdict.outcome)
    return replace(verdict, remediation=at(look, hierarchy)) if look is not None else verdict


def _site(site: Site, updated: _Updated) -> Subject:
    """What is said of one site, before its devices are looked at."""
    doubtful = doubt(site)
    if doubtful is not None:
        return _of(site, Outcome.UNKNOWN, doubtful, Reason.UNKNOWN_VALUE)
    defect = knowledge.defect_of(site.build)
    runs = f"runs build {site.build} ({knowledge.release_name(site.build)})"
    if defect is None:
        return _of(site, Outcome.PASS, f"{runs}, of which no defect is known")
    return updated.said(site, defect) if defect.fixed_by else _of(site, Outcome.FAIL, f"{runs}: {defect.words}")


def _stops_policy(site: Site, said: Subject) -> bool:
    """Whether the site has the defect that stops policy on devices that are not co-managed."""
    defect = knowledge.defect_of(site.build)
    return said.outcome is Outcome.FAIL and defect is not None and defect.kind == "policy"


def _of(site: Site, outcome: Outcome, words: str, reason: Reason | None = None) -> Subject:
    return Subject("site", site.code, site.name, outcome, f"{site.label} {words}", reason=reason)


_BEST = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL, Outcome.MANUAL)
"""Of several updates that mend a defect one is enough. One that is hidden gives way to any that is shown."""


@dataclass(frozen=True, slots=True)
class _Updated:
    """What the site says of the updates that mend a defect."""

    updates: Reading[SiteUpdates]
    access: Reading[SiteAccess]
    statuses: Reading[SiteUpdateStatuses]

    def mending(self, defect: knowledge.Defect) -> tuple[UpdatePackage, ...]:
        """The updates, of those that are visible, that mend a defect."""
        return fixing(self.updates.value.packages if self.updates.value is not None else (), defect.fixed_by)

    def said(self, site: Site, defect: knowledge.Defect) -> Subject:
        """Whether one of them is installed at a site: the best that is said of any."""
        if self.updates.value is None:
            words = f"has a defect that an update mends, and its updates were not read ({self.updates.error})"
            return _of(site, Outcome.UNKNOWN, words, self.updates.reason or Reason.BAD_ANSWER)
        said = [self._of_package(site, package) for package in self.mending(defect)]
        if said:
            return min(said, key=lambda one: _BEST.index(one.outcome))
        if all_visible(self.updates.value, self.access):
            return _of(site, Outcome.FAIL, f"runs build {site.build} without the fix: {defect.words}")
        words = "has a defect that an update mends, and the account sees no update at all"
        return _of(site, Outcome.UNKNOWN, words, Reason.NOT_VISIBLE)

    def _of_package(self, site: Site, package: UpdatePackage) -> Subject:
        """The worst that is said of one update: by its own state at the top-level site, and by its state there."""
        rows = self.statuses.value or SiteUpdateStatuses(())
        found = states_at(rows, package).get(site.code.upper(), ())
        if len(found) > 1:
            words = f"lists {package.name} in several states: {', '.join(map(state_words, found))}"
            return _of(site, Outcome.UNKNOWN, words, Reason.CONTRADICTING)
        seen = [_of_state(site, package, state) for state in (package.state, *found)]
        if not found and package.state == knowledge.installed_state():
            words = f"does not show in what state {package.name} is there"
            seen.append(_of(site, Outcome.UNKNOWN, words, self.statuses.reason or Reason.NOT_VISIBLE))
        return worst(seen, CHECK.level)


def _of_state(site: Site, package: UpdatePackage, state: int) -> Subject:
    words = {
        Outcome.PASS: f"has {package.name} installed",
        Outcome.MANUAL: f"hides {package.name} ({state}): a later update may hold it; look at the installed updates",
        Outcome.FAIL: f"runs build {site.build} without {package.name}: {state_words(state)}",
        Outcome.UNKNOWN: f"lists {package.name} in {state_words(state)}",
    }
    outcome, reason = came_to(state)
    return _of(site, outcome, words[outcome], reason)


Held = Mapping[str, Sequence[bool | None]]
"""By collection id, case folded: of each device that is visible whether it is co-managed."""


@dataclass(frozen=True, slots=True)
class _Targets:
    """The collections of the roll-out, below sites that have the defect."""

    sites: tuple[Site, ...]
    collections: Reading[Collections]
    devices: Reading[TargetDevices]

    def subjects(self, context: Context) -> list[Subject]:
        names = context.settings.scope.collections
        if not names:
            words = f"has a defect of build {{}}: {self._defect}; name the collections to learn whether it hits them"
            return [_of(s, Outcome.UNKNOWN, words.format(s.build), Reason.NO_TARGET) for s in self.sites]
        if self.collections.value is None:
            words = f"collections were not read ({self.collections.error})"
            reason = self.collections.reason or Reason.BAD_ANSWER
            return [subject(target, Outcome.UNKNOWN, words, reason) for target in unsettled_targets(names, words)]
        held = self._by_collection()
        return [self._subject(target, held) for target in targets(self.collections.value, context)]

    def _by_collection(self) -> Held:
        """Of the devices of each collection that was asked for, whether they are co-managed."""
        read = self.devices.value
        held: dict[str, list[bool | None]] = {asked.casefold(): [] for asked in read.asked} if read is not None else {}
        for device in read.devices if read is not None else ():
            for id_ in {id_.casefold() for id_ in device.collections} & held.keys():
                held[id_].append(device.co_managed)
        return held

    @property
    def _defect(self) -> str:
        found = (knowledge.defect_of(site.build) for site in self.sites)
        return "; ".join(dict.fromkeys(defect.words for defect in found if defect is not None))

    def _subject(self, target: Target, held: Held) -> Subject:
        found = target.collection
        if found is None:
            return unsettled(target)
        if target.problem is not None:
            return subject(target, Outcome.NOT_APPLICABLE, f"{target.problem}: collections-exist judges that")
        if self.devices.value is None:
            words = f"its devices were not read ({self.devices.error})"
            return subject(target, Outcome.UNKNOWN, words, self.devices.reason or Reason.BAD_ANSWER)
        if found.id.casefold() not in held:
            words = "its devices were not asked for when the evidence was collected"
            return subject(target, Outcome.UNKNOWN, words, Reason.NOT_VISIBLE)
        return self._counted(target, held[found.id.casefold()], found.member_count)

    def _counted(self, target: Target, held: Sequence[bool | None], members: int) -> Subject:
        """How many devices of a target the defect hits.

        Args:
            held: of each device that is visible whether it is co-managed.
            members: how many devices the collection says that it holds.
        """
        hit, untold = held.count(False), held.count(None)
        if hit:
            words = f"{hit} of {len(held)} devices are not co-managed, and {self._where}: {self._defect}"
            return subject(target, Outcome.FAIL, words, devices=len(held))
        if untold or len(held) < members:
            words = f"whether {untold or members - len(held)} of its devices are co-managed is not shown"
            return subject(target, Outcome.UNKNOWN, words, Reason.NOT_VISIBLE, devices=len(held))
        if not held:
            words = f"it holds no device yet, and {self._where}: {self._defect}"
            return subject(target, Outcome.UNKNOWN, words, Reason.NO_TARGET, devices=0)
        words = (
            f"all {len(held)} devices are co-managed, which the defect does not touch where Intune has the Endpoint "
            "Protection workload"
        )
        return subject(target, Outcome.NOT_APPLICABLE, words, devices=len(held))

    @property
    def _where(self) -> str:
        runs = ", ".join(f"{site.label} runs build {site.build}" for site in self.sites)
        return f"{runs} without a fix"
