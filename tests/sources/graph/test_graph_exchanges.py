"""How many exchanges a healthy estate costs: counted, not timed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from readiness.lab import Lab
from readiness.lab.scenario import Scenario
from readiness.model.settings import Scope
from readiness.sources.graph.readers import READERS
from tests.sources.graph.conftest import at_once, scenario, source

ALL = frozenset(reader.fact for reader in READERS)
MOST_EXCHANGES = 8
"""The contract allows 12, for a healthy estate of 20 collections."""


def with_collections(count: int) -> Scenario:
    """The estate `ready`, with so many collections that the tenant knows."""
    found = scenario()
    path = "deviceManagement/configManagerCollections"
    first = found.graph["beta"][path][0]
    rows = [{**first, "id": f"{first['id'][:-4]}{n:04}", "collectionIdentifier": f"P01{n:05}"} for n in range(count)]
    return msgspec.structs.replace(found, graph={**found.graph, "beta": {**found.graph["beta"], path: rows}})


@pytest.mark.parametrize("groups", [(), ("EDR - Autopilot laptops", "3c2a1b0f-77aa-4c7e-9f52-3a1e6b7d8c90")])
def test_a_healthy_estate_of_20_collections_costs_few_exchanges(groups: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever is asked: independent questions of all readers travel together, round by round."""
    changed = with_collections(20)
    permissions = (*changed.tenant.permissions, "GroupMember.Read.All")
    tenant = msgspec.structs.replace(changed.tenant, permissions=permissions)
    with Lab(msgspec.structs.replace(changed, tenant=tenant)) as lab:
        reading = source(lab, tmp_path, scope=Scope(administrators=("admin@contoso.com",), groups=groups))
        at_once([job.run for job in reading.jobs(ALL)])
        exchanges = [exchange for exchange in lab.requests if exchange.server == "graph"]
        signing_in = [exchange for exchange in lab.requests if exchange.server == "entra"]
    assert {exchange.status for exchange in exchanges} == {200}
    assert len(exchanges) <= MOST_EXCHANGES
    assert len(signing_in) == 2


def test_no_question_is_asked_twice(tmp_path: Path) -> None:
    """Two readers need the list of policies: it is asked for once."""
    with Lab(scenario()) as lab:
        reading = source(lab, tmp_path, scope=Scope(administrators=("admin@contoso.com",)))
        at_once([job.run for job in reading.jobs(ALL)])
        asked = [
            (exchange.path.split("/")[1], question)
            for exchange in lab.requests
            if exchange.server == "graph"
            for question in (exchange.summary.split(", GET ") if "$batch" in exchange.path else [exchange.path])
        ]
    assert len(asked) == len(set(asked)) > 15
