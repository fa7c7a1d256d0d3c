"""The certificate by which an application or an account signs in: PFX, or PEM that holds key and certificate.

Nothing of the file's content, and nothing that a library says about it, is ever repeated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.config.origin import BadValueError
from readiness.config.rules import bad_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST_FILE = 1024 * 1024
_KEY = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)


class WrongPasswordError(BadValueError):
    """The file may be good; the password is not."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its opened key."""

    key: Any = field(repr=False)
    """The private key."""
    subject: str
    """As the certificate writes it (RFC 4514), for people."""
    pem: str = field(repr=False)
    """The certificate alone, without the key."""
    chain: str = field(repr=False)
    """The certificate and the others in the file, PEM."""
    not_before: datetime
    not_after: datetime
    """UTC, both."""


def read_certificate(path: Path, password: str | None, *, rsa: bool = True) -> ClientCertificate:
    """Open the file.

    Args:
        rsa: whether the key must be one that can sign PS256, as Entra ID wants it.

    Raises:
        WrongPasswordError: the password does not open it, or there is none and one is needed.
        BadValueError: it is no such file; says what is missing.
    """
    problem = bad_file(path)
    if problem is not None:
        raise BadValueError(problem)
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise BadValueError("larger than 1 MiB: this is no certificate")
    word = password.encode() if password else None
    key, certificates = _pem(content, word) if b"-----BEGIN " in content else _pfx(content, word)
    return _matched(key, certificates, rsa=rsa)


def _pfx(content: bytes, password: bytes | None) -> tuple[Any, list[Certificate]]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    if content[:1] != b"\x30":  # an ASN.1 sequence, as every PFX is one
        raise BadValueError("is neither PFX nor PEM")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password)
    except UnsupportedAlgorithm:
        raise BadValueError(
            "is protected in a way that is not supported; export it anew, protected by AES256"
        ) from None
    except Exception:  # a password that is wrong and a file that is broken look the same
        if password is None:
            raise WrongPasswordError("the PFX file needs a password, or is broken") from None
        raise WrongPasswordError("the password does not open the PFX file, or the file is broken") from None
    return key, [one for one in (certificate, *others) if one is not None]


def _pem(content: bytes, password: bytes | None) -> tuple[Any, list[Certificate]]:
    from cryptography import x509

    found = _KEY.search(content)
    if found is None:
        raise BadValueError("holds no private key (-----BEGIN PRIVATE KEY-----)")
    key = _pem_key(found[0], password)
    try:
        return key, x509.load_pem_x509_certificates(content)
    except ValueError:
        raise BadValueError("holds no certificate beside its key (-----BEGIN CERTIFICATE-----)") from None


def _pem_key(block: bytes, password: bytes | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    encrypted = b"ENCRYPTED" in block
    if encrypted and password is None:
        raise WrongPasswordError("the key in the PEM file is encrypted and needs a password")
    try:
        return load_pem_private_key(block, password if encrypted else None)
    except Exception:
        if encrypted:
            raise WrongPasswordError("the password does not open the key in the PEM file, or it is broken") from None
        raise BadValueError("holds a private key that cannot be read") from None


def _matched(key: Any, certificates: Sequence[Certificate], *, rsa: bool) -> ClientCertificate:
    """The certificate of the key, wherever in the file it stands."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    if key is None:
        raise BadValueError("holds no private key: export the certificate with its key")
    if rsa and not isinstance(key, RSAPrivateKey):
        raise BadValueError("holds a key that is not RSA; sign-ins are signed with RSA (PS256)")
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            pem = certificate.public_bytes(Encoding.PEM).decode()
            others = [one.public_bytes(Encoding.PEM).decode() for one in certificates if one is not certificate]
            return ClientCertificate(
                key=key,
                subject=certificate.subject.rfc4514_string(),
                pem=pem,
                chain=pem + "".join(others),
                not_before=certificate.not_valid_before_utc,
                not_after=certificate.not_valid_after_utc,
            )
    raise BadValueError("holds no certificate that belongs to its key")
