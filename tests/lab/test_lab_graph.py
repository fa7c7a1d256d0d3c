"""Reading the simulated Graph."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.lab import Lab
from readiness.lab.scenario import Fault

from .clients import Cloud, session
from .conftest import changed

CONNECTORS = "deviceManagement/mobileThreatDefenseConnectors"


@pytest.fixture
def signed_in(cloud: Cloud) -> Cloud:
    return cloud.signed_in()


@pytest.fixture
def reading(start: Callable[..., Lab], tmp_path: Path) -> Any:
    """A signed-in client of a changed estate."""

    def read(**sections: Any) -> Cloud:
        lab = start(changed("ready", **sections))
        return Cloud(lab, session(lab, tmp_path)).signed_in()

    return read


def test_a_list_comes_with_context_marks_and_identifiers(signed_in: Cloud) -> None:
    answer = signed_in.get("v1.0/organization")

    assert answer.status_code == 200
    assert answer.json()["@odata.context"].endswith("/v1.0/$metadata#organization")
    assert answer.json()["value"][0]["id"] == "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
    assert answer.headers["Readiness-Lab"] == "ready"
    assert {"request-id", "client-request-id", "Date"} <= set(answer.headers)


def test_a_single_object_takes_a_select(signed_in: Cloud) -> None:
    body = signed_in.get("v1.0/deviceManagement?$select=subscriptionState").json()

    assert body.pop("@odata.context").endswith("#deviceManagement(subscriptionState)/$entity")
    assert body == {"subscriptionState": "active"}


def test_an_item_is_found_by_id_and_by_alternate_key(signed_in: Cloud) -> None:
    by_id = signed_in.get(f"beta/{CONNECTORS}/fc780465-2017-40d4-a0c5-307022471b92")
    by_key = signed_in.get("v1.0/servicePrincipals(appId='b7d1f0a2-6c3e-4f58-8a9b-0c1d2e3f4a5b')")

    assert by_id.json()["partnerState"] == "enabled"
    assert by_key.json()["accountEnabled"] is True
    assert signed_in.get("v1.0/users/admin@contoso.com").json()["displayName"] == "Ada Admin"


def test_beta_holds_what_v1_holds(signed_in: Cloud) -> None:
    assert signed_in.get("beta/organization").json()["value"][0]["displayName"] == "Contoso"
    assert signed_in.get("v1.0/deviceManagement/configManagerCollections").status_code == 400


def test_pages_are_linked_until_the_last(reading: Any) -> None:
    rows = [{"id": str(number)} for number in range(7)]
    cloud = reading(tenant={"page_size": 3}, graph={"v1": {"organization": rows}})

    found, address = [], "v1.0/organization?$select=id"
    for _ in range(3):
        page = cloud.get(address).json()
        found += [row["id"] for row in page["value"]]
        address = page.get("@odata.nextLink", "")

    assert found == [row["id"] for row in rows]
    assert address == ""


def test_top_makes_pages_smaller_not_lists(signed_in: Cloud) -> None:
    page = signed_in.get("beta/deviceManagement/configManagerCollections?$top=1&$count=true").json()

    assert len(page["value"]) == 1
    assert page["@odata.count"] == 2
    assert len(signed_in.get(page["@odata.nextLink"]).json()["value"]) == 1


def test_a_filter_selects_rows(signed_in: Cloud) -> None:
    path = "v1.0/roleManagement/directory/roleAssignmentScheduleInstances?$filter="
    match = "principalId eq '2c7936bc-3517-40f3-8eda-4806637b6516' and directoryScopeId eq '/'"

    assert len(signed_in.get(path + match).json()["value"]) == 1
    assert signed_in.get(path + "principalId eq 'nobody'").json()["value"] == []


@pytest.mark.parametrize("query", ["$search=x", "$top=0", "$skiptoken=%%%", "$filter=a ge 1"])
def test_what_the_lab_does_not_understand_is_an_error(signed_in: Cloud, query: str) -> None:
    assert signed_in.get(f"v1.0/organization?{query}").status_code == 400


def test_unknown_items_and_unknown_segments_differ(signed_in: Cloud) -> None:
    assert signed_in.get(f"beta/{CONNECTORS}/nobody").status_code == 404
    assert signed_in.get("v1.0/users/nobody@contoso.com").json()["error"]["code"] == "Request_ResourceNotFound"
    assert signed_in.get("v1.0/nothing").json()["error"]["code"] == "BadRequest"


def test_me_needs_a_person(signed_in: Cloud) -> None:
    assert signed_in.get("v1.0/me").status_code == 400


def test_an_unknown_or_expired_token_is_refused(cloud: Cloud, reading: Any) -> None:
    assert cloud.get("v1.0/organization").json()["error"]["code"] == "InvalidAuthenticationToken"
    assert reading(tenant={"token_seconds": 0}).get("v1.0/organization").status_code == 401


def test_the_directory_refuses_in_its_own_words(reading: Any) -> None:
    answer = reading(tenant={"permissions": ()}).get("v1.0/servicePrincipals")

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "Authorization_RequestDenied"


def test_intune_names_the_missing_permissions_inside_json(reading: Any) -> None:
    answer = reading(tenant={"permissions": ()}).get(f"beta/{CONNECTORS}")

    message = json.loads(answer.json()["error"]["message"])
    assert answer.status_code == 403
    assert "DeviceManagementServiceConfig.Read.All" in message["Message"]


def test_intune_may_refuse_with_a_forbidden_inside_a_401(reading: Any) -> None:
    cloud = reading(tenant={"permissions": (), "intune_refusal": "nested-forbidden"})
    answer = cloud.get(f"beta/{CONNECTORS}")

    outer = json.loads(answer.json()["error"]["message"])
    assert answer.status_code == 401
    assert outer["ErrorCode"] == "Forbidden"
    assert json.loads(outer["Message"])["_version"] == 3


def test_a_write_permission_reads_too(reading: Any) -> None:
    cloud = reading(tenant={"permissions": ("DeviceManagementConfiguration.ReadWrite.All",)})

    assert cloud.get(f"beta/{CONNECTORS}").status_code == 200


def test_without_intune_the_tenant_is_no_target(reading: Any) -> None:
    answer = reading(tenant={"intune": False}).get("v1.0/deviceManagement")

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Request not applicable to target tenant."


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_nothing_can_be_changed_and_the_attempt_is_logged(lab: Lab, signed_in: Cloud, method: str) -> None:
    answer = signed_in.send(method, "beta/deviceManagement/intents", {})

    assert answer.status_code == 405
    assert (lab.requests[-1].method, lab.requests[-1].status) == (method, 405)


def test_batch_members_have_statuses_of_their_own_in_any_order(signed_in: Cloud) -> None:
    answer = signed_in.batch(
        {"id": "1", "method": "GET", "url": "/organization?$select=id"},
        {"id": "2", "method": "GET", "url": "/nothing"},
        {"id": "3", "method": "DELETE", "url": "/organization"},
        {"id": "4", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
    )

    responses = answer.json()["responses"]
    assert answer.status_code == 200
    assert [response["id"] for response in responses] == ["4", "3", "2", "1"]
    assert {response["id"]: response["status"] for response in responses} == {"1": 200, "2": 400, "3": 405, "4": 424}
    assert responses[-1]["body"]["value"] == [{"id": "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"}]


@pytest.mark.parametrize(
    "members",
    [
        [{"id": str(number), "method": "GET", "url": "/organization"} for number in range(21)],
        [{"id": "1", "method": "GET", "url": "/organization"}] * 2,
        [{"id": "1", "method": "GET"}],
        [{"id": "1", "method": "GET", "url": "/organization", "dependsOn": ["9"]}],
    ],
    ids=["too many", "id twice", "no url", "unknown dependency"],
)
def test_a_batch_against_the_rules_is_refused_whole(signed_in: Cloud, members: list[dict[str, Any]]) -> None:
    assert signed_in.batch(*members).status_code == 400


def test_a_declared_fault_happens_as_often_as_declared(reading: Any) -> None:
    fault = Fault(server="graph", path="organization", status=429, retry_after=1, times=2)
    cloud = reading(fault=[fault])

    alone = cloud.get("v1.0/organization")
    member = cloud.batch({"id": "1", "method": "GET", "url": "/organization"}).json()["responses"][0]

    assert (alone.status_code, alone.headers["Retry-After"]) == (429, "1")
    assert (member["status"], member["headers"]["Retry-After"]) == (429, "1")
    assert cloud.get("v1.0/organization").status_code == 200


def test_a_fault_without_retry_after_and_for_ever(reading: Any) -> None:
    cloud = reading(fault=[Fault(server="graph", path="organ*", status=503)])

    for _ in range(3):
        answer = cloud.get("v1.0/organization")
        assert answer.status_code == 503
        assert "Retry-After" not in answer.headers
