"""An account that is let in, and may not read: the right that is missing, and who grants it, in every command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness.sources.configmgr import causes
from tests.conftest import Estate, Program

Serve = Callable[..., Estate]

NAMESPACE = 'base = "ready"\n[[fault]]\nserver = "wsman"\nclass = "*"\nhresult = 0x80041003\n'
WINRM = 'base = "ready"\n[[fault]]\nserver = "wsman"\nclass = "*"\ncode = 5\n'
SERVICE = 'base = "ready"\n[[fault]]\nserver = "adminservice"\nclass = "*"\nstatus = 403\n'
CASES = [
    ("winrm", NAMESPACE, causes.NAMESPACE_RIGHT.told("")),
    ("winrm", NAMESPACE, causes.LEVEL),
    ("winrm", WINRM, "Remote Management Users"),
    ("winrm", WINRM, "SMS Admins"),
    ("adminservice", SERVICE, causes.NOT_ADMIN.told("")),
]


@pytest.mark.parametrize(("transport", "toml", "words"), CASES)
def test_the_missing_right_is_named(program: Program, estate: Serve, transport: str, toml: str, words: str) -> None:
    served = estate(toml=toml, transport=transport)
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=served.secrets)
    found = ran.check("site-reachable")
    assert (found["outcome"], found["reason"]) == ("unknown", "access-denied")
    assert words in found["summary"]
    assert ran.check("defender-connected")["outcome"] == "pass"


@pytest.mark.parametrize(("transport", "toml", "words"), CASES)
def test_permissions_tell_the_same(program: Program, estate: Serve, transport: str, toml: str, words: str) -> None:
    """The right counts as missing, for the same words."""
    served = estate(toml=toml, transport=transport)
    ran = program("permissions", "--test", "--json", "--config", str(served.config), variables=served.secrets)
    group = next(right for right in ran.report["rights"] if right["name"] == "SMS Admins")
    assert (ran.code, group["standing"], group["reason"]) == (5, "missing", "access-denied")
    assert words in group["words"]


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_refused_sign_in_is_told_alike_by_scan_and_permissions(
    program: Program, estate: Serve, transport: str
) -> None:
    served = estate("ready", transport=transport)
    wrong = {**served.secrets, "READINESS_SITE_PASSWORD": "wr0ng-Pa55w0rd"}
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=wrong)
    said = next(one["error"] for one in ran.report["readings"] if one["fact"] == "SiteProvider")
    told = program("permissions", "--test", "--json", "--config", str(served.config), variables=wrong).report["rights"]
    assert causes.REFUSED.what in said
    assert {right["words"] for right in told if right["name"] == "SMS Admins"} == {said}


def test_basic_signs_in_over_https(program: Program, estate: Serve) -> None:
    served = estate("ready")
    basic = {**served.secrets, "READINESS_SITE_AUTH": "basic"}
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=basic)
    assert (ran.code, ran.check("site-reachable")["outcome"]) == (0, "pass")


def test_a_wrong_password_over_basic_is_one_failed_logon(program: Program, estate: Serve) -> None:
    served = estate("ready")
    basic = {**served.secrets, "READINESS_SITE_AUTH": "basic", "READINESS_SITE_PASSWORD": "wr0ng-Pa55w0rd"}
    ran = program("scan", "--config", str(served.config), "--json", "--format", "none", variables=basic)
    assert causes.NO_BASIC.what in ran.check("site-reachable")["summary"]
    assert len([one for one in served.lab.requests if one.server == "wsman"]) == 1
    assert "wr0ng-Pa55w0rd" not in ran.out + ran.err


def test_basic_never_leaves_over_http(program: Program, estate: Serve) -> None:
    served = estate("ready", site_scheme="http")
    basic = {**served.secrets, "READINESS_SITE_AUTH": "basic"}
    ran = program("scan", "--config", str(served.config), variables=basic)
    assert (ran.code, served.lab.requests) == (2, [])
