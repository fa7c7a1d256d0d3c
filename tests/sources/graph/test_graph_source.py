"""The cloud half as a whole, collected from the simulated estate."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from readiness.evidence import Estate, collect
from readiness.lab import Lab, Scenario
from readiness.lab.scenario import Fault
from readiness.model.facts import Fact, Organization, PartnerState, ThreatDefenseConnectors
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Half, Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph import source as source_module
from readiness.sources.graph.readers import READERS
from readiness.sources.graph.session import GraphSession
from readiness.sources.reader import Finding, Reader
from tests.sources.graph.conftest import at_once, scenario, source

F = TypeVar("F", bound=Fact)

ALL = frozenset(reader.fact for reader in READERS)


def collected(lab: Lab, folder: Path) -> Evidence:
    estate = Estate((source(lab, folder),), host="here", tenant="contoso.com", site=None)
    return collect(estate, ALL, Deadline(20), clock=lambda: datetime.now(UTC))


def with_faults(*faults: Fault) -> Scenario:
    return msgspec.structs.replace(scenario(), fault=list(faults))


def of(evidence: Evidence, fact: type[F]) -> Reading[F]:
    """The reading of a fact, which must be there."""
    found = evidence.reading(fact)
    assert found is not None
    return found  # type: ignore[return-value]


def value(evidence: Evidence, fact: type[F]) -> F:
    found = of(evidence, fact).value
    assert found is not None
    return found


def test_a_ready_estate_is_read(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        evidence = collected(lab, tmp_path)
        assert {exchange.status for exchange in lab.requests} == {200}
    assert value(evidence, Organization).tenant_id == lab.scenario.tenant.id
    assert [row.partner_state for row in value(evidence, ThreatDefenseConnectors).defender] == [PartnerState.ENABLED]
    reading = of(evidence, ThreatDefenseConnectors)
    assert reading.request_id
    assert reading.scope == "the whole tenant, by application permissions"
    assert abs(reading.clock_skew_seconds or 0) < 5
    assert (evidence.demo, evidence.partial, evidence.halves) == (True, False, (Half.TENANT,))


def test_readers_of_one_version_share_one_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source tells the gatherer how many readers to wait for."""

    def reader(fact: type[Fact], path: str) -> Reader[GraphSession, Any]:
        return Reader(fact, path, (), lambda session: Finding(session.client.rows("v1.0", path, ()), 0))

    two = (reader(Organization, "/organization"), reader(ThreatDefenseConnectors, "/subscribedSkus"))
    monkeypatch.setattr(source_module, "READERS", two)
    with Lab(scenario()) as lab:
        at_once([job.run for job in source(lab, tmp_path).jobs(ALL)])
        paths = [exchange.path for exchange in lab.requests if exchange.server == "graph"]
    assert paths == ["/v1.0/$batch"]


def test_no_connector_at_all_is_read_as_such(tmp_path: Path) -> None:
    with Lab(scenario("no-defender")) as lab:
        found = value(collected(lab, tmp_path), ThreatDefenseConnectors)
    assert [(row.partner_state, row.last_heartbeat) for row in found.defender] == [(PartnerState.NOT_SET_UP, None)]


@pytest.mark.parametrize(
    ("refusal", "reason", "missing"),
    [
        ("missing-scope", Reason.MISSING_PERMISSION, ("DeviceManagementServiceConfig.Read.All",)),
        ("nested-forbidden", Reason.ACCESS_DENIED, ()),
    ],
)
def test_a_permission_that_is_missing_costs_one_fact(
    refusal: str, reason: Reason, missing: tuple[str, ...], tmp_path: Path
) -> None:
    with Lab(scenario(permissions=("User.ReadBasic.All",), intune_refusal=refusal)) as lab:
        evidence = collected(lab, tmp_path)
    reading = of(evidence, ThreatDefenseConnectors)
    assert (reading.reason, reading.missing) == (reason, missing)
    assert evidence.partial


def test_a_tenant_without_intune_is_the_wrong_target_for_what_intune_holds(tmp_path: Path) -> None:
    with Lab(scenario(intune=False)) as lab:
        evidence = collected(lab, tmp_path)
    assert of(evidence, Organization).available
    assert of(evidence, ThreatDefenseConnectors).reason is Reason.WRONG_TARGET


def test_a_fault_that_passes_is_waited_out(tmp_path: Path) -> None:
    """Entra ID and Graph are busy once each; without Retry-After the pause is short."""
    faults = (Fault("entra", times=1, status=503), Fault("graph", path="deviceManagement/*", times=2))
    with Lab(with_faults(*faults)) as lab:
        evidence = collected(lab, tmp_path)
    assert not evidence.partial


def test_a_fault_that_lasts_longer_than_the_scan_is_throttled_at_once(tmp_path: Path) -> None:
    started = datetime.now(UTC)
    with Lab(with_faults(Fault("graph", path="organization", retry_after=3600))) as lab:
        evidence = collected(lab, tmp_path)
    assert of(evidence, Organization).reason is Reason.THROTTLED
    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_small_pages_give_the_same_facts(tmp_path: Path) -> None:
    found = []
    for size in (100, 1):
        with Lab(scenario(page_size=size), now=datetime(2026, 11, 23, tzinfo=UTC)) as lab:
            evidence = collected(lab, tmp_path)
        found.append([reading.value for reading in evidence.readings])
    assert found[0] == found[1]


def test_a_source_opens_nothing_until_it_is_read(tmp_path: Path) -> None:
    with Lab(scenario()) as lab:
        made = source(lab, tmp_path)
        assert [job.source for job in made.jobs(ALL)] == [reader.source for reader in READERS]
        assert not made.simulated
        assert lab.requests == []
