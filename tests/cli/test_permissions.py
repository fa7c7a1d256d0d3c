"""`readiness permissions`: what a scan asks, and the least rights that it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.assessment import needed_facts
from readiness.composition import all_checks
from readiness.model.injection import facts
from readiness.model.settings import JudgingSettings, Scope
from readiness.sources.configmgr.readers import READERS as SITE_READERS
from readiness.sources.graph.readers import READERS as GRAPH_READERS
from readiness.sources.reader import Call, Reader
from tests import calls
from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]

READERS: list[Reader[Any, Any]] = [*SITE_READERS, *GRAPH_READERS]
DECLARED = [call for reader in READERS for call in reader.calls]
NEEDED = needed_facts(all_checks(), JudgingSettings(Scope(collections=("P0100021",))))
"""A scan reads what checks ask for, and nothing else."""


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_full_scan_makes_the_calls_that_are_declared_and_no_others(
    transport: str, program: Program, estate: Serve
) -> None:
    served = estate("ready", transport=transport)
    program("scan", "--config", str(served.config), "--format", "none", variables=served.secrets)
    asked = calls.made(served.lab.requests)
    assert calls.undeclared(asked, DECLARED) == set()
    needed = [call for reader in READERS if reader.fact in NEEDED for call in reader.calls]
    assert calls.unasked(asked, needed) == set()


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_the_list_holds_the_calls_of_a_recorded_full_scan(program: Program, estate: Serve, transport: str) -> None:
    """Nothing is asked that is not listed, and what is listed for every estate is asked."""
    served = estate("ready", transport=transport)
    config = ("--config", str(served.config))
    listed = program("permissions", "--json", *config, variables=served.secrets).report["calls"]
    assert not served.lab.requests
    program("scan", "--format", "none", *config)
    asked = calls.made(served.lab.requests)
    told = [Call(call["name"], tuple(call["rights"]), call["when"]) for call in listed]
    assert calls.undeclared(asked, told) == set()
    assert calls.unasked(asked, told) == set()


def test_without_a_configuration_both_halves_are_listed(program: Program) -> None:
    ran = program("permissions")
    assert (ran.code, ran.err) == (0, "")
    for words in ("The tenant", "The site", "Remote Management Users", "delegated ", "application "):
        assert words in ran.out
    told = program("permissions", "--json").report
    assert told["halves"] == ["tenant", "site"]
    assert [check["id"] for check in told["checks"]] == [check.id for check in all_checks()]
    assert all(check["rights"] for check in told["checks"] if reads_something(check["id"]))


def reads_something(name: str) -> bool:
    check = next(check for check in all_checks() if check.id == name)
    return any(fact in {reader.fact for reader in READERS} for fact in facts(check))


@pytest.mark.parametrize(
    ("text", "halves", "absent"),
    [
        ('[site]\nserver = "cm01"\n', ["site"], "Graph "),
        ('[tenant]\nid = "contoso.com"\nclient_id = "00000000-0000-0000-0000-000000000001"\n', ["tenant"], "SMS_"),
    ],
)
def test_a_half_that_is_not_configured_needs_nothing(
    program: Program, text: str, halves: list[str], absent: str
) -> None:
    Path("readiness.toml").write_text(text, encoding="utf-8")
    told = program("permissions", "--json").report
    assert told["halves"] == halves
    assert {right["half"] for right in told["rights"]} == set(halves)
    assert not [call for call in told["calls"] if absent in call["name"]]


def test_an_application_is_granted_by_its_ids_and_a_person_by_others(program: Program) -> None:
    base = '[tenant]\nid = "contoso.com"\nclient_id = "00000000-0000-0000-0000-000000000001"\n'
    found = {}
    for auth in ("client-secret", "device-code"):
        Path("readiness.toml").write_text(f'{base}auth = "{auth}"\n', encoding="utf-8")
        told = program("permissions", "--json", "--check", "defender-connected").report
        found[auth] = next(right for right in told["rights"] if right["name"].startswith("DeviceManagementServiceC"))
    application, person = found["client-secret"], found["device-code"]
    assert application["application"] == {"id": "06a5fe6d-c49d-46a7-b082-56b1b14103c7", "admin_consent": True}
    assert application["delegated"] is None
    assert person["delegated"] == {"id": "8696daa5-bce5-4b2e-83f9-51b6defc4e1e", "admin_consent": True}
    assert person["application"] is None
    assert "Intune role" in program("permissions", "--check", "defender-connected").out


def test_a_selection_needs_what_its_checks_read(program: Program) -> None:
    told = program("permissions", "--json", "--check", "tenant-reachable").report
    assert [check["id"] for check in told["checks"]] == ["tenant-reachable"]
    assert [right["name"] for right in told["rights"] if right["half"] == "tenant"] == ["Organization.Read.All"]


def test_every_line_fits_and_is_plain(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (60, 80, 140):
        monkeypatch.setenv("COLUMNS", str(width))
        out = program("permissions").out
        assert all(line.isprintable() for line in out.split("\n"))
        assert max(len(line) for line in out.split("\n")) <= width


# From here on the rights are tested on an estate.


def standings(told: dict[str, Any]) -> dict[str, str]:
    return {right["name"]: right["standing"] for right in told["rights"]}


def tried(program: Program, served: Estate, *arguments: str, **secrets: str) -> Ran:
    config = ("--config", str(served.config))
    return program("permissions", "--test", *config, *arguments, variables={**served.secrets, **secrets})


def last_line(ran: Ran) -> str:
    return ran.err.strip().splitlines()[-1]


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_accounts_with_every_right_are_exit_0(program: Program, estate: Serve, transport: str) -> None:
    served = estate("ready", transport=transport)
    ran = tried(program, served, "--json")
    assert ran.code == 0
    assert last_line(ran).startswith("exit 0: ")
    assert set(standings(ran.report).values()) <= {"held", "not-used"}
    assert ("Remote Management Users or Administrators" in standings(ran.report)) is (transport == "winrm")
    assert "held" in tried(program, served).out


TENANT = 'base = "ready"\n[tenant]\npermissions = [{}]\n'


def test_an_application_without_permissions_lacks_each_by_name(program: Program, estate: Serve) -> None:
    served = estate(toml=TENANT.format('"User.ReadBasic.All"'))
    ran = tried(program, served)
    assert ran.code == 5
    assert last_line(ran).startswith("exit 5: ")
    told = tried(program, served, "--json").report
    assert standings(told)["DeviceManagementConfiguration.Read.All"] == "missing"
    assert standings(told)["SMS Admins"] == "held"
    assert "missing" in ran.out
    assert "API permissions" in " ".join(ran.out.split())


def test_a_wider_permission_is_recognised(program: Program, estate: Serve) -> None:
    """Held is what answers, whatever the permission is called."""
    permissions = [right["name"] for right in program("permissions", "--json").report["rights"]]
    wide = [name.replace(".Read.", ".ReadWrite.") for name in permissions if ".Read" in name]
    served = estate(toml=TENANT.format(", ".join(f'"{name}"' for name in [*wide, "User.ReadBasic.All"])))
    ran = tried(program, served, "--json")
    assert ran.code == 0, ran.out
    assert "missing" not in standings(ran.report).values()


def test_an_account_that_sees_little_of_the_site_is_told_its_role(program: Program, estate: Serve) -> None:
    ran = tried(program, estate("rights-limited"), "--json")
    assert ran.code == 5
    found = next(right for right in ran.report["rights"] if right["name"] == "Read-only Analyst, scope All")
    assert found["standing"] == "missing"
    assert "Collection readers" in found["words"]
    assert found["where"] == "Administration > Security > Administrative Users"


def test_a_sign_in_that_fails_tells_nothing_of_the_rights(program: Program, estate: Serve) -> None:
    served = estate("ready")
    ran = tried(program, served, "--json", READINESS_CLIENT_SECRET="wr0ng", READINESS_SITE_PASSWORD="wr0ng")
    assert ran.code == 5
    assert set(standings(ran.report).values()) <= {"not-told", "not-used"}
    assert {right["reason"] for right in ran.report["rights"]} <= {"sign-in-failed", None}
    assert {standings(ran.report)[name] for name in ("SMS Admins", "Read-only Analyst, scope All")} == {"not-told"}
    assert "wr0ng" not in ran.out + ran.err


def test_a_secret_that_is_not_set_is_exit_2_and_nothing_is_read(program: Program, estate: Serve) -> None:
    served = estate("ready")
    ran = program("permissions", "--test", "--config", str(served.config))
    assert ran.code == 2
    assert "READINESS_" in ran.err
    assert not served.lab.requests


def test_there_is_nothing_to_test_without_a_configuration(program: Program) -> None:
    ran = program("permissions", "--test")
    assert ran.code == 2
    assert "readiness.toml" in ran.err
    assert last_line(ran).startswith("exit 2: ")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Graph v1.0 /organization", "Graph v1.0 /organization"),
        ("Graph beta /deviceManagement/intents/{id}/settings", "Graph beta /deviceManagement/intents/5-a/settings"),
        ("Graph v1.0 /a/find(name={name})", "Graph v1.0 /a/find(name='x')"),
        ("SMS_Admin(AdminID)", "SMS_Admin(AdminID)"),
    ],
)
def test_a_template_stands_for_the_calls_of_its_form(name: str, asked: str) -> None:
    assert Call(name).matches(asked)
    assert not Call(name).matches(f"{asked}/more")
    assert not Call(name).matches(asked[:-1] + "/")


def test_one_cause_is_told_once(program: Program, estate: Serve) -> None:
    """A refused sign-in leaves every right of a half untold, and is the same for each."""
    served = estate("ready")
    ran = tried(program, served, READINESS_SITE_PASSWORD="wrong")
    assert ran.code == 5
    assert " ".join(ran.out.split()).count("refused the sign-in") == 1
    assert "the same as for Read-only Analyst, scope All" in " ".join(ran.out.split())


def test_a_managed_identity_is_sent_to_no_page_that_it_does_not_have(program: Program, tmp_path: Path) -> None:
    """It has no application registration: the permissions are granted by an app role assignment."""
    file = tmp_path / "readiness.toml"
    file.write_text('[tenant]\nid = "contoso.com"\nauth = "managed-identity"\n', encoding="utf-8")
    told = program("permissions", "--json", "--config", str(file)).report
    assert told["rights"]
    for right in told["rights"]:
        assert "New-MgServicePrincipalAppRoleAssignment" in right["where"]
        assert "App registrations" not in right["where"]
