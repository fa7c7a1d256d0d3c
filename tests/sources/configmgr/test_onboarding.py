"""Defender ATP policies among the configuration policies, and what they are deployed to."""

from __future__ import annotations

import pytest

from readiness.errors import SourceError
from readiness.model.facts import CoManagementPolicies, OnboardingPolicies, OnboardingPolicy
from readiness.model.words import Reason
from tests.sources.configmgr.estate import POLICY, Cells, Provider, read, refused, session

ATP: Cells = {
    "CI_ID": "16777402",
    "LocalizedDisplayName": "ATP onboarding",
    "IsAssigned": "true",
    "CategoryInstance_UniqueIDs": "SettingsAndPolicy:SMS_AdvancedThreatProtectionSettings",
}


def deployment(collection: str | None, policy: str = "16777402") -> Cells:
    return {"CI_ID": policy, "CollectionID": collection}


def test_the_policies_of_the_category_are_told_with_the_collections_that_they_go_to() -> None:
    rows = [deployment("p0100021"), deployment("P0100022"), deployment("P0100021"), deployment("P0100099", "5")]
    provider = Provider(SMS_ConfigurationPolicy=[POLICY, ATP], SMS_DeploymentSummary=rows)
    found = read(OnboardingPolicies, session(provider))
    atp = OnboardingPolicy(16777402, "ATP onboarding", assigned=True, collections=("P0100021", "P0100022"))
    assert (found.value, found.rows) == (OnboardingPolicies((atp,), 2), 2)
    assert ("CI_ID", [16777402]) in provider.wanted


def test_without_such_a_policy_no_deployment_is_asked_for() -> None:
    provider = Provider()
    assert read(OnboardingPolicies, session(provider)).value == OnboardingPolicies((), 1)
    assert "SMS_DeploymentSummary" not in provider.asked


def test_the_policies_are_asked_for_once() -> None:
    provider = Provider()
    given = session(provider)
    read(OnboardingPolicies, given)
    read(CoManagementPolicies, given)
    assert provider.asked.count("SMS_ConfigurationPolicy") == 1


@pytest.mark.parametrize("row", [deployment(None), {"CollectionID": "P0100021"}, deployment("P0100021", "x")])
def test_a_deployment_that_says_nothing_is_refused(row: Cells) -> None:
    provider = Provider(SMS_ConfigurationPolicy=[ATP], SMS_DeploymentSummary=[row])
    assert refused(OnboardingPolicies, session(provider)).reason is Reason.BAD_ANSWER


def test_deployments_that_cannot_be_read_cost_the_fact() -> None:
    lost = SourceError(Reason.TIMED_OUT, "the provider did not answer")
    provider = Provider(SMS_ConfigurationPolicy=[ATP], SMS_DeploymentSummary=lost)
    assert refused(OnboardingPolicies, session(provider)).reason is Reason.TIMED_OUT


def test_more_policies_than_can_be_are_no_answer() -> None:
    many = [{**ATP, "CI_ID": str(number)} for number in range(51)]
    provider = Provider(SMS_ConfigurationPolicy=many)
    assert refused(OnboardingPolicies, session(provider)).reason is Reason.BAD_ANSWER
