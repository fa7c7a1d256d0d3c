"""Which cloud a tenant lives in: told by its sign-in host to everybody, and so even where signing in fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.config import Cloud as CloudWord
from readiness.connecting import _other_clouds
from readiness.errors import SourceError
from readiness.lab import Lab
from readiness.model.facts import Fact, Organization, TenantCloud
from readiness.model.words import Reason
from readiness.sources.graph.cloud import tenant_cloud
from readiness.sources.graph.session import GraphSession
from tests.servers.graph import TENANT, Cloud, error, http_json, refusal
from tests.sources.graph.conftest import Reading, at_once, scenario, source

TENANT_ID = "8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10"
OTHER_ID = "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f"


def read(lab: Lab, folder: Path, *facts: type[Fact], **changed: Any) -> list[Any]:
    """What the readers of these facts, at the same time, find or raise."""
    made = source(lab, folder, **changed)
    return at_once([job.run for job in made.jobs(frozenset(facts))])


@pytest.mark.parametrize(
    ("tenant", "sub_scope", "instance", "graph"),
    [
        ({"cloud": "public"}, None, "microsoftonline.com", "graph.microsoft.com"),
        ({"cloud": "public", "region_sub_scope": "GCC"}, "GCC", "microsoftonline.com", "graph.microsoft.com"),
        ({"cloud": "usgov", "region_sub_scope": "DODCON"}, "DODCON", "microsoftonline.us", "graph.microsoft.us"),
        ({"cloud": "usdod", "region_sub_scope": "DOD"}, "DOD", "microsoftonline.us", "dod-graph.microsoft.us"),
        ({"cloud": "china"}, None, "partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_the_sign_in_host_tells_the_cloud(
    tenant: dict[str, str], sub_scope: str | None, instance: str, graph: str, tmp_path: Path
) -> None:
    with Lab(scenario(region_scope="XX", **tenant)) as lab:
        (found,) = read(lab, tmp_path, TenantCloud)
        assert [exchange.server for exchange in lab.requests] == ["entra"]
    assert found.value == TenantCloud("public", TENANT_ID, "XX", sub_scope, instance, graph)
    assert (found.rows, found.query) == (1, "GET /contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration")
    assert found.request_id
    assert abs(found.clock_skew_seconds) < 5


def test_it_is_read_where_signing_in_fails(tmp_path: Path) -> None:
    with Lab(scenario(client_secret_expired=True)) as lab:
        organization, cloud = read(lab, tmp_path, Organization, TenantCloud)
    assert organization.reason is Reason.SIGN_IN_FAILED
    assert cloud.value.cloud_instance_name == "microsoftonline.com"


def test_it_costs_no_exchange_of_its_own(tmp_path: Path) -> None:
    """Signing in asks for the same document."""
    with Lab(scenario()) as lab:
        read(lab, tmp_path, Organization, TenantCloud)
        assert [exchange.summary for exchange in lab.requests if exchange.server == "entra"] == [
            "discovery",
            "client_credentials",
        ]


def test_a_tenant_that_is_not_there_has_no_cloud(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        (failure,) = read(lab, tmp_path, TenantCloud, tenant="fabrikam.test")
    assert failure.reason is Reason.WRONG_TARGET
    assert "is the tenant in another cloud?" in str(failure)


def found(cloud: Cloud, reading: Reading, tenant: str = TENANT, **changed: Any) -> TenantCloud:
    """The fact of a discovery document with other values."""
    cloud.discovery = [http_json({**cloud.metadata(), **changed})]
    return tenant_cloud(GraphSession(reading.client, tenant, entra=reading.entra, cloud="usgov")).value


def test_what_the_document_leaves_out_is_not_made_up(cloud: Cloud, reading: Reading) -> None:
    told = found(cloud, reading, tenant_region_sub_scope="", msgraph_host=None, issuer="https://sts.test/adfs")
    assert told == TenantCloud("usgov", None, None, None, None, None)


@pytest.mark.parametrize("document", [{}, {"value": []}, {"error": {"code": "no"}}])
def test_what_names_no_issuer_and_no_place_to_sign_in_is_no_such_document(
    document: dict[str, Any], cloud: Cloud, reading: Reading
) -> None:
    cloud.discovery = [http_json(document)]
    with pytest.raises(SourceError) as caught:
        tenant_cloud(GraphSession(reading.client, TENANT, entra=reading.entra))
    assert caught.value.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize("name", ["issuer", "tenant_region_scope", "cloud_instance_name", "msgraph_host"])
@pytest.mark.parametrize("value", [7, True, ["EU"], {"a": "b"}])
def test_what_is_no_text_is_no_answer(name: str, value: Any, cloud: Cloud, reading: Reading) -> None:
    with pytest.raises(SourceError, match=f"no usable value in {name}") as caught:
        found(cloud, reading, **{name: value})
    assert caught.value.reason is Reason.BAD_ANSWER


def test_a_document_of_another_tenant_is_the_wrong_target(cloud: Cloud, reading: Reading) -> None:
    issuer = f"{cloud.origin}/{TENANT_ID.upper()}/v2.0"
    assert found(cloud, reading, tenant=TENANT_ID, issuer=issuer).tenant_id == TENANT_ID
    with pytest.raises(SourceError, match=f"asked for the tenant {OTHER_ID}, speaks of {TENANT_ID}") as caught:
        found(cloud, reading, tenant=OTHER_ID, issuer=issuer)
    assert caught.value.reason is Reason.WRONG_TARGET


def test_a_refusal_stays_one_for_everybody_who_asks(cloud: Cloud, reading: Reading) -> None:
    """The host is asked once, however many want to know."""
    cloud.discovery = [refusal(90002, "invalid_tenant", "Tenant 'contoso.test' not found."), http_json({})]
    session = GraphSession(reading.client, TENANT, entra=reading.entra)
    for _ in range(3):
        with pytest.raises(SourceError, match="AADSTS90002"):
            tenant_cloud(session)
    assert reading.failure().reason is Reason.WRONG_TARGET
    assert len(cloud.requests) == 1


def test_it_is_read_from_another_place_to_sign_in_than_the_secret_may_go(cloud: Cloud, reading: Reading) -> None:
    """The document of a tenant in another cloud names that cloud's endpoints: a fact to judge, but no sign-in."""
    cloud.discovery = [http_json({**cloud.metadata(), "token_endpoint": "https://login.microsoftonline.us/x/token"})]
    session = GraphSession(reading.client, TENANT, entra=reading.entra)
    assert tenant_cloud(session).value.tenant_id == TENANT_ID
    assert "nothing was sent there" in str(reading.failure())


GCC_HIGH = {"cloud_instance_name": "microsoftonline.us", "tenant_region_sub_scope": "DODCON"}
LIVES = "the tenant lives in another cloud (microsoftonline.us); write [tenant] cloud = "


@pytest.mark.parametrize(
    ("metadata", "cloud_value"),
    [(GCC_HIGH, '"usgov"'), ({**GCC_HIGH, "tenant_region_sub_scope": "DOD"}, '"usdod"'),
     ({"cloud_instance_name": "microsoftonline.us"}, '"usgov" or "usdod"')],
)  # fmt: skip
def test_a_refused_sign_in_names_the_cloud_that_the_tenant_lives_in(
    metadata: dict[str, str], cloud_value: str, cloud: Cloud, reading: Reading
) -> None:
    """By what the configured host said of the tenant: no other cloud is asked."""
    cloud.discovery = [http_json(cloud.metadata(**metadata))]
    cloud.token = [refusal(700016, "unauthorized_client", "x")]
    failure = reading.failure()
    assert "(AADSTS700016)" in str(failure)
    assert str(failure).endswith(f"; {LIVES}{cloud_value}")
    assert failure.reason is Reason.SIGN_IN_FAILED


def test_a_refused_sign_in_of_the_right_cloud_says_nothing_of_clouds(cloud: Cloud, reading: Reading) -> None:
    cloud.discovery = [http_json(cloud.metadata(cloud_instance_name="microsoftonline.com"))]
    cloud.token = [refusal(7000215, "invalid_client", "x", 401)]
    assert "lives in" not in str(reading.failure())


def test_a_token_of_another_cloud_names_it(cloud: Cloud, reading: Reading) -> None:
    """A person may be signed in by a host that two clouds share; Graph then takes their token for a stranger's."""
    cloud.discovery = [http_json(cloud.metadata(**GCC_HIGH))]
    cloud.give("/beta/things", error(401, "InvalidAuthenticationToken", "InvalidCloudInstance"))
    failure = reading.failure()
    assert failure.reason is Reason.WRONG_TARGET
    assert str(failure).endswith(f'check [tenant] cloud; {LIVES}"usgov"')


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("public", {"microsoftonline.us/DOD": '"usdod"', "microsoftonline.us/DODCON": '"usgov"',
                    "microsoftonline.us": '"usgov" or "usdod"', "partner.microsoftonline.cn": '"china"'}),
        ("usgov", {"microsoftonline.us/DOD": '"usdod"', "microsoftonline.com": '"public"',
                   "partner.microsoftonline.cn": '"china"'}),
        ("usdod", {"microsoftonline.us/DODCON": '"usgov"', "microsoftonline.com": '"public"',
                   "partner.microsoftonline.cn": '"china"'}),
    ],
)  # fmt: skip
def test_the_clouds_that_share_a_sign_in_host_are_told_apart(own: str, expected: dict[str, str]) -> None:
    assert dict(_other_clouds(CloudWord(own))) == expected
