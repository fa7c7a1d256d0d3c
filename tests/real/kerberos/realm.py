"""An MIT key distribution center on loopback: a realm of its own, every file of it in one temporary folder."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REALM = "CONTOSO.TEST"
USER, PASSWORD = "svc-readiness", "Pa55-w0rd!"
ACCOUNT = f"{USER}@{REALM}"
PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
PACKAGES = (
    "needs a key distribution center and GSSAPI. On Debian: apt-get install krb5-kdc krb5-admin-server krb5-user "
    'libkrb5-dev gcc, then pip install "edr-readiness[kerberos]"'
)
_START_SECONDS = 10


def missing() -> str | None:
    """What this machine lacks; None where a realm can be had."""
    lacking = [name for name in PROGRAMS if _found(name) is None]
    for module in ("gssapi", "krb5"):
        try:
            __import__(module)
        except ImportError:
            lacking.append(f"the Python package {module}")
    return ", ".join(lacking) or None


def _found(program: str) -> str | None:
    # The servers lie where the path of an ordinary user does not lead.
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Realm:
    """The realm: principals for people who may sign in and who may not, and for the service HTTP/localhost.

    Attributes:
        environment: the variables by which GSSAPI of this process finds the realm, the service's keys and a ticket of
            `ACCOUNT`.
        keytab: of `ACCOUNT`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keytab = folder / "user.keytab"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5_KTNAME": str(folder / "service.keytab"),
            "KRB5CCNAME": f"FILE:{folder / 'tickets'}",
        }

    def start(self) -> None:
        """Make the realm and serve it. Returns once it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "krb5.conf").write_text(client_settings(self.folder, f"127.0.0.1:{self.port}"), encoding="utf-8")
        (self.folder / "kdc.conf").write_text(_server_settings(self.folder, self.port), encoding="utf-8")
        self._run("kdb5_util", "create", "-s", "-P", "master")
        self.administer(*_principals(self.folder))
        self._process = subprocess.Popen(
            [_found("krb5kdc") or "krb5kdc", "-n", "-r", REALM],
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await()
        self._run("kinit", ACCOUNT, given=f"{PASSWORD}\n")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=_START_SECONDS)

    def administer(self, *commands: str) -> str:
        """What `kadmin.local` says to these commands."""
        return self._run("kadmin.local", given="\n".join(commands) + "\n")

    def export(self, service: str) -> str:
        """The command that gives a service a new key, in the keytab that the accepting side reads."""
        return f"ktadd -k {self.environment['KRB5_KTNAME']} {service}"

    def failed_logons(self, user: str = USER) -> int:
        """Wrong passwords since the last right one, as the realm itself counts them."""
        said = self.administer(f"getprinc {user}@{REALM}")
        found = re.search(r"^Failed password attempts: (\d+)$", said, re.MULTILINE)
        assert found is not None, said
        return int(found[1])

    def _run(self, program: str, *arguments: str, given: str = "") -> str:
        command = [_found(program) or program, *arguments]
        done = subprocess.run(
            command, input=given, capture_output=True, encoding="utf-8", check=False, timeout=60, env=self._variables()
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
        return done.stdout

    def _variables(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "LC_ALL": "C"}

    def _await(self) -> None:
        ends = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError(f"the key distribution center does not answer on port {self.port}")


@contextmanager
def serving(folder: Path) -> Iterator[Realm]:
    """A realm that answers, and is gone afterwards."""
    realm = Realm(folder)
    try:
        realm.start()
        yield realm
    finally:
        realm.stop()


def client_settings(folder: Path, *servers: str, realms: Mapping[str, str] | None = None) -> str:
    """A `krb5.conf`: nothing is asked of any DNS, nothing is left anywhere but in `folder`."""
    served = {REALM: list(servers), **{name: [server] for name, server in (realms or {}).items()}}
    blocks = "".join(
        f" {name} = {{\n{''.join(f'  kdc = {server}{chr(10)}' for server in addresses)} }}\n"
        for name, addresses in served.items()
    )
    return (
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n rdns = false\n"
        " dns_canonicalize_hostname = false\n udp_preference_limit = 1\n"
        f" default_rcache_name = file2:{folder / 'replays'}\n"
        f"[realms]\n{blocks}[domain_realm]\n localhost = {REALM}\n"
    )


def _server_settings(folder: Path, port: int) -> str:
    return (
        f"[realms]\n {REALM} = {{\n  database_name = {folder / 'principal'}\n  key_stash_file = {folder / 'stash'}\n"
        f"  kdc_listen = 127.0.0.1:{port}\n  kdc_tcp_listen = 127.0.0.1:{port}\n  max_life = 1h\n }}\n"
        f"[logging]\n kdc = FILE:{folder / 'kdc.log'}\n"
    )


def _principals(folder: Path) -> Iterator[str]:
    yield "addpol -maxfailure 2 strict"
    for user, options in {
        USER: "",
        "disabled": "-allow_tix",
        "locked": "-policy strict",
        "gone": "-expire yesterday",
        "stale": "-pwexpire yesterday",
    }.items():
        yield f"addprinc {options} +requires_preauth -pw {PASSWORD} {user}"
    yield f"ktadd -norandkey -k {folder / 'user.keytab'} {USER}"
    for service in ("HTTP/localhost", "WSMAN/localhost", "host/localhost"):
        yield f"addprinc -randkey {service}"
        yield f"ktadd -k {folder / 'service.keytab'} {service}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
