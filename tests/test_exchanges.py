"""How often a healthy estate is asked: a number of exchanges, not a time, so that no machine is too slow for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from readiness.config import load
from readiness.connecting import estate as configured_estate
from readiness.evidence import collect, utc_now
from readiness.lab import Exchange
from readiness.model.facts import FACTS, TargetDevices
from readiness.model.reading import Evidence
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from tests.conftest import Estate

Serve = Callable[..., Estate]

TRANSPORTS = ("winrm", "adminservice")
MOST_WITH_THE_SITE = 20
TWENTY = """
base = "ready"
title = "Twenty collections."
[many.others]
count = 11
wmi.SMS_Collection = { CollectionID = "L01{n:05X}", Name = "Collection {n}" }
"""


def read_everything(served: Estate) -> Evidence:
    """Every fact of the site that there is, whether a check needs it or not."""
    configuration = load(served.config, served.secrets, connecting=True)
    deadline = Deadline(30)
    facts = frozenset(fact for fact in FACTS if fact.half is Half.SITE)
    where = configured_estate(replace(configuration, tenant=None), served.secrets, deadline)
    return collect(where, facts, deadline, clock=utc_now)


def with_the_site(journal: list[Exchange]) -> list[str]:
    """The exchanges with the site; signing in is not counted."""
    site = [one for one in journal if one.server in ("wsman", "adminservice")]
    return [one.summary for one in site if one.summary != "sign-in" and one.status != 401]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_everything_of_a_healthy_site_of_twenty_collections_is_read_in_twenty_exchanges(
    estate: Serve, transport: str
) -> None:
    served = estate(toml=TWENTY, transport=transport)
    evidence = read_everything(served)
    assert [reading.fact for reading in evidence.readings if reading.value is None] == []
    assert len(next(r.value for r in evidence.readings if isinstance(r.value, TargetDevices)).devices) == 252
    asked = with_the_site(served.lab.requests)
    assert len(served.lab.scenario.wmi["SMS_Collection"]) == 20
    assert len(asked) <= MOST_WITH_THE_SITE, asked


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("scenario", ["ready", "hotfix-missing"])
def test_no_question_is_asked_twice(estate: Serve, scenario: str, transport: str) -> None:
    """But for columns that an older site lacks: what it has is found out by asking."""
    served = estate(scenario, transport=transport)
    read_everything(served)
    asked = with_the_site(served.lab.requests)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_secret_of_an_application_is_in_no_question(estate: Serve, transport: str) -> None:
    served = estate("ready", transport=transport)
    read_everything(served)
    asked = [question.lower() for question in with_the_site(served.lab.requests)]
    assert any("sms_aad_application_ex" in question and "secretkeyexpiry" in question for question in asked)
    assert not any("secretkey" in question.replace("secretkeyexpiry", "") for question in asked)
