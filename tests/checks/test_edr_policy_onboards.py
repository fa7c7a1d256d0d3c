"""edr-policy-onboards: the package of every policy, in all three shapes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from checks.policy.edr_policy_onboards import judge
from readiness.plugin import (
    EdrPolicy,
    Level,
    Outcome,
    PartnerState,
    PolicyKind,
    PolicySetting,
    Reason,
    TargetKind,
    ThreatDefenseConnectors,
    Verdict,
)
from tests.checks.builders import connector, reading, unread
from tests.checks.policy_facts import GROUP, SERVERS, policies, policy, to_collection, to_group
from tests.conftest import Estate, Program

TYPE = "device_vendor_msft_windowsadvancedthreatprotection_configurationtype"
OLD = "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection"
CONFIGMGR, INTUNE, LEGACY = PolicyKind.CONFIGMGR, PolicyKind.INTUNE, PolicyKind.LEGACY
TO_SERVERS = to_collection(SERVERS)
Serve = Callable[..., Estate]


def carrying(option: str, kind: PolicyKind = CONFIGMGR, *, assigned: bool = True) -> EdrPolicy:
    targets = ((TO_SERVERS if kind is CONFIGMGR else to_group()),) if assigned else ()
    found = policy(kind, *targets, settings=(PolicySetting(TYPE, f"{TYPE}_{option}"), PolicySetting("x", "1")))
    return replace(found, id=f"{found.id[:-1]}{len(option)}")


def retired(filled_in: str | None = None, blob: str | None = None, *, assigned: bool = True) -> EdrPolicy:
    said = (("AutoPopulateOnboardingBlob", filled_in), ("BlobType", blob), ("OnboardingBlob", "***"))
    settings = tuple(PolicySetting(f"{OLD}{name}", value) for name, value in said if value is not None)
    return policy(LEGACY, *([to_group()] if assigned else []), settings=settings)


CONNECTED = reading(ThreatDefenseConnectors((connector(),)))


def judged(*found: EdrPolicy, complete: bool = True) -> Verdict:
    return judge(policies(*found, complete=complete), CONNECTED)


def why(verdict: Verdict) -> tuple[Outcome, Reason | None]:
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize("kind", [CONFIGMGR, INTUNE])
@pytest.mark.parametrize("assigned", [True, False])
def test_a_policy_with_the_package_from_the_connector_passes_assigned_or_not(kind: PolicyKind, assigned: bool) -> None:
    verdict = judged(carrying("autofromconnector", kind, assigned=assigned))
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary == "The one EDR policy for Windows onboards with the package from the connector"


@pytest.mark.parametrize("kind", [CONFIGMGR, INTUNE])
def test_an_offboarding_package_is_a_blocker_where_assigned_and_advisory_where_not(kind: PolicyKind) -> None:
    good = carrying("autofromconnector")
    assigned = judged(good, carrying("offboard", kind))
    assert (assigned.outcome, assigned.level) == (Outcome.FAIL, Level.BLOCKER)
    assert "OFFBOARDS devices" in assigned.summary
    idle = judged(good, carrying("offboard", kind, assigned=False))
    assert (idle.outcome, idle.level) == (Outcome.FAIL, None)


def test_an_exclusion_alone_is_no_assignment() -> None:
    excluded = replace(carrying("offboard"), targets=(to_group(GROUP, TargetKind.EXCLUDED_GROUP),))
    assert judged(excluded).level is None


def test_a_pasted_package_is_advisory() -> None:
    verdict = judged(carrying("onboard"))
    assert (verdict.outcome, verdict.level) == (Outcome.FAIL, None)
    assert "pasted" in verdict.summary


@pytest.mark.parametrize("option", ["somethingnew", "", "AutoFromConnector2"])
def test_a_type_that_no_table_knows_is_unknown(option: str) -> None:
    verdict = judged(carrying(option))
    assert why(verdict) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"'{option.lower()}', which no table knows" in verdict.summary


def test_the_case_of_ids_does_not_matter() -> None:
    shouted = replace(carrying("x"), settings=(PolicySetting(TYPE.upper(), f"{TYPE}_AutoFromConnector"),))
    assert judged(shouted).outcome is Outcome.PASS


def test_settings_that_name_no_type_are_for_a_person() -> None:
    for kind in (CONFIGMGR, INTUNE, LEGACY):
        assert judged(policy(kind, TO_SERVERS)).outcome is Outcome.MANUAL
        assert judged(policy(kind, TO_SERVERS, settings=())).outcome is Outcome.MANUAL


def test_settings_that_were_not_read_are_unknown() -> None:
    for kind in (CONFIGMGR, INTUNE, LEGACY):
        assert why(judged(policy(kind, TO_SERVERS, settings=None))) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)


def test_two_types_in_one_policy_are_contradicting() -> None:
    both = replace(carrying("onboard"), settings=carrying("onboard").settings + carrying("offboard").settings)  # type: ignore[operator]
    assert why(judged(both)) == (Outcome.UNKNOWN, Reason.CONTRADICTING)


@pytest.mark.parametrize(
    ("filled_in", "blob", "outcome", "level"),
    [
        ("true", None, Outcome.PASS, None),
        ("true", "notConfigured", Outcome.PASS, None),
        ("true", "onboardingBlob", Outcome.PASS, None),
        ("false", "onboardingBlob", Outcome.FAIL, None),
        (None, "onboardingBlob", Outcome.FAIL, None),
        ("false", "offboardingBlob", Outcome.FAIL, Level.BLOCKER),
        (None, "offboardingBlob", Outcome.FAIL, Level.BLOCKER),
        ("true", "offboardingBlob", Outcome.UNKNOWN, None),
        ("perhaps", None, Outcome.UNKNOWN, None),
        ("false", "newBlob", Outcome.UNKNOWN, None),
        ("false", "notConfigured", Outcome.MANUAL, None),
        (None, None, Outcome.MANUAL, None),
    ],
)
def test_the_retired_shape_is_judged_by_its_own_settings(
    filled_in: str | None, blob: str | None, outcome: Outcome, level: Level | None
) -> None:
    verdict = judged(retired(filled_in, blob))
    assert (verdict.outcome, verdict.level) == (outcome, level)


def test_a_retired_policy_that_offboards_and_is_not_assigned_is_advisory() -> None:
    assert judged(retired("false", "offboardingBlob", assigned=False)).level is None


def test_policies_that_may_be_hidden_leave_a_pass_unknown_and_a_failure_as_it_is() -> None:
    hidden = judged(carrying("autofromconnector"), complete=False)
    assert why(hidden) == (Outcome.UNKNOWN, Reason.NOT_VISIBLE)
    assert judged(carrying("offboard"), complete=False).level is Level.BLOCKER


def test_a_connection_that_was_not_read_leaves_a_pass_unknown_and_a_failure_as_it_is() -> None:
    lost = unread(ThreatDefenseConnectors, Reason.TIMED_OUT)
    assert why(judge(policies(carrying("autofromconnector")), lost)) == (Outcome.UNKNOWN, Reason.TIMED_OUT)
    assert judge(policies(carrying("offboard")), lost).level is Level.BLOCKER


@pytest.mark.parametrize("state", [*PartnerState.__members__.values(), PartnerState("sleeping"), None])
def test_a_pass_needs_a_connection_that_is_there(state: PartnerState | None) -> None:
    rows = () if state is None else (connector(state),)
    verdict = judge(policies(carrying("autofromconnector")), reading(ThreatDefenseConnectors(rows)))
    there = state in (PartnerState.ENABLED, PartnerState.AVAILABLE)
    assert why(verdict) == ((Outcome.PASS, None) if there else (Outcome.UNKNOWN, Reason.NOT_VISIBLE))


def test_a_policy_of_a_kind_that_no_table_knows_is_unknown() -> None:
    strange = replace(carrying("autofromconnector"), kind=PolicyKind("newKind"))
    assert why(judged(strange)) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


def test_no_policy_or_none_for_windows_does_not_apply() -> None:
    assert judged().outcome is Outcome.NOT_APPLICABLE
    linux = replace(policy(INTUNE, to_group(), settings=()), platforms="linux")
    assert judged(linux).outcome is Outcome.NOT_APPLICABLE
    assert judged(linux, carrying("autofromconnector")).outcome is Outcome.PASS


def test_a_target_of_an_unknown_kind_is_unknown() -> None:
    strange = replace(carrying("autofromconnector"), targets=(to_group("g", TargetKind("newTarget")),))
    assert why(judged(strange)) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)


OFFBOARDING = f"""
base = "ready"
title = "The policy for collections offboards."
[change.graph.beta."deviceManagement/configurationPolicies".4f0e9d8c-7b6a-4594-8372-61504f3e2d1d]
settings = [
    {{ id = "0", settingInstance = {{ "@odata.type" = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance", settingDefinitionId = "{TYPE}", choiceSettingValue = {{ value = "{TYPE}_offboard", children = [] }} }} }},
]
"""  # noqa: E501
RETIRED = f"""
base = "ready"
title = "A policy of the retired shape is left that offboards; nothing is assigned to it."
[[graph.beta."deviceManagement/intents"]]
id = "77aa1f6e-2b0c-4d3e-9f41-aa0011223344"
displayName = "EDR baseline 2021"
isAssigned = false
templateId = "e44c2ca3-2f9a-400a-a113-6cc88efd773d"
roleScopeTagIds = ["0"]
assignments = []
settings = [
    {{ "@odata.type" = "#microsoft.graph.deviceManagementStringSettingInstance", id = "s1", definitionId = "{OLD}BlobType", valueJson = '"offboardingBlob"' }},
    {{ "@odata.type" = "#microsoft.graph.deviceManagementStringSettingInstance", id = "s2", definitionId = "{OLD}OffboardingBlob", valueJson = '"SECRET-PACKAGE"' }},
]
"""  # noqa: E501


@pytest.mark.parametrize(("toml", "level", "code"), [(OFFBOARDING, "blocker", 3), (RETIRED, "advisory", 0)])
def test_a_scan_tells_of_a_policy_that_offboards(
    toml: str, level: str, code: int, program: Program, estate: Serve
) -> None:
    served = estate(toml=toml)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = next(one for one in ran.report["checks"] if one["id"] == "edr-policy-onboards")
    assert (found["outcome"], found["level"], ran.code) == ("fail", level, code)
    assert "SECRET-PACKAGE" not in ran.out + ran.err
