"""Keys and certificates of applications, made for tests, in the files that administrators have them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

PASSWORD = "P~fx/pass&word of tests"


@dataclass(frozen=True)
class Pair:
    """A private key and its certificate."""

    key: Any
    certificate: x509.Certificate

    def pem_key(self, password: str | None = None, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
        content: bytes = self.key.private_bytes(Encoding.PEM, form, _protection(password))
        return content

    @property
    def pem_certificate(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def pfx(self, password: str | None = PASSWORD, *others: x509.Certificate) -> bytes:
        return pkcs12.serialize_key_and_certificates(
            b"readiness", self.key, self.certificate, others, _protection(password)
        )

    def written(self, folder: Path, password: str | None = PASSWORD) -> Path:
        """A PFX file."""
        path = folder / "readiness.pfx"
        path.write_bytes(self.pfx(password))
        return path


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key; another one for each number. Making one takes a tenth of a second."""
    del number
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pair(key: Any = None, *, starts: datetime | None = None, ends: datetime | None = None) -> Pair:
    """A self-signed certificate, as `New-SelfSignedCertificate` makes one."""
    key, now = key or rsa_key(), datetime.now(UTC).replace(microsecond=0)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "readiness of tests")])
    made = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(starts or now - timedelta(days=1)).not_valid_after(ends or now + timedelta(days=300))
    return Pair(key, made.sign(key, hashes.SHA256()))


def _protection(password: str | None) -> KeySerializationEncryption:
    return BestAvailableEncryption(password.encode()) if password else NoEncryption()
