"""The certificate of the application: every form of file that opens, and a clear line for every one that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from readiness.config import ClientCertificate, Configuration, client_certificate
from readiness.errors import ConfigurationError
from tests.keys import PASSWORD, ec_key, pair, rsa_key

Load = Callable[..., Configuration]
Refusal = Callable[..., str]

VARIABLE = "READINESS_PFX_PASSWORD"
PAIR = pair()
OTHER = pair(rsa_key(1))
WITH_PASSWORD = f'auth = "certificate"\ncertificate = "app.pfx"\ncertificate_password_env = "{VARIABLE}"\n'
WITHOUT = 'auth = "certificate"\ncertificate = "app.pfx"\n'


@pytest.fixture
def opened(loaded: Load, folder: Path, tenant: str) -> Callable[..., ClientCertificate]:
    """Writes the file and opens it as the configuration says."""

    def open_(content: bytes, *, password: str | None = None) -> ClientCertificate:
        (folder / "app.pfx").write_bytes(content)
        configuration = loaded(tenant + (WITHOUT if password is None else WITH_PASSWORD))
        return client_certificate(configuration, {VARIABLE: password or ""})

    return open_


@pytest.fixture
def refusal(opened: Callable[..., ClientCertificate], folder: Path) -> Refusal:
    """Why a file does not open, with the folder of the test cut out. Never a word of what it holds."""

    def message(content: bytes, *, password: str | None = None) -> str:
        with pytest.raises(ConfigurationError) as caught:
            opened(content, password=password)
        said = caught.value.diagnostics()
        assert "PRIVATE" not in said or "-----BEGIN PRIVATE KEY-----" in said
        assert not password or password not in said
        assert caught.value.__cause__ is None
        return said.replace(f"{folder}/", "")

    return message


FORMS: dict[str, tuple[bytes, str | None]] = {
    "PFX with password": (PAIR.pfx(), PASSWORD),
    "PFX without password": (PAIR.pfx(None), None),
    "PFX with its authority": (PAIR.pfx(PASSWORD, OTHER.certificate), PASSWORD),
    "PEM, key first": (PAIR.pem_key() + PAIR.pem_certificate, None),
    "PEM, certificate first": (PAIR.pem_certificate + PAIR.pem_key(), None),
    "PEM, authority first": (OTHER.pem_certificate + PAIR.pem_certificate + PAIR.pem_key(), None),
    "PEM with words around": (b"Bag Attributes\n" + PAIR.pem_key() + b"subject=x\n" + PAIR.pem_certificate, None),
    "PEM, encrypted key": (PAIR.pem_key(PASSWORD) + PAIR.pem_certificate, PASSWORD),
    "PEM, plain key, needless password": (PAIR.pem_key() + PAIR.pem_certificate, PASSWORD),
    "PEM, OpenSSL's own form": (PAIR.pem_key(None, PrivateFormat.TraditionalOpenSSL) + PAIR.pem_certificate, None),
    "PEM, OpenSSL's own form, encrypted": (
        PAIR.pem_key(PASSWORD, PrivateFormat.TraditionalOpenSSL) + PAIR.pem_certificate,
        PASSWORD,
    ),
    "PEM with Windows line ends": ((PAIR.pem_key() + PAIR.pem_certificate).replace(b"\n", b"\r\n"), None),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_usual_form_opens(form: str, opened: Callable[..., ClientCertificate]) -> None:
    content, password = FORMS[form]
    found = opened(content, password=password)
    assert found.key.private_numbers() == PAIR.key.private_numbers()
    assert found.pem.encode() == PAIR.pem_certificate
    assert found.not_after == PAIR.certificate.not_valid_after_utc
    assert repr(found.key.private_numbers().p) not in repr(found)
    assert "BEGIN" not in repr(found)


@pytest.mark.parametrize(
    ("content", "password", "line", "key", "words"),
    [
        (PAIR.pfx(), "wrong", 6, "certificate_password_env", "the password does not open the PFX file, or the file is"),
        (PAIR.pfx(), None, 5, "certificate_password_env", "the PFX file needs a password, or is broken"),
        (PAIR.pfx()[:-40], PASSWORD, 6, "certificate_password_env", "or the file is broken"),
        (
            PAIR.pem_key(PASSWORD) + PAIR.pem_certificate,
            "wrong",
            6,
            "certificate_password_env",
            "the password does not open the key in the PEM file",
        ),
        (
            PAIR.pem_key(PASSWORD) + PAIR.pem_certificate,
            None,
            5,
            "certificate_password_env",
            "the key in the PEM file is encrypted and needs a password",
        ),
        (PAIR.pem_key(), None, 5, "certificate", "holds no certificate beside its key"),
        (PAIR.pem_certificate, None, 5, "certificate", "holds no private key (-----BEGIN PRIVATE KEY-----)"),
        (
            PAIR.pem_key() + OTHER.pem_certificate,
            None,
            5,
            "certificate",
            "no certificate that belongs to its key",
        ),
        (
            PAIR.pem_key().replace(b"MII", b"AAA") + PAIR.pem_certificate,
            None,
            5,
            "certificate",
            "holds a private key that cannot be read",
        ),
        (b"", None, 5, "certificate", "is neither PFX nor PEM"),
        (b"\xff\xfe-\x00", None, 5, "certificate", "is neither PFX nor PEM"),
        (b"0" * (1024 * 1024 + 1), None, 5, "certificate", "larger than 1 MiB: this is no certificate"),
        (
            pair(ec_key()).pem_key() + pair(ec_key()).pem_certificate,
            None,
            5,
            "certificate",
            "holds a key that is not RSA",
        ),
    ],
)
def test_what_does_not_open_is_a_line_with_its_place(
    content: bytes, password: str | None, line: int, key: str, words: str, refusal: Refusal
) -> None:
    message = refusal(content, password=password)
    if key == "certificate_password_env" and password is None:
        line = 1  # not written: the section's line
    assert message.startswith(f"readiness.toml, line {line}: [tenant] {key}: ")
    assert words in message


def test_a_certificate_of_its_authority_alone_has_no_key(refusal: Refusal) -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    content = pkcs12.serialize_key_and_certificates(None, None, PAIR.certificate, None, NoEncryption())
    assert refusal(content) == (
        "readiness.toml, line 5: [tenant] certificate: holds no private key: export the certificate with its key"
    )


def test_a_variable_that_is_named_must_be_set(loaded: Load, folder: Path, tenant: str) -> None:
    """Even where the file would open without a password: a name that leads nowhere is a slip."""
    (folder / "app.pfx").write_bytes(PAIR.pfx(None))
    with pytest.raises(ConfigurationError, match=rf"line 6: .* environment variable {VARIABLE} is not set"):
        client_certificate(loaded(tenant + WITH_PASSWORD), {})


@pytest.mark.parametrize(
    ("path", "words"), [("nothing.pfx", "no such file: nothing.pfx"), (".", "is a folder, not a file: ")]
)
def test_a_file_that_is_not_there_is_found_when_loading(refused: Refusal, tenant: str, path: str, words: str) -> None:
    """Together with whatever else is wrong; but not where nothing connects."""
    text = f'{tenant}auth = "certificate"\ncertificate = "{path}"\n'
    assert refused(text).startswith(f"readiness.toml, line 5: [tenant] certificate: {words}")
    assert "no such file" in refused(f'{text}ca_bundle = "ca.pem"\n').split("\n")[1]


def test_a_file_is_not_looked_for_where_nothing_connects(loaded: Load, tenant: str) -> None:
    assert loaded(tenant + WITHOUT, connecting=False).tenant is not None


def test_signing_in_by_certificate_needs_one(refused: Refusal, tenant: str) -> None:
    assert refused(f'{tenant}auth = "certificate"\n') == (
        'readiness.toml, line 1: [tenant] certificate: missing; auth "certificate" needs it: a PFX file, or PEM with '
        "key and certificate"
    )
