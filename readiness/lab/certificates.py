"""Certificates for the lab: an authority of its own, made anew at each start."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Certificates:
    server: ssl.SSLContext
    authority_pem: bytes
    end_point_hash: bytes
    """SHA-256 of the server's certificate: its `tls-server-end-point` (RFC 5929; trustme signs with SHA-256)."""


def make() -> Certificates:
    """A certificate for localhost and 127.0.0.1, and the authority that vouches for it."""
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(server)
    certificate = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    return Certificates(server, authority.cert_pem.bytes(), hashlib.sha256(certificate).digest())
