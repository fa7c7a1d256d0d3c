"""Key files: the private one as PKCS8, the public one as SubjectPublicKeyInfo, both PEM.

Nothing of a file's content, and nothing that a library says about it, is ever repeated.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness.errors import ReadinessError
from readiness.integrity.signatures import Signer
from readiness.text import one_line

MOST_BYTES = 64 * 1024
"""Of a key file. Beyond it is something else by mistake."""
_PRIVATE = re.compile(rb"-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_NAME = re.compile(rb"^Name:[ \t]*([^\r\n]+)", re.MULTILINE)


class BadKeyError(ReadinessError):
    """A key that cannot be used, and why; never what is in it."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that whoever verifies trusts."""

    key: str
    """64 hexadecimal digits."""
    name: str
    """Whose it is: as the file says in its line `Name:`, else the name of the file."""


def generated(password: str | None) -> tuple[bytes, bytes, str]:
    """A new key: the private and the public file's content, and the public key in hexadecimal."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        KeySerializationEncryption,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    how: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public, key.public_key().public_bytes_raw().hex()


def signer_of(content: bytes, password: str | None) -> Signer:
    """The key in PEM text.

    Raises:
        BadKeyError: it holds no Ed25519 key, or one that the password does not open.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    found = _PRIVATE.search(content)
    if found is None:
        public = ": it is the public key" if _PUBLIC.search(content) else ""
        raise BadKeyError(f"holds no private key (-----BEGIN PRIVATE KEY-----){public}")
    key = _opened(found[0], password)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKeyError("holds a key that is not Ed25519; 'readiness keygen' makes one")
    return Signer(key)


def _opened(block: bytes, password: str | None) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    encrypted = b"ENCRYPTED" in block
    if encrypted and not password:
        raise BadKeyError("is encrypted, and signing_key_password_env in [scan] names no variable with its password")
    try:
        return load_pem_private_key(block, password.encode() if encrypted and password else None)
    except Exception:  # a library's words could repeat what is in the key
        if encrypted:
            raise BadKeyError("is not opened by the password, or is broken") from None
        raise BadKeyError("holds a private key that cannot be read") from None


def read_public(path: Path) -> PublicKey:
    """The public key in a file.

    Raises:
        BadKeyError: it cannot be read, or holds no Ed25519 public key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = read_key_file(path)
    if _PRIVATE.search(content):
        raise BadKeyError("holds a private key, which belongs to whoever signs alone: name the public one beside it")
    found = _PUBLIC.search(content)
    if found is None:
        raise BadKeyError("holds no public key (-----BEGIN PUBLIC KEY-----)")
    try:
        key = load_pem_public_key(found[0])
    except Exception:
        raise BadKeyError("holds a public key that cannot be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadKeyError("holds a key that is not Ed25519")
    return PublicKey(key.public_bytes_raw().hex(), _name(content[: found.start()], path.name))


def _name(above: bytes, file: str) -> str:
    found = _NAME.search(above)
    said = one_line(found[1].decode("utf-8", "replace"), 100) if found else ""
    return said or one_line(file.removesuffix(".pem").removesuffix(".pub"), 100)


def read_key_file(path: Path) -> bytes:
    """The content of a key file.

    Raises:
        BadKeyError: it cannot be read, or is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise BadKeyError("is no file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise BadKeyError("no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a valid path"
        raise BadKeyError(f"cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise BadKeyError(f"is larger than {MOST_BYTES >> 10} KiB, so it is no key")
    return content


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a key file that is not there yet; nothing is ever overwritten.

    Args:
        mode: permissions of the file from its first moment on.

    Raises:
        OSError: it is there, or cannot be written.
    """
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
