"""What goes wrong at the connection: each its own sentence and reason code, and the rest of the scan goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
import trustme

from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]


def scan(program: Program, estate: Estate, *options: str, **variables: str) -> Ran:
    given = ("scan", "--config", str(estate.config), "--json", "--format", "none", "--timeout", "20", *options)
    return program(*given, variables={**estate.secrets, **variables})


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port that refuses, and that no server started meanwhile can take: bound, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def assert_half_lost(ran: Ran, check: str, reason: str, *words: str) -> None:
    """One half is unknown for this reason and in these words, its dependants are blocked, the other half is judged."""
    found = ran.check(check)
    assert (found["outcome"], found["reason"]) == ("unknown", reason), found["summary"]
    for word in words:
        assert word in found["summary"]
    other = "defender-connected" if check.startswith("site") else "site-version-minimum"
    own = "site-version-minimum" if check.startswith("site") else "defender-connected"
    assert ran.check(other)["outcome"] == "pass"
    assert (ran.check(own)["outcome"], ran.check(own)["blocked_by"]) == ("blocked", [check])
    assert (ran.code, ran.report["decision"]["state"]) == (5, "undetermined")


def test_site_unknown_name(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(), READINESS_SITE_SERVER="cm01.invalid")
    assert_half_lost(ran, "site-reachable", "unreachable", "cm01.invalid")


def test_site_refused_connection(program: Program, estate: Serve, refusing_port: int) -> None:
    ran = scan(program, estate(), READINESS_SITE_PORT=str(refusing_port))
    assert_half_lost(ran, "site-reachable", "unreachable", f"localhost:{refusing_port}", "refused")


def test_site_certificate_of_another_authority(program: Program, estate: Serve) -> None:
    served = estate()
    other = served.folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    ran = scan(program, served, READINESS_SITE_CA_BUNDLE=str(other))
    assert_half_lost(ran, "site-reachable", "unreachable", "certificate")


def test_site_wrong_password_is_tried_once(program: Program, estate: Serve) -> None:
    """Accounts lock: one attempt for the whole scan, whatever the number of readers."""
    served = estate()
    ran = scan(program, served, READINESS_SITE_PASSWORD="not-the-password")
    assert_half_lost(ran, "site-reachable", "sign-in-failed", "svc-readiness")
    assert len([exchange for exchange in served.lab.requests if exchange.leg == "authenticate"]) == 1
    assert "not-the-password" not in ran.out + ran.err


def test_wrong_site_code(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(), READINESS_SITE_SITE_CODE="X99")
    assert_half_lost(ran, "site-reachable", "wrong-target", "P01", "X99")


def test_not_a_provider(program: Program, estate: Serve) -> None:
    """A server that speaks WinRM and knows no SMS namespace, or is no provider of any site."""
    served = estate(toml='base = "ready"\n[wmi]\nSMS_ProviderLocation = []\n')
    assert_half_lost(scan(program, served), "site-reachable", "wrong-target", "no SMS Provider")


def test_child_site_names_the_site_to_use(program: Program, estate: Serve) -> None:
    served = estate(
        toml="""
base = "ready"
[[wmi.SMS_Site]]
SiteCode = "CAS"
SiteName = "Contoso Central"
ServerName = "cas01.contoso.com"
Type = 4
BuildNumber = 9146
[[wmi.SMS_Site]]
SiteCode = "P01"
SiteName = "Contoso Primary"
ServerName = "cm01.contoso.com"
Type = 2
BuildNumber = 9146
ReportingSiteCode = "CAS"
"""
    )
    ran = scan(program, served)
    found = ran.check("site-is-top-level")
    assert (found["outcome"], found["reason"]) == ("unknown", "wrong-target")
    assert "CAS (Contoso Central)" in found["summary"]
    assert "cas01.contoso.com" in found["summary"]
    assert ran.check("site-reachable")["outcome"] == "pass"
    assert ran.check("site-version-minimum")["blocked_by"] == ["site-is-top-level"]
    assert ran.check("defender-connected")["outcome"] == "pass"


def test_tenant_wrong_secret(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(), READINESS_CLIENT_SECRET="not-the-secret")
    assert_half_lost(ran, "tenant-reachable", "sign-in-failed", "AADSTS7000215")
    assert "not-the-secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("setting", "reason", "words"),
    [
        ("client_secret_expired = true", "sign-in-failed", "expired"),
        ("consent = false", "missing-permission", "consent"),
    ],
)
def test_tenant_application_in_trouble(program: Program, estate: Serve, setting: str, reason: str, words: str) -> None:
    ran = scan(program, estate(toml=f'base = "ready"\n[tenant]\n{setting}\n'))
    assert_half_lost(ran, "tenant-reachable", reason, words)


def test_wrong_tenant(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(), READINESS_TENANT_ID="fabrikam.example")
    assert_half_lost(ran, "tenant-reachable", "wrong-target", "tenant")


def test_tenant_refused_connection(program: Program, estate: Serve, refusing_port: int) -> None:
    origin = f"https://localhost:{refusing_port}"
    ran = scan(program, estate(), READINESS_TENANT_AUTHORITY=origin)
    assert_half_lost(ran, "tenant-reachable", "unreachable", "refused")


def test_a_missing_permission_is_named_with_what_it_disables(program: Program, estate: Serve) -> None:
    """The connection still passes, says what is missing and which checks that costs; nothing fails for it."""
    served = estate(toml='base = "ready"\n[tenant]\npermissions = ["Organization.Read.All"]\n')
    ran = scan(program, served)
    reachable, connected = ran.check("tenant-reachable"), ran.check("defender-connected")
    assert reachable["outcome"] == "pass"
    assert "DeviceManagementServiceConfig.Read.All" in reachable["summary"]
    assert "defender-connected" in reachable["summary"]
    assert (connected["outcome"], connected["reason"]) == ("unknown", "missing-permission")
    assert "DeviceManagementServiceConfig.Read.All" in connected["remediation"]["steps"][0]["text"]


def test_no_intune_subscription(program: Program, estate: Serve) -> None:
    ran = scan(program, estate(toml='base = "ready"\n[tenant]\nintune = false\n'))
    assert ran.check("intune-active")["outcome"] == "fail"
    assert "no subscription" in ran.check("intune-active")["summary"]
    assert ran.check("defender-connected")["blocked_by"] == ["intune-active"]


def test_throttling_is_waited_out(program: Program, estate: Serve) -> None:
    served = estate(
        toml='base = "ready"\n[[fault]]\nserver = "graph"\npath = "*"\nstatus = 429\nretry_after = 1\ntimes = 2\n'
    )
    assert scan(program, served).code == 0


def test_the_deadline_of_the_scan_leaves_a_partial_result(program: Program, estate: Serve) -> None:
    """A slow estate costs what it was given and no more; what is missing has timed out."""
    served = estate(latency_seconds=1.0)
    ran = scan(program, served, "--timeout", "0.5")
    assert ran.code == 5
    assert {ran.check("site-reachable")["reason"], ran.check("tenant-reachable")["reason"]} == {"timed-out"}


def test_nothing_is_sent_twice_and_nothing_but_reading(program: Program, estate: Serve) -> None:
    """Each class is enumerated once, and no exchange is more than reading."""
    served = estate("hotfix-missing")
    scan(program, served)
    queries = [e.summary for e in served.lab.requests if e.server == "wsman" and "SELECT" in e.summary.upper()]
    assert len(queries) == len(set(queries)) > 5
    assert {e.method for e in served.lab.requests if e.server == "graph"} <= {"GET", "POST"}
    posted = {e.path for e in served.lab.requests if e.server == "graph" and e.method == "POST"}
    report = "/beta/deviceManagement/reports/getConfigurationPolicyDevicesReport"
    assert posted == {"/v1.0/$batch", "/beta/$batch", report}
