"""EDR policies: which of them there are of a kind, and how they are spoken of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from readiness.plugin import Basis, EdrPolicy, Outcome, PolicyKind, Reason, Source, Stage, TargetKind, Verdict

ARTICLE = Source(
    "Endpoint detection and response policy for endpoint security in Intune",
    "the article, Create and deploy EDR policies",
    date(2020, 5, 22),
)
EXPORTED = Source(
    "deviceManagementConfigurationPolicy",
    "Graph beta /deviceManagement/configurationPolicies, and public code that exports policies",
    date(2026, 10, 1),
)
NODE = "Microsoft Intune admin center > Endpoint security > Endpoint detection and response"
HIDDEN = "scope tags may hide others from the account"
MOST_NAMED = 10
_KINDS = {
    TargetKind.ALL_DEVICES: "all devices",
    TargetKind.ALL_USERS: "all users",
    TargetKind.GROUP: "group",
    TargetKind.EXCLUDED_GROUP: "not group",
    TargetKind.COLLECTION: "collection",
}


def of_kinds(policies: Sequence[EdrPolicy], *kinds: PolicyKind) -> tuple[EdrPolicy, ...]:
    return tuple(policy for policy in policies if policy.kind in kinds)


def collection_targets(policy: EdrPolicy) -> tuple[str, ...]:
    """Ids of the collections that a policy is assigned to: the tenant's or the site's, which is not documented."""
    return tuple(target.id for target in policy.targets if target.kind is TargetKind.COLLECTION)


def strange(policies: Sequence[EdrPolicy]) -> str | None:
    """What of these policies no table knows, so that it cannot be told what they do; None where all is known."""
    for policy in policies:
        unknown = next((target.kind for target in policy.targets if not target.kind.known), None)
        if unknown is not None:
            return f"{policy.name} is assigned to a target of the kind '{unknown.value}', which no table knows"
    return None


def listed(policies: Sequence[EdrPolicy]) -> str:
    """The policies with platform, scope tags, assignments and settings, for a person to read."""
    said = [_one(policy) for policy in policies[:MOST_NAMED]]
    more = len(policies) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def _one(policy: EdrPolicy) -> str:
    tags = ", ".join(policy.scope_tags) or "none"
    targets = [f"{_KINDS.get(t.kind, t.kind.value)} {t.id}".strip() for t in policy.targets[:MOST_NAMED]]
    more = len(policy.targets) - len(targets)
    to = ", ".join(targets) + (f" and {more} more" if more > 0 else "") if targets else "nothing"
    return (
        f"{policy.name}: {policy.platforms}, scope tags {tags}, "
        f"{_settings(policy)}, assigned to {to}{'' if policy.kind is not PolicyKind.LEGACY else ' (retired shape)'}"
    )


def _settings(policy: EdrPolicy) -> str:
    if policy.settings is None:
        return "settings not readable"
    said = [f"{setting.definition.rpartition('_')[2]}={setting.value}" for setting in policy.settings[:MOST_NAMED]]
    return f"settings {', '.join(said)}" if said else "no settings"


def judge_presence(policies: Sequence[EdrPolicy], *, complete: bool, stage: Stage, what: str, expected: str) -> Verdict:
    """Whether a kind of policy exists and is assigned, as the stage of the roll-out asks for it.

    Args:
        policies: those of the kind.
        complete: whether no policy can be hidden from who read.
        what: the kind, for a sentence, as "EDR policy for Intune-managed devices".
    """

    def verdict(outcome: Outcome, summary: str, reason: Reason | None = None) -> Verdict:
        return Verdict(outcome, summary, expected, listed(policies) or "no such policy", Basis.INFERRED, reason)

    unknown = strange(policies)
    if unknown is not None:
        return verdict(Outcome.UNKNOWN, unknown, Reason.UNKNOWN_VALUE)
    assigned = sum(1 for policy in policies if policy.assigned)
    if policies and (assigned or stage is Stage.PLANNED):
        return verdict(Outcome.PASS, f"{len(policies)} x {what}, {assigned} assigned")
    if policies and complete:
        return verdict(Outcome.FAIL, f"{what} exists, but is assigned to nothing")
    if policies:
        words = f"No {what} that is visible is assigned, but {HIDDEN}"
        return verdict(Outcome.UNKNOWN, words, Reason.NOT_VISIBLE)
    if stage is Stage.PLANNED:
        return verdict(Outcome.NOT_APPLICABLE, f"No {what} is visible; the roll-out is planned, and needs none yet")
    if complete:
        return verdict(Outcome.FAIL, f"There is no {what}, and the roll-out is {stage.value}")
    return verdict(Outcome.UNKNOWN, f"No {what} is visible, but {HIDDEN}", Reason.NOT_VISIBLE)
