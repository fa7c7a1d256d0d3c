"""One channel onboards each device: a Defender ATP policy of Configuration Manager beside the EDR policy fights it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from checks.hierarchies import settle
from checks.policies import ARTICLE, collection_targets, of_kinds, strange
from checks.targets import by_targets, listed, settled, subject, targets
from checks.upload import Reach, by_folded_id
from checks.visibility import sees_everything
from readiness.plugin import (
    Ahead,
    Basis,
    Check,
    CloudCollections,
    Collection,
    Collections,
    Context,
    EdrPolicies,
    Level,
    Needs,
    OnboardingPolicies,
    OnboardingPolicy,
    Outcome,
    Owner,
    Phase,
    PolicyKind,
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

NODE = "Assets and Compliance > Endpoint Protection > Microsoft Defender ATP Policies"

CHECK = Check(
    id="single-onboarding-channel",
    title="One channel onboards each device",
    phase=Phase.POLICY,
    level=Level.ADVISORY,
    needs=Needs.BOTH,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("intune-active",),
    why="A device that a Defender ATP policy of Configuration Manager onboards as well takes the package of whichever "
    "came last, and reports what neither of the two asked for.",
    judged=(
        "For each target: a Defender ATP policy of Configuration Manager that is deployed to it, or to a collection "
        "that it is limited to, is an advisory fail, whether the EDR policy of the roll-out is assigned yet or not. "
        "That deployments are those of SMS_DeploymentSummary with the CI_ID of the policy is inferred. That there is "
        "none passes only where the account is proven to see every policy; else, and where it is not shown what a "
        "policy is deployed to, a person must look. Group policy, scripts and Defender's own settings management are "
        "not seen from here."
    ),
    inferred=(
        "That the deployments of a Defender ATP policy are those of SMS_DeploymentSummary with its CI_ID, and which "
        "policies are such: by the category that public code uses."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Remove the deployment of the Defender ATP policy from the collections of the roll-out, once the EDR "
                "policy is assigned to them; both carry the onboarding package of the same tenant",
                where=f"{NODE} > the policy > Deployments",
                id="remove-atp-deployment",
            ),
            Step(
                "Look for onboarding by group policy, by a local script and by the security settings management of "
                "Defender, and keep one",
                where="Group Policy Management; Microsoft Defender portal > Settings > Endpoints > Enforcement scope",
                id="look-for-other-channels",
            ),
        ),
        role="Full Administrator or Endpoint Protection Manager at the site",
        wait="the client policy interval (60 minutes by default)",
        verify=f"{NODE}: no deployment to a collection of the roll-out; on a device OnboardingState 1, Sense runs",
        rollback="deploy the Defender ATP policy to the collections again",
        change_window=True,
    ),
    sources=(
        ARTICLE,
        Source(
            "Deploy EDR policy",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md, one method of onboarding",
            date(2026, 5, 18),
        ),
        Source(
            "Microsoft Defender for Endpoint in Configuration Manager",
            "memdocs intune/configmgr/protect/deploy-use/defender-advanced-threat-protection.md",
            date(2023, 8, 1),
        ),
        Source(
            "SMS_ConfigurationPolicy, SMS_DeploymentSummary",
            "Configuration Manager SDK reference; the category as public code that lists these policies has it",
        ),
    ),
)

LOOK = Remediation(
    steps=(
        Step(
            "Look which Defender ATP policies there are, and to which collections they are deployed",
            where=f"{NODE} > the policy > Deployments",
            id="look-at-atp-policies",
        ),
        Step(
            "Attest what was seen: [[attestation]] with check = 'single-onboarding-channel' in the configuration",
            id="attest-single-channel",
        ),
    ),
    role="Read-only Analyst at the site",
    verify=f"{NODE}: no deployment to a collection of the roll-out",
)

EXPECTED = "no Defender ATP policy of Configuration Manager reaches a target"
NOT_SEEN = "group policy and scripts are not seen from here"


@CHECK.foresee
def ahead(access: Reading[SiteAccess]) -> Ahead:
    """Who may not see every policy proves no absence, so a person must look once there are targets."""
    if access.value is not None and not sees_everything(access):
        return Ahead(certain=LOOK, possible=CHECK.remediation)
    return Ahead(possible=replace(CHECK.remediation, steps=(*LOOK.steps, *CHECK.remediation.steps)))


@CHECK.judge
def judge(
    onboarding: OnboardingPolicies,
    collections: Collections,
    policies: EdrPolicies,
    cloud: CloudCollections,
    access: Reading[SiteAccess],
    context: Context,
) -> Verdict:
    found = targets(collections, context)
    seen = f"{len(onboarding.policies)} Defender ATP policies among {onboarding.visible} configuration policies visible"
    if not found:
        words = "No collection of the roll-out is named, so what else reaches it cannot be told"
        return Verdict(Outcome.UNKNOWN, words, EXPECTED, seen, Basis.INFERRED, Reason.NO_TARGET)
    unknown = strange(policies.policies)
    if unknown is not None:
        return Verdict(Outcome.UNKNOWN, unknown, EXPECTED, seen, Basis.INFERRED, Reason.UNKNOWN_VALUE)
    view = _View(
        onboarding,
        by_folded_id(collections.collections),
        _assigned(policies, cloud, collections, context),
        certain=sees_everything(access),
    )
    judged = [(one, LOOK if one.outcome is Outcome.MANUAL else None) for one in map(view.subject, found)]
    told = "; ".join(map(_shown, onboarding.policies)) or "no Defender ATP policy"
    verdict = by_targets(
        judged,
        CHECK.level,
        expected=EXPECTED,
        observed=f"{seen}: {told}",
        passed=f"No Defender ATP policy of Configuration Manager reaches a target; {NOT_SEEN}",
        basis=Basis.INFERRED,
    )
    return replace(verdict, remediation=LOOK) if verdict.outcome is Outcome.MANUAL else verdict


def _assigned(
    policies: EdrPolicies, cloud: CloudCollections, collections: Collections, context: Context
) -> frozenset[str]:
    """Collections that an EDR policy is assigned to, by the site's ids, folded; as far as they are known."""
    named = {
        id_.casefold() for one in of_kinds(policies.policies, PolicyKind.CONFIGMGR) for id_ in collection_targets(one)
    }
    hierarchy = settle(cloud, collections, context.settings.calibration.hierarchy_id)
    ours = {row.id.casefold(): row.collection_id.casefold() for row in hierarchy.collections(cloud)}
    return frozenset(ours.get(id_, id_) for id_ in named)


@dataclass(frozen=True, slots=True)
class _View:
    onboarding: OnboardingPolicies
    visible: Mapping[str, Collection]
    assigned: frozenset[str]
    certain: bool
    """Whether no policy can be hidden from the account."""

    def subject(self, target: Target) -> Subject:
        found = settled(target)
        return found if isinstance(found, Subject) else self._settled(target, found)

    def _settled(self, target: Target, collection: Collection) -> Subject:
        reach = {one.id: self._reaches(one, collection) for one in self.onboarding.policies}
        reaching = [one.name or str(one.id) for one in self.onboarding.policies if reach[one.id]]
        doubtful = [one.name or str(one.id) for one in self.onboarding.policies if reach[one.id] is None]
        if reaching:
            both = "and so does an EDR policy" if collection.id.casefold() in self.assigned else "before any EDR policy"
            words = f"the Defender ATP policy {listed(reaching)} of Configuration Manager onboards its devices, {both}"
            return subject(target, Outcome.FAIL, words)
        if doubtful:
            words = f"whether the Defender ATP policy {listed(doubtful)} reaches it is not shown"
            return subject(target, Outcome.MANUAL, words)
        if not self.certain:
            words = "no Defender ATP policy that is visible reaches it, but the account may not see all"
            return subject(target, Outcome.MANUAL, words)
        return subject(target, Outcome.PASS, f"no Defender ATP policy reaches it; {NOT_SEEN}")

    def _reaches(self, policy: OnboardingPolicy, collection: Collection) -> bool | None:
        """Whether a policy reaches the devices of a collection; None where that is not shown."""
        if policy.assigned and not policy.collections:
            return None
        said = [Reach(id_).holds(collection.id, self.visible) for id_ in policy.collections]
        return True if True in said else None if None in said else False


def _shown(policy: OnboardingPolicy) -> str:
    where = f"deployed to {listed(policy.collections)}" if policy.collections else "no deployment visible"
    return f"{policy.name or policy.id}: {where}"
