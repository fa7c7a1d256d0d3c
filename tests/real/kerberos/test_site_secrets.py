"""Nothing secret of a keytab leaves: its key, the tickets that were got by it, the messages that were made of them."""

from __future__ import annotations

import base64
import binascii
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Estate, Program
from tests.properties.canaries import found_in
from tests.properties.counting import tried
from tests.properties.watching import Watch, scenario, watched
from tests.real.kerberos.acceptor import Acceptor
from tests.real.kerberos.conftest import Serve
from tests.real.kerberos.realm import ACCOUNT, REALM, Realm

pytestmark = pytest.mark.real


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with watched(tmp_path) as watch:
        yield watch


def keys(keytab: Path) -> Iterator[bytes]:
    """The keys in a file in the format of MIT, version 2, as its documentation has it."""
    content, at = keytab.read_bytes(), 2
    assert content[:2] == b"\x05\x02"
    while at < len(content):
        (size,) = struct.unpack_from(">i", content, at)
        entry, at = content[at + 4 : at + 4 + abs(size)], at + 4 + abs(size)
        if size > 0:
            yield _key(entry)


def _key(entry: bytes) -> bytes:
    (parts,) = struct.unpack_from(">H", entry)
    at = 2
    for _ in range(parts + 1):  # the realm, and the parts of the name
        at += 2 + struct.unpack_from(">H", entry, at)[0]
    at += 4 + 4 + 1 + 2  # the type of the name, the moment, the version, the type of the key
    (length,) = struct.unpack_from(">H", entry, at)
    return entry[at + 2 : at + 2 + length]


def shapes(key: bytes) -> frozenset[bytes]:
    """As it is, in hexadecimal, in base64 wherever it begins, and as Python shows bytes."""
    told = {key, binascii.hexlify(key), binascii.hexlify(key).upper(), repr(key)[2:-1].encode()}
    return frozenset(told | {base64.b64encode(b"\0" * offset + key)[4:-4] for offset in range(3)})


def runs(program: Program, watch: Watch, served: Estate, auth: str) -> list[int]:
    """Every command that signs in to the site, as talkative as it can be; their codes."""
    variables = {**served.secrets, "READINESS_SITE_AUTH": auth, "READINESS_SITE_USERNAME": ACCOUNT}
    config, said = ("--config", str(served.config)), ("--debug", "--log-file", "scan.log", "--timeout", "30")
    kept = ("-o", "evidence.json", "--record", "recording", "--record-map", "map.json")
    watch.ran += [
        program("scan", *config, *said, "--save-evidence", "kept.json", variables=variables),
        program("collect", *config, *said, *kept),
        program("assess", "--replay", "recording", "--debug", "--json"),
        program("permissions", *config, "--test"),
    ]
    return [ran.code for ran in watch.ran]


def with_keytab(served: Estate, keytab: Path) -> None:
    shutil.copy(keytab, served.folder / "svc.keytab")
    served.rewrite("[site]", '[site]\nkeytab = "svc.keytab"')
    served.rewrite("\npassword_env = ", "\n# password_env = ")


def search(watch: Watch, keytab: Path) -> None:
    """Nothing of the keys either."""
    watch.search()
    held = {f"key {number} of the keytab": shapes(key) for number, key in enumerate(keys(keytab))}
    assert held
    found = found_in(watch.places(), held)
    tried("secrets found", len(found))
    assert found == []


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
@pytest.mark.parametrize(("transport", "scheme"), [("winrm", "https"), ("winrm", "http"), ("adminservice", "https")])
def test_a_keytab_that_signs_in_lets_nothing_out(
    program: Program,
    estate: Serve,
    realm: Realm,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    transport: str,
    scheme: str,
    auth: str,
) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{realm.folder / 'nobody'}")
    door = Acceptor("nothing")
    manner = {"site_scheme": scheme, "accept": door, "tamper": watch.listening}
    served = estate(toml=scenario(), transport=transport, **manner)
    with_keytab(served, realm.keytab)
    codes = runs(program, watch, served, auth)
    assert codes[:3] == [0, 0, 0], [ran.err for ran in watch.ran]
    assert door.signed_in
    assert "authorization" in watch.was_heard()
    search(watch, realm.keytab)


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
@pytest.mark.parametrize("keytab", ["of an old key", "of another service", "cut off"])
def test_a_keytab_that_is_of_no_use_lets_nothing_out(
    program: Program,
    estate: Serve,
    realm: Realm,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    keytab: str,
    transport: str,
) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{realm.folder / 'nobody'}")
    file = tmp_path / "svc.keytab"
    if keytab == "of another service":
        shutil.copy(realm.folder / "service.keytab", file)
    else:
        content = realm.keytab.read_bytes()
        (key, *_) = keys(realm.keytab)
        file.write_bytes(content.replace(key, key[::-1]) if keytab == "of an old key" else content[:30])
    served = estate(toml=scenario(), transport=transport, accept=Acceptor("nothing"), tamper=watch.listening)
    with_keytab(served, file)
    codes = runs(program, watch, served, "kerberos")
    assert 0 not in codes[:2], watch.ran[0].out
    assert REALM in watch.ran[0].err + watch.ran[0].out or codes[0] == 2
    search(watch, realm.keytab)
