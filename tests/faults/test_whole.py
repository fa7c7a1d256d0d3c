"""Both halves at once, and the program as a user runs it: what one fault costs, and how the program ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from readiness.lab import Lab, load_scenario
from tests.conftest import Estate as Served
from tests.conftest import Program
from tests.faults import content, wire
from tests.faults.covering import struck
from tests.faults.rules import broken, leaning, resting
from tests.faults.scanning import Estate
from tests.faults.striking import Fault, Seam, Strike

CONNECTORS = "graph beta GET /deviceManagement/mobileThreatDefenseConnectors"
NAMED = {
    fault.name: fault
    for fault in (*wire.statuses(), *wire.sockets(), *wire.bodies(), *content.malformed(), *content.mistyped())
}
TELLING = (
    "500",
    "reset before the answer",
    "a page instead",
    "NaN in a field",
    "the whole answer is {}",
    "a slow drip",
)
"""One of each sort: refused, cut off, of somebody else, no JSON, no such answer, never ending."""


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate(None, "adminservice") as estate:
        yield estate


@pytest.mark.parametrize("name", TELLING)
def test_a_fault_of_one_half_leaves_the_other_as_it_was(estate: Estate, name: str) -> None:
    """That is what the other modules take for granted, which read one half anew."""
    sites = next(one for one in estate.exchanges if one.startswith("adminservice SMS_Site?"))
    for exchange in (estate.together[CONNECTORS][0], CONNECTORS, "entra client_credentials", sites):
        if NAMED[name].answer is not None or estate.together[exchange][0] == exchange:
            assert struck(estate, exchange, NAMED[name]) == []


def test_every_exchange_is_declared_by_a_reader_and_some_check_rests_on_it(estate: Estate) -> None:
    """Else a fault of it could cost nothing, and would prove nothing."""
    for exchange in estate.exchanges:
        facts = resting(exchange)
        assert facts, exchange
        assert leaning(facts), exchange
        assert {estate.healthy.readings[name].reason for name in facts if name in estate.healthy.readings} == {None}


def test_the_healthy_estate_is_ready_so_that_there_is_something_to_lose(estate: Estate) -> None:
    assert estate.healthy.report is not None
    assert estate.healthy.report.decision.state == "ready"


@pytest.mark.parametrize(
    ("name", "exchange", "check"),
    [
        ("502", CONNECTORS, "defender-connected"),
        ("closed within the body", "entra client_credentials", "tenant-reachable"),
        ("100,000 levels deep", "entra discovery", "tenant-reachable"),
        ("an endless body", CONNECTORS, "defender-connected"),
    ],
)
def test_the_program_says_what_it_could_not_read_and_never_that_it_crashed(
    name: str, exchange: str, check: str, program: Program, estate_of: Callable[[Seam], Served]
) -> None:
    """`readiness scan` as it is: exit code 5, one JSON document, no trace of the program's own lines."""
    seam = Seam()
    served = estate_of(seam)
    seam.strike = Strike(exchange, NAMED[name])
    given = ("scan", "--config", str(served.config), "--json", "--format", "none", "--timeout", "30")
    ran = program(*given, variables=served.secrets)
    found = ran.check(check)
    assert (ran.code, ran.report["decision"]["state"], found["outcome"]) == (5, "undetermined", "unknown")
    assert found["summary"].isprintable()
    assert "Traceback" not in ran.out + ran.err
    assert not any(secret in ran.out + ran.err for secret in (*served.secrets.values(), *seam.tokens))
    assert seam.strike.met >= 1
    assert json.loads(ran.out)["schema"] == "readiness/report/v1"


@pytest.fixture
def estate_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Seam], Served]]:
    """Serves the ready estate through a seam."""
    labs: list[Lab] = []

    def serve(seam: Seam) -> Served:
        folder = tmp_path_factory.mktemp("estate")
        lab = Lab(load_scenario("ready"), tamper=seam)
        lab.start()
        labs.append(lab)
        lab.write(folder)
        return Served(lab, folder)

    yield serve
    for lab in labs:
        lab.stop()


def test_a_fault_without_effect_would_be_noticed(estate: Estate) -> None:
    """The suite can fail: an answer that is changed and believed breaks a rule, and so does a fault that meets none."""
    healthy = content.document_of(estate.answers[CONNECTORS])
    told = content.changed(healthy, ("value", "[]", "partnerState"), lambda _: "x")
    lie = Fault("a lie", answer=lambda one: one.saying(200, json.dumps(told).encode()))
    assert any("was read, and is other than before" in words for words in broken(estate, estate.scan(CONNECTORS, lie)))
    nothing = Fault("nothing", answer=lambda _: None)
    assert broken(estate, estate.scan(CONNECTORS, nothing)) == ["the fault did not meet the exchange"]
