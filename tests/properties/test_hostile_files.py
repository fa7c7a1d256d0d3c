"""Files of people: evidence, and certificates. Whatever they hold, nothing but our own error comes out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from readiness import documents
from readiness.config.certificate import read_certificate
from readiness.config.origin import BadValueError
from readiness.errors import EvidenceError
from readiness.evidence import files
from readiness.model.reading import Evidence
from tests.checks.builders import evidence
from tests.checks.estates import HEALTHY
from tests.keys import PASSWORD, pair
from tests.properties.counting import tried
from tests.properties.hostile import DEEP, DIGITS, MOST_SECONDS, distorted, shaken, thorough, written

randoms = st.integers(0, 2**64 - 1).map(Random)
GOOD = [files.document(evidence(*named.facts)) for named in HEALTHY]


def loaded(path: Path, data: bytes) -> Evidence | None:
    """The evidence in a file of these bytes; None where it is refused, in a printable line that names the file."""
    path.write_bytes(data)
    tried("hostile files read")
    started = time.thread_time()
    try:
        return files.load(path)
    except EvidenceError as error:
        said = error.diagnostics()
        assert said.isprintable(), ascii(said)
        assert said.startswith(str(path))
        assert len(said) < 1_000
        return None
    finally:
        assert time.thread_time() - started < MOST_SECONDS, "too slow"


def sealed(data: bytes) -> bytes:
    """The document in these bytes with its digest, where it is one that can be sealed."""
    try:
        document = json.loads(data)
        return documents.readable(documents.sealed(document)).encode()
    except (ValueError, RecursionError, TypeError):
        return data


def test_a_file_that_is_not_changed_is_loaded(tmp_path: Path) -> None:
    """Else the tests below would prove nothing."""
    assert all(loaded(tmp_path / "evidence.json", sealed(json.dumps(good).encode())) for good in GOOD)


@given(data=st.binary(max_size=300))
@thorough(150)
def test_bytes_are_no_evidence(tmp_path: Path, data: bytes) -> None:
    assert loaded(tmp_path / "evidence.json", data) is None


@given(random=randoms)
@thorough(400)
def test_a_file_of_evidence_that_is_changed_and_sealed_is_loaded_or_refused(tmp_path: Path, random: Random) -> None:
    """As one writes it by hand who wants it to be believed."""
    loaded(tmp_path / "evidence.json", sealed(written(distorted(random, random.choice(GOOD)))))


@given(random=randoms)
@thorough(100)
def test_a_file_of_evidence_that_is_damaged_is_refused(tmp_path: Path, random: Random) -> None:
    whole = sealed(json.dumps(GOOD[0]).encode())
    damaged = shaken(random, whole)
    found = loaded(tmp_path / "evidence.json", damaged)
    assert found is None or json.loads(damaged) == json.loads(whole)


@pytest.mark.parametrize(
    "text", [DIGITS, "[" * DEEP + "]" * DEEP, "1e999", "-" + DIGITS, "NaN", '{"a":' * 900 + "1" + "}" * 900]
)
def test_what_json_does_not_hold_is_refused(tmp_path: Path, text: str) -> None:
    good = json.dumps(GOOD[0]).replace('"partial": false', f'"partial": {text}')
    assert text in good
    assert loaded(tmp_path / "evidence.json", sealed(good.encode())) is None


# Certificates.


def plain_pem() -> bytes:
    """A key and its certificate, always the same."""
    from datetime import UTC, datetime

    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "readiness of tests")])
    made = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=7)
    made = made.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2028, 1, 1, tzinfo=UTC))
    certificate = made.sign(key, None).public_bytes(Encoding.PEM)
    return certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def opened(path: Path, data: bytes, password: str | None) -> bool:
    """Whether a certificate opens; where not, it is refused in a printable line."""
    path.write_bytes(data)
    tried("hostile files read")
    started = time.thread_time()
    try:
        return read_certificate(path, password, rsa=False).pem.startswith("-----BEGIN CERTIFICATE-----")
    except BadValueError as error:
        said = str(error)
        assert said.isprintable(), ascii(said)
        assert 0 < len(said) < 300
        assert PASSWORD not in said
        return False
    finally:
        assert time.thread_time() - started < MOST_SECONDS, "too slow"


PEM, PFX, OPEN_PFX = plain_pem(), pair().pfx(), pair().pfx(None)


def test_certificates_that_are_not_changed_open(tmp_path: Path) -> None:
    path = tmp_path / "app.pfx"
    assert opened(path, PEM, None)
    assert opened(path, PFX, PASSWORD)
    assert opened(path, OPEN_PFX, None)


@given(
    data=st.binary(max_size=200),
    head=st.sampled_from((b"", b"\x30", b"\x30\x82\x01\x00", b"-----BEGIN PRIVATE KEY-----\n")),
)
@thorough(150)
def test_bytes_are_no_certificate(tmp_path: Path, data: bytes, head: bytes) -> None:
    assert not opened(tmp_path / "app.pfx", head + data, None)
    assert not opened(tmp_path / "app.pfx", head + data, PASSWORD)


@given(random=randoms, times=st.integers(1, 3))
@thorough(400)
def test_a_certificate_that_is_changed_opens_or_is_refused(tmp_path: Path, random: Random, times: int) -> None:
    data, password = random.choice(((PEM, None), (PEM, PASSWORD), (PFX, PASSWORD), (PFX, None), (OPEN_PFX, None)))
    for _ in range(times):
        data = shaken(random, data)
    opened(tmp_path / "app.pfx", data, password)


@given(random=randoms)
@thorough(200)
def test_a_certificate_whose_inside_is_changed_opens_or_is_refused(tmp_path: Path, random: Random) -> None:
    """The armour is whole; what is in it is not."""
    import base64
    import re

    def changed(found: re.Match[bytes]) -> bytes:
        inner = shaken(random, base64.b64decode(found[2]))
        return found[1] + b"\n" + base64.encodebytes(inner) + found[3]

    armoured = re.sub(rb"(-----BEGIN [A-Z ]+-----)([^-]*)(-----END [A-Z ]+-----)", changed, PEM)
    opened(tmp_path / "app.pfx", armoured, None)
