"""Who we are to a server that asks for a certificate: a key and its certificate, held in memory."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """A certificate with its private key. Its `repr` shows nothing of the key.

    Attributes:
        subject: as the certificate writes it, for people.
        key: the private key, of `cryptography`.
        chain_pem: the certificate, and those above it, PEM.
    """

    subject: str
    key: Any = field(repr=False)
    chain_pem: str = field(repr=False)

    def present_in(self, context: ssl.SSLContext) -> None:
        """Let `context` show this certificate to servers that ask for one.

        OpenSSL reads keys from files only: for that moment there is one that nobody else may read, its key encrypted
        with a passphrase that is written nowhere.
        """
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

        passphrase = secrets.token_hex(32)
        seal = BestAvailableEncryption(passphrase.encode())
        pem: bytes = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, seal)
        descriptor, name = tempfile.mkstemp(prefix="readiness-", suffix=".pem")  # made with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem + self.chain_pem.encode())
            context.load_cert_chain(name, password=passphrase)
        finally:
            Path(name).unlink(missing_ok=True)
