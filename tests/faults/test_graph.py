"""Every exchange with Entra ID and Microsoft Graph meets every fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readiness.model.words import Half
from tests.faults import wire
from tests.faults.covering import numbered, strike
from tests.faults.record import Canary
from tests.faults.scanning import Estate
from tests.faults.striking import Fault


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate(Half.TENANT) as estate:
        yield estate


def test_the_exchanges_are_those_of_every_scan(estate: Estate) -> None:
    """Their names do not change with concurrency and batching, and every reader asks for one of them."""
    with Estate(Half.TENANT) as again:
        assert again.exchanges == estate.exchanges
    assert len(estate.exchanges) > 20


@pytest.mark.parametrize(("number", "fault"), numbered([*wire.statuses(), *wire.sockets(), *wire.bodies()]), ids=str)
def test_what_goes_wrong_on_the_wire_is_told_and_nothing_rests_on_it(estate: Estate, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []


@pytest.mark.parametrize(("number", "fault"), numbered(wire.redirects()), ids=str)
def test_a_redirect_is_not_followed(estate: Estate, canary: Canary, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []
    assert canary.contacts == 0
