"""What evidence says of every reading: by whom, of what, when and how it was read. Contract: interfaces, section 5.

Held against what the simulated estate's servers saw, over both ways to the site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.composition import readers
from readiness.evidence.collecting import EVERYBODY
from readiness.evidence.parts import half_of
from readiness.lab import Lab, load_scenario
from readiness.lab.estate import Transport
from readiness.lab.server import Request, Response
from readiness.model.words import Half
from readiness.plugin import FACTS, Evidence, Fact, Reason, SiteAccess, TargetGroups, TenantCloud
from tests.conftest import Estate

SCENARIO = """
base = "ready"
title = "With a group and an administrator to ask for."
[tenant]
permissions = {permissions}
[scope]
collections = ["P0100021", "P0100022"]
administrators = ["admin@contoso.com"]
groups = ["Servers for EDR"]
"""
TRANSPORTS: tuple[Transport, ...] = ("winrm", "adminservice")
WHOLE_TENANT = "the whole tenant, by application permissions"
ANALYST = "Read-only Analyst on All; Read-only Analyst on All Systems; Read-only Analyst on All Users and User Groups"
_MESSAGE = re.compile(rb"MessageID[^>]*>([^<]+)<")


@dataclass
class Seen:
    """The ids of exchanges as the servers saw or gave them."""

    ids: set[str] = field(default_factory=set)

    def note(self, request: Request, response: Response) -> Response:
        self.ids |= {value for name, value in response.headers if name in ("request-id", "x-ms-request-id")}
        self.ids |= {found.decode() for found in re.findall(rb'"request-id": ?"([^"]+)"', response.body)}
        self.ids |= {found.decode() for found in _MESSAGE.findall(request.body)}
        return response


@dataclass(frozen=True)
class Collected:
    """Evidence, and what is known of how it came to be."""

    evidence: Evidence
    seen: set[str]
    began: datetime
    ended: datetime


def collected(folder: Path, scenario: str, transport: Transport) -> Collected:
    seen = Seen()
    folder.mkdir()
    with Lab(load_scenario(scenario), tamper=seen.note) as lab:
        lab.write(folder, transport)
        served = Estate(lab, folder)
        began = datetime.now(UTC)
        found = read_estate(configured({"config": served.config}, {}, connecting=True), served.secrets)
        return Collected(found, seen.ids, began, datetime.now(UTC))


@pytest.fixture(scope="module")
def by(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Collected]:
    """The same estate, over either transport."""
    folder = tmp_path_factory.mktemp("provenance")
    granted = [*load_scenario("ready").tenant.permissions, "GroupMember.Read.All"]
    scenario = SCENARIO.replace("{permissions}", json.dumps(granted))
    (folder / "named.toml").write_text(scenario, encoding="utf-8")
    return {way: collected(folder / way, str(folder / "named.toml"), way) for way in TRANSPORTS}


EVERY = [pytest.param(way, fact, id=f"{way}-{fact.__name__}") for way in TRANSPORTS for fact in FACTS]


@pytest.mark.parametrize(("way", "fact"), EVERY)
def test_every_reading_says_where_it_came_from(way: str, fact: type[Fact], by: dict[str, Collected]) -> None:
    found = by[way]
    reading = found.evidence.reading(fact)
    assert reading is not None
    assert reading.available
    assert reading.source == readers()[fact].source
    words = {Half.SITE: r"SELECT .+ FROM (\w+)|(\w+)\.\w+\(", Half.TENANT: r"(GET|POST) /\S+"}[fact.half]
    assert re.match(words, reading.query or "")
    assert reading.rows is not None
    assert found.began - timedelta(milliseconds=1) <= reading.started <= found.ended
    assert reading.started.utcoffset() == timedelta(0)
    assert 0 <= reading.duration_seconds <= (found.ended - found.began).total_seconds()
    assert reading.clock_skew_seconds is not None
    assert -2.5 < reading.clock_skew_seconds < 0.5  # the clock is the same one; a Date has whole seconds


@pytest.mark.parametrize(("way", "fact"), EVERY)
def test_every_reading_says_who_read_and_what_they_see(way: str, fact: type[Fact], by: dict[str, Collected]) -> None:
    reading = by[way].evidence.reading(fact)
    assert reading is not None
    if fact is TenantCloud:  # the sign-in host tells it to everybody, and is not told who asks
        assert (reading.identity, reading.scope) == (None, EVERYBODY)
    elif fact.half is Half.TENANT:
        assert (reading.identity, reading.scope) == (
            "application 3f1b7c52-9d40-4e86-a1f7-5c2e8b6d9a04",
            WHOLE_TENANT,
        )
    else:
        assert (reading.identity, reading.scope) == (r"account CONTOSO\svc-readiness", ANALYST)


@pytest.mark.parametrize(("way", "fact"), EVERY)
def test_every_reading_names_an_exchange_that_its_server_knows(
    way: str, fact: type[Fact], by: dict[str, Collected]
) -> None:
    """The administration service gives its exchanges no id."""
    reading = by[way].evidence.reading(fact)
    assert reading is not None
    if fact.half is Half.SITE and way == "adminservice":
        assert reading.request_id is None
    else:
        assert reading.request_id in by[way].seen


def test_both_transports_say_the_same_but_for_the_exchange(by: dict[str, Collected]) -> None:
    one, other = (by[way].evidence for way in TRANSPORTS)
    for fact in FACTS:
        first, second = one.reading(fact), other.reading(fact)
        assert first is not None
        assert second is not None
        assert [first.source, first.identity, first.scope, first.rows] == [
            second.source,
            second.identity,
            second.scope,
            second.rows,
        ]


# Readings that were refused, or were not to be had.


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Collected]:
    """Evidence of an estate in which this goes wrong."""

    def run(toml: str) -> Collected:
        path = tmp_path / "wrong.toml"
        path.write_text(f'base = "ready"\ntitle = "Something is wrong."\n{toml}', encoding="utf-8")
        return collected(tmp_path / "estate", str(path), "winrm")

    return run


def test_a_refused_reading_names_the_exchange_and_the_clock_too(read: Callable[[str], Collected]) -> None:
    """Whoever is asked why needs its id; and merging needs the clock."""
    found = read(
        '[tenant]\npermissions = ["Organization.Read.All"]\n'
        '[[fault]]\nserver = "wsman"\nclass = "SMS_AAD_Tenant_Ex"\nhresult = 0x80041003\n'
    )
    refused = [reading for reading in found.evidence.readings if not reading.available]
    assert {half_of(reading.fact) for reading in refused} == set(Half)
    for reading in refused:
        assert reading.reason in (Reason.MISSING_PERMISSION, Reason.ACCESS_DENIED)
        assert reading.request_id in found.seen
        assert reading.clock_skew_seconds is not None
        assert (reading.rows, reading.value) == (None, None)


def test_of_who_could_not_sign_in_nothing_is_known(read: Callable[[str], Collected]) -> None:
    """Neither what the application may see, nor what the account may: only what everybody is told."""
    found = read("[tenant]\nclient_secret_expired = true\n")
    for reading in found.evidence.readings:
        if half_of(reading.fact) is Half.TENANT and reading.fact != TenantCloud.__name__:
            assert reading.scope is None
            assert reading.reason is Reason.SIGN_IN_FAILED or reading.query is None  # no group is named: nothing asked
            assert reading.identity is not None


def test_where_the_account_has_no_record_its_scope_is_not_known(read: Callable[[str], Collected]) -> None:
    """It may be a member of a group that has one."""
    found = read("[visible]\nSMS_Admin = []\n")
    assert isinstance(value := found.evidence.reading(SiteAccess).value, SiteAccess)  # type: ignore[union-attr]
    assert not value.listed
    scopes = {one.scope for one in found.evidence.readings if half_of(one.fact) is Half.SITE}
    assert scopes == {"not known: the account has no record of its own"}


def test_who_asks_for_nothing_names_no_query(read: Callable[[str], Collected]) -> None:
    reading = read("").evidence.reading(TargetGroups)
    assert reading is not None
    assert (reading.query, reading.rows, reading.request_id) == (None, 0, None)
