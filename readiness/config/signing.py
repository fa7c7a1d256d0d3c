"""The key that signs evidence and reports: from its file, or from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.config.secret import not_set
from readiness.config.settings import Configuration
from readiness.errors import ConfigurationError
from readiness.integrity.keys import BadKeyError, read_key_file, signer_of
from readiness.integrity.signatures import Signer


def signing_key(configuration: Configuration, environ: Mapping[str, str], *, place: str | None = None) -> Signer | None:
    """The key that signs; None where none is configured.

    Args:
        place: how to call the setting in messages, where an option and not the configuration names it.

    Raises:
        ConfigurationError: a variable is not set, the file cannot be read, or holds no key that can be used; names the
            key of the configuration, and never what is in it.
    """
    scan, origin = configuration.scan, configuration.origin
    if scan.signing_key is not None:
        key = "signing_key"
    elif scan.signing_key_env is not None:
        key = "signing_key_env"
    else:
        return None
    try:
        content = _content(configuration, environ)
        return signer_of(content, _password(configuration, environ))
    except BadKeyError as error:
        raise ConfigurationError(f"{place or origin.where(('scan', key))}: {error}") from None


def _content(configuration: Configuration, environ: Mapping[str, str]) -> bytes:
    scan = configuration.scan
    if scan.signing_key is not None:
        return read_key_file(scan.signing_key)
    return _variable(configuration, environ, "signing_key_env").encode("utf-8", "replace")


def _password(configuration: Configuration, environ: Mapping[str, str]) -> str | None:
    if configuration.scan.signing_key_password_env is None:
        return None
    return _variable(configuration, environ, "signing_key_password_env")


def _variable(configuration: Configuration, environ: Mapping[str, str], key: str) -> str:
    name: str | None = getattr(configuration.scan, key)
    value = environ.get(name, "") if name else ""
    if not value.strip():
        raise ConfigurationError(not_set(name, ("scan", key), configuration.origin))
    return value
