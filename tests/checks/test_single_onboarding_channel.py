"""single-onboarding-channel: Defender ATP policies that reach a target, and what is not proven to be absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checks.policy.single_onboarding_channel import judge
from readiness.plugin import (
    FULL_ADMINISTRATOR,
    Collection,
    Collections,
    CollectionType,
    Context,
    JudgingSettings,
    OnboardingPolicies,
    OnboardingPolicy,
    Outcome,
    PolicyKind,
    Reading,
    Reason,
    Scope,
    SiteAccess,
    TargetKind,
    Verdict,
)
from tests.checks.builders import NOW, access, grant, reading, unread
from tests.checks.policy_facts import (
    CLOUD_IDS,
    PILOT,
    SERVERS,
    both_kinds,
    cloud,
    policies,
    policy,
    to_collection,
    to_group,
)
from tests.conftest import Estate, Program

ALL, WORKSTATIONS = "SMS00001", "P0100014"
SEES_ALL, ANALYST = reading(access(grant(FULL_ADMINISTRATOR))), reading(access())
Serve = Callable[..., Estate]


def site_collections(*more: Collection, limiting: str = WORKSTATIONS) -> Collections:
    return Collections(
        (
            Collection(ALL, "All Systems", CollectionType.DEVICE, 1204, built_in=True),
            Collection(WORKSTATIONS, "All Workstations", CollectionType.DEVICE, 968, ALL),
            Collection(SERVERS, "All Windows Servers - EDR", CollectionType.DEVICE, 37, ALL),
            Collection(PILOT, "Pilot - Workstations EDR", CollectionType.DEVICE, 20, limiting),
            *more,
        )
    )


def atp(*collections: str, assigned: bool = True, name: str = "Onboard", id_: int = 7) -> OnboardingPolicy:
    return OnboardingPolicy(id_, name, assigned, collections)


def judged(
    *found: OnboardingPolicy,
    named: tuple[str, ...] = (SERVERS, PILOT),
    sees: Reading[SiteAccess] = SEES_ALL,
    **changed: Any,
) -> Verdict:
    facts: dict[str, Any] = {
        "onboarding": OnboardingPolicies(found, len(found) + 2),
        "collections": site_collections(),
        "policies": both_kinds(),
        "cloud": cloud(),
        **changed,
    }
    return judge(**facts, access=sees, context=Context(NOW, JudgingSettings(Scope(collections=named))))


def outcomes(verdict: Verdict) -> list[Outcome]:
    return [subject.outcome for subject in verdict.subjects]


def test_no_such_policy_passes_only_where_the_account_sees_every_one() -> None:
    assert judged().outcome is Outcome.PASS
    for sees in (ANALYST, unread(SiteAccess), reading(access(listed=False))):
        verdict = judged(sees=sees)
        assert (verdict.outcome, outcomes(verdict)) == (Outcome.MANUAL, [Outcome.MANUAL, Outcome.MANUAL])
        assert "the account may not see all" in verdict.summary
        assert verdict.remediation is not None
        assert verdict.remediation.steps[0].id == "look-at-atp-policies"


@pytest.mark.parametrize("sees", [SEES_ALL, ANALYST])
def test_a_policy_that_is_deployed_to_a_target_is_advisory(sees: Reading[SiteAccess]) -> None:
    verdict = judged(atp(SERVERS), sees=sees)
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert outcomes(verdict)[0] is Outcome.FAIL
    assert "the Defender ATP policy Onboard of Configuration Manager onboards its devices" in verdict.summary


def test_it_is_said_whether_the_edr_policy_is_there_already_by_either_id() -> None:
    for id_ in (SERVERS, CLOUD_IDS[SERVERS], CLOUD_IDS[SERVERS].upper()):
        found = policies(policy(PolicyKind.CONFIGMGR, to_collection(id_)))
        assert "and so does an EDR policy" in judged(atp(SERVERS), policies=found).summary
    assert "before any EDR policy" in judged(atp(PILOT)).summary
    assert "before any EDR policy" in judged(atp(SERVERS), policies=policies()).summary


@pytest.mark.parametrize(
    ("deployed", "expected"),
    [
        (WORKSTATIONS, [Outcome.PASS, Outcome.FAIL]),
        (ALL, [Outcome.FAIL, Outcome.FAIL]),
        ("P0100099", [Outcome.PASS, Outcome.PASS]),
        (PILOT.lower(), [Outcome.PASS, Outcome.FAIL]),
    ],
)
def test_what_a_target_is_limited_to_counts_and_others_do_not(deployed: str, expected: list[Outcome]) -> None:
    assert outcomes(judged(atp(deployed))) == expected


def test_a_limit_that_is_hidden_or_goes_in_a_circle_is_for_a_person() -> None:
    hidden = judged(atp(WORKSTATIONS), collections=site_collections(limiting="P0100077"))
    assert outcomes(hidden) == [Outcome.PASS, Outcome.MANUAL]
    circle = judged(atp(WORKSTATIONS), collections=site_collections(limiting=PILOT))
    assert outcomes(circle) == [Outcome.PASS, Outcome.MANUAL]


def test_a_policy_that_is_assigned_to_what_is_not_shown_is_for_a_person() -> None:
    verdict = judged(atp())
    assert verdict.outcome is Outcome.MANUAL
    assert "whether the Defender ATP policy Onboard reaches it is not shown" in verdict.summary
    assert judged(atp(assigned=False)).outcome is Outcome.PASS
    assert judged(atp(), atp(SERVERS, id_=8)).outcome is Outcome.FAIL


def test_no_target_and_targets_that_are_not_settled_are_unknown() -> None:
    verdict = judged(named=())
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, Reason.NO_TARGET)
    assert judged(named=("P0109999",)).reason is Reason.NOT_VISIBLE


def test_an_edr_policy_that_goes_to_what_no_table_knows_is_unknown() -> None:
    strange = policies(policy(PolicyKind.INTUNE, to_group("g", TargetKind("newTarget"))))
    assert judged(policies=strange).reason is Reason.UNKNOWN_VALUE


DEPLOYED = """
base = "ready"
title = "A Defender ATP policy of Configuration Manager is deployed to the servers."
[many.atp]
count = 1
wmi.SMS_ConfigurationPolicy = { CI_ID = 16777402, LocalizedDisplayName = "ATP onboarding", CategoryInstance_UniqueIDs = ["SettingsAndPolicy:SMS_AdvancedThreatProtectionSettings"] }
wmi.SMS_DeploymentSummary = { DeploymentID = "{11111111}", CI_ID = 16777402, CollectionID = "P0100021" }
"""  # noqa: E501
FULL = """
base = "ready"
title = "The account sees everything, and there is no Defender ATP policy."
[change.wmi.SMS_Admin.16777218]
Permissions = [
    { CategoryID = "SMS00ALL", CategoryName = "All", CategoryTypeID = 29, RoleID = "SMS0001R", RoleName = "Full Administrator" },
]
"""  # noqa: E501


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize(("toml", "outcome"), [(DEPLOYED, "fail"), ('base = "ready"\n', "manual"), (FULL, "pass")])
def test_a_scan_tells_of_a_second_channel_and_is_ready(
    toml: str, outcome: str, transport: str, program: Program, estate: Serve
) -> None:
    served = estate(toml=toml, transport=transport)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "single-onboarding-channel")
    assert (found["outcome"], found["level"], ran.code) == (outcome, "advisory", 0)
    if outcome == "fail":
        assert "ATP onboarding: deployed to P0100021" in found["observed"]
