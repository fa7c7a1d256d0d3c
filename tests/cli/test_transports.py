"""Both transports: the same checks, the same exit code; and each one's own ways to sign in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.assessment.decision import exit_code
from readiness.cli.demo import simulated_estate
from readiness.cli.finish import judge
from readiness.cli.reading import read_estate
from readiness.cli.settings import configured
from readiness.documents import report_document
from readiness.lab import scenario_names
from readiness.model.words import FailOn
from readiness.sources.configmgr.pool import WORKERS
from tests.conftest import Estate, Program, Ran

Serve = Callable[..., Estate]
TRANSPORTS = ("winrm", "adminservice")
BASE = 'base = "ready"\ntitle = "Mine."\n[site]\n'


def judged(served: Estate, now: datetime) -> tuple[int, dict[str, Any]]:
    """Exit code and report of a scan."""
    configuration = configured({"config": served.config}, {}, connecting=True)
    report = judge(configuration, read_estate(configuration, served.secrets), now)
    return exit_code(report, FailOn.BLOCKER)[0], report_document(report)


@pytest.mark.parametrize("scenario", [name for name in scenario_names() if name != "large"])  # it has only more of all
def test_every_scenario_gives_the_same_checks_over_both(scenario: str, estate: Serve) -> None:
    """Word for word: nothing in a check tells how the site was read."""
    now = datetime.now(UTC)
    (code, one), (other_code, other) = (judged(estate(scenario, transport=way, now=now), now) for way in TRANSPORTS)
    assert other["checks"] == one["checks"]
    assert (other_code, other["decision"]["state"]) == (code, one["decision"]["state"])
    assert other["collections"] == one["collections"]
    assert [reading["fact"] for reading in other["readings"]] == [reading["fact"] for reading in one["readings"]]


def scan(program: Program, served: Estate, *options: str) -> Ran:
    arguments = ("--config", str(served.config), "--json", "--format", "none", *options)
    return program("scan", *arguments, variables=served.secrets)


def reached(ran: Ran) -> bool:
    """Whether the site was read."""
    return bool(ran.check("site-reachable")["outcome"] == "pass")


def unknown(ran: Ran) -> dict[str, Any]:
    """The check of the connection to the site, which must be unknown."""
    found = ran.check("site-reachable")
    assert found["outcome"] == "unknown"
    return found


def test_the_site_is_asked_over_one_transport_only(program: Program, estate: Serve) -> None:
    for transport in TRANSPORTS:
        served = estate("ready", transport=transport)
        assert reached(scan(program, served))
        servers = {exchange.server for exchange in served.lab.requests}
        assert servers & {"wsman", "adminservice"} == {"wsman" if transport == "winrm" else "adminservice"}


def test_the_option_overrides_the_file(program: Program, estate: Serve) -> None:
    """And the port stays where one is written that is not the usual one."""
    served = estate("ready")
    served.rewrite(f"port = {served.lab.site_port}", f"port = {served.lab.adminservice_port}")
    ran = scan(program, served, "--transport", "adminservice")
    assert reached(ran)
    assert ran.report["run"]["configuration"]["site"]["transport"] == "adminservice"


def test_an_option_that_does_not_go_with_the_file_is_refused(program: Program, estate: Serve) -> None:
    served = estate("ready")
    served.rewrite('auth = "negotiate"', 'auth = "basic"')
    ran = scan(program, served, "--transport", "adminservice")
    assert ran.code == 2
    assert '--transport adminservice: [site] auth: transport "adminservice" does not take "basic"' in ran.err


def test_the_demo_can_be_read_over_the_administration_service() -> None:
    with simulated_estate("ready", "adminservice") as (file, secrets):
        configuration = configured({"config": file}, {}, connecting=True)
        assert configuration.site is not None
        assert configuration.site.transport == "adminservice"
        assert all(reading.available for reading in read_estate(configuration, secrets).readings)


def test_the_refusal_of_ntlm_is_explained(program: Program, estate: Serve) -> None:
    """From 2509 on: what to do is said, and the password is tried once for all readers."""
    served = estate(toml=f"{BASE}ntlm = false\n", transport="adminservice")
    words = unknown(scan(program, served))["summary"]
    for part in ("from release 2509 on, the administration service takes Kerberos only", "kinit", 'auth = "kerberos"'):
        assert part in words
    assert 'transport = "winrm"' in words
    site = [exchange for exchange in served.lab.requests if exchange.server == "adminservice"]
    assert [exchange.leg for exchange in site if exchange.leg] in ([], ["negotiate"])
    assert len(site) <= 2


def test_a_wrong_password_is_tried_once_for_all_readers(program: Program, estate: Serve) -> None:
    served = estate("ready", transport="adminservice")
    (served.folder / "lab.env").write_text(
        "READINESS_SITE_PASSWORD=wrong\nREADINESS_CLIENT_SECRET=x\n", encoding="utf-8"
    )
    found = unknown(scan(program, served))
    assert found["reason"] == "sign-in-failed"
    assert "administrative user of the site" in found["summary"]
    legs = [exchange.leg for exchange in served.lab.requests if exchange.server == "adminservice"]
    assert legs.count("authenticate") == 1


@pytest.mark.parametrize("scenario", ["ready"])
def test_a_healthy_site_needs_few_exchanges(scenario: str, program: Program, estate: Serve) -> None:
    """At most 20, signing in not counted."""
    for transport in TRANSPORTS:
        served = estate(scenario, transport=transport)
        assert reached(scan(program, served))
        site = [exchange for exchange in served.lab.requests if exchange.server in ("wsman", "adminservice")]
        assert len([exchange for exchange in site if exchange.summary != "sign-in"]) <= 20
        assert len({exchange.connection for exchange in site}) <= WORKERS


def test_a_client_certificate_signs_in_to_winrm(program: Program, estate: Serve) -> None:
    """No password is set, none is asked for; the account that it is mapped to is the one that reads."""
    served = estate(toml=f'{BASE}sign_in = "certificate"\n')
    (served.folder / "lab.env").write_text(
        f"READINESS_CLIENT_SECRET={served.secrets['READINESS_CLIENT_SECRET']}\n", encoding="utf-8"
    )
    assert "password" not in served.config.read_text(encoding="utf-8")
    assert (served.folder / "client.pem").stat().st_mode & 0o777 == 0o600
    ran = scan(program, served)
    assert reached(ran)
    assert "the account sees every site" in ran.check("site-reachable")["summary"]


def test_a_site_that_wants_a_certificate_lets_no_password_in(program: Program, estate: Serve) -> None:
    served = estate(toml=f'{BASE}sign_in = "certificate"\n')
    served.rewrite('auth = "certificate"', 'auth = "negotiate"')
    assert unknown(scan(program, served))["reason"] == "sign-in-failed"


def test_a_certificate_that_is_not_mapped_is_refused_in_words(program: Program, estate: Serve) -> None:
    """Of the right authority, on a site that maps none."""
    served = estate("ready")
    (served.folder / "client.pem").write_bytes(served.lab.client_pem)
    served.rewrite('auth = "negotiate"', 'auth = "certificate"\ncertificate = "client.pem"')
    found = unknown(scan(program, served))
    assert found["reason"] == "sign-in-failed"
    assert "map this one to an account" in found["summary"]


def test_a_certificate_file_that_is_none_is_a_configuration_error(program: Program, estate: Serve) -> None:
    served = estate("ready")
    served.rewrite('auth = "negotiate"', 'auth = "certificate"\ncertificate = "ca.pem"')
    ran = scan(program, served)
    assert ran.code == 2
    assert "[site] certificate" in ran.err
    assert "holds no private key" in ran.err
