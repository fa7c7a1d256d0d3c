"""`readiness keygen`, and the key that signs: by option, file and environment; what is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from readiness.integrity.keys import generated
from tests.conftest import Program

CONFIG = '[site]\nserver = "cm01.contoso.com"\nusername = "u"\n'
PASSWORD = "of the key, quite long"


@pytest.fixture
def judged(unsigned: Mapping[str, bytes]) -> list[str]:
    """A command that judges evidence that is there, and writes one report."""
    Path("evidence.json").write_bytes(unsigned["evidence"])
    return ["assess", "evidence.json", "--format", "json", "--output", "reports"]


def signature() -> object:
    (path,) = Path("reports").glob("*.json")
    return json.loads(path.read_text(encoding="utf-8"))["digest"].get("signature")


def test_keygen_makes_a_key_that_signs_and_verifies(program: Program, judged: list[str]) -> None:
    made = program("keygen", "--name", "Ada Lovelace")
    assert made.code == 0
    assert "is not encrypted: whoever reads the file can sign in your name" in made.out
    program(*judged, "--sign", "readiness-signing-key.pem", "--save-evidence", "merged.json")
    (report,) = Path("reports").glob("*.json")
    ran = program("verify", str(report), "merged.json", "--key", "readiness-signing-key.pub")
    assert ran.code == 0
    (said,) = [line for line in made.out.splitlines() if line.startswith("fingerprint ")]
    assert ran.out.count(f"intact, signed by Ada Lovelace ({said.removeprefix('fingerprint ')})") == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_private_key_is_for_its_owner_alone(program: Program) -> None:
    assert program("keygen", "--out", "my.pem").code == 0
    assert Path("my.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", ["my.pem", "my.pub"])
def test_keygen_overwrites_nothing_and_leaves_no_half(there: str, program: Program) -> None:
    Path(there).write_text("precious", encoding="utf-8")
    ran = program("keygen", "--out", "my.pem")
    assert (ran.code, f"{there}: is there already" in ran.err) == (2, True)
    assert [path.name for path in Path().glob("my.*")] == [there]
    assert Path(there).read_text(encoding="utf-8") == "precious"


def test_an_encrypted_key_needs_its_password(program: Program, judged: list[str]) -> None:
    assert program("keygen", "--out", "my.pem", "--password-env", "KEY_WORD", variables={"KEY_WORD": ""}).code == 2
    made = program("keygen", "--out", "my.pem", "--password-env", "KEY_WORD", variables={"KEY_WORD": PASSWORD})
    assert (made.code, "not encrypted" in made.out) == (0, False)
    assert b"ENCRYPTED" in Path("my.pem").read_bytes()
    assert "names no variable with its password" in program(*judged, "--sign", "my.pem").err
    named = {"READINESS_SCAN_SIGNING_KEY_PASSWORD_ENV": "KEY_WORD"}
    wrong = program(*judged, "--sign", "my.pem", variables={**named, "KEY_WORD": "not it at all"})
    assert (wrong.code, "is not opened by the password" in wrong.err) == (2, True)
    program(*judged, "--sign", "my.pem", variables={**named, "KEY_WORD": PASSWORD})
    assert signature() is not None


def test_the_key_is_taken_from_the_configuration_or_the_environment(program: Program, judged: list[str]) -> None:
    program("keygen", "--out", "my.pem")
    program(*judged)
    assert signature() is None
    program(*judged, variables={"READINESS_SCAN_SIGNING_KEY": "my.pem"})
    by_file = signature()
    pem = Path("my.pem").read_text(encoding="utf-8")
    by_text = {"READINESS_SCAN_SIGNING_KEY": "", "READINESS_SCAN_SIGNING_KEY_ENV": "SIGNING_PEM", "SIGNING_PEM": pem}
    for path in Path("reports").glob("*"):
        path.unlink()
    program(*judged, variables=by_text)
    assert isinstance(by_file, dict)
    found = signature()
    assert isinstance(found, dict)
    assert found["key"] == by_file["key"]


def test_both_at_once_are_refused(program: Program, judged: list[str]) -> None:
    Path("readiness.toml").write_text(
        f'{CONFIG}[scan]\nsigning_key = "a.pem"\nsigning_key_env = "B"\n', encoding="utf-8"
    )
    ran = program(*judged)
    assert (ran.code, "only one of signing_key and signing_key_env" in ran.err) == (2, True)


BAD_KEYS = {
    "missing.pem": (None, "no such file"),
    "empty.pem": (b"", "holds no private key"),
    "public.pem": (generated(None)[1], "it is the public key"),
    "broken.pem": (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
    "large.pem": (b"x" * 100_000, "so it is no key"),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_that_cannot_be_used_stops_before_anything_is_read(
    name: str, program: Program, judged: list[str]
) -> None:
    content, words = BAD_KEYS[name]
    if content is not None:
        Path(name).write_bytes(content)
    for command in (judged, ["scan", "--no-input"], ["collect", "--no-input", "-o", "new.json"]):
        Path("readiness.toml").write_text(CONFIG, encoding="utf-8")
        ran = program(*command, "--sign", name, variables={"READINESS_SITE_PASSWORD": "x"})
        assert ran.code == 2
        assert "--sign" in ran.err
        assert words in ran.err
    assert not Path("new.json").exists()


def test_an_rsa_key_is_none_that_signs(program: Program, judged: list[str]) -> None:
    from tests.keys import pair

    Path("rsa.pem").write_bytes(pair().pem_key())
    ran = program(*judged, "--sign", "rsa.pem")
    assert (ran.code, "holds a key that is not Ed25519" in ran.err) == (2, True)


def test_a_private_key_given_to_verify_is_refused_unread(program: Program, unsigned: Mapping[str, bytes]) -> None:
    program("keygen", "--out", "my.pem")
    Path("evidence.json").write_bytes(unsigned["evidence"])
    ran = program("verify", "evidence.json", "--key", "my.pem")
    assert (ran.code, "holds a private key" in ran.err) == (2, True)


def test_no_word_of_the_key_is_told(program: Program, judged: list[str]) -> None:
    """Wherever it is put by mistake."""
    program("keygen", "--out", "my.pem")
    pem = Path("my.pem").read_text(encoding="utf-8")
    secret = pem.splitlines()[1]
    Path("my.pem").unlink()
    for ran in (
        program(*judged, "--sign", pem),
        program(*judged, variables={"READINESS_SCAN_SIGNING_KEY": pem}),
        program(*judged, variables={"READINESS_SCAN_SIGNING_KEY": "", "READINESS_SCAN_SIGNING_KEY_ENV": pem}),
    ):
        assert ran.code == 2
        assert secret not in ran.out + ran.err
