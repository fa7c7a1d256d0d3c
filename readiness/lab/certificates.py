"""Certificates for the lab: an authority of its own, made anew at each start."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from trustme import LeafCert


@dataclass(frozen=True, slots=True)
class Certificates:
    server: ssl.SSLContext
    asking: ssl.SSLContext
    """As `server`, and asks clients for a certificate of the authority; one that has none is let in all the same."""
    authority_pem: bytes
    end_point_hash: bytes
    """SHA-256 of the server's certificate: its `tls-server-end-point` (RFC 5929; trustme signs with SHA-256)."""
    client_pem: bytes
    """A client's key and certificate."""
    client_hash: bytes
    """SHA-256 of that certificate."""


def make() -> Certificates:
    """A certificate for localhost and 127.0.0.1, and the authority that vouches for it."""
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    client = authority.issue_cert("svc-readiness@contoso.com", common_name="svc-readiness")
    asking = _context(leaf)
    asking.verify_mode = ssl.CERT_OPTIONAL
    authority.configure_trust(asking)
    return Certificates(
        server=_context(leaf),
        asking=asking,
        authority_pem=authority.cert_pem.bytes(),
        end_point_hash=_hash(leaf),
        client_pem=client.private_key_and_cert_chain_pem.bytes(),
        client_hash=_hash(client),
    )


def _context(leaf: LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def _hash(leaf: LeafCert) -> bytes:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())).digest()


@dataclass(frozen=True, slots=True)
class Application:
    """The certificate by which the estate's application may sign in, and its key."""

    key: Any = field(repr=False)
    certificate: Certificate

    def pfx(self, password: str) -> bytes:
        """The file that an administrator would have exported."""
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

        protection = BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(b"readiness", self.key, self.certificate, None, protection)


def application(*, expired: bool = False) -> Application:
    """A key, and the certificate that it signed for itself; valid for a year, or until yesterday."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa

    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    ends = now - timedelta(days=1) if expired else now + timedelta(days=364)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "readiness-lab")])
    made = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    return Application(key, made.sign(key, hashes.SHA256()))
