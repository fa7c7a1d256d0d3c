"""The whole program signs in to a site of a Kerberos realm, over both transports, in every way that there is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import pytest

from readiness.sources.configmgr import causes
from tests.conftest import Estate, Program, Ran
from tests.real.kerberos.acceptor import BAD_BINDINGS, Acceptor
from tests.real.kerberos.conftest import Serve
from tests.real.kerberos.realm import ACCOUNT, PASSWORD, Realm

pytestmark = pytest.mark.real

WAYS = [("winrm", "https"), ("winrm", "http"), ("adminservice", "https")]
PROOF = {"READINESS_SITE_USERNAME": ACCOUNT, "READINESS_SITE_PASSWORD": PASSWORD}
TICKET = {"READINESS_SITE_USERNAME": None}


def scan(program: Program, estate: Estate, auth: str, site: Mapping[str, str | None], *, seconds: float = 30) -> Ran:
    """A whole scan, signed in to the site in this way; a variable that is None takes the key out of the file."""
    for name in [name for name, value in site.items() if value is None]:
        key = name.removeprefix("READINESS_SITE_").lower()
        estate.rewrite(f"\n{key} = ", f"\n# {key} = ")
    variables = {name: value for name, value in site.items() if value is not None}
    given = ("scan", "--config", str(estate.config), "--json", "--format", "none", "--timeout", str(seconds))
    return program(*given, variables={**estate.secrets, "READINESS_SITE_AUTH": auth, **variables})


@pytest.mark.parametrize("proof", [PROOF, TICKET], ids=["password", "ticket"])
@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
@pytest.mark.parametrize(("transport", "scheme"), WAYS)
def test_kerberos(
    program: Program,
    estate: Serve,
    realm: Realm,
    transport: str,
    scheme: str,
    auth: str,
    proof: Mapping[str, str | None],
) -> None:
    """Every connection is signed in with Kerberos, in one exchange, bound to the TLS channel where there is one."""
    failed, door = realm.failed_logons(), Acceptor("right")
    served = estate("ready", transport=transport, site_scheme=scheme, accept=door)
    ran = scan(program, served, auth, proof)
    assert (ran.code, ran.check("site-reachable")["outcome"]) == (0, "pass"), ran.err
    assert door.signed_in
    assert {(one.protocol, one.principal, one.tokens) for one in door.made} == {("kerberos", ACCOUNT, 1)}
    assert all(one.bound for one in door.made) is (scheme == "https")
    assert realm.failed_logons() == failed


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
@pytest.mark.parametrize(("transport", "scheme"), WAYS)
def test_kerberos_by_keytab(
    program: Program,
    estate: Serve,
    realm: Realm,
    monkeypatch: pytest.MonkeyPatch,
    transport: str,
    scheme: str,
    auth: str,
) -> None:
    """No password, and no ticket of anybody's; the server looks at no binding."""
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{realm.folder / 'nobody'}")
    door = Acceptor("nothing")
    served = estate("ready", transport=transport, site_scheme=scheme, accept=door)
    shutil.copy(realm.keytab, served.folder / "svc.keytab")
    served.rewrite("[site]", '[site]\nkeytab = "svc.keytab"')
    ran = scan(program, served, auth, {"READINESS_SITE_USERNAME": ACCOUNT, "READINESS_SITE_PASSWORD_ENV": None})
    assert (ran.code, ran.check("site-reachable")["outcome"]) == (0, "pass"), ran.err
    assert {(one.protocol, one.principal) for one in door.made} == {("kerberos", ACCOUNT)}


@pytest.mark.parametrize("auth", ["negotiate", "ntlm"])
@pytest.mark.parametrize(("transport", "scheme"), WAYS)
def test_ntlm(program: Program, estate: Serve, transport: str, scheme: str, auth: str) -> None:
    """Without a realm, Negotiate is NTLM; bound to the TLS channel where there is one: pyspnego's server checks it."""
    door = Acceptor("right")
    served = estate("ready", transport=transport, site_scheme=scheme, accept=door)
    ran = scan(program, served, auth, {"READINESS_SITE_USERNAME": r"CONTOSO\svc-readiness"})
    assert (ran.code, ran.check("site-reachable")["outcome"]) == (0, "pass"), ran.err
    assert {(one.protocol, one.complete) for one in door.made} == {("ntlm", True)}


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize("auth", ["kerberos", "negotiate", "ntlm"])
@pytest.mark.usefixtures("realm")
def test_a_server_that_expects_another_binding_refuses_us(
    program: Program, estate: Serve, transport: str, auth: str
) -> None:
    """So we send one, in the very first message of Kerberos; and the diagnosis names the cause, among its likes."""
    door = Acceptor("another")
    served = estate("ready", transport=transport, accept=door)
    ran = scan(program, served, auth, {} if auth == "ntlm" else PROOF)
    found = ran.check("site-reachable")
    assert (found["outcome"], found["reason"]) == ("unknown", "sign-in-failed")
    assert causes.BINDING.what in found["summary"]
    assert [(one.protocol, one.tokens) for one in door.made] == [("ntlm", 2) if auth == "ntlm" else ("kerberos", 1)]
    assert door.signed_in == []
    if auth != "ntlm":  # of NTLM, pyspnego's server says it in a way of its own
        assert [one.failure.maj_code >> 16 for one in door.made] == [BAD_BINDINGS]


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_wrong_password_over_ntlm_is_one_failed_logon(program: Program, estate: Serve, transport: str) -> None:
    door = Acceptor()
    served = estate("ready", transport=transport, accept=door)
    ran = scan(program, served, "ntlm", {"READINESS_SITE_PASSWORD": "wr0ng-Pa55w0rd"})
    assert ran.check("site-reachable")["reason"] == "sign-in-failed"
    assert [(one.protocol, one.complete) for one in door.made] == [("ntlm", False)]
    assert [one.leg for one in served.lab.requests].count("authenticate") == 1
    assert "wr0ng-Pa55w0rd" not in ran.out + ran.err
