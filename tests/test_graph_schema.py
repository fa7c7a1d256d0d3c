"""Everything that a scan of every simulated estate asks Microsoft Graph, and is answered, against Graph's OpenAPI.

The requests are as our client sent them over a real socket, the answers as the estate left them: neither may drift from
what Microsoft publishes. What the subset of the OpenAPI lacks is in `data/graph/supplement.yaml`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from readiness.config import load
from readiness.connecting import estate as configured_estate
from readiness.evidence import collect, utc_now
from readiness.lab import Lab, Scenario, load_scenario, scenario_names
from readiness.model.facts import FACTS
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from readiness.sources.graph.readers import READERS
from readiness.sources.reader import Call
from tests.calls import matches
from tests.conftest import Estate
from tests.schema.graph import VERSIONS, Judged, judge, subset, supplement
from tests.schema.recorded import Recorded, Recorder

RARE = """
base = "ready"
title = "What the other scenarios do not ask: groups, a policy of the retired shape, lists of several pages."
[tenant]
page_size = 2
permissions = [
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementRBAC.Read.All",
    "DeviceManagementServiceConfig.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
]
[scope]
administrators = ["admin@contoso.com"]
groups = ["EDR - Autopilot laptops", "3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"]
[change.graph.v1.groups.3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90]
members = [
    { "@odata.type" = "#microsoft.graph.device", id = "c8f1a2b3-0001-4d5e-8f60-718293a4b5c6", displayName = "LAP-0001" },
    { "@odata.type" = "#microsoft.graph.user", id = "2c7936bc-3517-40f3-8eda-4806637b6516", displayName = "Ada Admin" },
]
[[graph.beta."roleManagement/deviceManagement/roleAssignments"]]
id = "1257e69a-b38e-4b89-864f-0b1662fc8202"
displayName = "Endpoint security"
roleDefinitionId = "c56d53a2-73d0-4502-b6bd-4a9d3dba28d5"
principalIds = ["3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90"]
[[graph.beta."deviceManagement/intents"]]
id = "77aa1f6e-2b0c-4d3e-9f41-aa0011223344"
displayName = "EDR baseline 2021"
isAssigned = true
lastModifiedDateTime = 2021-11-03T10:00:00Z
templateId = "e44c2ca3-2f9a-400a-a113-6cc88efd773d"
roleScopeTagIds = ["0"]
assignments = [
    { id = "1", target = { "@odata.type" = "#microsoft.graph.groupAssignmentTarget", groupId = "3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90" } },
]
settings = [
    { "@odata.type" = "#microsoft.graph.deviceManagementBooleanSettingInstance", id = "s1", definitionId = "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtectionAutoPopulateOnboardingBlob", valueJson = "true" },
]
deviceStateSummary = { id = "1", successCount = 2, errorCount = 0, failedCount = 1, conflictCount = 0, notApplicableCount = 0 }
"""  # noqa: E501
CUT = b'"assignments@odata.nextLink": "https://graph.microsoft.com/beta/more", "assignments": ['
PERSON = """
base = "ready"
title = "A person reads; nobody is named, so it is asked who they are."
[tenant]
auth = "device-code"
[tenant.person]
pending = 0
[scope]
administrators = []
"""
WRITTEN = {
    "rare": RARE,
    "person": PERSON,
    "no-rights": 'base = "rare.toml"\ntitle = "Everything is refused."\n[tenant]\npermissions = []\n',
    "no-role": """
base = "rare.toml"
title = "Intune refuses in its other way."
[tenant]
permissions = ["Directory.Read.All"]
intune_refusal = "nested-forbidden"
""",
    "no-intune": 'base = "ready"\ntitle = "There is no Intune."\n[tenant]\nintune = false\n',
    "no-premium": """
base = "ready"
title = "There is no Privileged Identity Management."
[tenant]
privileged_identity_management = false
""",
}
REFUSED = {"no-rights": 403, "no-role": 401, "no-intune": 400, "no-premium": 400, "throttled": 429}
"""Estates in which something is refused, and the status that shows it."""
SCANS = (*scenario_names(), *WRITTEN)


def scan(scenario: Scenario, folder: Path, recorder: Recorder) -> Judged:
    """Read every fact of the tenant, whether a check needs it or not."""
    folder.mkdir()
    with Lab(scenario, tamper=recorder) as lab:
        lab.write(folder)
        served = Estate(lab, folder)
        configuration = replace(load(served.config, served.secrets, connecting=True), site=None)
        deadline = Deadline(60)
        where = configured_estate(configuration, served.secrets, deadline)
        for source in where.sources:
            getattr(source, "sign_in", lambda _show: None)(lambda _prompt: None)
        facts = frozenset(fact for fact in FACTS if fact.half is Half.TENANT)
        evidence = collect(where, facts, deadline, clock=utc_now)
    unread = {reading.fact: str(reading.reason) for reading in evidence.readings if reading.value is None}
    assert unread == {} or scenario.name.startswith("no-r") or scenario.name == "no-intune"
    return judge(recorder.exchanges)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Judged]:
    """One scan of each estate, judged."""
    folder = tmp_path_factory.mktemp("scans")
    for name, content in WRITTEN.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    found = {}
    for name in SCANS:
        recorder = Recorder()
        if name == "rare":
            recorder.change = lambda body: body.replace(b'"assignments": [', CUT, 1)
        where = str(folder / f"{name}.toml") if name in WRITTEN else name
        found[name] = scan(load_scenario(where), folder / name, recorder)
    return found


@pytest.mark.parametrize("name", SCANS)
def test_every_request_and_answer_is_as_the_openapi_has_it(name: str, scans: Mapping[str, Judged]) -> None:
    assert scans[name].problems == []
    assert scans[name].seen > 10
    assert REFUSED.get(name, 200) in scans[name].statuses


def test_every_call_that_readers_declare_was_held_against_it(scans: Mapping[str, Judged]) -> None:
    """Those included that only some estates need: what no scan asked has not been tried."""
    asked = {path for judged in scans.values() for path in judged.paths}
    declared = {call for reader in READERS for call in reader.calls if call.name.startswith("Graph ")}
    assert len(declared) > 20
    assert {call.name for call in declared if not any(matches(call, one) for one in map(_asked, asked))} == set()


def _asked(path: str) -> str:
    """The path in the words of a journal."""
    version, _, path = path.partition(" ")
    verb = "POST " if "/reports/" in path else ""
    keyed = path.replace("/configurationPolicies/{id}", "/configurationPolicies('x')")
    return f"Graph {version} {verb}{keyed.replace('{id}', 'x').replace('{policyId}', 'x')}"


def test_the_supplement_holds_only_what_is_asked_and_is_not_in_the_subset(scans: Mapping[str, Judged]) -> None:
    """Each path says why; one that the subset has, or that nobody asks any more, is taken out."""
    asked = {path for judged in scans.values() for path in judged.paths}
    for version in VERSIONS:
        for path, what in supplement(version).items():
            assert len(what["why"]) > 20
            assert path not in subset(version)
            assert f"{version} {path}" in asked


# The judge has teeth: each of these is one thing wrong.

GUID = "0b6c1c8e-5f1d-4c1a-9d0a-7e5f3a2b1c01"
HEADERS = {"Accept": "application/json", "Authorization": "Bearer x", "client-request-id": GUID}
CONNECTOR = {"id": "fc780465-2017-40d4-a0c5-307022471b92", "partnerState": "enabled"}
LIST = "/v1.0/deviceManagement/mobileThreatDefenseConnectors"
SUMMARY = f"/beta/deviceManagement/configManagerCollections/getPolicySummary(policyId='{GUID}')"
REPORT = "/beta/deviceManagement/reports/getConfigurationPolicyDevicesReport"


def get(target: str = LIST, answer: Any = None, status: int = 200, headers: Mapping[str, str] = HEADERS) -> Recorded:
    body = {"value": [CONNECTOR]} if answer is None else answer
    return Recorded("GET", target, status, headers, answer=json.dumps(body).encode())


def batch(*members: dict[str, Any], answers: list[dict[str, Any]]) -> Recorded:
    asked, given = json.dumps({"requests": members}), json.dumps({"responses": answers})
    return Recorded("POST", "/v1.0/$batch", 200, HEADERS, asked.encode(), given.encode())


def report(body: dict[str, Any], answer: dict[str, Any]) -> Recorded:
    asked, given = json.dumps(body).encode(), json.dumps(answer).encode()
    return Recorded("POST", REPORT, 200, HEADERS, asked, given, "application/octet-stream")


GOOD_REPORT = {"TotalRowCount": 0, "Schema": [{"Column": "a", "PropertyType": "String"}], "Values": []}
MEMBER = {"id": "0", "method": "GET", "url": LIST.removeprefix("/v1.0")}
ANSWER = {"id": "0", "status": 200, "headers": {"Content-Type": "application/json"}, "body": {"value": [CONNECTOR]}}


@pytest.mark.parametrize(
    "exchange",
    [
        get(),
        get(f"{LIST}?$top=5&$filter=partnerState%20eq%20'enabled'&$select=id,partnerState"),
        get(f"{LIST}('fc780465-2017-40d4-a0c5-307022471b92')", CONNECTOR),
        get(answer={"error": {"code": "Forbidden", "message": ""}}, status=403),
        get(SUMMARY, {"targetedDeviceCount": 1}),
        batch(MEMBER, answers=[ANSWER]),
        report({"select": ["a"], "skip": 0}, GOOD_REPORT),
    ],
)
def test_a_good_exchange_is_no_problem(exchange: Recorded) -> None:
    assert judge([exchange]).problems == []


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (get("/v1.0/deviceManagement/secrets"), "neither the subset nor the supplement has this path"),
        (get("/v1.0/deviceManagement/configManagerCollections"), "neither the subset nor the supplement"),
        (replace(get(), method="PATCH"), "or not for this method"),
        (get(f"{LIST}?$search=x"), "a query parameter that is not declared: $search"),
        (get(f"{LIST}?$skip=2"), "a query parameter that is not declared: $skip"),
        (get(f"{LIST}?$select=id,partnerStat"), "$select names what the type has not: partnerStat"),
        (get(f"{LIST}?$filter=state%20eq%20'partnerState'"), "$filter names what the type has not: state"),
        (get(f"{LIST}?$expand=devices"), "$expand names what the type has not: devices"),
        (get(headers={**HEADERS, "ConsistencyLevel": "eventual"}), "ConsistencyLevel on a path of Intune"),
        (get(headers={**HEADERS, "X-Extra": "1"}), "a header that nobody declared: x-extra"),
        (get(headers={**HEADERS, "client-request-id": "1"}), "the header client-request-id is not as it should be"),
        (get(headers={}), "the header authorization is missing"),
        (get(answer=[]), "the answer: "),
        (get(answer={}), "'value' is a required property"),
        (get(answer={"value": {}}), "is not of type 'array'"),
        (get(answer={"value": [{**CONNECTOR, "partnerState": "fine"}]}), "'fine' is not one of"),
        (get(answer={"value": [{**CONNECTOR, "partnerstate": "enabled"}]}), "does not have: .value[].partnerstate"),
        (get(answer={"value": [{**CONNECTOR, "lastHeartbeatDateTime": "yesterday"}]}), "is not a 'date-time'"),
        (get(answer={"error": "no"}, status=400), "is not of type 'object'"),
        (replace(get(), kind="text/html"), "the answer: "),
        (replace(get(), kind="application/json;charset=latin-1"), "the answer: "),
        (replace(get(), status=302), "the answer: "),
        (replace(get(), answer=b"<html></html>"), "the answer: "),
        (replace(get(), answer=b""), "the answer: "),
        (get(SUMMARY, {"targetedDeviceCount": "1"}), "is not of type"),
        (batch({**MEMBER, "method": "DELETE"}, answers=[ANSWER]), "or not for this method"),
        (batch({**MEMBER, "headers": {"X": "1"}}, answers=[ANSWER]), "a header that nobody declared: x"),
        (batch(MEMBER, answers=[{**ANSWER, "body": {}}]), "'value' is a required property"),
        (report({"selekt": []}, GOOD_REPORT), "Additional properties are not allowed"),
        (report({"top": "all"}, GOOD_REPORT), "is not of type 'integer'"),
        (report({}, {**GOOD_REPORT, "Values": {}}), "is not of type 'array'"),
    ],
)
def test_the_judge_sees_what_is_wrong(exchange: Recorded, words: str) -> None:
    assert any(words in problem for problem in judge([exchange]).problems), judge([exchange]).problems


def test_a_member_without_an_answer_is_found() -> None:
    with pytest.raises(AssertionError, match="a member of a batch without its answer"):
        judge([batch(MEMBER, answers=[])])


def test_an_estate_that_is_not_ours_may_know_more() -> None:
    """A newer property is no mistake there; a value that is none of its type is one everywhere, and is not told."""
    newer = get(answer={"value": [{**CONNECTOR, "newerProperty": 1}]})
    wrong = get(answer={"value": [{**CONNECTOR, "windowsEnabled": "yes"}]})
    assert judge([newer]).problems != []
    assert judge([newer], ours=False).problems == []
    told = f"GET {LIST} -> 200: the answer: value/0/windowsEnabled: breaks type"
    assert judge([wrong], ours=False).problems == [told]
    unknown = get("/v1.0/users/ada@contoso.com/messages")
    assert "ada" not in judge([unknown], ours=False).problems[0]


def test_what_a_page_says_is_asked_as_it_says() -> None:
    """The parameters of a nextLink are the server's own; only a request that invents them is at fault."""
    link = f"{LIST}?$skiptoken=a%3db"
    page = get(answer={"value": [CONNECTOR], "@odata.nextLink": f"https://graph.microsoft.com{link}"})
    assert judge([page, get(link)]).problems == []
    assert judge([page, get(link.replace("%3d", "%3D"))]).problems == []
    assert judge([get(link)]).problems == [
        f"GET {LIST}?$skiptoken=a=b -> 200: a query parameter that is not declared: $skiptoken"
    ]


def test_calls_are_compared_by_their_whole_name() -> None:
    assert matches(Call("Graph v1.0 /groups/{id}"), _asked("v1.0 /groups/{id}"))
    assert not matches(Call("Graph v1.0 /groups/{id}"), _asked("v1.0 /groups"))
