"""Every exchange with the administration service meets every fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from readiness.model.words import Half
from tests.faults import content, wire
from tests.faults.covering import EVERYTHING, each_field, numbered, strike, struck
from tests.faults.record import Canary
from tests.faults.scanning import Estate
from tests.faults.striking import Fault, Reach

TOP = 1_000
"""Rows that are asked for in one page."""


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate(Half.SITE, "adminservice") as estate:
        yield estate


def rows_of(estate: Estate, cls: str) -> str:
    """The exchange that asks for the rows of this class."""
    return next(name for name in estate.exchanges if name.startswith(f"adminservice {cls}?"))


def address(estate: Estate, exchange: str) -> str:
    """Where this exchange is asked for."""
    return f"https://localhost:{estate.lab.adminservice_port}/AdminService/wmi/{exchange.partition(' ')[2]}"


@pytest.mark.parametrize(("number", "fault"), numbered([*wire.statuses(), *wire.sockets(), *wire.bodies()]), ids=str)
def test_what_goes_wrong_on_the_wire_is_told_and_nothing_rests_on_it(estate: Estate, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []


@pytest.mark.parametrize(("number", "fault"), numbered(wire.redirects()), ids=str)
def test_a_redirect_is_not_followed(estate: Estate, canary: Canary, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []
    assert canary.contacts == 0


@pytest.mark.parametrize(
    ("number", "fault"), numbered([*content.malformed(), *content.mistyped(), *content.doubtful()]), ids=str
)
def test_an_answer_that_is_none_is_told_and_nothing_rests_on_it(estate: Estate, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []


def test_every_field_null_missing_unknown_or_of_another_type_makes_no_pass(estate: Estate) -> None:
    """Each field of each answer in all four ways, or in one of them by turns."""
    broken = [words for exchange in estate.exchanges for words in each_field(estate, exchange)]
    assert broken == []


@pytest.mark.parametrize(("number", "fault"), numbered(content.links(str, "/x")), ids=str)
def test_a_next_page_elsewhere_is_not_asked_for(estate: Estate, canary: Canary, number: int, fault: Fault) -> None:
    exchange = rows_of(estate, ("SMS_Site", "SMS_Admin", "SMS_Collection")[number % 3])
    path = "/AdminService/wmi/" + exchange.partition(" ")[2].partition("?")[0]
    own = f"https://localhost:{estate.lab.adminservice_port}"
    assert struck(estate, exchange, content.links(lambda: own, path)[number]) == [], fault
    assert canary.contacts == 0


def test_pages_that_come_again_end(estate: Estate) -> None:
    for cls in ("SMS_Site", "SMS_FullCollectionMembership"):
        exchange = rows_of(estate, cls)
        assert struck(estate, exchange, content.full_page(TOP)) == []
        assert struck(estate, exchange, content.loop(address(estate, exchange))) == []


def test_pages_that_do_not_end_end(estate: Estate) -> None:
    exchange = rows_of(estate, "SMS_AAD_Tenant_Ex")
    assert struck(estate, exchange, content.endless(address(estate, exchange), estate.answers[exchange])) == []


WORDS = "x" * 3000 + "\x1b[31m\u202e\nTraceback (most recent call last): \ud800"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 503])
def test_the_service_s_own_errors_are_told(estate: Estate, status: int) -> None:
    """With words of other people in them, that no terminal must see as they are."""
    body = content.error(WORDS)
    fault = Fault(f"error {status} of the service", answer=lambda one: one.saying(status, body), refusal=True)
    number = [400, 403, 404, 405, 500, 503].index(status)
    assert strike(estate, fault, number) == []


@pytest.mark.parametrize(("number", "fault"), numbered([*wire.statuses(), *wire.sockets(), *wire.bodies()]), ids=str)
def test_a_leg_of_the_sign_in_that_goes_wrong_costs_the_half_at_most(estate: Estate, number: int, fault: Fault) -> None:
    del number
    assert struck(estate, "adminservice sign-in", fault) == []


def test_a_sign_in_that_is_no_longer_accepted_costs_the_half_at_most(estate: Estate) -> None:
    fault = Fault("401", wire=wire.status(401), reach=Reach.HALF)
    assert strike(estate, fault, 0) == []


def test_a_host_that_shows_another_certificate_costs_the_half_at_most(estate: Estate) -> None:
    server = estate.lab.servers["adminservice"]
    good = server.tls
    for exchange in estate.exchanges if EVERYTHING else estate.exchanges[::4]:
        try:
            assert struck(estate, exchange, wire.untrusted(server)) == []
        finally:
            server.tls = good


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a port stop listening")
def test_a_host_that_goes_away_costs_the_half_at_most(estate: Estate) -> None:
    for exchange in estate.exchanges if EVERYTHING else (rows_of(estate, "SMS_Identification"), estate.exchanges[0]):
        with Estate(Half.SITE, "adminservice") as going:
            assert struck(going, exchange, wire.refusing(going.lab.servers["adminservice"])) == []
