"""The table of refused sign-ins: each number once, in words that say what to do, told apart by how well it is known."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from readiness.model.words import Reason
from readiness.sources.graph import refusals as module
from readiness.sources.graph.refusals import refusals, sign_in_failure
from tests.servers.graph import Cloud, refusal
from tests.sources.graph.conftest import Reading

TABLE = tomllib.loads(Path(module.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
REASONS = {Reason.SIGN_IN_FAILED, Reason.WRONG_TARGET, Reason.MISSING_PERMISSION, Reason.THROTTLED}
FAMILIES = {
    50011: ("sign-in-failed", "adds http://localhost"),
    500113: ("sign-in-failed", "adds http://localhost"),
    50020: ("sign-in-failed", "the person has no account in this tenant"),
    50053: ("sign-in-failed", "the account is locked"),
    50055: ("sign-in-failed", "the password of the person has expired"),
    50057: ("sign-in-failed", "the account of the person is disabled; an administrator enables it"),
    50076: ("sign-in-failed", "the sign-in needs multifactor authentication"),
    50079: ("sign-in-failed", "not registered yet; the person registers it"),
    50105: ("sign-in-failed", "assign this one at Enterprise applications"),
    50196: ("throttled", "too many sign-ins"),
    53000: ("sign-in-failed", "wants a managed device"),
    53003: ("sign-in-failed", "Conditional Access blocks this sign-in"),
    530035: (
        "sign-in-failed",
        'security defaults block this sign-in, as they block device codes; sign in with auth = "i',
    ),
    65001: ("missing-permission", "nobody has consented to the application; grant admin consent"),
    90094: ("missing-permission", "only an administrator may consent"),
    70021: ("sign-in-failed", "issuer, subject and audience"),
    700211: ("sign-in-failed", "no token of this issuer"),
    700212: ("sign-in-failed", "api://AzureADTokenExchange"),
    700213: ("sign-in-failed", "and not its subject"),
    700016: ("sign-in-failed", "no application with this client id"),
    700024: ("sign-in-failed", "check the clock of this computer"),
    700027: ("sign-in-failed", "the application does not know this certificate"),
    7000215: ("sign-in-failed", "the client secret is wrong"),
    7000218: ("sign-in-failed", "allow public client flows"),
    7000222: ("sign-in-failed", "the client secret has expired"),
    90002: ("wrong-target", "this cloud knows no tenant of this name or id"),
    90038: ("wrong-target", "the tenant belongs to another cloud"),
    90055: ("throttled", "too many sign-ins"),
}


def test_every_number_stands_once() -> None:
    numbers = Counter(
        number for row in TABLE["refusal"] for known in ("documented", "reported") for number in row.get(known, ())
    )
    assert [number for number, times in numbers.items() if times > 1] == []
    assert set(numbers) == set(refusals())
    assert all(re.fullmatch(r"\d{5,7}", str(number)) for number in numbers)


@pytest.mark.parametrize("row", TABLE["refusal"], ids=lambda row: str(next(iter(row.values()))))
def test_every_row_is_a_reason_and_a_sentence(row: dict[str, object]) -> None:
    assert set(row) <= {"documented", "reported", "reason", "words"}
    assert Reason(str(row["reason"])) in REASONS
    words = str(row["words"])
    assert words.isprintable()
    assert not words.endswith(".")
    assert 40 < len(words) < 320


@pytest.mark.parametrize("number", FAMILIES)
def test_every_family_is_told_over_the_wire(number: int, cloud: Cloud, reading: Reading) -> None:
    """By real MSAL: one sign-in, one refusal, the sentence of the table."""
    reason, words = FAMILIES[number]
    cloud.token = [refusal(number, "invalid_grant", "Own words.", 400)]
    failure = reading.failure()
    assert failure.reason.value == reason
    assert f"Entra ID refused the sign-in (AADSTS{number}): " in str(failure)
    assert words in str(failure)
    assert len(cloud.sign_ins) == 1


def test_what_only_reports_say_is_told_with_entra_ids_own_words() -> None:
    own = "No matching federated identity record found. Trace ID: 1"
    assert not refusals()[700211].documented
    assert str(sign_in_failure("invalid_client", f"AADSTS700211: {own}")).endswith(
        "(Entra ID's own words: AADSTS700211: No matching federated identity record found.)"
    )
    assert "own words" not in str(sign_in_failure("invalid_client", f"AADSTS50057: {own}"))


def test_an_unknown_number_is_told_in_entra_ids_own_words() -> None:
    failure = sign_in_failure("invalid_grant", "AADSTS999999: Something new.\r\nTrace ID: 1")
    assert failure.reason is Reason.SIGN_IN_FAILED
    assert str(failure) == "Entra ID refused the sign-in: AADSTS999999: Something new."


@pytest.mark.parametrize(
    "text", ["\x1b[2J\r\nAADSTS700211: x\x00", "AADSTS700211" + "y" * 10_000, "AADSTS" + "9" * 5000]
)
def test_other_peoples_words_are_made_harmless(text: str) -> None:
    told = str(sign_in_failure("invalid_grant", text))
    assert told.isprintable()
    assert len(told) < 700
