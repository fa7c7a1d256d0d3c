"""Sentences and questions keep the words of the program's own, and nothing else."""

from __future__ import annotations

import pytest

from readiness.aliases import Aliases, Category, shaped
from readiness.redaction.telling import Telling

KNOWN = {
    "All Windows Servers": Category.COLLECTION,
    "Server": Category.COLLECTION,
    "cm01.contoso.com": Category.HOST,
    "CONTOSO\\svc-readiness": Category.USER,
    "P0100021": Category.COLLECTION,
    "SMS Collection of ours": Category.COLLECTION,
}
SENTENCES = {
    "the server refused the account": "the server refused the account",
    "cm01.contoso.com:5986 refused the sign-in of CONTOSO\\svc-readiness with negotiate": (
        "host-1.domain-1.example:5986 refused the sign-in of DOMAIN-2\\USER-1 with negotiate"
    ),
    "the application lacks DeviceManagementConfiguration.Read.All for /deviceManagement/configurationPolicies": (
        "the application lacks DeviceManagementConfiguration.Read.All for /deviceManagement/configurationPolicies"
    ),
    "Entra ID refused the sign-in (AADSTS700016): 'Zebulon Quimby'": (
        "Entra ID refused the sign-in (AADSTS700016): 'TEXT-1'"
    ),
    "SELECT Name FROM SMS_Collection WHERE Name = 'all  windows-servers'": (
        "SELECT Name FROM SMS_Collection WHERE Name = 'COLL-1'"
    ),
    "SELECT Name FROM SMS_Collection": "SELECT Name FROM SMS_Collection",
    "CollectionID = 'P0100021' OR CollectionID = 'P0100099'": "CollectionID = 'Z0100001' OR CollectionID = 'Z0100002'",
    "HTTP 403, 0x80070005": "HTTP 403, 0x80070005",
    "10.0.0.5 and [fe80::1] and jane@fabrikam.com": "198.18.0.1 and [2001:db8::1] and user-1@domain-1.example",
}


@pytest.fixture
def telling() -> tuple[Telling, Aliases]:
    aliases = Aliases()
    known = {name: shaped(aliases, name, category) for name, category in KNOWN.items()}
    return Telling(aliases, known, SENTENCES), aliases


@pytest.mark.parametrize("text", SENTENCES)
def test_what_stays_of_a_sentence(telling: tuple[Telling, Aliases], text: str) -> None:
    teller, aliases = telling
    assert aliases.settle(teller.told(text)) == SENTENCES[text]


def test_a_question_is_told_decoded(telling: tuple[Telling, Aliases]) -> None:
    teller, aliases = telling
    said = aliases.settle(teller.asked("GET /v1.0/groups?$filter=displayName%20eq%20'Zebulon%20%26%20Sons'"))
    assert said == "GET /v1.0/groups?$filter=displayName eq 'TEXT-1'"


def test_a_text_without_end_is_one_alias(telling: tuple[Telling, Aliases]) -> None:
    teller, aliases = telling
    assert aliases.settle(teller.told("the server " * 500_000)) == "TEXT-1"
