"""What people get wrong, through the whole program: each a clear line and the right exit code, none a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]
SERVERS, PILOT = "P0100021", "P0100022"
TARGETS = 'collections = ["P0100021", "Pilot - Workstations EDR"]'
ADMINISTRATORS = 'administrators = ["admin@contoso.com"]'
TWINS = """
base = "ready"
[change.wmi.SMS_Collection.P0100023]
Name = "pilot - workstations EDR"
"""


def scan(program: Program, estate: Estate, *options: str) -> Ran:
    given = ("scan", "--config", str(estate.config), "--json", "--format", "none", *options)
    return program(*given, variables=estate.secrets)


def with_more(estate: Estate, text: str) -> Estate:
    """The estate with these sections at the end of its configuration."""
    estate.config.write_text(f"{estate.config.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    return estate


def waiver(check: str, **changed: str | None) -> str:
    keys = {"requested_by": '"Ann"', "reason": '"r"', "approved_by": '"Ben"', "ticket": '"T"', "expires": "2099-01-01"}
    return _overlay("waiver", check, {**keys, **changed})


def attestation(check: str, **changed: str | None) -> str:
    keys = {"statement": '"ticked"', "by": '"Ann"', "on": "2026-11-01", "expires": "2099-01-01"}
    return _overlay("attestation", check, {**keys, **changed})


def _overlay(kind: str, check: str, keys: dict[str, str | None]) -> str:
    lines = [f"{key} = {value}" for key, value in keys.items() if value is not None]
    return "\n".join([f"[[{kind}]]", f'check = "{check}"', *lines])


def overlays(ran: Ran) -> list[tuple[str, str | None, str]]:
    return [(one["kind"], one["subject"], one["state"]) for one in ran.report["overlays"]]


def subjects(ran: Ran, check: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in ran.check(check)["subjects"]}


# Targets.


def test_a_target_that_matches_nothing(program: Program, estate: Serve) -> None:
    ran = scan(program, estate("ready"), "--collection", "Nothing*")
    assert ran.code == 3
    assert subjects(ran, "collections-exist")["Nothing*"]["summary"] == (
        "Nothing*: there is no such collection; the account sees every one"
    )
    assert ran.check("collections-enabled")["blocked_by"] == ["collections-exist"]


def test_a_target_that_matches_two_things(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(toml=TWINS))
    assert ran.code == 5
    exist = subjects(ran, "collections-exist")["Pilot - Workstations EDR"]
    assert (exist["outcome"], exist["reason"]) == ("unknown", "contradicting")
    assert "name the id" in exist["summary"]
    assert "P0100023" in exist["summary"]
    assert "by its id" in ran.check("collections-exist")["remediation"]["steps"][0]["text"]
    assert [one["state"] for one in ran.report["collections"]] == ["ready", "undetermined"]
    assert ran.report["decision"]["sentence"].endswith("not settled: Pilot - Workstations EDR.")


def test_a_target_that_is_a_collection_of_users(program: Program, estate: Serve) -> None:
    ran = scan(program, estate("ready"), "--collection", "all users")
    assert ran.code == 3
    exist = subjects(ran, "collections-exist")["SMS00002"]
    assert exist["outcome"] == "fail"
    assert "device collections only" in exist["summary"]
    assert subjects(ran, "collections-enabled")["SMS00002"]["outcome"] == "blocked"


def test_a_target_that_is_named_twice_in_another_case_or_by_a_glob_is_one(program: Program, estate: Serve) -> None:
    names = ("p0100021", SERVERS, "ALL WINDOWS SERVERS - EDR", "P01*21", "*servers - edr")
    ran = scan(program, estate("ready"), *(part for name in names for part in ("--collection", name)))
    assert ran.code == 0
    assert [one["id"] for one in ran.report["collections"]] == [SERVERS]
    assert ran.check("collections-enabled")["summary"].startswith("The one collection of the roll-out is available")


def test_no_target_at_all_is_never_ready_and_says_what_could_be_chosen(program: Program, estate: Serve) -> None:
    served = estate("ready")
    served.rewrite(TARGETS, "collections = []")
    ran = scan(program, served)
    assert ran.code == 5
    phase = [check for check in ran.report["checks"] if check["phase"] == "collections"]
    assert {(check["outcome"], check["reason"]) for check in phase} == {("unknown", "no-target")}
    assert len(phase) == 4
    assert all("could be chosen: All Windows Servers - EDR (P0100021)" in check["summary"] for check in phase)
    assert all("enabled, as far as it shows" in check["summary"] for check in phase)
    assert ran.check("policy-kind-matches-devices")["reason"] == "no-target"


@pytest.mark.parametrize(("name", "words"), [("", "is empty"), (" P0100021", "space"), ("P01\t1", "control character")])
def test_a_target_that_no_collection_can_have_is_a_usage_error(
    program: Program, estate: Serve, name: str, words: str
) -> None:
    ran = scan(program, estate("ready"), "--collection", name)
    assert ran.code == 2
    assert "--collection" in ran.err
    assert words in ran.err


# Administrators.


@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [
        ("nobody@contoso.com", "fail", "nobody@contoso.com: there is no such account in the tenant"),
        ("nobody", "fail", "name the person by the sign-in name (user@domain)"),
        ("eve@partner.example", "manual", "look at the partner relationship"),
    ],
)
def test_an_administrator_that_does_not_exist(
    program: Program, estate: Serve, name: str, outcome: str, words: str
) -> None:
    served = estate("not-attached")
    served.rewrite(ADMINISTRATORS, f'administrators = ["{name}"]')
    ran = scan(program, served)
    assert ran.code == 3
    check = ran.check("global-administrator")
    assert check["outcome"] == outcome
    assert words in check["summary"]


def test_one_administrator_who_exists_is_enough(program: Program, estate: Serve) -> None:
    served = estate("not-attached")
    served.rewrite(ADMINISTRATORS, 'administrators = ["nobody@contoso.com", "ADMIN@contoso.com", "admin@contoso.com"]')
    ran = scan(program, served)
    assert ran.check("global-administrator")["outcome"] == "pass"
    found = subjects(ran, "global-administrator")
    assert {name: one["outcome"] for name, one in found.items()} == {
        "nobody@contoso.com": "fail",
        "ADMIN@contoso.com": "pass",
    }


def test_any_of_is_answered_by_an_attestation_of_one(program: Program, estate: Serve) -> None:
    served = estate("not-attached")
    served.rewrite(ADMINISTRATORS, 'administrators = ["eve@partner.example", "kim@partner.example"]')
    said = attestation("global-administrator", administrator='"Eve@partner.example"')
    ran = scan(program, with_more(served, said))
    check = ran.check("global-administrator")
    assert check["outcome"] == "manual"
    assert check["attestation"]["by"] == "Ann"
    assert [bool(one["attestation"]) for one in check["subjects"]] == [True, False]
    assert overlays(ran) == [("attestation", "Eve@partner.example", "applied")]
    assert not any("global-administrator" in reason for one in ran.report["collections"] for reason in one["reasons"])


# The mask.


def test_a_mask_that_no_collection_shows(program: Program, estate: Serve) -> None:
    """Where only the mask speaks it decides, and that it may be wrong is said; it never outweighs what else speaks."""
    served = estate("calibrate")
    served.rewrite("edr_flag_mask = 0", "edr_flag_mask = 64")
    alone = scan(program, served)
    assert alone.check("collections-enabled")["outcome"] == "fail"
    line = "no visible collection has the bits of [site] edr_flag_mask 64"
    assert all(line in one["summary"] for one in subjects(alone, "collections-enabled").values())
    assert all(any(line in reason for reason in one["reasons"]) for one in alone.report["collections"])
    assert "edr_flag_mask" in alone.check("collections-enabled")["remediation"]["steps"][0]["text"]
    against = estate("ready")
    against.rewrite("edr_flag_mask = 1", "edr_flag_mask = 64")
    ran = scan(program, against)
    assert (ran.code, ran.check("collections-enabled")["reason"]) == (5, "contradicting")
    assert line in ran.check("collections-enabled")["summary"]


# Waivers and attestations.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (waiver("collections-enable"), 'did you mean "collections-enabled"?'),
        (attestation("colections-enabled"), 'did you mean "collections-enabled"?'),
        (waiver("collections-enabled", expires=None), "expires: missing"),
        (attestation("collections-enabled", expires=None), "expires: missing"),
        (waiver("collections-enabled", approved_by='"ann"'), "approved_by"),
        (waiver("site-reachable"), "cannot be waived"),
        (waiver("tenant-matches"), "cannot be waived"),
        (waiver("collections-enabled", collection='"P0100021"', site='"P01"'), "site"),
        ('[rollout]\nstage = "finished"', '"planned", "running", "done"'),
        (
            "[change]\nwindow_start = 2026-12-01T20:00:00Z\nwindow_end = 2026-12-01T19:00:00Z",
            "is not after window_start",
        ),
    ],
)
def test_a_mistake_in_the_file_is_one_line_and_nothing_is_read(
    program: Program, estate: Serve, text: str, words: str
) -> None:
    served = with_more(estate("ready"), text)
    ran = scan(program, served)
    assert ran.code == 2
    assert ran.out == ""
    problem, last = ran.err.strip().splitlines()
    assert f"{served.config}, line " in problem
    assert words in problem
    assert last == "exit 2: usage or configuration error; nothing was read"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (waiver("collections-enabled", expires="2020-01-01"), ("waiver", None, "expired")),
        (waiver("collections-enabled", collection=f'"{SERVERS}"'), ("waiver", SERVERS, "unused")),
        (waiver("collections-enabled", collection='"P0199999"'), ("waiver", "P0199999", "unused")),
        (waiver("collections-enabled", site='"P01"'), ("waiver", "P01", "unused")),
        (attestation("collections-enabled"), ("attestation", None, "unused")),
    ],
)
def test_an_overlay_that_does_not_count_is_listed_and_changes_nothing(
    program: Program, estate: Serve, text: str, entry: tuple[str, str | None, str]
) -> None:
    ran = scan(program, with_more(estate("almost-ready"), text))
    assert (ran.code, ran.report["decision"]["sentence"]) == (3, "Not ready: 1 blocker failed.")
    assert overlays(ran) == [entry]
    assert ran.check("collections-enabled")["waiver"] is None


def test_a_waiver_of_the_failed_collection_lies_on_it_and_on_the_check(program: Program, estate: Serve) -> None:
    ran = scan(program, with_more(estate("almost-ready"), waiver("collections-enabled", collection='"p0100022"')))
    assert ran.code == 0
    assert ran.report["decision"]["sentence"].startswith("Ready with 1 waiver: ")
    assert ran.err.strip().splitlines()[-1] == "exit 0: ready"
    check = ran.check("collections-enabled")
    assert (check["outcome"], check["waiver"]["ticket"]) == ("fail", "T")
    assert [bool(one["waiver"]) for one in check["subjects"]] == [False, True]
    assert overlays(ran) == [("waiver", "p0100022", "applied")]
    assert [one["state"] for one in ran.report["collections"]] == ["ready", "ready"]


def test_a_waiver_of_a_missing_collection_lets_the_others_be_judged(program: Program, estate: Serve) -> None:
    served = with_more(estate("ready"), waiver("collections-exist", collection='"No such"'))
    ran = scan(program, served, "--collection", SERVERS, "--collection", "No such")
    assert ran.check("collections-exist")["waiver"]["ticket"] == "T"
    assert subjects(ran, "collections-enabled")[SERVERS]["outcome"] == "pass"
    assert ran.check("collections-enabled")["blocked_by"] == []
    assert (ran.code, subjects(ran, "collections-enabled")["No such"]["outcome"]) == (5, "unknown")


@pytest.mark.parametrize(
    ("said", "code", "sentence", "states"),
    [
        ((SERVERS,), 5, "Not determined with 1 attestation: ", ["ready", "undetermined"]),
        ((SERVERS, "pilot - workstations edr"), 0, "Ready with 2 attestations: ", ["ready", "ready"]),
        ((None,), 0, "Ready with 1 attestation: ", ["ready", "ready"]),
    ],
)
def test_attested_collections_count_one_by_one(
    program: Program, estate: Serve, said: tuple[str | None, ...], code: int, sentence: str, states: list[str]
) -> None:
    named = [attestation("collections-enabled", collection=None if one is None else f'"{one}"') for one in said]
    ran = scan(program, with_more(estate("calibrate"), "\n".join(named)))
    assert ran.code == code
    assert ran.report["decision"]["sentence"].startswith(sentence)
    assert [one["state"] for one in ran.report["collections"]] == states
    assert ran.check("collections-enabled")["outcome"] == "manual"
    assert {state for _, _, state in overlays(ran)} == {"applied"}


# The change, and the stage of the roll-out.


def test_the_change_header_stands_in_every_report(program: Program, estate: Serve) -> None:
    change = """[change]
ticket = "CHG0031337"
window_start = 2026-12-01T20:00:00Z
window_end = 2026-12-01T23:00:00Z
approver = "Ann <b>"
"""
    served = with_more(estate("ready"), change)
    ran = scan(program, served)
    assert ran.code == 0
    assert ran.report["change"] == {
        "ticket": "CHG0031337",
        "window_start": "2026-12-01T20:00:00Z",
        "window_end": "2026-12-01T23:00:00Z",
        "approver": "Ann <b>",
    }


@pytest.mark.parametrize("stage", ["planned", "running", "done"])
def test_a_healthy_estate_is_ready_at_every_stage(program: Program, estate: Serve, stage: str) -> None:
    ran = scan(program, with_more(estate("ready"), f'[rollout]\nstage = "{stage}"'))
    assert ran.code == 0
    policy = {one["id"]: one["outcome"] for one in ran.report["checks"] if one["phase"] == "policy"}
    assert policy.pop("single-onboarding-channel") == "manual"  # a Read-only Analyst may not see every policy
    assert set(policy.values()) == {"pass"}


def test_a_policy_that_goes_to_collections_the_tenant_does_not_list_proves_nothing(
    program: Program, estate: Serve
) -> None:
    """In this estate the tenant lists no collection, and the policy names one by the tenant's id."""
    ran = scan(program, with_more(estate("calibrate"), '[rollout]\nstage = "done"'))
    check = ran.check("policy-kind-matches-devices")
    assert (check["outcome"], check["reason"]) == ("unknown", "not-visible")
    assert ran.code == 5
