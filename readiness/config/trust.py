"""Whom to believe: the authorities in `ca_bundle`, or those that the environment names for every program."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from readiness.config.rules import bad_file
from readiness.errors import ConfigurationError
from readiness.text import printable

_MOST_BYTES = 16 * 1024 * 1024
"""Of a bundle; all public authorities together are a quarter of a megabyte."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The authorities to believe, and no others. Without a bundle: those of the operating system and of certifi."""

    bundle: Path | None = None
    variable: str | None = None
    """The variable that names the bundle, where it is not `ca_bundle`."""

    def __str__(self) -> str:
        if self.bundle is None:
            return "the authorities of the operating system and of certifi"
        return f"only the authorities in {printable(str(self.bundle))} ({self.variable or 'ca_bundle'})"


def trust(ca_bundle: Path | None, environ: Mapping[str, str], platform: str = sys.platform) -> Trust:
    """Whom to believe. `ca_bundle` decides alone; without it REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE does.

    On Windows SSL_CERT_FILE adds to the store of the machine, as Python has it, and takes nothing from it: a private
    authority that administrators have put there stays believed.

    Raises:
        ConfigurationError: the variable names something that is no bundle.
    """
    if ca_bundle is not None:
        return Trust(ca_bundle)
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        value = environ.get(variable, "")
        if not value:
            continue
        path = Path(value)
        words = None if path.is_dir() and variable != "SSL_CERT_FILE" else bad_bundle(path)
        if words is not None:
            raise ConfigurationError(f"environment variable {variable}: {words}; set it right, or set ca_bundle")
        return Trust() if variable == "SSL_CERT_FILE" and platform == "win32" else Trust(path, variable)
    return Trust()


def bad_bundle(path: Path) -> str | None:
    """What is wrong with a file of certificate authorities; None when it can be used."""
    problem = bad_file(path)  # says why it cannot be read better than ssl does
    name = printable(str(path))
    if problem is not None:
        return problem
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        words = _unfit(content, path)
    except OSError as error:
        return f"cannot be read ({error.strerror}): {name}"
    return None if words is None else f"{words}: {name}"


def _unfit(content: bytes, path: Path) -> str | None:
    if len(content) > _MOST_BYTES:
        return f"is larger than {_MOST_BYTES >> 20} MiB, so it is no bundle of certificates"
    if b"PRIVATE KEY-----" in content:
        return (
            "holds a private key, which has no place there: name a file with the certificates of the authorities "
            "alone, and keep the key where nobody else reads it"
        )
    if _loads(cafile=path):
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is written in UTF-16: save it as plain text"
    if content.startswith(b"\x30") and _loads(cadata=content):
        return "holds a certificate in binary form (DER): convert it (openssl x509 -inform der -in FILE -out FILE.pem)"
    return "holds no certificates in PEM form (-----BEGIN CERTIFICATE-----)"


def _loads(*, cafile: Path | None = None, cadata: bytes | None = None) -> bool:
    """Whether OpenSSL finds certificates in this, and nothing broken among them."""
    import ssl  # only commands that connect pay for it

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=cafile, cadata=cadata)
    except ssl.SSLError:
        return False
    return True
