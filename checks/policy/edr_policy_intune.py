"""EDR policy for the devices that Intune manages: the first of the two kinds of the article."""

from __future__ import annotations

from dataclasses import replace

from checks.policies import ARTICLE, EXPORTED, NODE, judge_presence, of_kinds
from readiness.plugin import (
    Check,
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
    Source,
    Step,
    TargetGroup,
    TargetGroups,
    Verdict,
)

CHECK = Check(
    id="edr-policy-intune",
    title="EDR policy for Intune-managed devices exists and is assigned to groups",
    phase=Phase.POLICY,
    level=Level.INFO,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active",),
    tags=("article",),
    why="Devices that Intune manages, co-managed ones among them, take their onboarding from this kind of policy and "
    "never from the one for collections.",
    judged=(
        "Every configuration policy is listed; of this kind are those of the template family for endpoint detection "
        "and response, and the profiles of the retired shape (intents). While the roll-out is planned, no policy is "
        "no fault, and what exists passes, assigned or not; from running on, a missing or unassigned one fails at "
        "info. The groups of [scope], where named, must exist and hold devices. Settings, scope tags and assignments "
        "are shown."
    ),
    inferred=(
        "Which policies are of this kind: by the template family and, of the retired shape, by the definitions that "
        "public code that exports policies shows."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Create a policy for the platform Windows with the profile Endpoint detection and response, and assign "
                "it to the groups of the roll-out",
                where=f"{NODE} > Create policy",
                id="create-policy-intune",
                role_steps=("policy",),
                after=("connect-defender",),
            ),
            Step(
                "See that the groups exist and hold devices",
                where="Microsoft Entra admin center > Groups",
                id="see-groups",
            ),
        ),
        role="Endpoint Security Manager in Intune",
        wait="devices take a new policy at their next check-in, within about 8 hours",
        verify=f"{NODE}: the policy, column Assigned; its device report",
        rollback="remove the assignment: devices stay onboarded until an offboarding policy reaches them",
        change_window=True,
    ),
    sources=(
        ARTICLE,
        EXPORTED,
        Source("group: list transitive members", "Graph v1.0 /groups/{id}/transitiveMembers"),
    ),
)

EXPECTED = "a policy of this kind, assigned, as the stage of the roll-out asks for it; named groups that hold devices"
WHAT = "EDR policy for Intune-managed devices"


@CHECK.judge
def judge(policies: EdrPolicies, groups: Reading[TargetGroups], context: Context) -> Verdict:
    stage, named = context.settings.rollout.stage, context.settings.scope.groups
    found = of_kinds(policies.policies, PolicyKind.INTUNE, PolicyKind.LEGACY)
    verdict = judge_presence(found, complete=policies.complete, stage=stage, what=WHAT, expected=EXPECTED)
    if not named or verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        return verdict
    doubt = _groups(named, groups)
    if doubt is None:
        return replace(verdict, observed=f"{verdict.observed}; groups that hold devices: {', '.join(named)}")
    outcome, reason, words = doubt
    return replace(verdict, outcome=outcome, reason=reason, summary=words)


def _groups(named: tuple[str, ...], reading: Reading[TargetGroups]) -> tuple[Outcome, Reason | None, str] | None:
    """What is wrong with the groups of the roll-out; None where each of them exists and holds devices."""
    if reading.value is None:
        words = f"The groups of the roll-out could not be read: {reading.error or 'no reading'}"
        return Outcome.UNKNOWN, reading.reason or Reason.BAD_ANSWER, words
    by_name: dict[str, list[TargetGroup]] = {}
    for group in reading.value.groups:
        by_name.setdefault(group.asked.casefold(), []).append(group)
    said = [_group(name, by_name.get(name.casefold(), [])) for name in named]
    doubts = [one for one in said if one is not None]
    return min(doubts, key=lambda one: one[0] is not Outcome.FAIL) if doubts else None


def _group(name: str, groups: list[TargetGroup]) -> tuple[Outcome, Reason | None, str] | None:
    if len(groups) > 1:
        ids = ", ".join(group.id for group in groups)
        return Outcome.UNKNOWN, Reason.CONTRADICTING, f"Several groups are named {name} ({ids}): name the id"
    group = next(iter(groups), None)
    if group is None:
        return Outcome.UNKNOWN, Reason.NOT_VISIBLE, f"Group {name} was not asked for when the evidence was collected"
    if not group.found:
        return Outcome.FAIL, None, f"Group {name} does not exist in the tenant"
    if group.holds_devices is None:
        return Outcome.UNKNOWN, Reason.MISSING_PERMISSION, f"The members of group {name} could not be read"
    return None if group.holds_devices else (Outcome.FAIL, None, f"Group {name} holds no device")
