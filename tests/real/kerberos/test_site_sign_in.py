"""The whole program signs in to a site of a Kerberos realm, over both transports, in every way that there is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conftest import Estate, Program, Ran
from tests.real.kerberos.acceptor import Acceptor
from tests.real.kerberos.conftest import Serve
from tests.real.kerberos.realm import ACCOUNT, PASSWORD, Realm

pytestmark = pytest.mark.real

WAYS = [("winrm", "https"), ("winrm", "http"), ("adminservice", "https")]
PROOF = {"READINESS_SITE_USERNAME": ACCOUNT, "READINESS_SITE_PASSWORD": PASSWORD}
TICKET = {"READINESS_SITE_USERNAME": None}


def scan(program: Program, estate: Estate, auth: str, site: Mapping[str, str | None]) -> Ran:
    """A whole scan, signed in to the site in this way; a variable that is None takes the key out of the file."""
    for name in [name for name, value in site.items() if value is None]:
        key = name.removeprefix("READINESS_SITE_").lower()
        estate.rewrite(f"\n{key} = ", f"\n# {key} = ")
    variables = {name: value for name, value in site.items() if value is not None}
    given = ("scan", "--config", str(estate.config), "--json", "--format", "none", "--timeout", "30")
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
