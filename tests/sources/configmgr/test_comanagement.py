"""Co-management policies: what the text of a policy says, and how little it may say."""

from __future__ import annotations

import pytest

from readiness.errors import SourceError
from readiness.model.facts import CoManagementPolicies, CoManagementPolicy
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import ProviderFault
from readiness.sources.configmgr.readers.comanagement import MOST_CHARACTERS, MOST_POLICIES, enrolment, workloads
from tests.sources.configmgr.estate import POLICY, Cells, Provider, read, refused, session


def rule(name: str, *values: str) -> str:
    constants = "".join(f'<ConstantValue DataType="x" Value="{value}"/>' for value in values)
    return (
        f'<Rule id="r"><Annotation><DisplayName Text="{name}"/></Annotation>'
        f"<Expression><Operands>{constants}</Operands></Expression></Rule>"
    )


def package(*rules: str) -> str:
    namespace = "http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/07/10/DesiredConfiguration"
    return f'<Digest xmlns="{namespace}"><Policy><Rules>{"".join(rules)}</Rules></Policy></Digest>'


ENROLS = package(rule("AutoEnroll_Name", "true"), rule("Capabilities_Name", "35"))


def test_a_policy_with_what_its_text_says() -> None:
    provider = Provider()
    provider.lazy["SMS_ConfigurationPolicy"] = {"SDMPackageXML": ENROLS}
    found = read(CoManagementPolicies, session(provider))
    assert found.value.policies == (CoManagementPolicy(16777400, "CoMgmtSettingsProd", True, True, 35),)
    assert provider.asked[-1] == "SMS_ConfigurationPolicy(CI_ID)"


def test_other_policies_are_counted_and_not_looked_into() -> None:
    other: Cells = {**POLICY, "CI_ID": "2", "CategoryInstance_UniqueIDs": ("SettingsAndPolicy:Other", "x")}
    none: Cells = {**POLICY, "CI_ID": "3", "CategoryInstance_UniqueIDs": None}
    provider = Provider(SMS_ConfigurationPolicy=[other, POLICY, none])
    found = read(CoManagementPolicies, session(provider)).value
    assert ([policy.id for policy in found.policies], found.visible) == ([16777400], 3)
    assert provider.asked.count("SMS_ConfigurationPolicy(CI_ID)") == 1


def test_a_policy_whose_text_the_site_does_not_give_says_nothing_of_enrolment() -> None:
    provider = Provider()
    provider.lazy["SMS_ConfigurationPolicy"] = ProviderFault(Reason.ACCESS_DENIED, "no")
    (policy,) = read(CoManagementPolicies, session(provider)).value.policies
    assert (policy.assigned, policy.automatic_enrolment, policy.workloads) == (True, None, None)


@pytest.mark.parametrize(
    "failure",
    [
        SourceError(Reason.TIMED_OUT, "late"),
        ProviderFault(Reason.TIMED_OUT, "late"),
        ProviderFault(Reason.THROTTLED, "busy"),
    ],
)
def test_a_connection_that_breaks_and_a_site_that_is_busy_are_no_such_answer(failure: SourceError) -> None:
    provider = Provider()
    provider.lazy["SMS_ConfigurationPolicy"] = failure
    assert refused(CoManagementPolicies, session(provider)).reason is failure.reason


def test_more_policies_than_can_be_are_refused() -> None:
    rows: list[Cells] = [{**POLICY, "CI_ID": str(number)} for number in range(MOST_POLICIES + 1)]
    assert refused(CoManagementPolicies, session(Provider(SMS_ConfigurationPolicy=rows))).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(("value", "said"), [("true", True), ("True", True), ("False", False), (" false ", False)])
def test_enrolment_is_what_the_rule_says(value: str, said: bool) -> None:
    assert enrolment(package(rule("AutoEnroll_Name", value))) is said
    setting = '<SettingReference SettingLogicalName="CoManagementSettings_AutoEnroll"/></Rule>'
    assert enrolment(package(rule("", value).replace("</Rule>", setting))) is said


SILENT = [
    "",
    "no xml",
    "<a",
    package(),
    package(rule("Something", "true")),
    package(rule("AutoEnroll_Name")),
    package(rule("AutoEnroll_Name", "perhaps")),
    package(rule("AutoEnroll_Name", "")),
    package(rule("AutoEnroll_Name", "true", "false")),
    package(rule("AutoEnroll_Name", "true", "true")),
    package(rule("AutoEnroll_Name", "true"), rule("AutoEnroll_Name", "false")),
    '<!DOCTYPE d [<!ENTITY t "true">]>' + package(rule("AutoEnroll_Name", "&t;")),
    '<!DOCTYPE d SYSTEM "http://localhost/x">' + ENROLS,
    ENROLS + " " * MOST_CHARACTERS,
]


@pytest.mark.parametrize("text", SILENT, ids=range(len(SILENT)))
def test_anything_else_says_nothing(text: str) -> None:
    assert enrolment(text) is None


@pytest.mark.parametrize(("value", "bits"), [("35", 35), ("0", 0), ("-1", None), ("\u0663", None), ("9" * 11, None)])
def test_workloads_are_bits(value: str, bits: int | None) -> None:
    assert workloads(package(rule("Capabilities_Name", value))) == bits
