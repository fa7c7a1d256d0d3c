"""Every collection of the roll-out exists and holds devices: what is not there cannot be protected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from checks.targets import (
    Advised,
    advice,
    by_targets,
    called,
    listed,
    no_target,
    settled,
    subject,
    targets,
    unread,
)
from readiness.plugin import (
    Basis,
    Check,
    Collections,
    Context,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    SiteAccess,
    Source,
    Step,
    Subject,
    Target,
    Verdict,
)

_NODE = "Assets and Compliance > Device Collections"

CHECK = Check(
    id="collections-exist",
    title="Every collection of the roll-out exists and holds devices",
    phase=Phase.COLLECTIONS,
    level=Level.BLOCKER,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    tags=("article",),
    why="EDR policy is assigned to device collections; a name that stands for none, or for a collection of users, "
    "protects nothing.",
    judged=(
        "Each name of [scope] collections or --collection, an id, a name or a glob, stands for one device collection "
        "that holds devices. One that is not found fails only where the account is proven to see every collection "
        "(Full Administrator or Read-only Analyst with the scope All), and is else unknown. A user collection fails. "
        "A name that several collections have is contradicting: use the id. An empty collection is advisory, because "
        "pilots are filled in the window. No collection named: unknown."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Correct the name in [scope] collections or --collection; best is the id, which never changes",
                where=f"{_NODE}, column Collection ID",
                id="correct-name",
            ),
            Step(
                "Or create a device collection of this name, with the devices of the roll-out; a collection of users "
                "cannot be a target",
                where=f"{_NODE} > Create Device Collection",
                command="New-CMDeviceCollection -Name '<collection>' -LimitingCollectionName '<limiting collection>'",
                id="create-collection",
                instead_of="correct-name",
            ),
        ),
        role="none for the name; a role that creates collections (as Full Administrator) for a new one",
        wait="minutes, until the collection has evaluated its members",
        verify=f"{_NODE}: the collection and its column Member Count; colleval.log on the site server",
        rollback="delete the new collection",
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Task 3: Select collections to synchronize",
            date(2020, 5, 22),
        ),
        Source("SMS_Collection server WMI class", "Configuration Manager SDK reference, CollectionType, MemberCount"),
    ),
)

FILL = Remediation(
    steps=(
        Step(
            "Add the devices of the roll-out to the collection, at the latest when the window opens",
            where=f"{_NODE} > the collection > Properties > Membership Rules",
            command="Add-CMDeviceCollectionDirectMembershipRule -CollectionId <id> -ResourceId <device>",
            id="fill-collection",
        ),
    ),
    role="a role that modifies collections, for this collection",
    wait="minutes, until the collection has evaluated its members",
    verify=f"{_NODE}: the column Member Count of the collection; colleval.log on the site server",
    rollback="remove the rule",
    change_window=True,
)

EXPECTED = "each name stands for one device collection that holds devices"


@CHECK.judge
def judge(collections: Reading[Collections], access: Reading[SiteAccess], context: Context) -> Verdict:
    if collections.reason is Reason.NOT_CONFIGURED:
        return unread(collections, EXPECTED)
    unnamed = no_target(collections, context, EXPECTED)
    if unnamed is not None:
        return replace(unnamed, basis=Basis.DOCUMENTED)
    if collections.value is None:
        return unread(collections, EXPECTED)
    proven = access.value is not None and access.value.sees_sites_and_updates
    found = targets(collections.value, context)
    return by_targets(
        [_judged(target, proven) for target in found],
        CHECK.level,
        expected=EXPECTED,
        observed=_observed(found, collections.value, proven),
        passed=f"{_count(found)} found, each with devices",
        basis=Basis.DOCUMENTED,
    )


def _judged(target: Target, proven: bool) -> Advised:
    if target.collection is None and not target.ambiguous and proven:
        words = "there is no such collection; the account sees every one"
        return subject(target, Outcome.FAIL, words), None
    collection = settled(target)
    if isinstance(collection, Subject):
        return collection, advice(target)
    if collection.member_count < 0:
        words = f"it says that it has {collection.member_count} members, which cannot be"
        return subject(target, Outcome.UNKNOWN, words, Reason.BAD_ANSWER), None
    if collection.member_count == 0:
        words = "it holds no device yet: fill it before the window ends"
        return subject(target, Outcome.FAIL, words, level=Level.ADVISORY), FILL
    return subject(target, Outcome.PASS, f"{collection.member_count:,} devices"), None


def _count(found: tuple[Target, ...]) -> str:
    return f"{len(found)} collection{'s' if len(found) != 1 else ''}"


def _observed(found: tuple[Target, ...], collections: Collections, proven: bool) -> str:
    settled = [(called(t.name, t.id), t.collection.member_count) for t in found if t.collection is not None]
    members = [f"{name} with {count:,} members" for name, count in settled]
    seen = "every collection" if proven else "not known to be every one"
    said = f"{len(collections.collections):,} collections visible ({seen})"
    return f"{said}; {listed(members)}" if members else f"{said}; none of the names"
