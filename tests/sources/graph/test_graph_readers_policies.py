"""EDR policies in all three shapes, told apart from all others; and what devices report of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    EDR_FAMILY,
    LEGACY_TEMPLATE,
    EdrPolicies,
    EdrPolicy,
    PolicyKind,
    PolicySetting,
    PolicyStatus,
    PolicyStatuses,
    PolicyTarget,
    TargetKind,
)
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import Cloud, Given, error, http_json, rows
from tests.servers.tcp import HttpRequest
from tests.sources.graph.conftest import Reading, at_once

PROPERTIES = "id,name,platforms,technologies,creationSource,templateReference,isAssigned,roleScopeTagIds"
INTUNE = "/beta/deviceManagement"
LIST = f"{INTUNE}/configurationPolicies?$select={PROPERTIES}&$expand=assignments"
INTENTS, TEMPLATES = f"{INTUNE}/intents", f"{INTUNE}/templates"
REPORT = f"{INTUNE}/reports/getConfigurationPolicyDevicesReport"
DENIED = error(
    403, "Forbidden", "Application must have one of the following scopes: DeviceManagementConfiguration.Read.All"
)
SENSOR = "device_vendor_msft_windowsadvancedthreatprotection"


def target(kind: str, **ids: str) -> dict[str, Any]:
    return {"id": "a", "target": {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget", **ids}}


TO_GROUP = target("group", groupId="g1")
TO_COLLECTION = target("configurationManagerCollection", collectionId="c1")


def policy(id_: str = "p1", family: str = EDR_FAMILY, **more: Any) -> Any:
    """A row of the list; a value of `...` takes the property away."""
    made = {
        "id": id_,
        "name": f"Policy {id_}",
        "platforms": "windows10",
        "technologies": "mdm,microsoftSense",
        "creationSource": None,
        "templateReference": {"templateId": "", "templateFamily": family},
        "isAssigned": True,
        "roleScopeTagIds": ["0"],
        "assignments": [TO_GROUP],
    }
    return {name: value for name, value in {**made, **more}.items() if value is not ...}


def for_collections(id_: str = "p2", **more: Any) -> Any:
    sccm = {"technologies": "configManager", "creationSource": "SccmEDR", "assignments": [TO_COLLECTION]}
    return policy(id_, "none", **{**sccm, **more})


def intent(id_: str = "i1", template: str | None = LEGACY_TEMPLATE, **more: Any) -> Any:
    made = {"id": id_, "displayName": "Old", "templateId": template, "isAssigned": True, "roleScopeTagIds": ["0"]}
    return {**made, **more}


def choice(definition: str, value: str, *children: Any) -> dict[str, Any]:
    return {"settingDefinitionId": definition, "choiceSettingValue": {"value": value, "children": list(children)}}


def simple(definition: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"settingDefinitionId": definition, "simpleSettingValue": {"value": value, **more}}


def settings_path(id_: str) -> str:
    return f"{INTUNE}/configurationPolicies('{id_}')/settings"


def summary_path(id_: str) -> str:
    return f"{INTUNE}/configManagerCollections/getPolicySummary(policyId='{id_}')"


class Tenant:
    """The scripted cloud with policies, their settings, and reports."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.report: list[Given] = []
        self.list()
        cloud.whole = self._reports

    def list(self, *policies: Any, intents: Any = (), templates: Any = ()) -> None:
        self.cloud.give(LIST, rows(*policies))
        self.cloud.give(INTENTS, rows(*intents))
        self.cloud.give(TEMPLATES, rows(*templates))
        for row in policies:
            self.settings(row["id"])
        for row in intents:
            self.cloud.give(f"{INTENTS}/{row['id']}/assignments", rows(TO_GROUP))
            self.retired(row["id"])

    def settings(self, id_: str, *instances: Any) -> None:
        found = [{"id": str(n), "settingInstance": instance} for n, instance in enumerate(instances)]
        self.cloud.give(settings_path(id_), rows(*found))

    def retired(self, id_: str, *settings: Any) -> None:
        self.cloud.give(f"{INTENTS}/{id_}/settings", rows(*settings))

    def _reports(self, request: HttpRequest) -> bytes | None:
        if request.path != REPORT or not self.report:
            return None
        given = self.report.pop(0) if len(self.report) > 1 else self.report[0]
        return http_json(given.body, given.status, given.headers)


@pytest.fixture
def tenant(cloud: Cloud) -> Tenant:
    return Tenant(cloud)


def read(reading: Reading, fact: type[Any], **options: Any) -> Any:
    reader = next(reader for reader in READERS if reader.fact is fact)
    found = reader.read(GraphSession(reading.client, "contoso.test", **options).of(reader))
    assert found.value.fits(found.rows)
    return found.value


def find(reading: Reading) -> tuple[EdrPolicy, ...]:
    found: EdrPolicies = read(reading, EdrPolicies)
    return found.policies


def one(reading: Reading) -> EdrPolicy:
    (found,) = find(reading)
    return found


def refused(reading: Reading, fact: type[Any] = EdrPolicies) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(reading, fact)
    return caught.value


# Which policies are EDR policies.


@pytest.mark.usefixtures("tenant")
def test_no_policy_at_all(reading: Reading) -> None:
    assert read(reading, EdrPolicies) == EdrPolicies((), seen=0, complete=True)
    assert read(reading, PolicyStatuses) == PolicyStatuses(())


def test_the_two_kinds_and_the_retired_shape(tenant: Tenant, reading: Reading) -> None:
    antivirus = policy("p3", "endpointSecurityAntivirus")
    baseline = intent("i2", "034ccd46-190c-4afc-adf1-ad7cc11262eb")
    tenant.list(policy(), for_collections(), antivirus, intents=[intent(), baseline])
    assert read(reading, EdrPolicies) == EdrPolicies(
        policies=(
            EdrPolicy(
                id="p1",
                name="Policy p1",
                kind=PolicyKind.INTUNE,
                platforms="windows10",
                technologies=("mdm", "microsoftSense"),
                scope_tags=("0",),
                targets=(PolicyTarget(TargetKind.GROUP, "g1"),),
                settings=(),
            ),
            EdrPolicy(
                id="p2",
                name="Policy p2",
                kind=PolicyKind.CONFIGMGR,
                platforms="windows10",
                technologies=("configManager",),
                scope_tags=("0",),
                targets=(PolicyTarget(TargetKind.COLLECTION, "c1"),),
                settings=(),
            ),
            EdrPolicy(
                id="i1",
                name="Old",
                kind=PolicyKind.LEGACY,
                platforms="windows10",
                technologies=("mdm",),
                scope_tags=("0",),
                targets=(PolicyTarget(TargetKind.GROUP, "g1"),),
                settings=(),
            ),
        ),
        seen=5,
        complete=True,
    )
    assert list(map(len, tenant.cloud.exchanges)) == [3, 4]


@pytest.mark.usefixtures("tenant")
def test_a_person_may_not_see_every_policy(reading: Reading) -> None:
    """Scope tags limit what a person sees, and not an application."""
    assert read(reading, EdrPolicies, delegated=True).complete is False


def test_newer_words_are_asked_for(tenant: Tenant, reading: Reading) -> None:
    find(reading)
    members = json.loads(tenant.cloud.requests[-1].body)["requests"]
    headers = {member["url"].partition("?")[0].rpartition("/")[2]: member.get("headers") for member in members}
    assert headers["configurationPolicies"] == {"Prefer": "include-unknown-enum-members"}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (policy(technologies="microsoftSense", platforms="linux"), PolicyKind.INTUNE),
        (policy(family=EDR_FAMILY.upper()), PolicyKind.INTUNE),
        (for_collections(creationSource="sccmEdr"), PolicyKind.CONFIGMGR),
        (for_collections(templateReference=None), PolicyKind.CONFIGMGR),
        (for_collections(technologies="mdm, configManager"), PolicyKind.CONFIGMGR),
        (policy(technologies="configManager"), PolicyKind.CONFIGMGR),
        (policy(technologies="configManager, mdm"), PolicyKind.INTUNE),
        (policy(technologies="configManager,mdm", assignments=[TO_COLLECTION]), PolicyKind.CONFIGMGR),
    ],
)
def test_family_or_source_tell_an_edr_policy(row: Any, kind: PolicyKind, tenant: Tenant, reading: Reading) -> None:
    tenant.list(row)
    assert one(reading).kind is kind


@pytest.mark.parametrize(
    "row",
    [
        policy(family="none", technologies="configManager"),
        policy(family="unknownFutureValue"),
        policy(templateReference=None),
        policy(templateReference={}, creationSource="SomethingNew"),
    ],
)
def test_what_neither_tells_its_settings_tell(row: Any, tenant: Tenant, reading: Reading) -> None:
    """An EDR policy of an unknown making is not dropped, nor is another policy taken for one."""
    tenant.list(row)
    tenant.settings("p1", choice("device_vendor_msft_defender_scan", "device_vendor_msft_defender_scan_1"))
    assert find(reading) == ()
    tenant.settings("p1", choice(f"{SENSOR}_configurationtype", f"{SENSOR}_configurationtype_onboard"))
    kind = PolicyKind.CONFIGMGR if row["technologies"] == "configManager" else PolicyKind.INTUNE
    assert one(reading).kind is kind


def test_what_hides_its_settings_may_be_an_edr_policy(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy(family="none", technologies="configManager"))
    tenant.cloud.give(settings_path("p1"), DENIED)
    assert (one(reading).kind, one(reading).settings) == (PolicyKind.CONFIGMGR, None)


@pytest.mark.parametrize(
    "row",
    [
        policy(family="endpointSecurityFirewall", technologies="mdm,microsoftSense"),
        policy(family="endpointSecurityAttackSurfaceReduction", technologies="configManager"),
        policy(family="none", technologies="configManager", creationSource="SccmAV"),
        policy(family="none", technologies="configManager", creationSource="Firewall"),
        policy(family="none", technologies="mdm"),
        policy(family="none", technologies="none"),
        policy(family="none", technologies=None),
    ],
)
def test_other_policies_are_counted_and_nothing_is_asked_of_them(row: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(row)
    assert read(reading, EdrPolicies) == EdrPolicies((), seen=1, complete=True)
    assert len(tenant.cloud.exchanges) == 1


def test_every_retired_edr_template_counts(tenant: Tenant, reading: Reading) -> None:
    """Microsoft spells the subtype in two ways."""
    templates = [
        {"id": "T1", "templateSubtype": "endpointDetectionReponse"},
        {"id": "t2", "templateSubtype": "endpointDetectionResponse"},
        {"id": "t3", "templateSubtype": "firewall"},
        {"id": "t4"},
    ]
    intents = [intent(f"i{n}", f"t{n}") for n in (1, 2, 3, 4)]
    more = [intent("i5", LEGACY_TEMPLATE.upper()), intent("i6", template=None)]
    tenant.list(intents=[*intents, *more], templates=templates)
    assert [found.id for found in find(reading)] == ["i1", "i2", "i5"]


# Assignments.


def test_every_kind_of_target(tenant: Tenant, reading: Reading) -> None:
    given = [
        target("group", groupId="g1"),
        target("exclusionGroup", groupId="g2"),
        target("allDevices"),
        target("allLicensedUsers"),
        target("configurationManagerCollection", collectionId="SMS00001"),
        target("scopeTag", tagId="7"),
    ]
    tenant.list(policy(assignments=given))
    found = one(reading).targets
    assert [(goal.kind.value.removesuffix("AssignmentTarget"), goal.id) for goal in found] == [
        ("group", "g1"),
        ("exclusionGroup", "g2"),
        ("allDevices", ""),
        ("allLicensedUsers", ""),
        ("configurationManagerCollection", "SMS00001"),
        ("scopeTag", ""),
    ]
    assert [goal.kind.known for goal in found] == [True] * 5 + [False]


@pytest.mark.parametrize("cut", [{"assignments": ...}, {"assignments": None}, {"assignments@odata.nextLink": "x"}])
def test_assignments_that_are_not_all_there_are_asked_for(cut: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy(**cut))
    tenant.cloud.give(f"{INTUNE}/configurationPolicies('p1')/assignments", rows(TO_GROUP, target("allDevices")))
    assert len(one(reading).targets) == 2


@pytest.mark.parametrize(
    "given",
    [
        [{"id": "a", "target": None}],
        [{"id": "a", "target": {}}],
        [{"id": "a", "target": {"@odata.type": 7}}],
        [target("group")],
        [target("configurationManagerCollection")],
        ["a"],
        {},
    ],
)
def test_an_assignment_to_nothing_is_no_answer(given: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy(assignments=given))
    assert refused(reading).reason is Reason.BAD_ANSWER


WRONG: dict[str, tuple[Any, ...]] = {
    "id": (None, 7, "../x"),
    "platforms": (None, 1),
    "technologies": (7, ["mdm"]),
    "creationSource": (7,),
    "templateReference": ("none", 7),
    "roleScopeTagIds": ("0", [0]),
    "name": (7,),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_policy_of_the_wrong_kind_is_no_answer(name: str, tenant: Tenant, reading: Reading) -> None:
    for value in WRONG[name]:
        tenant.list(policy())
        tenant.cloud.give(LIST, rows(policy(**{name: value})))
        assert refused(reading).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("path", [LIST, INTENTS])
@pytest.mark.parametrize("row", [{}, {"id": None, "name": None, "templateReference": None, "technologies": None}])
def test_a_row_of_nothing_is_no_policy_of_another_kind(row: Any, path: str, tenant: Tenant, reading: Reading) -> None:
    """Else a list of such rows were a list without EDR policies."""
    tenant.cloud.give(path, rows(row))
    assert refused(reading).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("path", [LIST, INTENTS, TEMPLATES])
def test_a_list_that_cannot_be_read_fails_the_reading(path: str, tenant: Tenant, reading: Reading) -> None:
    """Fewer lists would be fewer policies."""
    tenant.cloud.give(path, DENIED)
    for fact in (EdrPolicies, PolicyStatuses):
        assert refused(reading, fact).missing == ("DeviceManagementConfiguration.Read.All",)


# Settings.


def test_settings_are_flat_and_packages_are_hidden(tenant: Tenant, reading: Reading) -> None:
    package = "PHhtbD50aGUtc2VjcmV0LXBhY2thZ2U8L3htbD4="
    tenant.list(policy())
    tenant.settings(
        "p1",
        choice(
            f"{SENSOR}_configurationtype",
            f"{SENSOR}_configurationtype_onboard",
            simple(f"{SENSOR}_onboarding", package),
            simple(
                "a_secret",
                package,
                **{"@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue"},
            ),
            simple("another", package, valueState="encryptedValueToken"),
            simple("a_long_one", package * 20),
            simple("vendor_offboardingblob_x", package),
        ),
        choice(f"{SENSOR}_samplesharing", f"{SENSOR}_samplesharing_1"),
        choice(f"{SENSOR}_onboarding_state", package),
        simple("count", 7),
        simple("flag", value=True),
        {"settingDefinitionId": "list", "simpleSettingCollectionValue": [{"value": "a"}, {"value": "b"}]},
        {"settingDefinitionId": "group", "groupSettingCollectionValue": [{"children": [simple("inside", "x")]}]},
    )
    found = one(reading).settings
    assert found == (
        PolicySetting(f"{SENSOR}_configurationtype", f"{SENSOR}_configurationtype_onboard"),
        PolicySetting(f"{SENSOR}_onboarding", "***"),
        PolicySetting("a_secret", "***"),
        PolicySetting("another", "***"),
        PolicySetting("a_long_one", "***"),
        PolicySetting("vendor_offboardingblob_x", "***"),
        PolicySetting(f"{SENSOR}_samplesharing", f"{SENSOR}_samplesharing_1"),
        PolicySetting(f"{SENSOR}_onboarding_state", "***"),
        PolicySetting("count", "7"),
        PolicySetting("flag", "True"),
        PolicySetting("list", "a, b"),
        PolicySetting("inside", "x"),
    )
    assert package not in repr(found)


def test_settings_that_lie_deep_are_found(tenant: Tenant, reading: Reading) -> None:
    nested = simple("deepest", 1)
    for n in range(200):
        nested = choice(f"d{n}", f"d{n}_1", nested)
    tenant.list(policy())
    tenant.settings("p1", nested)
    found = one(reading).settings
    assert found is not None
    assert (len(found), found[-1]) == (201, PolicySetting("deepest", "1"))


RETIRED = "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection"


def was(name: str, value: Any) -> dict[str, Any]:
    return {"id": name, "definitionId": f"{RETIRED}{name}", "valueJson": value}


def test_settings_of_the_retired_shape_are_told_and_their_packages_are_hidden(tenant: Tenant, reading: Reading) -> None:
    tenant.list(intents=[intent()])
    filled_in, kind = was("AutoPopulateOnboardingBlob", "false"), was("BlobType", '"offboardingBlob"')
    secret = [was("OffboardingBlob", '"c2VjcmV0"'), was("OnboardingBlob", '{"a": "c2VjcmV0"}')]
    tenant.retired("i1", filled_in, kind, *secret, was("OffboardingFilename", "null"), was("Rest", None))
    assert one(reading).settings == (
        PolicySetting(f"{RETIRED}AutoPopulateOnboardingBlob", "false"),
        PolicySetting(f"{RETIRED}BlobType", "offboardingBlob"),
        PolicySetting(f"{RETIRED}OffboardingBlob", "***"),
        PolicySetting(f"{RETIRED}OnboardingBlob", "***"),
    )
    tenant.cloud.give(f"{INTENTS}/i1/settings", DENIED)
    assert one(reading).settings is None


@pytest.mark.parametrize("setting", [{"id": "1"}, was("BlobType", "c2VjcmV0 no JSON"), was("BlobType", 1)])
def test_a_setting_of_the_retired_shape_that_is_none_is_refused_and_not_repeated(
    setting: dict[str, Any], tenant: Tenant, reading: Reading
) -> None:
    tenant.list(intents=[intent()])
    tenant.retired("i1", setting)
    with pytest.raises(SourceError) as caught:
        find(reading)
    assert caught.value.reason is Reason.BAD_ANSWER
    assert "c2VjcmV0" not in str(caught.value)


def test_settings_that_are_hidden_are_not_none(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy(), for_collections())
    tenant.cloud.give(settings_path("p1"), DENIED)
    assert [found.settings for found in find(reading)] == [None, ()]
    tenant.cloud.give(settings_path("p1"), error(500, "InternalServerError"))
    assert refused(reading).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "instance",
    [
        None,
        {},
        simple("x", {"blob": 1}),
        simple("x", ["y"]),
        {"settingDefinitionId": "x", "choiceSettingValue": "y"},
        {"settingDefinitionId": "x", "choiceSettingValue": {"children": "y"}},
        {"settingDefinitionId": "x", "choiceSettingValue": {"children": ["y"]}},
        {"settingDefinitionId": "x", "simpleSettingCollectionValue": ["y"]},
        {"settingDefinitionId": 7, "simpleSettingValue": {"value": "y"}},
    ],
)
def test_a_setting_of_the_wrong_kind_is_no_answer(instance: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy())
    tenant.settings("p1", instance)
    assert refused(reading).reason is Reason.BAD_ANSWER


# Statuses.


def page(*found: tuple[Any, Any], total: Any = None, columns: Any = ("IntuneDeviceId", "PolicyStatus")) -> Given:
    schema = [{"Column": name, "PropertyType": "String"} for name in columns]
    count = len(found) if total is None else total
    return Given({"TotalRowCount": count, "Schema": schema, "Values": [list(row) for row in found], "SessionId": ""})


SUMMARY = {
    "targetedDeviceCount": 120,
    "compliantDeviceCount": 101,
    "nonCompliantDeviceCount": 4,
    "failedDeviceCount": 2,
    "pendingDeviceCount": 13,
    "enforcedDeviceCount": 97,
}


def status(reading: Reading) -> PolicyStatus:
    found: PolicyStatuses = read(reading, PolicyStatuses)
    (only,) = found.statuses
    return only


@pytest.mark.parametrize("body", [SUMMARY, {"@odata.context": "x", **SUMMARY}, {"value": SUMMARY}])
def test_a_collection_policy_has_an_overview_flat_or_wrapped(body: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(for_collections())
    tenant.cloud.give(summary_path("p2"), Given(body))
    assert status(reading) == PolicyStatus("p2", 120, 101, 4, 2, 13)


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": []}, {**SUMMARY, "compliantDeviceCount": None}, []])
def test_an_overview_that_counts_nothing_is_no_answer(body: Any, tenant: Tenant, reading: Reading) -> None:
    tenant.list(for_collections())
    tenant.cloud.give(summary_path("p2"), Given(body))
    assert refused(reading, PolicyStatuses).reason is Reason.BAD_ANSWER


def test_what_an_overview_does_not_count_is_not_known(tenant: Tenant, reading: Reading) -> None:
    tenant.list(for_collections())
    tenant.cloud.give(summary_path("p2"), Given({"compliantDeviceCount": 3}))
    assert status(reading) == PolicyStatus("p2", None, 3, None, None, None)


def test_a_retired_policy_has_sums(tenant: Tenant, reading: Reading) -> None:
    tenant.list(intents=[intent()])
    sums = {"successCount": 5, "errorCount": 1, "failedCount": 2, "conflictCount": 3, "notApplicableCount": 9}
    tenant.cloud.give(f"{INTENTS}/i1/deviceStateSummary", Given(sums))
    assert status(reading) == PolicyStatus("i1", None, 5, 3, 3, None)


def test_a_device_report_is_counted_by_devices(tenant: Tenant, reading: Reading) -> None:
    """Words and numbers; a device with several rows counts once, by its worst; who is not concerned counts not."""
    tenant.list(policy())
    tenant.report = [
        page(
            *(("d1", 2), ("d2", "Succeeded"), ("d3", 3), ("d4", "pending"), ("d5", 4), ("d6", "Not compliant")),
            *(("d7", 5), ("d8", "conflict"), ("d9", 1), ("d10", "notAssigned"), ("d1", "error"), ("d2", 0)),
            *(("", "succeeded"), ("", "succeeded")),
        )
    ]
    assert status(reading) == PolicyStatus("p1", targeted=10, compliant=3, non_compliant=2, failed=3, pending=2)
    body = json.loads(tenant.cloud.requests[-1].body)
    assert (body["filter"], body["skip"]) == ("(PolicyId eq 'p1')", 0)


def test_a_device_report_is_read_to_its_end(tenant: Tenant, reading: Reading) -> None:
    """By what was got and not by what was asked for: the server may give less."""
    tenant.list(policy())
    tenant.report = [page(("d1", 2), ("d2", 2), total=3), page(("d3", 5), total=3)]
    assert status(reading) == PolicyStatus("p1", 3, 2, 0, 1, 0)
    skips = [json.loads(request.body)["skip"] for request in tenant.cloud.requests if request.path == REPORT]
    assert skips == [0, 2]


def test_nobody_has_reported_yet(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy())
    tenant.report = [page()]
    assert status(reading) == PolicyStatus("p1", 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "given",
    [
        page(("d1", "somehow")),
        page(("d1", 8)),
        page(("d1", True)),
        page(("d1", None)),
        page((7, 2)),
        page(("d1", 2), columns=("DeviceName", "PolicyStatus")),
        page(("d1", 2), columns=("IntuneDeviceId",)),
        page(("d1", 2), total="1"),
        page(("d1", 2), total=2_000_000),
        page(total=3),
        Given({"TotalRowCount": 0, "Schema": [], "Values": None}),
        Given({"TotalRowCount": 0, "Schema": [{"Column": None}], "Values": []}),
        Given({"Schema": [], "Values": []}),
        Given({"value": []}),
    ],
)
def test_what_is_no_report_is_no_answer(given: Given, tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy())
    tenant.report = [given]
    assert refused(reading, PolicyStatuses).reason is Reason.BAD_ANSWER


def test_a_report_that_may_not_be_read(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy())
    tenant.report = [DENIED]
    assert refused(reading, PolicyStatuses).missing == ("DeviceManagementConfiguration.Read.All",)


def test_only_what_is_assigned_is_asked_for(tenant: Tenant, reading: Reading) -> None:
    excluded = policy("p4", assignments=[target("exclusionGroup", groupId="g")])
    unsaid = policy("p5", assignments=..., isAssigned=False)
    tenant.list(policy("p3", assignments=[]), excluded, unsaid, intents=[intent(isAssigned=False)])
    assert read(reading, PolicyStatuses) == PolicyStatuses(())
    assert len(tenant.cloud.exchanges) == 1


def test_statuses_stand_in_the_order_of_the_policies(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy("p1"), for_collections("p2"), policy("p3"))
    tenant.cloud.give(summary_path("p2"), Given(SUMMARY))
    tenant.report = [page(("d1", 2))]
    found: PolicyStatuses = read(reading, PolicyStatuses)
    assert [one.policy_id for one in found.statuses] == ["p1", "p2", "p3"]


def test_both_readers_share_the_lists(tenant: Tenant, reading: Reading) -> None:
    """Each list is asked for once, and all that follows travels together."""
    tenant.list(policy(), for_collections())
    tenant.cloud.give(summary_path("p2"), Given(SUMMARY))
    tenant.report = [page(("d1", 2))]
    reading.client.gatherer.expect(2, 2)

    def run(fact: type[Any]) -> Any:
        with reading.client.gatherer.reader():
            return read(reading, fact)

    policies, statuses = at_once([lambda: run(EdrPolicies), lambda: run(PolicyStatuses)])
    assert (len(policies.policies), len(statuses.statuses)) == (2, 2)
    assert sorted(map(len, tenant.cloud.exchanges)) == [1, 3, 3]


def test_a_throttled_part_of_a_batch_is_asked_again_alone(tenant: Tenant, reading: Reading) -> None:
    tenant.list(policy(), for_collections())
    busy = error(429, "TooManyRequests", headers={"Retry-After": "9"})
    tenant.cloud.give(settings_path("p2"), busy, rows())
    assert [found.settings for found in find(reading)] == [(), ()]
    assert reading.deadline.waits == [9.0]
    assert tenant.cloud.exchanges[-1] == [settings_path("p2")]
