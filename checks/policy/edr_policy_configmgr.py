"""EDR policy for the devices that Configuration Manager manages: the second of the two kinds of the article."""

from __future__ import annotations

from dataclasses import replace

from checks.policies import ARTICLE, EXPORTED, HIDDEN, NODE, collection_targets, judge_presence, of_kinds
from readiness.plugin import (
    Ahead,
    Check,
    CloudCollections,
    Context,
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
    Stage,
    Step,
    Verdict,
)

CHECK = Check(
    id="edr-policy-configmgr",
    title="EDR policy for Configuration Manager devices exists and is assigned to collections",
    phase=Phase.POLICY,
    level=Level.INFO,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active",),
    tags=("article",),
    why="This is the policy that tenant attach carries to the collections: without it nothing of the roll-out arrives.",
    judged=(
        "Every configuration policy is listed; of this kind are those of technology configManager that were created "
        "as SccmEDR (inferred; they have no template). While the roll-out is planned, no policy is no fault, and what "
        "exists passes, assigned or not; from running on, a missing or unassigned one, or one assigned to groups "
        "only, fails at info. An assignment names a collection by the tenant's id or by the site's: either counts; "
        "one that the tenant's list does not hold is shown as unknown to the tenant."
    ),
    inferred=(
        "Which policies are of this kind: they have no template, and are told by their technology and the word by "
        "which they were created, as public code that exports policies shows them."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Create a policy for the platform Windows (ConfigMgr) with the profile Endpoint detection and response "
                "(ConfigMgr), and assign it to the collections of the roll-out",
                where=f"{NODE} > Create policy",
                id="create-policy-configmgr",
                role_steps=("policy",),
                after=("cloud-sync", "look-at-cloud-sync", "attach", "connect-defender", "upgrade-clients"),
            ),
        ),
        role="Endpoint Security Manager in Intune",
        wait="15 to 30 minutes until the site has the policy, then the client policy interval (60 minutes by default)",
        verify=f"{NODE}: the policy, column Assigned; Assets and Compliance > Endpoint Protection > "
        "Microsoft Defender ATP Policies in the Configuration Manager console",
        rollback="remove the assignment: devices stay onboarded until an offboarding package reaches them",
        change_window=True,
    ),
    sources=(ARTICLE, EXPORTED),
)

EXPECTED = "a policy of this kind, assigned to collections, as the stage of the roll-out asks for it"
WHAT = "EDR policy for Configuration Manager devices"


@CHECK.foresee
def ahead(context: Context) -> Ahead:
    """While the roll-out is planned, the policy is what comes after ready."""
    once = "once the estate is ready and the roll-out begins"
    if context.settings.rollout.stage is not Stage.PLANNED:
        return Ahead(possible=CHECK.remediation)
    steps = tuple(replace(step, condition=once) for step in CHECK.remediation.steps)
    return Ahead(possible=replace(CHECK.remediation, steps=steps))


@CHECK.judge
def judge(policies: EdrPolicies, cloud: Reading[CloudCollections], context: Context) -> Verdict:
    stage = context.settings.rollout.stage
    found = of_kinds(policies.policies, PolicyKind.CONFIGMGR)
    verdict = judge_presence(found, complete=policies.complete, stage=stage, what=WHAT, expected=EXPECTED)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    ids = [id_ for policy in found for id_ in collection_targets(policy)]
    if not ids and stage is not Stage.PLANNED:
        return _without_collections(verdict, complete=policies.complete)
    if not ids:
        return verdict
    if cloud.value is None:
        words = f"The collections of the tenant could not be read: {cloud.error or 'no reading'}"
        return replace(verdict, outcome=Outcome.UNKNOWN, reason=cloud.reason or Reason.BAD_ANSWER, summary=words)
    return replace(verdict, observed=f"{verdict.observed}; {_matched(ids, cloud.value)}")


def _without_collections(verdict: Verdict, *, complete: bool) -> Verdict:
    words = f"{WHAT} exists, but is assigned to no collection"
    if complete:
        return replace(verdict, outcome=Outcome.FAIL, summary=words)
    return replace(verdict, outcome=Outcome.UNKNOWN, reason=Reason.NOT_VISIBLE, summary=f"{words}; {HIDDEN}")


def _matched(ids: list[str], cloud: CloudCollections) -> str:
    """The assigned collections by name, as far as the tenant knows them."""
    names = {key.casefold(): one.name for one in cloud.collections for key in (one.id, one.collection_id)}
    known = sorted({names[id_.casefold()] for id_ in ids if id_.casefold() in names})
    strange = sorted({id_ for id_ in ids if id_.casefold() not in names})
    said = f"assigned collections: {', '.join(known[:20]) or 'none that the tenant knows'}"
    return said + (f"; unknown to the tenant: {', '.join(strange[:20])}" if strange else "")
