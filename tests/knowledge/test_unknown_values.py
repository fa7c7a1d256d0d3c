"""What no table knows is shown raw and judged unknown, table by table: never passed, and never failed by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import knowledge
from checks.attach.cloud_supported import judge as judge_cloud
from checks.collections.collection_devices_eligible import judge as judge_devices
from checks.defender.defender_licensed import judge as judge_licences
from checks.knowledge.clients import systems
from checks.site.site_hotfix_kb4563473 import judge as judge_hotfix
from checks.site.site_known_defects import judge as judge_defects
from readiness.plugin import (
    CapabilityStatus,
    Collections,
    Licences,
    Outcome,
    ProvisioningStatus,
    Reason,
    ServicePlan,
    SiteIdentification,
    SiteUpdates,
    SiteUpdateStatuses,
    Subscription,
    TargetDevices,
    TenantCloud,
    Verdict,
)
from tests.checks.attach_facts import absent, analyst, applications, services, tenant, tenants
from tests.checks.builders import (
    RELEASE,
    TENANT,
    access,
    hierarchy,
    organization,
    package,
    reading,
    site,
    status,
    unread,
)
from tests.checks.collection_facts import SERVERS, collection, device, members, naming, site_collections

UNKNOWN_STATES = (-1, 1, 3, 196608, 196630, 999999, 2**31 - 1)
PUBLIC = TenantCloud("public", TENANT, "EU", None, "microsoftonline.com", "graph.microsoft.com")


@pytest.mark.parametrize("state", UNKNOWN_STATES)
def test_a_state_of_the_required_update(state: int) -> None:
    assert state not in knowledge.update_states()
    found = judge_hotfix(
        hierarchy(site(build=8968)),
        reading(access()),
        reading(SiteUpdates((RELEASE, package(state=state)))),
        reading(SiteUpdateStatuses((status(state=state),))),
    )
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"a state that no table knows ({state})" in found.summary
    assert found.rules == ("hotfixes:4563473",)


@pytest.mark.parametrize("state", UNKNOWN_STATES)
def test_a_state_of_the_update_that_mends_a_defect(state: int) -> None:
    mends = package(37864969, state, name="Configuration Manager 2509 update rollup (KB37864969)")
    found = judge_defects(
        hierarchy(site(build=9141)),
        reading(access()),
        reading(SiteUpdates((RELEASE, mends))),
        reading(SiteUpdateStatuses((status(state=state),))),
        reading(site_collections(collection(members=1))),
        reading(members(device(1))),
        naming(SERVERS),
    )
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert f"a state that no table knows ({state})" in found.summary
    assert found.rules == ("defects:policy-not-applied-2509",)


@pytest.mark.parametrize(
    ("changed", "raw"),
    [
        ({"cloud_instance_name": "sovcloud-identity.fr"}, "sovcloud-identity.fr"),
        ({"region_sub_scope": "MOON"}, "MOON"),
        ({"graph_host": "graph.example.com"}, "graph.example.com"),
    ],
    ids=["instance", "sub-scope", "Graph host"],
)
def test_a_cloud(changed: dict[str, str], raw: str) -> None:
    found = judge_cloud(
        reading(replace(PUBLIC, **changed)),
        reading(organization()),
        reading(services()),
        reading(applications()),
        reading(tenants(tenant(environment=0))),
        analyst(),
        reading(hierarchy(site())),
    )
    assert found.outcome is Outcome.UNKNOWN
    assert raw in found.summary
    assert found.rules == ()


def test_the_number_that_a_site_has_for_a_cloud() -> None:
    found = judge_cloud(
        absent(TenantCloud),
        unread(type(organization()), Reason.NOT_CONFIGURED),
        reading(services()),
        reading(applications()),
        reading(tenants(tenant(environment=77))),
        analyst(),
        reading(hierarchy(site())),
    )
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNKNOWN_VALUE)
    assert "77" in found.summary


def _devices(system: str, build: str) -> Verdict:
    own = device(1, system=system, build=build, version="5.00.9146.1000")
    held: Collections = site_collections(collection(members=1))
    devices: TargetDevices = members(own)
    return judge_devices(
        reading(held),
        reading(devices),
        hierarchy(site()),
        reading(SiteIdentification("P01", 2603, 9146)),
        naming(SERVERS),
    )


@pytest.mark.parametrize(
    ("system", "build"),
    [
        ("Microsoft Windows NT Server 11.0", "11.0.30000.1"),
        ("Microsoft Windows NT Server 4.0", "4.0.1381.7"),
        ("Microsoft Windows NT Server 10.0", "10.0.9999.1"),
        ("Microsoft Windows NT Toaster 10.0", "10.0.20348.1"),
        ("TempleOS", ""),
    ],
)
def test_an_operating_system(system: str, build: str) -> None:
    found = _devices(system, build)
    assert found.outcome is Outcome.UNKNOWN
    assert "operating system not known" in f"{found.summary} {found.observed}"
    assert found.rules == ()


def test_an_operating_system_that_a_table_knows_names_its_row() -> None:
    found = _devices("Microsoft Windows NT Server 10.0", "10.0.26100.1")
    assert found.outcome is Outcome.PASS
    assert found.rules == ("clients:Windows Server 2025",)
    assert "Windows Server 2025" in {system.name for system in systems()}


@pytest.mark.parametrize(
    ("plan", "status", "raw"),
    [
        ("00000000-1111-4222-8333-444444444444", "Enabled", "SPE_X9"),
        ("871d91ec-ec1a-452b-a83f-bd76c7d770ef", "Resting", "Resting"),
    ],
    ids=["plan", "status of the subscription"],
)
def test_a_licence(plan: str, status: str, raw: str) -> None:
    held = ServicePlan(plan, ProvisioningStatus("Success"))
    found = judge_licences(Licences((Subscription("SPE_X9", CapabilityStatus(status), (held,)),)))
    assert found.outcome is Outcome.UNKNOWN
    assert raw in f"{found.summary} {found.observed}"
