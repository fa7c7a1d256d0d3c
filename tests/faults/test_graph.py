"""Every exchange with Entra ID and Microsoft Graph meets every fault."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from readiness.lab.server import Response
from readiness.model.words import Half
from tests.faults import batches, content, wire
from tests.faults.covering import EVERYTHING, each_field, numbered, strike, struck
from tests.faults.record import Canary
from tests.faults.scanning import Estate
from tests.faults.striking import Fault, Struck

EXCHANGE = "graph beta GET /deviceManagement/mobileThreatDefenseConnectors"


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate(Half.TENANT) as estate:
        yield estate


def address(estate: Estate, exchange: str) -> str:
    """Where this exchange is asked for."""
    _, version, _, path = exchange.split(" ", 3)
    return f"{estate.lab.graph_origin}/{version}{path}"


def test_the_exchanges_are_those_of_every_scan(estate: Estate) -> None:
    """Their names do not change with concurrency and batching, and every reader asks for one of them."""
    with Estate(Half.TENANT) as again:
        assert [name.partition("?")[0] for name in again.exchanges] == [
            name.partition("?")[0] for name in estate.exchanges
        ]
    assert len(estate.exchanges) > 20
    assert EXCHANGE in estate.exchanges


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


@pytest.mark.parametrize(("number", "fault"), numbered(batches.faults()), ids=str)
def test_a_batch_that_is_answered_wrongly_costs_what_was_asked_in_it(estate: Estate, number: int, fault: Fault) -> None:
    assert strike(estate, fault, number) == []


def test_every_field_null_missing_unknown_or_of_another_type_makes_no_pass(estate: Estate) -> None:
    """Each field of each answer in all four ways, or in one of them by turns."""
    broken = [words for exchange in estate.exchanges for words in each_field(estate, exchange)]
    assert broken == []


@pytest.mark.parametrize(("number", "fault"), numbered(content.links(str, "/v1.0/x")), ids=str)
def test_a_next_page_elsewhere_is_not_asked_for(estate: Estate, canary: Canary, number: int, fault: Fault) -> None:
    exchanges = [name for name in estate.exchanges if name.startswith("graph") and "value" in str(estate.answers[name])]
    exchange = exchanges[number % len(exchanges)]
    path = "/" + "/".join(exchange.split(" ")[1::2]).partition("?")[0].replace("//", "/")
    meant = content.links(lambda: estate.lab.graph_origin, path)[number]
    assert struck(estate, exchange, meant) == [], fault
    assert canary.contacts == 0


def test_pages_that_do_not_end_end(estate: Estate) -> None:
    here = address(estate, EXCHANGE)
    assert struck(estate, EXCHANGE, content.loop(here)) == []
    if EVERYTHING:  # 2,000 pages: `tests/sources/graph/test_graph_pages.py` tries it without a scan around it
        assert struck(estate, EXCHANGE, content.endless(here, estate.answers[EXCHANGE])) == []


def repeated(met: Struck) -> Response:
    """An answer that holds the token, or the secret, that it was asked with."""
    said = met.request.headers.get("Authorization", "") or met.request.body.decode()
    return replace(met.response, body=json.dumps({"value": [], "said": said}).encode())


def test_an_answer_that_repeats_a_secret_is_refused(estate: Estate) -> None:
    fault = Fault("the secret repeated", wire=repeated)
    for exchange in estate.exchanges:
        if exchange != "entra discovery":
            assert struck(estate, exchange, fault) == []


UNAUTHORIZED = 'Bearer realm="", authorization_uri="https://localhost/common/oauth2/authorize"'


def expired(met: Struck) -> Response:
    """As Graph refuses a token whose time is over."""
    error = {"code": "InvalidAuthenticationToken", "message": "Lifetime validation failed, the token is expired."}
    headers = (("Content-Type", "application/json"), ("WWW-Authenticate", UNAUTHORIZED))
    return replace(met.response, status=401, headers=headers, body=json.dumps({"error": error}).encode())


def test_a_token_that_expires_in_mid_scan_is_replaced_once(estate: Estate) -> None:
    """And one that no longer helps costs what it was to read."""
    fault = Fault("401, the token expired", wire=expired)
    for exchange in estate.exchanges:
        if exchange.startswith("graph") and estate.together[exchange][0] == exchange:
            assert struck(estate, exchange, fault, 1) == []
            assert struck(estate, exchange, fault) == []


def test_a_host_that_shows_another_certificate_costs_the_half_at_most(estate: Estate) -> None:
    server = estate.lab.servers["cloud"]
    good = server.tls
    for exchange in (name for name in estate.exchanges if estate.together[name][0] == name):
        try:
            assert struck(estate, exchange, wire.untrusted(server)) == []
        finally:
            server.tls = good


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a port stop listening")
def test_a_host_that_goes_away_costs_the_half_at_most(estate: Estate) -> None:
    for exchange in (name for name in estate.exchanges if estate.together[name][0] == name):
        with Estate(Half.TENANT) as going:
            same = next(name for name in going.exchanges if name.partition("?")[0] == exchange.partition("?")[0])
            assert struck(going, same, wire.refusing(going.lab.servers["cloud"])) == []
