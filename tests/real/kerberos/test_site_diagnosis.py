"""What goes wrong with Kerberos, done for real: the reason, the cause, who must mend it; what it costs the account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from readiness.sources.configmgr import causes
from readiness.sources.configmgr.causes import Cause
from tests.conftest import Program, Ran
from tests.real.kerberos.acceptor import Acceptor
from tests.real.kerberos.conftest import Serve
from tests.real.kerberos.realm import ACCOUNT, PASSWORD, REALM, USER, Realm, client_settings
from tests.real.kerberos.refusing import answering, error_token
from tests.real.kerberos.test_site_sign_in import PROOF, TICKET, scan
from tests.real.kerberos.tickets import ahead, expired

pytestmark = pytest.mark.real

TRANSPORTS = pytest.mark.parametrize("transport", ["winrm", "adminservice"])
WRONG = "wr0ng-Pa55w0rd"


def account(user: str, password: str = PASSWORD) -> Mapping[str, str]:
    return {"READINESS_SITE_USERNAME": user, "READINESS_SITE_PASSWORD": password}


def diagnosed(ran: Ran, cause: Cause, server: str = "localhost") -> str:
    """The half is unknown for this cause; returns the sentence, in which no password is."""
    found = ran.check("site-reachable")
    assert (found["outcome"], found["reason"]) == ("unknown", cause.reason.value), found["summary"]
    assert cause.told(server) in found["summary"]
    assert not any(word in ran.out + ran.err for word in (WRONG, PASSWORD))
    assert ran.check("site-version-minimum")["blocked_by"] == ["site-reachable"]
    assert ran.check("defender-connected")["outcome"] == "pass"
    return str(found["summary"])


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
@TRANSPORTS
def test_a_wrong_password_is_one_failed_logon(
    program: Program, estate: Serve, realm: Realm, transport: str, auth: str
) -> None:
    """By the count of the realm and by that of the server: Negotiate does not try it again with NTLM."""
    failed, door = realm.failed_logons(), Acceptor()
    served = estate("ready", transport=transport, accept=door)
    diagnosed(scan(program, served, auth, account(ACCOUNT, WRONG)), causes.WRONG_PASSWORD)
    assert (realm.failed_logons() - failed, len(door.made)) == (1, 0)


@TRANSPORTS
def test_a_wrong_key_is_one_failed_logon(program: Program, estate: Serve, realm: Realm, transport: str) -> None:
    """The keytab is from before a change of the password."""
    old = realm.folder / f"old-{transport}.keytab"
    user = f"renewed-{transport}"
    realm.administer(f"addprinc -pw {WRONG} +requires_preauth {user}", f"ktadd -norandkey -k {old} {user}")
    realm.administer(f"cpw -pw {PASSWORD} {user}")
    served = estate("ready", transport=transport, accept=Acceptor())
    served.rewrite("[site]", f'[site]\nkeytab = "{old}"')
    ran = scan(program, served, "negotiate", {"READINESS_SITE_USERNAME": f"{user}@{REALM}"})
    diagnosed(ran, causes.WRONG_KEY)
    assert realm.failed_logons(user) == 1


def test_a_keytab_of_somebody_else(program: Program, estate: Serve, realm: Realm) -> None:
    served = estate("ready", accept=Acceptor())
    served.rewrite("[site]", f'[site]\nkeytab = "{realm.keytab}"')
    ran = scan(program, served, "kerberos", {"READINESS_SITE_USERNAME": f"stale@{REALM}"})
    diagnosed(ran, causes.BAD_KEYTAB)


@pytest.mark.parametrize(
    ("user", "cause"),
    [("disabled", causes.LOCKED), ("gone", causes.EXPIRED_ACCOUNT), ("stale", causes.EXPIRED_PASSWORD)],
)
@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_an_account_that_may_not_log_on(
    program: Program, estate: Serve, realm: Realm, user: str, cause: Cause, auth: str
) -> None:
    """It is final: NTLM would only count against the account."""
    door = Acceptor()
    served = estate("ready", accept=door)
    diagnosed(scan(program, served, auth, account(f"{user}@{REALM}")), cause)
    assert (door.made, realm.failed_logons(user)) == ([], 0)


def test_an_account_that_locked(program: Program, estate: Serve, realm: Realm) -> None:
    """Two wrong passwords lock it; then the right one is refused, too, and told apart from a wrong one."""
    served = estate("ready", accept=Acceptor())
    for _ in range(2):
        diagnosed(scan(program, served, "kerberos", account(f"locked@{REALM}", WRONG)), causes.WRONG_PASSWORD)
    diagnosed(scan(program, served, "kerberos", account(f"locked@{REALM}")), causes.LOCKED)
    assert realm.failed_logons("locked") == 2


@pytest.mark.parametrize(
    ("user", "server", "cause"),
    [
        (f"nobody@{REALM}", "localhost", causes.UNKNOWN_USER),
        (f"{USER}@NOWHERE.TEST", "localhost", causes.UNKNOWN_REALM),
        (rf"FABRIKAM\{USER}", "localhost", causes.NO_REALM),
        (ACCOUNT, "127.0.0.1", causes.ADDRESS),
    ],
)
@pytest.mark.usefixtures("realm")
@TRANSPORTS
def test_a_name_that_kerberos_does_not_know(
    program: Program, estate: Serve, user: str, server: str, cause: Cause, transport: str
) -> None:
    """With negotiate NTLM is tried next, as for an account of the machine itself; what Kerberos said is not lost."""
    names = {**account(user), "READINESS_SITE_SERVER": server}
    door = Acceptor()
    served = estate("ready", transport=transport, accept=door)
    diagnosed(scan(program, served, "kerberos", names), cause, server)
    assert door.made == []
    said = scan(program, served, "negotiate", names).check("site-reachable")
    assert said["reason"] == "sign-in-failed"
    assert f"Kerberos was not used: {cause.what}".replace("{server}", server) in said["summary"]
    assert [one.protocol for one in door.made] == ["ntlm"]


def test_a_service_that_is_not_registered(program: Program, estate: Serve, realm: Realm) -> None:
    """The advice names the service as it was asked for, and the command that registers it."""
    realm.administer("delprinc -force HTTP/localhost")
    try:
        ran = scan(program, estate("ready", accept=Acceptor()), "kerberos", PROOF)
    finally:
        realm.administer("addprinc -randkey HTTP/localhost", realm.export("HTTP/localhost"))
    assert "setspn -S HTTP/localhost" in diagnosed(ran, causes.NO_SPN)


def test_a_service_whose_key_was_changed(program: Program, estate: Serve, realm: Realm) -> None:
    """As when the name is registered for another account: the server cannot read the ticket, and says so."""
    realm.administer("cpw -randkey HTTP/localhost")
    try:
        ran = scan(program, estate("ready", accept=Acceptor()), "kerberos", PROOF)
    finally:
        realm.administer(realm.export("HTTP/localhost"))
    assert "setspn -Q HTTP/localhost" in diagnosed(ran, causes.OTHER_SPN)


@pytest.mark.parametrize(
    ("code", "cause"), [(41, causes.OTHER_SPN), (35, causes.OTHER_SPN), (37, causes.CLOCK), (33, causes.CLOCK)]
)
@TRANSPORTS
@pytest.mark.usefixtures("realm")
def test_what_a_server_may_say_of_a_ticket(
    program: Program, estate: Serve, transport: str, code: int, cause: Cause
) -> None:
    """In the message that Kerberos has for it, as Windows sends it."""
    served = estate("ready", transport=transport, accept=lambda _: Complaining(code))
    diagnosed(scan(program, served, "kerberos", PROOF), cause)


class Complaining:
    """An accepting side that answers every ticket with an error."""

    complete = False

    def __init__(self, code: int) -> None:
        self._code = code

    def step(self, _token: bytes) -> bytes:
        raise Complaint(self._code)


class Complaint(Exception):  # noqa: N818
    """With what GSSAPI wants the client to be told, as pyspnego's errors carry it."""

    def __init__(self, code: int) -> None:
        super().__init__("refused")
        self.base_error = self
        self.token = error_token(code)


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_no_ticket(program: Program, estate: Serve, realm: Realm, monkeypatch: pytest.MonkeyPatch, auth: str) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{realm.folder / 'nobody'}")
    served = estate("ready", accept=Acceptor())
    monkeypatch.delenv("NTLM_USER_FILE")  # of the lab, in whose process we are
    diagnosed(scan(program, served, auth, TICKET), causes.NO_TICKET)


@TRANSPORTS
def test_an_expired_ticket(
    program: Program, estate: Serve, realm: Realm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: str
) -> None:
    monkeypatch.setenv("KRB5CCNAME", expired(realm.folder / "tickets", tmp_path / "expired"))
    served = estate("ready", transport=transport, accept=Acceptor())
    diagnosed(scan(program, served, "kerberos", TICKET), causes.EXPIRED_TICKET)


@TRANSPORTS
def test_clocks_that_differ(
    program: Program, estate: Serve, realm: Realm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: str
) -> None:
    """The server finds our clock a quarter of an hour ahead, and says so in the language of Kerberos."""
    monkeypatch.setenv("KRB5CCNAME", ahead(realm.folder / "tickets", tmp_path / "ahead", 900))
    served = estate("ready", transport=transport, accept=Acceptor())
    diagnosed(scan(program, served, "kerberos", TICKET), causes.CLOCK)


Point = Callable[[str], None]


@pytest.fixture
def pointing(realm: Realm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Point:
    """Makes another address the one key distribution center of the realm."""
    assert realm.port

    def point(address: str) -> None:
        (tmp_path / "krb5.conf").write_text(client_settings(tmp_path, address), encoding="utf-8")
        monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))

    return point


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (8, causes.DOUBLE_SPN),
        (12, causes.POLICY),
        (14, causes.OLD_KEYS),
        (18, causes.LOCKED),
        (31, causes.WRONG_PASSWORD),
        (37, causes.CLOCK),
    ],
)
def test_what_a_domain_controller_may_say(
    program: Program, estate: Serve, pointing: Point, code: int, cause: Cause
) -> None:
    """Errors that a KDC of MIT cannot be made to give, in the form in which Windows gives them."""
    served = estate("ready", accept=Acceptor())
    with answering(code) as address:
        pointing(address)
        diagnosed(scan(program, served, "kerberos", PROOF), cause)


def test_no_domain_controller(program: Program, estate: Serve, pointing: Point) -> None:
    served = estate("ready", accept=Acceptor())
    pointing("127.0.0.1:9")
    diagnosed(scan(program, served, "kerberos", PROOF), causes.NO_KDC)


def test_a_silent_domain_controller_does_not_hold_up_the_scan(program: Program, estate: Serve, pointing: Point) -> None:
    """The Kerberos library waits as long as it likes, and cannot be asked to hurry; the scan does not wait for it."""
    served = estate("ready", accept=Acceptor())
    with answering(None) as address:
        pointing(address)
        started = time.monotonic()
        ran = scan(program, served, "kerberos", PROOF, seconds=1.5)
        assert time.monotonic() - started < 10
    assert ran.check("site-reachable")["reason"] == "timed-out"
    assert ran.check("defender-connected")["outcome"] == "pass"


@TRANSPORTS
@pytest.mark.usefixtures("realm")
def test_permissions_tell_the_same(program: Program, estate: Serve, transport: str) -> None:
    """`readiness permissions --test` says of each right of the site why nothing is known of it."""
    served = estate("ready", transport=transport, accept=Acceptor())
    names = {**served.secrets, "READINESS_SITE_AUTH": "kerberos", **account(f"disabled@{REALM}")}
    ran = program("permissions", "--test", "--json", "--config", str(served.config), variables=names)
    assert ran.code == 5
    assert causes.LOCKED.told("localhost") in ran.out
    assert PASSWORD not in ran.out + ran.err
