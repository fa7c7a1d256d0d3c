"""Each target gets the policy kind that its devices need: the two kinds carry different onboarding packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checks.hierarchies import SettledHierarchy, settle
from checks.policies import ARTICLE, HIDDEN, NODE, collection_targets, of_kinds, strange
from checks.targets import subject
from readiness.plugin import (
    Basis,
    Check,
    CloudCollection,
    CloudCollections,
    Collection,
    Collections,
    CoManagementPolicies,
    Context,
    Device,
    EdrPolicies,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    PolicyKind,
    Reading,
    Reason,
    Remediation,
    Source,
    Stage,
    Step,
    Subject,
    Target,
    TargetDevices,
    Verdict,
    by_subjects,
    resolve_targets,
)

ENDPOINT_PROTECTION = 32
"""Workload bit of endpoint protection. Source: a public documenter of co-management (inferred)."""

CHECK = Check(
    id="policy-kind-matches-devices",
    title="Each target gets the policy kind that its devices need",
    phase=Phase.POLICY,
    level=Level.ADVISORY,
    needs=Needs.BOTH,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active", "edr-policy-intune", "edr-policy-configmgr"),
    tags=("article",),
    why="A co-managed device whose endpoint protection Intune manages ignores the policy for collections, and a "
    "device that only Configuration Manager manages never sees the one for groups.",
    judged=(
        "Devices that only Configuration Manager manages, and co-managed ones whose Endpoint Protection workload is "
        "not in Intune, need the policy for collections; co-managed ones whose workload is in Intune (inferred from "
        "the co-management policy) need an Intune policy. The wrong kind assigned is advisory at every stage; nothing "
        "assigned does not apply before the roll-out is done, and is a blocker then. Devices without a client take "
        "neither. Devices or policies that may be hidden leave it unknown. Whether the groups of an Intune "
        "policy hold these very devices is not read: one that is assigned counts (inferred)."
    ),
    inferred=(
        "Which workloads are in Intune is read from the text of the co-management policy, as a public documenter "
        "reads it. Whether the groups of an Intune policy hold these very devices is not read: one that is assigned "
        "counts."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Assign the policy for Configuration Manager to the collection, or the Intune policy to a group that "
                "holds the co-managed devices, whichever the check names as missing",
                where=f"{NODE} > the policy > Assignments",
                id="assign-policy",
                role_steps=("policy",),
            ),
            Step(
                "Remove the kind that the devices ignore",
                where=f"{NODE} > the policy > Assignments",
                id="unassign-policy",
                role_steps=("policy",),
            ),
        ),
        role="Endpoint Security Manager in Intune",
        wait="15 to 30 minutes until the site has the assignment; Intune devices at their next check-in",
        verify=f"{NODE}: the policies, column Assigned; the device's co-management workloads in its client properties",
        rollback="restore the assignment that was removed",
        change_window=True,
    ),
    sources=(
        ARTICLE,
        Source("Co-management workloads", "SMS_ConfigurationPolicy, SDMPackageXML, as a public documenter reads it"),
    ),
)
LOOK = Remediation(
    steps=(
        Step(
            "Look to which collections the policies for Configuration Manager are assigned",
            where=f"{NODE} > the policy > Assignments",
            id="look-at-assignments",
        ),
        Step(
            "Attest what was seen: [[attestation]] with check = 'policy-kind-matches-devices' and the collection in "
            "the configuration",
            id="attest-policy-kind",
        ),
    ),
    role="Endpoint Security Manager, or a reader of policies, in Intune",
    verify="run the scan again: the attestation stands at the check",
)
"""The steps where the tenant does not tell which collection an assignment means."""

EXPECTED = "for each target an assigned policy of every kind that its devices need, and none that they ignore"


@CHECK.judge
def judge(
    devices: TargetDevices,
    collections: Collections,
    policies: EdrPolicies,
    cloud: CloudCollections,
    management: Reading[CoManagementPolicies],
    context: Context,
) -> Verdict:
    targets = resolve_targets(context.settings.scope.collections, collections.collections)
    if not targets:
        words = "No collection of the roll-out is named, so what its devices need cannot be told"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, "no target", reason=Reason.NO_TARGET)
    unknown = strange(policies.policies)
    if unknown is not None:
        return Verdict(Outcome.UNKNOWN, unknown, EXPECTED, unknown, reason=Reason.UNKNOWN_VALUE)
    hierarchy = settle(cloud, collections, context.settings.calibration.hierarchy_id)
    known = {row.id.casefold() for row in cloud.collections} | {
        row.collection_id.casefold() for row in cloud.collections
    }
    known |= {one.id.casefold() for one in collections.collections}
    stage = context.settings.rollout.stage
    view = _View(devices, _members(devices), frozenset(known), policies, cloud, hierarchy, management, stage)
    subjects = [view.subject(target) for target in targets]
    observed = "; ".join(subject.summary for subject in subjects[:20])
    passed = "Every target has an assigned policy of the kind that its devices need"
    return by_subjects(subjects, CHECK.level, expected=EXPECTED, observed=observed, passed=passed, basis=Basis.INFERRED)


def _members(devices: TargetDevices) -> Mapping[str, Sequence[Device]]:
    """The visible devices of each target, by its id, case folded."""
    found: dict[str, list[Device]] = {id_.casefold(): [] for id_ in devices.asked}
    for device in devices.devices:
        for id_ in device.collections:
            found.setdefault(id_.casefold(), []).append(device)
    return found


Doubt = tuple[Reason, str]


@dataclass(frozen=True, slots=True)
class _Needed:
    """How many devices of a target need which kind."""

    configmgr: int
    intune: int

    def __str__(self) -> str:
        return f"{self.configmgr} devices need the policy for collections, {self.intune} the Intune policy"


@dataclass(frozen=True, slots=True)
class _View:
    devices: TargetDevices
    members: Mapping[str, Sequence[Device]]
    known: frozenset[str]
    """Ids of collections, the tenant's and the sites', that are known, case folded."""
    policies: EdrPolicies
    cloud: CloudCollections
    hierarchy: SettledHierarchy
    management: Reading[CoManagementPolicies]
    stage: Stage

    def subject(self, target: Target) -> Subject:
        collection = target.collection
        if collection is None or target.problem:
            words = target.problem or "not settled"
            reason = Reason.CONTRADICTING if target.ambiguous else Reason.NOT_VISIBLE
            return subject(target, Outcome.UNKNOWN, words, reason)
        if collection.id.casefold() not in {id_.casefold() for id_ in self.devices.asked}:
            words = "its devices were not asked for when the evidence was collected"
            return _of(collection, Outcome.UNKNOWN, words, reason=Reason.NOT_VISIBLE)
        return self._settled(collection, self.members.get(collection.id.casefold(), ()))

    def _settled(self, collection: Collection, held: Sequence[Device]) -> Subject:
        hidden, clients = max(0, collection.member_count - len(held)), [device for device in held if device.client]
        if not held and not hidden:
            return _of(collection, Outcome.NOT_APPLICABLE, "it holds no device")
        if not clients and hidden:
            words = f"{hidden:,} of its devices are not visible to the account"
            return _of(collection, Outcome.UNKNOWN, words, reason=Reason.NOT_VISIBLE)
        if not clients:
            words = "no device in it has a client, so none takes a policy of either kind from here"
            return _of(collection, Outcome.NOT_APPLICABLE, words)
        needed = self._needed(clients)
        if isinstance(needed, _Needed):
            return self._judged(collection, needed, hidden)
        reason, words = needed
        return _of(collection, Outcome.UNKNOWN, words, reason=reason)

    def _needed(self, held: Sequence[Device]) -> _Needed | Doubt:
        """Which kinds the clients of a target need, or why that cannot be told."""
        untold = sum(1 for device in held if device.co_managed is None)
        if untold:
            return Reason.NOT_VISIBLE, f"whether {untold} of its devices are co-managed is not shown"
        co_managed = sum(1 for device in held if device.co_managed)
        if not co_managed:
            return _Needed(len(held), 0)
        in_intune = self._workload_in_intune()
        if not isinstance(in_intune, bool):
            return in_intune
        return _Needed(len(held) - co_managed, co_managed) if in_intune else _Needed(len(held), 0)

    def _workload_in_intune(self) -> bool | Doubt:
        """Whether Intune has the Endpoint Protection workload of co-managed devices."""
        if self.management.value is None:
            words = f"who manages endpoint protection of its co-managed devices was not read ({self.management.error})"
            return self.management.reason or Reason.BAD_ANSWER, words
        assigned = [policy for policy in self.management.value.policies if policy.assigned]
        if not assigned or any(policy.workloads is None for policy in assigned):
            return Reason.NOT_VISIBLE, "no co-management policy shows who manages endpoint protection of its devices"
        said = {bool((policy.workloads or 0) & ENDPOINT_PROTECTION) for policy in assigned}
        if len(said) > 1:
            words = "one co-management policy has endpoint protection in Intune and another one has not (a pilot?)"
            return Reason.CONTRADICTING, words
        return said.pop()

    def _judged(self, collection: Collection, needed: _Needed, hidden: int) -> Subject:
        """What is said of a target, given how many of its devices the account does not see."""
        intune = any(p.assigned for p in of_kinds(self.policies.policies, PolicyKind.INTUNE, PolicyKind.LEGACY))
        configmgr = self._configmgr(collection)
        if not isinstance(configmgr, bool):
            reason, words = configmgr
            return replace(_of(collection, Outcome.UNKNOWN, words, reason=reason), remediation=LOOK)
        missing = [f"the policy for collections is not assigned to it ({needed.configmgr} devices need it)"] * bool(
            needed.configmgr and not configmgr
        )
        missing += [f"no Intune policy is assigned ({needed.intune} co-managed devices need it)"] * bool(
            needed.intune and not intune
        )
        if missing and self.stage is Stage.DONE:
            return self._failed(collection, "; ".join(missing), Level.BLOCKER, 0)
        if configmgr and needed.intune and (not needed.configmgr or not intune):
            words = f"the policy for collections is assigned, which {needed.intune} co-managed devices ignore"
            return self._failed(collection, words, Level.ADVISORY, hidden)
        if missing:
            return _of(collection, Outcome.NOT_APPLICABLE, f"{'; '.join(missing)}; the roll-out is {self.stage.value}")
        if hidden and not (configmgr and intune):
            words = f"{needed}, and what they need is assigned; what {hidden:,} others need is not visible"
            return _of(collection, Outcome.UNKNOWN, words, reason=Reason.NOT_VISIBLE)
        return _of(collection, Outcome.PASS, f"{needed}, and what they need is assigned")

    def _failed(self, collection: Collection, words: str, level: Level, hidden: int) -> Subject:
        """A failure only where nothing that would mend it can be hidden: a policy, or a device that needs the other
        kind."""
        if self.policies.complete and not hidden:
            return _of(collection, Outcome.FAIL, words, level=level)
        doubt = f"{hidden:,} of its devices are not visible to the account" if hidden else HIDDEN
        return _of(collection, Outcome.UNKNOWN, f"{words}, as far as is visible; {doubt}", reason=Reason.NOT_VISIBLE)

    def _configmgr(self, collection: Collection) -> bool | Doubt:
        """Whether a policy for collections is assigned to this one, by the tenant's id of it or the site's."""
        ids = {
            id_.casefold()
            for policy in of_kinds(self.policies.policies, PolicyKind.CONFIGMGR)
            for id_ in collection_targets(policy)
        }
        if ids & {collection.id.casefold(), *self._rows_of(collection, self.hierarchy.collections(self.cloud))}:
            return True
        if self.hierarchy.id is None and ids & self._rows_of(collection, self.cloud.collections):
            reason = Reason.CONTRADICTING if self.hierarchy.contradicting else Reason.NOT_VISIBLE
            return reason, f"a policy is assigned to a collection with its id, but {self.hierarchy.words}"
        strangers = ids - self.known
        if strangers:
            words = f"policies are assigned to {len(strangers)} collections that the tenant's list lacks"
            return Reason.NOT_VISIBLE, f"{words}: whether this is one of them is not told"
        return False

    @staticmethod
    def _rows_of(collection: Collection, rows: Sequence[CloudCollection]) -> set[str]:
        """The tenant's ids of a collection."""
        return {row.id.casefold() for row in rows if row.collection_id.casefold() == collection.id.casefold()}


def _of(
    collection: Collection, outcome: Outcome, words: str, *, reason: Reason | None = None, level: Level | None = None
) -> Subject:
    return Subject("collection", collection.id, collection.name, outcome, f"{collection.name}: {words}", level, reason)
