"""Every collection of the roll-out is available for Defender policies: the box on its tab Cloud Sync is ticked.

No published property shows that box. What can be read is weighed: every piece speaks, and nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from checks.attach.tenant_attached import judge as tenant_attached
from checks.console import CLOUD_SYNC, CLOUD_SYNC_TAB, at
from checks.either import READ_AGAIN, Said
from checks.policies import collection_targets
from checks.setup_work import Left, cloud_sync_left
from checks.synchronisation import Synchronisation, synchronisation
from checks.targets import (
    Advised,
    advice,
    by_targets,
    called,
    every,
    has_bits,
    listed,
    no_target,
    settled,
    subject,
    unread,
)
from readiness.plugin import (
    Ahead,
    Basis,
    Check,
    CloudApplications,
    CloudCollections,
    CloudServices,
    Collection,
    Collections,
    Context,
    EdrPolicies,
    Hierarchy,
    Level,
    Needs,
    Organization,
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
    UploadScope,
    Verdict,
)

CHECK = Check(
    id="collections-enabled",
    title="Every collection of the roll-out is available for Defender policies",
    phase=Phase.COLLECTIONS,
    level=Level.BLOCKER,
    needs=Needs.EITHER,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("tenant-attached", "collections-exist"),
    tags=("article",),
    why="A collection that is uploaded can still not be chosen for EDR policy until its box on the tab Cloud Sync is "
    "ticked.",
    judged=(
        "No published property shows the box, so every piece that can be read speaks (all inferred). ServicePartners "
        "of the collection: with [site] edr_flag_mask it proves the one or the other; without, a number other than 0 "
        "supports it, and 0 supports the contrary. The tenant's list: holding the collection proves it only where the "
        "list is selective, that is, where it leaves out a collection with devices that is inside the upload scope; "
        "else it proves that it is uploaded. Being left out of a selective list supports the contrary. A policy that "
        "is assigned to the collection supports that it was once enabled. A proof with nothing against it passes; a "
        "mask that says no, or 0 together with being left out, fails; where no visible collection has the bits of the "
        "mask at all, that is said, because the mask may be wrong. Pieces against each other are contradicting; "
        "anything less is for a person to look at, and can be attested. The number is always shown. Nothing passes "
        "where tenant-attached does not: the box may be left from earlier."
    ),
    inferred=(
        "No published property shows the tick on the tab Cloud Sync. What ServicePartners means, and what it means "
        "that the tenant's list holds or lacks a collection, is inferred from metadata of sites and from how the "
        "parts fit together."
    ),
    remediation=Remediation(
        steps=(
            Step(
                f"In a console that is connected to the top-level site tick '{CLOUD_SYNC}'",
                where=CLOUD_SYNC_TAB,
                command="Set-CMCollectionCloudSync -Id '<collection id>' -EnableAssignEndpointSecurityPolicy $true",
                id="cloud-sync",
                wait_id="upload",
                role_steps=("cloud-sync",),
                after=("upload-scope", "attach", "fill-collection", "correct-mask"),
            ),
        ),
        role="Full Administrator, or a role that modifies the collection and sees All Systems",
        wait="30 minutes: the upload runs every 15 minutes, and takes 5 to 10 more until it shows",
        verify="Microsoft Intune admin center > Endpoint security > Endpoint detection and response > Create policy, "
        "Windows (ConfigMgr) > Assignments offers the collection",
        rollback="untick the box at the same place; first remove the policies that are assigned to the collection",
        change_window=True,
    ),
    sources=(
        Source(
            "Endpoint detection and response policy for endpoint security in Intune",
            "the article, Task 4: Enable collections for Microsoft Defender ATP",
            date(2020, 5, 22),
        ),
        Source(
            "SMS_Collection.ServicePartners, GetServicePartners",
            "metadata of sites of 2024 and 2025, class list of a site on 2002; that it is this box is inferred",
        ),
        Source("Set-CMCollectionCloudSync", "MicrosoftDocs/sccm-docs-powershell-ref", date(2022, 12, 1)),
        Source("configManagerCollection", "Graph beta /deviceManagement/configManagerCollections", date(2026, 10, 1)),
    ),
)

LOOK = Remediation(
    steps=(
        Step(
            f"Look in a console that is connected to the top-level site whether '{CLOUD_SYNC}' is ticked; tick it "
            'where it is not; then write an [[attestation]] for the collection with check = "collections-enabled"',
            where=CLOUD_SYNC_TAB,
            id="look-at-cloud-sync",
        ),
        Step(
            "Or calibrate once: compare ServicePartners of a collection with the box ticked and of one without (this "
            "check shows the number), and put the bit that differs into [site] edr_flag_mask",
            id="calibrate-mask",
            instead_of="look-at-cloud-sync",
        ),
    ),
    role="Read-only Analyst, scope All, to look; Full Administrator to tick",
    wait="none: the box shows what is set",
    verify="the tab Cloud Sync of the collection",
    rollback="untick the box at the same place",
)

NO_SUCH_MASK = "no visible collection has the bits of [site] edr_flag_mask {}: either no box is ticked, or it is wrong"
MASK_STEP = Step(
    "See whether [site] edr_flag_mask is right, because no visible collection shows it: compare ServicePartners of a "
    "collection with the box ticked and of one without; the mask is the bit that differs",
    where="readiness.toml, section [site]",
    id="correct-mask",
)
CALIBRATE = replace(LOOK, steps=(MASK_STEP, LOOK.steps[0]))

EXPECTED = "something that proves the box on the tab Cloud Sync of each collection, and nothing that speaks against it"


@CHECK.judge
def judge(
    collections: Reading[Collections],
    scope: Reading[UploadScope],
    services: Reading[CloudServices],
    applications: Reading[CloudApplications],
    cloud: Reading[CloudCollections],
    policies: Reading[EdrPolicies],
    organization: Reading[Organization],
    access: Reading[SiteAccess],
    hierarchy: Reading[Hierarchy],
    context: Context,
) -> Verdict:
    attached = tenant_attached(services, applications, access, cloud, collections, hierarchy, context)
    found = synchronisation(collections, scope, cloud, organization, access, context, attached)
    rows = found.listed.rows.values() if found is not None else ()
    enabled = [f"{called(row.name, row.collection_id)} in the tenant's list" for row in rows]
    unnamed = no_target(collections, context, EXPECTED, enabled)
    if unnamed is not None:
        return unnamed
    if found is None:
        return unread(collections, EXPECTED)
    view = _View.of(found, cloud, policies, scope, context.settings.calibration.edr_flag_mask)
    steps = {outcome: at(steps, hierarchy.value) for outcome, steps in _STEPS.items()}
    if view.unmatched:
        steps[Outcome.FAIL] = _with_mask_first(steps[Outcome.FAIL])
    return by_targets(
        [view.judged(target, steps) for target in found.targets],
        CHECK.level,
        expected=EXPECTED,
        observed=view.observed,
        passed=every(len(found.targets), "available for Defender policies (inferred)"),
        basis=Basis.INFERRED,
    )


def _with_mask_first(steps: Remediation) -> Remediation:
    return replace(steps, steps=(MASK_STEP, *steps.steps))


_STEPS: Mapping[Outcome, Remediation] = {Outcome.FAIL: CHECK.remediation, Outcome.MANUAL: LOOK}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something that speaks for or against the box being ticked."""

    ticked: bool
    proof: bool
    """Whether it decides alone; else it supports."""


@CHECK.foresee
def ahead(collections: Reading[Collections], hierarchy: Reading[Hierarchy], context: Context) -> Ahead:
    """The box of every target of which nothing shows that it is ticked already."""
    tick, look = at(CHECK.remediation, hierarchy.value), at(LOOK, hierarchy.value)
    left = cloud_sync_left(collections, context)
    perhaps = replace(look, steps=(MASK_STEP, *look.steps))
    if left.left is Left.NO:
        return Ahead(possible=replace(tick, steps=(*tick.steps, *perhaps.steps)))
    return Ahead(certain=tick, possible=perhaps, targets=left.lacking or left.untold)


@dataclass(frozen=True, slots=True)
class _View:
    """What can be read, as far as it is the same for every target."""

    found: Synchronisation
    mask: int
    unmatched: bool
    """Whether the site shows numbers, and none of them has the bits of the mask: the mask itself may be wrong."""
    deaf: Said | None
    """A half that is configured, but was not read: without it nothing is told."""
    has_column: bool
    """Whether the site shows the number of any collection."""
    gap: Collection | None
    """A collection that shows that the tenant's list holds the enabled ones only."""
    assigned: frozenset[str]
    """Ids of collections to which a policy is assigned, the tenant's or the site's, case folded."""
    ambiguous: frozenset[str]
    """Ids that several hierarchies of the tenant's list use, case folded: an assignment by them tells nothing."""

    @classmethod
    def of(
        cls,
        found: Synchronisation,
        cloud: Reading[CloudCollections],
        policies: Reading[EdrPolicies],
        scope: Reading[UploadScope],
        mask: int,
    ) -> _View:
        halves = [Said.unread(one) for one in (scope, cloud, policies) if one.value is None]
        halves += [found.listed.said] if found.listed.said.reason is Reason.CONTRADICTING else []
        edr = policies.value.policies if policies.value is not None else ()
        numbers = [one.service_partners for one in found.visible.values() if one.service_partners is not None]
        return cls(
            found=found,
            mask=mask,
            unmatched=mask != 0 and bool(numbers) and not any(has_bits(number, mask) for number in numbers),
            deaf=next((said for said in halves if not said.absent), None),
            has_column=bool(numbers),
            gap=found.selective(),
            assigned=frozenset(id_.casefold() for policy in edr for id_ in collection_targets(policy)),
            ambiguous=_ambiguous(cloud.value),
        )

    @property
    def observed(self) -> str:
        numbers = [
            f"{called(target.name, target.id)} {_shown(target.collection.service_partners)}"
            for target in self.found.targets
            if target.collection is not None
        ]
        mask = f"mask {self.mask}" if self.mask else "no mask configured"
        mask += ", which no visible collection shows" if self.unmatched else ""
        return f"ServicePartners ({mask}): {listed(numbers) or 'of no collection'}; {self.found.observed}"

    def judged(self, target: Target, steps: Mapping[Outcome, Remediation]) -> Advised:
        collection = settled(target)
        if isinstance(collection, Subject):
            return collection, advice(target)
        number = collection.service_partners
        said = f"ServicePartners {_shown(number)}; {self._words(collection)}"
        said += f"; {NO_SUCH_MASK.format(self.mask)}" if self.unmatched else ""
        if self.deaf is not None:
            words = f"could not be verified: {self.deaf.observed} ({said})"
            return subject(target, Outcome.UNKNOWN, words, self.deaf.reason), self.deaf.remediation
        if number is None and self.has_column:
            words = f"its ServicePartners was not read, though that of others was ({said})"
            return subject(target, Outcome.UNKNOWN, words, Reason.BAD_ANSWER), None
        return self._weighed(target, collection, said, steps)

    def _weighed(
        self, target: Target, collection: Collection, said: str, steps: Mapping[Outcome, Remediation]
    ) -> Advised:
        outcome, words = _verdict(self._pieces(collection))
        if outcome is Outcome.UNKNOWN:
            advised = CALIBRATE if self.unmatched else None
            return subject(target, outcome, f"{words} ({said})", Reason.CONTRADICTING), advised
        silent = self.found.scope.silent
        if outcome is Outcome.PASS and self._lacks(collection) and silent is not None:
            words = f"the tenant's list lacks it, and whether that speaks against it is not known: {silent.observed}"
            return subject(target, Outcome.UNKNOWN, f"{words} ({said})", _why(silent)), silent.remediation
        if outcome is Outcome.PASS and not self.found.listed.rows:
            words += ", uncorroborated"
        lost = self.found.not_attached(target, said) if outcome is Outcome.PASS else None
        return lost or (subject(target, outcome, f"{words} ({said})"), steps.get(outcome))

    def _pieces(self, collection: Collection) -> list[_Piece]:
        pieces, number = [], collection.service_partners
        if number is not None:
            pieces.append(_Piece(has_bits(number, self.mask), proof=self.mask != 0))
        if collection.id.casefold() in self.found.listed.rows:
            pieces += [_Piece(ticked=True, proof=True)] * (self.gap is not None)
        elif self._left_out(collection):
            pieces.append(_Piece(ticked=False, proof=False))
        if self._assigned(collection):
            pieces.append(_Piece(ticked=True, proof=False))
        return pieces

    def _lacks(self, collection: Collection) -> bool:
        rows = self.found.listed.rows
        return bool(rows) and collection.id.casefold() not in rows

    def _left_out(self, collection: Collection) -> bool:
        """Whether a selective list lacks it. It makes the list selective itself where it is uploaded."""
        return self._lacks(collection) and (self.gap is not None or self.found.scope.holds(collection))

    def _assigned(self, collection: Collection) -> bool:
        id_ = collection.id.casefold()
        row = self.found.listed.rows.get(id_)
        by_tenant = row is not None and row.id.casefold() in self.assigned
        return by_tenant or (id_ in self.assigned and id_ not in self.ambiguous)

    def _words(self, collection: Collection) -> str:
        """What the tenant shows of it."""
        words = self._list_words(collection)
        return f"{words}; a policy is assigned to it" if self._assigned(collection) else words

    def _list_words(self, collection: Collection) -> str:
        rows = self.found.listed.rows
        if not rows:
            return f"the tenant: {self.found.listed.said.observed}"
        if collection.id.casefold() not in rows:
            return "left out of the tenant's list" + (
                ", which holds enabled ones only" if self._left_out(collection) else ""
            )
        if self.gap is None:
            return "in the tenant's list, which shows only that it is uploaded"
        return f"in the tenant's list, which leaves out others that are uploaded ({called(self.gap.name, self.gap.id)})"


def _verdict(pieces: Sequence[_Piece]) -> tuple[Outcome, str]:
    """What the pieces come to. Unknown: they speak against each other."""
    proofs = {piece.ticked for piece in pieces if piece.proof}
    if len({piece.ticked for piece in pieces}) > 1:
        return Outcome.UNKNOWN, f"what can be read speaks against each other: {READ_AGAIN}"
    if True in proofs:
        return Outcome.PASS, "it is available (inferred)"
    against = [piece for piece in pieces if not piece.ticked]
    if proofs or len(against) > 1:
        return Outcome.FAIL, "it is not available for Defender policies (inferred): the box is not ticked"
    return Outcome.MANUAL, "nothing proves whether the box is ticked: look at the tab Cloud Sync"


def _ambiguous(cloud: CloudCollections | None) -> frozenset[str]:
    """Ids that collections of more than one hierarchy have."""
    hierarchies: dict[str, set[str]] = {}
    for row in cloud.collections if cloud is not None else ():
        hierarchies.setdefault(row.collection_id.casefold(), set()).add(row.hierarchy_id.casefold())
    return frozenset(id_ for id_, found in hierarchies.items() if len(found) > 1)


def _why(said: Said) -> Reason:
    return said.reason or Reason.NOT_VISIBLE


def _shown(number: int | None) -> str:
    return "not shown" if number is None else str(number)
