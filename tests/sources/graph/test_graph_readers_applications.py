"""The applications of tenant attach, found by the roles that they hold, whatever their names are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.facts import (
    COLLECTION_DATA_ROLES,
    MICROSERVICE,
    ApplicationSecret,
    EntraApplication,
    EntraApplications,
)
from readiness.model.words import Reason
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import Cloud, Given, error, rows
from tests.sources.graph.conftest import Reading

SERVICE, PRINCIPAL, OTHER = "9d1f2e3c-00a1", "9d1f2e3c-00b2", "9d1f2e3c-00b3"
CLIENT, IMPORTED = "7e6d5c4b-3a29-4180-9f8e-7d6c5b4a3928", "11111111-2222-4333-8444-555555555555"
READ, WRITE = COLLECTION_DATA_ROLES
SERVICE_PATH = f"/v1.0/servicePrincipals?$filter=appId%20eq%20'{MICROSERVICE}'&$select=id,appId"
GRANTS_PATH = f"/v1.0/servicePrincipals/{SERVICE}/appRoleAssignedTo"
NAME = "ConfigMgrSvc_26d352a2-dcb3-4718-90b3-a08c30a76f75"


def principal_path(id_: str) -> str:
    return f"/v1.0/servicePrincipals/{id_}?$select=id,appId,displayName,accountEnabled"


def registration_path(client_id: str) -> str:
    return f"/v1.0/applications?$filter=appId%20eq%20'{client_id}'&$select=id,appId,passwordCredentials"


def grant(role: str, principal: str = PRINCIPAL, **changed: Any) -> dict[str, Any]:
    made = {"id": "AA1", "appRoleId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    return {name: value for name, value in {**made, **changed}.items() if value is not ...}


def principal(id_: str = PRINCIPAL, client_id: str = CLIENT, **changed: Any) -> Given:
    made = {"id": id_, "appId": client_id, "displayName": NAME, "accountEnabled": True, **changed}
    return Given({name: value for name, value in made.items() if value is not ...})


def registration(client_id: str = CLIENT, *secrets: Any) -> dict[str, Any]:
    return {"id": "5a4b", "appId": client_id, "passwordCredentials": list(secrets)}


def secret(**changed: Any) -> dict[str, Any]:
    made = {
        "keyId": "0f1e",
        "displayName": None,
        "hint": "a1B",
        "secretText": None,
        "endDateTime": "2027-03-02T09:10:12Z",
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not ...}


@pytest.fixture
def tenant(cloud: Cloud) -> Cloud:
    """One attach application with one secret."""
    cloud.give(SERVICE_PATH, rows({"id": SERVICE, "appId": MICROSERVICE}))
    cloud.give(GRANTS_PATH, rows(grant(READ), grant(WRITE)))
    cloud.give(principal_path(PRINCIPAL), principal())
    cloud.give(registration_path(CLIENT), rows(registration(CLIENT, secret())))
    return cloud


def find(reading: Reading) -> EntraApplications:
    reader = next(reader for reader in READERS if reader.fact is EntraApplications)
    found = reader.read(GraphSession(reading.client, "contoso.test").of(reader))
    assert found.value.fits(found.rows)
    value: EntraApplications = found.value
    return value


def refused(reading: Reading) -> SourceError:
    with pytest.raises(SourceError) as caught:
        find(reading)
    return caught.value


@pytest.mark.usefixtures("tenant")
def test_an_attach_application_is_read(reading: Reading) -> None:
    ends = datetime(2027, 3, 2, 9, 10, 12, tzinfo=UTC)
    assert find(reading) == EntraApplications(
        microservice=True,
        applications=(
            EntraApplication(
                client_id=CLIENT,
                name=NAME,
                principal_id=PRINCIPAL,
                enabled=True,
                roles=(READ, WRITE),
                secrets=(ApplicationSecret("0f1e", ends),),
            ),
        ),
    )


def test_the_secrets_values_and_hints_are_not_asked_for_by_name_nor_kept(tenant: Cloud, reading: Reading) -> None:
    tenant.give(registration_path(CLIENT), rows(registration(CLIENT, secret(secretText="the-secret-itself"))))
    assert "the-secret-itself" not in repr(find(reading))


def test_a_tenant_without_the_microservice_has_no_such_application(cloud: Cloud, reading: Reading) -> None:
    """Nothing more is asked."""
    cloud.give(SERVICE_PATH, rows())
    assert find(reading) == EntraApplications(microservice=False, applications=())
    assert len(cloud.exchanges) == 1


def test_nobody_holds_a_role(tenant: Cloud, reading: Reading) -> None:
    tenant.give(GRANTS_PATH, rows())
    assert find(reading) == EntraApplications(microservice=True, applications=())


def test_every_application_is_read_by_its_role_and_not_by_its_name(tenant: Cloud, reading: Reading) -> None:
    """An imported one has another name; of another tenant's there is no registration here; four rounds in all."""
    tenant.give(GRANTS_PATH, rows(grant(READ), grant(READ, OTHER), grant(WRITE)))
    tenant.give(principal_path(OTHER), principal(OTHER, IMPORTED, displayName="Our own", accountEnabled=False))
    tenant.give(registration_path(IMPORTED), rows())
    first, second = find(reading).applications
    assert (first.roles, second.roles) == ((READ, WRITE), (READ,))
    assert (second.name, second.enabled, second.secrets) == ("Our own", False, None)
    assert list(map(len, tenant.exchanges)) == [1, 1, 2, 2]


def test_a_person_is_no_application(tenant: Cloud, reading: Reading) -> None:
    tenant.give(GRANTS_PATH, rows(grant(READ, OTHER, principalType="User"), grant(READ)))
    assert [one.principal_id for one in find(reading).applications] == [PRINCIPAL]


@pytest.mark.parametrize("secrets", [[], [secret(endDateTime=None)], [secret(), secret(keyId="2")]])
def test_secrets_are_as_many_as_there_are(secrets: list[Any], tenant: Cloud, reading: Reading) -> None:
    tenant.give(registration_path(CLIENT), rows(registration(CLIENT, *secrets)))
    (found,) = find(reading).applications
    assert found.secrets is not None
    assert len(found.secrets) == len(secrets)


def test_a_filter_that_is_not_minded_lends_nobody_another_ones_secret(tenant: Cloud, reading: Reading) -> None:
    tenant.give(SERVICE_PATH, rows({"id": "x", "appId": CLIENT}, {"id": SERVICE, "appId": MICROSERVICE}))
    tenant.give(registration_path(CLIENT), rows(registration(IMPORTED, secret())))
    assert [one.secrets for one in find(reading).applications] == [None]


def test_the_microservice_is_there_once(tenant: Cloud, reading: Reading) -> None:
    tenant.give(SERVICE_PATH, rows({"id": "1", "appId": MICROSERVICE}, {"id": "2", "appId": MICROSERVICE}))
    assert refused(reading).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (SERVICE_PATH, rows({"id": None, "appId": MICROSERVICE})),
        (SERVICE_PATH, rows({"id": SERVICE})),
        (SERVICE_PATH, rows({"id": "../users", "appId": MICROSERVICE})),
        (GRANTS_PATH, rows(grant(READ, principalId=None))),
        (GRANTS_PATH, rows(grant(READ, principalId="a/b"))),
        (GRANTS_PATH, rows(grant(READ, principalType=...))),
        (GRANTS_PATH, rows(grant(READ, appRoleId=7))),
        (principal_path(PRINCIPAL), principal(appId=None)),
        (principal_path(PRINCIPAL), principal(accountEnabled="yes")),
        (principal_path(PRINCIPAL), Given([])),
        (registration_path(CLIENT), rows({"appId": CLIENT, "passwordCredentials": None})),
        (registration_path(CLIENT), rows(registration(CLIENT, secret(endDateTime=...)))),
        (registration_path(CLIENT), rows(registration(CLIENT, secret(endDateTime="never")))),
        (registration_path(CLIENT), rows(registration(CLIENT, secret(keyId=None)))),
        (registration_path(CLIENT), rows(registration(CLIENT, "secret"))),
    ],
)
def test_what_is_no_such_answer_is_refused(path: str, given: Given, tenant: Cloud, reading: Reading) -> None:
    """A secret without an end is one that never ends; one whose end is missing is no answer."""
    tenant.give(path, given)
    assert refused(reading).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("path", [SERVICE_PATH, GRANTS_PATH, principal_path(PRINCIPAL), registration_path(CLIENT)])
def test_a_right_that_is_missing_at_any_step_is_the_readings(path: str, tenant: Cloud, reading: Reading) -> None:
    tenant.give(path, error(403, "Authorization_RequestDenied", "Insufficient privileges."))
    found = refused(reading)
    assert (found.reason, found.missing) == (Reason.MISSING_PERMISSION, ("Application.Read.All",))


def test_a_name_may_be_missing(tenant: Cloud, reading: Reading) -> None:
    tenant.give(principal_path(PRINCIPAL), principal(displayName=None, accountEnabled=None))
    assert [(one.name, one.enabled) for one in find(reading).applications] == [("", None)]
