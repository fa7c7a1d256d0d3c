"""The devices of the roll-out can receive EDR policy: what is in the way of those that cannot is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from checks.eligibility import Obstacle, Rules, Tally, is_server, rules_of, tallies
from checks.hierarchy import doubt, present
from checks.targets import Advised, advice, by_targets, no_target, settled, subject, targets, unread
from readiness.plugin import (
    Basis,
    Check,
    Collections,
    Context,
    Device,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteIdentification,
    Source,
    Step,
    Subject,
    Target,
    TargetDevices,
    Verdict,
)

_NODE = "Assets and Compliance > Device Collections > the collection"

CHECK = Check(
    id="collection-devices-eligible",
    title="The devices of the collection can receive EDR policy",
    phase=Phase.COLLECTIONS,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("collections-exist",),
    rules=("clients", "defects", "releases"),
    why="The site hands the policy to its clients only, and only to systems that the profile is for: devices that get "
    "none look protected in a plan and are not.",
    judged=(
        "Each device counts under the first thing in its way: no client; inactive; obsolete; at build 9141 (2509) a "
        "client below 5.00.9141.1030 on a device that is not co-managed; an operating system that this release does "
        "not allow (Windows 8.1 and Server 2012 R2 from 2010 on, Server 2012 R2 no longer from 2609 on); onboarded "
        "already while the roll-out is planned (inferred: through another channel). Co-managed devices are eligible "
        "and counted apart. What cannot be read, or is hidden, leaves a device open, never fine. Below [policy] "
        "min_eligible it fails at advisory; devices but none eligible is a blocker; an empty collection is not "
        "applicable. Devices in several targets count once in the whole."
    ),
    inferred=(
        "While the roll-out is planned, that a device which reports as onboarded was onboarded through another "
        "channel: what ATPOnboardingState means is taken from its name."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Install the client where there is none, and remove obsolete and inactive records from the collection",
                where=f"{_NODE} > Show Members, columns Client, Client Activity, Obsolete",
                id="clean-collection",
            ),
            Step(
                "Upgrade old clients: on 2509 to 5.00.9141.1030 or later",
                where="Administration > Site Configuration > Sites > Hierarchy Settings > Client Upgrade",
                id="upgrade-clients",
                after=("install-kb37864969", "update-sites"),
            ),
            Step(
                "Take devices with an operating system that the profile is not for out of the collection and protect "
                "them another way, or upgrade their system; offboard those that another channel onboarded, or leave "
                "them there (the chart of the admin center counts those onboarded by others as without sensor)",
                where=f"{_NODE} > Properties > Membership Rules",
                id="take-out-devices",
            ),
        ),
        role="a role that modifies the collection and its devices, as Full Administrator",
        wait="hours to days, until the clients are upgraded and the collection has evaluated its members",
        verify=f"{_NODE} > Show Members: Client Yes, Client Activity Active, and the client's version",
        rollback="none: clients are not downgraded",
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Set up Configuration Manager to support EDR policy",
            date(2020, 5, 22),
        ),
        Source(
            "Prerequisites of EDR policy with tenant attach",
            "memdocs, include tenant-attach-edr-prerequisites.md",
            date(2024, 8, 19),
        ),
        Source("KB36949461", "memdocs intune/configmgr/hotfix/2509/36949461.md"),
        Source("What's new in version 2609", "memdocs, whats-new-version-2609", date(2026, 9, 18)),
        Source("SMS_FullCollectionMembership", "class list of a site on 2002; meaning of ATPOnboardingState inferred"),
    ),
)

EXPECTED = "devices that have a client, are active, and run a client and an operating system that the policy is for"


@CHECK.judge
def judge(
    collections: Reading[Collections],
    devices: Reading[TargetDevices],
    hierarchy: Hierarchy,
    identification: Reading[SiteIdentification],
    context: Context,
) -> Verdict:
    if collections.reason is Reason.NOT_CONFIGURED:
        return unread(collections, EXPECTED)
    unnamed = no_target(collections, context, EXPECTED)
    if unnamed is not None:
        return unnamed
    missing = next((one for one in (collections, devices) if one.value is None), None)
    if collections.value is None or devices.value is None:
        return unread(missing or collections, EXPECTED)
    doubtful = next((f"{site.label} {doubt(site)}" for site in present(hierarchy) if doubt(site)), None)
    if doubtful is not None:  # which clients and systems it takes, no table can say
        words = f"Could not be verified: {doubtful}"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, doubtful, reason=Reason.UNKNOWN_VALUE)
    monthly = identification.value.monthly_release if identification.value is not None else None
    rules = Rules.of(hierarchy, monthly, context.settings.rollout.stage)
    every, each = tallies(devices.value.devices, rules)
    asked = frozenset(id_.casefold() for id_ in devices.value.asked)
    wanted = context.settings.policy.min_eligible
    found = targets(collections.value, context)
    mend = _mend(every)
    verdict = by_targets(
        [_judged(target, asked, each, wanted, mend) for target in found],
        CHECK.level,
        expected=f"{EXPECTED}; at least {wanted:.0%} of each collection",
        observed=_observed(every, len(found)) + _bare(devices.value.devices),
        passed=f"{every.eligible:,} of {every.devices:,} devices can receive EDR policy",
        basis=Basis.INFERRED if every.obstacles[Obstacle.OTHER_CHANNEL] else Basis.DOCUMENTED,
    )
    return replace(verdict, rules=rules_of(devices.value.devices, hierarchy))


_MENDED_BY = (
    (Obstacle.NO_CLIENT, Obstacle.INACTIVE, Obstacle.OBSOLETE),
    (Obstacle.OLD_CLIENT,),
    (Obstacle.SYSTEM, Obstacle.OTHER_CHANNEL),
)
"""What each step of the check is for."""


def _mend(every: Tally) -> Remediation:
    """The steps for what is in the way of some device; all of them where nothing certain is."""
    pairs = zip(CHECK.remediation.steps, _MENDED_BY, strict=True)
    steps = tuple(step for step, obstacles in pairs if any(every.obstacles[one] for one in obstacles))
    return replace(CHECK.remediation, steps=steps or CHECK.remediation.steps)


def _judged(
    target: Target, asked: frozenset[str], each: Mapping[str, Tally], wanted: float, mend: Remediation
) -> Advised:
    collection = settled(target)
    if isinstance(collection, Subject):
        return collection, advice(target)
    if collection.id.casefold() not in asked:
        words = "its devices were not asked for when the evidence was collected"
        return subject(target, Outcome.UNKNOWN, words, Reason.BAD_ANSWER), None
    if collection.member_count < 0:
        words = f"it says that it has {collection.member_count} members, which cannot be"
        return subject(target, Outcome.UNKNOWN, words, Reason.BAD_ANSWER), None
    tally = each.get(collection.id.casefold(), Tally())
    hidden = max(0, collection.member_count - tally.devices)
    if not tally.devices and not hidden:
        words = "it holds no device (collections-exist says so)"
        return subject(target, Outcome.NOT_APPLICABLE, words, devices=0, eligible=0), None
    if not tally.devices:
        words = f"none of its {hidden:,} devices is visible to the account"
        return subject(target, Outcome.UNKNOWN, words, Reason.NOT_VISIBLE, devices=hidden), None
    weighed = _weighed(target, tally, hidden, wanted)
    return weighed, mend if weighed.outcome is Outcome.FAIL else None


def _weighed(target: Target, tally: Tally, hidden: int, wanted: float) -> Subject:
    """What the numbers come to. Devices of which it is not known, or that are hidden, are neither good nor bad."""
    devices, open_ = tally.devices + hidden, tally.open + hidden
    words = _words(tally, devices, hidden)

    def said(outcome: Outcome, reason: Reason | None = None, level: Level | None = None) -> Subject:
        return subject(target, outcome, words, reason, level=level, devices=devices, eligible=tally.eligible)

    if not tally.eligible and not open_:
        return said(Outcome.FAIL, level=Level.BLOCKER)
    if (tally.eligible + open_) / devices < wanted:
        return said(Outcome.FAIL)
    if tally.eligible and tally.eligible / devices >= wanted:
        return said(Outcome.PASS)
    return said(Outcome.UNKNOWN, Reason.NOT_VISIBLE if hidden else Reason.UNKNOWN_VALUE)


def _words(tally: Tally, devices: int, hidden: int) -> str:
    words = f"{tally.eligible:,} of {devices:,} devices can receive EDR policy"
    if tally.why_not:
        words += f"; not, or not known: {tally.why_not}"
    if hidden:
        words += f"; {hidden:,} not visible to the account"
    return words + (f"; {tally.co_managed:,} co-managed" if tally.co_managed else "")


_BARE = ("6.3.9600.", "10.0.14393.")
"""Builds of Windows Server 2012 R2 and 2016, which ship without the sensor of today (build numbers: general
knowledge). Source: memdocs defender-advanced-threat-protection.md (2023-08-01)."""


def _bare(devices: Iterable[Device]) -> str:
    """What servers need that ship without the sensor. Whether they have it is not read."""
    bare = {one.id for one in devices if is_server(one) and f"{one.operating_system_build}.".startswith(_BARE)}
    if not bare:
        return ""
    return (
        f"; of Windows Server 2012 R2 or 2016: {len(bare):,}, which onboard only with the client setting MDE Client, "
        "their servicing stack and cumulative updates, and the feature Defender Antivirus"
    )


def _observed(every: Tally, named: int) -> str:
    """The distinct devices over all targets, which may overlap."""
    controllers = "not known" if every.domain_controllers is None else f"{every.domain_controllers:,}"
    said = [
        f"{every.devices:,} distinct devices in {named:,} collection{'s' if named != 1 else ''}",
        f"servers: {every.servers:,}",
        f"workstations: {every.workstations:,}",
        f"domain controllers: {controllers}",
        f"co-managed: {every.co_managed:,}",
        f"eligible: {every.eligible:,}",
    ]
    return "; ".join(said) + (f"; not, or not known: {every.why_not}" if every.why_not else "")
