"""Ed25519 signatures over digests (RFC 8032). What is signed says what kind of file it is: none fits another."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ALGORITHM = "ed25519"
PREFIX = "readiness signature v1"
_KEY = re.compile(r"[0-9a-f]{64}")
_VALUE = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as a file carries it; nothing is proven by that."""

    key: str
    """The public key: 32 bytes, 64 hexadecimal digits in lower case."""
    value: str
    """The signature: 64 bytes, 128 hexadecimal digits in lower case."""

    def signs(self, kind: str, *digests: str) -> bool:
        """Whether the owner of `key` signed these digests, of a file of this kind."""
        if not (_KEY.fullmatch(self.key) and _VALUE.fullmatch(self.value)):
            return False
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.value), message(kind, *digests))
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key that signs, and never shows itself."""

    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> str:
        """The public key, 64 hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, kind: str, *digests: str) -> Signature:
        """Sign these digests of a file of this kind. The same digests give the same signature."""
        return Signature(self.public, self._key.sign(message(kind, *digests)).hex())


def message(kind: str, *digests: str) -> bytes:
    """What is signed: lines of text that begin with the use of the signature and the kind of file.

    Args:
        kind: the `schema` of a JSON file, or the name of another format.
        digests: SHA-256 in hexadecimal.
    """
    return "".join(f"{line}\n" for line in (PREFIX, kind, *digests)).encode()


def fingerprint(key: str) -> str:
    """A public key for people to compare: the first half of its SHA-256, in groups of four digits."""
    digits = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))
