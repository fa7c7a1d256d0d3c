"""Defender ATP policies of Configuration Manager, and the collections that they are deployed to.

That a deployment is found in `SMS_DeploymentSummary` by the `CI_ID` of its policy is inferred: the SDK reference
documents both columns, and names no class for deployments of this kind.
"""

from __future__ import annotations

from readiness.errors import SourceError
from readiness.model.facts import ONBOARDING_CATEGORY, OnboardingPolicies, OnboardingPolicy
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Row
from readiness.sources.configmgr.readers.comanagement import listed
from readiness.sources.configmgr.readers.session import SiteSession, finding
from readiness.sources.reader import Finding

MOST_POLICIES = 50
"""How many of them are looked into; there are one or two."""


def policies(session: SiteSession) -> Finding[OnboardingPolicies]:
    answer = listed(session)
    wanted = ONBOARDING_CATEGORY.casefold()
    ours = [row for row in answer.rows if wanted in map(str.casefold, row.texts("CategoryInstance_UniqueIDs"))]
    if len(ours) > MOST_POLICIES:
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered {len(ours)} Defender ATP policies")
    deployed = _deployments(session, [row.integer("CI_ID") for row in ours])
    return finding(OnboardingPolicies(tuple(_policy(row, deployed) for row in ours), len(answer.rows)), answer)


def _deployments(session: SiteSession, ids: list[int]) -> dict[int, list[str]]:
    """The collections that each policy is deployed to."""
    found: dict[int, list[str]] = {id_: [] for id_ in ids}
    if ids:
        answer = session.rows("SMS_DeploymentSummary", ("CI_ID", "CollectionID"), any_of=("CI_ID", ids))
        for row in answer.rows:
            found.setdefault(row.integer("CI_ID"), []).append(row.text("CollectionID").upper())
    return found


def _policy(row: Row, deployed: dict[int, list[str]]) -> OnboardingPolicy:
    id_ = row.integer("CI_ID")
    return OnboardingPolicy(
        id=id_,
        name=row.optional_text("LocalizedDisplayName") or "",
        assigned=row.flag("IsAssigned"),
        collections=tuple(sorted(set(deployed[id_]))),
    )
