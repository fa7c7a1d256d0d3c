"""Waivers and attestations: two persons, one subject, an end, and a check that exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness.config import Configuration, validate_checks
from readiness.errors import ConfigurationError
from readiness.model.words import Phase

Load = Callable[..., Configuration]
Refusal = Callable[..., str]

WAIVER = """\
[[waiver]]
check = "site-version-supported"
requested_by = "Ann"
reason = "Upgrade is CHG0031400"
approved_by = "Bob"
expires = 2026-12-31
"""

ATTESTATION = """\
[[attestation]]
check = "collections-enabled"
statement = "Cloud Sync tab: box ticked"
by = "Ann"
on = 2026-11-23
expires = 2026-12-07
"""

KNOWN = {
    "site-reachable": Phase.CONNECTION,
    "site-version-supported": Phase.SITE,
    "site-known-defects": Phase.SITE,
    "tenant-matches": Phase.ATTACH,
    "collections-enabled": Phase.COLLECTIONS,
}


@pytest.mark.parametrize("key", ["check", "requested_by", "reason", "approved_by", "expires"])
def test_waiver_keys_that_are_required(refused: Refusal, key: str) -> None:
    """The second of two waivers lacks it; the line is where the second begins."""
    lacking = "".join(line for line in WAIVER.splitlines(keepends=True) if not line.startswith(key))
    message = f"readiness.toml, line 8: [[waiver]] {key}: missing; it is required"
    assert refused(WAIVER + "\n" + lacking) == message


@pytest.mark.parametrize("key", ["check", "statement", "by", "on", "expires"])
def test_attestation_keys_that_are_required(refused: Refusal, key: str) -> None:
    """As for waivers."""
    lacking = "".join(line for line in ATTESTATION.splitlines(keepends=True) if not line.startswith(f"{key} "))
    assert refused(lacking) == f"readiness.toml, line 1: [[attestation]] {key}: missing; it is required"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Bob"', '"ANN"', "line 5: [[waiver]] approved_by: is who requested it; another person must approve a waiver"),
        (
            "2026-12-31",
            '"2026-12-31"',
            "line 6: [[waiver]] expires: expected a date such as 2026-12-31, without quotes, found text",
        ),
        (
            "2026-12-31",
            "2026-12-31T10:00:00Z",
            "line 6: [[waiver]] expires: expected a date without a time: write 2026-12-31",
        ),
        (
            "[[waiver]]\n",
            '[[waiver]]\nsite = "P01"\ncollection = "A"\n',
            "line 2: [[waiver]] site: only one of collection, site and administrator can be named, and collection is",
        ),
        ("requested_by", "requestedby", "line 3: [[waiver]] requestedby: unknown key; did you mean requested_by?"),
    ],
)
def test_waiver_rules(refused: Refusal, old: str, new: str, message: str) -> None:
    """Who, until when, and for what."""
    assert f"readiness.toml, {message}" in refused(WAIVER.replace(old, new)).split("\n")


def test_attestation_does_not_end_before_it_was_made(refused: Refusal) -> None:
    """The other way round is a slip."""
    assert refused(ATTESTATION.replace("2026-12-07", "2026-11-07")) == (
        "readiness.toml, line 6: [[attestation]] expires: is before the day it was made (on)"
    )


def test_same_waiver_twice(refused: Refusal, loaded: Load) -> None:
    """A copy is a slip; a renewal with another end is not."""
    assert refused(WAIVER + WAIVER) == "readiness.toml, line 7: [[waiver]]: the same waiver is written twice; keep one"
    assert len(loaded(WAIVER + WAIVER.replace("2026", "2027")).judging.waivers) == 2


def test_checks_that_exist_are_fine(loaded: Load) -> None:
    """Ids, and globs that match something."""
    scan = '[scan]\ncheck = ["site-*"]\nskip = ["tenant-matches"]\n'
    validate_checks(loaded(WAIVER + ATTESTATION + scan), KNOWN)


def test_checks_that_do_not_exist_name_the_nearest(loaded: Load, folder: object) -> None:
    """In waivers, attestations and the selection."""
    text = (
        WAIVER.replace("supported", "suported")
        + ATTESTATION.replace("collections-enabled", "zzz")
        + '[scan]\ncheck = ["site-*", "sight-known-defects"]\nskip = ["x*"]\n'
    )
    with pytest.raises(ConfigurationError) as caught:
        validate_checks(loaded(text), KNOWN)
    assert caught.value.diagnostics().replace(f"{folder}/", "").split("\n") == [
        "readiness.toml, line 2: [[waiver]] check: "
        'there is no check "site-version-suported"; did you mean "site-version-supported"?',
        'readiness.toml, line 8: [[attestation]] check: there is no check "zzz"; `readiness checks` lists them',
        "readiness.toml, line 14: [scan] check: "
        'there is no check "sight-known-defects"; did you mean "site-known-defects"?',
        'readiness.toml, line 15: [scan] skip: there is no check "x*"; `readiness checks` lists them',
    ]


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("site-reachable", "without the connection nothing is known"),
        ("tenant-matches", "the readings would be of another tenant"),
    ],
)
def test_checks_that_are_never_waived(loaded: Load, folder: object, check: str, why: str) -> None:
    """The connection phase, and the identity of the tenant."""
    with pytest.raises(ConfigurationError) as caught:
        validate_checks(loaded(WAIVER.replace("site-version-supported", check)), KNOWN)
    assert str(caught.value) == f'{folder}/readiness.toml, line 2: [[waiver]] check: "{check}" cannot be waived: {why}'
