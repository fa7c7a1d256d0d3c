"""Every exchange with the site over WS-Man meets every fault: over https, and encrypted over http."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from readiness.lab.server import Response
from readiness.model.words import Half, Reason
from tests.faults import pages, seals, soap, wire
from tests.faults.covering import EVERYTHING, numbered, strike, struck
from tests.faults.record import Canary
from tests.faults.rules import broken
from tests.faults.scanning import Estate
from tests.faults.striking import Fault, Struck

SCHEMES = ("https", "http")
PAGE_CHARACTERS = 14_000
"""So few that the devices do not fit one page."""
Estates = Mapping[str, Estate]


@pytest.fixture(scope="module")
def estates() -> Iterator[Estates]:
    with ExitStack() as stack:
        yield {
            scheme: stack.enter_context(Estate(Half.SITE, "winrm", site_scheme=scheme, page_characters=PAGE_CHARACTERS))
            for scheme in SCHEMES
        }


def schemes(number: int) -> tuple[str, ...]:
    """Over which of both a fault is tried: by turns, or over both."""
    return SCHEMES if EVERYTHING else (SCHEMES[number % 2],)


def tried(estates: Estates, number: int, fault: Fault) -> list[str]:
    """The rules that are broken by this fault at each of its exchanges."""
    return [words for scheme in schemes(number) for words in strike(estates[scheme], fault, number // 2)]


def tried_as_text(estates: Estates, number: int, fault: Fault) -> list[str]:
    """Likewise, for what is refused before anybody looks which question it answers: at the first exchange, without
    which there is no other, and at one other by turns."""
    found: list[str] = []
    for scheme in schemes(number):
        estate = estates[scheme]
        for exchange in {location(estate), *some([*estate.exchanges], number)}:
            found += struck(estate, exchange, fault)
    return found


def location(estate: Estate) -> str:
    """The first exchange of every scan."""
    return next(name for name in estate.exchanges if "SMS_ProviderLocation" in name)


def pulls(estate: Estate) -> list[str]:
    """The exchanges that ask for further pages."""
    return [name for name in estate.exchanges if name.startswith("wsman Pull ")]


def firsts(estate: Estate) -> list[str]:
    """The exchanges that ask for the whole of a list that fits one page."""
    whole = [name for name in estate.exchanges if b"EndOfSequence" in estate.answers[name].body]
    return [name for name in whole if name not in pulls(estate)]


def some(exchanges: list[str], number: int) -> list[str]:
    """All of them, or one by turns."""
    return exchanges if EVERYTHING else [exchanges[number % len(exchanges)]]


def test_the_exchanges_are_those_of_every_scan(estates: Estates) -> None:
    """Over both schemes; and there are further pages among them."""
    assert estates["http"].exchanges == estates["https"].exchanges
    assert pulls(estates["http"]) == ["wsman Pull SMS_FullCollectionMembership"]
    assert len(firsts(estates["http"])) > 10


PATIENT = ("429", "503", "closed", "reset")
"""What asking again heals. A 504 is of a proxy, which does not belong between us and WinRM."""


def unsealed(fault: Fault) -> Fault:
    """The fault as something on the way does it, which has no keys to encrypt with."""

    def wired(on: Struck) -> object:
        changed = fault.wire(on) if fault.wire is not None else None
        return replace(changed, seal=None) if isinstance(changed, Response) else changed

    return replace(fault, wire=wired, heals=fault.heals and fault.name.startswith(PATIENT))  # type: ignore[arg-type]


ON_WIRE = [unsealed(fault) for fault in (*wire.statuses(), *wire.sockets(), *wire.bodies())]


@pytest.mark.parametrize(("number", "fault"), numbered(ON_WIRE), ids=str)
def test_what_goes_wrong_on_the_wire_is_told_and_nothing_rests_on_it(
    estates: Estates, number: int, fault: Fault
) -> None:
    assert tried(estates, number, fault) == []


@pytest.mark.parametrize(("number", "fault"), numbered([unsealed(fault) for fault in wire.redirects()]), ids=str)
def test_a_redirect_is_not_followed(estates: Estates, canary: Canary, number: int, fault: Fault) -> None:
    assert tried(estates, number, fault) == []
    assert canary.contacts == 0


@pytest.mark.parametrize(("number", "fault"), numbered(soap.faults()), ids=str)
def test_a_fault_of_the_server_is_told_and_nothing_rests_on_it(estates: Estates, number: int, fault: Fault) -> None:
    assert tried(estates, number, fault) == []


@pytest.mark.parametrize(("number", "fault"), numbered(soap.shapes()), ids=str)
def test_an_answer_of_another_form_is_none(estates: Estates, number: int, fault: Fault) -> None:
    assert tried(estates, number, fault) == []


@pytest.mark.parametrize(("number", "fault"), numbered([*soap.related(), *soap.unmoved()]), ids=str)
def test_an_answer_to_another_question_is_none(estates: Estates, number: int, fault: Fault) -> None:
    assert tried_as_text(estates, number, fault) == []


@pytest.mark.parametrize(("number", "fault"), numbered(soap.malformed()), ids=str)
def test_what_is_no_xml_or_too_much_is_no_answer(estates: Estates, canary: Canary, number: int, fault: Fault) -> None:
    assert tried_as_text(estates, number, fault) == []
    assert canary.contacts == 0


@pytest.mark.parametrize(("number", "fault"), numbered(pages.contents()), ids=str)
def test_rows_that_say_less_make_no_pass(estates: Estates, number: int, fault: Fault) -> None:
    assert tried(estates, number, fault) == []


@pytest.mark.parametrize("number", range(20))
def test_a_field_that_says_less_makes_no_pass(estates: Estates, number: int) -> None:
    """Every column of every exchange; each in one way by turns, or in every way."""
    estate = estates[SCHEMES[number % 2]]
    exchange = estate.exchanges[number]
    found: list[str] = []
    for turn, fault in enumerate(pages.fields(estate.answers[exchange])):
        column, way = divmod(turn, len(pages.WAYS))
        if EVERYTHING or way == (column + number) % len(pages.WAYS):
            found += struck(estate, exchange, fault)
    assert found == []


@pytest.mark.parametrize(("number", "fault"), numbered(pages.pages()), ids=str)
def test_a_list_without_its_end_is_none(estates: Estates, number: int, fault: Fault) -> None:
    found: list[str] = []
    for scheme in schemes(number):
        for exchange in some(firsts(estates[scheme]), number):
            found += struck(estates[scheme], exchange, fault)
    assert found == []


@pytest.mark.parametrize("fault", [*pages.pulls(), *(pages.many() if EVERYTHING else ())], ids=str)
def test_further_pages_end_or_are_none(estates: Estates, fault: Fault) -> None:
    found: list[str] = []
    for scheme in SCHEMES:
        for exchange in pulls(estates[scheme]):
            found += struck(estates[scheme], exchange, fault)
    assert found == []


@pytest.mark.parametrize(("number", "fault"), numbered(seals.unsealed()), ids=str)
def test_what_is_not_encrypted_for_us_is_not_believed(estates: Estates, number: int, fault: Fault) -> None:
    assert strike(estates["http"], fault, number) == []


def test_an_encrypted_answer_that_was_given_before_is_not_believed(estates: Estates) -> None:
    for exchange in pulls(estates["http"]):
        assert struck(estates["http"], exchange, seals.replayed()) == []


# Signing in.

MOST_ASKING = 2
"""So many readers at most ask the same question each for itself; each may sign in anew once."""


def sign_ins(estate: Estate) -> int:
    """How often somebody tried to sign in since the journal was cleared."""
    return sum(one.leg == "authenticate" for one in estate.lab.requests)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("number", "fault"), numbered(seals.session_lost()), ids=str)
def test_a_session_that_is_lost_is_signed_in_anew_once(
    estates: Estates, scheme: str, number: int, fault: Fault
) -> None:
    estate = estates[scheme]
    estate.lab.requests.clear()
    estate._read(Half.SITE, None)
    usual = max(6, sign_ins(estate))
    for exchange in some(list(estate.exchanges), number * 5):
        estate.lab.requests.clear()
        assert struck(estate, exchange, fault) == []
        assert sign_ins(estate) <= usual + MOST_ASKING
        if fault.heals:
            estate.lab.requests.clear()
            assert struck(estate, exchange, fault, 1) == []
            assert sign_ins(estate) <= usual + MOST_ASKING


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_password_is_tried_once(estates: Estates, scheme: str) -> None:
    estate = estates[scheme]
    (name,) = (name for name in estate.secrets if "SITE" in name.upper())
    right, estate.secrets[name] = estate.secrets[name], "a wrong password"
    estate.lab.requests.clear()
    try:
        read = estate._read(Half.SITE, None)
    finally:
        estate.secrets[name] = right
    assert {reading.reason for reading in read.readings} == {Reason.SIGN_IN_FAILED}
    assert sign_ins(estate) == 1


def test_a_server_of_another_authority_is_told_nothing(estates: Estates, tmp_path: Path) -> None:
    """Not even as whom we would sign in."""
    estate = estates["https"]
    bundle, healthy = tmp_path / "other.pem", estate.configuration
    trustme.CA().cert_pem.write_to_path(str(bundle))
    assert healthy.site is not None
    estate.configuration = replace(healthy, site=replace(healthy.site, ca_bundle=bundle))
    estate.lab.requests.clear()
    try:
        read = estate._read(Half.SITE, None)
    finally:
        estate.configuration = healthy
    assert {reading.reason for reading in read.readings} == {Reason.UNREACHABLE}
    assert all("authority" in (reading.error or "") for reading in read.readings)
    assert not [one for one in estate.lab.requests if one.server == "wsman"]


def test_a_fault_that_meets_nothing_is_found_out(estates: Estates) -> None:
    """Else a suite that strikes nothing would be silent."""
    estate = estates["http"]
    nothing = Fault("nothing", answer=lambda _answer: None)
    assert broken(estate, estate.scan(estate.exchanges[0], nothing)) == ["the fault did not meet the exchange"]
